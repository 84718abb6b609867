/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_PATTERN_H
#define CLIENTS_MCP_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * mcp/pattern.h - what a client looks for in lines: plain text or a POSIX extended regular expression, upper and lower
 * case alike
 *
 * The pattern is hostile: what would cost much time or memory to match is refused.
 */

#define PATTERN_MAX 1000 /* bytes */

struct pattern {
	const char *text; /* the caller's; NULL: a regular expression, or none */
	regex_t regex;
	bool compiled;
};

/* text must outlive the pattern. False, with the reason in why[size]. */
bool pattern_init(struct pattern *pattern, const char *text, bool regex, char *why, size_t size);
/* A pattern that was never initialised but zeroed is accepted. */
void pattern_finish(struct pattern *pattern);

/* Does it occur in a NUL-terminated line? */
bool pattern_matches(const struct pattern *pattern, const char *line);

#endif
