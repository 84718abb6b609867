/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_STOP_H
#define SUPERVISORD_ENGINE_STOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * engine/stop.h - end a run and whatever it has started, and nobody else
 *
 * The loop sends the configured signal to the group (stop_signal), waits the grace, then sweeps (sweeper_submit):
 * SIGSTOP each descendant until two looks find no new one, then SIGKILL, for at most some seconds. A sweep reads /proc,
 * so it runs on the spawn thread's sibling: a small thread of its own with a queue, as in engine/spawn.h. Orders that
 * wait there together are served by the same looks, and each is answered when it is done.
 *
 * What forks faster than it can be stopped (every 200 us) can outrun a sweep: `left` says so.
 */

/* Signal a run's process group; the zombie pins the group's number, so call it before the reap only. 0, -errno */
int stop_signal(pid_t leader, int pidfd, int signal);

struct sweeper;
struct cgroups;

struct swept {
	uint64_t token;
	int killed; /* processes that were ended */
	int left;   /* that could not be */
};

int sweeper_open(struct sweeper **out);
/* Before the first order: runs have groups of their own, which are ended first. They must outlive the sweeper. */
void sweeper_use_cgroups(struct sweeper *sweeper, const struct cgroups *cgroups);
int sweeper_fd(const struct sweeper *sweeper);
int sweeper_submit(struct sweeper *sweeper, uint64_t token, uint64_t tag, pid_t leader);
/*
 * As submit, or as look, of a run that has ended as a child of the keeper (look_is_gone() says why that is worth
 * knowing). keeper 0: nothing is known.
 */
int sweeper_expect(struct sweeper *sweeper, uint64_t token, uint64_t tag, pid_t leader, pid_t keeper, bool look);
/* This pid leads a run from now on, or, before it is reaped, no more. */
void sweeper_lead(struct sweeper *sweeper, pid_t leader, bool leads);
/* Only look, and end nothing: `left` in the result is how many of the run live. */
int sweeper_look(struct sweeper *sweeper, uint64_t token, uint64_t tag, pid_t leader);
/*
 * Send a signal to those of a run that have left its leader's process group; nothing is reported. For the beginning of
 * a stop: so that they have its grace as well.
 */
int sweeper_tell(struct sweeper *sweeper, uint64_t tag, pid_t leader, int signal);
int sweeper_next(struct sweeper *sweeper, struct swept *out); /* 1, or 0 when there is none */
void sweeper_close(struct sweeper *sweeper);

#endif
