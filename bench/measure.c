/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* measure.c - processes, rounds and clocks */

#define ROUNDS       9u
#define ROUNDS_QUICK 3u
#define ROUND_NS     30000000u
#define QUICK_NS     8000000u
#define CROWDED_NS   60000000u /* of more readers than processors: each gets its turns */
#define BATCH_NS     20000u    /* between looks at the stop flag */
#define READERS_MAX  64u
#define IDLE_NS      200000

/* What a comparison and its children share. Flags are relaxed: the figures are read after the children have ended. */
struct round {
	_Atomic unsigned ready;
	_Atomic bool go;
	_Atomic bool stop;
	struct {
		uint64_t times;
		uint64_t ns;
	} done[READERS_MAX];
};

/* What the engine is told. */
struct engine {
	_Atomic bool ready;
	_Atomic bool quit;
	_Atomic unsigned order; /* counts orders */
	_Atomic unsigned taken; /* the last one that is obeyed */
	_Atomic uint32_t hz;    /* stored after what it is for, release */
	bench_write_fn *write;
	void *arg;
	bench_hook_fn *begin, *end;
	void *begin_arg;
};

static struct engine *engine;
static int engine_pid;

uint64_t bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t bench_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void bench_sort(double *values, size_t count)
{
	qsort(values, count, sizeof *values, by_value);
}

double bench_at(const double *sorted, size_t count, double share)
{
	size_t at = (size_t)(share * (double)count);

	return sorted[at < count ? at : count - 1];
}

void *bench_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		bench_fail("share memory", errno);
	return memory;
}

int bench_fork(void (*work)(void *arg), void *arg)
{
	pid_t parent = getpid();
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		bench_fail("fork", errno);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	work(arg);
	_exit(0);
}

void bench_join(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			bench_fail("wait for a process", errno);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		bench_fail("measure: a process failed", ECHILD);
}

static unsigned processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

void bench_pin(int which)
{
	cpu_set_t all, one;

	if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2)
		return;
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || which-- > 0)
			continue;
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof one, &one);
		return;
	}
}

static void nap(long ns)
{
	struct timespec time = {.tv_nsec = ns};

	nanosleep(&time, NULL);
}

/* ---- the engine ---- */

static void write_at_pace(bench_write_fn *write, void *arg, uint32_t hz, unsigned order)
{
	uint64_t period = hz == BENCH_FLAT_OUT ? 0 : UINT64_C(1000000000) / hz;
	uint64_t next = bench_now_ns();

	while (atomic_load_explicit(&engine->order, memory_order_relaxed) == order) {
		uint64_t now = period ? bench_now_ns() : 0;

		if (now >= next || !period) {
			write(arg);
			next = next + period > now ? next + period : now;
		} else if (period >= 1000000) {
			nap((long)(next - now));
		}
	}
}

static void run_engine(void *arg)
{
	(void)arg;
	bench_pin(0);
	if (engine->begin)
		engine->begin(engine->begin_arg);
	/* release: what begin() made */
	atomic_store_explicit(&engine->ready, true, memory_order_release);
	while (!atomic_load_explicit(&engine->quit, memory_order_relaxed)) {
		unsigned order = atomic_load_explicit(&engine->order, memory_order_relaxed);
		uint32_t hz = atomic_load_explicit(&engine->hz, memory_order_acquire);

		atomic_store_explicit(&engine->taken, order, memory_order_relaxed);
		if (hz > 0)
			write_at_pace(engine->write, engine->arg, hz, order);
		else
			nap(IDLE_NS);
	}
	if (engine->end)
		engine->end(engine->begin_arg);
}

void bench_engine_start(bench_hook_fn *begin, bench_hook_fn *end, void *arg)
{
	if (!engine)
		engine = bench_shared(sizeof *engine);
	memset(engine, 0, sizeof *engine);
	engine->begin = begin;
	engine->end = end;
	engine->begin_arg = arg;
	engine_pid = bench_fork(run_engine, NULL);
	while (!atomic_load_explicit(&engine->ready, memory_order_acquire)) {
		if (waitpid(engine_pid, NULL, WNOHANG) != 0)
			bench_fail("start the engine", ECHILD);
		nap(IDLE_NS);
	}
}

void bench_engine_write(bench_write_fn *write, void *arg, uint32_t hz)
{
	unsigned order;

	if (!engine_pid)
		return;
	atomic_store_explicit(&engine->hz, 0, memory_order_relaxed);
	order = atomic_fetch_add_explicit(&engine->order, 1, memory_order_relaxed) + 1;
	while (atomic_load_explicit(&engine->taken, memory_order_relaxed) != order) {
		if (waitpid(engine_pid, NULL, WNOHANG) != 0)
			bench_fail("go on: the engine has died", ECHILD);
		sched_yield();
	}
	engine->write = write;
	engine->arg = arg;
	atomic_store_explicit(&engine->hz, write ? hz : 0, memory_order_release);
}

void bench_engine_stop(void)
{
	bench_engine_write(NULL, NULL, 0);
	atomic_store_explicit(&engine->quit, true, memory_order_relaxed);
	bench_join(engine_pid);
	engine_pid = 0;
}

/* ---- rounds ---- */

struct reader {
	const struct bench_side *side;
	struct round *round;
	unsigned number;
	bool crowded; /* more readers than processors */
};

/* How often the thing is done in about BATCH_NS. */
static uint64_t batch_of(const struct bench_side *side)
{
	for (uint64_t times = 1;; times *= 2) {
		uint64_t begin = bench_now_ns();

		side->run(side->arg, times);
		if (bench_now_ns() - begin >= BATCH_NS || times >= 1u << 20)
			return times;
	}
}

static void run_reader(void *arg)
{
	const struct reader *reader = arg;
	const struct bench_side *side = reader->side;
	struct round *round = reader->round;
	bool alone = (side->readers <= 1 || reader->crowded) && !side->write_hz && !side->waits;
	uint64_t times = 0, batch, begin;

	if (!reader->crowded)
		bench_pin(side->readers <= 1 ? 1 : (int)reader->number);
	if (side->begin)
		side->begin(side->arg);
	batch = batch_of(side);
	atomic_fetch_add_explicit(&round->ready, 1, memory_order_relaxed);
	while (!atomic_load_explicit(&round->go, memory_order_relaxed))
		sched_yield();
	begin = alone ? bench_cpu_ns() : bench_now_ns();
	while (!atomic_load_explicit(&round->stop, memory_order_relaxed)) {
		side->run(side->arg, batch);
		times += batch;
	}
	round->done[reader->number].ns = (alone ? bench_cpu_ns() : bench_now_ns()) - begin;
	round->done[reader->number].times = times;
	if (side->end)
		side->end(side->arg);
}

/* One that has failed would be waited for in vain. */
static void check_alive(const int *pids, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		siginfo_t info = {0};

		if (waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
			bench_fail("measure: a process failed", ECHILD);
	}
}

/* Nanoseconds of one processor, for each time. */
static double run_round(const struct bench_side *side, struct round *round)
{
	unsigned readers = side->readers ? side->readers : 1, cpus = processors();
	bool crowded = readers > cpus;
	double times = 0, ns = 0;
	int pids[READERS_MAX];

	memset(round, 0, sizeof *round);
	for (unsigned i = 0; i < readers; i++) {
		struct reader reader = {.side = side, .round = round, .number = i, .crowded = crowded};

		pids[i] = bench_fork(run_reader, &reader);
	}
	while (atomic_load_explicit(&round->ready, memory_order_relaxed) < readers) {
		check_alive(pids, readers);
		nap(IDLE_NS);
	}
	bench_engine_write(side->write, side->arg, side->write_hz);
	atomic_store_explicit(&round->go, true, memory_order_relaxed);
	nap(crowded ? CROWDED_NS : bench_quick() ? QUICK_NS : ROUND_NS);
	atomic_store_explicit(&round->stop, true, memory_order_relaxed);
	for (unsigned i = 0; i < readers; i++) {
		bench_join(pids[i]);
		times += (double)round->done[i].times;
		ns += (double)round->done[i].ns;
	}
	bench_engine_write(NULL, NULL, 0);
	return ns / times;
}

void bench_compare(const char *what, const struct bench_side *sides, size_t count, const double *targets)
{
	static struct round *round;
	unsigned rounds = bench_quick() ? ROUNDS_QUICK : ROUNDS;
	double ns[BENCH_SIDES][ROUNDS];

	if (!round)
		round = bench_shared(sizeof *round);
	for (unsigned r = 0; r < rounds; r++)
		for (size_t i = 0; i < count; i++)
			ns[i][r] = run_round(&sides[i], round);
	for (size_t i = 0; i < count; i++)
		bench_sort(ns[i], rounds);
	for (size_t i = count > 1 ? 1 : 0; i < count; i++) {
		char name[128];

		snprintf(name, sizeof name, "%s%s%s", what, i ? " / " : "", i ? sides[i].name : "");
		bench_row(&(struct bench_row){.name = name,
					      .unit = "ns",
					      .ours = bench_at(ns[0], rounds, 0.5),
					      .baseline = i ? bench_at(ns[i], rounds, 0.5) : NAN,
					      .target = i && targets ? targets[i - 1] : 0,
					      .min = ns[0][0],
					      .max = ns[0][rounds - 1]});
	}
}
