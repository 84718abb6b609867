/* SPDX-License-Identifier: MIT */
#include "engine/action_inner.h"

#include <assert.h>
#include <string.h>

#include "engine/input.h"
#include "engine/tag.h"
#include "say.h"

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

void action_sweep(struct process *process, bool kill)
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
