/* SPDX-License-Identifier: MIT */
#include "clients/common/literal.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "clients/common/match.h"

#define LEAST 3 /* bytes; what is shorter is everywhere */

/* A run of characters that follow each other in every match, and the best one so far: of seldom bytes, then long. */
struct run {
	char *out;
	size_t best;
	unsigned cost;
	char text[256];
	size_t length;
};

static void end_run(struct run *run)
{
	struct needle needle;
	unsigned cost;

	needle_init(&needle, run->text, run->length);
	cost = needle_cost(&needle);
	if (run->length >= LEAST &&
	    (run->best == 0 || cost < run->cost || (cost == run->cost && run->length > run->best))) {
		memcpy(run->out, run->text, run->length);
		run->best = run->length;
		run->cost = cost;
	}
	run->length = 0;
}

static void add(struct run *run, char c)
{
	if (run->length == sizeof run->text)
		end_run(run);
	run->text[run->length++] = c;
}

/* What was last may be missing. */
static void drop_last(struct run *run)
{
	if (run->length > 0)
		run->length--;
	end_run(run);
}

/* Behind a class "[...]"; NULL: it does not end. */
static const char *skip_class(const char *at)
{
	at += at[1] == '^' ? 2 : 1;
	at += *at == ']';
	for (; *at && *at != ']'; at++) {
		if (*at == '[' && strchr(":.=", at[1]) && at[1])
			return NULL;
		if (*at == '\\' && !*++at)
			return NULL;
	}
	return *at ? at + 1 : NULL;
}

/* Behind a group "(...)"; NULL: it does not end. */
static const char *skip_group(const char *at)
{
	unsigned depth = 0;

	while (at && *at) {
		if (*at == '\\') {
			at = at[1] && at[1] != 'Q' ? at + 2 : NULL;
		} else if (*at == '[') {
			at = skip_class(at);
		} else {
			depth += *at == '(';
			if (*at == ')' && --depth == 0)
				return at + 1;
			at++;
		}
	}
	return NULL;
}

/* Behind "{2}" or "{2,3}"; NULL: it is neither. */
static const char *skip_count(const char *at)
{
	size_t digits = strspn(at + 1, "0123456789,");

	return isdigit((unsigned char)at[1]) && at[1 + digits] == '}' ? at + digits + 2 : NULL;
}

/* Behind an escape; NULL: it may mean anything. */
static const char *take_escape(struct run *run, const char *at)
{
	unsigned char c = (unsigned char)at[1];

	if (c == '\0' || c >= 0x80 || (isalnum(c) && !strchr("dDwWsSbB", c)))
		return NULL;
	if (isalnum(c))
		end_run(run);
	else
		add(run, (char)c);
	return at + 2;
}

/* Behind the next part of the pattern; NULL: nothing can be said of it. */
static const char *take_part(struct run *run, const char *at)
{
	switch (*at) {
	case '\\':
		return take_escape(run, at);
	case '[':
		end_run(run);
		return skip_class(at);
	case '(':
		end_run(run);
		return skip_group(at);
	case '*':
	case '?':
		drop_last(run);
		return at + 1;
	case '{':
		drop_last(run);
		return skip_count(at);
	case '|':
	case ')':
		return NULL;
	case '+':
	case '.':
	case '^':
	case '$':
		end_run(run);
		return at + 1;
	default:
		if ((unsigned char)*at >= 0x80)
			end_run(run);
		else
			add(run, *at);
		return at + 1;
	}
}

size_t literal_of(const char *pattern, char *out)
{
	struct run run = {.out = out};
	const char *at = pattern;

	for (const char *group = pattern; (group = strstr(group, "(?")) != NULL; group += 2)
		if (group[2] != ':')
			return 0; /* it may change what the rest means */
	if (strstr(pattern, "(*"))
		return 0;
	while (at && *at)
		at = take_part(&run, at);
	end_run(&run);
	return at ? run.best : 0;
}
