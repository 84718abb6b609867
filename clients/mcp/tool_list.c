/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/discover.h"
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/* scripts_list: what could be run here. Looking for it runs a program, which a job waits for. */

#define ANSWER_MS 35000

static const struct slot args[] = {{0}};

static const struct slot script[] = {
	{.name = "name", .kind = KIND_STRING, .required = true},
	{.name = "command", .kind = KIND_STRING, .required = true},
	{.name = "dir", .kind = KIND_STRING},
	{.name = "source", .kind = KIND_STRING, .help = "Where it was found."},
	{.name = "manager", .kind = KIND_STRING, .help = "The package manager of its project."},
	{.name = "status", .kind = KIND_STRING, .help = "Of its newest run; absent when it was never started."},
	{0},
};

static const struct slot result[] = {
	{.name = "scripts", .kind = KIND_OBJECTS, .required = true, .members = script},
	{.name = "warnings", .kind = KIND_STRINGS, .required = true},
	{0},
};

/* Outlives a call that was cancelled meanwhile. */
struct looking {
	struct job job;    /* first */
	struct call *call; /* NULL: cancelled */
	char dir[PATH_MAX];
	struct scripts scripts;
	int error;
	char why[512];
};

static void cancelled(void *state)
{
	struct looking **looking = state;

	if (*looking)
		(*looking)->call = NULL;
	free(looking);
}

static void put_known(struct json *json, const char *key, const char *value)
{
	if (!*value)
		return;
	json_pair(json, key, value);
}

/* One that was discovered, or that runs beside those. */
struct listed {
	const char *name, *command, *dir, *source, *manager;
	const struct process *process; /* NULL: it was never started */
};

static void put_script(struct call *call, struct json *json, const struct listed *it)
{
	const char *status = it->process ? brm_status_word(brm_state_status(&it->process->state)) : "";

	json_open_object(json);
	json_pair(json, "name", it->name);
	json_pair(json, "command", it->command);
	put_known(json, "dir", it->dir);
	put_known(json, "source", it->source);
	put_known(json, "manager", it->manager);
	put_known(json, "status", status);
	json_close_object(json);
	text_printf(&call->server->text, "%s  %s  %s  %s\n", it->name, *status ? status : "-", it->source, it->command);
}

static bool is_listed(const struct scripts *scripts, const char *name)
{
	for (size_t i = 0; i < scripts->count; i++)
		if (strcmp(scripts->list[i].name, name) == 0)
			return true;
	return false;
}

/* What was discovered, then what runs beside it: ad-hoc commands. */
static void put_scripts(struct call *call, struct json *json, const struct scripts *scripts)
{
	const struct snapshot *snapshot = view_look(&call->site->view);

	for (size_t i = 0; i < scripts->count; i++) {
		const struct script *it = &scripts->list[i];
		struct listed listed = {it->name, it->command, it->dir, it->source, it->manager, NULL};

		listed.process = snapshot ? snapshot_find(snapshot, it->name) : NULL;
		put_script(call, json, &listed);
	}
	for (uint32_t i = 0; snapshot && i < snapshot->count; i++) {
		const struct brm_identity *it = &snapshot->processes[i].identity;
		struct listed listed = {it->name, it->command, it->dir, it->source, "", &snapshot->processes[i]};

		if (!is_listed(scripts, it->name))
			put_script(call, json, &listed);
	}
}

static void answer(struct call *call, const struct scripts *scripts)
{
	struct json *json = tool_begin(call);
	struct text *text = &call->server->text;

	text_puts(text, "NAME  STATUS  SOURCE  COMMAND\n");
	json_key(json, "scripts");
	json_open_array(json);
	put_scripts(call, json, scripts);
	json_close_array(json);
	json_key(json, "warnings");
	json_open_array(json);
	for (size_t i = 0; scripts->warnings && scripts->warnings[i]; i++) {
		json_put_string(json, scripts->warnings[i]);
		text_printf(text, "-- warning: %s\n", scripts->warnings[i]);
	}
	json_close_array(json);
	tool_end(call);
}

static void work(struct job *job)
{
	struct looking *looking = (struct looking *)job;

	looking->error = discover_scripts(looking->dir, NULL, &looking->scripts, looking->why, sizeof looking->why);
}

static void done(struct job *job)
{
	struct looking *looking = (struct looking *)job;

	if (looking->call && (looking->error == 0 || looking->error == -ENOENT))
		answer(looking->call, &looking->scripts);
	else if (looking->call)
		tool_fail(looking->call, "cannot list the scripts of %s: %s", looking->dir, looking->why);
	if (looking->error == 0)
		scripts_finish(&looking->scripts);
	free(looking);
}

static void no_answer(struct call *call, enum wake wake)
{
	if (wake == WAKE_DEADLINE)
		tool_fail(call, "cannot list the scripts: brummerd --discover does not end");
}

static void run(struct call *call)
{
	const char *dir = site_dir(call->site);
	struct looking *looking, **link;

	if (!*dir) {
		tool_fail(call, "cannot list the scripts: the project's directory is not known; start brummer-mcp with "
				"-C DIR");
		return;
	}
	link = call_state(call, sizeof *link, cancelled);
	if (!link)
		return;
	looking = *link = calloc(1, sizeof *looking);
	if (!looking) {
		call_error(call, RPC_INTERNAL_ERROR, "out of memory");
		return;
	}
	looking->job = (struct job){.work = work, .done = done};
	looking->call = call;
	snprintf(looking->dir, sizeof looking->dir, "%s", dir);
	if (!call_wait(call, ANSWER_MS, no_answer)) {
		free(looking);
	} else if (jobs_start(&call->server->jobs, &looking->job) != 0) {
		tool_fail(call, "cannot list the scripts: no thread could be started");
		free(looking);
	}
}

const struct tool tool_scripts_list = {
	.name = "scripts_list",
	.title = "List scripts",
	.description =
		"What can be run in this project (package.json, Procfile, ...), where it was found, and its status.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
