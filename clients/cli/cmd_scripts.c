/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/daemon.h"
#include "clients/cli/list.h"
#include "clients/cli/reading.h"
#include "clients/common/discover.h"

static const char doing[] = "list the scripts";

static const struct list_column columns[] = {
	{"name", "NAME", FIELD_STRING, 8},     {"status", "STATUS", FIELD_STRING, 8},
	{"source", "SOURCE", FIELD_STRING, 8}, {"command", "COMMAND", FIELD_STRING, 8},
	{"dir", NULL, FIELD_STRING, 0},        {"manager", NULL, FIELD_STRING, 0},
};

/* The status of a script that is or was running here; "" for one that was never started. */
static const char *status_of(const struct snapshot *snapshot, const char *name)
{
	const struct process *process = snapshot ? snapshot_find(snapshot, name) : NULL;

	return process ? brm_status_word(brm_state_status(&process->state)) : "";
}

static int list_scripts(const struct cli *cli, const struct scripts *scripts, const struct snapshot *snapshot)
{
	struct list list;

	list_init(&list, cli, "scripts", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < scripts->count; i++) {
		const struct script *script = &scripts->list[i];
		const struct value values[] = {
			value_text_of(script->name),   value_text_of(status_of(snapshot, script->name)),
			value_text_of(script->source), value_text_of(script->command),
			value_text_of(script->dir),    value_text_of(script->manager)};

		list_row(&list, values);
	}
	for (size_t i = 0; scripts->warnings[i]; i++)
		warn(cli, "%s", scripts->warnings[i]);
	return list_finish(&list);
}

static int run_scripts(struct cli *cli)
{
	const char *args[DAEMON_ARGS_MAX];
	struct snapshot snapshot = {0};
	struct brm_instance instance;
	struct source *source = NULL;
	struct scripts scripts;
	bool served;
	char why[512];
	int status = reading_find(cli, doing, &instance);
	int rc;

	if (status != EXIT_DONE)
		return status;
	if (!*instance.dir)
		return fail(EXIT_FAILED, "cannot %s: the directory of %s is not known; name it with -C", doing,
			    instance.name);
	daemon_args(cli, args);
	rc = discover_scripts(instance.dir, args, &scripts, why, sizeof why);
	if (rc == -ENOENT)
		return fail(EXIT_FAILED, "cannot %s: nothing to run was found in %s", doing, instance.dir);
	if (rc != 0)
		return fail(EXIT_FAILED, "cannot %s: %s", doing, why);
	served = source_open(&instance, cli->read_path, &source) == 0 && source_snapshot(source, &snapshot) == 0;
	status = list_scripts(cli, &scripts, served ? &snapshot : NULL);
	scripts_finish(&scripts);
	source_close(source);
	snapshot_finish(&snapshot);
	return status;
}

const struct command command_scripts = {
	.name = "scripts",
	.operands = "",
	.help = "list what could be run here, and where it was found",
	.example = "scripts",
	.run = run_scripts,
};
