/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"
#include "clients/cli/leave.h"
#include "clients/cli/reading.h"

static const char doing[] = "shut down";

/* Nobody listens. That is what was asked for, but a dead supervisor's processes may live on. */
static int is_down(const struct cli *cli, const struct brm_instance *instance)
{
	struct brm_reader *reader;
	enum brm_liveness liveness;

	if (brm_reader_open(instance->region, &reader) != 0) {
		warn(cli, "no supervisor runs for %s", *instance->dir ? instance->dir : instance->name);
		return EXIT_DONE;
	}
	liveness = brm_reader_liveness(reader);
	brm_reader_close(reader);
	if (liveness == BRM_DEAD)
		warn(cli, "the supervisor of %s has died, and what it started may run on; brummer-cli up takes it over",
		     instance->name);
	return EXIT_DONE;
}

static int run_down(struct cli *cli)
{
	struct control control = {.cli = cli, .doing = doing};
	int64_t timeout;
	int status, rc;

	if (cli_duration(cli, "timeout", -1, &timeout) != 0)
		return EXIT_USAGE;
	status = reading_find(cli, doing, &control.instance);
	if (status != EXIT_DONE)
		return status;
	rc = client_open(&control.instance, BRM_BY_CLI, &control.client);
	if (rc == -ENOENT || rc == -ECONNREFUSED)
		return is_down(cli, &control.instance);
	if (rc != 0)
		return control_fail(&control, rc);
	status = leave(&control, timeout);
	control_finish(&control);
	return status;
}

static const struct option_row options[] = {
	{0, "timeout", "T", "end at once what still lives after that time"},
	{0, NULL, NULL, NULL},
};

const struct command command_down = {
	.name = "down",
	.operands = "",
	.options = options,
	.help = "stop all processes in reverse order of dependency, then the supervisor",
	.example = "down --timeout 30s",
	.run = run_down,
};
