/* SPDX-License-Identifier: MIT */
#include "clients/mcp/pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* Repetitions are expanded when a pattern is compiled: nested ones multiply. */
#define REPEAT_MAX 1000

/* The most that {n}, {n,} or {n,m} asks for; 1 at least. */
static unsigned long times(const char *bounds)
{
	char *end;
	unsigned long low = strtoul(bounds, &end, 10);
	unsigned long high = *end == ',' ? strtoul(end + 1, NULL, 10) : low;

	high = high > low ? high : low;
	return high > 0 ? high : 1;
}

/* Back-references need backtracking without bound; large repetitions need memory without bound. NULL: it is cheap. */
static const char *objection(const char *text)
{
	unsigned long product = 1;

	for (; *text; text++) {
		if (*text == '{') {
			unsigned long most = times(text + 1);

			if (most > REPEAT_MAX || product * most > REPEAT_MAX)
				return "it repeats too often";
			product *= most;
		}
		if (*text != '\\' || !text[1])
			continue;
		if (isdigit((unsigned char)*++text))
			return "back-references are not supported";
	}
	return NULL;
}

bool pattern_init(struct match *match, const char *text, bool regex, char *why, size_t size)
{
	const char *reason = regex ? objection(text) : NULL;

	if (!reason)
		return match_init(match, text, !regex, why, size) == 0;
	snprintf(why, size, "%s", reason);
	return false;
}
