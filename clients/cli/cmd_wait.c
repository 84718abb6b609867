/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <brummer/logs.h>
#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/reading.h"
#include "clients/common/match.h"

static const char doing[] = "wait for";

/* How a wait stands. */
enum outlook { NOT_YET, TRUE_NOW, NEVER };

struct waiting {
	const struct condition *condition;
	const char *name;
	struct match match; /* of log= */
	struct brm_log *log;
	uint64_t since_us; /* UINT64_MAX: the start of the run */
	uint64_t seq;      /* of the next line to look at */
	bool positioned;
	char *line; /* BRM_LOG_LINE_MAX bytes */
};

struct condition {
	const char *word;
	const char *phrase; /* "cannot wait for web PHRASE" */
	enum outlook (*look)(struct waiting *waiting, const struct reading *reading, const struct process *process);
};

static enum outlook unless_finished(bool met, const struct process *process)
{
	return met ? TRUE_NOW : brm_state_is_finished(&process->state) ? NEVER : NOT_YET;
}

static enum outlook look_ready(struct waiting *waiting, const struct reading *reading, const struct process *process)
{
	(void)waiting, (void)reading;
	return unless_finished(process_is_ready(process), process);
}

static enum outlook look_running(struct waiting *waiting, const struct reading *reading, const struct process *process)
{
	(void)waiting, (void)reading;
	return unless_finished(brm_state_is_running(&process->state), process);
}

static enum outlook look_exit(struct waiting *waiting, const struct reading *reading, const struct process *process)
{
	(void)waiting, (void)reading;
	return brm_state_is_finished(&process->state) ? TRUE_NOW : NOT_YET;
}

static enum outlook look_success(struct waiting *waiting, const struct reading *reading, const struct process *process)
{
	(void)waiting, (void)reading;
	return unless_finished(brm_state_status(&process->state) == BRM_SUCCESS, process);
}

/* Open the log and find the first line to look at. False: there is nothing yet. */
static bool position(struct waiting *waiting, const struct reading *reading, const struct process *process)
{
	const struct brm_log_mark *mark = process->has_log && !reading_is_over(reading) ? &process->log : NULL;
	uint64_t since = waiting->since_us;

	if (!waiting->log && brm_log_open(reading->snapshot.info.state_dir, process->identity.name, &waiting->log) != 0)
		return false;
	if (brm_log_refresh(waiting->log, mark) != 0) {
		brm_log_close(waiting->log);
		waiting->log = NULL;
		waiting->positioned = false;
		return false;
	}
	if (waiting->positioned)
		return true;
	if (since == UINT64_MAX)
		since = process->state.start_ns / 1000;
	waiting->positioned = brm_log_seek_time(waiting->log, since, &waiting->seq) == 0;
	return waiting->positioned;
}

static bool line_matches(struct waiting *waiting, const struct brm_log_line *line)
{
	ssize_t length = brm_log_text(waiting->log, line, waiting->line, BRM_LOG_LINE_MAX);

	return length >= 0 && match_test(&waiting->match, waiting->line, (size_t)length);
}

static enum outlook look_log(struct waiting *waiting, const struct reading *reading, const struct process *process)
{
	struct brm_log_line lines[64];
	uint64_t first, end;
	ssize_t count;

	if (process->state.run == 0 || !position(waiting, reading, process))
		return unless_finished(false, process);
	brm_log_range(waiting->log, &first, &end);
	if (waiting->seq < first)
		waiting->seq = first;
	while ((count = brm_log_lines(waiting->log, waiting->seq, lines, 64)) > 0) {
		for (ssize_t i = 0; i < count; i++)
			if (line_matches(waiting, &lines[i]))
				return TRUE_NOW;
		waiting->seq += (uint64_t)count;
	}
	return unless_finished(false, process);
}

static const struct condition conditions[] = {
	{"ready", "to be ready", look_ready},    {"running", "to run", look_running}, {"exit", "to end", look_exit},
	{"success", "to succeed", look_success}, {"log", "to write that", look_log},
};

/* "log=RE" or one of the words. EXIT_DONE, or what was said. */
static int parse_condition(const char *word, struct waiting *waiting)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	char why[200];

	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		const struct condition *condition = &conditions[i];

		if (strlen(condition->word) != length || memcmp(condition->word, word, length) != 0 ||
		    (condition->look == look_log) != (equals != NULL))
			continue;
		waiting->condition = condition;
		if (!equals)
			return EXIT_DONE;
		waiting->line = must(malloc(BRM_LOG_LINE_MAX));
		if (match_init(&waiting->match, equals + 1, false, why, sizeof why) == 0)
			return EXIT_DONE;
		free(waiting->line);
		waiting->line = NULL;
		return fail(EXIT_USAGE, "cannot search for %s: %s", equals + 1, why);
	}
	return fail(EXIT_USAGE, "cannot wait for %s: expected ready, running, exit, success or log=RE", word);
}

static int64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static int never(const struct waiting *waiting, const struct process *process)
{
	const char *reason = process->state.reason;

	return fail(EXIT_FAILED, "cannot wait for %s %s: it is %s%s%s", waiting->name, waiting->condition->phrase,
		    brm_status_word(brm_state_status(&process->state)), *reason ? ", " : "", reason);
}

/* Until the condition holds, cannot hold any more, or the deadline (< 0: none) has passed. */
static int wait_one(struct waiting *waiting, struct reading *reading, int64_t deadline)
{
	unsigned what = BRM_WAIT_STATES | (waiting->condition->look == look_log ? BRM_WAIT_LOGS : 0);

	for (;;) {
		const struct process *process = snapshot_find(&reading->snapshot, waiting->name);
		int64_t left = deadline < 0 ? -1 : deadline - monotonic_ns();
		enum outlook outlook;

		if (!process)
			return reading_unknown(reading, doing, waiting->name);
		outlook = waiting->condition->look(waiting, reading, process);
		if (outlook == TRUE_NOW)
			return reading->status;
		if (outlook == NEVER)
			return never(waiting, process);
		if (reading_is_over(reading))
			return fail(EXIT_FAILED, "cannot wait for %s: its supervisor is %s", waiting->name,
				    brm_liveness_word(reading->snapshot.liveness));
		if ((deadline >= 0 && left <= 0) || reading_sleep(reading, what, left) == WOKEN_TIMEOUT)
			return fail(EXIT_TIMEOUT, "cannot wait for %s %s: not in time", waiting->name,
				    waiting->condition->phrase);
		if (reading_again(reading, doing) != EXIT_DONE)
			return EXIT_FAILED;
	}
}

static int wait_all(const struct cli *cli, struct waiting *waiting)
{
	struct reading reading;
	int64_t timeout;
	int status = EXIT_DONE;

	if (cli_duration(cli, "timeout", -1, &timeout) != 0)
		return EXIT_USAGE;
	if (timeout >= 0)
		timeout += monotonic_ns();
	status = reading_open(cli, doing, &reading);
	for (int i = 0; i < cli->operand_count && (status == EXIT_DONE || status == EXIT_DEAD); i++) {
		waiting->name = cli->operands[i];
		waiting->positioned = false;
		status = wait_one(waiting, &reading, timeout);
		brm_log_close(waiting->log);
		waiting->log = NULL;
	}
	reading_finish(&reading);
	return status;
}

static int run_wait(struct cli *cli)
{
	const char *word = cli_option(cli, "for");
	struct waiting waiting = {0};
	uint64_t since_ns;
	int status = parse_condition(word ? word : "ready", &waiting);

	if (status != EXIT_DONE)
		return status;
	if (cli_time(cli, "since", UINT64_MAX, &since_ns) == 0) {
		waiting.since_us = since_ns == UINT64_MAX ? UINT64_MAX : since_ns / 1000;
		status = wait_all(cli, &waiting);
	} else {
		status = EXIT_USAGE;
	}
	if (waiting.line)
		match_finish(&waiting.match);
	free(waiting.line);
	return status;
}

static const struct option_row options[] = {
	{0, "for", "WHAT", "ready (the default), running, exit, success, or log=RE"},
	{0, "since", "TIME", "log= looks at lines since then; else at those of the current run"},
	{0, "timeout", "T", "give up after that time, with exit status 5"},
	{0, NULL, NULL, NULL},
};

static bool is_heavy(const struct cli *cli)
{
	const char *word = cli_option(cli, "for");

	return word && strchr(word, '=');
}

const struct command command_wait = {
	.name = "wait",
	.operands = "NAME...",
	.least = 1,
	.most = -1,
	.options = options,
	.help = "wait until a process is ready, has ended, or has written something",
	.example = "wait web --for log='listening on' --timeout 30s",
	.run = run_wait,
	.is_heavy = is_heavy,
};
