/* SPDX-License-Identifier: MIT */
#include "bench/cell.h"
#include "bench/world.h"

#include <errno.h>

/* What an update costs the writer: the state alone, and with a batch and a bell of its own. */

#define PROCESSES 10u

static struct brm_writer *writer;
static struct brm_state states[PROCESSES];

static void begin(void *arg)
{
	(void)arg;
	writer = world_writer("publish", 0);
	for (uint32_t i = 0; i < PROCESSES; i++)
		if (brm_writer_state(writer, world_add(writer, world_name(i)), &states[i]) != 0)
			bench_fail("read a state back", ENOENT);
}

static void end(void *arg)
{
	(void)arg;
	brm_writer_close(writer);
}

static uint64_t publish(void *arg, uint64_t times)
{
	(void)arg;
	while (times-- > 0) {
		struct brm_state *state = &states[times % PROCESSES];

		state->start_ns++;
		brm_writer_publish(writer, (uint32_t)(times % PROCESSES), state);
	}
	return 0;
}

static uint64_t publish_and_ring(void *arg, uint64_t times)
{
	while (times-- > 0) {
		publish(arg, 1);
		brm_writer_commit(writer);
	}
	return 0;
}

void bench_publish(void)
{
	struct cell *cell = cell_new();
	const struct bench_side alone[] = {
		{"", publish, NULL, .begin = begin, .end = end, .readers = 1},
		{"mutex", cell_mutex_publish, cell, .readers = 1},
		{"a new state on the heap", cell_malloc_publish, cell, .readers = 1},
	};
	const struct bench_side batch[] = {{"", publish_and_ring, NULL, .begin = begin, .end = end, .readers = 1}};

	bench_compare("publish", alone, 3, NULL);
	bench_compare("publish, a batch and a bell each", batch, 1, NULL);
}
