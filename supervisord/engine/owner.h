/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_OWNER_H
#define SUPERVISORD_ENGINE_OWNER_H

#include <stddef.h>
#include <sys/types.h>

#include "engine/spawn.h"

/*
 * engine/owner.h - as whom a run runs
 *
 * Names are looked up before the clone, since that reads files and asks services; the child then makes three system
 * calls. A supervisor that is not root may only name itself.
 *
 * Threads  The spawn thread's own.
 */

#define OWNER_GROUPS_MAX 1024

struct owner {
	bool changes; /* else nothing is to be done, and nothing below holds */
	uid_t uid;
	gid_t gid;
	size_t count;
	gid_t groups[OWNER_GROUPS_MAX];
	char name[64]; /* "" when the user's number has none */
	char home[512];
};

/* Fill it in. 0, or an errno value, with *stage what is wrong: ENOENT: there is none of that name */
int owner_find(const struct spawn_request *request, struct owner *out, enum spawn_stage *stage);

/* Set HOME, USER and LOGNAME, which request_make() has left out, in a request's environment. 0, ENOMEM */
int owner_set_env(const struct owner *owner, char ***env);

#endif
