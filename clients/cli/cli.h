/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_CLI_H
#define CLIENTS_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/common/find.h"
#include "clients/common/source.h"

/*
 * cli.h - what every command of brummer-cli is given
 *
 * A command is one file and one row of the table in commands.c: name, options, help, example and function. The words of
 * the command line are parsed from those rows (options.c) before the function is called; its return value is the exit
 * status of the program.
 */

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,  /* it failed, a named process is missing, a wait cannot come true any more */
	EXIT_USAGE = 2,   /* wrong usage */
	EXIT_NONE = 3,    /* no supervisor runs here */
	EXIT_DEAD = 4,    /* answered from a dead supervisor's last state */
	EXIT_TIMEOUT = 5, /* not in time */
};

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_JSONL, FORMAT_TSV, FORMAT_NAME };

/* An option: a flag, or one with an argument when arg is its name. */
struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *arg;
	const char *help;
};

#define OPTIONS_MAX 24
#define CONFIGS_MAX 16

struct cli;

struct command {
	const char *name;
	const char *aliases[2];
	const char *operands;             /* "[NAME...]", for the usage line */
	int least, most;                  /* operands; most < 0: any number */
	bool rest;                        /* what follows the first operand is no option of ours */
	const struct option_row *options; /* ends with a row without a name; NULL: none */
	const char *help;                 /* a sentence */
	const char *more;                 /* further lines for `help COMMAND` and the manual, or NULL */
	const char *example;              /* without the program's name */
	int (*run)(struct cli *cli);
	bool (*is_heavy)(
		const struct cli *cli); /* of a command that the small program knows: is this call beyond it? */
};

/*
 * There are two programs from these files. The small one (read.c) reads memory and files, and begins in less time than
 * it takes to load a library; whatever it does not know it leaves to the whole one, by exec: the user sees one. In the
 * whole program this is NULL. Does not return.
 */
extern void (*const become_whole)(char **argv);

/* The commands, in the order of the help. */
extern const struct command *const commands[];
extern const size_t command_count;
/* By name or alias; NULL: there is none. */
const struct command *command_find(const char *name);

struct cli {
	const struct command *command;
	struct where where;
	const char *configs[CONFIGS_MAX + 1]; /* --config, in their order; NULL-terminated */
	const char *profile;                  /* --profile, or NULL */
	enum read_path read_path;
	enum format format;
	bool header;
	bool color;
	bool terminal; /* standard output is one */
	bool quiet;
	bool bare;                       /* no command was given */
	const char *values[OPTIONS_MAX]; /* of the command's options, in their order; NULL: not given */
	char **operands;
	int operand_count;
};

/* Parse the words of the command line. EXIT_DONE and cli filled in; else it was said what is wrong. */
int options_parse(struct cli *cli, int argc, char **argv);
/* The global options, for the help; ends with a row without a name. */
extern const struct option_row global_options[];

/* The argument of an option of the running command ("" for a flag), or NULL when it was not given. */
const char *cli_option(const struct cli *cli, const char *name);
/* The same as a duration in ns, a time in ns since 1970, a count. -1: it is wrong, and that was said. */
int cli_duration(const struct cli *cli, const char *name, int64_t absent, int64_t *out);
int cli_time(const struct cli *cli, const char *name, uint64_t absent, uint64_t *out);
int cli_count(const struct cli *cli, const char *name, int64_t absent, int64_t *out);

/* One line on standard error, "brummer-cli: ..."; returns status. */
__attribute__((format(printf, 2, 3))) int fail(int status, const char *format, ...);
/* The same as a warning, unless -q. */
__attribute__((format(printf, 2, 3))) void warn(const struct cli *cli, const char *format, ...);

/* memory as it is, unless it is NULL: then the program ends. */
void *must(void *memory);

#endif
