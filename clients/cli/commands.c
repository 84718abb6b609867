/* SPDX-License-Identifier: MIT */
#include "clients/cli/commands.h"

#include <string.h>

const struct command *const commands[] = {
	&command_up,   &command_down,      &command_ls,     &command_show,    &command_start,
	&command_stop, &command_restart,   &command_reload, &command_signal,  &command_rm,
	&command_run,  &command_logs,      &command_events, &command_wait,    &command_scripts,
	&command_urls, &command_instances, &command_help,   &command_version,
};

const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = commands[i];

		if (strcmp(command->name, name) == 0)
			return command;
		for (size_t a = 0; a < 2 && command->aliases[a]; a++)
			if (strcmp(command->aliases[a], name) == 0)
				return command;
	}
	return NULL;
}
