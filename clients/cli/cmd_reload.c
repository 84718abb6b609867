/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"

static void print_counts(const struct cli *cli, const msgpack_object *result)
{
	int64_t added = reply_int(result, "added", 0), changed = reply_int(result, "changed", 0);
	int64_t removed = reply_int(result, "removed", 0);

	if (cli->quiet)
		return;
	printf(cli->format == FORMAT_JSON || cli->format == FORMAT_JSONL
		       ? "{\"added\":%" PRId64 ",\"changed\":%" PRId64 ",\"removed\":%" PRId64 "}\n"
		       : "%" PRId64 " added, %" PRId64 " changed, %" PRId64 " removed\n",
	       added, changed, removed);
}

static int run_reload(struct cli *cli)
{
	struct control control;
	struct reply reply;
	int status = control_open(cli, "reload", &control);

	if (status == EXIT_DONE)
		status = control_ask(&control, NULL, NULL, BRM_RELOAD, -1, &reply);
	if (status == EXIT_DONE) {
		print_counts(cli, &reply.result);
		reply_finish(&reply);
	}
	control_finish(&control);
	return status;
}

const struct command command_reload = {
	.name = "reload",
	.operands = "",
	.help = "read the configuration again, and change only what has changed",
	.example = "reload",
	.run = run_reload,
};
