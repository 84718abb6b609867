/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "clients/cli/commands.h"
#include "clients/cli/list.h"
#include "clients/cli/reading.h"

static const char doing[] = "list the ports of";

static const struct list_column columns[] = {
	{"name", "NAME", FIELD_STRING, 8},
	{"port", "PORT", FIELD_INT, 5},
	{"run", NULL, FIELD_INT, 0},
};

static int list_ports(const struct cli *cli, const struct reading *reading)
{
	bool *chosen = reading_select(reading, cli, doing);
	struct list list;

	if (!chosen)
		return EXIT_FAILED;
	list_init(&list, cli, "ports", columns, sizeof columns / sizeof *columns);
	for (uint32_t i = 0; i < reading->snapshot.count; i++) {
		const struct process *process = &reading->snapshot.processes[i];

		for (uint32_t k = 0; chosen[i] && k < process->port_count; k++) {
			const struct value values[] = {value_text_of(process->identity.name),
						       value_number(true, process->ports[k]),
						       value_number(process->state.run > 0, process->state.run)};

			list_row(&list, values);
		}
	}
	free(chosen);
	return list_finish(&list) == EXIT_DONE ? reading->status : EXIT_FAILED;
}

static int run_ports(struct cli *cli)
{
	struct reading reading;
	int status = reading_open(cli, doing, &reading);

	if (status == EXIT_DONE)
		status = list_ports(cli, &reading);
	reading_finish(&reading);
	return status;
}

const struct command command_ports = {
	.name = "ports",
	.operands = "[NAME...]",
	.most = -1,
	.help = "list the ports that the processes listen on",
	.example = "ports web",
	.run = run_ports,
};
