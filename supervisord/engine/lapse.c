/* SPDX-License-Identifier: MIT */
#include "engine/lapse.h"

#include <errno.h>
#include <stdio.h>

#include "engine/publish.h"
#include "engine/shutdown.h"
#include "say.h"

#define TEXT_MAX 24

/* A time in words: "90s", "250ms". Returns out. */
static const char *words(uint64_t ns, char out[TEXT_MAX])
{
	uint64_t ms = ns / 1000000u;

	if (ms % 1000 == 0)
		snprintf(out, TEXT_MAX, "%llus", (unsigned long long)(ms / 1000));
	else
		snprintf(out, TEXT_MAX, "%llums", (unsigned long long)ms);
	return out;
}

void lapse_set(struct process *process, enum lapse_then then, enum brm_reason code, const char *text)
{
	process->then = then;
	process->lapse = code;
	snprintf(process->lapse_text, sizeof process->lapse_text, "%s", text);
}

void lapse_clear(struct process *process)
{
	lapse_set(process, LAPSE_FAIL, BRM_REASON_NONE, "");
}

struct brm_state lapse_explain(const struct process *process, const struct brm_state *state)
{
	return process->lapse ? brm_state_with_reason(state, process->lapse, process->lapse_text) : *state;
}

/* A restart that is wanted: within its limit? Else the reason is that. */
static enum happening again(struct process *process)
{
	const struct spec *spec = process->spec;
	char text[BRM_REASON_MAX], window[TEXT_MAX];

	if (process->engine->shutdown)
		return ON_EXIT_BAD;
	if (restart_permitted(&process->restarts, spec->restart_limit, spec->restart_window_ns, engine_now().boot_ns))
		return ON_EXIT_AGAIN;
	snprintf(text, sizeof text, "restarted %u times within %.10s", spec->restart_limit,
		 words(spec->restart_window_ns, window));
	lapse_set(process, LAPSE_FAIL, BRM_REASON_LIMIT, text);
	return ON_EXIT_BAD;
}

enum happening lapse_after_exit(struct process *process)
{
	bool by_itself = process->phase == PHASE_STARTING || process->phase == PHASE_RUNNING;

	if (by_itself)
		lapse_clear(process);
	if (by_itself && !process->engine->shutdown && restart_wanted(process->spec->restart, &process->how))
		return again(process);
	return exit_is_good(&process->how) ? ON_EXIT_GOOD : ON_EXIT_BAD;
}

/* What may be there in a moment. */
static bool may_pass(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE || error == ENOSPC;
}

enum happening lapse_after_refusal(struct process *process, int error)
{
	if (process->phase != PHASE_SPAWNING || !may_pass(error) || process->spec->restart == RESTART_NEVER)
		return ON_NOT_SPAWNED;
	return again(process) == ON_EXIT_AGAIN ? ON_REFUSED : ON_NOT_SPAWNED;
}

enum happening lapse_conclude(struct process *process)
{
	if (process->again || process->then == LAPSE_RENEW)
		return ON_RENEW;
	if (process->then == LAPSE_FAIL && process->spec->restart == RESTART_NEVER)
		return ON_EXIT_BAD;
	return again(process);
}

void lapse_recover(struct process *process, const struct brm_state *state)
{
	enum lapse_then then = LAPSE_RENEW;

	if (brm_state_status(state) != BRM_STOPPING || brm_state_stop_requested(state))
		return;
	process->phase = PHASE_ENDING;
	if (state->reason_code == BRM_REASON_NOT_READY)
		then = state->flags & BRM_FLAG_READY ? LAPSE_RESTART : LAPSE_FAIL;
	else if (state->reason_code == BRM_REASON_MEMORY)
		then = LAPSE_RESTART;
	lapse_set(process, then, (enum brm_reason)state->reason_code, state->reason);
}

void lapse_fail(struct process *process)
{
	if (!process->spec->essential || process->engine->shutdown)
		return;
	say("%s is essential and has failed: ending everything", process->spec->name);
	shutdown_begin(process->engine, 0);
}

void process_lapse(struct process *process, enum lapse_then then, enum brm_reason code, const char *text)
{
	if ((process->phase != PHASE_STARTING && process->phase != PHASE_RUNNING) || process->ended)
		return;
	lapse_set(process, then, code, text);
	process_feed(process, ON_LAPSE);
}

void process_over_memory(struct process *process)
{
	char text[BRM_REASON_MAX];

	snprintf(text, sizeof text, "over its memory limit of %llu MiB",
		 (unsigned long long)(process->spec->memory_limit_bytes >> 20));
	process_lapse(process, LAPSE_RESTART, BRM_REASON_MEMORY, text);
}
