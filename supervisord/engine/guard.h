/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_GUARD_H
#define SUPERVISORD_ENGINE_GUARD_H

#include "engine/engine.h"

/*
 * engine/guard.h - notice when somebody removes the region under us
 *
 * The end of a login session removes a user's shared-memory objects. The region's inode is watched, so that nothing
 * else in /dev/shm wakes us, and a new one is published when its name is gone.
 */

struct guard;

int guard_open(struct engine *engine, struct guard **out); /* 0, -errno */
void guard_close(struct guard *guard);                     /* NULL is accepted */

#endif
