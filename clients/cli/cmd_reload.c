/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include <brummer/events.h>
#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"
#include "clients/cli/reading.h"
#include "clients/common/when.h"

static const char doing[] = "hand over";

#define HANDOVER_NS 30000000000ll /* for a new supervisor to come up, or for the old one to come back */

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

static void put_exec(struct client *client, void *arg)
{
	(void)arg;
	client_put_bool(client, "exec", true);
}

/* How it went, from the events behind the cursor; BRM_REASON_NONE: not known yet. */
static enum brm_reason find_outcome(const struct reading *reading, uint64_t *cursor)
{
	const struct brm_reader *reader = source_reader(reading->source);
	struct brm_event event;
	uint64_t missed;

	while (reader && brm_events_read(reader, cursor, &event, 1, &missed) == 1)
		if (event.entry == UINT32_MAX &&
		    (event.reason_code == BRM_REASON_UPGRADED || event.reason_code == BRM_REASON_NOT_UPGRADED))
			return (enum brm_reason)event.reason_code;
	return BRM_REASON_NONE;
}

static int print_outcome(const struct cli *cli, const struct reading *reading, enum brm_reason outcome)
{
	const struct brm_info *info = &reading->snapshot.info;

	if (outcome == BRM_REASON_NOT_UPGRADED)
		return fail(EXIT_FAILED, "cannot %s: the new supervisor did not come up; brummerd %s goes on", doing,
			    info->version);
	if (cli->quiet)
		return EXIT_DONE;
	printf(cli->format == FORMAT_JSON || cli->format == FORMAT_JSONL ? "{\"version\":\"%s\",\"pid\":%d}\n"
									 : "handed over to brummerd %s (pid %d)\n",
	       info->version, (int)info->engine_pid);
	return EXIT_DONE;
}

static int await_outcome(const struct cli *cli, struct reading *reading, uint64_t cursor)
{
	int64_t deadline = (int64_t)now_read().boot_ns + HANDOVER_NS;
	enum brm_reason outcome;
	int status;

	while ((outcome = find_outcome(reading, &cursor)) == BRM_REASON_NONE) {
		int64_t left = deadline - (int64_t)now_read().boot_ns;

		if (left <= 0 || reading->snapshot.liveness == BRM_CLOSED)
			return fail(EXIT_TIMEOUT,
				    "cannot %s: no supervisor came up in time; brummer-cli ls says how it is", doing);
		reading_sleep(reading, BRM_WAIT_STATES, left);
		status = reading_again(reading, doing);
		if (status != EXIT_DONE)
			return status;
	}
	return print_outcome(cli, reading, outcome);
}

static int hand_over(struct cli *cli)
{
	struct control control = {.cli = cli};
	struct reading reading;
	struct reply reply;
	uint64_t first, cursor = 0;
	int status = reading_open(cli, doing, &reading);

	if (status == EXIT_DONE && !source_reader(reading.source))
		status = fail(EXIT_USAGE, "cannot %s: how it goes is in the region; use --read-path shm", doing);
	if (status == EXIT_DONE) {
		brm_events_range(source_reader(reading.source), &first, &cursor);
		status = control_open(cli, doing, &control);
	}
	if (status == EXIT_DONE)
		status = control_ask(&control, put_exec, NULL, BRM_RELOAD, -1, &reply);
	if (status == EXIT_DONE) {
		reply_finish(&reply);
		status = await_outcome(cli, &reading, cursor);
	}
	control_finish(&control);
	reading_finish(&reading);
	return status;
}

static int reload(struct cli *cli)
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

static int run_reload(struct cli *cli)
{
	return cli_option(cli, "exec") ? hand_over(cli) : reload(cli);
}

static const struct option_row options[] = {
	{0, "exec", NULL, "replace the supervisor by the program that its file holds now; what runs goes on"},
	{0, NULL, NULL, NULL},
};

const struct command command_reload = {
	.name = "reload",
	.operands = "",
	.options = options,
	.help = "read the configuration again, and change only what has changed",
	.example = "reload",
	.run = run_reload,
};
