/* SPDX-License-Identifier: MIT */
#include "engine/action_inner.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "engine/errand.h"
#include "engine/input.h"
#include "engine/lapse.h"
#include "engine/probe.h"
#include "engine/publish.h"
#include "engine/tag.h"
#include "say.h"

#define LOOK_FIRST_NS UINT64_C(5000000)
#define LOOK_LAST_NS  UINT64_C(200000000)

/* Ends: runs that are stopped, that end by themselves, and what they leave. */

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

void do_term(struct process *process)
{
	publish_stop(process);
	action_end(process);
}

void do_lapse(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state = brm_state_with_status(&state, BRM_STOPPING, engine_now());
	state = lapse_explain(process, &state);
	publish_state(process, &state);
	action_end(process);
}

void do_unready(struct process *process)
{
	char text[BRM_REASON_MAX];

	lapse_set(process, LAPSE_FAIL, BRM_REASON_NOT_READY, probe_unready_text(process, text));
	do_lapse(process);
}

void do_claim(struct process *process)
{
	process->again = false;
	publish_stop(process);
}

void do_conclude(struct process *process)
{
	process_feed(process, lapse_conclude(process));
}

void do_sweep(struct process *process)
{
	evtimer_del(process->deadline);
	if (!process->ended)
		evtimer_del(process->pause);
	action_sweep(process, true);
}

void do_stop_kill(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	probe_end(process);
	if (!brm_state_stop_requested(&state) || brm_state_status(&state) != BRM_STOPPING)
		publish_stop(process);
	do_sweep(process);
}

void action_look(struct process *process)
{
	action_sweep(process, false);
}

void do_look(struct process *process)
{
	process->looked_ns = LOOK_FIRST_NS;
	action_look(process);
}

void do_look_later(struct process *process)
{
	action_pause(process, process->looked_ns);
	if (process->looked_ns < LOOK_LAST_NS)
		process->looked_ns *= 2;
}

/* The run is over: its input is of no use, its status is published. */
void action_end_run(struct process *process)
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

void do_finish(struct process *process)
{
	struct brm_state state = publish_state_of(process);

	state = brm_state_with_exit(&state, process->how, engine_now());
	state = brm_state_with_status(&state, phase_status(process->phase), engine_now());
	explain(process, &state);
	state = lapse_explain(process, &state);
	lapse_clear(process);
	publish_state(process, &state);
	action_end_run(process);
	if (process->phase == PHASE_FAILED)
		lapse_fail(process);
}

void do_rest(struct process *process)
{
	if (process->left && process->sweeps == 0)
		action_sweep(process, true);
}

void do_end(struct process *process)
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
