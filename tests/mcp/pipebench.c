/* SPDX-License-Identifier: MIT */

/*
 * pipebench.c - how fast brummer-mcp answers over pipes: `pipebench PROGRAM [PROCESSES [REQUESTS]]`
 *
 * A client without a JSON parser, one request in flight. The instance is made for the measurement: a region with so
 * many running processes that nobody changes. Prints the time from the start of the program to its answer to
 * initialize, and of scripts_status, in microseconds.
 */

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/writer.h>

#include "clients/common/when.h"

#define STARTS 20

struct child {
	pid_t pid;
	int to, from;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static struct brm_writer *make_instance(struct brm_instance *instance, unsigned count)
{
	struct brm_writer_options options = {.instance = instance, .version = "bench"};
	struct brm_writer *writer;
	char name[64];
	int error;

	snprintf(name, sizeof name, "mcp-bench-%d", (int)getpid());
	if (brm_instance_of_name(name, instance) != 0)
		exit(1);
	error = brm_writer_create(&options, &writer);
	if (error) {
		fprintf(stderr, "pipebench: no region: %s\n", brm_strerror(error));
		exit(1);
	}
	for (unsigned i = 0; i < count; i++) {
		struct brm_identity identity = {.script = "dev", .command = "node server.js --port 3000", .ready = ""};
		struct brm_state state = {.order = i};
		uint32_t entry;

		snprintf(name, sizeof name, "service-%u", i);
		identity.name = name;
		identity.dir = "/srv/shop/packages/web";
		identity.source = "package.json";
		state = brm_state_with_run(&state, (int32_t)(1000 + i), 1, now_read());
		state = brm_state_with_ready(&state, now_read());
		if (brm_writer_add(writer, &identity, &state, &entry) != 0)
			exit(1);
		brm_writer_metrics(writer, entry, &(struct brm_metrics){1, 40 << 20, 125, 7, 20, 1});
		brm_writer_log_mark(writer, entry, &(struct brm_log_mark){.lines = 1000 * i, .bytes = {100000 * i, 0}});
	}
	brm_writer_commit(writer);
	return writer;
}

static struct child start(char *program, char *instance)
{
	char option[] = "--instance";
	char *const argv[] = {program, option, instance, NULL};
	posix_spawn_file_actions_t actions;
	struct child child;
	int to[2], from[2];

	if (pipe(to) != 0 || pipe(from) != 0)
		die("pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, to[1]);
	posix_spawn_file_actions_addclose(&actions, from[0]);
	errno = posix_spawn(&child.pid, program, &actions, NULL, argv, environ);
	if (errno)
		die(program);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	child.to = to[1];
	child.from = from[0];
	return child;
}

/* Send one line, wait for one. Returns the bytes of the answer. */
static size_t ask(const struct child *child, const char *line, char *answer, size_t size)
{
	size_t length = 0;
	ssize_t n;

	if (write(child->to, line, strlen(line)) < 0)
		die("write");
	do {
		n = read(child->from, answer + length, size - length);
		if (n <= 0)
			die("read");
		length += (size_t)n;
	} while (answer[length - 1] != '\n');
	return length;
}

static void stop(const struct child *child, struct rusage *usage)
{
	close(child->to);
	close(child->from);
	wait4(child->pid, NULL, 0, usage);
}

static int by_value(const void *a, const void *b)
{
	const double *p = a, *q = b;

	return (*p > *q) - (*p < *q);
}

static void print(const char *what, double *times, size_t count, size_t bytes)
{
	qsort(times, count, sizeof *times, by_value);
	printf("%-28s p50 %8.1f us  p99 %8.1f us  p99.9 %8.1f us  %zu bytes\n", what, times[count / 2],
	       times[count * 99 / 100], times[count * 999 / 1000], bytes);
}

static void measure_starts(char *program, char *instance, char *answer, size_t size)
{
	static const char line[] =
		"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
		"\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"b\",\"version\":\"1\"}}}\n";
	double times[STARTS];
	struct rusage usage;
	size_t bytes = 0;

	for (int i = 0; i < STARTS; i++) {
		double before = now_us();
		struct child child = start(program, instance);

		bytes = ask(&child, line, answer, size);
		times[i] = now_us() - before;
		stop(&child, &usage);
	}
	print("start to initialize reply", times, STARTS, bytes);
}

static void measure_status(char *program, char *instance, size_t requests, long pause_ns, char *answer, size_t size)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
				   "\"scripts_status\",\"arguments\":{}}}\n";
	double *times = calloc(requests, sizeof *times);
	struct child child = start(program, instance);
	struct rusage usage;
	size_t bytes = 0;

	for (size_t i = 0; i < requests; i++) {
		double before = now_us();

		bytes = ask(&child, line, answer, size);
		times[i] = now_us() - before;
		if (pause_ns)
			nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
	}
	stop(&child, &usage);
	print(pause_ns ? "scripts_status, 3 ms apart" : "scripts_status", times, requests, bytes);
	printf("%-28s %ld KiB\n", "largest resident size", usage.ru_maxrss);
	free(times);
}

int main(int argc, char **argv)
{
	unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 20;
	size_t requests = argc > 3 ? (size_t)atol(argv[3]) : 20000;
	size_t size = 16 << 20;
	char *answer = malloc(size);
	struct brm_instance instance;
	struct brm_writer *writer;

	if (argc < 2 || !answer) {
		fputs("usage: pipebench PROGRAM [PROCESSES [REQUESTS]]\n", stderr);
		return 2;
	}
	writer = make_instance(&instance, count);
	measure_starts(argv[1], instance.name, answer, size);
	measure_status(argv[1], instance.name, requests, 0, answer, size);
	measure_status(argv[1], instance.name, 300, 3000000, answer, size);
	brm_writer_close(writer);
	free(answer);
	return 0;
}
