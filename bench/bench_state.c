/* SPDX-License-Identifier: MIT */
#include "bench/cell.h"
#include "bench/messages.h"
#include "bench/world.h"

#include <errno.h>

/* The whole state of one process: alone, by two at once, beside writers, and by asking for it. */

static uint64_t read_state(void *arg, uint64_t times)
{
	const struct brm_reader *reader = world_reader();
	struct brm_state state;
	uint64_t sum = 0;

	(void)arg;
	while (times-- > 0) {
		int rc;

		/* Beside a writer that does nothing else, all attempts of a read may fail: then it is asked again. */
		while ((rc = brm_reader_state(reader, 0, &state)) == -EAGAIN)
			continue;
		if (rc != 0)
			bench_fail("read a state", rc);
		__asm__ volatile("" : : "r"(&state) : "memory");
		sum += state.head;
	}
	return sum;
}

static void with(struct cell *cell, uint32_t readers, uint32_t hz, const char *what, double least)
{
	bench_write_fn *write = hz > 1000 ? world_write_storm : world_write;
	const struct bench_side sides[] = {
		{"", read_state, NULL, .write = write, .write_hz = hz, .readers = readers},
		{"mutex", cell_mutex_state, cell, .write = cell_mutex_write, .write_hz = hz, .readers = readers},
		{"robust mutex", cell_robust_state, cell, .write = cell_robust_write, .write_hz = hz,
		 .readers = readers},
		{"rwlock", cell_rwlock_state, cell, .write = cell_rwlock_write, .write_hz = hz, .readers = readers},
		{"seqlock in place", cell_seqlock_state, cell, .write = cell_seqlock_write, .write_hz = hz,
		 .readers = readers},
	};
	const double targets[] = {least, 0, 0, 0};

	bench_compare(what, sides, sizeof sides / sizeof *sides, targets);
}

static void beside_messages(void)
{
	struct messages *servers[] = {messages_pipe(true), messages_pipe(false), messages_socket(true),
				      messages_socket(false)};
	const struct bench_side sides[] = {
		{"", read_state, NULL, .readers = 1},
		{"asked by a pipe, one processor", messages_ask, servers[0], .readers = 1, .waits = true},
		{"asked by a pipe, two processors", messages_ask, servers[1], .readers = 1, .waits = true},
		{"asked by a socket, one processor", messages_ask, servers[2], .readers = 1, .waits = true},
		{"asked by a socket, two processors", messages_ask, servers[3], .readers = 1, .waits = true},
	};
	const double targets[] = {1000, 1000, 1000, 1000};

	bench_compare("whole state", sides, sizeof sides / sizeof *sides, targets);
	/* The last server holds the others' descriptors, so it must be the first to go. */
	for (size_t i = sizeof servers / sizeof *servers; i > 0; i--)
		messages_stop(servers[i - 1]);
}

void bench_state(void)
{
	/* before the engine, which writes it */
	struct cell *cell = cell_new();

	world_open(10);
	with(cell, 1, 0, "whole state", 0);
	with(cell, 2, 0, "whole state, 2 readers", 8);
	with(cell, 1, 1000, "whole state, writer at 1 kHz", 0);
	with(cell, 1, 1000000, "whole state, writer at 1 MHz", 0);
	with(cell, 1, BENCH_FLAT_OUT, "whole state, writer flat out", 0);
	beside_messages();
	world_close();
}
