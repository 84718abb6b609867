/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/cli/commands.h"

#include "config.h"

static void print_commands(FILE *out)
{
	fputs("usage: brummer-cli [OPTION...] COMMAND [ARGUMENT...]\n\ncommands:\n", out);
	for (size_t i = 0; i < command_count; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->help);
}

static void print_options(const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		char words[64];

		snprintf(words, sizeof words, "%c%c%s --%s %s", rows->letter ? '-' : ' ',
			 rows->letter ? rows->letter : ' ', rows->letter ? "," : " ", rows->name,
			 rows->arg ? rows->arg : "");
		printf("  %-26s %s\n", words, rows->help);
	}
}

static void print_command(const struct command *command)
{
	printf("usage: brummer-cli %s%s%s%s\n\n%s\n", command->name, command->options ? " [OPTION...]" : "",
	       *command->operands ? " " : "", command->operands, command->help);
	if (command->more)
		printf("%s\n", command->more);
	if (command->aliases[0])
		printf("\nalso: %s%s%s\n", command->aliases[0], command->aliases[1] ? ", " : "",
		       command->aliases[1] ? command->aliases[1] : "");
	if (command->options) {
		fputs("\noptions:\n", stdout);
		print_options(command->options);
	}
	printf("\nexample:\n  brummer-cli %s\n", command->example);
}

static int run_help(struct cli *cli)
{
	const struct command *command;

	if (cli->bare) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	if (cli->operand_count == 0) {
		print_commands(stdout);
		fputs("\noptions of every command:\n", stdout);
		print_options(global_options);
		return EXIT_DONE;
	}
	command = command_find(cli->operands[0]);
	if (!command)
		return fail(EXIT_USAGE, "cannot help with %s: no such command", cli->operands[0]);
	print_command(command);
	return EXIT_DONE;
}

static int run_version(struct cli *cli)
{
	(void)cli;
	puts("brummer-cli " PACKAGE_VERSION);
	return EXIT_DONE;
}

const struct command command_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.most = 1,
	.help = "say how the commands are used",
	.example = "help logs",
	.run = run_help,
};

const struct command command_version = {
	.name = "version",
	.operands = "",
	.help = "say the version",
	.example = "--version",
	.run = run_version,
};
