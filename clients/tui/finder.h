/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_FINDER_H
#define CLIENTS_TUI_FINDER_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * tui/finder.h - find text in text: literal, or an extended regular expression; capitals count when there is one
 */

#define FINDER_MAX 128

struct finder {
	char text[FINDER_MAX]; /* "": nothing is looked for */
	bool is_regex;
	bool any_case;
	bool compiled;
	regex_t regex;
};

/* Look for text from now on. -EINVAL: not a regular expression; then what was looked for stays. */
int finder_set(struct finder *finder, const char *text, bool is_regex);
void finder_finish(struct finder *finder);

/* The first place in text at or after `from`: true, and its bytes [*begin, *end), never empty. */
bool finder_next(const struct finder *finder, const char *text, size_t length, size_t from, size_t *begin, size_t *end);

#endif
