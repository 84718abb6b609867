/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_LOOKUP_H
#define SUPERVISORD_ENGINE_LOOKUP_H

#include <limits.h>

/*
 * engine/lookup.h - which file is the program?
 *
 * A name without a slash is looked up in the PATH of the environment it will get; relative entries, and a name with a
 * slash, are seen from its working directory. The path found is to be exec'd there.
 *
 *  -ENOENT, -EACCES  no such program; there is one, but it cannot be executed
 *  -ENAMETOOLONG, -EINVAL
 */
int lookup_program(int dir_fd, const char *name, char *const *env, char path[PATH_MAX]);

#endif
