/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/reader.h>

/*
 * From the SIGKILL of a supervisor's engine to the next one's region, with 100 processes of which one writes as fast as
 * it can; and what its pipe holds then. The supervisor is ./brummerd, in front, so that it ends with this program.
 */

#define PROCESSES   100
#define KILLS       200
#define KILLS_QUICK 40
#define PROMISED_MS 50.0
#define PATIENCE_NS UINT64_C(20000000000)

static void write_configuration(const char *dir)
{
	char path[PATH_MAX];
	FILE *out;

	snprintf(path, sizeof path, "%s/Procfile", dir);
	out = fopen(path, "w");
	if (!out)
		bench_fail("write a Procfile", errno);
	fputs("writer: i=0; while :; do echo $i; i=$((i+1)); done\n", out);
	for (int i = 1; i < PROCESSES; i++)
		fprintf(out, "p%d: exec sleep 100000\n", i);
	fclose(out);
}

static pid_t start_supervisor(const char *dir)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent)
		execl("./brummerd", "brummerd", "-C", dir, "--foreground", (char *)NULL);
	_exit(127);
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

static uint32_t count_running(const struct brm_reader *reader)
{
	struct brm_state state;
	uint32_t count = 0;

	for (uint32_t i = 0; i < brm_reader_used(reader); i++)
		count += brm_reader_state(reader, i, &state) == 0 && brm_state_status(&state) == BRM_RUNNING;
	return count;
}

static struct brm_reader *await_supervisor(const char *region)
{
	uint64_t deadline_ns = bench_now_ns() + PATIENCE_NS;
	struct brm_reader *reader = NULL;

	while (brm_reader_open(region, &reader) != 0 && bench_now_ns() < deadline_ns)
		nap();
	while (reader && count_running(reader) < PROCESSES && bench_now_ns() < deadline_ns) {
		nap();
		brm_reader_refresh(reader);
	}
	if (!reader || count_running(reader) < PROCESSES)
		bench_fail("start ./brummerd with its processes", ETIMEDOUT);
	return reader;
}

/* What the pipes that the keeper holds have in them. */
static uint64_t held_bytes(pid_t keeper)
{
	char path[PATH_MAX];
	struct dirent *entry;
	uint64_t bytes = 0;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)keeper);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		struct stat st;
		int fd, held = 0;

		if (fstatat(dirfd(dir), entry->d_name, &st, 0) != 0 || !S_ISFIFO(st.st_mode))
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && ioctl(fd, FIONREAD, &held) == 0)
			bytes += (uint64_t)held;
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	return bytes;
}

struct measured {
	size_t count;
	double ms[KILLS];
	double bytes[KILLS];
};

static void kill_once(struct brm_reader *reader, struct measured *measured)
{
	pid_t engine = brm_reader_info(reader)->engine_pid, keeper = brm_reader_info(reader)->keeper_pid;
	uint64_t begin_ns = bench_now_ns();

	kill(engine, SIGKILL);
	while (brm_reader_info(reader)->engine_pid == engine) {
		nap();
		brm_reader_refresh(reader);
		if (bench_now_ns() - begin_ns > PATIENCE_NS)
			bench_fail("see the next engine", ETIMEDOUT);
	}
	measured->ms[measured->count] = (double)(bench_now_ns() - begin_ns) / 1e6;
	measured->bytes[measured->count++] = (double)held_bytes(keeper);
	nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* until it has taken over */
}

static void add_row(const char *name, const char *unit, double ours, double promised, const double *sorted,
		    size_t count)
{
	bench_row(&(struct bench_row){.name = name,
				      .unit = unit,
				      .ours = ours,
				      .baseline = promised,
				      .target = isfinite(promised) ? 1 : 0,
				      .min = sorted[0],
				      .max = sorted[count - 1]});
}

void bench_recover(void)
{
	static struct measured measured;
	size_t kills = bench_quick() ? KILLS_QUICK : KILLS;
	struct brm_instance instance;
	struct brm_reader *reader;
	const char *dir = bench_dir();
	pid_t keeper;

	setenv("XDG_RUNTIME_DIR", dir, 1);
	setenv("XDG_STATE_HOME", dir, 1);
	unsetenv("BRUMMER_INSTANCE");
	if (brm_instance_of_dir(dir, &instance) != 0)
		bench_fail("name an instance", EINVAL);
	write_configuration(dir);
	keeper = start_supervisor(dir);
	reader = await_supervisor(instance.region);
	for (measured.count = 0; measured.count < kills;)
		kill_once(reader, &measured);
	brm_reader_close(reader);
	kill(keeper, SIGTERM);
	waitpid(keeper, NULL, 0);
	bench_sort(measured.ms, kills);
	bench_sort(measured.bytes, kills);
	add_row("engine killed to next region, 100 processes, p50", "ms", bench_at(measured.ms, kills, 0.5), NAN,
		measured.ms, kills);
	add_row("engine killed to next region, 100 processes, p99 / promised", "ms", bench_at(measured.ms, kills, 0.99),
		PROMISED_MS, measured.ms, kills);
	add_row("bytes in pipes meanwhile, one writer flat out", "bytes", bench_at(measured.bytes, kills, 0.5), NAN,
		measured.bytes, kills);
}
