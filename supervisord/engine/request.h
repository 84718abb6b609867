/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_REQUEST_H
#define SUPERVISORD_ENGINE_REQUEST_H

#include "engine/process.h"
#include "engine/spawn.h"

/*
 * engine/request.h - from a process's spec to what the spawner needs: argv, the whole environment, the directory
 *
 * A child gets the supervisor's environment and over it the spec's; an ad-hoc run brings a whole one. BRUMMER_INSTANCE
 * and BRUMMER_RUN=INSTANCE/NAME#RUN are added to both.
 */

/* The request for the process's next run, number `run`. NULL: no memory. */
struct spawn_request *request_make(const struct process *process, uint32_t run);

/*
 * The request for a command of the supervisor's own beside its run: a line for its shell, or argv when command is NULL.
 * BRUMMER_PID is the run's leader. NULL: no memory.
 */
struct spawn_request *request_errand(const struct process *process, uint32_t serial, const char *command,
				     char *const *argv);

#endif
