/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_ACTION_H
#define SUPERVISORD_ENGINE_ACTION_H

#include "engine/process.h"

/*
 * engine/action.h - what the table of transitions asks for, done
 *
 * The process is in its next phase already. For process.c and recover.c.
 */

void action_do(struct process *process, enum action action);

/* Give the run's descriptors to whom they belong: output to capture, the rest to its input. Takes them over. */
void action_connect(struct process *process, struct run_fds fds, bool adopted);

/* Ask a run to end, by its stop command or its signal, and give it its grace. */
void action_end(struct process *process);

/* Arm the deadline of a phase; the pause within one (see struct process). */
void action_deadline(struct process *process, uint64_t after_ns);
void action_pause(struct process *process, uint64_t after_ns);

/* The pause within PHASE_CLEARING is over: look again whether a descendant lives. */
void action_look(struct process *process);

/* Nothing of its last run lives: close what is held of it. */
void action_release(struct process *process);

#endif
