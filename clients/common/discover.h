/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_DISCOVER_H
#define CLIENTS_COMMON_DISCOVER_H

#include <stddef.h>

/*
 * common/discover.h - what could be run here: runs `brummerd --discover` and reads its JSON
 */

struct script {
	char *name;
	char *command;
	char *dir;
	char *source;
	char *manager; /* "" for none */
};

struct scripts {
	struct script *list;
	size_t count;
	char **warnings; /* NULL-terminated */
};

/*
 * In dir, as brummerd finds it with extra_args (--config and the like, NULL-terminated; NULL: none).
 *
 * 0; -ENOENT: nothing to run was found; -ECHILD: brummerd failed, *why has its line.
 */
int discover_scripts(const char *dir, const char *const *extra_args, struct scripts *out, char *why, size_t why_size);
void scripts_finish(struct scripts *scripts);

#endif
