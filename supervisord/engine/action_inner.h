/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_ACTION_INNER_H
#define SUPERVISORD_ENGINE_ACTION_INNER_H

#include "engine/action.h"

/*
 * engine/action_inner.h - what the files of the actions share
 *
 *  action.c        which function does what the table of transitions says; what both others need
 *  action_start.c  starts, first ones and again: from what they wait for to a run that is ready
 *  action_end.c    ends: runs that are stopped, that end by themselves, and what they leave
 *
 * do_* are the actions, named as in enum action (engine/transition.h).
 */

typedef void action_fn(struct process *process);

/* action.c: end what lives of its last run, or only look whether anything does. */
void action_sweep(struct process *process, bool kill);

/* action_start.c */
action_fn do_check, do_prepare, do_urge, do_restart, do_spawn, do_run, do_run_stop, do_ready, do_fail, do_backoff,
	do_fail_late, do_renew;

/* action_end.c */
action_fn do_term, do_lapse, do_unready, do_claim, do_conclude, do_sweep, do_stop_kill, do_look, do_look_later,
	do_finish, do_rest, do_end;
/* The run is over: its input is of no use, its status is published. */
action_fn action_end_run;

#endif
