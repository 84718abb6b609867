/* SPDX-License-Identifier: MIT */
#include "bench/cell.h"
#include "bench/world.h"

/* The status of one process: alone, with ten readers, beside a writer. */

static uint64_t peek(void *arg, uint64_t times)
{
	const struct brm_reader *reader = world_reader();
	uint64_t sum = 0;

	(void)arg;
	while (times-- > 0)
		sum += brm_reader_peek(reader, 0);
	return sum;
}

static void with(struct cell *cell, uint32_t readers, uint32_t hz, const char *what, double least)
{
	const struct bench_side sides[] = {
		{"", peek, NULL, .write = world_write, .write_hz = hz, .readers = readers},
		{"mutex", cell_mutex_status, cell, .write = cell_mutex_write, .write_hz = hz, .readers = readers},
		{"robust mutex", cell_robust_status, cell, .write = cell_robust_write, .write_hz = hz,
		 .readers = readers},
		{"rwlock", cell_rwlock_status, cell, .write = cell_rwlock_write, .write_hz = hz, .readers = readers},
		{"seqlock in place", cell_seqlock_status, cell, .write = cell_seqlock_write, .write_hz = hz,
		 .readers = readers},
	};
	const double targets[] = {least, 0, 0, 0};

	bench_compare(what, sides, sizeof sides / sizeof *sides, targets);
}

void bench_status(void)
{
	const struct bench_side crowd[] = {{"", peek, NULL, .readers = 10}, {"alone", peek, NULL, .readers = 1}};
	const double no_slower[] = {0.9};

	/* before the engine, which writes it */
	struct cell *cell = cell_new();

	world_open(10);
	with(cell, 1, 0, "status", 30);
	with(cell, 10, 0, "status, 10 readers", 30);
	bench_compare("status, 10 readers", crowd, 2, no_slower);
	with(cell, 1, 1000, "status, writer at 1 kHz", 20);
	world_close();
}
