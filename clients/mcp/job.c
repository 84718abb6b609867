/* SPDX-License-Identifier: MIT */
#include "clients/mcp/job.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

void jobs_init(struct jobs *jobs, struct event_base *base)
{
	*jobs = (struct jobs){.base = base, .fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER};
	STAILQ_INIT(&jobs->finished);
}

void jobs_finish(struct jobs *jobs)
{
	if (jobs->event)
		event_free(jobs->event);
	if (jobs->fd >= 0)
		close(jobs->fd);
	pthread_mutex_destroy(&jobs->lock);
}

static struct job *take(struct jobs *jobs)
{
	struct job *job;

	pthread_mutex_lock(&jobs->lock);
	job = STAILQ_FIRST(&jobs->finished);
	if (job)
		STAILQ_REMOVE_HEAD(&jobs->finished, link);
	pthread_mutex_unlock(&jobs->lock);
	return job;
}

static void collect(evutil_socket_t fd, short what, void *arg)
{
	struct jobs *jobs = arg;
	struct job *job;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof count) < 0)
		return;
	while ((job = take(jobs))) {
		pthread_join(job->thread, NULL);
		jobs->running--;
		job->done(job);
	}
}

static int prepare(struct jobs *jobs)
{
	if (jobs->event)
		return 0;
	jobs->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (jobs->fd < 0)
		return -errno;
	jobs->event = event_new(jobs->base, jobs->fd, EV_READ | EV_PERSIST, collect, jobs);
	if (jobs->event && event_add(jobs->event, NULL) == 0)
		return 0;
	if (jobs->event)
		event_free(jobs->event);
	jobs->event = NULL;
	close(jobs->fd);
	return -ENOMEM;
}

static void *run(void *arg)
{
	struct job *job = arg;
	struct jobs *jobs = job->jobs;
	uint64_t one = 1;

	job->work(job);
	pthread_mutex_lock(&jobs->lock);
	STAILQ_INSERT_TAIL(&jobs->finished, job, link);
	while (write(jobs->fd, &one, sizeof one) < 0 && errno == EINTR)
		;
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

int jobs_start(struct jobs *jobs, struct job *job)
{
	int error = prepare(jobs);

	if (error)
		return error;
	job->jobs = jobs;
	error = pthread_create(&job->thread, NULL, run, job);
	if (error)
		return -error;
	jobs->running++;
	return 0;
}
