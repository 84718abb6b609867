/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/* scripts_send: write to the standard input of a process. */

#define ANSWER_MS 10000

static const struct slot args[] = {
	{.name = "name",
	 .kind = KIND_STRING,
	 .required = true,
	 .least = 1,
	 .most = BRM_ID_MAX,
	 .help = "The process; it must have a standard input (stdin: pipe, or tty: true)."},
	{.name = "text", .kind = KIND_STRING, .required = true, .most = 65536, .help = "What to write."},
	{.name = "newline", .kind = KIND_BOOL, .help = "End it with a newline; true unless false is given."},
	{0},
};

static const struct slot result[] = {
	{.name = "bytes", .kind = KIND_INT, .required = true, .help = "Bytes written."},
	{0},
};

static void answered(struct call *call, const struct reply *reply, const char *failure)
{
	const char *name = arg_string(call->args, "name");
	long long bytes;
	struct json *json;

	if (!reply || reply->refused) {
		tool_fail_refused(call, "write to", name, reply, failure);
		return;
	}
	bytes = reply_int(&reply->result, "bytes", 0);
	json = tool_begin(call);
	json_key(json, "bytes");
	json_int(json, bytes);
	text_printf(&call->server->text, "%lld bytes written to %s\n", bytes, name);
	tool_end(call);
}

static void put(struct call *call, struct client *client)
{
	const char *text = arg_string(call->args, "text");
	size_t length = strlen(text);
	bool newline = arg_bool(call->args, "newline", true);
	char *bytes = malloc(length + 1);

	client_put_string(client, "name", arg_string(call->args, "name"));
	if (bytes) {
		memcpy(bytes, text, length);
		bytes[length] = '\n';
		client_put_bytes(client, "text", bytes, length + newline);
	}
	free(bytes);
}

static void run(struct call *call)
{
	const char *name = arg_string(call->args, "name");
	const struct snapshot *snapshot = view_look(&call->site->view);

	if (!snapshot || !snapshot_find(snapshot, name))
		tool_fail_unknown(call, name);
	else if (tool_await(call, ANSWER_MS))
		command_send(call, BRM_SEND, 0, put, answered);
}

const struct tool tool_scripts_send = {
	.name = "scripts_send",
	.title = "Write to a process",
	.description = "Write text to the standard input of a process, as a person at its terminal would.",
	.flags = TOOL_OPEN,
	.args = args,
	.result = result,
	.run = run,
};
