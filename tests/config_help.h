/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONFIG_HELP_H
#define TESTS_CONFIG_HELP_H

#include "config/discover.h"
#include "config/text.h"

/*
 * config_help.h - what the tests of the configuration room share
 */

/* A fixture: files of the test before are gone. */
void help_clean(void);

/* A path in the test's own folder, in static storage that the next call overwrites. */
const char *help_path(const char *path);

/* Write a file there, making its folders. */
void help_write(const char *path, const char *text);
void help_write_bytes(const char *path, const void *bytes, size_t length);

/* Make a folder there, unless it exists: its path without symbolic links, to be freed. */
char *help_folder(const char *path);

/* tests/data/KIND/NAME and an ending, in static storage; and a copy of it in the test's own folder, as NAME. */
const char *help_data(const char *kind, const char *name, const char *ending);
void help_copy(const char *kind, const char *name);

/*
 * Fail unless tests/data/KIND/NAME.golden has this text. With BRUMMER_WRITE_GOLDEN in the environment it is written
 * first.
 */
void help_golden(const char *kind, const char *name, const char *text);

/*
 * May the test read what its modes forbid? Root may, unless this says no; and one who was root may again when this says
 * yes.
 */
void help_read_everything(bool may);

/* A text in memory; the bytes are the caller's. */
struct text help_text(const char *file, const char *bytes);

/* Fail unless the list holds exactly these lines, which end with NULL. */
__attribute__((sentinel)) void help_lines(char *const *lines, ...);

/* Fail unless a spec of the name exists. */
const struct spec *help_spec(const struct config *config, const char *name);

#endif
