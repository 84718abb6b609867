/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/find.h"
#include "clients/mcp/http.h"

/*
 * fixture.c - what the conformance suite wants to be there, on brummer-mcp's core: `mcp-fixture DIR PORT`
 *
 * Tools, resources and prompts of fixed content, over the same transport and the same protocol as brummer-mcp's own.
 */

#define PNG "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
#define WAV "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

#define TEXT(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define IMAGE      "{\"type\":\"image\",\"data\":\"" PNG "\",\"mimeType\":\"image/png\"}"
#define AUDIO      "{\"type\":\"audio\",\"data\":\"" WAV "\",\"mimeType\":\"audio/wav\"}"
#define NO_ARGS    "{\"type\":\"object\",\"additionalProperties\":false}"
#define ADDRESS \
	"{\"$anchor\":\"addressDef\",\"type\":\"object\",\"properties\":{\"street\":" STRING ",\"city\":" STRING "}}"
#define STRING      "{\"type\":\"string\"}"
#define NEEDS(what) "{\"required\":[\"" what "\"]}"
#define STEP_MS     50
#define STEPS       3

static const char full_schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/"
	"schema\",\"type\":\"object\",\"$defs\":{\"address\":" ADDRESS "},\"properties\":{\"name\":" STRING
	",\"address\":{\"$ref\":\"#/$defs/address\"},\"contactMethod\":"
	"{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},\"phone\":" STRING ",\"email\":" STRING
	"},\"allOf\":[{\"anyOf\":[" NEEDS("phone") "," NEEDS(
		"email") "]}],\"if\":{\"properties\":{\"contactMethod\":"
			 "{\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},\"then\":" NEEDS(
				 "phone") ",\"else\":" NEEDS("email") ",\"additionalProperties\":false}";

static void run_steps(struct call *call);
static void run_unable(struct call *call);

static const struct fixture_tool {
	const char *name;
	const char *content; /* the members of the list */
	const char *schema;
	void (*run)(struct call *call); /* NULL: answers at once */
	bool fails;
} tools[] = {
	{.name = "test_simple_text", .content = TEXT("This is a simple text response for testing.")},
	{.name = "test_image_content", .content = IMAGE},
	{.name = "test_audio_content", .content = AUDIO},
	{.name = "test_embedded_resource",
	 .content = "{\"type\":\"resource\",\"resource\":{\"uri\":\"test://embedded-resource\",\"mimeType\":"
		    "\"text/plain\",\"text\":\"This is an embedded resource content.\"}}"},
	{.name = "test_multiple_content_types",
	 .content = TEXT(
		 "Multiple content types test:") "," IMAGE ",{\"type\":\"resource\",\"resource\":{\"uri\":\"test://"
						 "mixed-content-resource\",\"mimeType\":"
						 "\"application/"
						 "json\",\"text\":\"{\\\"test\\\":\\\"data\\\",\\\"value\\\":123}\"}}"},
	{.name = "test_error_handling",
	 .content = TEXT("This tool intentionally returns an error for testing"),
	 .fails = true},
	{.name = "test_tool_with_logging", .content = TEXT("Logged."), .run = run_steps},
	{.name = "test_tool_with_progress", .content = TEXT("Progressed."), .run = run_steps},
	{.name = "test_logging_tool", .content = TEXT("Logged nothing.")},
	{.name = "test_streaming_elicitation", .content = TEXT("Asked nothing."), .run = run_steps},
	{.name = "test_missing_capability", .content = "", .run = run_unable},
	{.name = "json_schema_2020_12_tool", .content = TEXT("Checked."), .schema = full_schema},
};
#define TOOLS (sizeof tools / sizeof *tools)

static const struct {
	const char *uri, *type, *member, *content;
} resources[] = {
	{"test://static-text", "text/plain", "text", "This is the content of the static text resource."},
	{"test://static-binary", "image/png", "blob", PNG},
	{"test://watched-resource", "text/plain", "text", "Watched."},
};
#define RESOURCES (sizeof resources / sizeof *resources)

/* In the messages, %1 and %2 are the arguments. */
static const struct {
	const char *name;
	const char *args[2];
	const char *messages[2]; /* contents */
} prompts[] = {
	{"test_simple_prompt", {NULL, NULL}, {TEXT("This is a simple prompt for testing."), NULL}},
	{"test_prompt_with_arguments", {"arg1", "arg2"}, {TEXT("Prompt with arguments: arg1='%1', arg2='%2'"), NULL}},
	{"test_prompt_with_embedded_resource",
	 {"resourceUri", NULL},
	 {"{\"type\":\"resource\",\"resource\":{\"uri\":\"%1\",\"mimeType\":\"text/plain\",\"text\":"
	  "\"Embedded resource content for testing.\"}}",
	  TEXT("Please process the embedded resource above.")}},
	{"test_prompt_with_image", {NULL, NULL}, {IMAGE, TEXT("Please analyze the image above.")}},
};
#define PROMPTS (sizeof prompts / sizeof *prompts)

static void put_raw(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_raw(json, value, strlen(value));
}

static void put_text(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_put_string(json, value);
}

static const struct fixture_tool *tool_of(const struct call *call)
{
	const char *name = json_string_value(json_object_get(call->rpc.params, "name"));

	for (size_t i = 0; name && i < TOOLS; i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

static void answer(struct call *call)
{
	const struct fixture_tool *tool = tool_of(call);
	struct json *json = call_begin(call);

	json_key(json, "content");
	json_open_array(json);
	json_raw(json, tool->content, strlen(tool->content));
	json_close_array(json);
	if (tool->fails) {
		json_key(json, "isError");
		json_bool(json, true);
	}
	call_end(call);
}

static void log_step(struct call *call, unsigned step)
{
	static const char *const words[STEPS] = {"Tool execution started", "Tool processing data",
						 "Tool execution completed"};
	struct json *json = &call->server->out;

	rpc_begin_notification(json, "notifications/message");
	put_text(json, "level", "info");
	put_text(json, "data", words[step]);
	rpc_end_notification(json);
	server_send(call->server, call->peer, MESSAGE_NOTICE);
}

static void progress_step(struct call *call, unsigned step)
{
	const json_t *token = json_object_get(json_object_get(call->rpc.params, "_meta"), "progressToken");
	struct json *json = &call->server->out;

	if (!token)
		return;
	rpc_begin_notification(json, "notifications/progress");
	json_key(json, "progressToken");
	rpc_put_id(json, token);
	json_key(json, "progress");
	json_uint(json, 50 * step);
	json_key(json, "total");
	json_uint(json, 100);
	rpc_end_notification(json);
	server_send(call->server, call->peer, MESSAGE_NOTICE);
}

static void step(struct call *call, enum wake wake)
{
	unsigned *done = call->state;

	if (wake != WAKE_DEADLINE)
		return;
	if (*done == STEPS) {
		answer(call);
		return;
	}
	if (strcmp(tool_of(call)->name, "test_tool_with_logging") == 0 && call->era == ERA_LEGACY)
		log_step(call, *done);
	else
		progress_step(call, *done);
	*done += 1;
	call_wait(call, STEP_MS, step);
}

static void run_steps(struct call *call)
{
	if (call_state(call, sizeof(unsigned), free))
		step(call, WAKE_DEADLINE);
}

/* It would need a client that can sample. */
static void run_unable(struct call *call)
{
	rpc_put_error(&call->server->out, call->rpc.id, RPC_MISSING_CAPABILITY, "The client cannot sample",
		      "{\"requiredCapabilities\":{\"sampling\":{}}}");
	call_finish(call, MESSAGE_REFUSAL);
}

static bool take_tool(struct call *call)
{
	const struct fixture_tool *tool = tool_of(call);

	if (!tool)
		return false;
	if (tool->run)
		tool->run(call);
	else
		answer(call);
	return true;
}

static bool list_tools(struct call *call)
{
	struct json *json = call_begin(call);

	json_key(json, "tools");
	json_open_array(json);
	for (size_t i = 0; i < TOOLS; i++) {
		json_open_object(json);
		put_text(json, "name", tools[i].name);
		put_text(json, "description", "Of the conformance suite.");
		put_raw(json, "inputSchema", tools[i].schema ? tools[i].schema : NO_ARGS);
		json_close_object(json);
	}
	json_close_array(json);
	era_put_cache(json, call->era, 1000);
	call_end(call);
	return true;
}

static void answer_resource(struct call *call, const char *type, const char *member, const char *content)
{
	struct json *json = call_begin(call);

	json_key(json, "contents");
	json_open_array(json);
	json_open_object(json);
	put_text(json, "uri", json_string_value(json_object_get(call->rpc.params, "uri")));
	put_text(json, "mimeType", type);
	put_text(json, member, content);
	json_close_object(json);
	json_close_array(json);
	era_put_cache(json, call->era, 1000);
	call_end(call);
}

static bool read_resource(struct call *call)
{
	const char *uri = json_string_value(json_object_get(call->rpc.params, "uri"));
	char text[256];
	int id, end = 0;

	for (size_t i = 0; uri && i < RESOURCES; i++) {
		if (strcmp(resources[i].uri, uri) == 0) {
			answer_resource(call, resources[i].type, resources[i].member, resources[i].content);
			return true;
		}
	}
	if (!uri || sscanf(uri, "test://template/%9d/data%n", &id, &end) != 1 || end == 0 || uri[end])
		return false;
	snprintf(text, sizeof text, "{\"id\":\"%d\",\"templateTest\":true,\"data\":\"Data for ID: %d\"}", id, id);
	answer_resource(call, "application/json", "text", text);
	return true;
}

static bool list_resources(struct call *call)
{
	struct json *json = call_begin(call);

	json_key(json, "resources");
	json_open_array(json);
	for (size_t i = 0; i < RESOURCES; i++) {
		json_open_object(json);
		put_text(json, "uri", resources[i].uri);
		put_text(json, "name", resources[i].uri + strlen("test://"));
		put_text(json, "mimeType", resources[i].type);
		json_close_object(json);
	}
	json_close_array(json);
	era_put_cache(json, call->era, 1000);
	call_end(call);
	return true;
}

static bool list_templates(struct call *call)
{
	struct json *json = call_begin(call);

	put_raw(json, "resourceTemplates",
		"[{\"uriTemplate\":\"test://template/{id}/data\",\"name\":\"data\",\"mimeType\":\"application/"
		"json\"}]");
	era_put_cache(json, call->era, 1000);
	call_end(call);
	return true;
}

static bool list_prompts(struct call *call)
{
	struct json *json = call_begin(call);

	json_key(json, "prompts");
	json_open_array(json);
	for (size_t i = 0; i < PROMPTS; i++) {
		json_open_object(json);
		put_text(json, "name", prompts[i].name);
		put_text(json, "description", "Of the conformance suite.");
		json_key(json, "arguments");
		json_open_array(json);
		for (size_t j = 0; j < 2 && prompts[i].args[j]; j++) {
			json_open_object(json);
			put_text(json, "name", prompts[i].args[j]);
			put_raw(json, "required", "true");
			json_close_object(json);
		}
		json_close_array(json);
		json_close_object(json);
	}
	json_close_array(json);
	era_put_cache(json, call->era, 1000);
	call_end(call);
	return true;
}

/* A message with its arguments in place. They are ours to choose: none needs an escape. */
static void put_message(struct json *json, const char *message, const char *const args[2])
{
	struct text text = {0};

	for (; *message; message++) {
		if (*message == '%' && (message[1] == '1' || message[1] == '2'))
			text_puts(&text, args[*++message - '1']);
		else
			text_put(&text, message, 1);
	}
	json_open_object(json);
	put_text(json, "role", "user");
	put_raw(json, "content", text.bytes);
	json_close_object(json);
	text_finish(&text);
}

static bool get_prompt(struct call *call)
{
	const json_t *given = json_object_get(call->rpc.params, "arguments");
	const char *name = json_string_value(json_object_get(call->rpc.params, "name"));
	const char *args[2] = {"", ""};
	struct json *json;
	size_t i = 0;

	while (name && i < PROMPTS && strcmp(prompts[i].name, name) != 0)
		i++;
	if (!name || i == PROMPTS)
		return false;
	for (size_t j = 0; j < 2 && prompts[i].args[j]; j++)
		if (json_object_get(given, prompts[i].args[j]))
			args[j] = json_string_value(json_object_get(given, prompts[i].args[j]));
	json = call_begin(call);
	json_key(json, "messages");
	json_open_array(json);
	for (size_t j = 0; j < 2 && prompts[i].messages[j]; j++)
		put_message(json, prompts[i].messages[j], args);
	json_close_array(json);
	call_end(call);
	return true;
}

static bool complete(struct call *call)
{
	struct json *json = call_begin(call);

	put_raw(json, "completion", "{\"values\":[\"paris\",\"park\",\"party\"],\"total\":3,\"hasMore\":false}");
	call_end(call);
	return true;
}

static bool take(struct call *call)
{
	static const struct {
		const char *method;
		bool (*run)(struct call *call);
	} methods[] = {
		{"tools/list", list_tools},         {"tools/call", take_tool},
		{"resources/list", list_resources}, {"resources/templates/list", list_templates},
		{"resources/read", read_resource},  {"prompts/list", list_prompts},
		{"prompts/get", get_prompt},        {"completion/complete", complete},
	};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(methods[i].method, call->rpc.method) == 0)
			return methods[i].run(call);
	return false;
}

int main(int argc, char **argv)
{
	struct where where = {.dir = argc > 1 ? argv[1] : NULL};
	struct http_options http_options = {.place = argc > 2 ? argv[2] : "0"};
	struct brm_instance instance;
	struct server_options options = {.instance = &instance, .first = take};
	struct server *server;
	struct http *http;

	signal(SIGPIPE, SIG_IGN);
	options.base = event_base_new();
	if (!options.base || find_instance(&where, &instance) != 0 || server_open(&options, &server) != 0 ||
	    http_open(server, &http_options, &http) != 0) {
		fputs("mcp-fixture: cannot serve\n", stderr);
		return 1;
	}
	fprintf(stderr, "mcp-fixture: serving %s\n", http_url(http));
	event_base_dispatch(options.base);
	return 0;
}
