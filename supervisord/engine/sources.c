/* SPDX-License-Identifier: MIT */
#include "engine/sources.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <brummer/region.h>

#include "engine/announce.h"
#include "engine/errand.h"
#include "engine/metrics.h"
#include "engine/process.h"
#include "engine/publish.h"
#include "engine/reload.h"
#include "engine/shutdown.h"
#include "say.h"

static void on_spawner(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct spawn_result result;

	(void)fd, (void)what;
	engine_enter(engine);
	while (spawner_next(engine->spawner, &result))
		if (!errand_spawned(engine, &result))
			process_spawned(engine, &result);
}

static void on_capture(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct drained drained;

	(void)fd, (void)what;
	engine_enter(engine);
	while (capture_next(engine->capture, &drained)) {
		if (drained.kind == DRAINED_URL)
			announce_url(engine, drained.serial, drained.url);
		else
			process_drained(engine, &drained);
	}
}

static void on_metrics(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct measured measured;

	(void)fd, (void)what;
	engine_enter(engine);
	while (metrics_next(engine->metrics, &measured)) {
		struct process *process = table_find_serial(&engine->table, measured.serial);

		if (measured.kind == MEASURED_PORTS)
			announce_ports(engine, measured.serial, measured.ports, measured.count);
		else if (process)
			process_over_memory(process);
	}
}

static void on_sweeper(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct swept swept;

	(void)fd, (void)what;
	engine_enter(engine);
	while (sweeper_next(engine->sweeper, &swept))
		process_swept(engine, &swept);
}

static void on_watcher(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	struct watch_report report;

	(void)fd, (void)what;
	engine_enter(engine);
	while (watcher_next(engine->watcher, &report))
		process_watched(engine, &report);
}

static void on_keeper(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	int rc;

	(void)fd, (void)what;
	engine_enter(engine);
	event_del(engine->sources[SOURCE_KEEPER]);
	say("the keeper has died: what runs goes on, but how it ends may be lost");
	publish_event(engine, BRM_REASON_KEEPER_LOST);
	rc = brm_writer_alone(engine->writer);
	if (rc != 0)
		say("cannot publish that the keeper has died: %s", brm_strerror(rc));
}

/* A foreground supervisor whose terminal has gone is to end with it; else a hangup asks for the configuration. */
static void on_hangup(evutil_socket_t fd, short what, void *arg)
{
	struct engine *engine = arg;
	int rc;

	(void)fd, (void)what;
	engine_enter(engine);
	if (engine->on_terminal && tcgetpgrp(STDERR_FILENO) < 0) {
		shutdown_begin(engine, 0);
		return;
	}
	rc = reload_ask(engine->reload, NULL);
	if (rc != 0)
		say("cannot read the configuration: %s", strerror(-rc));
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	engine_enter(arg);
	shutdown_begin(arg, 0);
}

int sources_watch(struct engine *engine)
{
	const struct {
		int fd;
		event_callback_fn on;
	} sources[ENGINE_SOURCES] = {
		[SOURCE_SPAWNER] = {spawner_fd(engine->spawner), on_spawner},
		[SOURCE_CAPTURE] = {capture_fd(engine->capture), on_capture},
		[SOURCE_SWEEPER] = {sweeper_fd(engine->sweeper), on_sweeper},
		[SOURCE_METRICS] = {engine->metrics ? metrics_fd(engine->metrics) : -1, on_metrics},
		[SOURCE_WATCHER] = {watcher_fd(engine->watcher), on_watcher},
		[SOURCE_KEEPER] = {keeperlink_fd(engine->keeper), on_keeper},
	};

	for (size_t i = 0; i < ENGINE_SOURCES; i++) {
		struct event **event = &engine->sources[i];

		if (sources[i].fd < 0)
			continue;
		*event = event_new(engine->base, sources[i].fd, EV_READ | EV_PERSIST, sources[i].on, engine);
		if (!*event || event_add(*event, NULL) != 0)
			return -ENOMEM;
	}
	return 0;
}

int sources_watch_signals(struct engine *engine)
{
	static const struct {
		int signal;
		event_callback_fn on;
	} signals[ENGINE_SIGNALS] = {{SIGTERM, on_end}, {SIGINT, on_end}, {SIGHUP, on_hangup}};

	for (size_t i = 0; i < ENGINE_SIGNALS; i++) {
		struct event **event = &engine->signals[i];

		*event = evsignal_new(engine->base, signals[i].signal, signals[i].on, engine);
		if (!*event || event_add(*event, NULL) != 0)
			return -ENOMEM;
	}
	return 0;
}
