/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_COMMANDS_H
#define CLIENTS_TUI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/tui/tui.h"

/*
 * tui/commands.h - the one table of commands
 *
 * Everything that shows a key reads it: what a key does, the hint line, the help. A command that is not possible now
 * says why.
 *
 * Threads  Pure, but for what a command does.
 */

enum group {
	GROUP_MOVE,
	GROUP_PROCESSES,
	GROUP_LOGS,
	GROUP_ERRORS,
	GROUP_URLS,
	GROUP_EVENTS,
	GROUP_ABOUT,
	GROUP_EVERYWHERE,
	GROUP_COUNT
};

struct command {
	const char *name; /* in words: "restart" */
	const char *keys; /* "j Down", as key_parse() reads them; the first is the one that is shown */
	unsigned views;   /* VIEW_ bits */
	enum group group;
	const char *label; /* in the help's columns; neighbours with one label share a line */
	const char *hint;  /* in the hint line; NULL: not there */
	int rank;          /* its place there, lower first */
	const char *help;  /* one sentence */
	void (*run)(struct tui *tui);
	const char *(*why_not)(const struct tui *tui); /* a reason, or NULL when it is possible; may itself be NULL */
};

extern const struct command commands[];
extern const size_t command_count;
extern const char *const group_titles[GROUP_COUNT];

/* The command a key means in a view; NULL: none. */
const struct command *command_of_key(unsigned view, uint32_t key, unsigned mods);

/* The n-th key of a command as it is shown ("^F"), into out; false when it has no more. */
bool command_key(const struct command *command, unsigned n, char out[KEY_TEXT_MAX]);

/*
 * The settings give a command other keys: "restart-all" and "C-r R". Two of them may not be given one key.
 *
 *  -EINVAL  *why says how it is wrong
 */
int command_set_keys(const char *name, const char *keys, unsigned line, char *why, size_t size);
/* All of them are given: a key that one was given is not another's any more. */
void commands_settle(void);

/* Why a command cannot be done now; NULL: it can. */
const char *command_why_not(const struct tui *tui, const struct command *command);

/* Do it, or say why not. */
void command_do(struct tui *tui, const struct command *command);

#endif
