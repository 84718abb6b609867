/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_GUARD_H
#define SUPERVISORD_ENGINE_GUARD_H

#include "engine/engine.h"

/*
 * engine/guard.h - notice when somebody removes the region, the control socket or the lock under us
 *
 * The end of a login session removes a user's shared-memory objects and runtime directory. The region's inode is
 * watched, so that nothing else in /dev/shm wakes us, and a new one is published when its name is gone. The runtime
 * directory is watched, too: socket and lock are made again, now or, while that cannot be, every second.
 */

struct guard;

int guard_open(struct engine *engine, struct guard **out); /* 0, -errno */
void guard_close(struct guard *guard);                     /* NULL is accepted */

#endif
