/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_CRASH_H
#define SUPERVISORD_ENGINE_CRASH_H

#include <stdbool.h>

#include "engine/keeperlink.h"

/*
 * engine/crash.h - tell the keeper on which process this engine crashes
 *
 * A signal that means an own fault (SEGV, BUS, ABRT, ILL, FPE) on the loop's thread sends the name of the process that
 * is being worked on, then ends the engine as it would have. A name that engines crashed on CRASH_LIMIT times is set
 * aside by the next one: see engine/recover.h. SIGKILL counts for nobody.
 *
 * Threads  The loop's.
 */

#define CRASH_LIMIT 3

/* From now on. */
void crash_watch(const struct keeperlink *link);

/* Work on that process begins. True: no other was being worked on, and crash_leave() is to be called. */
bool crash_enter(const char *name);
void crash_leave(void);

#endif
