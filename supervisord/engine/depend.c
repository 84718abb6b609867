/* SPDX-License-Identifier: MIT */
#include "engine/depend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <brummer/region.h>

#include "engine/publish.h"
#include "say.h"

/* What is waited for, and what is said when it cannot come any more. */
static const char *const conditions[] = {
	[CONDITION_STARTED] = "to start",
	[CONDITION_READY] = "to be ready",
	[CONDITION_SUCCESS] = "to succeed",
	[CONDITION_EXIT] = "to end",
};

/* How a dependency stands. */
enum standing { MET, AWAITED, MISSED };

static bool is_met(const struct process *on, enum condition condition)
{
	bool finished = brm_status_is_finished(phase_status(on->phase));

	switch (condition) {
	case CONDITION_STARTED:
		return on->phase == PHASE_STARTING || on->phase == PHASE_RUNNING || on->phase == PHASE_SUCCESS;
	case CONDITION_READY:
		return on->phase == PHASE_RUNNING;
	case CONDITION_SUCCESS:
		return on->phase == PHASE_SUCCESS;
	case CONDITION_EXIT:
		return finished;
	}
	return false;
}

/* It has ended, and nothing will start it again; or it waits for something of that kind itself. */
static bool is_missed(const struct process *on)
{
	return !on->again && (brm_status_is_finished(phase_status(on->phase)) ||
			      (on->phase == PHASE_WAITING && on->blocked) || on->doomed);
}

/* Is the process what the dependency names: by its name, or a replica of that family? */
static bool is_named(const struct spec *spec, const char *name)
{
	return strcmp(spec->name, name) == 0 || (spec->family[0] && strcmp(spec->family, name) == 0);
}

/*
 * The process after `at` that a dependency names; NULL: no other. There may be many processes, and most dependencies
 * name one.
 */
static struct process *next_named(struct table *table, const char *name, const struct process *at)
{
	struct process *process = at ? NULL : table_find(table, name);

	if (process || table->replicas == 0)
		return process;
	for (process = table_next(table, at && strcmp(at->spec->name, name) == 0 ? NULL : at);
	     process && (strcmp(process->spec->name, name) == 0 || !is_named(process->spec, name));)
		process = table_next(table, process);
	return process;
}

static void add(struct engine *engine, const struct spec *known)
{
	struct spec *spec = spec_copy(known);
	struct process *process;
	int rc = spec ? process_create(engine, spec, &process) : -ENOMEM;

	if (rc == 0)
		return;
	spec_free(spec);
	say("cannot start %s: %s", known->name, brm_strerror(rc));
}

/* Make those of the configuration that were never started. */
static void add_named(struct engine *engine, const char *name)
{
	for (size_t i = 0; i < engine->config.count; i++)
		if (is_named(engine->config.specs[i], name) &&
		    !table_find(&engine->table, engine->config.specs[i]->name))
			add(engine, engine->config.specs[i]);
}

void depend_start(struct process *process)
{
	const struct spec *spec = process->spec;
	struct table *table = &process->engine->table;

	for (size_t i = 0; i < spec->depends_count; i++) {
		const struct dependency *dependency = &spec->depends_on[i];

		add_named(process->engine, dependency->name);
		for (struct process *on = NULL; (on = next_named(table, dependency->name, on));)
			if (!is_met(on, dependency->condition))
				process_ask(on, ON_START, process->asker);
	}
}

static void tell(struct process *process, const char *text)
{
	struct brm_state state = publish_state_of(process), next;

	next = brm_state_with_reason(&state, BRM_REASON_DEPENDENCY, text);
	if (memcmp(next.reason, state.reason, sizeof state.reason) != 0)
		publish_state(process, &next);
}

/* Why it will not come: what the one it waits for came to. */
static void explain(const struct process *on, char *text, size_t size)
{
	const char *name = on->spec->name;

	if (on->doomed)
		snprintf(text, size, "%s is being removed", name);
	else if (on->phase == PHASE_WAITING)
		snprintf(text, size, "%s waits in vain", name);
	else if (on->phase == PHASE_FAILED)
		snprintf(text, size, "%s failed", name);
	else if (on->phase == PHASE_STOPPED)
		snprintf(text, size, "%s was stopped", name);
	else
		snprintf(text, size, "%s has ended", name);
}

/* How a dependency stands, and, where it is not met, why. */
static enum standing look(struct engine *engine, const struct dependency *dependency, char *text, size_t size)
{
	enum standing standing = MET;
	bool any = false;

	for (struct process *on = NULL; (on = next_named(&engine->table, dependency->name, on)); any = true) {
		if (is_met(on, dependency->condition) || standing == MISSED)
			continue;
		standing = is_missed(on) ? MISSED : AWAITED;
		if (standing == MISSED)
			explain(on, text, size);
		else
			snprintf(text, size, "waits for %s %s", on->spec->name, conditions[dependency->condition]);
	}
	if (any)
		return standing;
	snprintf(text, size, "there is no %s", dependency->name);
	return MISSED;
}

bool depend_met(struct process *process)
{
	const struct spec *spec = process->spec;
	enum standing worst = MET;
	char text[BRM_NAME_MAX + 32], reason[BRM_NAME_MAX + 32] = "";
	bool blocked = process->blocked;

	for (size_t i = 0; i < spec->depends_count && worst != MISSED; i++) {
		enum standing standing = look(process->engine, &spec->depends_on[i], text, sizeof text);

		if (standing <= worst)
			continue;
		worst = standing;
		snprintf(reason, sizeof reason, "%s", text);
	}
	process->blocked = worst == MISSED;
	if (process->blocked != blocked)
		table_mark(&process->engine->table, process);
	if (worst != MET)
		tell(process, reason);
	return worst == MET;
}

/* What a process that runs follows is not as it has to be: it ends, and waits for that again. */
static void follow(struct process *process)
{
	const struct spec *spec = process->spec;
	char text[BRM_NAME_MAX + 32];

	for (size_t i = 0; i < spec->depends_count; i++) {
		const struct dependency *dependency = &spec->depends_on[i];

		if (!dependency->follow || look(process->engine, dependency, text, sizeof text) == MET)
			continue;
		process_lapse(process, LAPSE_RENEW, BRM_REASON_DEPENDENCY, text);
		return;
	}
}

void depend_settle(struct engine *engine)
{
	struct process *process, *next;

	/* A start may stop others, if one that is essential fails; but none is destroyed here. */
	for (process = TAILQ_FIRST(&engine->table.waiting); process; process = next) {
		next = TAILQ_NEXT(process, waiting_link);
		if (process->waits && process->sweeps == 0 && depend_met(process))
			process_feed(process, ON_CLEAR);
	}
	if (engine->table.following == 0 || engine->shutdown)
		return;
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (process->phase == PHASE_STARTING || process->phase == PHASE_RUNNING)
			follow(process);
}

static bool has_ended(const struct process *process)
{
	return brm_status_is_finished(phase_status(process->phase));
}

/* What this one needs must not be stopped before it. */
static void mark_needed(const struct process *process)
{
	const struct spec *spec = process->spec;
	struct table *table = &process->engine->table;

	for (size_t i = 0; i < spec->depends_count; i++)
		for (struct process *on = NULL; (on = next_named(table, spec->depends_on[i].name, on));)
			on->needed |= on != process;
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
