/* SPDX-License-Identifier: MIT */

/* it_see.c - what the supervisor of an integration test publishes and stores */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/events.h>

#include "tests/it_help.h"

#define OUTPUT_MAX (4u << 20)

void it_assert_numbers(const char *name, int count)
{
	const char *text = it_output(name);

	for (int i = 0; i < count; i++) {
		char *end;

		ck_assert_msg(strtol(text, &end, 10) == i && *end == '\n', "%s: line %d is not %d", name, i, i);
		text = end + 1;
	}
	ck_assert_str_eq(text, "");
}

/* Find a process in the newest region. */
static bool find(const char *name, struct brm_handle *out)
{
	ck_assert_int_ge(brm_reader_refresh(it.reader), 0);
	return brm_reader_find(it.reader, name, out) == 0;
}

bool it_exists(const char *name)
{
	struct brm_handle handle;

	return find(name, &handle);
}

static bool is_removed(void *name)
{
	return !it_exists(name);
}

void it_await_removal(const char *name)
{
	it_until(is_removed, (void *)name);
}

static bool has_lost(void *name)
{
	struct brm_log_mark mark;
	struct brm_handle handle;

	return find(name, &handle) && brm_reader_log_mark(it.reader, handle, &mark) == 0 && mark.lost_bytes > 0;
}

void it_await_loss(const char *name)
{
	it_until(has_lost, (void *)name);
}

struct brm_state it_state(const char *name)
{
	struct brm_handle handle;
	struct brm_state state;

	ck_assert_msg(find(name, &handle), "there is no process %s", name);
	ck_assert_int_eq(brm_reader_state(it.reader, handle.entry, &state), 0);
	return state;
}

enum brm_status it_status(const char *name)
{
	struct brm_state state = it_state(name);

	return brm_state_status(&state);
}

struct expected {
	const char *name;
	enum brm_status status;
};

static bool has_status(void *arg)
{
	const struct expected *expected = arg;

	return it_exists(expected->name) && it_status(expected->name) == expected->status;
}

struct brm_state it_await(const char *name, enum brm_status status)
{
	struct expected expected = {name, status};

	it_until(has_status, &expected);
	return it_state(name);
}

struct expected_run {
	const char *name;
	uint32_t run;
};

static bool is_in_run(void *arg)
{
	const struct expected_run *expected = arg;

	return it_exists(expected->name) && it_state(expected->name).run >= expected->run &&
	       it_status(expected->name) == BRM_RUNNING;
}

struct brm_state it_await_run(const char *name, uint32_t run)
{
	struct expected_run expected = {name, run};

	it_until(is_in_run, &expected);
	return it_state(name);
}

unsigned long long it_status_row(pid_t pid, const char *row, int base)
{
	unsigned long long number = ~0ull;
	char line[256];
	FILE *status;

	snprintf(line, sizeof line, "/proc/%d/status", (int)pid);
	status = fopen(line, "r");
	ck_assert_ptr_nonnull(status);
	while (fgets(line, sizeof line, status))
		if (strncmp(line, row, strlen(row)) == 0)
			number = strtoull(line + strlen(row), NULL, base);
	fclose(status);
	return number;
}

uint32_t it_count_events(enum brm_reason reason)
{
	struct brm_event event;
	uint64_t cursor = 0, missed;
	uint32_t count = 0;

	ck_assert_int_ge(brm_reader_refresh(it.reader), 0);
	while (brm_events_read(it.reader, &cursor, &event, 1, &missed) > 0)
		count += event.reason_code == reason;
	return count;
}

struct expected_events {
	enum brm_reason reason;
	uint32_t count;
};

static bool has_happened(void *arg)
{
	const struct expected_events *expected = arg;

	return it_count_events(expected->reason) == expected->count;
}

void it_await_event(enum brm_reason reason, uint32_t count)
{
	struct expected_events expected = {reason, count};

	it_until(has_happened, &expected);
}

const char *it_output(const char *name)
{
	static char text[OUTPUT_MAX];
	char path[2 * PATH_MAX];
	size_t length;
	FILE *in;

	snprintf(path, sizeof path, "%s/%s/out.%020d", it.instance.state_dir, name, 0);
	in = fopen(path, "r");
	if (!in)
		return "";
	length = fread(text, 1, sizeof text - 1, in);
	text[length] = '\0';
	fclose(in);
	return text;
}

struct expected_output {
	const char *name;
	const char *text;
};

static bool has_output(void *arg)
{
	const struct expected_output *expected = arg;

	return strcmp(it_output(expected->name), expected->text) == 0;
}

void it_await_output(const char *name, const char *text)
{
	struct expected_output expected = {name, text};

	it_until(has_output, &expected);
}
