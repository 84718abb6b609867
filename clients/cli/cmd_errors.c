/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <brummer/errors.h>

#include "clients/cli/commands.h"
#include "clients/cli/list.h"
#include "clients/cli/reading.h"

static const char doing[] = "list the errors of";

#define GROUPS_MAX 1000 /* of one process */
#define SLOTS      2048 /* of the table that finds them */
#define AT_ONCE    128
#define TEXT_MAX   16384 /* bytes of one error's lines */
#define LINES_MAX  64    /* that are looked at for them */

/* Errors that are the same but for numbers and names of things: the newest, and how many there are. */
struct group {
	const char *name;
	struct brm_log_error newest;
	uint64_t first_us;
	uint32_t count;
	char *message;
	char *text;
};

struct errors {
	uint64_t since_us;
	struct group *groups;
	size_t count, room;
	size_t begin;          /* of those of the process that is looked at */
	uint32_t slots[SLOTS]; /* number of a group, counted from begin, + 1; 0: none */
	bool more;             /* there are kinds that found no place */
	char line[BRM_LOG_LINE_MAX];
};

static const struct list_column columns[] = {
	{"name", "NAME", FIELD_STRING, 8},
	{"last", "LAST", FIELD_TIME, 24},
	{"count", "COUNT", FIELD_INT, 5},
	{"language", "LANGUAGE", FIELD_STRING, 8},
	{"message", "MESSAGE", FIELD_STRING, 8},
	{"first", NULL, FIELD_TIME, 0},
	{"seq", NULL, FIELD_INT, 0},
	{"stream", NULL, FIELD_STRING, 0},
	{"text", NULL, FIELD_STRING, 0},
};

/* The slot of a group, or the free one where it belongs. */
static uint32_t *find_slot(struct errors *errors, uint64_t group)
{
	size_t at = (size_t)(group % SLOTS);

	while (errors->slots[at] && errors->groups[errors->begin + errors->slots[at] - 1].newest.group != group)
		at = (at + 1) % SLOTS;
	return &errors->slots[at];
}

/* Append a line, cleaned, to text[*length]. */
static void add_line(struct errors *errors, struct brm_log *log, const struct brm_log_line *line, char *text,
		     size_t *length)
{
	ssize_t got = brm_log_text(log, line, errors->line, sizeof errors->line);

	if (got < 0 || *length + 2 >= TEXT_MAX)
		return;
	if (*length > 0)
		text[(*length)++] = '\n';
	*length += brm_text_clean(errors->line, (size_t)got, text + *length, TEXT_MAX - 1 - *length);
	text[*length] = '\0';
}

/* What the newest of a group says. */
static void read_text(struct errors *errors, struct brm_log *log, struct group *group)
{
	const struct brm_log_error *error = &group->newest;
	struct brm_log_line lines[LINES_MAX];
	ssize_t count = brm_log_lines(log, error->seq, lines, error->lines < LINES_MAX ? error->lines : LINES_MAX);
	char text[TEXT_MAX] = "", message[TEXT_MAX] = "";
	size_t length = 0, message_length = 0;

	for (ssize_t i = 0; i < count; i++) {
		if (lines[i].stream != error->stream)
			continue;
		add_line(errors, log, &lines[i], text, &length);
	}
	if (brm_log_lines(log, error->seq + error->message, lines, 1) == 1)
		add_line(errors, log, &lines[0], message, &message_length);
	group->text = must(strdup(text));
	group->message = must(strdup(message + strspn(message, " \t")));
}

/* The newest come first. */
static void count_error(struct errors *errors, struct brm_log *log, const char *name, const struct brm_log_error *error)
{
	uint32_t *slot = find_slot(errors, error->group);
	struct group *group;

	if (!*slot && errors->count - errors->begin == GROUPS_MAX) {
		errors->more = true;
		return;
	}
	if (!*slot) {
		if (errors->count == errors->room) {
			errors->room = errors->room ? 2 * errors->room : 16;
			errors->groups = must(realloc(errors->groups, errors->room * sizeof *errors->groups));
		}
		group = &errors->groups[errors->count++];
		*group = (struct group){.name = name, .newest = *error};
		read_text(errors, log, group);
		*slot = (uint32_t)(errors->count - errors->begin);
	}
	group = &errors->groups[errors->begin + *slot - 1];
	group->first_us = error->time_us;
	group->count++;
}

static void count_all(struct errors *errors, struct brm_log *log, const char *name)
{
	struct brm_log_error found[AT_ONCE];
	uint64_t first, end;

	errors->begin = errors->count;
	memset(errors->slots, 0, sizeof errors->slots);
	brm_log_errors_range(log, &first, &end);
	while (end > first) {
		uint64_t from = end - first > AT_ONCE ? end - AT_ONCE : first;
		ssize_t count = brm_log_errors(log, from, found, (size_t)(end - from));

		for (ssize_t i = count; i > 0; i--) {
			if (found[i - 1].time_us < errors->since_us)
				return;
			count_error(errors, log, name, &found[i - 1]);
		}
		end = from;
	}
}

static void look(struct errors *errors, const struct reading *reading, const struct process *process)
{
	const struct brm_log_mark *mark = process->has_log && !reading_is_over(reading) ? &process->log : NULL;
	struct brm_log *log;

	if (brm_log_open(reading->snapshot.info.state_dir, process->identity.name, &log) != 0)
		return;
	if (brm_log_refresh(log, mark) == 0)
		count_all(errors, log, process->identity.name);
	brm_log_close(log);
}

static int newest_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->newest.time_us > y->newest.time_us ? -1 : x->newest.time_us < y->newest.time_us;
}

static int print(const struct cli *cli, struct errors *errors)
{
	struct list list;

	if (errors->count > 0)
		qsort(errors->groups, errors->count, sizeof *errors->groups, newest_first);
	list_init(&list, cli, "errors", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < errors->count; i++) {
		const struct group *group = &errors->groups[i];
		const struct value values[] = {
			value_text_of(group->name),
			value_number(true, (int64_t)group->newest.time_us * 1000),
			value_number(true, group->count),
			value_text_of(brm_language_word(group->newest.language)),
			value_text_of(group->message),
			value_number(true, (int64_t)group->first_us * 1000),
			value_number(true, (int64_t)group->newest.seq),
			value_text_of(brm_stream_word((enum brm_stream)group->newest.stream)),
			value_text_of(group->text),
		};

		list_row(&list, values);
	}
	if (errors->more)
		warn(cli, "there are more kinds of errors; these are the newest");
	return list_finish(&list);
}

static int list_errors(const struct cli *cli, const struct reading *reading)
{
	struct errors *errors = must(calloc(1, sizeof *errors));
	uint64_t since_ns;
	bool *chosen = NULL;
	int status = EXIT_FAILED;

	if (cli_time(cli, "since", 0, &since_ns) != 0)
		status = EXIT_USAGE;
	else
		chosen = reading_select(reading, cli, doing);
	errors->since_us = since_ns / 1000;
	for (uint32_t i = 0; chosen && i < reading->snapshot.count; i++)
		if (chosen[i])
			look(errors, reading, &reading->snapshot.processes[i]);
	if (chosen)
		status = print(cli, errors);
	for (size_t i = 0; i < errors->count; i++) {
		free(errors->groups[i].message);
		free(errors->groups[i].text);
	}
	free(errors->groups);
	free(errors);
	free(chosen);
	return status == EXIT_DONE ? reading->status : status;
}

static int run_errors(struct cli *cli)
{
	struct reading reading;
	int status = reading_open(cli, doing, &reading);

	if (status == EXIT_DONE)
		status = list_errors(cli, &reading);
	reading_finish(&reading);
	return status;
}

static const struct option_row options[] = {
	{0, "since", "TIME", "those since a time: 5m (ago), 12:30, 2026-11-20T12:30:00Z"},
	{0, NULL, NULL, NULL},
};

const struct command command_errors = {
	.name = "errors",
	.operands = "[NAME...]",
	.most = -1,
	.options = options,
	.help = "list the errors in what the processes have written, newest first",
	.more = "Those that differ in numbers and names of things alone are one row. The JSON has the stack trace too.",
	.example = "errors --since 1h",
	.run = run_errors,
};
