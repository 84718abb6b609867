/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_ERRAND_H
#define SUPERVISORD_ENGINE_ERRAND_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/process.h"

/*
 * engine/errand.h - commands that the supervisor runs for a process: questions asked by a command, stop commands
 *
 * An errand is started as a run is, in the process's directory and environment, as its user, with a tag of its own; but
 * it has neither input nor output, is no run, and is not shown. After its time it is ended, with all it started.
 */

struct errand;

/* It has ended, failure NULL: with success; else why not, in words. The errand is freed after that. */
typedef void errand_done_fn(struct errand *errand, const char *failure);

/*
 * Run a command of the process's shell, or argv as it is when command is NULL. Calls done() later, once. NULL: no
 * memory.
 */
struct errand *errand_start(struct process *process, const char *command, char *const *argv, uint64_t limit_ns,
			    errand_done_fn *done, void *arg);
void *errand_arg(const struct errand *errand);

/* End it; done() is not called. NULL is accepted. */
void errand_cancel(struct errand *errand);

/* A spawner's result: taken over, if it is an errand's. */
bool errand_spawned(struct engine *engine, const struct spawn_result *result);

/* At the end of the engine: end those that still run, without waiting. */
void errand_close(struct engine *engine);

#endif
