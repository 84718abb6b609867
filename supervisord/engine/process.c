/* SPDX-License-Identifier: MIT */
#include "engine/process.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/action.h"
#include "engine/crash.h"
#include "engine/errand.h"
#include "engine/input.h"
#include "engine/lapse.h"
#include "engine/metrics.h"
#include "engine/probe.h"
#include "engine/publish.h"
#include "engine/schedule.h"
#include "say.h"

/* An end is published this long after it at the latest, whatever the disk does to the output. */
#define DRAIN_PATIENCE_NS UINT64_C(1000000000)

/* Descriptors that the supervisor needs: for each process, and for samples, logs, clients and itself. */
#define FILES_EACH   3u
#define FILES_BESIDE 1024u

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;

	(void)fd, (void)what;
	engine_enter(process->engine);
	process_feed(process, ON_DEADLINE);
}

/* The leader has ended and its output is in the store, or has had its time. */
static void end(struct process *process)
{
	process->ended = false;
	evtimer_del(process->pause);
	process_feed(process, lapse_after_exit(process));
}

void process_lost(struct process *process)
{
	process->how = (struct brm_exit){.lost = true};
	end(process);
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;

	(void)fd, (void)what;
	engine_enter(process->engine);
	if (process->ended)
		end(process);
	else
		action_look(process);
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;
	struct ended ended = {0};
	int rc;

	(void)fd, (void)what;
	engine_enter(process->engine);
	rc = keeperlink_status(process->engine->keeper, process->leader, &ended);
	if (rc == 0 && ended.alive)
		return;
	process->kept = rc == 0;
	if (rc != 0)
		rc = keeperlink_status_of_other(process->pidfd, &ended);
	event_del(process->exited);
	process->how = (struct brm_exit){.code = ended.code, .signal = ended.signal, .lost = rc != 0};
	process->how.success = ended.signal == 0 && spec_is_success(process->spec, ended.code);
	process->ended = true;
	probe_end(process);
	action_pause(process, DRAIN_PATIENCE_NS);
	capture_drain(process->engine->capture, process->serial);
}

int process_watch(struct process *process, pid_t leader, int pidfd)
{
	process->leader = leader;
	process->pidfd = pidfd;
	process->kept = false;
	sweeper_lead(process->engine->sweeper, leader, true);
	process->exited = event_new(process->engine->base, pidfd, EV_READ | EV_PERSIST, on_exited, process);
	metrics_add(process->engine->metrics, process->serial, process->entry, leader,
		    process->spec->memory_limit_bytes);
	if (!process->exited || event_add(process->exited, NULL) != 0)
		return -ENOMEM;
	return 0;
}

void process_unwatch(struct process *process)
{
	if (process->exited)
		event_free(process->exited);
	process->exited = NULL;
	if (process->pidfd < 0)
		return;
	metrics_remove(process->engine->metrics, process->serial);
	if (process->engine->sweeper)
		sweeper_lead(process->engine->sweeper, process->leader, false);
	close(process->pidfd);
	process->pidfd = -1;
}

/* Everything of a process that is in no table yet. */
static void dispose(struct process *process)
{
	process_unwatch(process);
	probe_end(process);
	errand_cancel(process->stopping);
	input_close(process->input);
	if (process->deadline)
		event_free(process->deadline);
	if (process->pause)
		event_free(process->pause);
	list_free(process->env);
	free(process);
}

static struct process *make(struct engine *engine, struct spec *spec)
{
	struct process *process = calloc(1, sizeof *process);

	if (!process)
		return NULL;
	TAILQ_INIT(&process->waiters);
	process->engine = engine;
	process->spec = spec;
	process->pidfd = -1;
	process->phase = PHASE_IDLE;
	process->deadline = evtimer_new(engine->base, on_deadline, process);
	process->pause = evtimer_new(engine->base, on_pause, process);
	if (process->deadline && process->pause)
		return process;
	dispose(process);
	return NULL;
}

int process_adopt(struct engine *engine, struct spec *spec, uint32_t entry, struct process **out)
{
	struct process *process = make(engine, spec);
	int rc = process ? table_add(&engine->table, process) : -ENOMEM;

	if (rc != 0) {
		if (process)
			dispose(process);
		return rc;
	}
	process->entry = entry;
	*out = process;
	return 0;
}

int process_create(struct engine *engine, struct spec *spec, struct process **out)
{
	struct process *process;
	int rc = process_adopt(engine, spec, 0, &process);

	if (rc != 0)
		return rc;
	rc = publish_add(process);
	if (rc != 0) {
		table_remove(&engine->table, process);
		dispose(process);
		return rc;
	}
	process_oversee(process);
	*out = process;
	return 0;
}

void process_oversee(struct process *process)
{
	struct engine *engine = process->engine;

	schedule_change(process);
	if (!process->watch && !process->spec->watch_paths[0])
		return;
	if (!process->watch)
		process->watch = ++engine->last_watch;
	if (engine->watcher && watcher_set(engine->watcher, process->watch, process->spec) != 0)
		say("cannot watch files for %s: no memory", process->spec->name);
}

void process_dispose(struct process *process)
{
	table_remove(&process->engine->table, process);
	spec_free(process->spec);
	dispose(process);
}

/* Nothing is watched under its id any more. */
static void unwatch_files(struct process *process)
{
	if (process->watch && process->engine->watcher)
		watcher_set(process->engine->watcher, process->watch, NULL);
}

/* Forget a process that is at rest: waiters, held descriptors, entry, table. */
static void destroy(struct process *process)
{
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(&process->waiters))) {
		waiter_cancel(waiter);
		waiter->done(waiter);
	}
	unwatch_files(process);
	action_release(process);
	capture_release(process->engine->capture, process->spec->name, process->doomed_logs);
	publish_remove(process);
	process_dispose(process);
}

int process_set_spec(struct process *process, struct spec *spec)
{
	struct spec *old = process->spec;
	int rc;

	assert(strcmp(old->name, spec->name) == 0);
	process->spec = spec;
	rc = publish_identity(process);
	if (rc != 0) {
		process->spec = old;
		return rc;
	}
	table_follow(&process->engine->table, old, spec);
	probe_change(process);
	process_oversee(process);
	spec_free(old);
	return 0;
}

void process_feed(struct process *process, enum happening happening)
{
	const struct transition *cell = &transition[process->phase][happening];
	struct table *table = &process->engine->table;
	bool outermost = crash_enter(process->spec->name);

	table_mark(table, process);
	table_wait(table, process, cell->next == PHASE_WAITING);
	process->phase = cell->next;
	action_do(process, cell->action);
	if (outermost)
		crash_leave();
}

void process_ask(struct process *process, enum happening happening, struct asker asker)
{
	if (transition[process->phase][happening].next != process->phase)
		process->asker = asker;
	if (happening == ON_START) {
		process->streak = 0;
		process->restarts = (struct restart_count){0};
	}
	process_feed(process, happening);
}

void process_restart(struct process *process, struct asker asker)
{
	if (process->phase == PHASE_STARTING || process->phase == PHASE_RUNNING)
		process_ask(process, ON_STOP, asker);
	process_ask(process, ON_START, asker);
}

bool process_is_alive(const struct process *process)
{
	return brm_status_is_alive(phase_status(process->phase));
}

bool process_has_started(const struct process *process)
{
	if (process->phase == PHASE_WAITING)
		return process->blocked;
	return !process->again && (process->phase == PHASE_STARTING || process->phase == PHASE_RUNNING ||
				   process->phase == PHASE_BACKOFF || process_has_finished(process));
}

bool process_has_finished(const struct process *process)
{
	return brm_status_is_finished(phase_status(process->phase)) && process->sweeps == 0;
}

bool process_has_scaled(const struct process *process)
{
	return process->doomed ? process_is_at_rest(process)
			       : process_has_started(process) || process_is_at_rest(process);
}

bool process_is_at_rest(const struct process *process)
{
	return process->phase == PHASE_IDLE || process_has_finished(process);
}

void process_wait(struct process *process, struct waiter *waiter)
{
	waiter->process = process;
	TAILQ_INSERT_TAIL(&process->waiters, waiter, link);
	table_mark(&process->engine->table, process);
}

void waiter_cancel(struct waiter *waiter)
{
	if (!waiter->process)
		return;
	TAILQ_REMOVE(&waiter->process->waiters, waiter, link);
	waiter->process = NULL;
}

void process_forget(struct process *process, bool with_logs)
{
	process->doomed = true;
	process->doomed_logs = with_logs;
	if (process->phase != PHASE_IDLE)
		process_feed(process, ON_STOP);
	table_mark(&process->engine->table, process);
}

static struct waiter *met_waiter(const struct process *process)
{
	struct waiter *waiter;

	for (waiter = TAILQ_FIRST(&process->waiters); waiter && !waiter->met(process);)
		waiter = TAILQ_NEXT(waiter, link);
	return waiter;
}

void process_settle(struct process *process)
{
	struct waiter *waiter;

	/* done() may cancel others of the list, so look from the start again. */
	while ((waiter = met_waiter(process))) {
		struct process *met = waiter->process;

		TAILQ_REMOVE(&met->waiters, waiter, link);
		waiter->process = NULL;
		waiter->done(waiter);
	}
	if (process->again && process_has_finished(process)) {
		process->again = false;
		process_feed(process, ON_START);
	}
	if (process->doomed && process_is_at_rest(process))
		destroy(process);
}

/* What a start is about where it failed, for messages. */
static const char *object_of(const struct spec *spec, enum spawn_stage stage)
{
	if (stage == SPAWN_DIR)
		return spec->dir;
	if (stage == SPAWN_USER)
		return spec->user;
	if (stage == SPAWN_GROUP)
		return spec->group[0] ? spec->group : spec->user;
	if (spec->command)
		return spec->shell[0] ? spec->shell[0] : "";
	return spec->argv[0] ? spec->argv[0] : "";
}

/* Once: the states say which. */
static void tell_shortage(struct engine *engine)
{
	struct rlimit limit;

	if (engine->short_of_files || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	engine->short_of_files = true;
	say("cannot start every process: the limit of open files is %llu, and %zu processes need %zu: raise it (ulimit "
	    "-Hn, or LimitNOFILE= of the service)",
	    (unsigned long long)limit.rlim_cur, engine->table.count, FILES_EACH * engine->table.count + FILES_BESIDE);
}

void process_spawned(struct engine *engine, struct spawn_result *result)
{
	struct process *process = table_find_serial(&engine->table, result->serial);

	assert(process); /* it is kept while a clone is in flight */
	if (result->stage == SPAWN_OK) {
		process->spawned = result;
		process_feed(process, process->spec->ready.kind == PROBE_NONE ? ON_SPAWNED : ON_BORN);
		process->spawned = NULL;
		return;
	}
	if (result->error == EMFILE)
		tell_shortage(engine);
	spawn_error_text(result, object_of(process->spec, result->stage), process->failure, sizeof process->failure);
	process_feed(process, lapse_after_refusal(process, result->error));
}

void process_drained(struct engine *engine, const struct drained *drained)
{
	struct process *process = table_find_serial(&engine->table, drained->serial);
	struct brm_state state;

	if (process && drained->kind == DRAINED_MATCH)
		probe_matched(process);
	if (!process || drained->kind != DRAINED_EXIT || !process->ended)
		return;
	if (drained->last_error[0]) {
		state = publish_state_of(process);
		state = brm_state_with_last_error(&state, drained->last_error, strlen(drained->last_error));
		publish_state(process, &state);
	}
	end(process);
}

void process_swept(struct engine *engine, const struct swept *swept)
{
	struct process *process = table_find_serial(&engine->table, (uint32_t)swept->token);

	if (!process || --process->sweeps > 0)
		return;
	if (process->looking && swept->left > 0) {
		process_feed(process, ON_LEFT);
		return;
	}
	if (swept->left > 0)
		say("cannot end %d processes that %s started", swept->left, process->spec->name);
	if (process->phase != PHASE_KILLING)
		action_release(process);
	process_feed(process, ON_GONE);
}

/* Something it watches has changed: a run that is there begins anew, and one that has ended may do better now. */
static void on_changed(struct process *process, const char *path)
{
	static const struct asker supervisor = {.kind = BRM_BY_SUPERVISOR};
	char text[BRM_REASON_MAX];

	snprintf(text, sizeof text, "changed: %.38s", path);
	process_lapse(process, LAPSE_RENEW, BRM_REASON_WATCH, text);
	if (process->phase != PHASE_BACKOFF && process->phase != PHASE_FAILED && process->phase != PHASE_SUCCESS)
		return;
	lapse_set(process, LAPSE_RENEW, BRM_REASON_WATCH, text);
	process_ask(process, ON_START, supervisor);
}

void process_watched(struct engine *engine, const struct watch_report *report)
{
	struct process *process;

	if (report->limit) {
		say("cannot watch everything below %s: raise the limit fs.inotify.max_user_watches, or ignore more",
		    report->path);
		return;
	}
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (process->watch == report->id && !process->doomed && !engine->shutdown)
			on_changed(process, report->path);
}
