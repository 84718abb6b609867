/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <brummer/logs.h>
#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/control.h"
#include "clients/cli/reading.h"
#include "clients/cli/terminal.h"

/*
 * attach - this terminal for that of a process
 *
 * What it writes is read from its log store, as any viewer reads it; what is typed goes through the supervisor. When a
 * new supervisor takes over, the output goes on where it was, and the right to write is asked for again.
 */

#define DETACH_KEY '\035' /* Ctrl-] */
#define BLOCK      65536

struct attached {
	struct cli *cli;
	struct control control;
	struct reading reading;
	struct brm_log *log;
	const char *name;
	uint32_t run;
	uint64_t offsets[2]; /* of out and err: the next byte */
	bool tty;            /* the process has a terminal: one stream, and keys as they are typed */
	bool writes;
	bool escape; /* the detach key was typed */
	bool leaves;
	int signals;
	int status;
	char block[BLOCK];
};

static const char doing[] = "attach to";

static void put_attach(struct client *client, void *arg)
{
	const struct attached *attached = arg;
	uint16_t rows, columns;

	client_put_string(client, "name", attached->name);
	client_put_bool(client, "write", attached->writes);
	if (cli_option(attached->cli, "steal"))
		client_put_bool(client, "steal", true);
	if (!attached->writes || !terminal_size(&rows, &columns))
		return;
	client_put_int(client, "rows", rows);
	client_put_int(client, "columns", columns);
}

static void put_input(struct client *client, void *arg)
{
	const struct attached *attached = arg;

	client_put_string(client, "name", attached->name);
}

/* Send without waiting for the answer; it is taken when it comes. */
static void tell(struct attached *attached, enum brm_method method, const char *text, size_t length)
{
	struct client *client = attached->control.client;
	uint16_t rows, columns;
	uint32_t id;

	if (!client || !attached->writes)
		return;
	client_begin(client, method);
	put_input(client, attached);
	if (method == BRM_SEND) {
		client_put_bytes(client, "text", text, length);
		client_put_int(client, "run", attached->run);
	} else if (terminal_size(&rows, &columns)) {
		client_put_int(client, "rows", rows);
		client_put_int(client, "columns", columns);
	}
	if (client_send(client, &id) != 0)
		control_finish(&attached->control);
}

/* Ask for the right to write, and where the output begins. EXIT_DONE, or what was said. */
static int ask(struct attached *attached, bool again)
{
	struct reply reply;
	const msgpack_object *tty;
	int status = control_ask(&attached->control, put_attach, attached, BRM_ATTACH, -1, &reply);

	if (status != EXIT_DONE)
		return status;
	tty = reply_get(&reply.result, "tty");
	attached->tty = tty && tty->type == MSGPACK_OBJECT_BOOLEAN && tty->via.boolean;
	attached->run = (uint32_t)reply_int(&reply.result, "run", 0);
	if (!again)
		attached->offsets[BRM_OUT] = (uint64_t)reply_int(&reply.result, "offset", 0);
	reply_finish(&reply);
	return EXIT_DONE;
}

/* One stream, up to the mark. What was rotated away meanwhile is counted and passed. */
static void copy_stream(struct attached *attached, enum brm_stream stream)
{
	uint64_t *offset = &attached->offsets[stream], first, end;
	ssize_t got;

	while ((got = brm_log_bytes(attached->log, stream, *offset, attached->block, BLOCK)) != 0) {
		if (got == -ERANGE) {
			brm_log_stream_range(attached->log, stream, &first, &end);
			if (first <= *offset)
				return;
			warn(attached->cli, "%" PRIu64 " bytes were rotated away before they could be read",
			     first - *offset);
			*offset = first;
			continue;
		}
		if (got < 0)
			return;
		*offset += (uint64_t)got;
		for (ssize_t done = 0, wrote; done < got; done += wrote) {
			wrote = write(STDOUT_FILENO, attached->block + done, (size_t)(got - done));
			if (wrote < 0 && errno == EINTR)
				wrote = 0;
			if (wrote < 0) {
				attached->leaves = true;
				return;
			}
		}
	}
}

static void copy_output(struct attached *attached, const struct process *process)
{
	const struct brm_log_mark *mark =
		process->has_log && !reading_is_over(&attached->reading) ? &process->log : NULL;

	if (!attached->log &&
	    brm_log_open(attached->reading.snapshot.info.state_dir, attached->name, &attached->log) != 0)
		return;
	if (brm_log_refresh(attached->log, mark) == -ESTALE) {
		brm_log_close(attached->log);
		attached->log = NULL;
		attached->offsets[0] = attached->offsets[1] = 0;
		return;
	}
	for (int stream = BRM_OUT; stream <= (attached->tty ? BRM_OUT : BRM_ERR); stream++)
		copy_stream(attached, (enum brm_stream)stream);
}

/* What was typed, without the detach key and what follows it: Ctrl-] d leaves, Ctrl-] Ctrl-] is one Ctrl-]. */
static void take_keys(struct attached *attached)
{
	char keys[4096], out[sizeof keys + 1];
	ssize_t got = read(STDIN_FILENO, keys, sizeof keys);
	size_t length = 0;

	if (got <= 0) {
		attached->leaves = true;
		return;
	}
	for (ssize_t i = 0; i < got && !attached->leaves; i++) {
		if (attached->escape && (keys[i] == 'd' || keys[i] == 'D'))
			attached->leaves = true;
		else if (!attached->escape && keys[i] == DETACH_KEY)
			attached->escape = true;
		else {
			if (attached->escape && keys[i] != DETACH_KEY)
				out[length++] = DETACH_KEY;
			out[length++] = keys[i];
			attached->escape = false;
		}
	}
	if (length > 0)
		tell(attached, BRM_SEND, out, length);
}

static void take_signals(struct attached *attached)
{
	struct signalfd_siginfo info;

	while (read(attached->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGWINCH)
			tell(attached, BRM_RESIZE, NULL, 0);
		else
			attached->leaves = true;
	}
}

static void take_replies(struct attached *attached)
{
	struct reply reply;
	int rc;

	while (attached->control.client && (rc = client_poll(attached->control.client, &reply)) != 0) {
		if (rc < 0) {
			control_finish(&attached->control);
			return;
		}
		if (strcmp(reply.notice, "detached") == 0) {
			attached->writes = false;
			warn(attached->cli, "somebody else writes to %s now; this goes on showing it\r",
			     attached->name);
		}
		reply_finish(&reply);
	}
}

/* The supervisor went away: as soon as there is one again, ask again for the right to write. */
static void reconnect(struct attached *attached)
{
	if (attached->control.client || !attached->writes || attached->reading.snapshot.liveness != BRM_LIVE)
		return;
	if (client_open(&attached->control.instance, BRM_BY_CLI, &attached->control.client) == 0 &&
	    ask(attached, true) != EXIT_DONE)
		attached->writes = false;
}

static void sleep_for_news(struct attached *attached)
{
	struct pollfd fds[] = {
		{.fd = source_bell(attached->reading.source, BRM_WAIT_STATES | BRM_WAIT_LOGS), .events = POLLIN},
		{.fd = attached->control.client ? client_fd(attached->control.client) : -1, .events = POLLIN},
		{.fd = attached->signals, .events = POLLIN},
		{.fd = attached->writes ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = STDOUT_FILENO},
	};

	if (poll(fds, sizeof fds / sizeof *fds, -1) < 0)
		return;
	if (fds[0].revents)
		source_bell_clear(attached->reading.source);
	if (fds[1].revents)
		take_replies(attached);
	if (fds[2].revents)
		take_signals(attached);
	if (fds[3].revents)
		take_keys(attached);
	if (fds[4].revents & (POLLERR | POLLHUP | POLLNVAL))
		attached->leaves = true;
}

/* It has ended, or another run of it goes on. */
static bool is_ended(const struct attached *attached, const struct process *process)
{
	return process->state.run != attached->run || brm_state_is_finished(&process->state) ||
	       brm_state_status(&process->state) == BRM_BACKOFF;
}

static int loop(struct attached *attached)
{
	for (;;) {
		const struct process *process = snapshot_find(&attached->reading.snapshot, attached->name);

		if (!process) {
			terminal_restore();
			return reading_unknown(&attached->reading, doing, attached->name);
		}
		copy_output(attached, process);
		if (is_ended(attached, process) || reading_is_over(&attached->reading)) {
			terminal_restore();
			warn(attached->cli, "%s has ended%s%s", attached->name, *process->state.reason ? ": " : "",
			     process->state.reason);
			return EXIT_DONE;
		}
		if (attached->leaves)
			return EXIT_DONE;
		sleep_for_news(attached);
		if (reading_again(&attached->reading, doing) != EXIT_DONE)
			return EXIT_FAILED;
		reconnect(attached);
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGPIPE); /* the terminal is to be restored first */
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Both are connected: where does the other stream begin, and how are keys taken? */
static int begin(struct attached *attached)
{
	const struct process *process = snapshot_find(&attached->reading.snapshot, attached->name);

	if (process && process->has_log)
		attached->offsets[BRM_ERR] = process->log.bytes[BRM_ERR];
	attached->signals = open_signals();
	if (attached->signals < 0)
		return fail(EXIT_FAILED, "cannot take signals: %s", strerror(errno));
	if (attached->writes && isatty(STDIN_FILENO))
		warn(attached->cli, "attached to %s; %s leaves it", attached->name,
		     attached->tty ? "Ctrl-] d" : "Ctrl-C");
	if (attached->writes && attached->tty)
		terminal_raw();
	return loop(attached);
}

static int run_attach(struct cli *cli)
{
	struct attached *attached = must(calloc(1, sizeof *attached));
	int status;

	attached->cli = cli;
	attached->name = cli->operands[0];
	attached->writes = !cli_option(cli, "read-only");
	status = control_open(cli, doing, &attached->control);
	attached->control.conflict = "; --steal takes that right, --read-only does without";
	if (status == EXIT_DONE)
		status = ask(attached, false);
	if (status == EXIT_DONE)
		status = reading_open(cli, doing, &attached->reading);
	if (status == EXIT_DONE)
		status = begin(attached);
	terminal_restore();
	control_finish(&attached->control);
	reading_finish(&attached->reading);
	brm_log_close(attached->log);
	free(attached);
	return status;
}

static const struct option_row options[] = {
	{0, "read-only", NULL, "only watch it; any number may"},
	{0, "steal", NULL, "take the right to write from who has it"},
	{0, NULL, NULL, NULL},
};

const struct command command_attach = {
	.name = "attach",
	.operands = "NAME",
	.least = 1,
	.most = 1,
	.options = options,
	.help = "connect this terminal to a process; Ctrl-] d leaves it",
	.more = "What it writes is shown from now on, what is typed is its input, and its terminal gets this one's "
		"size.\n"
		"One at a time may write. The process goes on when this ends.",
	.example = "attach console",
	.run = run_attach,
};
