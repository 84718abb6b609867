/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_MATCH_H
#define CLIENTS_COMMON_MATCH_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * common/match.h - does a line of a log match?
 *
 * An extended regular expression (POSIX), or a fixed text; an expression without a special character is searched as a
 * text, which is faster. A match is for one thread.
 */

struct match {
	char *text; /* NULL: the expression counts */
	size_t length;
	regex_t expression;
};

/* 0; -EINVAL: the expression is wrong, *why says how; -ENOMEM. */
int match_init(struct match *match, const char *pattern, bool fixed, char *why, size_t why_size);
void match_finish(struct match *match);

/* NUL bytes in the text are as good as any other. */
bool match_test(const struct match *match, const char *text, size_t length);

#endif
