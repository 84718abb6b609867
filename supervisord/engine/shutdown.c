/* SPDX-License-Identifier: MIT */
#include "engine/shutdown.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/depend.h"
#include "engine/process.h"
#include "say.h"

struct shutdown {
	struct engine *engine;
	struct event *timer; /* NULL: no time limit */
	uint32_t count;
	bool hurry;
};

static const struct asker supervisor = {.kind = BRM_BY_SUPERVISOR};

static void hurry(struct shutdown *shutdown)
{
	struct process *process;

	shutdown->hurry = true;
	for (process = NULL; (process = table_next(&shutdown->engine->table, process));)
		if (!process_is_at_rest(process))
			process_ask(process, ON_KILL, supervisor);
}

static void on_time_over(evutil_socket_t fd, short what, void *arg)
{
	struct shutdown *shutdown = arg;

	(void)fd, (void)what;
	engine_enter(shutdown->engine);
	hurry(shutdown);
}

static void set_limit(struct shutdown *shutdown, uint64_t timeout_ns)
{
	struct timeval after = {(time_t)(timeout_ns / 1000000000u), (suseconds_t)(timeout_ns % 1000000000u / 1000u)};

	shutdown->timer = evtimer_new(shutdown->engine->base, on_time_over, shutdown);
	if (shutdown->timer)
		evtimer_add(shutdown->timer, &after);
}

void shutdown_begin(struct engine *engine, uint64_t timeout_ns)
{
	struct process *process;

	if (engine->shutdown) {
		hurry(engine->shutdown);
		return;
	}
	engine->shutdown = calloc(1, sizeof *engine->shutdown);
	if (!engine->shutdown) {
		say("cannot shut down: no memory");
		return;
	}
	engine->shutdown->engine = engine;
	for (process = NULL; (process = table_next(&engine->table, process));)
		engine->shutdown->count += process_is_alive(process);
	if (timeout_ns)
		set_limit(engine->shutdown, timeout_ns);
	brm_writer_closing(engine->writer);
}

/* There is something to do about it, and it is not being done already. */
static bool has_to_stop(const struct process *process)
{
	enum brm_status status = phase_status(process->phase);

	if (brm_status_is_finished(status))
		return process->left && process->sweeps == 0;
	return status != BRM_STOPPING && process->phase != PHASE_CANCELLED;
}

static void stop(struct process *process)
{
	enum happening how = process->engine->shutdown->hurry ? ON_KILL : ON_STOP;

	if (has_to_stop(process))
		process_ask(process, how, supervisor);
}

void shutdown_settle(struct engine *engine)
{
	struct process *process;

	if (!engine->shutdown)
		return;
	depend_stop(engine, stop);
	for (process = NULL; (process = table_next(&engine->table, process));)
		if (!process_has_finished(process))
			return;
	engine->done = true;
}

uint32_t shutdown_count(const struct shutdown *shutdown)
{
	return shutdown->count;
}

void shutdown_free(struct shutdown *shutdown)
{
	if (!shutdown)
		return;
	if (shutdown->timer)
		event_free(shutdown->timer);
	free(shutdown);
}
