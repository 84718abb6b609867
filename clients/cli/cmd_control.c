/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"
#include "clients/common/fields.h"

/* start, stop, restart, signal, rm, scale: one request each, about some names. */

static void put_names(struct client *client, void *arg)
{
	client_put_list(client, "names", control_names(arg, 0));
}

/* Ask, print what became of the names. */
static int command(struct cli *cli, const char *doing, enum brm_method method,
		   void (*put)(struct client *client, void *arg))
{
	struct control control;
	struct reply reply;
	int status = control_open(cli, doing, &control);

	if (status == EXIT_DONE)
		status = control_ask(&control, put, cli, method, -1, &reply);
	if (status == EXIT_DONE) {
		if (method != BRM_RM)
			status = control_print(cli, &reply.result, NULL);
		reply_finish(&reply);
	}
	control_finish(&control);
	return status;
}

static int run_start(struct cli *cli)
{
	return command(cli, "start", BRM_START, put_names);
}

static int run_stop(struct cli *cli)
{
	return command(cli, "stop", BRM_STOP, put_names);
}

static int run_restart(struct cli *cli)
{
	return command(cli, "restart", BRM_RESTART, put_names);
}

static int run_rm(struct cli *cli)
{
	return command(cli, "remove", BRM_RM, put_names);
}

static void put_signal(struct client *client, void *arg)
{
	const struct cli *cli = arg;
	int signal = 0;

	signal_parse(cli->operands[0], &signal);
	client_put_int(client, "signal", signal);
	client_put_list(client, "names", control_names(cli, 1));
}

static int run_signal(struct cli *cli)
{
	int signal;

	if (signal_parse(cli->operands[0], &signal) != 0)
		return fail(EXIT_USAGE, "cannot send %s: no such signal", cli->operands[0]);
	return command(cli, "signal", BRM_SIGNAL, put_signal);
}

/* NAME=N, taken apart. */
struct scaling {
	char *name;
	int64_t replicas;
};

static bool parse_scaling(const char *word, struct scaling *out)
{
	const char *equals = strrchr(word, '=');
	char *end;

	if (!equals || equals == word || !equals[1])
		return false;
	errno = 0;
	out->replicas = strtoll(equals + 1, &end, 10);
	if (*end || errno != 0 || out->replicas < 0)
		return false;
	out->name = must(strndup(word, (size_t)(equals - word)));
	return true;
}

static void put_scaling(struct client *client, void *arg)
{
	const struct scaling *scaling = arg;

	client_put_string(client, "name", scaling->name);
	client_put_int(client, "replicas", scaling->replicas);
}

/* One after the other: what was done before a refusal stays done. */
static int scale_all(struct cli *cli, struct control *control, struct scaling *wanted)
{
	int status = EXIT_DONE;

	for (int i = 0; i < cli->operand_count && status == EXIT_DONE; i++) {
		struct reply reply;

		status = control_ask(control, put_scaling, &wanted[i], BRM_SCALE, -1, &reply);
		if (status != EXIT_DONE)
			break;
		status = control_print(cli, &reply.result, NULL);
		reply_finish(&reply);
	}
	return status;
}

static int run_scale(struct cli *cli)
{
	struct scaling *wanted = must(calloc((size_t)cli->operand_count, sizeof *wanted));
	struct control control = {.cli = cli};
	int status = EXIT_DONE;

	for (int i = 0; i < cli->operand_count && status == EXIT_DONE; i++)
		if (!parse_scaling(cli->operands[i], &wanted[i]))
			status = fail(EXIT_USAGE, "cannot scale %s: expected NAME=NUMBER", cli->operands[i]);
	if (status == EXIT_DONE)
		status = control_open(cli, "scale", &control);
	if (status == EXIT_DONE)
		status = scale_all(cli, &control, wanted);
	control_finish(&control);
	for (int i = 0; i < cli->operand_count; i++)
		free(wanted[i].name);
	free(wanted);
	return status;
}

#define NAMES_HELP "A NAME may be NAME#RUN (refused when that run is over), all, a glob, or label=value."

const struct command command_start = {
	.name = "start",
	.operands = "NAME...",
	.least = 1,
	.most = -1,
	.help = "start processes or scripts; those that run already are left alone",
	.more = NAMES_HELP,
	.example = "start web 'worker.*'",
	.run = run_start,
};

const struct command command_stop = {
	.name = "stop",
	.operands = "NAME...",
	.least = 1,
	.most = -1,
	.help = "stop processes and wait until they have ended",
	.more = NAMES_HELP,
	.example = "stop web#4",
	.run = run_stop,
};

const struct command command_restart = {
	.name = "restart",
	.operands = "NAME...",
	.least = 1,
	.most = -1,
	.help = "stop processes and start them again",
	.more = NAMES_HELP,
	.example = "restart tier=front",
	.run = run_restart,
};

const struct command command_signal = {
	.name = "signal",
	.operands = "SIGNAL NAME...",
	.least = 2,
	.most = -1,
	.help = "send a signal to processes: HUP, SIGUSR1, 10",
	.more = NAMES_HELP,
	.example = "signal HUP web",
	.run = run_signal,
};

const struct command command_rm = {
	.name = "rm",
	.operands = "NAME...",
	.least = 1,
	.most = -1,
	.help = "forget processes that have ended, and their logs",
	.more = NAMES_HELP,
	.example = "rm build",
	.run = run_rm,
};

const struct command command_scale = {
	.name = "scale",
	.operands = "NAME=NUMBER...",
	.least = 1,
	.most = -1,
	.help = "run so many replicas of an entry of the configuration, up to 1000",
	.more = "They are called NAME.1, NAME.2, ...; those that are too many are stopped, the last first.",
	.example = "scale worker=4",
	.run = run_scale,
};
