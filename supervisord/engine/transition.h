/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_TRANSITION_H
#define SUPERVISORD_ENGINE_TRANSITION_H

#include <stdio.h>

#include <brummer/state.h>

/*
 * engine/transition.h - everything a process can go through, in one table
 *
 * transition[phase][happening] says what comes next and what is to be done. There is no other place where a process
 * changes. A phase is a status as users see it, cut finer where the supervisor itself is in the middle of something
 * (a clone in flight, a sweep).
 */

enum phase {
	PHASE_IDLE,      /* known, never started */
	PHASE_WAITING,   /* to be started: for its dependencies, or until the last run's descendants are gone */
	PHASE_SPAWNING,  /* the clone is on its way */
	PHASE_CANCELLED, /* the same, and it is to be stopped when it is there */
	PHASE_STARTING,  /* alive, not yet ready */
	PHASE_RUNNING,   /* alive */
	PHASE_STOPPING,  /* signalled; its leader lives */
	PHASE_KILLING,   /* the grace is over; its leader lives */
	PHASE_CLEARING,  /* its leader has ended, its descendants may live */
	PHASE_ENDING,    /* as stopping, killing and clearing, but nobody asked: the supervisor ends this run because */
	PHASE_EXPELLING, /* it is not ready or not alive, uses too much memory, or something it needs or watches has */
	PHASE_VACATING,  /* changed, and knows what comes then */
	PHASE_BACKOFF,   /* ended, will be started again */
	PHASE_STOPPED,
	PHASE_FAILED,
	PHASE_SUCCESS,
	PHASE_COUNT
};

enum happening {
	ON_START,       /* somebody, or its dependents, want it to run */
	ON_STOP,        /* somebody wants it to end */
	ON_KILL,        /* and at once */
	ON_CLEAR,       /* nothing holds its start up any more */
	ON_SPAWNED,     /* it was executed, and is ready: it has no check */
	ON_BORN,        /* it was executed, and is yet to become ready */
	ON_NOT_SPAWNED, /* it could not be */
	ON_REFUSED,     /* the same, for want of something that may be there later, and it wants to be restarted */
	ON_READY,       /* its readiness check succeeded */
	ON_LAPSE,       /* the supervisor has a reason to end this run */
	ON_EXIT_GOOD,   /* its leader ended with success, and its output is in the store */
	ON_EXIT_BAD,    /* the same, without success */
	ON_EXIT_AGAIN,  /* its leader ended, and its configuration wants it to be restarted */
	ON_RENEW,       /* it was ended so that it begins anew at once */
	ON_DEADLINE,    /* its timer ran out: readiness, grace, back-off */
	ON_LEFT,        /* descendants of its run still live */
	ON_GONE,        /* nothing of its last run lives any more */
	HAPPENING_COUNT
};

enum action {
	DO_NOTHING,
	DO_PREPARE,   /* start what it depends on, sweep what the last run left, then DO_CHECK */
	DO_URGE,      /* it waits in vain: start what it depends on again */
	DO_RESTART,   /* count a restart, then DO_PREPARE; but what it depends on is not started */
	DO_RENEW,     /* publish how it ended, reap, then DO_RESTART */
	DO_CHECK,     /* ON_CLEAR when nothing holds it up */
	DO_SPAWN,     /* ask the spawner */
	DO_RUN,       /* publish the new run, watch it, capture its output */
	DO_RUN_STOP,  /* the same, then DO_TERM */
	DO_FAIL,      /* publish why it could not be started */
	DO_FAIL_LATE, /* the same, and when it will be tried again */
	DO_READY,     /* publish that it is ready */
	DO_TERM,      /* send its stop signal to its group and its other descendants, start the grace */
	DO_LAPSE,     /* publish why, then DO_TERM */
	DO_UNREADY,   /* it was not ready in time: the same */
	DO_CONCLUDE,  /* what comes after a run that the supervisor ended? */
	DO_CLAIM,     /* somebody asks for the stop of what is ending already */
	DO_SWEEP,     /* end all that lives of the run */
	DO_STOP_KILL, /* mark the stop as asked for, then DO_SWEEP */
	DO_LOOK,      /* does a descendant live? They have what remains of the grace */
	DO_LOOK_LATER,
	DO_FINISH,    /* publish how it ended, reap */
	DO_BACKOFF,   /* publish when it will be restarted, reap */
	DO_END,       /* publish `stopped` without an end: there was no process */
	DO_REST,      /* sweep what a finished run left */
	DO_AGAIN,     /* remember to start it when it has ended */
	DO_NOT_AGAIN, /* forget that */
	DO_IMPOSSIBLE,
	ACTION_COUNT
};

struct transition {
	enum phase next;
	enum action action;
};

extern const struct transition transition[PHASE_COUNT][HAPPENING_COUNT];

/* The status that users see in a phase. */
enum brm_status phase_status(enum phase phase);

/* Words for the manual and messages. Static storage. */
const char *phase_word(enum phase phase);
const char *happening_word(enum happening happening);
const char *action_word(enum action action);

/* The table as text, one line a possible cell: "PHASE HAPPENING -> NEXT ACTION". */
void transition_print(FILE *out);

#endif
