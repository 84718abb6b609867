/* SPDX-License-Identifier: MIT */
#include "clients/tui/jobs.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* Lives as long as the program: a job may outlast every other part of it. */
struct jobs {
	pthread_mutex_t lock;
	struct job *ended; /* under the lock */
	unsigned running;  /* of the loop's thread alone: begun and not reaped */
	int fd;
};

int jobs_open(struct jobs **out)
{
	struct jobs *jobs = calloc(1, sizeof *jobs);

	if (!jobs)
		return -ENOMEM;
	jobs->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (jobs->fd < 0) {
		free(jobs);
		return -errno;
	}
	pthread_mutex_init(&jobs->lock, NULL);
	*out = jobs;
	return 0;
}

int jobs_fd(const struct jobs *jobs)
{
	return jobs->fd;
}

void jobs_wake(struct jobs *jobs)
{
	uint64_t one = 1;

	while (write(jobs->fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

static void *run(void *arg)
{
	struct job *job = arg;
	struct jobs *jobs = job->jobs;

	job->work(job);
	pthread_mutex_lock(&jobs->lock);
	job->next = jobs->ended;
	jobs->ended = job;
	pthread_mutex_unlock(&jobs->lock);
	jobs_wake(jobs);
	return NULL;
}

int jobs_start(struct jobs *jobs, struct job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int error;

	job->jobs = jobs;
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, &attr, run, job);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	jobs->running += error == 0;
	return -error;
}

void jobs_reap(struct jobs *jobs, void *arg)
{
	struct job *job, *next;
	uint64_t count;

	if (read(jobs->fd, &count, sizeof count) < 0 && errno != EAGAIN)
		return;
	pthread_mutex_lock(&jobs->lock);
	job = jobs->ended;
	jobs->ended = NULL;
	pthread_mutex_unlock(&jobs->lock);
	for (; job; job = next) {
		next = job->next;
		jobs->running--;
		job->done(job, arg);
	}
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

bool jobs_settle(struct jobs *jobs, int timeout_ms, void *arg)
{
	struct pollfd ended = {.fd = jobs->fd, .events = POLLIN};
	int64_t end = now_ms() + timeout_ms, left;

	while (jobs->running > 0 && (left = end - now_ms()) > 0) {
		poll(&ended, 1, (int)left);
		jobs_reap(jobs, arg);
	}
	return jobs->running == 0;
}
