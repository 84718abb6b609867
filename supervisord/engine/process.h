/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PROCESS_H
#define SUPERVISORD_ENGINE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include <brummer/events.h>
#include <brummer/state.h>

#include "config/model.h"
#include "engine/engine.h"
#include "engine/restart.h"
#include "engine/transition.h"
#include "engine/watch.h"

/*
 * engine/process.h - a process: what it is to be, and how far it is
 *
 * The published state lives in the writer; here is what readers do not need. process_feed() is the only way to change
 * one: it looks up the transition and carries out its action.
 */

/* Who asked; goes into the events. */
struct asker {
	int32_t pid;
	enum brm_by kind;
};

/* Somebody who waits for a process. The waiter's memory is the caller's; done() may free it. */
struct waiter {
	TAILQ_ENTRY(waiter) link;
	struct process *process; /* NULL when it does not wait */
	bool (*met)(const struct process *process);
	void (*done)(struct waiter *waiter);
};
TAILQ_HEAD(waiter_list, waiter);

struct input;
struct probing;

/* What comes after a run that the supervisor ends by itself. */
enum lapse_then {
	LAPSE_FAIL,    /* it has failed: `failed`, or restarted if it is configured so */
	LAPSE_RESTART, /* it is restarted, after its back-off */
	LAPSE_RENEW    /* it begins anew at once */
};

struct process {
	TAILQ_ENTRY(process) link;
	TAILQ_ENTRY(process) changed_link;
	TAILQ_ENTRY(process) waiting_link;
	struct waiter_list waiters;
	struct engine *engine;
	struct spec *spec; /* its own copy */
	char **env;        /* the whole environment of an ad-hoc run; NULL: the supervisor's and the spec's */
	uint32_t entry;    /* in the region */
	uint32_t watch;    /* id of what it watches, 0 for nothing */
	time_t due_s;      /* when its schedule comes, CLOCK_REALTIME; 0: it has none */
	uint32_t serial;   /* of the current or last run, 0 before the first */
	enum phase phase;
	pid_t leader;            /* of the current or last run, 0 before the first; also when it was reaped */
	int pidfd;               /* -1 when no leader is watched */
	struct event *exited;    /* the pidfd is readable */
	struct event *deadline;  /* grace, back-off */
	struct event *pause;     /* a wait within a phase: for the drained output, before the next look */
	struct input *input;     /* its standard input or terminal, NULL for none */
	struct brm_exit how;     /* it ended, from the moment the leader did */
	uint64_t looked_ns;      /* pause before the last look at descendants */
	struct probing *probing; /* what is being asked of its run, NULL for nothing */
	struct errand *stopping; /* its stop command, while that runs */
	unsigned streak;         /* restarts in a row without a stable time */
	struct restart_count restarts;
	enum lapse_then then;  /* of a run that is being ended, and why: */
	enum brm_reason lapse; /* BRM_REASON_NONE: nothing of that kind */
	char lapse_text[BRM_REASON_MAX];
	unsigned sweeps;                    /* sweeps in flight */
	char failure[BRM_REASON_MAX];       /* why it could not be started, while that is handled */
	const struct spawn_result *spawned; /* the run that is there now, while that is handled */
	bool ended;                         /* `how` holds, the output is being drained */
	bool looking;                       /* the newest sweep is to look, not to end */
	bool left;                          /* its last run may have left descendants */
	bool held;                          /* capture or keeper may hold something of its last run */
	bool kept;                          /* its leader ended as a child of the keeper that lives now */
	bool again;                         /* start it when it has ended */
	bool needed;                        /* at a shutdown: something that depends on it has yet to end */
	bool blocked;                       /* it waits for something that will not come by itself */
	bool adhoc;                         /* in no configuration: a client brought it */
	bool doomed;                        /* forget it when it has ended */
	bool doomed_logs;                   /* and remove its log store */
	bool changed;                       /* in the table's list of changed ones */
	bool waits;                         /* in its list of waiting ones */
	struct asker asker;
};

/*
 * A process of this spec, which it takes over, with an entry in the region, pending.
 *
 *  -EEXIST, -EINVAL (its name), -ENOMEM, -ENOSPC and other errors of the region; the spec is still the caller's then
 */
int process_create(struct engine *engine, struct spec *spec, struct process **out);

/* A process that already has an entry, of an engine before this one. Takes the spec over, but not on -EEXIST, -ENOMEM.
 */
int process_adopt(struct engine *engine, struct spec *spec, uint32_t entry, struct process **out);

/* Begin to watch and to count the time, as its spec says. For those of an engine before this one. */
void process_oversee(struct process *process);

/* Stop it if need be, end what its last run left, and destroy it at the end of a turn, with its log store if asked. */
void process_forget(struct process *process, bool with_logs);

/* The same spec under which it was known gets new values; takes effect with the next run. Takes the spec over. */
int process_set_spec(struct process *process, struct spec *spec);

/* Something happened to it. */
void process_feed(struct process *process, enum happening happening);

/* Somebody asked; the events tell who. */
void process_ask(struct process *process, enum happening happening, struct asker asker);

/*
 * End its run because of something that the supervisor has noticed; `then` says what comes next, code and text go with
 * it. Nothing, if no run of it is starting or running.
 */
void process_lapse(struct process *process, enum lapse_then then, enum brm_reason code, const char *text);

/* What its run and all it started use is more than it may. */
void process_over_memory(struct process *process);

/* Stop it if it runs, and start it when it has ended; start it if it does not run. */
void process_restart(struct process *process, struct asker asker);

/* Its leader lives, or its descendants are being ended. */
bool process_is_alive(const struct process *process);
/* Nothing of it is in motion. */
bool process_is_at_rest(const struct process *process);
/* A start has come to its end, well or not; a stop has. For waiters. */
bool process_has_started(const struct process *process);
bool process_has_finished(const struct process *process);
/* A scaling has: it was started, or it is at rest and will be forgotten. */
bool process_has_scaled(const struct process *process);

/* Wait until met(process), looked at after each change; done() is called in a later turn's end at the earliest. */
void process_wait(struct process *process, struct waiter *waiter);
/* Wait no longer. Harmless when it does not wait. */
void waiter_cancel(struct waiter *waiter);

/* Call those whose condition is met, start it again if that was asked. For the end of a turn. */
void process_settle(struct process *process);

/* The results of the threads. */
void process_spawned(struct engine *engine, struct spawn_result *result);
void process_watched(struct engine *engine, const struct watch_report *report);
void process_drained(struct engine *engine, const struct drained *drained);
void process_swept(struct engine *engine, const struct swept *swept);

/* Its leader has gone and nobody knows how it ended. */
void process_lost(struct process *process);

/* Free a process without a word to anybody: the supervisor ends. */
void process_dispose(struct process *process);

/* Watch a leader that lives, or lived: its pidfd (taken over) and its end. For new runs and for recovery. 0, -errno */
int process_watch(struct process *process, pid_t leader, int pidfd);
void process_unwatch(struct process *process);

#endif
