/* SPDX-License-Identifier: MIT */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

#include "bench/bench.h"

/*
 * names.h - a map from names to numbers behind a process-shared rwlock, in shared memory: the usual way
 *
 * Chained buckets, FNV-1a, never more entries than buckets.
 */

struct names;

/* Room for so many entries; names world_name(0) to world_name(count - 1) are in it. */
struct names *names_new(uint32_t room, uint32_t count);

/* Under the lock for reading; -1: none. */
int64_t names_find(struct names *names, const char *name);
/* Under the lock for writing. */
void names_insert(struct names *names, const char *name, uint32_t number);
void names_delete(struct names *names, const char *name);

#endif
