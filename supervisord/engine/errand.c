/* SPDX-License-Identifier: MIT */
#include "engine/errand.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/request.h"
#include "engine/stop.h"
#include "engine/tag.h"

#define FAILURE_MAX 96

struct errand {
	TAILQ_ENTRY(errand) link;
	struct engine *engine;
	errand_done_fn *done; /* NULL: cancelled */
	void *arg;
	uint32_t serial;
	uint64_t limit_ns;
	pid_t leader; /* 0: the clone is on its way */
	int pidfd;
	bool late;            /* its time is over */
	struct event *exited; /* the pidfd is readable */
	struct event *timer;  /* its time is over */
};

static void dispose(struct errand *errand)
{
	TAILQ_REMOVE(&errand->engine->errands, errand, link);
	if (errand->exited)
		event_free(errand->exited);
	if (errand->timer)
		event_free(errand->timer);
	if (errand->pidfd >= 0)
		close(errand->pidfd);
	free(errand);
}

static void report(struct errand *errand, const char *failure)
{
	if (errand->done)
		errand->done(errand, failure);
	dispose(errand);
}

/* Its group, while the zombie still pins the group's number; the rest of what it started has its tag. */
static void end(struct errand *errand)
{
	struct engine *engine = errand->engine;

	stop_signal(errand->leader, errand->pidfd, SIGKILL);
	sweeper_submit(engine->sweeper, errand->serial, tag_make(engine->options->tag, errand->serial), errand->leader);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct errand *errand = arg;

	(void)fd, (void)what;
	engine_enter(errand->engine);
	errand->late = true;
	end(errand);
}

static const char *failure_of(const struct errand *errand, const struct ended *ended, char text[FAILURE_MAX])
{
	if (errand->late)
		return "it took too long";
	if (ended->signal)
		snprintf(text, FAILURE_MAX, "signal %d", ended->signal);
	else if (ended->code)
		snprintf(text, FAILURE_MAX, "exit code %d", ended->code);
	else
		return NULL;
	return text;
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct errand *errand = arg;
	struct engine *engine = errand->engine;
	struct ended ended = {0};
	char text[FAILURE_MAX];
	int rc;

	(void)fd, (void)what;
	engine_enter(engine);
	rc = keeperlink_status(engine->keeper, errand->leader, &ended);
	if (rc == 0 && ended.alive)
		return;
	stop_signal(errand->leader, errand->pidfd, SIGKILL);
	keeperlink_tell_reap(engine->keeper, errand->leader);
	keeperlink_tell_drop(engine->keeper, errand->serial);
	report(errand, rc != 0 ? "nobody saw how it ended" : failure_of(errand, &ended, text));
}

struct errand *errand_start(struct process *process, const char *command, char *const *argv, uint64_t limit_ns,
			    errand_done_fn *done, void *arg)
{
	struct engine *engine = process->engine;
	uint32_t serial = engine_serial(engine);
	struct spawn_request *request = request_errand(process, serial, command, argv);
	struct errand *errand = request ? calloc(1, sizeof *errand) : NULL;

	if (!errand) {
		spawn_request_free(request);
		return NULL;
	}
	if (spawner_submit(engine->spawner, request) != 0) {
		free(errand);
		return NULL;
	}
	errand->engine = engine;
	errand->done = done;
	errand->arg = arg;
	errand->serial = serial;
	errand->limit_ns = limit_ns;
	errand->pidfd = -1;
	TAILQ_INSERT_TAIL(&engine->errands, errand, link);
	return errand;
}

void *errand_arg(const struct errand *errand)
{
	return errand->arg;
}

void errand_cancel(struct errand *errand)
{
	if (!errand)
		return;
	errand->done = NULL;
	if (errand->leader)
		end(errand);
}

static struct errand *find(struct engine *engine, uint32_t serial)
{
	struct errand *errand;

	TAILQ_FOREACH(errand, &engine->errands, link)
	if (errand->serial == serial)
		return errand;
	return NULL;
}

/* Watch the end of one that runs, and its time. False: no memory. */
static bool watch(struct errand *errand)
{
	struct timeval limit = {(time_t)(errand->limit_ns / 1000000000u),
				(suseconds_t)(errand->limit_ns % 1000000000u / 1000u)};
	struct event_base *base = errand->engine->base;

	errand->exited = event_new(base, errand->pidfd, EV_READ | EV_PERSIST, on_exited, errand);
	errand->timer = evtimer_new(base, on_timer, errand);
	if (!errand->exited || !errand->timer || event_add(errand->exited, NULL) != 0)
		return false;
	if (errand->limit_ns)
		evtimer_add(errand->timer, &limit);
	return true;
}

bool errand_spawned(struct engine *engine, const struct spawn_result *result)
{
	struct errand *errand = find(engine, result->serial);
	char text[FAILURE_MAX];

	if (!errand)
		return false;
	if (result->stage != SPAWN_OK) {
		spawn_error_text(result, "the command", text, sizeof text);
		report(errand, text);
		return true;
	}
	errand->leader = result->pid;
	errand->pidfd = result->pidfd;
	if (!watch(errand)) {
		end(errand);
		report(errand, "no memory");
		return true;
	}
	if (!errand->done)
		end(errand);
	return true;
}

void errand_close(struct engine *engine)
{
	struct errand *errand;

	while ((errand = TAILQ_FIRST(&engine->errands))) {
		if (errand->leader) {
			stop_signal(errand->leader, errand->pidfd, SIGKILL);
			keeperlink_tell_drop(engine->keeper, errand->serial);
		}
		dispose(errand);
	}
}
