/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_SETTINGS_H
#define CLIENTS_TUI_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "clients/tui/tui.h"

/*
 * tui/settings.h - what the user has chosen for good: $XDG_CONFIG_HOME/brummer/tui.conf
 *
 * Lines "NAME = VALUE"; '#' begins a comment. Options of the command line have the last word.
 *
 * Threads  For the loop's thread, once at the beginning.
 */

#define SETTINGS_WHY 512

/*
 * Read the file, if there is one, into *options and the table of commands.
 *
 *  -EINVAL  a line is wrong: *why says which and how
 *  -errno   it cannot be read, likewise
 */
int settings_read(struct tui_options *options, char why[SETTINGS_WHY]);

/* Where it is, or would be; whether it was there. Static storage. */
const char *settings_path(void);
bool settings_found(void);

#endif
