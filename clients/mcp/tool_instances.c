/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <brummer/reader.h>
#include <brummer/region.h>

#include "clients/common/when.h"
#include "clients/mcp/tools.h"

/* instances_list: the projects that a server of every instance serves. */

static const struct slot args[] = {{0}};

static const struct slot instance[] = {
	{.name = "name", .kind = KIND_STRING, .required = true, .help = "The argument `instance` of the other tools."},
	{.name = "state",
	 .kind = KIND_STRING,
	 .required = true,
	 .words = "live|unresponsive|restarting|dead|closed|superseded|unreadable"},
	{.name = "dir", .kind = KIND_STRING, .help = "The project's directory."},
	{.name = "processes", .kind = KIND_INT},
	{.name = "running", .kind = KIND_INT},
	{.name = "startTime", .kind = KIND_STRING, .help = "Since when its supervisor runs."},
	{0},
};

static const struct slot result[] = {
	{.name = "instances", .kind = KIND_OBJECTS, .required = true, .members = instance},
	{0},
};

/* What is being written. */
struct listing {
	struct json *json;
	struct text *text;
	unsigned count;
};

static void put_instance(struct listing *listing, const struct brm_reader *reader)
{
	const struct brm_info *info = brm_reader_info(reader);
	uint32_t used = brm_reader_used(reader), processes = 0, running = 0;
	char when[WHEN_MAX];

	for (uint32_t i = 0; i < used; i++) {
		enum brm_status status = brm_head_status(brm_reader_peek(reader, i));

		processes += status != BRM_ABSENT;
		running += brm_status_is_alive(status);
	}
	json_pair(listing->json, "dir", info->dir);
	json_key(listing->json, "processes");
	json_uint(listing->json, processes);
	json_key(listing->json, "running");
	json_uint(listing->json, running);
	if (info->started_ns)
		json_pair(listing->json, "startTime", when_rfc3339(info->started_ns, when));
	text_printf(listing->text, "  %u of %u running  %s", running, processes, info->dir);
}

static int each(const char *name, const char *region, void *arg)
{
	struct listing *listing = arg;
	struct brm_reader *reader = NULL;
	int error = brm_reader_open(region, &reader);
	const char *state = error ? "unreadable" : brm_liveness_word(brm_reader_liveness(reader));

	if (error == -ENOENT)
		return 0;
	json_open_object(listing->json);
	json_pair(listing->json, "name", name);
	json_pair(listing->json, "state", state);
	text_printf(listing->text, "%s  %s", name, state);
	if (!error)
		put_instance(listing, reader);
	json_close_object(listing->json);
	text_puts(listing->text, "\n");
	listing->count++;
	brm_reader_close(reader);
	return 0;
}

static void run(struct call *call)
{
	struct listing listing = {tool_begin(call), &call->server->text, 0};

	json_key(listing.json, "instances");
	json_open_array(listing.json);
	brm_instance_each(each, &listing);
	json_close_array(listing.json);
	if (listing.count == 0)
		text_puts(listing.text, "No supervisor runs. `brummer-cli up` in a project's directory starts one.\n");
	tool_end(call);
}

const struct tool tool_instances_list = {
	.name = "instances_list",
	.title = "List instances",
	.description = "The projects whose processes this server knows: the argument `instance` of the other tools.",
	.flags = TOOL_READS | TOOL_ALL,
	.args = args,
	.result = result,
	.run = run,
};
