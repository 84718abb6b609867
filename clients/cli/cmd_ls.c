/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/wait.h>

#include "clients/cli/commands.h"
#include "clients/cli/list.h"
#include "clients/cli/reading.h"

static const char doing[] = "list";

#define TICK_NS 1000000000ll

/* What qsort()'s comparison looks at. */
static const struct field *sort_field;
static const struct snapshot *sorted;

static bool is_number(enum field_type type)
{
	return type != FIELD_STRING && type != FIELD_STRINGS && type != FIELD_INTS && type != FIELD_MAP;
}

static int by_field(const void *a, const void *b)
{
	const struct process *const *p = a, *const *q = b;
	char scratch[2][FIELD_SCRATCH];
	struct value x = sort_field->get(*p, sorted, scratch[0]);
	struct value y = sort_field->get(*q, sorted, scratch[1]);

	if (x.present != y.present)
		return x.present ? -1 : 1;
	if (x.present && sort_field->type == FIELD_STRING && strcmp(x.text, y.text) != 0)
		return strcmp(x.text, y.text);
	if (x.present && is_number(sort_field->type) && x.number != y.number)
		return x.number > y.number ? -1 : 1;
	return *p < *q ? -1 : *p > *q; /* as in the configuration */
}

/* The chosen processes in the order to show them; to be freed. */
static const struct process **arrange(const struct snapshot *snapshot, const bool *chosen, size_t *count)
{
	const struct process **rows = must(calloc(snapshot->count + 1, sizeof *rows));

	*count = 0;
	for (uint32_t i = 0; i < snapshot->count; i++)
		if (chosen[i])
			rows[(*count)++] = &snapshot->processes[i];
	sorted = snapshot;
	if (sort_field)
		qsort(rows, *count, sizeof *rows, by_field);
	return rows;
}

/* The fields to show: as JSON all, else those that have a column. Returns their number. */
static size_t choose_fields(const struct cli *cli, const struct field **chosen, struct list_column *columns)
{
	bool all = cli->format == FORMAT_JSON || cli->format == FORMAT_JSONL;
	size_t count = 0;

	for (size_t i = 0; i < field_count; i++) {
		if (!all && !fields[i].column)
			continue;
		chosen[count] = &fields[i];
		columns[count++] =
			(struct list_column){fields[i].key, fields[i].column, fields[i].type, fields[i].width};
	}
	return count;
}

static void add_row(struct list *list, const struct field **chosen, const struct process *process,
		    const struct snapshot *snapshot)
{
	char scratch[FIELD_SCRATCH];

	for (size_t i = 0; i < list->count; i++) {
		struct value value = chosen[i]->get(process, snapshot, scratch);

		list_value(list, i, &value);
	}
}

/* A table or a document that is being made. */
struct drawing {
	const struct cli *cli;
	struct list_column columns[TABLE_COLUMNS_MAX];
	const struct field *shown[TABLE_COLUMNS_MAX];
	struct list list;
	bool begun;
};

static void begin(struct drawing *drawing, const struct snapshot *snapshot)
{
	list_init(&drawing->list, drawing->cli, "processes", drawing->columns,
		  choose_fields(drawing->cli, drawing->shown, drawing->columns));
	list_about(&drawing->list, snapshot);
	drawing->begun = true;
}

static int draw(const struct cli *cli, const struct reading *reading, bool over)
{
	struct drawing drawing = {.cli = cli};
	const struct process **rows;
	size_t count, fits;
	bool *chosen = reading_select(reading, cli, doing);

	if (!chosen)
		return EXIT_FAILED;
	begin(&drawing, &reading->snapshot);
	drawing.list.redraw = over;
	rows = arrange(&reading->snapshot, chosen, &count);
	fits = over ? terminal_height(cli) : 0;
	for (size_t i = 0; i < count && (fits < 3 || i + 2 < fits); i++)
		add_row(&drawing.list, drawing.shown, rows[i], &reading->snapshot);
	free(rows);
	free(chosen);
	if (over)
		fputs("\033[H", stdout);
	if (list_finish(&drawing.list) != EXIT_DONE)
		return EXIT_FAILED;
	if (over)
		fputs("\033[J", stdout);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* Some rows more; NULL: those so far were in vain. */
static void add_part(const struct snapshot *part, void *arg)
{
	struct drawing *drawing = arg;

	if (!part && drawing->begun)
		list_drop(&drawing->list);
	if (!part) {
		drawing->begun = false;
		return;
	}
	if (!drawing->begun)
		begin(drawing, part);
	for (uint32_t i = 0; i < part->count; i++)
		add_row(&drawing->list, drawing->shown, &part->processes[i], part);
}

/* All of them, in their order, once: what is called thousands of times. */
static int draw_all(const struct cli *cli, struct reading *reading)
{
	struct drawing drawing = {.cli = cli};
	bool all = cli->format == FORMAT_JSON || cli->format == FORMAT_JSONL;
	int status = reading_walk(cli, doing, reading, all ? SOURCE_WHOLE : SOURCE_BRIEF, add_part, &drawing);

	if (status == EXIT_DONE)
		return list_finish(&drawing.list);
	if (drawing.begun)
		list_drop(&drawing.list);
	return status;
}

/* How long to sleep at most: times that are shown go on. */
static int64_t tick(const struct reading *reading, bool over)
{
	for (uint32_t i = 0; over && i < reading->snapshot.count; i++)
		if (reading->snapshot.processes[i].state.pid > 0)
			return TICK_NS;
	return -1;
}

static int watch(const struct cli *cli, struct reading *reading)
{
	bool over = cli->terminal && cli->format == FORMAT_TABLE;
	int status;

	if (over)
		fputs("\033[2J", stdout);
	for (;;) {
		status = draw(cli, reading, over);
		if (status != EXIT_DONE || reading_is_over(reading))
			break;
		if (reading_sleep(reading, BRM_WAIT_STATES, tick(reading, over)) == WOKEN_GONE)
			break;
		status = reading_again(reading, doing);
		if (status != EXIT_DONE)
			break;
	}
	if (status == EXIT_DONE && reading->snapshot.liveness == BRM_DEAD && reading->status == EXIT_DONE)
		return fail(EXIT_DEAD, "the supervisor of %s has died; this is its last state",
			    reading->snapshot.info.name);
	return status == EXIT_DONE ? reading->status : status;
}

static int run_ls(struct cli *cli)
{
	const char *sort = cli_option(cli, "sort");
	struct reading reading;
	int status;

	sort_field = sort ? field_find(sort) : NULL;
	if (sort && !sort_field)
		return fail(EXIT_USAGE, "cannot sort by %s: no such column", sort);
	if (!sort && !cli_option(cli, "watch") && cli->operand_count == 0) {
		status = draw_all(cli, &reading);
	} else {
		status = reading_open(cli, doing, &reading);
		if (status == EXIT_DONE)
			status = cli_option(cli, "watch") ? watch(cli, &reading) : draw(cli, &reading, false);
	}
	if (status == EXIT_DONE)
		status = reading.status;
	reading_finish(&reading);
	return status;
}

static const struct option_row options[] = {
	{'w', "watch", NULL, "show it again whenever something changes"},
	{0, "sort", "KEY", "by a column or a field of the JSON form; numbers largest first"},
	{0, NULL, NULL, NULL},
};

/* What runs on wants memory that is given back. */
static bool is_heavy(const struct cli *cli)
{
	return cli_option(cli, "watch") != NULL;
}

const struct command command_ls = {
	.name = "ls",
	.aliases = {"ps", "status"},
	.operands = "[NAME...]",
	.most = -1,
	.options = options,
	.help = "list the processes, in the order of the configuration",
	.more = "A NAME may be NAME#RUN, all, a glob, or label=value.",
	.example = "ls --json | jq -r '.processes[] | select(.status == \"failed\") | .name'",
	.run = run_ls,
	.is_heavy = is_heavy,
};
