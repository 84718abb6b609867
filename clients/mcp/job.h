/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_JOB_H
#define CLIENTS_MCP_JOB_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include <event2/event.h>

/*
 * mcp/job.h - work that may block, on a thread of its own, so that the loop never waits for it
 *
 * work() runs on the thread and touches nothing but its job; done() runs on the loop afterwards and frees the job.
 */

struct job {
	void (*work)(struct job *job);
	void (*done)(struct job *job);
	pthread_t thread;
	struct jobs *jobs;
	STAILQ_ENTRY(job) link;
};

struct jobs {
	struct event *event; /* made with the first job */
	int fd;              /* eventfd: a job is done */
	unsigned running;
	pthread_mutex_t lock;
	STAILQ_HEAD(, job) finished; /* under lock */
	struct event_base *base;
};

void jobs_init(struct jobs *jobs, struct event_base *base);
/* No job may be running. */
void jobs_finish(struct jobs *jobs);

/* 0, or -errno when there is no thread for it; then done() is not called. */
int jobs_start(struct jobs *jobs, struct job *job);

#endif
