/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <brummer/logstore.h>

#include "bench/bench.h"
#include "bench/world.h"
#include "clients/common/when.h"

/*
 * brummer-tui in a terminal of its own: how long until something is to be seen, how long after a key, how much is
 * written, and what it takes. Beside each figure stands what is promised.
 */

#define END_OF_FRAME "\033[?2026l"
#define SCREEN_MOST  (4u << 20)

static const char program[] = "./brummer-tui"; /* of the build: `make bench` runs there */

static struct brm_writer *writer;
static struct brm_instance instance;

/* What was promised, and what it is; several: of as many times. */
struct figure {
	double ours;
	double limit;
	double min;
	double max;
};

static struct figure single(double ours, double limit)
{
	return (struct figure){ours, limit, ours, ours};
}

/* The figure at a place of sorted times, with the least and the greatest. */
static struct figure spread(const double *times, size_t count, double at, double limit)
{
	return (struct figure){bench_at(times, count, at), limit, times[0], times[count - 1]};
}

static void row(const char *name, const char *unit, struct figure figure)
{
	bench_row(&(struct bench_row){.name = name,
				      .unit = unit,
				      .ours = figure.ours,
				      .baseline = figure.limit,
				      .target = 1,
				      .min = figure.min,
				      .max = figure.max});
}

/* ---- the region ---- */

static void make_region(const char *stem, uint32_t count)
{
	struct brm_writer_options options = {
		.instance = &instance, .capacity = count < 128 ? 128 : count, .version = "bench"};
	struct brm_now now = now_read();
	int error;

	memset(&instance, 0, sizeof instance);
	snprintf(instance.region, sizeof instance.region, "%s", world_region(stem));
	snprintf(instance.name, sizeof instance.name, "%s", strchr(strchr(instance.region, '.') + 1, '.') + 1);
	snprintf(instance.state_dir, sizeof instance.state_dir, "%s", bench_dir());
	error = brm_writer_create(&options, &writer);
	if (error)
		bench_fail("create a region", error);
	for (uint32_t i = 0; i < count; i++) {
		struct brm_identity identity = {.name = world_name(i),
						.command = "true",
						.dir = "/",
						.ready = "",
						.script = "",
						.source = "Procfile"};
		struct brm_state state = {.order = i};
		uint32_t entry;

		/* Long since: no time on the screen changes by itself meanwhile. */
		state = brm_state_with_run(&state, (int32_t)getpid(), 1, now);
		state.start_boot_ns = 1;
		state = brm_state_with_ready(&state, now);
		error = brm_writer_add(writer, &identity, &state, &entry);
		if (error)
			bench_fail("add a process", error);
	}
	brm_writer_commit(writer);
}

static void publish_one(uint32_t entry)
{
	struct brm_state state;

	brm_writer_state(writer, entry, &state);
	state.restarts = (state.restarts + 1) % 9;
	brm_writer_publish(writer, entry, &state);
	brm_writer_commit(writer);
}

/* ---- the viewer ---- */

struct viewer {
	pid_t pid;
	int fd;
	char *bytes; /* what it has written since the last look */
	size_t length;
};

static void start(struct viewer *viewer, unsigned short rows, unsigned short cols)
{
	struct winsize size = {.ws_row = rows, .ws_col = cols};

	viewer->length = 0;
	viewer->bytes = malloc(SCREEN_MOST);
	if (!viewer->bytes)
		bench_fail("keep a screen", ENOMEM);
	viewer->pid = forkpty(&viewer->fd, NULL, NULL, &size);
	if (viewer->pid < 0)
		bench_fail("open a terminal", errno);
	if (viewer->pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
		execl(program, program, "--instance", instance.name, (char *)NULL);
		_exit(127);
	}
}

static void stop(struct viewer *viewer)
{
	kill(viewer->pid, SIGTERM);
	waitpid(viewer->pid, NULL, 0);
	close(viewer->fd);
	free(viewer->bytes);
}

/* Take what it writes within so many nanoseconds; stop early when it ends with the text, if there is one. */
static bool take(struct viewer *viewer, const char *text, uint64_t limit_ns)
{
	uint64_t end = bench_now_ns() + limit_ns, now;

	while ((now = bench_now_ns()) < end && viewer->length < SCREEN_MOST - 1) {
		struct pollfd ready = {.fd = viewer->fd, .events = POLLIN};
		ssize_t n;

		if (poll(&ready, 1, (int)((end - now) / 1000000) + 1) <= 0)
			continue;
		n = read(viewer->fd, viewer->bytes + viewer->length, SCREEN_MOST - 1 - viewer->length);
		if (n <= 0)
			return false;
		viewer->length += (size_t)n;
		viewer->bytes[viewer->length] = '\0';
		if (text && memmem(viewer->bytes, viewer->length, text, strlen(text)))
			return true;
	}
	return false;
}

static void press(const struct viewer *viewer, const char *keys)
{
	if (write(viewer->fd, keys, strlen(keys)) < 0)
		bench_fail("press a key", errno);
}

/* It has drawn what there is, and waits. */
static void settle(struct viewer *viewer)
{
	do
		viewer->length = 0;
	while (take(viewer, END_OF_FRAME, 300000000));
}

/* ---- figures ---- */

static void first_frame(void)
{
	double times[10];

	for (size_t i = 0; i < 10; i++) {
		struct viewer viewer;
		uint64_t from = bench_now_ns();

		start(&viewer, 32, 120);
		if (!take(&viewer, END_OF_FRAME, 2000000000))
			bench_fail("see a first frame", ETIMEDOUT);
		times[i] = (double)(bench_now_ns() - from) / 1e6;
		stop(&viewer);
	}
	bench_sort(times, 10);
	row("start to first frame, median", "ms", spread(times, 10, 0.5, 20));
}

/* Processor time its main thread has had, nanoseconds. */
static uint64_t processor_ns(pid_t pid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%llu", &ns) != 1)
		bench_fail("read the processor time of the viewer", ENOENT);
	fclose(file);
	return ns;
}

/*
 * Keys after quiet, each of which moves the bar: how long until it is on its way to the terminal, and what processor
 * time that takes, which what else the machine does counts little in.
 */
static void frame_times(void)
{
	size_t count = bench_quick() ? 50 : 300;
	double *times = calloc(count, sizeof *times), *used = calloc(count, sizeof *used);
	struct viewer viewer;

	if (!times || !used)
		bench_fail("keep times", ENOMEM);
	start(&viewer, 60, 200);
	settle(&viewer);
	for (size_t i = 0; i < count; i++) {
		uint64_t from, spent;

		take(&viewer, NULL, 20000000);
		viewer.length = 0;
		spent = processor_ns(viewer.pid);
		from = bench_now_ns();
		press(&viewer, i % 100 < 50 ? "j" : "k");
		if (!take(&viewer, END_OF_FRAME, 1000000000))
			bench_fail("see a key", ETIMEDOUT);
		times[i] = (double)(bench_now_ns() - from) / 1e6;
		take(&viewer, NULL, 2000000);
		used[i] = (double)(processor_ns(viewer.pid) - spent) / 1e6;
	}
	stop(&viewer);
	bench_sort(times, count);
	bench_sort(used, count);
	row("key to frame, 1,000 processes, 200x60, median", "ms", spread(times, count, 0.5, 4));
	row("processor time for a frame, 1,000 processes, 200x60, p99", "ms", spread(used, count, 0.99, 4));
	free(used);
	free(times);
}

static void one_cell(void)
{
	struct viewer viewer;
	size_t most = 0;

	start(&viewer, 32, 120);
	settle(&viewer);
	for (uint32_t i = 0; i < 9; i++) {
		viewer.length = 0;
		publish_one(5);
		if (!take(&viewer, END_OF_FRAME, 1000000000))
			bench_fail("see a change", ETIMEDOUT);
		take(&viewer, NULL, 60000000);
		most = viewer.length > most ? viewer.length : most;
	}
	stop(&viewer);
	row("bytes for one changed cell, most", "bytes", single((double)most, 64));
}

static void frames_a_second(void)
{
	struct viewer viewer;
	uint64_t end;
	unsigned frames = 0, seconds = 2;

	start(&viewer, 32, 120);
	settle(&viewer);
	end = bench_now_ns() + seconds * UINT64_C(1000000000);
	while (bench_now_ns() < end) {
		publish_one(5);
		take(&viewer, NULL, 500000);
	}
	for (const char *at = viewer.bytes; (at = strstr(at, END_OF_FRAME)); at++)
		frames++;
	stop(&viewer);
	if (frames == 0)
		bench_fail("see a state that changes", ETIMEDOUT);
	row("frames a second while a state changes all the time", "1/s", single((double)frames / seconds, 60.5));
}

/* ---- a flood ---- */

#define FLOOD_LINES 1000     /* written at once, */
#define FLOOD_NS    10000000 /* so often: 100,000 lines a second */

static atomic_bool flooding;      /* relaxed: it only ends a loop */
static atomic_uint_fast64_t late; /* relaxed: read when the thread has ended. Nanoseconds, at the worst */

/* How far the flood is behind what it says of itself. */
static void note_late(uint64_t next)
{
	uint64_t now = bench_now_ns(), behind = now > next ? now - next : 0;

	if (behind > atomic_load_explicit(&late, memory_order_relaxed))
		atomic_store_explicit(&late, behind, memory_order_relaxed);
}

/* 100,000 lines a second into the log of the first process: plays the capture thread. */
static void *flood(void *arg)
{
	struct brm_logstore *store;
	char block[FLOOD_LINES * 40];
	uint64_t next = bench_now_ns(), number = 0;

	(void)arg;
	if (brm_logstore_open(bench_dir(), world_name(0), NULL, &store) != 0)
		bench_fail("open a log", EIO);
	while (atomic_load_explicit(&flooding, memory_order_relaxed)) {
		struct brm_log_mark mark;
		size_t used = 0;
		loff_t offset;
		int fd;

		for (unsigned i = 0; i < FLOOD_LINES; i++)
			used += (size_t)sprintf(block + used, "line %08llu of a flood\n", (unsigned long long)number++);
		if (brm_logstore_target(store, BRM_OUT, &fd, &offset) != 0 ||
		    pwrite(fd, block, used, offset) != (ssize_t)used ||
		    brm_logstore_wrote(store, BRM_OUT, used, now_read().real_ns / 1000) != 0)
			bench_fail("write a log", EIO);
		brm_logstore_mark(store, &mark);
		brm_writer_log_mark(writer, 0, &mark);
		brm_writer_ring_logs(writer);
		next += FLOOD_NS;
		note_late(next);
		while (bench_now_ns() < next)
			usleep(1000);
	}
	brm_logstore_close(store);
	return NULL;
}

static void keys_in_a_flood(void)
{
	size_t count = bench_quick() ? 20 : 100;
	double *times = calloc(count, sizeof *times);
	struct viewer viewer;
	pthread_t thread;

	if (!times)
		bench_fail("keep times", ENOMEM);
	atomic_store_explicit(&flooding, true, memory_order_relaxed);
	if (pthread_create(&thread, NULL, flood, NULL) != 0)
		bench_fail("start a thread", EAGAIN);
	start(&viewer, 32, 120);
	take(&viewer, "of a flood", 2000000000);
	press(&viewer, "2");
	take(&viewer, "lines/s", 3000000000);
	for (size_t i = 0; i < count; i++) {
		uint64_t from;

		take(&viewer, NULL, 30000000);
		viewer.length = 0;
		from = bench_now_ns();
		press(&viewer, "?");
		if (!take(&viewer, "keys in", 2000000000))
			bench_fail("see a key in a flood", ETIMEDOUT);
		times[i] = (double)(bench_now_ns() - from) / 1e6;
		press(&viewer, "\033");
		take(&viewer, NULL, 60000000);
	}
	stop(&viewer);
	atomic_store_explicit(&flooding, false, memory_order_relaxed);
	pthread_join(thread, NULL);
	if (atomic_load_explicit(&late, memory_order_relaxed) > UINT64_C(1000000000))
		fprintf(stderr, "bench: the flood could not keep to its 100,000 lines a second\n");
	bench_sort(times, count);
	row("key to screen at 100,000 lines a second, p99", "ms", spread(times, count, 0.99, 50));
	free(times);
}

/* ---- what it takes ---- */

static double private_mib(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib, sum = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "Private_%*[^:]: %lu", &kib) == 1)
			sum += kib;
	if (file)
		fclose(file);
	if (sum == 0)
		bench_fail("read the memory of the viewer", ENOENT);
	return (double)sum / 1024;
}

static void memory(void)
{
	struct viewer viewer;

	start(&viewer, 60, 200);
	settle(&viewer);
	press(&viewer, "jjjj");
	settle(&viewer);
	row("private memory with 5,000 processes", "MiB", single(private_mib(viewer.pid), 8));
	stop(&viewer);
}

static double self_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The supervisor's part: ten changes a second, with so many viewers. Share of a processor, in percent. */
static double writing_percent(unsigned viewers)
{
	struct viewer list[20];
	unsigned seconds = bench_quick() ? 2 : 5;
	double before, used;

	for (unsigned i = 0; i < viewers; i++) {
		start(&list[i], 32, 120);
		settle(&list[i]);
	}
	before = self_seconds();
	for (unsigned i = 0; i < seconds * 10; i++) {
		publish_one(i % 20);
		usleep(100000);
	}
	used = self_seconds() - before;
	for (unsigned i = 0; i < viewers; i++)
		stop(&list[i]);
	return used * 100 / seconds;
}

void bench_tui(void)
{
	if (access(program, X_OK) != 0)
		return; /* it was not built */
	make_region("tui", 20);
	first_frame();
	one_cell();
	frames_a_second();
	row("supervisor's processor, 20 viewers more than none", "%",
	    single(writing_percent(20) - writing_percent(0), 0.5));
	keys_in_a_flood();
	brm_writer_close(writer);
	make_region("tui-many", 1000);
	frame_times();
	brm_writer_close(writer);
	make_region("tui-most", 5000);
	memory();
	brm_writer_close(writer);
}
