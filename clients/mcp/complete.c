/* SPDX-License-Identifier: MIT */
#include "clients/mcp/complete.h"

#include <string.h>
#include <strings.h>

#include "clients/mcp/prompts.h"
#include "clients/mcp/server.h"
#include "clients/mcp/site.h"

#define VALUES_MAX 100

/* What the argument is completed with, as prompt_completes() says; NULL: there is no such argument. */
static const char *kind_of(const json_t *ref, const char *argument)
{
	const char *type = json_string_value(json_object_get(ref, "type"));
	const char *uri = json_string_value(json_object_get(ref, "uri"));
	const char *prompt = json_string_value(json_object_get(ref, "name"));

	if (type && strcmp(type, "ref/prompt") == 0 && prompt)
		return prompt_completes(prompt, argument);
	if (type && strcmp(type, "ref/resource") == 0 && uri && strncmp(uri, "brummer://", 10) == 0)
		return strcmp(argument, "name") == 0 ? "process" : "";
	return NULL;
}

/* Names that begin like that; none for NULL. */
static void put_names(struct call *call, struct json *json, const char *start)
{
	const struct snapshot *snapshot = start && call->site ? view_look(&call->site->view) : NULL;
	uint32_t total = 0;

	json_key(json, "values");
	json_open_array(json);
	for (uint32_t i = 0; snapshot && i < snapshot->count; i++) {
		const char *name = snapshot->processes[i].identity.name;

		if (strncasecmp(name, start, strlen(start)) == 0 && ++total <= VALUES_MAX)
			json_put_string(json, name);
	}
	json_close_array(json);
	json_key(json, "total");
	json_uint(json, total);
	json_key(json, "hasMore");
	json_bool(json, total > VALUES_MAX);
}

static void answer(struct call *call)
{
	const json_t *argument = json_object_get(call->rpc.params, "argument");
	const char *name = json_string_value(json_object_get(argument, "name"));
	const char *value = json_string_value(json_object_get(argument, "value"));
	const char *kind = name && value ? kind_of(json_object_get(call->rpc.params, "ref"), name) : NULL;
	struct json *json;

	if (!kind) {
		call_error(call, RPC_INVALID_PARAMS, "there is no such argument to complete");
		return;
	}
	json = call_begin(call);
	json_key(json, "completion");
	json_open_object(json);
	put_names(call, json, *kind ? value : NULL);
	json_close_object(json);
	call_end(call);
}

void complete(struct call *call)
{
	refresh_then(call, answer);
}
