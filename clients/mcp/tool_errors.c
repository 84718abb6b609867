/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/when.h"
#include "clients/mcp/lines.h"
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/*
 * errors_list: lines that announce an error, grouped when they differ in numbers alone, each group with what followed
 * its newest line.
 */

#define GROUPS_MAX   20
#define ERRORS_MAX   500 /* of one process, the newest */
#define CONTEXT      8   /* lines that follow */
#define SHAPE_MAX    200 /* bytes of a line that make its group */
#define SHARE_BUDGET (LINES_BUDGET / GROUPS_MAX)

static const struct slot args[] = {
	{.name = "name", .kind = KIND_STRING, .least = 1, .most = BRM_ID_MAX, .help = "One process; without it all."},
	{.name = "since", .kind = KIND_STRING, .most = 64, .help = "\"5m\" ago, or an RFC 3339 time."},
	{0},
};

static const struct slot group_slots[] = {
	{.name = "name", .kind = KIND_STRING, .required = true},
	{.name = "count", .kind = KIND_INT, .required = true},
	{.name = "first", .kind = KIND_STRING, .required = true, .help = "When the oldest came."},
	{.name = "last", .kind = KIND_STRING, .required = true},
	{.name = "lines",
	 .kind = KIND_OBJECTS,
	 .required = true,
	 .members = line_slots,
	 .help = "The newest, and what followed it."},
	{0},
};

static const struct slot result[] = {
	{.name = "errors", .kind = KIND_OBJECTS, .required = true, .members = group_slots, .help = "Newest first."},
	{.name = "truncated", .kind = KIND_BOOL, .required = true, .help = "There are more."},
	{.name = "untrusted",
	 .kind = KIND_BOOL,
	 .required = true,
	 .help = "Always true: the text comes from processes."},
	{0},
};

struct group {
	struct hit newest;
	uint64_t first_us;
	uint32_t count;
	char shape[SHAPE_MAX];
};

struct errors {
	struct stores stores;
	struct hits hits;
	size_t at;         /* the store to be looked at */
	uint64_t since_us; /* 0: all */
	struct group groups[GROUPS_MAX];
	size_t count;
	bool more;
};

static void errors_free(void *state)
{
	struct errors *errors = state;

	stores_close(&errors->stores);
	hits_finish(&errors->hits);
	free(errors);
}

/* The line with every number as '#': "took 12 ms" and "took 7 ms" are the same. */
static void shape_of(const char *text, char out[SHAPE_MAX])
{
	size_t length = 0;

	while (*text && length + 1 < SHAPE_MAX) {
		if (isdigit((unsigned char)*text)) {
			out[length++] = '#';
			text += strspn(text, "0123456789");
		} else {
			out[length++] = *text++;
		}
	}
	out[length] = '\0';
}

static struct group *find_group(struct errors *errors, const struct hit *hit, const char *shape)
{
	for (size_t i = 0; i < errors->count; i++)
		if (errors->groups[i].newest.store == hit->store && strcmp(errors->groups[i].shape, shape) == 0)
			return &errors->groups[i];
	return NULL;
}

/* From the newest error to the oldest. */
static void group(struct errors *errors)
{
	struct line_text text;
	char shape[SHAPE_MAX];

	for (size_t i = errors->hits.count; i > 0; i--) {
		const struct hit *hit = &errors->hits.list[i - 1];
		struct group *group;

		line_read(hit->store, &hit->line, &text);
		shape_of(text.bytes, shape);
		group = find_group(errors, hit, shape);
		if (!group && errors->count == GROUPS_MAX) {
			errors->more = true;
			continue;
		}
		if (!group) {
			group = &errors->groups[errors->count++];
			group->newest = *hit;
			memcpy(group->shape, shape, sizeof shape);
		}
		group->first_us = hit->line.time_us;
		group->count++;
	}
}

/* What belongs to an error: the lines after it that announce no level of their own, as those of a stack trace. */
static void put_lines(struct json *json, struct text *text, const struct hit *error)
{
	struct brm_log_line lines[1 + CONTEXT];
	ssize_t n = brm_log_lines(error->store->log, error->line.seq, lines, 1 + CONTEXT);
	size_t bytes = 0;

	json_key(json, "lines");
	json_open_array(json);
	for (ssize_t i = 0; i < n; i++) {
		struct hit hit = {error->store, lines[i]};

		bytes += line_cost(&lines[i]);
		if (i > 0 &&
		    (lines[i].level != BRM_LEVEL_NONE || lines[i].stream != error->line.stream || bytes > SHARE_BUDGET))
			break;
		line_put(json, text, &hit, true);
	}
	json_close_array(json);
}

static void put_group(struct json *json, struct text *text, const struct group *group)
{
	char first[WHEN_MAX], last[WHEN_MAX];

	when_rfc3339(group->first_us * 1000, first);
	when_rfc3339(group->newest.line.time_us * 1000, last);
	json_open_object(json);
	json_key(json, "name");
	json_put_string(json, group->newest.store->name);
	json_key(json, "count");
	json_uint(json, group->count);
	json_key(json, "first");
	json_put_string(json, first);
	json_key(json, "last");
	json_put_string(json, last);
	if (group->count > 1)
		text_printf(text, "(%u times since %.12s)\n", group->count, first + 11);
	put_lines(json, text, &group->newest);
	json_close_object(json);
}

static void answer(struct call *call)
{
	struct errors *errors = call->state;
	struct text *text = &call->server->text;
	struct json *json = tool_begin(call);

	if (errors->count > 0)
		lines_put_heading(text);
	json_key(json, "errors");
	json_open_array(json);
	for (size_t i = 0; i < errors->count; i++)
		put_group(json, text, &errors->groups[i]);
	json_close_array(json);
	json_key(json, "truncated");
	json_bool(json, errors->more);
	json_key(json, "untrusted");
	json_bool(json, true);
	text_printf(text, "-- %zu kinds of errors%s\n", errors->count, errors->more ? ", older ones left out" : "");
	tool_end(call);
}

/* One store a turn. */
static void step(struct call *call, enum wake wake)
{
	struct errors *errors = call->state;

	(void)wake;
	if (errors->at < errors->stores.count) {
		struct store *store = &errors->stores.list[errors->at++];

		if (errors->since_us)
			brm_log_seek_time(store->log, errors->since_us, &store->first);
		errors->more |= hits_newest(&errors->hits, store, BRM_LEVEL_ERROR, ERRORS_MAX);
		call_yield(call, step);
		return;
	}
	hits_sort(&errors->hits);
	group(errors);
	answer(call);
}

static void run(struct call *call)
{
	const char *name = arg_string(call->args, "name");
	const char *since = arg_string(call->args, "since");
	struct errors *errors = call_state(call, sizeof *errors, errors_free);
	uint64_t since_ns = 0;
	int error;

	if (!errors)
		return;
	view_look(&call->site->view);
	if (since && *since && when_parse_time(since, now_read(), &since_ns) != 0) {
		tool_fail(call, "cannot list errors: since is neither a duration (5m) nor an RFC 3339 time");
		return;
	}
	error = stores_open(&errors->stores, &call->site->view, name);
	if (error) {
		tool_fail_stores(call, name, error);
		return;
	}
	errors->since_us = since_ns / 1000;
	step(call, WAKE_TURN);
}

const struct tool tool_errors_list = {
	.name = "errors_list",
	.title = "List errors",
	.description =
		"Error lines in the output, newest first, alike ones grouped and counted, with the stack trace that "
		"followed.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
