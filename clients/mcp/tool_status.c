/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/* scripts_status: what runs, from memory alone. */

#define LIMIT_MOST 1000

static const struct slot args[] = {
	{.name = "name", .kind = KIND_STRING, .least = 1, .most = BRM_ID_MAX, .help = "One process: NAME or NAME#RUN."},
	{.name = "status",
	 .kind = KIND_STRING,
	 .words = "pending|starting|running|stopping|backoff|stopped|failed|success",
	 .help = "Only those in this status."},
	{.name = "since",
	 .kind = KIND_STRING,
	 .most = 64,
	 .help = "Only those that changed since an earlier answer: its `since`."},
	{.name = "limit",
	 .kind = KIND_INT,
	 .least = 1,
	 .most = LIMIT_MOST,
	 .absent = 100,
	 .help = "At most so many processes."},
	{0},
};

static const struct slot supervisor[] = {
	{.name = "state",
	 .kind = KIND_STRING,
	 .required = true,
	 .words = "live|unresponsive|restarting|dead|closed|superseded|none"},
	{.name = "stale",
	 .kind = KIND_BOOL,
	 .required = true,
	 .help = "Nobody keeps these states up to date: they are the last ones known."},
	{0},
};

static const struct slot result[] = {
	{.name = "processes", .kind = KIND_PROCESSES, .required = true},
	{.name = "supervisor", .kind = KIND_OBJECT, .required = true, .members = supervisor},
	{.name = "since", .kind = KIND_STRING, .required = true, .help = "Pass it next time for what changed."},
	{.name = "truncated", .kind = KIND_BOOL, .required = true, .help = "More were left out: raise limit."},
	{0},
};

struct filter {
	const char *name;
	enum brm_status status; /* BRM_ABSENT: any */
	uint64_t epoch;         /* only what was published later */
	int64_t limit;
};

static void put_supervisor(struct json *json, const char *state, bool stale)
{
	json_key(json, "supervisor");
	json_open_object(json);
	json_pair(json, "state", state);
	json_key(json, "stale");
	json_bool(json, stale);
	json_close_object(json);
}

static void answer_none(struct call *call)
{
	struct json *json;
	const char *dir = site_dir(call->site);

	if (call->site->view.error != -ENOENT) {
		tool_fail(call, "cannot read the state of %s: %s", call->site->instance.name,
			  brm_strerror(call->site->view.error));
		return;
	}
	json = tool_begin(call);
	json_key(json, "processes");
	json_open_array(json);
	json_close_array(json);
	put_supervisor(json, "none", false);
	json_pair(json, "since", "");
	json_key(json, "truncated");
	json_bool(json, false);
	text_printf(&call->server->text, "No supervisor runs for %s: nothing was started. scripts_run starts one.",
		    *dir ? dir : call->site->instance.name);
	tool_end(call);
}

static bool passes(const struct process *process, const struct filter *filter)
{
	if (filter->status != BRM_ABSENT && brm_state_status(&process->state) != filter->status)
		return false;
	return process->state.epoch > filter->epoch;
}

/* Returns how many passed, written or not. */
static uint32_t put_processes(struct call *call, struct json *json, const struct filter *filter)
{
	struct view *view = &call->site->view;
	const struct process *one = filter->name ? snapshot_find(&view->snapshot, filter->name) : NULL;
	const struct process *first = one ? one : view->snapshot.processes;
	uint32_t count = one ? 1 : view->snapshot.count;
	uint32_t passed = 0;

	piece_put_heading(&call->server->text);
	json_key(json, "processes");
	json_open_array(json);
	for (uint32_t i = 0; i < count; i++) {
		if (!passes(&first[i], filter) || ++passed > filter->limit)
			continue;
		view_put_process(view, json, &first[i]);
		view_put_row(view, &call->server->text, &first[i]);
	}
	json_close_array(json);
	return passed;
}

static void answer(struct call *call, const struct snapshot *snapshot, const struct filter *filter)
{
	bool stale = !view_alive(&call->site->view) || snapshot->liveness == BRM_RESTARTING;
	struct text *text = &call->server->text;
	struct json *json = tool_begin(call);
	uint32_t passed = put_processes(call, json, filter);
	bool truncated = passed > filter->limit;
	char since[VIEW_MARK_MAX];

	put_supervisor(json, brm_liveness_word(snapshot->liveness), stale);
	view_mark(&call->site->view, snapshot->epoch, since);
	json_pair(json, "since", since);
	json_key(json, "truncated");
	json_bool(json, truncated);
	if (snapshot->liveness != BRM_LIVE)
		text_printf(text, "-- supervisor %s%s\n", brm_liveness_word(snapshot->liveness),
			    stale ? ": these are the last states known" : "");
	if (passed == 0)
		text_puts(text, "-- none\n");
	if (truncated)
		text_printf(text, "-- %lld of %u shown: raise limit\n", (long long)filter->limit, passed);
	text_printf(text, "-- since %s\n", since);
	tool_end(call);
}

static void run(struct call *call)
{
	const struct snapshot *snapshot = view_look(&call->site->view);
	const char *status = arg_string(call->args, "status");
	const char *since = arg_string(call->args, "since");
	struct filter filter = {
		.name = arg_string(call->args, "name"),
		.limit = arg_int(call->args, args, "limit"),
	};

	if (status)
		brm_status_parse(status, &filter.status);
	if (!snapshot)
		answer_none(call);
	else if (since && *since && !view_read_mark(&call->site->view, since, &filter.epoch))
		tool_fail(call, "cannot call scripts_status: \"since\" is not one that an earlier answer gave");
	else if (filter.name && !snapshot_find(snapshot, filter.name))
		tool_fail_unknown(call, filter.name);
	else
		answer(call, snapshot, &filter);
}

const struct tool tool_scripts_status = {
	.name = "scripts_status",
	.title = "Status of processes",
	.description = "What was started and how it is: status, pid, uptime, exit code, URLs, CPU, memory, last error. "
		       "Instant; ask as often as you like. With `since` only what changed.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
