/* SPDX-License-Identifier: MIT */
#include "engine/reload.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "config/discover.h"
#include "engine/announce.h"
#include "engine/process.h"
#include "engine/sameness.h"
#include "engine/scale.h"
#include "say.h"

TAILQ_HEAD(reload_waiters, reload_waiter);

struct reload {
	struct engine *engine;
	struct event *event;
	struct reload_waiters waiting; /* for the next one */
	struct reload_waiters served;  /* by the one that runs */
	pthread_t thread;
	int fd;
	bool running;
	bool asked; /* another one is wanted when this one is done */
	int rc;     /* of the thread, until its result is taken */
	struct config config;
	struct report report;
	struct patterns *patterns; /* of errors; NULL: no memory */
};

static const struct asker supervisor = {.kind = BRM_BY_SUPERVISOR};

static void *read_configuration(void *arg)
{
	struct reload *reload = arg;
	uint64_t one = 1;

	reload->rc = config_discover(&reload->engine->options->request, &reload->config, &reload->report);
	reload->patterns = announce_read_patterns(reload->engine->options->instance.dir, &reload->report);
	(void)!write(reload->fd, &one, sizeof one); /* an eventfd takes it */
	return NULL;
}

static int start(struct reload *reload)
{
	sigset_t all, before;
	int rc;

	reload->config = (struct config){0};
	reload->report = (struct report){0};
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&reload->thread, NULL, read_configuration, reload);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return -rc;
	reload->running = true;
	reload->asked = false;
	TAILQ_CONCAT(&reload->served, &reload->waiting, link);
	return 0;
}

static void apply_change(struct process *process, const struct spec *spec, struct reloaded *result)
{
	bool restart = spec_compare(process->spec, spec) == SPECS_RUN_ELSE;
	struct spec *copy = spec_copy(spec);
	int rc = copy ? process_set_spec(process, copy) : -ENOMEM;

	if (rc != 0) {
		spec_free(copy);
		say("cannot change %s: %s", spec->name, brm_strerror(rc));
		return;
	}
	result->changed += restart;
	if (restart && !process_is_at_rest(process))
		process_restart(process, supervisor);
}

/* It is in the configuration no more. A script that was merely discovered and runs is left alone. */
static void apply_removal(struct process *process, struct reloaded *result)
{
	if (!process->spec->configured && !process_is_at_rest(process))
		return;
	process_forget(process, false);
	result->removed++;
}

static void apply_addition(struct engine *engine, const struct spec *spec, struct reloaded *result)
{
	struct spec *copy = spec_copy(spec);
	struct process *process;
	int rc = copy ? process_create(engine, copy, &process) : -ENOMEM;

	if (rc != 0) {
		spec_free(copy);
		say("cannot add %s: %s", spec->name, brm_strerror(rc));
		return;
	}
	result->added++;
	if (engine->options->autostart && process->spec->autostart && !process->spec->schedule[0])
		process_ask(process, ON_START, supervisor);
}

static void apply(struct engine *engine, struct config *config, struct reloaded *result)
{
	struct config old = engine->config;
	struct process *process;

	engine->config = *config;
	scale_config(engine, &engine->config);
	for (process = NULL; (process = table_next(&engine->table, process));) {
		const struct spec *spec = config_find(&engine->config, process->spec->name);

		if (process->adhoc || process->doomed)
			continue;
		if (!spec)
			apply_removal(process, result);
		else if (spec_compare(process->spec, spec) != SPECS_SAME)
			apply_change(process, spec, result);
	}
	for (size_t i = 0; i < engine->config.count; i++) {
		const struct spec *spec = engine->config.specs[i];

		if (spec->configured && !table_find(&engine->table, spec->name))
			apply_addition(engine, spec, result);
	}
	config_finish(&old);
}

void reload_say(const struct report *report)
{
	for (char **line = report->errors; line && *line; line++)
		say("%s", *line);
	for (char **line = report->warnings; line && *line; line++)
		say("warning: %s", *line);
}

static void answer(struct reload *reload, const struct reloaded *result)
{
	struct reload_waiter *waiter;

	while ((waiter = TAILQ_FIRST(&reload->served))) {
		reload_cancel(reload, waiter);
		waiter->done(waiter, result);
	}
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct reload *reload = arg;
	struct reloaded result = {.report = &reload->report};
	uint64_t count;

	(void)what;
	engine_enter(reload->engine);
	if (read(fd, &count, sizeof count) != sizeof count)
		return;
	pthread_join(reload->thread, NULL);
	reload->running = false;
	reload_say(&reload->report);
	announce_patterns(reload->engine, reload->patterns);
	if ((reload->rc == 0 || reload->rc == -ENOENT) && !reload->engine->shutdown)
		apply(reload->engine, &reload->config, &result);
	else
		config_finish(&reload->config);
	answer(reload, &result);
	report_finish(&reload->report);
	if (reload->asked && start(reload) != 0)
		say("cannot read the configuration: no thread");
}

int reload_open(struct engine *engine, struct reload **out)
{
	struct reload *reload = calloc(1, sizeof *reload);

	if (!reload)
		return -ENOMEM;
	reload->engine = engine;
	TAILQ_INIT(&reload->waiting);
	TAILQ_INIT(&reload->served);
	reload->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reload->fd >= 0)
		reload->event = event_new(engine->base, reload->fd, EV_READ | EV_PERSIST, on_read, reload);
	if (!reload->event || event_add(reload->event, NULL) != 0) {
		reload_close(reload);
		return -ENOMEM;
	}
	*out = reload;
	return 0;
}

void reload_close(struct reload *reload)
{
	if (!reload)
		return;
	if (reload->running) {
		pthread_join(reload->thread, NULL);
		config_finish(&reload->config);
		report_finish(&reload->report);
		patterns_free(reload->patterns);
	}
	if (reload->event)
		event_free(reload->event);
	if (reload->fd >= 0)
		close(reload->fd);
	free(reload);
}

int reload_ask(struct reload *reload, struct reload_waiter *waiter)
{
	int rc = 0;

	if (waiter)
		TAILQ_INSERT_TAIL(&reload->waiting, waiter, link);
	if (reload->running)
		reload->asked = true;
	else
		rc = start(reload);
	if (rc != 0 && waiter)
		TAILQ_REMOVE(&reload->waiting, waiter, link);
	else if (waiter)
		waiter->waits = true;
	return rc;
}

void reload_cancel(struct reload *reload, struct reload_waiter *waiter)
{
	struct reload_waiter *at = TAILQ_FIRST(&reload->waiting);

	if (!waiter->waits)
		return;
	while (at && at != waiter)
		at = TAILQ_NEXT(at, link);
	if (at)
		TAILQ_REMOVE(&reload->waiting, waiter, link);
	else
		TAILQ_REMOVE(&reload->served, waiter, link);
	waiter->waits = false;
}
