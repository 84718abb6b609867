/* SPDX-License-Identifier: MIT */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bench.h - the frame of the benchmarks
 *
 * A figure of one machine at one moment says little, so everything is measured beside what it is compared with: the
 * sides of a comparison take turns in short rounds, and a row shows the medians and their ratio. A side runs in child
 * processes, as readers of a region do; what it works on is made before the fork, in shared memory where it is written.
 *
 * A suite is one function that adds rows; bench.c has the list of them.
 *
 * Errors   What fails ends the program with a line on standard error.
 */

#define BENCH_SIDES 12u /* of one comparison */

/* Are results wanted soon rather than well? */
bool bench_quick(void);

/* "bench: cannot WHAT: REASON", and the end. */
_Noreturn void bench_fail(const char *what, int error);

/* A row of the table. */
struct bench_row {
	const char *name; /* copied */
	const char *unit; /* of ours and baseline; static storage */
	double ours;
	double baseline; /* NAN: none */
	double target;   /* the least ratio of baseline to ours that is good; 0: none */
	double min;      /* of ours, over the rounds */
	double max;
	bool skipped; /* what it is compared with is not installed */
};
void bench_row(const struct bench_row *row);

/* Do the thing `times` times. What it returns is not looked at, but keeps the compiler from leaving it out. */
typedef uint64_t bench_run_fn(void *arg, uint64_t times);
/* Change what the others read, once. Called in the engine's process. */
typedef void bench_write_fn(void *arg);
/* Before and after a run, in its process. */
typedef void bench_hook_fn(void *arg);

#define BENCH_FLAT_OUT UINT32_MAX

/* One of the things that are compared. */
struct bench_side {
	const char *name;
	bench_run_fn *run;
	void *arg;
	bench_hook_fn *begin;  /* NULL: none */
	bench_hook_fn *end;    /* NULL: none */
	bench_write_fn *write; /* what the engine does meanwhile, write_hz times a second */
	uint32_t write_hz;     /* 0: nothing; BENCH_FLAT_OUT: as fast as it can */
	uint32_t readers;      /* processes that run at once; 0: 1 */
	bool waits;            /* for another process: the clock counts, and not the time on the processor alone */
};

/*
 * Measure nanoseconds of one processor for each time the thing is done, and add a row "WHAT / NAME" for each side but
 * the first, which is ours. targets has count - 1 ratios, or is NULL for none.
 *
 * A reader beside which nobody writes, alone or one of more than there are processors, is measured in its own processor
 * time, so that what else the machine does counts little; elsewhere by the clock, because waiting for each other is
 * what is measured.
 */
void bench_compare(const char *what, const struct bench_side *sides, size_t count, const double *targets);

/*
 * The engine: the process that does what bench_side.write says. begin is called in it first, and bench_engine_start()
 * returns when that is done; end is called before it ends.
 */
void bench_engine_start(bench_hook_fn *begin, bench_hook_fn *end, void *arg);
void bench_engine_stop(void);
/* Let it write, or rest (0). */
void bench_engine_write(bench_write_fn *write, void *arg, uint32_t hz);

/* Memory that children share; zeroed. */
void *bench_shared(size_t bytes);

/* A child that runs work(arg); bench_join() waits for it, and fails if it did. */
int bench_fork(void (*work)(void *arg), void *arg);
void bench_join(int pid);

/* Keep this process on one processor: 0 for engines and servers, 1 for readers. As far as there are so many. */
void bench_pin(int which);

/* CLOCK_MONOTONIC and this process's CPU time, nanoseconds. */
uint64_t bench_now_ns(void);
uint64_t bench_cpu_ns(void);

/* The value at a share (0 to 1) of a sorted array. */
void bench_sort(double *values, size_t count);
double bench_at(const double *sorted, size_t count, double share);

/* Run work(arg) in a process of its own, and remove at its end, whatever it is, what it left. Returns its status. */
int bench_guard(void (*work)(void *arg), void *arg);
/* A directory that is removed, with its files, at the end; in memory where there is such a place. */
const char *bench_dir(void);
/* Regions whose names begin so are, too. */
const char *bench_region_prefix(void);

/* The suites. */
void bench_status(void);
void bench_state(void);
void bench_latency(void);
void bench_lookup(void);
void bench_life(void);
void bench_list(void);
void bench_publish(void);
void bench_logs(void);
void bench_recover(void);
void bench_mcp(void);
void bench_discover(void);
void bench_tui(void);
void bench_cli(void);

#endif
