/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_FOLDERS_H
#define SUPERVISORD_CONFIG_FOLDERS_H

#include "config/model.h"

/*
 * config/folders.h - the folders of a project that a pattern names
 *
 * Left out are hidden folders, node_modules, what a .gitignore ignores, and what symbolic links lead to, unless the
 * pattern names them letter by letter.
 */

#define FOLDERS_MAX       4096u /* that are opened; then a warning says that the rest is left out */
#define FOLDERS_DEPTH_MAX 16

/* The path is relative to the project, without a slash at its end; "" is the project itself. 0, or the end of it. */
typedef int folder_fn(void *arg, const char *path);

/*
 * Call fn for every folder that a glob names ("." for the project's own, a name of two asterisks for any below), each
 * folder's in the order of their names. A folder that cannot be read has nothing in it. Returns 0, what fn returned, or
 * -ENOMEM.
 */
int folders_match(int dir_fd, const char *pattern, folder_fn *fn, void *arg, struct report *report);

/* The names of what lies in a folder but folders, sorted: a list to be freed. NULL: no memory. */
char **folder_files(int dir_fd, const char *path);

#endif
