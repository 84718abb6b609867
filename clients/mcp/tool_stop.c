/* SPDX-License-Identifier: MIT */
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/* scripts_stop: the answer comes when it has ended. */

#define STOP_MOST_MS 120000
#define STOP_MS      30000
#define SPARE_MS     2000 /* for the supervisor's own answer to come first */

static const struct slot args[] = {
	{.name = "name",
	 .kind = KIND_STRING,
	 .required = true,
	 .least = 1,
	 .most = BRM_ID_MAX,
	 .help = "The process: NAME, or NAME#RUN for this run and no later one."},
	{.name = "timeout_ms",
	 .kind = KIND_INT,
	 .least = 100,
	 .most = STOP_MOST_MS,
	 .absent = STOP_MS,
	 .help = "Then the answer comes though it has not ended; stopping goes on."},
	{0},
};

static const struct slot result[] = {
	{.name = "process", .kind = KIND_PROCESS},
	{.name = "already", .kind = KIND_BOOL, .required = true, .help = "It did not run: nothing was done."},
	{0},
};

static void answer(struct call *call, bool already)
{
	struct json *json = tool_begin(call);

	tool_put_process(call, json, arg_string(call->args, "name"));
	json_key(json, "already");
	json_bool(json, already);
	if (already)
		text_puts(&call->server->text, "-- it did not run: nothing was done\n");
	tool_end(call);
}

static void answer_stopped(struct call *call)
{
	answer(call, false);
}

static void answered(struct call *call, const struct reply *reply, const char *failure)
{
	if (reply && !reply->refused)
		tool_when_seen(call, reply, answer_stopped);
	else
		tool_fail_refused(call, "stop", arg_string(call->args, "name"), reply, failure);
}

static void put(struct call *call, struct client *client)
{
	const char *const names[] = {arg_string(call->args, "name"), NULL};

	client_put_list(client, "names", names);
	client_put_int(client, "timeout_ms", arg_int(call->args, args, "timeout_ms"));
}

static void run(struct call *call)
{
	const char *asked = arg_string(call->args, "name");
	const struct snapshot *snapshot = view_look(&call->site->view);
	const struct process *process = snapshot ? snapshot_find(snapshot, asked) : NULL;
	enum brm_status status = process ? brm_state_status(&process->state) : BRM_ABSENT;

	if (!process)
		tool_fail_unknown(call, asked);
	else if (brm_status_is_finished(status))
		answer(call, true);
	else if (tool_await(call, (uint64_t)arg_int(call->args, args, "timeout_ms") + SPARE_MS))
		command_send(call, BRM_STOP, 0, put, answered);
}

const struct tool tool_scripts_stop = {
	.name = "scripts_stop",
	.title = "Stop a process",
	.description =
		"End a process and its descendants: its stop signal, then after its grace time SIGKILL. The answer "
		"comes when it has ended.",
	.flags = TOOL_DESTRUCTIVE | TOOL_IDEMPOTENT,
	.args = args,
	.result = result,
	.run = run,
};
