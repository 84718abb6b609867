/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_OPTIONS_H
#define SUPERVISORD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

/*
 * options.h - the command line of brummerd
 */

/* What to do. */
enum mode {
	MODE_SUPERVISE,
	MODE_ENGINE,
	MODE_KEEPER,
	MODE_TAKES_OVER,
	MODE_DISCOVER,
	MODE_CHECK,
	MODE_SCHEMA,
	MODE_EXPLAIN,
	MODE_IMPORT,
	MODE_EXPORT,
	MODE_FEATURES,
	MODE_TRANSITIONS,
	MODE_HELP,
	MODE_VERSION
};

struct options {
	enum mode mode;
	const char *dir;                      /* NULL: the current one */
	const char *instance;                 /* NULL: the directory's */
	const char *identity;                 /* of the instance, from the keeper to its engine */
	const char *handover;                 /* of MODE_KEEPER and MODE_TAKES_OVER: see keeper/keeper.h */
	const char *subject;                  /* of --explain, --import, --export */
	char *files[CONFIG_FILES_MAX + 1];    /* of --config, absolute; they live as long as the process */
	char *profiles[CONFIG_FILES_MAX + 1]; /* of --profile */
	bool json;                            /* -o json */
	bool quiet;                           /* of --check: say nothing of a good configuration */
	bool foreground;
	bool no_autostart;
	struct features features;
};

/* Read the command line. 0, or -EINVAL: usage was said. */
int options_read(int argc, char **argv, struct options *out);

/* `--help` and `--features`, on standard output. */
void options_print_help(void);
void options_print_features(const struct features *features);

/*
 * The command line of the engine of these options: as theirs, with the instance's own values.
 *
 * Strings that it makes are in store; both live as long as the struct.
 */
#define ENGINE_ARGS_MAX (32 + 4 * CONFIG_FILES_MAX)
struct engine_command {
	const char *argv[ENGINE_ARGS_MAX];
	char identity[96];
	char program[4096];
};
int options_engine(const struct options *options, const struct engine_options *engine, struct engine_command *out);

/* The identity that is in such a command line. -EINVAL: it is none */
int identity_parse(const char *text, struct engine_options *engine);

#endif
