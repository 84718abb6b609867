/* SPDX-License-Identifier: MIT */
#include "engine/depend.h"

#include <stdio.h>
#include <string.h>

#include "engine/publish.h"
#include "say.h"

static const char *const conditions[] = {
	[CONDITION_STARTED] = "to start",
	[CONDITION_READY] = "to be ready",
	[CONDITION_SUCCESS] = "to succeed",
	[CONDITION_EXIT] = "to end",
};

static bool is_met(const struct process *on, enum condition condition)
{
	bool finished = brm_status_is_finished(phase_status(on->phase));

	switch (condition) {
	case CONDITION_STARTED:
		return on->phase == PHASE_STARTING || on->phase == PHASE_RUNNING ||
		       (finished && on->phase != PHASE_FAILED);
	case CONDITION_READY:
		return on->phase == PHASE_RUNNING;
	case CONDITION_SUCCESS:
		return on->phase == PHASE_SUCCESS;
	case CONDITION_EXIT:
		return finished;
	}
	return false;
}

/* The process of a dependency; made from the configuration when it was never started. NULL: there is none. */
static struct process *process_of(struct engine *engine, const char *name)
{
	struct process *process = table_find(&engine->table, name);
	const struct spec *known = process ? NULL : config_find(&engine->config, name);
	struct spec *spec = known ? spec_copy(known) : NULL;
	int rc;

	if (!spec)
		return process;
	rc = process_create(engine, spec, &process);
	if (rc == 0)
		return process;
	spec_free(spec);
	say("cannot start %s: %s", name, brm_strerror(rc));
	return NULL;
}

void depend_start(struct process *process)
{
	const struct spec *spec = process->spec;

	for (size_t i = 0; i < spec->depends_count; i++) {
		struct process *on = process_of(process->engine, spec->depends_on[i].name);

		if (on && !is_met(on, spec->depends_on[i].condition))
			process_ask(on, ON_START, process->asker);
	}
}

static void tell(struct process *process, const struct dependency *dependency)
{
	struct brm_state state = publish_state_of(process), next;
	char text[BRM_NAME_MAX + 32];

	snprintf(text, sizeof text, "waits for %s %s", dependency->name, conditions[dependency->condition]);
	next = brm_state_with_reason(&state, BRM_REASON_DEPENDENCY, text);
	if (memcmp(next.reason, state.reason, sizeof state.reason) != 0)
		publish_state(process, &next);
}

bool depend_met(struct process *process)
{
	const struct spec *spec = process->spec;

	for (size_t i = 0; i < spec->depends_count; i++) {
		const struct process *on = table_find(&process->engine->table, spec->depends_on[i].name);

		if (!on || !is_met(on, spec->depends_on[i].condition)) {
			tell(process, &spec->depends_on[i]);
			return false;
		}
	}
	return true;
}

void depend_settle(struct engine *engine)
{
	struct process *process;

	if (engine->table.waiting == 0)
		return;
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (process->phase == PHASE_WAITING && process->sweeps == 0 && depend_met(process))
			process_feed(process, ON_CLEAR);
}

static bool has_ended(const struct process *process)
{
	return brm_status_is_finished(phase_status(process->phase));
}

/* What this one needs must not be stopped before it. */
static void mark_needed(const struct process *process)
{
	const struct spec *spec = process->spec;

	for (size_t i = 0; i < spec->depends_count; i++) {
		struct process *on = table_find(&process->engine->table, spec->depends_on[i].name);

		if (on && on != process)
			on->needed = true;
	}
}

void depend_stop(struct engine *engine, void (*stop)(struct process *process))
{
	bool circle = true; /* everything that has yet to end is needed by something else */
	struct process *process;

	for (process = NULL; (process = table_next(&engine->table, process));)
		process->needed = false;
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (!has_ended(process))
			mark_needed(process);
	for (process = NULL; (process = table_next(&engine->table, process));)
		circle = circle && (process->needed || has_ended(process));
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (!process->needed || circle)
			stop(process);
}
