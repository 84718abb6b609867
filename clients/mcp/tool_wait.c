/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"
#include "clients/mcp/waiting.h"

/* scripts_wait: wait for a process, from memory and files alone. */

static const struct slot args[] = {
	{.name = "name",
	 .kind = KIND_STRING,
	 .required = true,
	 .least = 1,
	 .most = BRM_ID_MAX,
	 .help = "The process: NAME or NAME#RUN."},
	WAITING_ARGS,
	{0},
};

static const struct slot result[] = {
	WAITING_RESULT,
	{.name = "state", .kind = KIND_STRING, .help = "Its status now; absent when it is gone."},
	{.name = "process", .kind = KIND_PROCESS},
	{0},
};

static void waiting_free(void *state)
{
	waiting_finish(state);
	free(state);
}

static void answer(struct call *call, enum verdict verdict)
{
	const struct waiting *waiting = call->state;
	const struct snapshot *snapshot = view_look(&call->site->view);
	const struct process *process = snapshot ? snapshot_find(snapshot, waiting->name) : NULL;
	struct json *json = tool_begin(call);

	waiting_put(json, call, verdict);
	if (process) {
		json_pair(json, "state", brm_status_word(brm_state_status(&process->state)));
	}
	tool_put_process(call, json, waiting->name);
	waiting_put_text(&call->server->text, call, verdict);
	tool_end(call);
}

static void run(struct call *call)
{
	const char *name = arg_string(call->args, "name");
	const struct snapshot *snapshot = view_look(&call->site->view);
	const struct process *process = snapshot ? snapshot_find(snapshot, name) : NULL;
	struct waiting *waiting;
	char why[512];

	if (!process) {
		tool_fail_unknown(call, name);
		return;
	}
	waiting = call_state(call, sizeof *waiting, waiting_free);
	if (!waiting)
		return;
	waiting->done = answer;
	/* The name alone: NAME#RUN would be gone with the next run. */
	snprintf(waiting->name, sizeof waiting->name, "%s", process->identity.name);
	waiting->run = process->state.run;
	if (waiting_init(waiting, call->args, why, sizeof why))
		waiting_begin(call);
	else
		tool_fail(call, "cannot wait: %s", why);
}

const struct tool tool_scripts_wait = {
	.name = "scripts_wait",
	.title = "Wait for a process",
	.description =
		"Wait until a process is ready, has ended, or has printed a matching line. When the time is over "
		"first, the answer is normal, with matched false: call again to wait on.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
