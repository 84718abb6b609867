/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_IGNORE_H
#define SUPERVISORD_CONFIG_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/text.h"

/*
 * config/ignore.h - patterns of paths: .gitignore, and the globs of workspaces
 */

/*
 * Does a path match? `*` and `?` stay within a name, `[a-z]` and `[!a-z]` are sets, a `**` between slashes is any
 * number of folders, none too. Bounded by the product of both lengths.
 */
bool glob_match(const char *pattern, const char *path);

/* Has it a character that means more than itself? */
bool glob_is_pattern(const char *text);

/* The .gitignore of a folder, and those of the folders above it. */
struct ignore {
	const struct ignore *above; /* NULL at the project's own folder */
	size_t skip;                /* bytes of a path that lead to the folder */
	char **rules;               /* each a line, without blanks at its end */
};

/* Take the rules of a text; *out is to be finished in any case. -ENOMEM. */
int ignore_parse(const struct text *text, struct ignore *out);
void ignore_finish(struct ignore *ignore);

/* Is the folder at a path, relative to the project, ignored? The last rule that matches decides, the nearest file's. */
bool ignore_has(const struct ignore *ignore, const char *path);

#endif
