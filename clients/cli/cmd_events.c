/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/events.h>
#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/list.h"
#include "clients/cli/reading.h"

static const char doing[] = "list the events";

#define EVENTS_AT_ONCE 256

static const struct list_column columns[] = {
	{"seq", NULL, FIELD_INT, 0},           {"time", "TIME", FIELD_TIME, 24},      {"name", "NAME", FIELD_STRING, 8},
	{"run", "RUN", FIELD_INT, 3},          {"from", "FROM", FIELD_STRING, 8},     {"to", "TO", FIELD_STRING, 8},
	{"exitCode", "EXIT", FIELD_INT, 4},    {"signal", "SIGNAL", FIELD_STRING, 7}, {"pid", "PID", FIELD_INT, 5},
	{"reason", "REASON", FIELD_STRING, 6}, {"by", "BY", FIELD_STRING, 2},
};

/* Which events are shown, and how far they were. */
struct selection {
	uint64_t cursor;
	uint64_t since_ns;
	char *const *names; /* none: all */
	int name_count;
};

static bool is_wanted(const struct selection *selection, const struct brm_event *event, const char *name)
{
	if (event->time_ns < selection->since_ns)
		return false;
	for (int i = 0; i < selection->name_count; i++)
		if (strcmp(selection->names[i], name) == 0)
			return true;
	return selection->name_count == 0;
}

static const char *status_text(uint8_t status)
{
	return status == BRM_ABSENT ? "" : brm_status_word((enum brm_status)status);
}

static void add_event(struct list *list, const struct brm_event *event, const char *name)
{
	const struct value values[] = {
		value_number(true, (int64_t)event->seq),
		value_number(true, (int64_t)event->time_ns),
		value_text_of(name),
		value_number(event->run > 0, event->run),
		value_text_of(status_text(event->from)),
		value_text_of(status_text(event->to)),
		value_number(event->flags & BRM_FLAG_EXITED, event->exit_code),
		value_text_of(event->flags & BRM_FLAG_SIGNALED ? signal_word(event->signal) : ""),
		value_number(event->pid > 0, event->pid),
		value_text_of(brm_reason_word((enum brm_reason)event->reason_code)),
		value_text_of(event->by_kind == BRM_BY_NOBODY ? "" : brm_by_word((enum brm_by)event->by_kind)),
	};

	list_row(list, values);
}

/* Add what is new since the cursor. */
static void add_new(const struct cli *cli, const struct brm_reader *reader, struct selection *selection,
		    struct list *list)
{
	struct brm_event events[EVENTS_AT_ONCE];
	char name[BRM_NAME_MAX];
	uint64_t missed;
	size_t count;

	while ((count = brm_events_read(reader, &selection->cursor, events, EVENTS_AT_ONCE, &missed)) > 0) {
		if (missed > 0)
			warn(cli, "%" PRIu64 " events were overwritten before they could be read", missed);
		for (size_t i = 0; i < count; i++) {
			if (brm_event_name(reader, &events[i], name) != 0)
				strcpy(name, "?");
			if (is_wanted(selection, &events[i], name))
				add_event(list, &events[i], name);
		}
	}
}

static int follow(const struct cli *cli, struct reading *reading, struct selection *selection, struct list *list)
{
	int status = EXIT_DONE;

	while (status == EXIT_DONE) {
		add_new(cli, source_reader(reading->source), selection, list);
		status = list_flush(list);
		if (status != EXIT_DONE || fflush(stdout) != 0 || reading_is_over(reading))
			break;
		if (reading_sleep(reading, BRM_WAIT_STATES, -1) == WOKEN_GONE)
			break;
		/* The events of a region that was superseded are in the new one too. */
		status = reading_again(reading, doing);
	}
	return status;
}

static int list_events(const struct cli *cli, struct reading *reading)
{
	struct selection selection = {.names = cli->operands, .name_count = cli->operand_count};
	struct list list;
	int status = EXIT_DONE, end;

	if (!source_reader(reading->source))
		return fail(EXIT_USAGE, "cannot %s: they are in the region alone; use --read-path shm", doing);
	if (cli_time(cli, "since", 0, &selection.since_ns) != 0)
		return EXIT_USAGE;
	list_init(&list, cli, "events", columns, sizeof columns / sizeof *columns);
	list.endless = cli_option(cli, "follow") != NULL;
	if (list.endless)
		status = follow(cli, reading, &selection, &list);
	else
		add_new(cli, source_reader(reading->source), &selection, &list);
	end = list_finish(&list);
	if (status == EXIT_DONE)
		status = end;
	return status == EXIT_DONE ? reading->status : status;
}

static int run_events(struct cli *cli)
{
	struct reading reading;
	int status = reading_open(cli, doing, &reading);

	if (status == EXIT_DONE)
		status = list_events(cli, &reading);
	reading_finish(&reading);
	return status;
}

static const struct option_row options[] = {
	{'f', "follow", NULL, "go on with those to come; JSON is then one object a line"},
	{0, "since", "TIME", "those since a time: 5m (ago), 12:30, 2026-11-20T12:30:00Z"},
	{0, NULL, NULL, NULL},
};

/* What runs on wants memory that is given back. */
static bool is_heavy(const struct cli *cli)
{
	return cli_option(cli, "follow") != NULL;
}

const struct command command_events = {
	.name = "events",
	.operands = "[NAME...]",
	.most = -1,
	.options = options,
	.help = "list the state changes, oldest first",
	.example = "events --since 10m",
	.run = run_events,
	.is_heavy = is_heavy,
};
