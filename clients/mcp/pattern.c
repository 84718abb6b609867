/* SPDX-License-Identifier: MIT */
#include "clients/mcp/pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Repetitions are expanded when a pattern is compiled: nested ones multiply. */
#define REPEAT_MAX 1000

static bool refuse(char *why, size_t size, const char *reason)
{
	snprintf(why, size, "%s", reason);
	return false;
}

/* Back-references need backtracking without bound; large repetitions need memory without bound. */
static bool is_cheap(const char *text, char *why, size_t size)
{
	unsigned long product = 1;

	for (const char *at = text; *at; at++) {
		if (*at == '\\' && at[1]) {
			at++;
			if (isdigit((unsigned char)*at))
				return refuse(why, size, "back-references are not supported");
		} else if (*at == '{') {
			unsigned long low = strtoul(at + 1, NULL, 10);
			const char *comma = at + 1 + strspn(at + 1, "0123456789");
			unsigned long high = *comma == ',' ? strtoul(comma + 1, NULL, 10) : low;
			unsigned long times = high > low ? high : low;

			product = times > REPEAT_MAX ? REPEAT_MAX + 1 : product * (times ? times : 1);
			if (product > REPEAT_MAX)
				return refuse(why, size, "it repeats too often");
		}
	}
	return true;
}

bool pattern_init(struct pattern *pattern, const char *text, bool regex, char *why, size_t size)
{
	int error;

	*pattern = (struct pattern){0};
	if (!regex) {
		pattern->text = text;
		return true;
	}
	if (!is_cheap(text, why, size))
		return false;
	error = regcomp(&pattern->regex, text, REG_EXTENDED | REG_NOSUB | REG_ICASE);
	if (error) {
		regerror(error, &pattern->regex, why, size);
		return false;
	}
	pattern->compiled = true;
	return true;
}

void pattern_finish(struct pattern *pattern)
{
	if (pattern->compiled)
		regfree(&pattern->regex);
	*pattern = (struct pattern){0};
}

bool pattern_matches(const struct pattern *pattern, const char *line)
{
	if (pattern->text)
		return strcasestr(line, pattern->text) != NULL;
	return pattern->compiled && regexec(&pattern->regex, line, 0, NULL, 0) == 0;
}
