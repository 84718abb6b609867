/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"
#include "clients/cli/daemon.h"
#include "clients/cli/front.h"
#include "clients/cli/leave.h"
#include "clients/cli/progress.h"
#include "clients/cli/reading.h"
#include "clients/common/discover.h"
#include "clients/common/when.h"

static const char doing[] = "start";

#define OPEN_TRIES 40 /* for a supervisor that is coming up beside this one */
#define OPEN_PAUSE 50000000l

/* Connect to the supervisor; start it if there is none: *started then. */
static int open_or_start(const struct cli *cli, struct control *control, bool *started)
{
	const char *args[DAEMON_ARGS_MAX] = {"--no-autostart"};
	const struct timespec pause = {.tv_nsec = OPEN_PAUSE};
	char why[512];
	int status = reading_find(cli, doing, &control->instance);
	int rc;

	*started = false;
	if (status != EXIT_DONE)
		return status;
	rc = client_open(&control->instance, BRM_BY_CLI, &control->client);
	if (rc == 0 && daemon_args(cli, args + 1) > 0)
		warn(cli, "a supervisor runs already: --config and --profile count when it is started");
	if (rc != -ENOENT && rc != -ECONNREFUSED)
		return rc == 0 ? EXIT_DONE : control_fail(control, rc);
	daemon_args(cli, args + 1);
	if (!*control->instance.dir)
		return fail(EXIT_FAILED, "cannot start %s: its directory is not known; name it with -C",
			    control->instance.name);
	rc = client_start_supervisor(&control->instance, args, why, sizeof why);
	if (rc == -ECHILD)
		return fail(EXIT_FAILED, strncmp(why, "cannot ", 7) == 0 ? "%s" : "cannot start the supervisor: %s",
			    why);
	*started = rc == 0;
	if (*started && *why)
		warn(cli, "%s", why);
	for (int i = 0; i < OPEN_TRIES; i++) {
		rc = client_open(&control->instance, BRM_BY_CLI, &control->client);
		if (rc != -ENOENT && rc != -ECONNREFUSED)
			break;
		nanosleep(&pause, NULL);
	}
	return rc == 0 ? EXIT_DONE : control_fail(control, rc);
}

static void put_start(struct client *client, void *arg)
{
	const struct cli *cli = arg;

	if (cli->operand_count > 0)
		client_put_list(client, "names", control_names(cli, 0));
	else
		client_put_bool(client, "autostart", true);
}

/* How the process of an answer stands: 1 it is as wished for, 0 not yet, -1 it cannot be any more. */
static int is_up(const struct reading *reading, const char *name)
{
	const struct process *process = snapshot_find(&reading->snapshot, name);

	if (!process)
		return -1;
	if (process_is_ready(process) || brm_state_status(&process->state) == BRM_SUCCESS)
		return 1;
	return brm_state_is_finished(&process->state) ? -1 : 0;
}

static int not_up(const struct reading *reading, const char *name)
{
	const struct process *process = snapshot_find(&reading->snapshot, name);
	const char *reason = process ? process->state.reason : "";

	return fail(EXIT_FAILED, "cannot start %s: it is %s%s%s; brummer-cli logs %s", name,
		    process ? brm_status_word(brm_state_status(&process->state)) : "gone", *reason ? ", " : "", reason,
		    name);
}

/* Sleep until something has changed; who is on the way is told in between. */
static int sleep_for_change(struct reading *reading, struct progress *progress, int64_t left)
{
	bool often = progress->wanted && (left < 0 || left > PROGRESS_EACH_NS);
	enum woken woken = reading_sleep(reading, BRM_WAIT_STATES, often ? PROGRESS_EACH_NS : left);

	if (woken == WOKEN_TIMEOUT && often)
		progress_show(progress);
	return woken == WOKEN_CHANGE ? reading_again(reading, doing) : EXIT_DONE;
}

/* Until all of the answer are ready, or the deadline (< 0: none); then they are printed. */
static int wait_ready(const struct cli *cli, const msgpack_object *result, int64_t deadline)
{
	const msgpack_object *list = reply_get(result, "processes");
	uint32_t count = list && list->type == MSGPACK_OBJECT_ARRAY ? list->via.array.size : 0;
	char name[BRM_NAME_MAX];
	struct reading reading;
	struct progress progress;
	int status = reading_open(cli, doing, &reading);
	int up = 1;

	progress_init(&progress, cli, &reading.instance, doing);

	for (uint32_t i = 0; i < count && status == EXIT_DONE; i += up > 0) {
		int64_t left = deadline < 0 ? -1 : deadline - (int64_t)now_read().boot_ns;

		if (!reply_string(&list->via.array.ptr[i], "name", name, sizeof name))
			continue;
		up = is_up(&reading, name);
		if (up < 0)
			status = not_up(&reading, name);
		else if (up == 0 && (reading_is_over(&reading) || (deadline >= 0 && left <= 0)))
			status = fail(EXIT_TIMEOUT, "cannot start %s: it is not ready in time", name);
		if (up != 0)
			continue;
		if (status == EXIT_DONE)
			status = sleep_for_change(&reading, &progress, left);
	}
	progress_finish(&progress);
	if (status == EXIT_DONE)
		status = control_print(cli, result, &reading.snapshot);
	reading_finish(&reading);
	return status;
}

static bool is_empty(const msgpack_object *result)
{
	const msgpack_object *processes = reply_get(result, "processes");

	return !processes || processes->type != MSGPACK_OBJECT_ARRAY || processes->via.array.size == 0;
}

/* A wrong name, or nothing to run at all, must not leave a supervisor behind that does nothing. */
static void leave_if_idle(const struct cli *cli, struct control *control)
{
	struct reading reading;
	bool idle = reading_open(cli, doing, &reading) == EXIT_DONE;

	for (uint32_t i = 0; idle && i < reading.snapshot.count; i++)
		idle = reading.snapshot.processes[i].state.run == 0;
	reading_finish(&reading);
	if (idle)
		leave(control, 0);
}

/* Nothing starts by itself: because nothing is there? Then a supervisor that was started for it is not wanted. */
static int nothing_started(const struct cli *cli, const struct control *control, bool started)
{
	const char *args[DAEMON_ARGS_MAX];
	struct scripts scripts = {0};
	char why[512];
	int rc = 0;

	daemon_args(cli, args);
	if (started)
		rc = discover_scripts(control->instance.dir, args, &scripts, why, sizeof why);
	scripts_finish(&scripts);
	if (rc == -ENOENT)
		return fail(EXIT_FAILED, "cannot start: nothing to run was found in %s", control->instance.dir);
	warn(cli, "nothing starts by itself here; brummer-cli scripts lists what can be started");
	return EXIT_DONE;
}

/* What is to be said of what was started. An empty table would say nothing; a program is told by an empty list. */
static int tell(const struct cli *cli, const struct control *control, const msgpack_object *result, int64_t deadline,
		bool started)
{
	int status = EXIT_DONE;

	if (is_empty(result)) {
		status = nothing_started(cli, control, started);
		if (status != EXIT_DONE || cli->format == FORMAT_TABLE)
			return status;
	}
	return cli_option(cli, "wait") ? wait_ready(cli, result, deadline) : control_print(cli, result, NULL);
}

/* Start, wait if asked to, print, return. */
static int go_behind(struct cli *cli, struct control *control, int64_t timeout, bool started)
{
	int64_t deadline = timeout < 0 ? -1 : (int64_t)now_read().boot_ns + timeout;
	struct reply reply;
	int status = control_ask(control, put_start, cli, BRM_START, timeout, &reply);

	if (status == EXIT_DONE) {
		status = tell(cli, control, &reply.result, deadline, started);
		reply_finish(&reply);
	}
	if (started && status == EXIT_FAILED)
		leave_if_idle(cli, control);
	return status;
}

static int go_front(struct cli *cli, struct control *control, bool started)
{
	uint64_t since_ns = now_read().real_ns;
	uint32_t id;
	int rc;

	client_begin(control->client, BRM_START);
	put_start(control->client, cli);
	rc = client_send(control->client, &id);
	if (rc != 0)
		return control_fail(control, rc);
	return front_run(control, id, since_ns,
			 (struct front_wish){.alone = started, .abort = cli_option(cli, "abort-on-failure") != NULL});
}

static int run_up(struct cli *cli)
{
	struct control control = {.cli = cli, .doing = doing};
	bool behind = cli_option(cli, "detach") || cli_option(cli, "wait");
	bool started;
	int64_t timeout;
	int status;

	if (cli_duration(cli, "timeout", -1, &timeout) != 0)
		return EXIT_USAGE;
	if (!behind)
		front_prepare();
	status = open_or_start(cli, &control, &started);
	if (status == EXIT_DONE)
		status = behind ? go_behind(cli, &control, timeout, started) : go_front(cli, &control, started);
	control_finish(&control);
	return status;
}

static const struct option_row options[] = {
	{'d', "detach", NULL, "return when they are started"},
	{0, "wait", NULL, "return when they are ready"},
	{0, "abort-on-failure", NULL, "in front: end when the first one fails, with its exit status"},
	{0, "timeout", "T", "with -d or --wait: give up after that time, with exit status 5"},
	{0, NULL, NULL, NULL},
};

const struct command command_up = {
	.name = "up",
	.operands = "[NAME...]",
	.most = -1,
	.options = options,
	.help = "start the supervisor if there is none, and what starts by itself, or NAME...",
	.more = "In front it follows the logs and stops what it has started on Ctrl-C, at once when that is typed "
		"twice.\n"
		"It ends when all that it has started has finished.",
	.example = "up -d",
	.run = run_up,
};
