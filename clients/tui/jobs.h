/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_JOBS_H
#define CLIENTS_TUI_JOBS_H

#include <stdbool.h>

/*
 * tui/jobs.h - work that may wait, off the screen's thread
 *
 * A command has to connect, be heard and be answered, a supervisor has to start: none of that may hold the screen.
 * Each such job has a thread of its own and hands its result back through a descriptor of the loop.
 *
 * Errors   jobs_open() and jobs_start() return 0 or a negated errno value.
 * Threads  work() runs in the job's thread, done() in the thread that calls jobs_reap().
 */

struct jobs;

struct job {
	void (*work)(struct job *job);            /* may wait; touches nothing but the job */
	void (*done)(struct job *job, void *arg); /* frees the job */
	struct jobs *jobs;
	struct job *next;
};

int jobs_open(struct jobs **out);
int jobs_fd(const struct jobs *jobs);

/* Begin a job; it belongs to the jobs until its done() is called. On an error it stays the caller's. */
int jobs_start(struct jobs *jobs, struct job *job);

/* Call done(job, arg) for every job that has ended. */
void jobs_reap(struct jobs *jobs, void *arg);

/* Have jobs_fd() tell the loop that a job has news. For every thread. */
void jobs_wake(struct jobs *jobs);

/* Wait until every job has ended or the time is over. False: some go on. */
bool jobs_settle(struct jobs *jobs, int timeout_ms, void *arg);

#endif
