/* SPDX-License-Identifier: MIT */
#include "engine/probe_inner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/action.h"
#include "engine/publish.h"
#include "say.h"

#define REASON_ROOM 20 /* of a reason, for the time */

static const struct prober *const probers[] = {
	[PROBE_HTTP] = &probe_http, [PROBE_TCP] = &probe_tcp,       [PROBE_EXEC] = &probe_exec,
	[PROBE_LOG] = &probe_log,   [PROBE_NOTIFY] = &probe_notify,
};

static void arm(struct question *question, uint64_t after_ns)
{
	struct timeval after = {(time_t)(after_ns / 1000000000u), (suseconds_t)(after_ns % 1000000000u / 1000u)};

	evtimer_add(question->timer, &after);
}

static void ask(struct question *question)
{
	const struct prober *prober = probers[question->probe->kind];
	int rc;

	question->asking = true;
	rc = prober->ask(question);
	if (rc != 0)
		probe_answer(question, false, strerror(-rc));
	else if (!prober->waits && question->probe->attempt_ns)
		arm(question, question->probe->attempt_ns);
}

static void drop(struct question *question)
{
	if (question->asking)
		probers[question->probe->kind]->drop(question);
	question->asking = false;
}

/* Time to ask, or the attempt's time is over. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct question *question = arg;

	(void)fd, (void)what;
	engine_enter(question->process->engine);
	if (!question->asking) {
		ask(question);
		return;
	}
	drop(question);
	probe_answer(question, false, "no answer in time");
}

static void stop_asking(struct question *question)
{
	if (!question->timer)
		return;
	drop(question);
	event_free(question->timer);
	question->timer = NULL;
}

/* The run is ready: nothing is asked about that any more. */
static void become_ready(struct question *question)
{
	struct process *process = question->process;

	stop_asking(question);
	if (process->phase == PHASE_STARTING && !process->ended)
		process_feed(process, ON_READY);
}

static void be_dead(struct question *question)
{
	char text[BRM_REASON_MAX];

	snprintf(text, sizeof text, "not alive: %.36s", question->why);
	process_lapse(question->process, LAPSE_RESTART, BRM_REASON_NOT_READY, text);
}

void probe_answer(struct question *question, bool good, const char *why)
{
	const struct probe *probe = question->probe;
	uint32_t wanted = probe->successes && !probers[probe->kind]->waits ? probe->successes : 1;

	question->asking = false;
	question->attempt = NULL;
	question->good = good ? question->good + 1 : 0;
	if (!good)
		snprintf(question->why, sizeof question->why, "%s", why);
	if (!good)
		question->bad++;
	else if (question->good >= wanted)
		question->bad = 0;
	if (!question->of_life && question->good >= wanted) {
		become_ready(question);
	} else if (question->of_life && question->bad >= (probe->failures ? probe->failures : 1)) {
		be_dead(question);
	} else {
		arm(question, probe->interval_ns);
	}
}

/* Begin to ask after what remains of the delay. */
static void begin(struct question *question, struct process *process, const struct probe *probe, uint64_t delay_ns)
{
	question->process = process;
	question->probe = probe;
	question->good = question->bad = 0;
	question->timer = evtimer_new(process->engine->base, on_timer, question);
	if (!question->timer)
		say("cannot ask whether %s is there: no memory", process->spec->name);
	else if (probers[probe->kind]->waits)
		ask(question);
	else
		arm(question, delay_ns);
}

static uint64_t remaining_ns(uint64_t whole_ns, uint64_t since_ns)
{
	return whole_ns > since_ns ? whole_ns - since_ns : 0;
}

/* Ask what is to be asked in the phase the process is in. */
static void begin_questions(struct process *process)
{
	const struct spec *spec = process->spec;
	struct probing *probing = process->probing;
	struct brm_state state = publish_state_of(process);
	uint64_t since_ns = engine_now().boot_ns - state.start_boot_ns;

	if (process->phase == PHASE_STARTING && spec->ready.kind != PROBE_NONE) {
		if (spec->ready.timeout_ns)
			action_deadline(process, remaining_ns(spec->ready.timeout_ns, since_ns));
		begin(&probing->ready, process, &spec->ready, remaining_ns(spec->ready.delay_ns, since_ns));
	}
	if (process->phase == PHASE_RUNNING && spec->alive.kind != PROBE_NONE)
		begin(&probing->alive, process, &spec->alive, remaining_ns(spec->alive.delay_ns, since_ns));
}

static struct probing *make(struct process *process)
{
	if (process->probing)
		return process->probing;
	process->probing = calloc(1, sizeof *process->probing);
	if (process->probing) {
		process->probing->notify = -1;
		process->probing->alive.of_life = true;
	}
	return process->probing;
}

static bool wants_any(const struct spec *spec)
{
	return spec->ready.kind != PROBE_NONE || spec->alive.kind != PROBE_NONE;
}

int probe_prepare(struct process *process, struct spawn_request *request)
{
	if (process->spec->ready.kind != PROBE_NOTIFY)
		return 0;
	return make(process) ? notify_prepare(process, request) : -ENOMEM;
}

void probe_begin(struct process *process, int pipe)
{
	if (pipe >= 0 && process->spec->ready.kind != PROBE_NOTIFY)
		close(pipe);
	if (!wants_any(process->spec))
		return;
	if (!make(process)) {
		say("cannot ask whether %s is ready: no memory", process->spec->name);
		return;
	}
	if (process->spec->ready.kind == PROBE_NOTIFY)
		notify_begin(process, pipe);
	begin_questions(process);
}

void probe_adopt(struct process *process, int say)
{
	if (say < 0)
		return;
	if (process->spec->ready.kind != PROBE_NOTIFY || !make(process)) {
		close(say);
		return;
	}
	notify_end(process->probing);
	process->probing->notify = say;
}

void probe_ready(struct process *process)
{
	if (!process->probing)
		return;
	stop_asking(&process->probing->ready);
	begin_questions(process);
}

void probe_change(struct process *process)
{
	if (process->phase != PHASE_STARTING && process->phase != PHASE_RUNNING)
		return;
	if (process->probing) {
		stop_asking(&process->probing->ready);
		stop_asking(&process->probing->alive);
	}
	if (!wants_any(process->spec) || !make(process))
		return;
	begin_questions(process);
}

void probe_end(struct process *process)
{
	struct probing *probing = process->probing;

	if (!probing)
		return;
	process->probing = NULL;
	stop_asking(&probing->ready);
	stop_asking(&probing->alive);
	notify_end(probing);
	free(probing);
}

const char *probe_unready_text(const struct process *process, char out[BRM_REASON_MAX])
{
	const char *why = process->probing ? process->probing->ready.why : "";
	uint64_t ms = process->spec->ready.timeout_ns / 1000000u;

	snprintf(out, BRM_REASON_MAX, ms % 1000 ? "not ready within %llums%s%.*s" : "not ready within %llus%s%.*s",
		 (unsigned long long)(ms % 1000 ? ms : ms / 1000), *why ? ": " : "", REASON_ROOM, why);
	return out;
}
