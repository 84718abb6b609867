/* SPDX-License-Identifier: MIT */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include <brummer/reader.h>
#include <brummer/writer.h>

#include "bench/bench.h"

/*
 * world.h - a region with some processes in it, for the benchmarks
 *
 * The engine's process writes it, the program has it open for reading before it forks its readers. One at a time.
 */

/* Processes named world_name(0) to world_name(count - 1), all running. */
void world_open(uint32_t count);
void world_close(void);

/* What the readers read. */
const struct brm_reader *world_reader(void);

/* Static storage, overwritten by the next call. */
const char *world_name(uint32_t number);

/*
 * Publish another state of the first process; at high rates a batch is many of them, as a supervisor in a storm rings
 * once a millisecond. For bench_side.write; arg is not used.
 */
bench_write_fn world_write;       /* every write is a batch of its own */
bench_write_fn world_write_storm; /* a batch is 256 */

/* A region of this process's own, and back. For what only a writer can do. */
struct brm_writer *world_writer(const char *stem, uint32_t capacity);
uint32_t world_add(struct brm_writer *writer, const char *name);

/* The name of a region of this program's. Static storage. */
const char *world_region(const char *stem);

#endif
