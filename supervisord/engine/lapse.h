/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_LAPSE_H
#define SUPERVISORD_ENGINE_LAPSE_H

#include "engine/process.h"

/*
 * engine/lapse.h - what comes after an end that nobody asked for
 *
 * Ends, failed starts and lapses (ends that the supervisor brought about, see process_lapse()) are weighed against the
 * restart policy and its limit here; the table of transitions does the rest.
 */

/* The leader has ended, process->how says how. */
enum happening lapse_after_exit(struct process *process);

/* It could not be started, because of an errno value. */
enum happening lapse_after_refusal(struct process *process, int error);

/* A run that the supervisor ended is over, with all that it started. */
enum happening lapse_conclude(struct process *process);

/* Set the reason, for a run that is about to be ended. */
void lapse_set(struct process *process, enum lapse_then then, enum brm_reason code, const char *text);
void lapse_clear(struct process *process);

/* The state with the reason of the lapse, if there is one. */
struct brm_state lapse_explain(const struct process *process, const struct brm_state *state);

/* A lapse that an engine before this one has begun, from the state it has left. */
void lapse_recover(struct process *process, const struct brm_state *state);

/* It has failed for good: if it is essential, that is the end of everything. */
void lapse_fail(struct process *process);

#endif
