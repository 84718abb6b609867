/* SPDX-License-Identifier: MIT */
#include "clients/mcp/tools.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clients/common/near.h"
#include "clients/mcp/resources.h"
#include "clients/mcp/site.h"

#define LIST_TTL_MS 3600000
#define NEAREST     3
#define ARGS_MAX    10 /* of one tool */
#define SEEN_MS     1000

/* The order of tools/list. */
static const struct tool *const tools[] = {
	&tool_scripts_list, &tool_scripts_run,  &tool_scripts_stop,   &tool_scripts_restart, &tool_scripts_status,
	&tool_scripts_send, &tool_scripts_wait, &tool_logs_stream,    &tool_logs_search,     &tool_errors_list,
	&tool_urls_list,    &tool_events_list,  &tool_instances_list,
};
#define TOOL_COUNT (sizeof tools / sizeof *tools)

static void put_hint(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

/* With --instances every tool takes one more argument. */
static const struct slot instance_arg = {
	.name = "instance",
	.kind = KIND_STRING,
	.least = 1,
	.most = BRM_INSTANCE_MAX - 1,
	.help = "Which instance, as instances_list has it; may be left out while there is but one.",
};

static void put_args(struct json *json, const struct tool *tool, bool all)
{
	struct slot slots[ARGS_MAX + 2] = {{0}};
	size_t count = 0;

	while (tool->args[count].name) {
		assert(count < ARGS_MAX);
		slots[count] = tool->args[count];
		count++;
	}
	if (all && !(tool->flags & TOOL_ALL))
		slots[count] = instance_arg;
	schema_put(json, slots);
}

static void put_tool(struct json *json, const struct tool *tool, bool all)
{
	json_open_object(json);
	json_pair(json, "name", tool->name);
	json_pair(json, "title", tool->title);
	json_pair(json, "description", tool->description);
	json_key(json, "inputSchema");
	put_args(json, tool, all);
	json_key(json, "outputSchema");
	schema_put(json, tool->result);
	json_key(json, "annotations");
	json_open_object(json);
	json_pair(json, "title", tool->title);
	put_hint(json, "readOnlyHint", tool->flags & TOOL_READS);
	put_hint(json, "destructiveHint", tool->flags & TOOL_DESTRUCTIVE);
	put_hint(json, "idempotentHint", tool->flags & (TOOL_IDEMPOTENT | TOOL_READS));
	put_hint(json, "openWorldHint", tool->flags & TOOL_OPEN);
	json_close_object(json);
	json_close_object(json);
}

static bool offered(const struct server *server, const struct tool *tool)
{
	if (server->site && tool->flags & TOOL_ALL)
		return false;
	return !server->options.read_only || tool->flags & TOOL_READS;
}

/* The list never changes: it is made once. */
static const struct json *list_text(struct server *server)
{
	struct json *list = &server->tools;

	if (list->length > 0)
		return list;
	json_open_array(list);
	for (size_t i = 0; i < TOOL_COUNT; i++)
		if (offered(server, tools[i]))
			put_tool(list, tools[i], !server->site);
	json_close_array(list);
	return list;
}

void tools_list(struct call *call)
{
	const struct json *list = list_text(call->server);
	struct json *json;

	if (json_object_get(call->rpc.params, "cursor")) {
		call_error(call, RPC_INVALID_PARAMS, "no such cursor: the tools are one page");
		return;
	}
	json = call_begin(call);
	json_key(json, "tools");
	json_raw(json, list->text, list->length);
	era_put_cache(json, call->era, LIST_TTL_MS);
	call_end(call);
}

static const struct tool *tool_find(const char *name)
{
	for (size_t i = 0; name && i < TOOL_COUNT; i++)
		if (strcmp(tools[i]->name, name) == 0)
			return tools[i];
	return NULL;
}

/* The instance that the arguments name, which then hold it no more. False: the call is answered. */
static bool find_site(struct call *call, const struct tool *tool)
{
	json_t *name;
	char why[1200];

	if (call->site || tool->flags & TOOL_ALL)
		return true;
	name = json_incref(json_object_get(call->args, "instance"));
	json_object_del(call->args, "instance");
	if (name && !json_is_string(name))
		snprintf(why, sizeof why, "instance must be a string");
	else
		call->site = site_find(call->server, json_string_value(name), why, sizeof why);
	json_decref(name);
	if (call->site)
		return true;
	tool_fail(call, "cannot call %s: %s. instances_list shows them.", tool->name, why);
	return false;
}

void tools_call(struct call *call)
{
	const struct tool *tool = tool_find(json_string_value(json_object_get(call->rpc.params, "name")));
	char why[512];

	call->args = json_object_get(call->rpc.params, "arguments");
	if (!tool || (tool->flags & TOOL_ALL && call->site)) {
		call_error(call, RPC_INVALID_PARAMS, "Unknown tool: see tools/list");
	} else if (call->args && !json_is_object(call->args)) {
		call_error(call, RPC_INVALID_PARAMS, "arguments must be an object");
	} else if (!offered(call->server, tool)) {
		tool_fail(call, "%s is not available: this server was started with --read-only", tool->name);
	} else if (find_site(call, tool)) {
		if (args_check(call->args, tool->args, why, sizeof why))
			refresh_then(call, tool->run);
		else
			tool_fail(call, "cannot call %s: %s", tool->name, why);
	}
}

struct json *tool_begin(struct call *call)
{
	struct json *json;

	text_reset(&call->server->text);
	if (call->resource) {
		json = &call->server->content;
		json_reset(json);
	} else {
		json = call_begin(call);
		json_key(json, "structuredContent");
	}
	json_open_object(json);
	return json;
}

static void put_content(struct json *json, const char *text, size_t length)
{
	json_key(json, "content");
	json_open_array(json);
	json_open_object(json);
	json_pair(json, "type", "text");
	json_key(json, "text");
	json_put_string_n(json, text, length);
	json_close_object(json);
	json_close_array(json);
}

static void end_resource(struct call *call)
{
	struct json *content = &call->server->content;
	const struct text *text = &call->server->text;

	json_close_object(content);
	if (resource_is_text(call))
		resource_answer(call, text->bytes, text->length);
	else if (json_text(content))
		resource_answer(call, content->text, content->length);
	else
		call_error(call, RPC_INTERNAL_ERROR, "out of memory");
}

void tool_end(struct call *call)
{
	struct json *json = &call->server->out;
	const struct text *text = &call->server->text;

	if (call->resource) {
		end_resource(call);
		return;
	}
	json_close_object(json);
	put_content(json, text->bytes, text->length);
	call_end(call);
}

void tool_fail(struct call *call, const char *format, ...)
{
	struct json *json;
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (call->resource) {
		call_error(call, RPC_INTERNAL_ERROR, text);
		return;
	}
	json = call_begin(call);
	put_content(json, text, strlen(text));
	json_key(json, "isError");
	json_bool(json, true);
	call_end(call);
}

void tool_fail_unknown(struct call *call, const char *name)
{
	char why[1024];

	if (call->resource) {
		resource_not_found(call);
		return;
	}
	tool_fail(call, "%s scripts_list shows what can be run, scripts_status what was started.",
		  view_unknown(&call->site->view, name, why, sizeof why));
}

void tool_fail_stores(struct call *call, const char *name, int error)
{
	if (error == -ENOENT && name)
		tool_fail_unknown(call, name);
	else
		tool_fail(call, "cannot read the logs: %s. Name one process.", brm_strerror(error));
}

/* What to do after each refusal. */
static const char *const next_steps[BRM_REFUSAL_COUNT] = {
	[BRM_UNKNOWN] = " scripts_list shows what can be run.",
	[BRM_MOVED_ON] = " scripts_status shows the current run.",
	[BRM_CONFLICT] = " scripts_status shows its state.",
	[BRM_CLOSING] = " Try again in a moment.",
	[BRM_FAILED_TO_START] = " Check the command and its directory.",
	[BRM_TIMED_OUT] = " It goes on; scripts_wait waits for its end.",
	[BRM_RETRY] = " Try again in a moment.",
};

/* "; did you mean A or B?" from what the supervisor says is near to an unknown name; "." when nothing is. */
static void put_nearest(const struct reply *reply, char *out, size_t size)
{
	const msgpack_object *list = reply_get(&reply->data, "nearest");
	char names[NEAREST][BRM_NAME_MAX];
	const char *words[NEAREST];
	size_t count = 0;

	for (uint32_t i = 0; list && list->type == MSGPACK_OBJECT_ARRAY && i < list->via.array.size; i++) {
		const msgpack_object *name = &list->via.array.ptr[i];

		if (name->type != MSGPACK_OBJECT_STR || count == NEAREST)
			continue;
		snprintf(names[count], sizeof names[count], "%.*s", (int)name->via.str.size, name->via.str.ptr);
		words[count] = names[count];
		count++;
	}
	near_hint(words, count, out, size);
	if (!*out)
		snprintf(out, size, ".");
}

void tool_fail_refused(struct call *call, const char *verb, const char *name, const struct reply *reply,
		       const char *failure)
{
	const char *next = reply ? next_steps[reply->refused] : NULL;
	char hint[NEAREST * BRM_NAME_MAX + 32];

	if (!reply) {
		tool_fail(call, "cannot %s %s: %s.", verb, name, failure);
		return;
	}
	put_nearest(reply, hint, sizeof hint);
	tool_fail(call, "%s%s%s", reply->message, hint, next ? next : "");
}

static void no_answer(struct call *call, enum wake wake)
{
	if (wake == WAKE_DEADLINE)
		tool_fail(call,
			  "the supervisor has not answered within %llu s; what was asked may still happen. "
			  "scripts_status tells.",
			  (unsigned long long)call_waited_ms(call) / 1000);
}

bool tool_await(struct call *call, uint64_t timeout_ms)
{
	return call_wait(call, timeout_ms, no_answer);
}

const msgpack_object *reply_process(const struct reply *reply)
{
	const msgpack_object *list = reply_get(&reply->result, "processes");

	return list && list->type == MSGPACK_OBJECT_ARRAY && list->via.array.size > 0 ? &list->via.array.ptr[0] : NULL;
}

static void look_for_revision(struct call *call, enum wake wake)
{
	const struct snapshot *snapshot = view_look(&call->site->view);
	const struct process *process = snapshot ? snapshot_find(snapshot, arg_string(call->args, "name")) : NULL;
	bool seen = false;

	if (process && call->revision > 0)
		seen = brm_head_version(process->state.head) >= call->revision;
	else if (process)
		seen = brm_status_is_alive(brm_state_status(&process->state));
	if (seen || wake == WAKE_DEADLINE)
		call->seen(call);
}

void tool_when_seen(struct call *call, const struct reply *reply, void (*seen)(struct call *call))
{
	const msgpack_object *process = reply ? reply_process(reply) : NULL;

	call->revision = process ? (uint64_t)reply_int(process, "revision", 0) : 0;
	call->seen = seen;
	if (call_wait(call, SEEN_MS, look_for_revision))
		look_for_revision(call, WAKE_BELL);
}

void tool_put_process(struct call *call, struct json *json, const char *name)
{
	struct view *view = &call->site->view;
	const struct snapshot *snapshot = view_look(view);
	const struct process *process = snapshot ? snapshot_find(snapshot, name) : NULL;

	if (!process)
		return;
	json_key(json, "process");
	view_put_process(view, json, process);
	piece_put_heading(&call->server->text);
	view_put_row(view, &call->server->text, process);
}
