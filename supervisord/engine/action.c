/* SPDX-License-Identifier: MIT */
#include "engine/action.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/depend.h"
#include "engine/errand.h"
#include "engine/input.h"
#include "engine/lapse.h"
#include "engine/probe.h"
#include "engine/publish.h"
#include "engine/request.h"
#include "engine/restart.h"
#include "engine/tag.h"
#include "say.h"

#define LOOK_FIRST_NS UINT64_C(5000000)
#define LOOK_LAST_NS  UINT64_C(200000000)

static void arm(struct event *timer, uint64_t after_ns)
{
	struct timeval after = {(time_t)(after_ns / 1000000000u), (suseconds_t)(after_ns % 1000000000u / 1000u)};

	evtimer_add(timer, &after);
}

void action_deadline(struct process *process, uint64_t after_ns)
{
	arm(process->deadline, after_ns);
}

void action_pause(struct process *process, uint64_t after_ns)
{
	arm(process->pause, after_ns);
}

void action_connect(struct process *process, struct run_fds fds, bool adopted)
{
	struct engine *engine = process->engine;
	const char *name = process->spec->name;
	int rc;

	if (fds.in >= 0)
		process->input = input_open(engine, fds.in);
	if (fds.out < 0 && fds.err < 0)
		return;
	capture_resize(engine->capture, name, process->spec->log_segment_bytes, process->spec->log_keep);
	rc = (adopted ? capture_adopt : capture_add)(engine->capture, process->serial, process->entry, name, fds);
	if (rc != 0)
		say("cannot capture the output of %s: %s", name, strerror(-rc));
}

void action_release(struct process *process)
{
	process->left = false;
	if (!process->held)
		return;
	process->held = false;
	capture_forget(process->engine->capture, process->serial);
	keeperlink_tell_drop(process->engine->keeper, process->serial);
}

static void sweep(struct process *process, bool kill)
{
	struct engine *engine = process->engine;
	uint64_t tag = tag_make(engine->options->tag, process->serial);
	pid_t keeper = process->kept ? keeperlink_keeper(engine->keeper) : 0;
	int rc = sweeper_expect(engine->sweeper, process->serial, tag, process->leader, keeper, !kill);

	process->looking = !kill;
	if (rc == 0)
		process->sweeps++;
	else
		say("cannot end what is left of %s: %s", process->spec->name, strerror(-rc));
}

static void do_nothing(struct process *process)
{
	(void)process;
}

static void do_impossible(struct process *process)
{
	(void)process;
	assert(!"this cannot happen in that phase");
}

static void do_check(struct process *process)
{
	if (process->sweeps == 0 && depend_met(process))
		process_feed(process, ON_CLEAR);
}

/* Publish that it is to be started, `state` being what is to stay of its state, and begin with that. */
static void prepare(struct process *process, struct brm_state state)
{
	evtimer_del(process->deadline);
	process->blocked = false;
	process->again = false; /* this is that start, if another was asked for in the turn in which it ended */
	state = brm_state_with_status(&state, BRM_PENDING, engine_now());
	state = brm_state_with_reason(&state, BRM_REASON_NONE, NULL);
	state = lapse_explain(process, &state);
	state.next_ns = 0;
	publish_state(process, &state);
	if (process->left && process->sweeps == 0)
		sweep(process, true);
}

static void do_prepare(struct process *process)
{
	if (process->asker.kind != BRM_BY_SUPERVISOR)
		lapse_clear(process);
	prepare(process, publish_state_of(process));
	depend_start(process);
	do_check(process);
}

static void do_urge(struct process *process)
{
	if (!process->blocked)
		return;
	process->blocked = false; /* first: dependencies may go round in a circle */
	depend_start(process);
	do_check(process);
}

static void do_restart(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state.restarts++;
	process->asker = (struct asker){.kind = BRM_BY_SUPERVISOR};
	prepare(process, state);
	do_check(process);
}

static void do_spawn(struct process *process)
{
	struct engine *engine = process->engine;
	struct brm_state state = publish_state_of(process);
	struct spawn_request *request = NULL;

	action_release(process);
	if (table_set_serial(&engine->table, process, engine_serial(engine)) == 0)
		request = request_make(process, state.run + 1);
	if (request && probe_prepare(process, request) != 0) {
		spawn_request_free(request);
		request = NULL;
	}
	if (!request || spawner_submit(engine->spawner, request) != 0) {
		snprintf(process->failure, sizeof process->failure, "no memory to start it");
		process_feed(process, ON_NOT_SPAWNED);
		return;
	}
	process->held = true;
	state.serial = process->serial;
	publish_state(process, &state);
}

/* Publish the run that the spawner has reported, in the status of the phase it now is in, and connect it. */
static void run(struct process *process)
{
	const struct spawn_result *result = process->spawned;
	struct brm_state state = publish_state_of(process);
	struct brm_now now = engine_now();

	state = brm_state_with_run(&state, result->pid, result->pid_start, now);
	state.serial = process->serial;
	state = brm_state_with_status(&state, phase_status(process->phase), now);
	if (phase_status(process->phase) == BRM_STOPPING)
		state = brm_state_with_stop_requested(&state);
	state = lapse_explain(process, &state);
	lapse_clear(process);
	publish_state(process, &state);
	process->left = true;
	process->ended = false;
	if (process_watch(process, result->pid, result->pidfd) != 0)
		say("cannot watch %s: no memory", process->spec->name);
	action_connect(process, result->fds, false);
	probe_begin(process, result->notify);
}

static void do_run(struct process *process)
{
	run(process);
	process->asker = (struct asker){0};
}

/* Its stop command could not be run, or has failed. */
static void term(struct process *process)
{
	const struct spec *spec = process->spec;
	const struct engine *engine = process->engine;
	int rc = stop_signal(process->leader, process->pidfd, spec->stop_signal);

	if (rc != 0 && rc != -ESRCH)
		say("cannot signal %s: %s", spec->name, strerror(-rc));
	stop_signal(process->leader, process->pidfd, SIGCONT); /* one that is suspended could not hear it */
	sweeper_tell(engine->sweeper, tag_make(engine->options->tag, process->serial), process->leader,
		     spec->stop_signal);
}

static void on_stop_command(struct errand *errand, const char *failure)
{
	struct process *process = errand_arg(errand);

	process->stopping = NULL;
	if (!failure)
		return;
	say("cannot stop %s by its command: %s", process->spec->name, failure);
	if (process->pidfd >= 0)
		term(process);
}

void action_end(struct process *process)
{
	const struct spec *spec = process->spec;

	probe_end(process);
	if (spec->stop_command[0] && !process->stopping)
		process->stopping =
			errand_start(process, spec->stop_command, NULL, spec->stop_grace_ns, on_stop_command, process);
	if (!process->stopping)
		term(process);
	action_deadline(process, spec->stop_grace_ns);
}

static void publish_stop(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	lapse_clear(process);
	state = brm_state_with_stop_requested(&state);
	state = brm_state_with_status(&state, BRM_STOPPING, engine_now());
	state = brm_state_with_reason(&state, BRM_REASON_ASKED, NULL);
	publish_state(process, &state);
}

static void do_term(struct process *process)
{
	publish_stop(process);
	action_end(process);
}

static void do_lapse(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state = brm_state_with_status(&state, BRM_STOPPING, engine_now());
	state = lapse_explain(process, &state);
	publish_state(process, &state);
	action_end(process);
}

static void do_unready(struct process *process)
{
	char text[BRM_REASON_MAX];

	lapse_set(process, LAPSE_FAIL, BRM_REASON_NOT_READY, probe_unready_text(process, text));
	do_lapse(process);
}

static void do_claim(struct process *process)
{
	process->again = false;
	publish_stop(process);
}

static void do_conclude(struct process *process)
{
	process_feed(process, lapse_conclude(process));
}

static void do_run_stop(struct process *process)
{
	run(process);
	do_term(process);
}

static void do_fail(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state = brm_state_with_spawn_error(&state, process->failure, engine_now());
	if (process->lapse == BRM_REASON_LIMIT)
		state = lapse_explain(process, &state);
	publish_state(process, &state);
	probe_end(process);
	action_release(process);
	process->asker = (struct asker){0};
	lapse_fail(process);
}

static void do_ready(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	evtimer_del(process->deadline);
	state = brm_state_with_ready(&state, engine_now());
	publish_state(process, &state);
	probe_ready(process);
}

static void do_sweep(struct process *process)
{
	evtimer_del(process->deadline);
	if (!process->ended)
		evtimer_del(process->pause);
	sweep(process, true);
}

static void do_stop_kill(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	probe_end(process);
	if (!brm_state_stop_requested(&state) || brm_state_status(&state) != BRM_STOPPING)
		publish_stop(process);
	do_sweep(process);
}

void action_look(struct process *process)
{
	sweep(process, false);
}

static void do_look(struct process *process)
{
	process->looked_ns = LOOK_FIRST_NS;
	action_look(process);
}

static void do_look_later(struct process *process)
{
	action_pause(process, process->looked_ns);
	if (process->looked_ns < LOOK_LAST_NS)
		process->looked_ns *= 2;
}

/* The run is over: its input is of no use, its status is published. */
static void end_run(struct process *process)
{
	evtimer_del(process->deadline);
	evtimer_del(process->pause);
	probe_end(process);
	errand_cancel(process->stopping);
	process->stopping = NULL;
	input_close(process->input);
	process->input = NULL;
	process_unwatch(process);
	keeperlink_tell_reap(process->engine->keeper, process->leader);
	process->asker = (struct asker){0};
}

/* What a shell means by its exit codes, in words. */
static void explain(const struct process *process, struct brm_state *state)
{
	if (!process->spec->command || !(state->flags & BRM_FLAG_EXITED) || brm_state_stop_requested(state))
		return;
	if (state->exit_code == 127)
		*state = brm_state_with_reason(state, BRM_REASON_EXIT, "exit code 127: a command was not found");
	else if (state->exit_code == 126)
		*state = brm_state_with_reason(state, BRM_REASON_EXIT, "exit code 126: a file cannot be executed");
}

static void do_finish(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state = brm_state_with_exit(&state, process->how, engine_now());
	state = brm_state_with_status(&state, phase_status(process->phase), engine_now());
	explain(process, &state);
	state = lapse_explain(process, &state);
	lapse_clear(process);
	publish_state(process, &state);
	end_run(process);
	if (process->phase == PHASE_FAILED)
		lapse_fail(process);
}

/* How long to wait before the next restart: the series goes on, unless the last run was a stable one. */
static uint64_t next_delay(struct process *process, const struct brm_state *state, struct brm_now now)
{
	const struct spec *spec = process->spec;
	uint32_t random;
	uint64_t delay;

	if (process->leader && brm_state_duration_ns(state, now.boot_ns) >= RESTART_STABLE_NS)
		process->streak = 0;
	delay = restart_delay_ns(spec->backoff_first_ns, spec->backoff_last_ns, process->streak++);
	evutil_secure_rng_get_bytes(&random, sizeof random);
	return restart_jitter_ns(delay, random);
}

static void do_backoff(struct process *process)
{
	struct brm_state state = publish_state_of(process);
	struct brm_now now = engine_now();
	uint64_t delay = next_delay(process, &state, now);

	state = brm_state_with_backoff(&state, process->how, now.real_ns + delay, now);
	state = lapse_explain(process, &state);
	publish_state(process, &state);
	end_run(process);
	action_deadline(process, delay);
}

static void do_renew(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state = brm_state_with_exit(&state, process->how, engine_now());
	end_run(process);
	state.restarts++;
	process->asker = (struct asker){.kind = BRM_BY_SUPERVISOR};
	prepare(process, state);
	do_check(process);
}

static void do_fail_late(struct process *process)
{
	struct brm_state state = publish_state_of(process);
	struct brm_now now = engine_now();
	uint64_t delay;

	process->leader = 0;
	delay = next_delay(process, &state, now);
	state = brm_state_with_spawn_error(&state, process->failure, now);
	state = brm_state_with_status(&state, BRM_BACKOFF, now);
	state.next_ns = now.real_ns + delay;
	publish_state(process, &state);
	probe_end(process);
	action_release(process);
	action_deadline(process, delay);
}

static void do_rest(struct process *process)
{
	if (process->left && process->sweeps == 0)
		sweep(process, true);
}

static void do_end(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	evtimer_del(process->deadline);
	probe_end(process);
	lapse_clear(process);
	state = brm_state_with_status(&state, BRM_STOPPED, engine_now());
	state = brm_state_with_reason(&state, BRM_REASON_ASKED, NULL);
	state.next_ns = 0;
	publish_state(process, &state);
	process->asker = (struct asker){0};
	do_rest(process);
}

static void do_again(struct process *process)
{
	process->again = true;
}

static void do_not_again(struct process *process)
{
	process->again = false;
}

void action_do(struct process *process, enum action action)
{
	static void (*const actions[ACTION_COUNT])(struct process *) = {
		[DO_NOTHING] = do_nothing,
		[DO_PREPARE] = do_prepare,
		[DO_URGE] = do_urge,
		[DO_RESTART] = do_restart,
		[DO_RENEW] = do_renew,
		[DO_CHECK] = do_check,
		[DO_SPAWN] = do_spawn,
		[DO_RUN] = do_run,
		[DO_RUN_STOP] = do_run_stop,
		[DO_FAIL] = do_fail,
		[DO_FAIL_LATE] = do_fail_late,
		[DO_READY] = do_ready,
		[DO_TERM] = do_term,
		[DO_LAPSE] = do_lapse,
		[DO_UNREADY] = do_unready,
		[DO_CONCLUDE] = do_conclude,
		[DO_CLAIM] = do_claim,
		[DO_SWEEP] = do_sweep,
		[DO_STOP_KILL] = do_stop_kill,
		[DO_LOOK] = do_look,
		[DO_LOOK_LATER] = do_look_later,
		[DO_FINISH] = do_finish,
		[DO_BACKOFF] = do_backoff,
		[DO_END] = do_end,
		[DO_REST] = do_rest,
		[DO_AGAIN] = do_again,
		[DO_NOT_AGAIN] = do_not_again,
		[DO_IMPOSSIBLE] = do_impossible,
	};

	actions[action](process);
}
