/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/printer.h"
#include "clients/cli/reading.h"
#include "clients/common/near.h"
#include "clients/common/select.h"

static const char doing[] = "show the logs of";

#define CONTEXT_MAX 1000

/* What a run of the command holds. */
struct logs {
	const struct cli *cli;
	struct reading reading; /* .source NULL: there is no supervisor, the store answers */
	struct match match;
	struct merge merge;
	struct printer printer;
	bool *chosen; /* of reading.snapshot */
};

/* An unescaped name from the name of its store's directory: %XX stands for a byte. */
static bool name_of_store(const char *path, char out[BRM_NAME_MAX])
{
	size_t length = 0;

	for (; *path && length + 1 < BRM_NAME_MAX; path++) {
		unsigned byte = (unsigned char)*path;

		if (byte == '.' && length == 0)
			return false;
		if (byte == '%') {
			if (sscanf(path + 1, "%2X", &byte) != 1)
				return false;
			path += 2;
		}
		out[length++] = (char)byte;
	}
	out[length] = '\0';
	return length > 0 && !*path;
}

/* Every store of the state directory whose name is wanted gets a track. Returns how many have. */
static size_t add_stores(struct logs *logs, const char *word)
{
	DIR *dir = opendir(logs->merge.state_dir);
	char name[BRM_NAME_MAX];
	struct dirent *entry;
	size_t found = 0;

	while (dir && (entry = readdir(dir))) {
		if (!name_of_store(entry->d_name, name) || (word && !select_matches(word, name)))
			continue;
		if (merge_extend(&logs->merge, merge_track(&logs->merge, name), NULL) == 0)
			found++;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* A word that is no process: perhaps the store of one that was removed? */
static int add_word(struct logs *logs, const char *word)
{
	const char *found[3];
	struct brm_near near;
	char hint[800];

	if (add_stores(logs, word) > 0)
		return EXIT_DONE;
	if (logs->reading.source)
		return reading_unknown(&logs->reading, doing, word);
	brm_near_begin(&near, word, found, 3);
	add_stores(logs, NULL);
	for (size_t i = 0; i < logs->merge.count; i++)
		brm_near_offer(&near, logs->merge.tracks[i]->name);
	return fail(EXIT_FAILED, "cannot %s %s: nothing was logged under that name%s", doing, word,
		    near_hint(found, near.count, hint, sizeof hint));
}

/* Output that found no room is not among the lines: say so, once. */
static void tell_lost(struct logs *logs, const struct process *process)
{
	struct track *track = merge_track(&logs->merge, process->identity.name);

	if (!process->has_log || process->log.lost_bytes <= track->lost_bytes)
		return;
	warn(logs->cli, "%llu bytes of %s could not be stored",
	     (unsigned long long)(process->log.lost_bytes - track->lost_bytes), track->name);
	track->lost_bytes = process->log.lost_bytes;
}

/* Take up what the chosen processes have written; all of them, or only those that have logged more. */
static void extend(struct logs *logs, bool moved)
{
	const struct snapshot *snapshot = &logs->reading.snapshot;
	bool live = !reading_is_over(&logs->reading); /* else nothing is marked any more: what is whole counts */

	for (uint32_t i = 0; i < snapshot->count; i++) {
		if (!logs->chosen[i] || (moved && !reading_log_moved(&logs->reading, i)))
			continue;
		merge_process(&logs->merge, &snapshot->processes[i], live);
		tell_lost(logs, &snapshot->processes[i]);
	}
}

/* Which processes of the snapshot are meant. A word that is none is the name of a store, or unknown. */
static int choose(struct logs *logs, bool first)
{
	const struct snapshot *snapshot = &logs->reading.snapshot;
	int status = EXIT_DONE;

	free(logs->chosen);
	logs->chosen = must(calloc(snapshot->count + 1, sizeof *logs->chosen));
	if (logs->cli->operand_count == 0)
		select_word(snapshot, "all", logs->chosen);
	for (int i = 0; i < logs->cli->operand_count && status == EXIT_DONE; i++)
		if (!select_word(snapshot, logs->cli->operands[i], logs->chosen) && first)
			status = add_word(logs, logs->cli->operands[i]);
	return status;
}

/* Without a supervisor the stores tell which names there are. */
static int choose_stores(struct logs *logs)
{
	int status = EXIT_DONE;

	for (int i = 0; i < logs->cli->operand_count && status == EXIT_DONE; i++)
		status = add_word(logs, strcmp(logs->cli->operands[i], "all") == 0 ? "*" : logs->cli->operands[i]);
	if (logs->cli->operand_count == 0)
		add_stores(logs, NULL);
	return status;
}

static void print_lines(struct logs *logs)
{
	struct merged line;

	for (size_t i = 0; i < logs->merge.count; i++)
		printer_name(&logs->printer, logs->merge.tracks[i]->name);
	while (!ferror(stdout) && merge_next(&logs->merge, &line))
		printer_line(&logs->printer, &line);
	if (logs->merge.lost > 0)
		warn(logs->cli, "%llu lines were rotated away before they could be read",
		     (unsigned long long)logs->merge.lost);
	logs->merge.lost = 0;
}

/* Go on until the supervisor or standard output is gone. */
static int follow(struct logs *logs)
{
	struct reading *reading = &logs->reading;
	int status = EXIT_DONE;

	while (status == EXIT_DONE && fflush(stdout) == 0 && !reading_is_over(reading)) {
		bool changed;

		if (reading_sleep(reading, BRM_WAIT_STATES | BRM_WAIT_LOGS, -1) == WOKEN_GONE)
			break;
		status = reading_look(reading, doing, &changed);
		if (changed && status == EXIT_DONE)
			status = choose(logs, false);
		extend(logs, !changed);
		print_lines(logs);
	}
	return status;
}

/* Print what there is, then follow if that was asked for. */
static int show(struct logs *logs)
{
	const struct cli *cli = logs->cli;
	bool served = logs->reading.source != NULL;
	int status = served ? choose(logs, true) : choose_stores(logs);

	if (status != EXIT_DONE)
		return status;
	if (served)
		extend(logs, false);
	logs->printer.prefix = !logs->printer.raw && !(cli->operand_count == 1 && logs->merge.count <= 1);
	print_lines(logs);
	if (!cli_option(cli, "follow"))
		return EXIT_DONE;
	if (served)
		return follow(logs);
	warn(cli, "no supervisor runs here: nothing more will come");
	return EXIT_DONE;
}

static int parse_stream(const char *word, int *stream)
{
	*stream = -1;
	for (int i = BRM_OUT; word && i <= BRM_ERR; i++)
		if (strcmp(word, brm_stream_word((enum brm_stream)i)) == 0)
			*stream = i;
	if (!word || *stream >= 0)
		return EXIT_DONE;
	return fail(EXIT_USAGE, "cannot take --stream %s: expected out or err", word);
}

/* -C is both; -A and -B say more exactly. */
static int parse_context(const struct cli *cli, struct filter *filter)
{
	int64_t both, before, after;

	if (cli_count(cli, "context", 0, &both) != 0 || cli_count(cli, "before", both, &before) != 0 ||
	    cli_count(cli, "after", both, &after) != 0)
		return EXIT_USAGE;
	if (before > CONTEXT_MAX || after > CONTEXT_MAX)
		return fail(EXIT_USAGE, "cannot show so many lines around: %d are the most", CONTEXT_MAX);
	filter->before = (uint64_t)before;
	filter->after = (uint64_t)after;
	return EXIT_DONE;
}

static int parse_filter(struct logs *logs, struct filter *filter)
{
	const struct cli *cli = logs->cli;
	const char *level = cli_option(cli, "level"), *pattern = cli_option(cli, "grep");
	uint64_t since_ns, until_ns;
	char why[200];

	memset(filter, 0, sizeof *filter);
	if (cli_time(cli, "since", 0, &since_ns) != 0 || cli_time(cli, "until", UINT64_MAX, &until_ns) != 0 ||
	    cli_count(cli, "lines", -1, &filter->last) != 0 ||
	    parse_stream(cli_option(cli, "stream"), &filter->stream) != EXIT_DONE ||
	    parse_context(cli, filter) != EXIT_DONE)
		return EXIT_USAGE;
	if (filter->last < 0 && cli_count(cli, "tail", -1, &filter->last) != 0)
		return EXIT_USAGE;
	filter->since_us = since_ns / 1000;
	filter->until_us = until_ns == UINT64_MAX ? UINT64_MAX : until_ns / 1000;
	if (level && brm_level_parse(level, &filter->level) != 0)
		return fail(EXIT_USAGE, "cannot take --level %s: expected debug, info, warn or error", level);
	if (!pattern)
		return EXIT_DONE;
	if (match_init(&logs->match, pattern, cli_option(cli, "fixed") != NULL, why, sizeof why) != 0)
		return fail(EXIT_USAGE, "cannot search for %s: %s", pattern, why);
	filter->match = &logs->match;
	return EXIT_DONE;
}

/* The supervisor's snapshot, or none: the store answers without a supervisor too. */
static int open_reading(struct logs *logs)
{
	const struct cli *cli = logs->cli;
	int status = reading_find(cli, doing, &logs->reading.instance);
	struct source *probe;
	int rc;

	if (status != EXIT_DONE)
		return status;
	rc = source_open(&logs->reading.instance, cli->read_path, &probe);
	if (rc == -ENOENT)
		return EXIT_DONE;
	if (rc == 0)
		source_close(probe);
	return reading_open(cli, doing, &logs->reading);
}

/* A store takes a few descriptors, and there may be thousands of them. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int run_logs(struct cli *cli)
{
	struct logs logs = {.cli = cli};
	struct filter filter;
	int status;

	if (cli->format == FORMAT_TSV || cli->format == FORMAT_NAME)
		return fail(EXIT_USAGE, "cannot write logs so: expected table, json or jsonl");
	status = parse_filter(&logs, &filter);
	if (status != EXIT_DONE)
		return status;
	allow_many_files();
	status = open_reading(&logs);
	if (status == EXIT_DONE) {
		const struct reading *reading = &logs.reading;

		merge_init(&logs.merge, &filter,
			   reading->source ? reading->snapshot.info.state_dir : reading->instance.state_dir);
		printer_init(&logs.printer, cli);
		logs.printer.raw = cli_option(cli, "raw") != NULL;
		logs.printer.timestamps = cli_option(cli, "timestamps") != NULL;
		logs.printer.match = filter.match;
		logs.printer.parts = filter.before + filter.after > 0;
		status = show(&logs);
		if (status == EXIT_DONE)
			status = reading->status;
		merge_finish(&logs.merge);
		printer_finish(&logs.printer);
	}
	free(logs.chosen);
	if (filter.match)
		match_finish(&logs.match);
	reading_finish(&logs.reading);
	return status;
}

static const struct option_row options[] = {
	{'f', "follow", NULL, "go on with the lines to come"},
	{'n', "lines", "N", "the last N lines of each process; without it all there are"},
	{0, "tail", "N", "the same as -n"},
	{0, "since", "TIME", "lines since a time: 5m (ago), 12:30, 2026-11-20T12:30:00Z"},
	{0, "until", "TIME", "lines before a time"},
	{'g', "grep", "RE", "lines that match a regular expression, as Perl has them"},
	{'F', "fixed", NULL, "RE is a plain text"},
	{'A', "after", "N", "and N lines after each"},
	{'B', "before", "N", "and N lines before each"},
	{'C', "context", "N", "and N lines around each"},
	{0, "level", "L", "lines of that level and above: debug, info, warn, error"},
	{0, "stream", "S", "out or err alone"},
	{0, "timestamps", NULL, "when each line was captured, before it"},
	{0, "raw", NULL, "the bytes as they were written, without names"},
	{0, NULL, NULL, NULL},
};

/* What follows runs on, and what searches wants the faster library. */
static bool is_heavy(const struct cli *cli)
{
	return cli_option(cli, "follow") || cli_option(cli, "grep");
}

const struct command command_logs = {
	.name = "logs",
	.operands = "[NAME...]",
	.most = -1,
	.options = options,
	.help = "show what the processes have written",
	.more = "One NAME is shown without prefix; several are merged by time. With -o jsonl each line is an object.\n"
		"Answers from the store when no supervisor runs.",
	.example = "logs -f -n 20 web",
	.run = run_logs,
	.is_heavy = is_heavy,
};
