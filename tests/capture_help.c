/* SPDX-License-Identifier: MIT */
#include "tests/capture_help.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check_main.h"

#define TEXT_MAX (24u << 20)

struct keeperlink *cap_keeper;
struct spawner *cap_spawner;
struct capture *cap_capture;
char cap_state[512];

void cap_open(void)
{
	ck_assert_int_eq(capture_open(NULL, cap_state, &cap_capture), 0);
}

void cap_set_up(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	snprintf(cap_state, sizeof cap_state, "%s/state.XXXXXX", test_dir());
	ck_assert_ptr_nonnull(mkdtemp(cap_state));
	ck_assert_int_eq(keeperlink_open(-1, &cap_keeper), 0);
	ck_assert_int_eq(spawner_open(cap_keeper, &cap_spawner), 0);
	cap_open();
}

void cap_tear_down(void)
{
	capture_close(cap_capture);
	spawner_close(cap_spawner);
	keeperlink_close(cap_keeper);
	errno = 0;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	ck_assert_int_eq(errno, ECHILD);
}

/* Start a run whose output is captured under a name. */
struct spawn_result cap_start_request(struct spawn_request *request, const char *name)
{
	uint32_t serial = request->serial;
	struct spawn_result result = help_spawn(cap_spawner, request);

	ck_assert_int_eq(result.stage, SPAWN_OK);
	ck_assert_int_eq(capture_add(cap_capture, serial, 0, name, result.fds), 0);
	result.fds.out = result.fds.err = -1;
	return result;
}

struct spawn_result cap_start(uint32_t serial, const char *name, const char *line)
{
	return cap_start_request(help_shell(serial, "/", line), name);
}

struct drained cap_drained(uint32_t serial)
{
	struct drained report = {.serial = 0};

	capture_drain(cap_capture, serial);
	ck_assert(help_readable(capture_fd(cap_capture)));
	ck_assert(capture_next(cap_capture, &report));
	ck_assert_uint_eq(report.serial, serial);
	return report;
}

/* Wait for the exit, have it drained, reap: as the engine does. */
struct drained cap_finish(struct spawn_result *result)
{
	struct drained report;

	ck_assert(help_readable(result->pidfd));
	report = cap_drained(result->serial);
	ck_assert_int_eq(keeperlink_reap(cap_keeper, result->pid), 0);
	help_close(result);
	return report;
}

/* The store of a name as a reader of its files sees it. */
static struct brm_log *open_log(const char *name)
{
	struct brm_log *log;

	ck_assert_int_eq(brm_log_open(cap_state, name, &log), 0);
	ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
	return log;
}

char *cap_text(const char *name, enum brm_stream stream, size_t *length)
{
	static char text[TEXT_MAX];
	struct brm_log *log = open_log(name);
	uint64_t first;
	uint64_t end;

	brm_log_stream_range(log, stream, &first, &end);
	ck_assert_uint_lt(end - first, sizeof text);
	*length = 0;
	while (first < end) {
		ssize_t got = brm_log_bytes(log, stream, first, text + *length, end - first);

		ck_assert_int_gt(got, 0);
		first += (uint64_t)got;
		*length += (size_t)got;
	}
	text[*length] = '\0';
	brm_log_close(log);
	return text;
}

void cap_ck_text(const char *name, enum brm_stream stream, const char *expected)
{
	size_t length;

	ck_assert_str_eq(cap_text(name, stream, &length), expected);
}

size_t cap_lines(const char *name, struct brm_log_line *lines, size_t max)
{
	struct brm_log *log = open_log(name);
	ssize_t count = brm_log_lines(log, 0, lines, max);

	brm_log_close(log);
	ck_assert_int_ge(count, 0);
	return (size_t)count;
}

/* Lines of `id` are there in order, from `from` on; returns how many. */
long cap_count_numbers(const char *text, const char *id)
{
	long next = 0;
	char expected[64];
	size_t length = strlen(id) + 9;

	for (const char *at = text; *at;) {
		const char *end = strchr(at, '\n');

		snprintf(expected, sizeof expected, "%s %08ld", id, next);
		if (!end)
			break;
		if (strncmp(at, id, strlen(id)) == 0) {
			ck_assert_int_eq(strncmp(at, expected, length), 0);
			next++;
		}
		at = end + 1;
	}
	return next;
}

size_t cap_descriptors(void)
{
	DIR *stream = opendir("/proc/self/fd");
	struct dirent *entry;
	size_t count = 0;

	ck_assert_ptr_nonnull(stream);
	while ((entry = readdir(stream))) {
		char target[1024];
		ssize_t length = readlinkat(dirfd(stream), entry->d_name, target, sizeof target - 1);

		target[length > 0 ? length : 0] = '\0';
		count += strncmp(target, cap_state, strlen(cap_state)) == 0;
	}
	closedir(stream);
	return count;
}

const char *cap_program(const char *name)
{
	static char path[512];
	const char *build = getenv("top_builddir");

	snprintf(path, sizeof path, "%s/%s", build ? build : ".", name);
	return path;
}
