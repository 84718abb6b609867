/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PUBLISH_H
#define SUPERVISORD_ENGINE_PUBLISH_H

#include <brummer/state.h>

#include "engine/process.h"

/*
 * engine/publish.h - between the table of processes and the region
 *
 * A region that is full is superseded by a larger one here; nobody else knows of it. Every change of a status or of a
 * run is one event, too.
 */

/* Give a process its entry: pending, with its identity. 0, or the writer's error when there is no room. */
int publish_add(struct process *process);
void publish_remove(struct process *process);

/* Its identity has changed. 0, or the writer's error when there is no room: then it keeps the old one. */
int publish_identity(struct process *process);

/* What its output announced, the ports it listens on, ascending. Without room there is none of it. */
void publish_urls(struct process *process, const struct brm_strings *urls);
void publish_ports(struct process *process, const uint16_t *ports, uint32_t count);

/* The newest state of a process. */
struct brm_state publish_state_of(const struct process *process);

/* The next state of a process, and its event if it is one. */
void publish_state(struct process *process, const struct brm_state *next);

/* An event of the supervisor itself. */
void publish_event(struct engine *engine, enum brm_reason reason);

/* The turn ends: close its batch, or, in a storm, about a millisecond later. 0, -ENOMEM (of the opening) */
int publish_open(struct engine *engine);
void publish_commit(struct engine *engine);

#endif
