/* SPDX-License-Identifier: MIT */
#include "engine/publish.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <brummer/region.h>

#include "engine/clock.h"
#include "say.h"

/*
 * Rings a second are bounded, for a ring costs microseconds for every viewer that waits: one a millisecond, but what
 * follows from one happening, as an end and the restart after it, is told at once.
 */
#define COMMIT_INTERVAL_NS UINT64_C(1000000)
#define COMMIT_BURST       8u

/* After the error of a full region: a larger one, or one with a fresh arena. 0: try again. */
static int make_room(struct engine *engine, int error)
{
	uint32_t capacity = brm_writer_capacity(engine->writer);
	int rc = error;

	if (error == -BRM_ECAPACITY && capacity < BRM_CAPACITY_LAST)
		rc = brm_writer_supersede(engine->writer, 2 * capacity);
	else if (error == -BRM_EARENA)
		rc = brm_writer_supersede(engine->writer, 0);
	if (rc != 0)
		say("cannot make room for a process in /dev/shm: %s", brm_strerror(rc));
	return rc;
}

int publish_add(struct process *process)
{
	struct engine *engine = process->engine;
	struct brm_state state = {
		.head = brm_head_make(0, 0, BRM_PENDING),
		.order = process->spec->order,
	};
	struct brm_identity identity;
	char *store;
	int rc = spec_identity(process->spec, &identity, &store);

	if (rc != 0)
		return rc;
	do
		rc = brm_writer_add(engine->writer, &identity, &state, &process->entry);
	while ((rc == -BRM_ECAPACITY || rc == -BRM_EARENA) && make_room(engine, rc) == 0);
	free(store);
	return rc;
}

void publish_remove(struct process *process)
{
	brm_writer_remove(process->engine->writer, process->entry);
}

int publish_identity(struct process *process)
{
	struct engine *engine = process->engine;
	struct brm_identity identity;
	struct brm_extent extent;
	struct brm_state state;
	char *store;
	int rc = spec_identity(process->spec, &identity, &store);

	if (rc != 0)
		return rc;
	do
		rc = brm_writer_identity(engine->writer, &identity, &extent);
	while (rc == -BRM_EARENA && make_room(engine, rc) == 0);
	free(store);
	if (rc != 0)
		return rc;
	state = publish_state_of(process);
	state.identity = extent;
	state.order = process->spec->order;
	publish_state(process, &state);
	return 0;
}

void publish_urls(struct process *process, const struct brm_strings *urls)
{
	struct engine *engine = process->engine;
	struct brm_extent extent;
	struct brm_state state;
	int rc;

	do
		rc = brm_writer_urls(engine->writer, urls, &extent);
	while (rc == -BRM_EARENA && make_room(engine, rc) == 0);
	state = publish_state_of(process);
	state.urls = rc == 0 ? extent : (struct brm_extent){0};
	publish_state(process, &state);
}

void publish_ports(struct process *process, const uint16_t *ports, uint32_t count)
{
	struct engine *engine = process->engine;
	struct brm_extent extent;
	struct brm_state state;
	int rc;

	do
		rc = brm_writer_ports(engine->writer, ports, count, &extent);
	while (rc == -BRM_EARENA && make_room(engine, rc) == 0);
	state = publish_state_of(process);
	state.ports = rc == 0 ? extent : (struct brm_extent){0};
	publish_state(process, &state);
}

struct brm_state publish_state_of(const struct process *process)
{
	struct brm_state state;
	int rc = brm_writer_state(process->engine->writer, process->entry, &state);

	assert(rc == 0);
	(void)rc;
	return state;
}

static void append_event(const struct process *process, enum brm_status from, const struct brm_state *state)
{
	struct brm_event event = {
		.version = brm_head_version(state->head),
		.entry = process->entry,
		.run = state->run,
		.exit_code = state->exit_code,
		.pid = state->pid ? state->pid : process->leader,
		.by_pid = process->asker.pid,
		.tenant = (uint16_t)brm_head_tenant(state->head),
		.from = (uint8_t)from,
		.to = (uint8_t)brm_state_status(state),
		.signal = (uint8_t)state->signal,
		.reason_code = (uint8_t)state->reason_code,
		.by_kind = (uint8_t)process->asker.kind,
		.flags = (uint8_t)state->flags,
		.identity = state->identity,
	};

	brm_writer_event(process->engine->writer, &event);
}

void publish_state(struct process *process, const struct brm_state *next)
{
	struct brm_state before = publish_state_of(process), after;
	int rc = brm_writer_publish(process->engine->writer, process->entry, next);

	assert(rc == 0);
	(void)rc;
	after = publish_state_of(process);
	if (brm_state_status(&before) != brm_state_status(&after) || before.run != after.run)
		append_event(process, brm_state_status(&before), &after);
}

void publish_event(struct engine *engine, enum brm_reason reason)
{
	struct brm_event event = {
		.entry = UINT32_MAX,
		.pid = brm_writer_info(engine->writer)->engine_pid,
		.reason_code = (uint8_t)reason,
		.by_kind = BRM_BY_SUPERVISOR,
	};

	brm_writer_event(engine->writer, &event);
}

static void on_commit(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	engine_enter(arg);
}

int publish_open(struct engine *engine)
{
	engine->commit_timer = evtimer_new(engine->base, on_commit, engine);
	return engine->commit_timer ? 0 : -ENOMEM;
}

void publish_commit(struct engine *engine)
{
	static const struct timeval interval = {0, COMMIT_INTERVAL_NS / 1000};
	uint64_t now;

	if (!brm_writer_has_batch(engine->writer)) {
		engine->answered = false;
		return;
	}
	now = clock_ns(CLOCK_MONOTONIC);
	if (engine->answered || engine->commits_ns < now + COMMIT_BURST * COMMIT_INTERVAL_NS) {
		brm_writer_commit(engine->writer);
		engine->commits_ns = (engine->commits_ns > now ? engine->commits_ns : now) + COMMIT_INTERVAL_NS;
		engine->answered = false;
	} else if (!evtimer_pending(engine->commit_timer, NULL)) {
		evtimer_add(engine->commit_timer, &interval);
	}
}
