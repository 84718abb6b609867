/* SPDX-License-Identifier: MIT */
#include "engine/action_inner.h"

#include <stdio.h>

#include "engine/depend.h"
#include "engine/lapse.h"
#include "engine/probe.h"
#include "engine/publish.h"
#include "engine/request.h"
#include "engine/restart.h"
#include "say.h"

/* Starts, first ones and again: from what they wait for to a run that is ready. */

void do_check(struct process *process)
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
		action_sweep(process, true);
}

void do_prepare(struct process *process)
{
	if (process->asker.kind != BRM_BY_SUPERVISOR)
		lapse_clear(process);
	prepare(process, publish_state_of(process));
	depend_start(process);
	do_check(process);
}

void do_urge(struct process *process)
{
	if (!process->blocked)
		return;
	process->blocked = false; /* first: dependencies may go round in a circle */
	depend_start(process);
	do_check(process);
}

void do_restart(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state.restarts++;
	process->asker = (struct asker){.kind = BRM_BY_SUPERVISOR};
	prepare(process, state);
	do_check(process);
}

void do_spawn(struct process *process)
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

void do_run(struct process *process)
{
	run(process);
	process->asker = (struct asker){0};
}

void do_run_stop(struct process *process)
{
	run(process);
	do_term(process);
}

void do_ready(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	evtimer_del(process->deadline);
	state = brm_state_with_ready(&state, engine_now());
	publish_state(process, &state);
	probe_ready(process);
}

void do_fail(struct process *process)
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

void do_backoff(struct process *process)
{
	struct brm_state state = publish_state_of(process);
	struct brm_now now = engine_now();
	uint64_t delay = next_delay(process, &state, now);

	state = brm_state_with_backoff(&state, process->how, now.real_ns + delay, now);
	state = lapse_explain(process, &state);
	publish_state(process, &state);
	action_end_run(process);
	action_deadline(process, delay);
}

void do_fail_late(struct process *process)
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

void do_renew(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state = brm_state_with_exit(&state, process->how, engine_now());
	action_end_run(process);
	state.restarts++;
	process->asker = (struct asker){.kind = BRM_BY_SUPERVISOR};
	prepare(process, state);
	do_check(process);
}
