/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include "bench/bench.h"

/*
 * cell.h - a state shared in the ways people usually share one
 *
 * A cell is a struct brm_state in shared memory, behind a process-shared lock or an in-place seqlock. The functions are
 * those of a bench_side; their arg is the cell.
 */

struct cell;

/* In shared memory, so to be made before a fork. Never freed. */
struct cell *cell_new(void);

bench_run_fn cell_mutex_status, cell_robust_status, cell_rwlock_status, cell_seqlock_status;
bench_run_fn cell_mutex_state, cell_robust_state, cell_rwlock_state, cell_seqlock_state;
bench_write_fn cell_mutex_write, cell_robust_write, cell_rwlock_write, cell_seqlock_write;

/* Ten states behind one mutex. */
bench_run_fn cell_mutex_list;
/* What one write costs. */
bench_run_fn cell_mutex_publish, cell_malloc_publish;

/* Attempts beyond the first that seqlock reads of this process took, all together. */
uint64_t cell_seqlock_retries(void);

#endif
