/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "engine/engine.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <event2/dns.h>

#include <brummer/region.h>

#include "config/discover.h"
#include "control/server.h"
#include "engine/announce.h"
#include "engine/cgroup.h"
#include "engine/clock.h"
#include "engine/crash.h"
#include "engine/depend.h"
#include "engine/errand.h"
#include "engine/guard.h"
#include "engine/metrics.h"
#include "engine/proc.h"
#include "engine/process.h"
#include "engine/publish.h"
#include "engine/recover.h"
#include "engine/reload.h"
#include "engine/scale.h"
#include "engine/schedule.h"
#include "engine/shutdown.h"
#include "engine/sources.h"
#include "engine/upgrade.h"
#include "keeper/wire.h"
#include "say.h"

static const struct asker supervisor = {.kind = BRM_BY_SUPERVISOR};

struct brm_now engine_now(void)
{
	return (struct brm_now){.real_ns = clock_ns(CLOCK_REALTIME), .boot_ns = clock_ns(CLOCK_BOOTTIME)};
}

void engine_enter(struct engine *engine)
{
	if (engine->busy)
		return;
	engine->busy = true;
	brm_writer_busy(engine->writer, true);
}

uint32_t engine_serial(struct engine *engine)
{
	do
		engine->last_serial++;
	while (engine->last_serial == 0 || table_find_serial(&engine->table, engine->last_serial));
	return engine->last_serial;
}

/* What follows from what has happened, until nothing more does; then the batch is closed. */
static void end_turn(struct engine *engine)
{
	struct process *process;

	do {
		while ((process = table_take_marked(&engine->table)))
			process_settle(process);
		depend_settle(engine);
		shutdown_settle(engine);
		upgrade_settle(engine);
	} while (!TAILQ_EMPTY(&engine->table.changed));
	publish_commit(engine);
	brm_writer_busy(engine->writer, false);
	engine->busy = false;
}

static void run(struct engine *engine)
{
	end_turn(engine);
	while (!engine->done) {
		event_base_loop(engine->base, EVLOOP_ONCE);
		end_turn(engine);
		if (engine->done)
			upgrade_leave(engine);
	}
}

/*
 * Read what could be run. Errors are warnings here, and what is right can be used, unless they are the configuration's:
 * -EINVAL.
 */
static int read_configuration(struct engine *engine)
{
	struct report report = {0};
	int rc = config_discover(&engine->options->request, &engine->config, &report);

	reload_say(&report);
	report_finish(&report);
	if (rc == -ENOENT && !engine->options->autostart)
		return 0; /* for ad-hoc runs */
	if (rc == -ENOENT)
		say("cannot find anything to run in %s: no package.json, Procfile or other file that Brummer knows",
		    engine->options->instance.dir);
	if (engine->config.refused)
		say("cannot use %s: it has errors", engine->config.file);
	return rc == -EINVAL && !engine->config.refused ? 0 : rc;
}

/*
 * With something to go on with, the region is published first: what is read here may take its time, as a slow disk
 * does. And what runs goes on, whatever has become of the configuration.
 */
static void read_configuration_late(struct engine *engine)
{
	int rc;

	brm_writer_busy(engine->writer, true);
	rc = read_configuration(engine);
	if (rc != 0 && rc != -ENOENT && rc != -EINVAL)
		say("cannot read the configuration: %s", strerror(-rc));
}

static int publish_region(struct engine *engine, const struct brm_reader *previous)
{
	const struct engine_options *options = engine->options;
	struct brm_writer_options region = {
		.instance = &options->instance,
		.keeper_pid = keeperlink_keeper(engine->keeper),
		.tag = options->tag,
		.started_ns = options->started_ns,
		.version = PACKAGE_VERSION,
		.previous = previous,
	};
	int rc;

	memcpy(region.uuid, options->uuid, sizeof region.uuid);
	rc = brm_writer_create(&region, &engine->writer);
	if (rc == -ENOSPC)
		say("cannot publish the region in /dev/shm: it is full (make room there, or enlarge it)");
	else if (rc != 0)
		say("cannot publish the region %s: %s", options->instance.region, brm_strerror(rc));
	return rc;
}

/* The configuration's entries, as far as an engine before this one did not leave them. */
static void add_entries(struct engine *engine)
{
	for (size_t i = 0; i < engine->config.count; i++) {
		const struct spec *spec = engine->config.specs[i];
		struct process *process;
		struct spec *copy;
		int rc;

		if (!spec->configured || table_find(&engine->table, spec->name))
			continue;
		copy = spec_copy(spec);
		rc = copy ? process_create(engine, copy, &process) : -ENOMEM;
		if (rc == 0)
			continue;
		spec_free(copy);
		say("cannot add %s: %s", spec->name, brm_strerror(rc));
	}
}

/*
 * A supervisor that begins starts what is not alive; an engine that goes on for another one of the same keeper only
 * what that was about to start.
 */
static void autostart(struct engine *engine)
{
	struct process *process;

	if (!engine->options->autostart)
		return;
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (process->spec->autostart && !process->spec->schedule[0] &&
		    (engine->succeeding ? process->phase == PHASE_IDLE : !process_is_alive(process)))
			process_ask(process, ON_START, supervisor);
}

/* A step of the opening that can fail for one reason only has it said here. */
static int said(int rc, const char *what)
{
	if (rc != 0)
		say("cannot %s: %s", what, brm_strerror(rc));
	return rc;
}

static int open_threads(struct engine *engine)
{
	const char *state_dir = engine->options->instance.state_dir;
	int rc = said(spawner_open(engine->keeper, &engine->spawner), "start the spawning thread");

	if (rc == 0)
		rc = said(sweeper_open(&engine->sweeper), "start the sweeping thread");
	if (rc == 0 && !engine->options->features.no_cgroup &&
	    cgroups_open(engine->options->tag, &engine->cgroups) == 0) {
		spawner_use_cgroups(engine->spawner, engine->cgroups);
		sweeper_use_cgroups(engine->sweeper, engine->cgroups);
	}
	if (rc == 0)
		rc = said(watcher_open(&engine->watcher), "watch files");
	if (rc == 0)
		rc = said(capture_open(engine->writer, state_dir, &engine->capture), "start the capturing thread");
	if (rc == 0)
		announce_open(engine);
	if (rc == 0)
		said(metrics_open(engine->writer, engine->options->tag, !engine->options->features.no_metrics,
				  &engine->metrics),
		     "start the sampling thread");
	return rc;
}

static int open_loop(struct engine *engine)
{
	int rc = said(sources_watch(engine), "watch the threads");

	if (rc == 0)
		rc = said(publish_open(engine), "make a timer");
	if (rc == 0)
		rc = said(schedule_open(engine, &engine->schedule), "make a timer");
	if (rc == 0)
		rc = said(sources_watch_signals(engine), "watch signals");
	if (rc == 0)
		rc = said(reload_open(engine, &engine->reload), "prepare reloading");
	if (rc == 0 && !engine->options->features.no_guard)
		rc = said(guard_open(engine, &engine->guard), "watch the region");
	return rc;
}

static void bring_up(struct engine *engine, const struct brm_reader *old)
{
	engine->continued = recover_processes(engine, old);
	if (engine->continued)
		publish_event(engine, upgrade_reason());
	scale_recover(engine);
	for (struct process *process = NULL; (process = table_next(&engine->table, process));)
		process_oversee(process);
	if (!engine->succeeding)
		add_entries(engine);
	autostart(engine);
	engine_enter(engine);
	end_turn(engine);
	keeperlink_up(engine->keeper);
	if (!engine->options->foreground)
		say_quiet();
}

/* Was that region made by an engine of this keeper? */
static bool is_of_keeper(const struct brm_info *info, struct keeperlink *keeper)
{
	struct proc_stat stat;

	return info->keeper_pid == keeperlink_keeper(keeper) && proc_stat(info->keeper_pid, &stat) == 0 &&
	       stat.start == info->keeper_start;
}

static int open_engine(struct engine *engine)
{
	struct brm_reader *old;
	int rc;

	table_init(&engine->table);
	TAILQ_INIT(&engine->errands);
	engine->on_terminal = engine->options->foreground && isatty(STDERR_FILENO);
	engine->base = event_base_new();
	rc = engine->base ? keeperlink_open(KEEPER_FD, &engine->keeper) : -ENOMEM;
	if (said(rc, "reach the keeper") != 0)
		return rc;
	crash_watch(engine->keeper);
	old = recover_open(engine->options);
	engine->continued = old != NULL;
	engine->succeeding = old && is_of_keeper(brm_reader_info(old), engine->keeper);
	if (!engine->continued)
		rc = read_configuration(engine);
	if (rc == 0) /* before the region: who reads that this engine lives can connect */
		rc = said(server_open(engine, &engine->server), "open the control socket");
	if (rc == 0)
		rc = publish_region(engine, old);
	if (rc == 0 && engine->continued)
		read_configuration_late(engine);
	if (rc == 0)
		rc = open_threads(engine);
	if (rc == 0)
		rc = open_loop(engine);
	if (rc == 0)
		bring_up(engine, old);
	brm_reader_close(old);
	return rc;
}

static void free_events(struct event **events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (events[i])
			event_free(events[i]);
}

/* What readers and the file system see: the final states, then neither region nor socket nor lock. */
static void close_places(struct engine *engine)
{
	const struct brm_instance *instance = &engine->options->instance;

	guard_close(engine->guard);
	if (engine->writer) {
		brm_writer_commit(engine->writer);
		brm_writer_close(engine->writer);
	}
	unlink(instance->control);
	unlink(instance->lock);
	rmdir(instance->runtime_dir);
	keeperlink_end(engine->keeper);
}

/*
 * The end, also of an opening that failed. Nothing is left behind, but by an engine that could not take over: then its
 * successor tries again.
 */
static void close_engine(struct engine *engine, bool last)
{
	struct process *process;

	engine->busy = true; /* whatever still comes is no turn */
	errand_close(engine);
	spawner_close(engine->spawner);
	sweeper_close(engine->sweeper);
	engine->sweeper = NULL;
	metrics_close(engine->metrics);
	engine->metrics = NULL;
	cgroups_close(engine->cgroups, last);
	watcher_close(engine->watcher);
	engine->watcher = NULL;
	server_deafen(engine->server);
	if (engine->capture)
		capture_close(engine->capture);
	if (last)
		close_places(engine);
	server_close(engine->server);
	reload_close(engine->reload);
	brm_reader_close(engine->mirror);
	while ((process = table_next(&engine->table, NULL)))
		process_dispose(process);
	shutdown_free(engine->shutdown);
	upgrade_free(engine->upgrade);
	schedule_close(engine->schedule);
	scale_close(engine);
	if (engine->dns)
		evdns_base_free(engine->dns, 0);
	free_events(engine->sources, ENGINE_SOURCES);
	free_events(engine->signals, ENGINE_SIGNALS);
	free_events(&engine->commit_timer, 1);
	config_finish(&engine->config);
	keeperlink_close(engine->keeper);
	event_base_free(engine->base);
}

int engine_main(const struct engine_options *options)
{
	static struct engine engine; /* one a process */
	int rc;

	engine.options = options;
	rc = open_engine(&engine);
	if (rc == 0)
		run(&engine);
	close_engine(&engine, rc == 0 || !engine.continued);
	return rc == 0 ? 0 : 1;
}
