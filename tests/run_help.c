/* SPDX-License-Identifier: MIT */
#include "tests/run_help.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/proc.h"
#include "engine/tag.h"

uint32_t help_instance(void)
{
	const char *dir = getenv("TMPDIR"); /* private to the program, and its children's too */
	uint32_t hash = 2166136261u;

	for (; dir && *dir; dir++)
		hash = (hash ^ (unsigned char)*dir) * 16777619u;
	return hash & 0x7fffffff;
}

/* ThreadSanitizer: tests fork, and what is forked has threads. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "die_after_fork=0";
}

static void *must(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

static char **copy_list(const char *const list[])
{
	size_t count = 0;
	char **copy;

	while (list[count])
		count++;
	copy = must(calloc(count + 1, sizeof *copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = must(strdup(list[i]));
	return copy;
}

struct spawn_request *help_request(uint32_t serial, const char *dir, const char *const argv[])
{
	static const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", NULL};
	struct spawn_request *request = must(calloc(1, sizeof *request));

	request->umask = -1;
	request->nice = NICE_INHERIT;
	request->token = serial;
	request->serial = serial;
	request->tag = tag_make(help_instance(), serial);
	request->argv = copy_list(argv);
	request->env = copy_list(env);
	request->dir = must(strdup(dir));
	return request;
}

struct spawn_request *help_shell(uint32_t serial, const char *dir, const char *line)
{
	const char *const argv[] = {"/bin/sh", "-c", line, NULL};

	return help_request(serial, dir, argv);
}

void help_setenv(struct spawn_request *request, const char *variable)
{
	size_t count = 0;

	while (request->env[count])
		count++;
	request->env = must(realloc(request->env, (count + 2) * sizeof *request->env));
	request->env[count] = must(strdup(variable));
	request->env[count + 1] = NULL;
}

static void nap(void)
{
	const struct timespec some_ms = {.tv_nsec = 3000000};

	nanosleep(&some_ms, NULL);
}

bool help_readable(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	return poll(&ready, 1, HELP_WAIT_MS) > 0;
}

bool help_until(bool (*met)(void *arg), void *arg)
{
	struct timespec start;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (met(arg))
			return true;
		nap();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 < HELP_WAIT_MS);
	return false;
}

bool help_is_gone(pid_t pid)
{
	struct proc_stat stat;

	return proc_stat(pid, &stat) != 0 || stat.dead;
}

static bool is_gone(void *arg)
{
	const pid_t *pid = arg;

	return help_is_gone(*pid);
}

bool help_dies(pid_t pid)
{
	return help_until(is_gone, &pid);
}

struct spawn_result help_spawn(struct spawner *spawner, struct spawn_request *request)
{
	struct spawn_result result;

	if (spawner_submit(spawner, request) != 0 || !help_readable(spawner_fd(spawner)) ||
	    !spawner_next(spawner, &result))
		abort();
	return result;
}

size_t help_read(int fd, char *buf, size_t size)
{
	size_t length = 0;

	while (length < size - 1 && help_readable(fd)) {
		ssize_t got = read(fd, buf + length, size - 1 - length);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	buf[length] = '\0';
	return length;
}

void help_close(struct spawn_result *result)
{
	const int fds[] = {result->pidfd, result->fds.out, result->fds.err, result->fds.in};

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}
