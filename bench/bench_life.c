/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/instance.h>
#include <brummer/reader.h>
#include <brummer/wait.h>

/*
 * Lives of processes under ./brummerd, in front, so that it ends with this program: how long until many run, until one
 * that is killed is seen to have ended, and runs again; and what many that wait to be restarted cost.
 */

#define MANY        1000
#define MANY_QUICK  200
#define LARGE       5000
#define KILLS       200
#define KILLS_QUICK 50
#define WAITERS     1000
#define STOPS       100
#define READS_MAX   (4u << 20)
#define PATIENCE_NS UINT64_C(60000000000)

struct life {
	char dir[PATH_MAX];
	struct brm_instance instance;
	struct brm_reader *reader;
	pid_t supervisor;
};

/* brummer.yaml with `count` processes of the same keys. */
static void configure(struct life *life, const char *name, unsigned count, const char *keys)
{
	char path[PATH_MAX + 16];
	FILE *out;

	snprintf(life->dir, sizeof life->dir, "%s/%s", bench_dir(), name);
	if (mkdir(life->dir, 0700) != 0)
		bench_fail("make a directory", errno);
	snprintf(path, sizeof path, "%s/brummer.yaml", life->dir);
	out = fopen(path, "w");
	if (!out)
		bench_fail("write a configuration", errno);
	fputs("processes:\n", out);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "  p%u: {%s}\n", i, keys);
	fclose(out);
	if (brm_instance_of_dir(life->dir, &life->instance) != 0)
		bench_fail("name an instance", EINVAL);
}

static void start(struct life *life)
{
	pid_t parent = getpid();

	life->supervisor = fork();
	if (life->supervisor == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() == parent)
			execl("./brummerd", "brummerd", "-C", life->dir, "--foreground", (char *)NULL);
		_exit(127);
	}
}

static void stop(struct life *life)
{
	brm_reader_close(life->reader);
	kill(life->supervisor, SIGTERM);
	waitpid(life->supervisor, NULL, 0);
}

static unsigned count_of(const struct life *life, enum brm_status status)
{
	struct brm_state state;
	unsigned count = 0;

	for (uint32_t i = 0; i < brm_reader_used(life->reader); i++)
		count += brm_reader_state(life->reader, i, &state) == 0 && brm_state_status(&state) == status;
	return count;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
}

/* Wait until so many have a status. */
static void await(struct life *life, unsigned count, enum brm_status status)
{
	uint64_t deadline_ns = bench_now_ns() + PATIENCE_NS;

	while (!life->reader && brm_reader_open(life->instance.region, &life->reader) != 0 &&
	       bench_now_ns() < deadline_ns)
		nap();
	while (life->reader && count_of(life, status) < count && bench_now_ns() < deadline_ns) {
		nap();
		brm_reader_refresh(life->reader);
	}
	if (!life->reader || count_of(life, status) < count)
		bench_fail("start ./brummerd with its processes", ETIMEDOUT);
}

static int run_sleep(void *arg)
{
	char *const argv[] = {(char *)"sleep", (char *)"100000", NULL}, *const env[] = {NULL};

	(void)arg;
	execve("/bin/sleep", argv, env);
	_exit(127);
}

/* The same children without anybody who watches them: what the kernel takes for a clone and an exec. */
static double clone_alone_ms(unsigned count)
{
	static pid_t pids[LARGE];
	static _Alignas(16) char stack[64 << 10];
	const int flags = CLONE_PIDFD | CLONE_VM | CLONE_VFORK | SIGCHLD;
	uint64_t begin_ns = bench_now_ns();
	double ms;

	for (unsigned i = 0; i < count; i++) {
		int pidfd;

		pids[i] = clone(run_sleep, stack + sizeof stack, flags, NULL, &pidfd);
		if (pids[i] < 0)
			bench_fail("start sleep", errno);
		close(pidfd);
	}
	ms = (double)(bench_now_ns() - begin_ns) / 1e6;
	for (unsigned i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	for (unsigned i = 0; i < count; i++)
		waitpid(pids[i], NULL, 0);
	return ms;
}

static void add_many(unsigned count, const char *what, double ours, double baseline, bool skipped)
{
	char name[96];

	snprintf(name, sizeof name, "life: %u %s", count, what);
	bench_row(&(struct bench_row){.name = name,
				      .unit = "ms",
				      .ours = ours,
				      .baseline = baseline,
				      .min = ours,
				      .max = ours,
				      .skipped = skipped});
}

/* Each takes three descriptors of the engine. */
static bool are_allowed(unsigned count)
{
	struct rlimit files;

	return getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max >= 3 * (rlim_t)count + 1024;
}

static void bench_many(unsigned count)
{
	static const char started[] = "running, from the start of brummerd / bare clones";
	struct life life = {.reader = NULL};
	uint64_t begin_ns;
	double ours;

	if (!are_allowed(count)) {
		add_many(count, started, NAN, NAN, true);
		return;
	}
	configure(&life, count == LARGE ? "large" : "many", count, "command: [sleep, \"100000\"]");
	begin_ns = bench_now_ns();
	start(&life);
	await(&life, count, BRM_RUNNING);
	ours = (double)(bench_now_ns() - begin_ns) / 1e6;
	begin_ns = bench_now_ns();
	stop(&life);
	add_many(count, "stopped, to the end of brummerd", (double)(bench_now_ns() - begin_ns) / 1e6, NAN, false);
	add_many(count, started, ours, clone_alone_ms(count), false);
}

/* Kill the process of an entry; the time until met() holds for its state. */
static double kill_us(struct life *life, uint32_t entry,
		      bool (*met)(const struct brm_state *state, const struct brm_state *before))
{
	struct brm_state before, state;
	uint64_t begin_ns;

	if (brm_reader_state(life->reader, entry, &before) != 0 || before.pid <= 0)
		bench_fail("find a process", ESRCH);
	begin_ns = bench_now_ns();
	kill(before.pid, SIGKILL);
	for (;;) {
		struct brm_ticket ticket;

		brm_wait_sample(life->reader, &ticket);
		if (brm_reader_state(life->reader, entry, &state) == 0 && met(&state, &before))
			return (double)(bench_now_ns() - begin_ns) / 1e3;
		if (bench_now_ns() - begin_ns > PATIENCE_NS)
			bench_fail("see an end", ETIMEDOUT);
		brm_wait(life->reader, &ticket, BRM_WAIT_STATES, 1000);
	}
}

static bool has_ended(const struct brm_state *state, const struct brm_state *before)
{
	(void)before;
	return brm_state_is_finished(state);
}

static bool is_back(const struct brm_state *state, const struct brm_state *before)
{
	return state->run > before->run && brm_state_is_running(state);
}

static void add_rows(const char *what, double *us, size_t count)
{
	static const struct {
		const char *name;
		double share;
	} shares[] = {{"p50", 0.5}, {"p99", 0.99}};
	char name[96];

	bench_sort(us, count);
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		snprintf(name, sizeof name, "life: %s, %s", what, shares[i].name);
		bench_row(&(struct bench_row){.name = name,
					      .unit = "us",
					      .ours = bench_at(us, count, shares[i].share),
					      .baseline = NAN,
					      .min = us[0],
					      .max = us[count - 1]});
	}
}

static void bench_ends(void)
{
	unsigned count = bench_quick() ? KILLS_QUICK : KILLS;
	struct life life = {.reader = NULL};
	double us[KILLS];

	configure(&life, "ends", count, "command: [sleep, \"100000\"]");
	start(&life);
	await(&life, count, BRM_RUNNING);
	for (uint32_t i = 0; i < count; i++)
		us[i] = kill_us(&life, i, has_ended);
	stop(&life);
	add_rows("from kill -9 to the end published and seen", us, count);
}

static void bench_restarts(void)
{
	unsigned count = bench_quick() ? KILLS_QUICK : KILLS;
	struct life life = {.reader = NULL};
	double us[KILLS];

	configure(&life, "again", 10, "command: [sleep, \"100000\"], restart: {when: always, backoff: 0s..0s}");
	start(&life);
	await(&life, 10, BRM_RUNNING);
	for (uint32_t i = 0; i < count; i++)
		us[i] = kill_us(&life, i % 10, is_back);
	stop(&life);
	add_rows("from kill -9 to running again, no back-off", us, count);
}

/* Processor time of a process, clock ticks. */
static unsigned long ticks_of(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *in;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	in = fopen(path, "r");
	if (in && fscanf(in, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		user = system = 0;
	if (in)
		fclose(in);
	return user + system;
}

static void bench_backoff(void)
{
	const struct timespec span = {.tv_sec = 30}; /* each is restarted once in it */
	struct life life = {.reader = NULL};
	unsigned long ticks;
	double percent;
	pid_t engine, keeper;

	configure(&life, "backoff", WAITERS, "command: [\"false\"], restart: {when: always, backoff: 30s..30s}");
	start(&life);
	await(&life, WAITERS, BRM_BACKOFF);
	engine = brm_reader_info(life.reader)->engine_pid;
	keeper = brm_reader_info(life.reader)->keeper_pid;
	ticks = ticks_of(engine) + ticks_of(keeper);
	nanosleep(&span, NULL);
	ticks = ticks_of(engine) + ticks_of(keeper) - ticks;
	percent = 100.0 * (double)ticks / (double)sysconf(_SC_CLK_TCK) / (double)span.tv_sec;
	stop(&life);
	bench_row(&(struct bench_row){.name = "life: 1,000 in back-off of 30 s, keeper and engine",
				      .unit = "% core",
				      .ours = percent,
				      .baseline = NAN,
				      .min = percent,
				      .max = percent});
}

/* Reads of a state while a hundred processes are being stopped; the time of the clock itself is in it. */
static size_t read_while_stopping(struct life *life, double *ns, size_t max)
{
	struct brm_state state;
	size_t count = 0;

	kill(life->supervisor, SIGTERM);
	while (count < max && brm_reader_lifecycle(life->reader) != BRM_LIFE_CLOSED) {
		uint64_t begin_ns = bench_now_ns();

		brm_reader_state(life->reader, (uint32_t)(count % STOPS), &state);
		ns[count++] = (double)(bench_now_ns() - begin_ns);
	}
	return count;
}

static void bench_stops(void)
{
	static double ns[READS_MAX];
	struct life life = {.reader = NULL};
	size_t count;

	configure(&life, "stops", STOPS, "command: [sleep, \"100000\"]");
	start(&life);
	await(&life, STOPS, BRM_RUNNING);
	count = read_while_stopping(&life, ns, READS_MAX);
	stop(&life);
	bench_sort(ns, count);
	bench_row(&(struct bench_row){.name = "life: read a state while 100 are stopped, p99.9",
				      .unit = "ns",
				      .ours = bench_at(ns, count, 0.999),
				      .baseline = NAN,
				      .min = ns[0],
				      .max = ns[count - 1]});
}

void bench_life(void)
{
	bench_stops();
	bench_many(bench_quick() ? MANY_QUICK : MANY);
	if (!bench_quick())
		bench_many(LARGE);
	bench_ends();
	bench_restarts();
	if (!bench_quick())
		bench_backoff();
}
