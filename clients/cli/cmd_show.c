/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/cli/list.h"
#include "clients/cli/reading.h"
#include "clients/cli/style.h"

static const char doing[] = "show";

static int show_json(const struct process *process, const struct snapshot *snapshot)
{
	struct json json;
	const char *text;

	json_init(&json);
	fields_json_process(&json, process, snapshot);
	text = json_text(&json);
	if (text)
		puts(text);
	json_finish(&json);
	return text ? EXIT_DONE : fail(EXIT_FAILED, "cannot write JSON: no memory");
}

static int show_text(const struct cli *cli, const struct process *process, const struct snapshot *snapshot)
{
	static const struct table_column columns[] = {{"FIELD", 0, false}, {"VALUE", 0, false}};
	struct table_style style = {
		.tabs = cli->format == FORMAT_TSV, .width = terminal_width(cli), .plain = STYLE_PLAIN};
	struct table table;
	char text[4096];
	int rc;

	table_init(&table, columns, 2);
	for (size_t i = 0; i < field_count; i++) {
		if (field_text(&fields[i], process, snapshot, text, sizeof text) == 0)
			continue;
		table_cell(&table, fields[i].key);
		table_cell(&table, text);
	}
	rc = table_print(&table, &style, stdout);
	table_finish(&table);
	return rc == 0 ? EXIT_DONE : fail(EXIT_FAILED, "cannot write a table: no memory");
}

static int show(const struct cli *cli, const struct reading *reading)
{
	const struct process *process = snapshot_find(&reading->snapshot, cli->operands[0]);
	int status;

	if (!process)
		return reading_unknown(reading, doing, cli->operands[0]);
	if (cli->format == FORMAT_JSON || cli->format == FORMAT_JSONL)
		status = show_json(process, &reading->snapshot);
	else if (cli->format == FORMAT_NAME)
		status = puts(process->identity.name) < 0 ? EXIT_FAILED : EXIT_DONE;
	else
		status = show_text(cli, process, &reading->snapshot);
	return status == EXIT_DONE ? reading->status : status;
}

static int run_show(struct cli *cli)
{
	struct reading reading;
	int status = reading_open(cli, doing, &reading);

	if (status == EXIT_DONE)
		status = show(cli, &reading);
	reading_finish(&reading);
	return status;
}

const struct command command_show = {
	.name = "show",
	.operands = "NAME",
	.least = 1,
	.most = 1,
	.help = "say everything that is known about one process",
	.example = "show web",
	.run = run_show,
};
