/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"
#include "clients/cli/merge.h"
#include "clients/cli/reading.h"

static const char doing[] = "run";

/* As a shell has it, for --wait: what is not the command's own status. */
enum { RUN_FAILED = 125, RUN_NOT_EXECUTABLE = 126, RUN_NOT_FOUND = 127, RUN_SIGNAL = 128 };

extern char **environ;

static void put_run(struct client *client, void *arg)
{
	const struct cli *cli = arg;
	const char *name = cli_option(cli, "name");
	char dir[PATH_MAX];

	if (name)
		client_put_string(client, "name", name);
	/* One word that is a command line goes to the shell. */
	if (cli->operand_count == 1 && strpbrk(cli->operands[0], " \t\n;|&<>()$`"))
		client_put_string(client, "command", cli->operands[0]);
	else
		client_put_list(client, "argv", control_names(cli, 0));
	if (getcwd(dir, sizeof dir))
		client_put_string(client, "dir", dir);
	client_put_list(client, "env", (const char *const *)environ);
	client_put_string(client, "source", "command line");
	if (cli_option(cli, "tty"))
		client_put_bool(client, "tty", true);
}

/* Is there a program of that name, as execvp() looks for it? */
static bool is_found(const char *program)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];
	struct stat st;

	if (strchr(program, '/'))
		return stat(program, &st) == 0;
	while (at && *at) {
		size_t length = strcspn(at, ":");
		int written = snprintf(path, sizeof path, "%.*s/%s", (int)length, at, program);

		if (written > 0 && (size_t)written < sizeof path && stat(path, &st) == 0)
			return true;
		at += length + (at[length] == ':');
	}
	return false;
}

/* How a run ended, as an exit status. */
static int status_of(const struct process *process, const char *name, uint32_t run)
{
	const struct brm_state *state = process ? &process->state : NULL;

	if (!state || state->run != run)
		return fail(RUN_FAILED, "cannot say how %s ended: it was started again or removed", name);
	if (state->flags & BRM_FLAG_EXITED)
		return state->exit_code;
	if (state->flags & BRM_FLAG_SIGNALED)
		return RUN_SIGNAL + state->signal;
	return fail(RUN_FAILED, "cannot say how %s ended: %s", name,
		    *state->reason ? state->reason : "its supervisor has gone");
}

/* What it has written since the last look, each stream to its own. */
static void show_output(struct merge *merge, const struct reading *reading, const struct process *process)
{
	struct merged line;

	merge_process(merge, process, !reading_is_over(reading));
	while (merge_next(merge, &line)) {
		FILE *to = line.line.stream == BRM_ERR ? stderr : stdout;

		fwrite(line.text, 1, line.length, to);
		if (!(line.line.flags & (BRM_LINE_CONTINUES | BRM_LINE_NO_NEWLINE)))
			putc('\n', to);
	}
	fflush(stdout);
}

static int wait_end(const struct cli *cli, const char *name, uint32_t run)
{
	struct filter filter = {.until_us = UINT64_MAX, .last = -1, .stream = -1};
	struct reading reading;
	struct merge merge;
	int status = RUN_FAILED;
	bool going = reading_open(cli, doing, &reading) == EXIT_DONE;
	const struct process *first = going ? snapshot_find(&reading.snapshot, name) : NULL;

	filter.since_us = first ? first->state.start_ns / 1000 : 0;
	merge_init(&merge, &filter, going ? reading.snapshot.info.state_dir : "");

	while (going) {
		const struct process *process = snapshot_find(&reading.snapshot, name);

		if (process && process->state.run == run && !cli->quiet)
			show_output(&merge, &reading, process);
		if (!process || process->state.run != run || brm_state_is_finished(&process->state) ||
		    reading_is_over(&reading)) {
			status = status_of(process, name, run);
			break;
		}
		reading_sleep(&reading, BRM_WAIT_STATES | (cli->quiet ? 0 : BRM_WAIT_LOGS), -1);
		going = reading_again(&reading, doing) == EXIT_DONE;
	}
	merge_finish(&merge);
	reading_finish(&reading);
	return status;
}

static int wait_reply(const struct cli *cli, const msgpack_object *result)
{
	const msgpack_object *processes = reply_get(result, "processes");
	const msgpack_object *process;
	char name[BRM_NAME_MAX];

	if (!processes || processes->type != MSGPACK_OBJECT_ARRAY || processes->via.array.size != 1)
		return fail(RUN_FAILED, "cannot run: the supervisor's answer cannot be understood");
	process = &processes->via.array.ptr[0];
	if (!reply_string(process, "name", name, sizeof name))
		return fail(RUN_FAILED, "cannot run: the supervisor's answer cannot be understood");
	return wait_end(cli, name, (uint32_t)reply_int(process, "run", 0));
}

static int run_run(struct cli *cli)
{
	bool waits = cli_option(cli, "wait") != NULL;
	struct control control;
	struct reply reply;
	int status = control_open(cli, doing, &control);

	if (status == EXIT_DONE) {
		status = control_ask(&control, put_run, cli, BRM_RUN, -1, &reply);
		if (status != EXIT_DONE && waits)
			status = is_found(cli->operands[0]) ? RUN_NOT_EXECUTABLE : RUN_NOT_FOUND;
	} else if (waits) {
		status = RUN_FAILED;
	}
	if (status == EXIT_DONE) {
		status = waits ? wait_reply(cli, &reply.result) : control_print(cli, &reply.result, NULL);
		reply_finish(&reply);
	}
	control_finish(&control);
	return status;
}

static const struct option_row options[] = {
	{0, "name", "NAME", "its name; without it that of its program"},
	{0, "tty", NULL, "give it a terminal"},
	{0, "wait", NULL, "show what it writes, and exit with its status; 128+N for a signal"},
	{0, NULL, NULL, NULL},
};

const struct command command_run = {
	.name = "run",
	.operands = "[--] COMMAND [ARGUMENT...]",
	.least = 1,
	.most = -1,
	.rest = true,
	.options = options,
	.help = "supervise a command, with this environment and in this directory",
	.more = "A single COMMAND that holds a blank or another of the shell's characters is given to the shell.\n"
		"With --wait: 125 when Brummer failed, 126 when COMMAND cannot be executed, 127 when there is none.",
	.example = "run --name tunnel -- ssh -N -L 5432:db:5432 gate",
	.run = run_run,
};
