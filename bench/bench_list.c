/* SPDX-License-Identifier: MIT */
#include "bench/cell.h"
#include "bench/world.h"

#include <errno.h>
#include <stdatomic.h>

/* Many processes at once: the list of ten, and which of 10,000 have changed. */

#define LIST 10u
#define MANY 10000u

static uint64_t list_region(void *arg, uint64_t times)
{
	const struct brm_reader *reader = world_reader();
	struct brm_state states[LIST];
	struct brm_cut cut;
	uint64_t sum = 0;

	(void)arg;
	while (times-- > 0) {
		if (brm_reader_list(reader, states, NULL, LIST, &cut) != LIST)
			bench_fail("list ten processes", EAGAIN);
		__asm__ volatile("" : : "r"(states) : "memory");
		sum += cut.epoch;
	}
	return sum;
}

static void list_of_ten(void)
{
	struct cell *cell = cell_new();
	const struct bench_side sides[] = {
		{"", list_region, NULL, .write = world_write, .readers = 1},
		{"mutex", cell_mutex_list, cell, .write = cell_mutex_write, .readers = 1},
	};

	world_open(LIST);
	bench_compare("list of 10", sides, 2, NULL);
	world_close();
}

/* What a program without stamps does: it looks at every state, or at every version. */
struct table {
	_Atomic uint64_t versions[MANY];
	struct brm_state states[MANY];
};

static uint64_t since; /* the epoch before the last */

static uint64_t changed_region(void *arg, uint64_t times)
{
	const struct brm_reader *reader = world_reader();
	uint32_t entries[LIST];
	uint64_t epoch, sum = 0;

	(void)arg;
	while (times-- > 0) {
		uint32_t count = brm_reader_changed(reader, since, entries, LIST, &epoch);

		if (count != 1)
			bench_fail("find the one that changed", count);
		sum += entries[0];
	}
	return sum;
}

static uint64_t changed_states(void *arg, uint64_t times)
{
	const struct table *table = arg;
	uint64_t sum = 0;

	while (times-- > 0) {
		for (uint32_t i = 0; i < MANY; i++)
			if (table->states[i].epoch > 1)
				sum += i;
		__asm__ volatile("" : : "r"(table) : "memory");
	}
	return sum;
}

static uint64_t changed_versions(void *arg, uint64_t times)
{
	struct table *table = arg;
	uint64_t sum = 0;

	while (times-- > 0)
		for (uint32_t i = 0; i < MANY; i++)
			/* acquire: as a reader that goes on to the state needs it */
			if (atomic_load_explicit(&table->versions[i], memory_order_acquire) > 1)
				sum += i;
	return sum;
}

static void which_of_many(void)
{
	struct table *table = bench_shared(sizeof *table);
	const struct bench_side sides[] = {
		{"", changed_region, NULL, .readers = 1},
		{"a look at every state", changed_states, table, .readers = 1},
		{"a look at every version", changed_versions, table, .readers = 1},
	};
	const double targets[] = {10, 0};

	for (uint32_t i = 0; i < MANY; i++) {
		table->states[i].epoch = i == MANY / 2 ? 2 : 1;
		atomic_init(&table->versions[i], table->states[i].epoch);
	}
	world_open(MANY);
	since = brm_reader_epoch(world_reader());
	bench_engine_write(world_write, NULL, 1000);
	while (brm_reader_epoch(world_reader()) == since)
		continue;
	bench_engine_write(NULL, NULL, 0);
	since = brm_reader_epoch(world_reader()) - 1;
	bench_compare("which of 10,000 changed", sides, 3, targets);
	world_close();
}

void bench_list(void)
{
	list_of_ten();
	which_of_many();
}
