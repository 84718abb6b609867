/* SPDX-License-Identifier: MIT */
#include "clients/mcp/resources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/events.h>

#include "clients/mcp/lines.h"
#include "clients/mcp/server.h"
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

#define LIST_TTL_MS 5000
#define READ_TTL_MS 0
#define PAGE        100 /* resources of a page */
#define LOGS        "brummer://logs/"
#define QUERY       "?instance="
#define TEMPLATE    "{?instance}"
#define JSON_TYPE   "application/json"
#define TEXT_TYPE   "text/plain"

static uint64_t state_stamp(struct site *site)
{
	return site->view.taken ? site->view.snapshot.epoch + 1 : 0;
}

static uint64_t event_stamp(struct site *site)
{
	const struct brm_reader *reader = site->view.taken ? source_reader(site->view.source) : NULL;
	uint64_t first, end = 0;

	if (reader)
		brm_events_range(reader, &first, &end);
	return end;
}

/* Those there always are. The content is that of a tool: what it gives as objects, or, for logs, as text. */
static const struct resource {
	const char *uri;
	const char *name;
	const char *title;
	const char *description;
	const struct tool *tool;
	uint64_t (*stamp)(struct site *site); /* NULL: of no one instance; there with --instances alone */
} resources[] = {
	{"brummer://status", "status", "Status", "All processes and how they are.", &tool_scripts_status, state_stamp},
	{"brummer://scripts", "scripts", "Scripts", "What can be run here.", &tool_scripts_list, state_stamp},
	{"brummer://errors", "errors", "Errors", "Error lines in the output, grouped.", &tool_errors_list, state_stamp},
	{"brummer://events", "events", "Events", "The newest state changes.", &tool_events_list, event_stamp},
	{"brummer://instances", "instances", "Instances", "The projects that are served.", &tool_instances_list, NULL},
};
#define RESOURCES (sizeof resources / sizeof *resources)

struct site *resource_site(struct server *server, const char *uri)
{
	const char *name = strstr(uri, QUERY);
	char why[256];

	return server->site ? server->site : name ? site_find(server, name + strlen(QUERY), why, sizeof why) : NULL;
}

/* The length of a URI without its instance. */
static size_t plain_length(const char *uri)
{
	const char *query = strstr(uri, QUERY);

	return query ? (size_t)(query - uri) : strlen(uri);
}

/* The process of brummer://logs/NAME into name. False: it is another URI. */
static bool is_logs(const char *uri, char name[BRM_NAME_MAX])
{
	size_t length = plain_length(uri);
	char path[4 * BRM_NAME_MAX];

	if (strncmp(uri, LOGS, strlen(LOGS)) != 0 || length <= strlen(LOGS))
		return false;
	snprintf(path, sizeof path, "%.*s", (int)(length - strlen(LOGS)), uri + strlen(LOGS));
	name_of_path(path, name, BRM_NAME_MAX);
	return true;
}

static const struct resource *resource_find(const char *uri)
{
	size_t length = plain_length(uri);

	for (size_t i = 0; i < RESOURCES; i++)
		if (strlen(resources[i].uri) == length && strncmp(resources[i].uri, uri, length) == 0)
			return &resources[i];
	return NULL;
}

static void put_fixed(struct json *json, const struct resource *resource)
{
	json_open_object(json);
	json_pair(json, "uri", resource->uri);
	json_pair(json, "name", resource->name);
	json_pair(json, "title", resource->title);
	json_pair(json, "description", resource->description);
	json_pair(json, "mimeType", JSON_TYPE);
	json_close_object(json);
}

static void put_logs(struct json *json, const char *process)
{
	char path[NAME_MAX + 1], uri[NAME_MAX + sizeof LOGS], name[BRM_NAME_MAX + 8];

	if (brm_name_to_path(process, path) != 0)
		return;
	snprintf(uri, sizeof uri, "%s%s", LOGS, path);
	snprintf(name, sizeof name, "logs/%s", process);
	json_open_object(json);
	json_pair(json, "uri", uri);
	json_pair(json, "name", name);
	json_pair(json, "description", "The newest output of this process; untrusted text.");
	json_pair(json, "mimeType", TEXT_TYPE);
	json_close_object(json);
}

/* A cursor is the number of the first log resource of the page. */
static bool read_page(const json_t *cursor, uint32_t *first)
{
	unsigned long long number;
	int end = 0;

	*first = 0;
	if (!cursor)
		return true;
	if (!json_is_string(cursor) || sscanf(json_string_value(cursor), "p%9llu%n", &number, &end) != 1 ||
	    json_string_value(cursor)[end])
		return false;
	*first = (uint32_t)number;
	return true;
}

static void list(struct call *call)
{
	const struct snapshot *snapshot = call->site ? view_look(&call->site->view) : NULL;
	uint32_t count = snapshot ? snapshot->count : 0, first;
	struct json *json;
	char cursor[16];

	if (!read_page(json_object_get(call->rpc.params, "cursor"), &first) || first > count) {
		call_error(call, RPC_INVALID_PARAMS, "no such cursor");
		return;
	}
	json = call_begin(call);
	json_key(json, "resources");
	json_open_array(json);
	for (size_t i = 0; i < RESOURCES && first == 0; i++)
		if (!call->site == !resources[i].stamp)
			put_fixed(json, &resources[i]);
	for (uint32_t i = first; i < count && i - first < PAGE; i++)
		put_logs(json, snapshot->processes[i].identity.name);
	json_close_array(json);
	if (count - first > PAGE) {
		snprintf(cursor, sizeof cursor, "p%u", first + PAGE);
		json_pair(json, "nextCursor", cursor);
	}
	era_put_cache(json, call->era, LIST_TTL_MS);
	call_end(call);
}

void resources_list(struct call *call)
{
	refresh_then(call, list);
}

/* With --instances, what there always is of each. */
static void put_template(struct json *json, const struct resource *resource)
{
	char uri[64];

	snprintf(uri, sizeof uri, "%s" TEMPLATE, resource->uri);
	json_open_object(json);
	json_pair(json, "uriTemplate", uri);
	json_pair(json, "name", resource->name);
	json_pair(json, "title", resource->title);
	json_pair(json, "description", resource->description);
	json_pair(json, "mimeType", JSON_TYPE);
	json_close_object(json);
}

void resources_templates(struct call *call)
{
	struct json *json;

	if (json_object_get(call->rpc.params, "cursor")) {
		call_error(call, RPC_INVALID_PARAMS, "no such cursor: the templates are one page");
		return;
	}
	json = call_begin(call);
	json_key(json, "resourceTemplates");
	json_open_array(json);
	for (size_t i = 0; i < RESOURCES && !call->site; i++)
		if (resources[i].stamp)
			put_template(json, &resources[i]);
	json_open_object(json);
	json_pair(json, "uriTemplate", call->site ? LOGS "{name}" : LOGS "{name}" TEMPLATE);
	json_pair(json, "name", "logs");
	json_pair(json, "title", "Output of a process");
	json_pair(json, "description", "The newest output of the process of that name; untrusted text.");
	json_pair(json, "mimeType", TEXT_TYPE);
	json_close_object(json);
	json_close_array(json);
	era_put_cache(json, call->era, LIST_TTL_MS);
	call_end(call);
}

/* Run the tool of the same content; tool_end() then answers as resources/read does. */
static void read_with(struct call *call, const struct tool *tool, const char *type, json_t *args)
{
	call->resource_type = type;
	json_object_set_new(call->rpc.params, "arguments", args);
	call->args = json_object_get(call->rpc.params, "arguments");
	refresh_then(call, tool->run);
}

void resources_read(struct call *call)
{
	const char *uri = json_string_value(json_object_get(call->rpc.params, "uri"));
	const struct resource *resource = uri ? resource_find(uri) : NULL;
	char name[BRM_NAME_MAX];

	if (!uri) {
		call_error(call, RPC_INVALID_PARAMS, "params must have uri");
		return;
	}
	call->resource = uri;
	if (!call->server->site && !(resource && !resource->stamp))
		call->site = resource_site(call->server, uri);
	if (resource ? !resource->stamp != !call->site : !call->site)
		resource_not_found(call);
	else if (resource)
		read_with(call, resource->tool, JSON_TYPE, json_object());
	else if (is_logs(uri, name))
		read_with(call, &tool_logs_stream, TEXT_TYPE, json_pack("{s:s%}", "name", name, strlen(name)));
	else
		resource_not_found(call);
}

void resource_not_found(struct call *call)
{
	struct json data;

	json_init(&data);
	json_open_object(&data);
	json_pair(&data, "uri", call->resource);
	json_close_object(&data);
	rpc_put_error(&call->server->out, call->rpc.id,
		      call->era == ERA_LEGACY ? RPC_RESOURCE_NOT_FOUND : RPC_INVALID_PARAMS, "Resource not found",
		      json_text(&data));
	json_finish(&data);
	call_finish(call, MESSAGE_ANSWER);
}

void resource_answer(struct call *call, const char *text, size_t length)
{
	struct json *json = call_begin(call);

	json_key(json, "contents");
	json_open_array(json);
	json_open_object(json);
	json_pair(json, "uri", call->resource);
	json_pair(json, "mimeType", call->resource_type);
	json_key(json, "text");
	json_put_string_n(json, text, length);
	json_close_object(json);
	json_close_array(json);
	era_put_cache(json, call->era, READ_TTL_MS);
	call_end(call);
}

bool resource_is_text(const struct call *call)
{
	return strcmp(call->resource_type, TEXT_TYPE) == 0;
}

uint64_t resource_stamp(struct site *site, const char *uri)
{
	const struct resource *resource = resource_find(uri);
	const struct process *process;
	char name[BRM_NAME_MAX];

	if (resource)
		return resource->stamp ? resource->stamp(site) : 0;
	if (!is_logs(uri, name) || !site->view.taken)
		return 0;
	process = snapshot_find(&site->view.snapshot, name);
	return process && process->has_log ? process->log.lines : 0;
}

uint64_t resources_stamp(struct site *site)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a over the names */

	for (uint32_t i = 0; site->view.taken && i < site->view.snapshot.count; i++) {
		const char *at = site->view.snapshot.processes[i].identity.name;

		do
			hash = (hash ^ (unsigned char)*at) * 1099511628211u;
		while (*at++);
	}
	return hash;
}
