/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <brummer/errors.h>

#include "clients/common/when.h"
#include "clients/mcp/lines.h"
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/*
 * errors_list: the errors that were found in the output while it was captured, those of one group together, each group
 * with the lines of its newest.
 */

#define GROUPS_MAX   20
#define ERRORS_MAX   500 /* of one process, the newest */
#define LINES_SHOWN  12  /* of one error */
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
	{.name = "language", .kind = KIND_STRING, .help = "Whose runtime or compiler says so, when it is known."},
	{.name = "lines",
	 .kind = KIND_OBJECTS,
	 .required = true,
	 .members = line_slots,
	 .help = "Of the newest: the error and its stack."},
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

/* An error that was found. */
struct found {
	const struct store *store;
	struct brm_log_error error;
};

struct group {
	struct found newest;
	uint64_t first_us;
	uint32_t count;
};

struct errors {
	struct stores stores;
	struct found *list; /* count of them */
	size_t found;
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
	free(errors->list);
	free(errors);
}

/* The newest errors of a store, behind those that are there. */
static void look_at(struct errors *errors, const struct store *store)
{
	struct brm_log_error batch[ERRORS_MAX];
	struct found *list;
	uint64_t first, end;
	ssize_t n;

	brm_log_errors_range(store->log, &first, &end);
	if (end - first > ERRORS_MAX) {
		first = end - ERRORS_MAX;
		errors->more = true;
	}
	n = brm_log_errors(store->log, first, batch, ERRORS_MAX);
	list = n > 0 ? realloc(errors->list, (errors->found + (size_t)n) * sizeof *list) : NULL;
	if (!list)
		return;
	errors->list = list;
	for (ssize_t i = 0; i < n; i++)
		if (batch[i].time_us >= errors->since_us)
			list[errors->found++] = (struct found){store, batch[i]};
}

static int by_time(const void *a, const void *b)
{
	const struct found *p = a, *q = b;

	if (p->error.time_us != q->error.time_us)
		return p->error.time_us < q->error.time_us ? -1 : 1;
	return p->error.seq < q->error.seq ? -1 : p->error.seq > q->error.seq;
}

static struct group *find_group(struct errors *errors, const struct found *found)
{
	for (size_t i = 0; i < errors->count; i++)
		if (errors->groups[i].newest.store == found->store &&
		    errors->groups[i].newest.error.group == found->error.group)
			return &errors->groups[i];
	return NULL;
}

/* From the newest error to the oldest. */
static void group(struct errors *errors)
{
	if (errors->found > 0)
		qsort(errors->list, errors->found, sizeof *errors->list, by_time);
	for (size_t i = errors->found; i > 0; i--) {
		const struct found *found = &errors->list[i - 1];
		struct group *group = find_group(errors, found);

		if (!group && errors->count == GROUPS_MAX) {
			errors->more = true;
			continue;
		}
		if (!group) {
			group = &errors->groups[errors->count++];
			group->newest = *found;
		}
		group->first_us = found->error.time_us;
		group->count++;
	}
}

/* The lines of an error; of a long one the first, and the one that says what is wrong. */
static void put_lines(struct json *json, struct text *text, const struct found *found)
{
	struct brm_log_line lines[LINES_BATCH];
	size_t most = found->error.lines < LINES_BATCH ? found->error.lines : LINES_BATCH;
	ssize_t n = brm_log_lines(found->store->log, found->error.seq, lines, most);
	unsigned shown = 0;
	size_t bytes = 0;

	json_key(json, "lines");
	json_open_array(json);
	for (ssize_t i = 0; i < n; i++) {
		struct hit hit = {found->store, lines[i]};
		bool says = lines[i].seq == found->error.seq + found->error.message;

		if (lines[i].stream != found->error.stream || lines[i].seq >= found->error.seq + found->error.lines)
			continue;
		bytes += line_cost(&lines[i]);
		if (!says && shown > 0 && (shown >= LINES_SHOWN || bytes > SHARE_BUDGET))
			continue;
		line_put(json, text, &hit, true);
		shown++;
	}
	json_close_array(json);
}

static void put_group(struct json *json, struct text *text, const struct group *group)
{
	const char *language = brm_language_word(group->newest.error.language);
	char first[WHEN_MAX], last[WHEN_MAX];

	when_rfc3339(group->first_us * 1000, first);
	when_rfc3339(group->newest.error.time_us * 1000, last);
	json_open_object(json);
	json_pair(json, "name", group->newest.store->name);
	json_key(json, "count");
	json_uint(json, group->count);
	json_pair(json, "first", first);
	json_pair(json, "last", last);
	if (*language) {
		json_pair(json, "language", language);
	}
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
		look_at(errors, &errors->stores.list[errors->at++]);
		call_yield(call, step);
		return;
	}
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
