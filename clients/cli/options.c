/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/cli.h"
#include "clients/common/near.h"
#include "clients/common/when.h"

/* How a global option is taken. */
enum {
	GLOBAL_DIR,
	GLOBAL_INSTANCE,
	GLOBAL_CONFIG,
	GLOBAL_PROFILE,
	GLOBAL_READ_PATH,
	GLOBAL_OUTPUT,
	GLOBAL_JSON,
	GLOBAL_NO_HEADER,
	GLOBAL_COLOR,
	GLOBAL_QUIET,
	GLOBAL_HELP,
	GLOBAL_VERSION,
	GLOBAL_COUNT
};

const struct option_row global_options[] = {
	[GLOBAL_DIR] = {'C', "directory", "DIR", "the project's directory"},
	[GLOBAL_INSTANCE] = {0, "instance", "NAME", "the instance of that name (or BRUMMER_INSTANCE)"},
	[GLOBAL_CONFIG] = {0, "config", "FILE", "take this configuration; may be given more than once"},
	[GLOBAL_PROFILE] = {0, "profile", "NAME", "with the entries of this profile"},
	[GLOBAL_READ_PATH] = {0, "read-path", "shm|rpc", "read memory (the default), or ask the supervisor"},
	[GLOBAL_OUTPUT] = {'o', "output", "FORMAT", "table, json, jsonl, tsv or name"},
	[GLOBAL_JSON] = {0, "json", NULL, "the same as -o json"},
	[GLOBAL_NO_HEADER] = {0, "no-header", NULL, "no headings over the columns"},
	[GLOBAL_COLOR] = {0, "color", "WHEN", "auto, always or never"},
	[GLOBAL_QUIET] = {'q', "quiet", NULL, "no warnings, no tables of what was done"},
	[GLOBAL_HELP] = {'h', "help", NULL, "say how a command is used"},
	[GLOBAL_VERSION] = {0, "version", NULL, "say the version"},
	[GLOBAL_COUNT] = {0, NULL, NULL, NULL},
};

#define FIRST_GLOBAL 1000 /* getopt's values: global options from here, the command's from FIRST_OWN */
#define FIRST_OWN    2000

/* What the words ask for beside options. */
struct wish {
	bool help;
	bool version;
	const char *color;
};

/* getopt's tables, made of ours. */
struct parser {
	char letters[2 + 2 * (GLOBAL_COUNT + OPTIONS_MAX) + 1];
	struct option longs[GLOBAL_COUNT + OPTIONS_MAX + 1];
	size_t letter_count, long_count;
};

static void add_rows(struct parser *parser, const struct option_row *rows, int first)
{
	for (int i = 0; rows && rows[i].name; i++) {
		bool taken = rows[i].letter && strchr(parser->letters, rows[i].letter);

		parser->longs[parser->long_count++] =
			(struct option){rows[i].name, rows[i].arg ? required_argument : no_argument, NULL, first + i};
		if (!rows[i].letter || taken)
			continue;
		parser->letters[parser->letter_count++] = rows[i].letter;
		if (rows[i].arg)
			parser->letters[parser->letter_count++] = ':';
	}
}

/* The number of the row a letter belongs to: the command's own first. */
static int of_letter(const struct command *command, int letter)
{
	for (int i = 0; command && command->options && command->options[i].name; i++)
		if (command->options[i].letter == letter)
			return FIRST_OWN + i;
	for (int i = 0; i < GLOBAL_COUNT; i++)
		if (global_options[i].letter == letter)
			return FIRST_GLOBAL + i;
	return '?';
}

static int take_format(struct cli *cli, const char *word)
{
	static const char *const words[] = {"table", "json", "jsonl", "tsv", "name"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(word, words[i]) == 0) {
			cli->format = (enum format)i;
			return EXIT_DONE;
		}
	}
	return fail(EXIT_USAGE, "cannot write %s: expected table, json, jsonl, tsv or name", word);
}

static int take_config(struct cli *cli, const char *file)
{
	size_t count = 0;

	while (cli->configs[count])
		count++;
	if (count == CONFIGS_MAX)
		return fail(EXIT_USAGE, "cannot take --config %s: %d files are the most", file, CONFIGS_MAX);
	cli->configs[count] = file;
	return EXIT_DONE;
}

static int take_global(struct cli *cli, struct wish *wish, int which, const char *value)
{
	switch (which) {
	case GLOBAL_DIR:
		cli->where.dir = value;
		break;
	case GLOBAL_INSTANCE:
		cli->where.instance = value;
		break;
	case GLOBAL_CONFIG:
		return take_config(cli, value);
	case GLOBAL_PROFILE:
		cli->profile = value;
		break;
	case GLOBAL_READ_PATH:
		if (read_path_parse(value, &cli->read_path) != 0)
			return fail(EXIT_USAGE, "cannot read by %s: expected shm or rpc", value);
		break;
	case GLOBAL_OUTPUT:
		return take_format(cli, value);
	case GLOBAL_JSON:
		cli->format = FORMAT_JSON;
		break;
	case GLOBAL_NO_HEADER:
		cli->header = false;
		break;
	case GLOBAL_COLOR:
		wish->color = value;
		break;
	case GLOBAL_QUIET:
		cli->quiet = true;
		break;
	case GLOBAL_HELP:
		wish->help = true;
		break;
	default:
		wish->version = true;
		break;
	}
	return EXIT_DONE;
}

/* A word that is no option: what was it meant to be? */
static int unknown_option(const struct cli *cli, char *const *argv)
{
	const struct option_row *tables[] = {cli->command ? cli->command->options : NULL, global_options};
	const char *word = argv[optind - 1];
	const char *found[3];
	struct brm_near near;
	char hint[200];

	if (optopt && optopt < FIRST_GLOBAL)
		return fail(EXIT_USAGE, "unknown option -%c; see brummer-cli help%s%s", optopt, cli->command ? " " : "",
			    cli->command ? cli->command->name : "");
	brm_near_begin(&near, word + strspn(word, "-"), found, 3);
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; tables[t] && tables[t][i].name; i++)
			brm_near_offer(&near, tables[t][i].name);
	return fail(EXIT_USAGE, "unknown option %s%s", word, near_hint(found, near.count, hint, sizeof hint));
}

/* Options up to the first operand ('+'), or all of them. optind is then at the operands. */
static int parse_words(struct cli *cli, struct wish *wish, int argc, char **argv)
{
	bool stop = !cli->command || cli->command->rest;
	struct parser parser = {0};
	int value, status;

	parser.letters[parser.letter_count++] = stop ? '+' : ':';
	if (stop)
		parser.letters[parser.letter_count++] = ':';
	add_rows(&parser, cli->command ? cli->command->options : NULL, FIRST_OWN);
	add_rows(&parser, global_options, FIRST_GLOBAL);
	opterr = 0;
	optind = 0;
	while ((value = getopt_long(argc, argv, parser.letters, parser.longs, NULL)) != -1) {
		if (value == ':')
			return fail(EXIT_USAGE, "option %s wants an argument", argv[optind - 1]);
		if (value != '?' && value < FIRST_GLOBAL)
			value = of_letter(cli->command, value);
		if (value == '?')
			return unknown_option(cli, argv);
		if (value >= FIRST_OWN) {
			cli->values[value - FIRST_OWN] = optarg ? optarg : "";
			continue;
		}
		status = take_global(cli, wish, value - FIRST_GLOBAL, optarg);
		if (status != EXIT_DONE)
			return status;
	}
	return EXIT_DONE;
}

static int set_color(struct cli *cli, const char *when)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	cli->terminal = isatty(STDOUT_FILENO);
	cli->color = cli->terminal && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
	if (!when || strcmp(when, "auto") == 0)
		return EXIT_DONE;
	cli->color = strcmp(when, "always") == 0;
	if (!cli->color && strcmp(when, "never") != 0)
		return fail(EXIT_USAGE, "cannot color %s: expected auto, always or never", when);
	return EXIT_DONE;
}

static int unknown_command(const char *word)
{
	const char *found[3];
	struct brm_near near;
	char hint[200];

	brm_near_begin(&near, word, found, 3);
	for (size_t i = 0; i < command_count; i++)
		brm_near_offer(&near, commands[i]->name);
	return fail(EXIT_USAGE, "unknown command %s%s", word,
		    near.count ? near_hint(found, near.count, hint, sizeof hint) : "; see brummer-cli help");
}

/* Exactly what the command wants? */
static int check_operands(const struct cli *cli)
{
	const struct command *command = cli->command;

	if (cli->operand_count < command->least)
		return fail(EXIT_USAGE, "cannot %s: expected %s; see brummer-cli help %s", command->name,
			    command->operands, command->name);
	if (command->most >= 0 && cli->operand_count > command->most)
		return fail(EXIT_USAGE, "cannot %s: %s is one too many; see brummer-cli help %s", command->name,
			    cli->operands[command->most], command->name);
	return EXIT_DONE;
}

/* The command that options alone ask for: `--help`, `-h`, `--version`. */
static void apply_wish(struct cli *cli, const struct wish *wish)
{
	static char *topic[1];

	if (!wish->version && !wish->help)
		return;
	topic[0] = cli->command ? (char *)cli->command->name : NULL;
	cli->operands = topic;
	cli->operand_count = cli->command && wish->help ? 1 : 0;
	cli->command = command_find(wish->version ? "version" : "help");
	memset(cli->values, 0, sizeof cli->values);
}

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

int options_parse(struct cli *cli, int argc, char **argv)
{
	struct wish wish = {0};
	int status;

	if (read_path_parse(NULL, &cli->read_path) != 0)
		return fail(EXIT_USAGE, "cannot read by BRUMMER_READ_PATH=%s: expected shm or rpc",
			    getenv("BRUMMER_READ_PATH"));
	status = parse_words(cli, &wish, argc, argv);
	argc -= optind;
	argv += optind;
	if (status == EXIT_DONE && argc > 0) {
		cli->command = command_find(argv[0]);
		if (!cli->command)
			return unknown_command(argv[0]);
		status = parse_words(cli, &wish, argc, argv);
		cli->operands = argv + optind;
		cli->operand_count = argc - optind;
	}
	if (status == EXIT_DONE)
		status = set_color(cli, wish.color);
	if (status != EXIT_DONE)
		return status;
	cli->bare = !cli->command && !wish.help && !wish.version;
	wish.help = wish.help || cli->bare;
	apply_wish(cli, &wish);
	return cli->command ? check_operands(cli) : EXIT_USAGE;
}

const char *cli_option(const struct cli *cli, const char *name)
{
	for (int i = 0; cli->command->options && cli->command->options[i].name; i++)
		if (strcmp(cli->command->options[i].name, name) == 0)
			return cli->values[i];
	return NULL;
}

int cli_duration(const struct cli *cli, const char *name, int64_t absent, int64_t *out)
{
	const char *text = cli_option(cli, name);
	uint64_t ns;

	*out = absent;
	if (!text)
		return 0;
	if (when_parse_duration(text, &ns) != 0) {
		fail(EXIT_USAGE, "cannot take --%s %s: expected a duration, as 500ms, 30s, 5m or 1h", name, text);
		return -1;
	}
	*out = (int64_t)ns;
	return 0;
}

int cli_time(const struct cli *cli, const char *name, uint64_t absent, uint64_t *out)
{
	const char *text = cli_option(cli, name);

	*out = absent;
	if (!text || when_parse_time(text, now_read(), out) == 0)
		return 0;
	fail(EXIT_USAGE, "cannot take --%s %s: expected a time, as 5m (ago), 12:30 or 2026-11-20T12:30:00Z", name,
	     text);
	return -1;
}

int cli_count(const struct cli *cli, const char *name, int64_t absent, int64_t *out)
{
	const char *text = cli_option(cli, name);
	char *end;

	*out = absent;
	if (!text)
		return 0;
	errno = 0;
	*out = strtoll(text, &end, 10);
	if (end != text && !*end && errno == 0 && *out >= 0)
		return 0;
	fail(EXIT_USAGE, "cannot take --%s %s: expected a number", name, text);
	return -1;
}
