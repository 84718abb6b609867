/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "clients/cli/commands.h"
#include "clients/cli/list.h"
#include "clients/cli/reading.h"

static const char doing[] = "list the URLs of";

static const struct list_column columns[] = {
	{"name", "NAME", FIELD_STRING, 8},
	{"url", "URL", FIELD_STRING, 3},
	{"run", NULL, FIELD_INT, 0},
};

static void add_rows(struct list *list, const struct process *process)
{
	for (const char *url = NULL; (url = brm_strings_next(&process->urls, url)) != NULL;) {
		const struct value values[] = {value_text_of(process->identity.name), value_text_of(url),
					       value_number(process->state.run > 0, process->state.run)};

		list_row(list, values);
	}
}

static int list_urls(const struct cli *cli, const struct reading *reading)
{
	bool *chosen = reading_select(reading, cli, doing);
	struct list list;

	if (!chosen)
		return EXIT_FAILED;
	list_init(&list, cli, "urls", columns, sizeof columns / sizeof *columns);
	for (uint32_t i = 0; i < reading->snapshot.count; i++)
		if (chosen[i])
			add_rows(&list, &reading->snapshot.processes[i]);
	free(chosen);
	return list_finish(&list) == EXIT_DONE ? reading->status : EXIT_FAILED;
}

static int run_urls(struct cli *cli)
{
	struct reading reading;
	int status = reading_open(cli, doing, &reading);

	if (status == EXIT_DONE)
		status = list_urls(cli, &reading);
	reading_finish(&reading);
	return status;
}

const struct command command_urls = {
	.name = "urls",
	.operands = "[NAME...]",
	.most = -1,
	.help = "list the URLs that the processes' output announced",
	.example = "urls web",
	.run = run_urls,
};
