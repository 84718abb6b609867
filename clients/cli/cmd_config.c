/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/commands.h"
#include "clients/cli/daemon.h"
#include "clients/cli/reading.h"

/*
 * check, import, export: what is known of configurations the supervisor's program knows. It takes this one's place,
 * answers and ends; nothing is started.
 */

/* Ends in the other program; returns only when that cannot be run. */
static int become(struct cli *cli, const char *word, const char *operand)
{
	const char *argv[DAEMON_ARGS_MAX] = {"brummerd"};
	struct brm_instance instance;
	char path[PATH_MAX];
	int status = reading_find(cli, cli->command->name, &instance);
	size_t count = 1;

	if (status != EXIT_DONE)
		return status;
	if (*instance.dir) {
		argv[count++] = "-C";
		argv[count++] = instance.dir;
	}
	count += daemon_args(cli, argv + count);
	if (cli->format == FORMAT_JSON) {
		argv[count++] = "--output";
		argv[count++] = "json";
	}
	if (cli->quiet && strcmp(word, "--check") == 0)
		argv[count++] = "--quiet";
	argv[count++] = word;
	argv[count] = operand;
	if (find_program(argv[0], path, sizeof path) != 0)
		return fail(EXIT_FAILED, "cannot %s: brummerd was not found; BRUMMER_BINDIR can name its directory",
			    cli->command->name);
	execv(path, (char *const *)argv);
	return fail(EXIT_FAILED, "cannot run %s: %s", path, strerror(errno));
}

static int run_check(struct cli *cli)
{
	const char *explain = cli_option(cli, "explain");

	if (cli_option(cli, "schema"))
		return become(cli, "--schema", NULL);
	return explain ? become(cli, "--explain", explain) : become(cli, "--check", NULL);
}

static int run_import(struct cli *cli)
{
	return become(cli, "--import", cli->operands[0]);
}

static int run_export(struct cli *cli)
{
	return become(cli, "--export", cli->operands[0]);
}

static const struct option_row check_options[] = {
	{0, "schema", NULL, "print the JSON Schema of brummer.yaml"},
	{0, "explain", "NAME", "say where each key of an entry comes from"},
	{0, NULL, NULL, NULL},
};

const struct command command_check = {
	.name = "check",
	.operands = "",
	.options = check_options,
	.help = "say what is wrong with the configuration, and start nothing",
	.example = "check --explain web",
	.run = run_check,
};

const struct command command_import = {
	.name = "import",
	.operands = "FILE",
	.least = 1,
	.most = 1,
	.help = "print another tool's configuration as a brummer.yaml",
	.more = "Known: process-compose.yaml, mprocs.yaml, Procfile, supervisord.conf, pm2's ecosystem.config.json and "
		"others.",
	.example = "import Procfile > brummer.yaml",
	.run = run_import,
};

const struct command command_export = {
	.name = "export",
	.operands = "FORMAT",
	.least = 1,
	.most = 1,
	.help = "print the configuration in another tool's form",
	.example = "export systemd",
	.run = run_export,
};
