/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/commands.h"
#include "clients/common/fields.h"

#include "clients/cli/completion.inc"

/*
 * completion - the shells' scripts, and what they ask for: the words that may stand where the cursor is
 *
 * All comes from the table of commands; the names of processes from the region.
 */

static const struct {
	const char *name;
	const char *script;
} shells[] = {{"bash", completion_bash}, {"fish", completion_fish}, {"zsh", completion_zsh}};

/* What may be an option's argument, by the name its row gives that. */
static const struct {
	const char *option;
	const char *words[10];
} arguments[] = {
	{"output", {"table", "json", "jsonl", "tsv", "name"}},
	{"color", {"auto", "always", "never"}},
	{"read-path", {"shm", "rpc"}},
	{"for", {"ready", "running", "exit", "success", "log="}},
	{"level", {"debug", "info", "warn", "error"}},
	{"stream", {"out", "err"}},
};

/* What is known of the line so far. */
struct line {
	const struct command *command;
	struct where where;
	const struct option_row *wants; /* the option whose argument the last word is; NULL: none */
	int operands;                   /* before the last word */
	const char *last;
};

static void offer(const struct line *line, const char *word, const char *help)
{
	if (strncmp(word, line->last, strlen(line->last)) == 0)
		printf("%s\t%s\n", word, help);
}

static const struct option_row *find_row(const struct option_row *rows, const char *word)
{
	bool is_long = strncmp(word, "--", 2) == 0;

	for (; rows && rows->name; rows++)
		if (is_long ? strcmp(rows->name, word + 2) == 0 : rows->letter == word[1] && !word[2])
			return rows;
	return NULL;
}

static const struct option_row *option_of(const struct line *line, const char *word)
{
	const struct option_row *row = line->command ? find_row(line->command->options, word) : NULL;

	return row ? row : find_row(global_options, word);
}

/* Walk over the words before the last. */
static void read_line(struct line *line, char *const *words, int count)
{
	line->last = count > 0 ? words[count - 1] : "";
	for (int i = 0; i + 1 < count; i++) {
		const struct option_row *row = *words[i] == '-' ? option_of(line, words[i]) : NULL;

		if (row && row->arg && i + 2 == count) {
			line->wants = row;
		} else if (row && row->arg) {
			i++;
			if (strcmp(row->name, "directory") == 0)
				line->where.dir = words[i];
			else if (strcmp(row->name, "instance") == 0)
				line->where.instance = words[i];
		} else if (*words[i] != '-' && !line->command) {
			line->command = command_find(words[i]);
		} else if (*words[i] != '-') {
			line->operands++;
		}
	}
}

/* The live names of the region, with their states. */
static void offer_names(const struct line *line)
{
	struct snapshot snapshot = {0};
	struct brm_instance instance;
	struct source *source = NULL;

	if (find_instance(&line->where, &instance) == 0 && source_open(&instance, READ_SHM, &source) == 0 &&
	    source_snapshot(source, &snapshot) == 0) {
		for (uint32_t i = 0; i < snapshot.count; i++)
			offer(line, snapshot.processes[i].identity.name,
			      brm_status_word(brm_state_status(&snapshot.processes[i].state)));
	}
	source_close(source);
	snapshot_finish(&snapshot);
}

static int offer_instance(const char *name, const char *region, void *arg)
{
	(void)region;
	offer(arg, name, "");
	return 0;
}

static void offer_argument(struct line *line)
{
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
		for (size_t k = 0; strcmp(arguments[i].option, line->wants->name) == 0 && arguments[i].words[k]; k++)
			offer(line, arguments[i].words[k], "");
	if (strcmp(line->wants->name, "instance") == 0)
		brm_instance_each(offer_instance, line);
	if (strcmp(line->wants->name, "explain") == 0)
		offer_names(line);
	for (size_t i = 0; strcmp(line->wants->name, "sort") == 0 && i < field_count; i++)
		offer(line, fields[i].key, fields[i].help);
}

static void offer_options(const struct line *line, const struct option_row *rows)
{
	char word[40];

	for (; rows && rows->name; rows++) {
		snprintf(word, sizeof word, "--%s", rows->name);
		offer(line, word, rows->help);
	}
}

static void offer_commands(const struct line *line)
{
	for (size_t i = 0; i < command_count; i++)
		offer(line, commands[i]->name, commands[i]->help);
}

static void offer_signals(const struct line *line)
{
	for (int i = 1; i < 32; i++)
		offer(line, signal_word(i) + strlen("SIG"), "");
}

/* What the usage line calls the operand says what it may be. */
static void offer_operand(const struct line *line)
{
	const char *operands = line->command->operands;

	if (strstr(operands, "SIGNAL") && line->operands == 0)
		offer_signals(line);
	else if (strstr(operands, "NAME") && (line->operands == 0 || line->command->most != -1 || !line->command->rest))
		offer_names(line);
	else if (strstr(operands, "[COMMAND]") && line->operands == 0 && !line->command->rest)
		offer_commands(line);
	for (size_t i = 0; strstr(operands, "SHELL") && i < sizeof shells / sizeof *shells; i++)
		offer(line, shells[i].name, "");
}

static int offer_words(const struct cli *cli)
{
	struct line line = {0};

	read_line(&line, cli->operands, cli->operand_count);
	if (line.wants) {
		offer_argument(&line);
	} else if (*line.last == '-') {
		offer_options(&line, line.command ? line.command->options : NULL);
		offer_options(&line, global_options);
	} else if (line.command) {
		offer_operand(&line);
	} else {
		offer_commands(&line);
	}
	return EXIT_DONE;
}

static int run_completion(struct cli *cli)
{
	if (cli_option(cli, "words"))
		return offer_words(cli);
	if (cli->operand_count != 1)
		return fail(EXIT_USAGE, "cannot complete: expected one of bash, fish, zsh");
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		if (strcmp(shells[i].name, cli->operands[0]) != 0)
			continue;
		fputs(shells[i].script, stdout);
		return EXIT_DONE;
	}
	return fail(EXIT_USAGE, "cannot complete for %s: expected bash, fish or zsh", cli->operands[0]);
}

static const struct option_row options[] = {
	{0, "words", NULL, "print what may stand last in the command line that follows; for the scripts"},
	{0, NULL, NULL, NULL},
};

const struct command command_completion = {
	.name = "completion",
	.operands = "SHELL",
	.most = -1,
	.options = options,
	.help = "print what makes bash, fish or zsh complete commands, options and names",
	.more = "An installed brummer-cli needs it not: the shells find it.",
	.example = "completion bash >> ~/.bashrc",
	.run = run_completion,
};
