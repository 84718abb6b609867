/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TUI_HELP_H
#define TESTS_TUI_HELP_H

#include <brummer/errors.h>
#include <brummer/logstore.h>
#include <brummer/writer.h>

#include "clients/tui/tui.h"

/*
 * tui_help.h - a whole viewer without a terminal, on a region and log stores of the test's own
 */

struct tui_help {
	struct tui tui;
	struct brm_writer *writer;
	struct brm_logstore *stores[16];
	struct brm_log_error error; /* being written */
	uint32_t error_left;        /* lines of it to come */
	bool tty;                   /* processes that are added have a terminal */
};

/* An instance without processes; a screen of that size. Ends with help_tui_end(). */
void help_tui_begin(struct tui_help *help, int rows, int cols);
void help_tui_end(struct tui_help *help);

/* The same with three of them, which have said something: db and web run, lint has failed. */
struct tui_shop {
	uint32_t db;
	uint32_t web; /* with a URL, and an error among three lines */
	uint32_t lint;
};
struct tui_shop help_tui_shop(struct tui_help *help, int rows, int cols);

/* Add a process, which is given the next entry; or change its status. */
uint32_t help_tui_add(struct tui_help *help, const char *name, enum brm_status status);
void help_tui_status(struct tui_help *help, uint32_t entry, enum brm_status status);
/* It announces a URL. */
void help_tui_url(struct tui_help *help, uint32_t entry, const char *url);
void help_tui_remove(struct tui_help *help, uint32_t entry);

/* A line of a process's log, captured that many seconds after 2026-01-02 03:04:05 UTC. */
void help_tui_log(struct tui_help *help, uint32_t entry, enum brm_stream stream, unsigned second, const char *text);
/* An error as the supervisor would have found it: its first line, what it says, and the lines of its stack. */
void help_tui_error(struct tui_help *help, uint32_t entry, unsigned second, uint64_t group, const char *const *lines);
/* count lines "line N" of one second. */
void help_tui_flood(struct tui_help *help, uint32_t entry, unsigned second, unsigned count);

/* Take in what was published, and compose a frame. */
void help_tui_draw(struct tui_help *help);

/* Press keys, as key_parse() has them, separated by blanks, with a frame after each. */
void help_tui_keys(struct tui_help *help, const char *keys);

/* A row of the last frame as text, trailing blanks left out; static storage. */
const char *help_tui_row(struct tui_help *help, int row);

/* The first row that holds the text; -1: none. */
int help_tui_find(struct tui_help *help, const char *text);

#endif
