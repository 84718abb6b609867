/* SPDX-License-Identifier: MIT */
#include "detect/patterns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define PROJECT_FILE ".brummer/log-patterns"
#define USER_FILE    "brummer/log-patterns"

/* One that cannot be used is reported; the others count. */
static int load(struct patterns *patterns, const char *path, struct report *report)
{
	struct text text;
	int rc = text_read(AT_FDCWD, path, PATTERNS_FILE_MAX, &text, report);

	if (rc != 0)
		return rc == -ENOMEM ? rc : 0;
	rc = patterns_parse(patterns, &text, report);
	text_finish(&text);
	return rc;
}

/* $XDG_CONFIG_HOME/brummer/log-patterns. False: there is no such place. */
static bool user_file(char out[PATH_MAX])
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int length;

	if (config && *config == '/')
		length = snprintf(out, PATH_MAX, "%s/" USER_FILE, config);
	else if (home && *home == '/')
		length = snprintf(out, PATH_MAX, "%s/.config/" USER_FILE, home);
	else
		return false;
	return length < PATH_MAX;
}

int patterns_load(struct patterns *patterns, const char *pattern_file, const char *dir, struct report *report)
{
	char path[PATH_MAX];
	int rc = load(patterns, pattern_file, report);

	if (rc == 0 && user_file(path))
		rc = load(patterns, path, report);
	if (rc == 0 && snprintf(path, sizeof path, "%s/" PROJECT_FILE, dir) < (int)sizeof path)
		rc = load(patterns, path, report);
	return rc;
}
