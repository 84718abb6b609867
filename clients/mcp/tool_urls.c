/* SPDX-License-Identifier: MIT */
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/* urls_list: where what runs can be reached. */

static const struct slot args[] = {
	{.name = "name", .kind = KIND_STRING, .least = 1, .most = BRM_ID_MAX, .help = "One process; without it all."},
	{0},
};

static const struct slot place[] = {
	{.name = "name", .kind = KIND_STRING, .required = true},
	{.name = "status", .kind = KIND_STRING, .required = true},
	{.name = "urls", .kind = KIND_STRINGS, .required = true, .help = "Announced in its output; untrusted."},
	{.name = "ports", .kind = KIND_INTS, .required = true, .help = "TCP ports its processes listen on."},
	{0},
};

static const struct slot result[] = {
	{.name = "processes", .kind = KIND_OBJECTS, .required = true, .members = place},
	{0},
};

static void put_place(struct call *call, struct json *json, const struct process *process)
{
	struct text *text = &call->server->text;
	const char *status = brm_status_word(brm_state_status(&process->state));

	json_open_object(json);
	json_pair(json, "name", process->identity.name);
	json_pair(json, "status", status);
	text_printf(text, "%s  %s", process->identity.name, status);
	json_key(json, "urls");
	json_open_array(json);
	for (const char *url = NULL; (url = brm_strings_next(&process->urls, url)) != NULL;) {
		json_put_string(json, url);
		text_printf(text, "  %s", url);
	}
	json_close_array(json);
	json_key(json, "ports");
	json_open_array(json);
	for (uint32_t i = 0; i < process->port_count; i++) {
		json_int(json, process->ports[i]);
		text_printf(text, "  port %u", process->ports[i]);
	}
	json_close_array(json);
	json_close_object(json);
	text_puts(text, "\n");
}

static void run(struct call *call)
{
	const char *name = arg_string(call->args, "name");
	const struct snapshot *snapshot = view_look(&call->site->view);
	const struct process *one = snapshot && name ? snapshot_find(snapshot, name) : NULL;
	uint32_t shown = 0;
	struct json *json;

	if (name && !one) {
		tool_fail_unknown(call, name);
		return;
	}
	json = tool_begin(call);
	json_key(json, "processes");
	json_open_array(json);
	for (uint32_t i = 0; snapshot && i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		if (one ? process != one : process->urls.count == 0 && process->port_count == 0)
			continue;
		put_place(call, json, process);
		shown++;
	}
	json_close_array(json);
	if (shown == 0)
		text_puts(&call->server->text, "No URL was announced, and nothing listens.\n");
	tool_end(call);
}

const struct tool tool_urls_list = {
	.name = "urls_list",
	.title = "List URLs and ports",
	.description = "URLs that processes announced in their output, and the TCP ports they listen on.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
