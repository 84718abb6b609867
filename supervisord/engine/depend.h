/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_DEPEND_H
#define SUPERVISORD_ENGINE_DEPEND_H

#include <stdbool.h>

#include "engine/process.h"

/*
 * engine/depend.h - what a start waits for, and in which order things are stopped
 */

/* Start what a process depends on, as far as it does not run or has not succeeded. */
void depend_start(struct process *process);

/* Every dependency is as it has to be. If not, the state says which one it waits for. */
bool depend_met(struct process *process);

/* Something has changed: let those go on that waited for it. For the end of a turn. */
void depend_settle(struct engine *engine);

/* Call stop() for all that may be stopped now: nothing that depends on them has yet to end. */
void depend_stop(struct engine *engine, void (*stop)(struct process *process));

#endif
