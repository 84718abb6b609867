/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PROBE_H
#define SUPERVISORD_ENGINE_PROBE_H

#include "engine/process.h"

/*
 * engine/probe.h - is a run ready, and is it alive?
 *
 * While a run starts it is asked, by its specification's `ready`, until it is; then by `alive`, as long as it runs. One
 * question of a kind is under way at a time; the next one follows its answer after the interval. A run that is not
 * ready in time, or does not answer any more, lapses (engine/process.h).
 *
 * Nothing here waits: connections are non-blocking, commands are errands, lines are looked for by the capture thread.
 */

/* Its next run is about to be started: what that has to be born with. 0, -errno */
int probe_prepare(struct process *process, struct spawn_request *request);

/*
 * Its run is there, or was there when this engine began: ask, if it is starting or running. notify is the reading end
 * of its pipe, which is taken over; -1: none, or one that an engine before this one has had.
 */
void probe_begin(struct process *process, int notify);

/* Its run goes on under this engine: the socket at which it says that it is ready, which is taken over; -1: none. */
void probe_adopt(struct process *process, int say);

/* It is ready: ask whether it is alive from now on. */
void probe_ready(struct process *process);

/* Its specification is another one now. */
void probe_change(struct process *process);

/* Ask nothing any more. Harmless when nothing is asked. */
void probe_end(struct process *process);

/* The line that was expected has come. */
void probe_matched(struct process *process);

/* "not ready within 30s: connection refused", cut to size. Returns out. */
const char *probe_unready_text(const struct process *process, char out[BRM_REASON_MAX]);

#endif
