/* SPDX-License-Identifier: MIT */
#include "clients/common/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool match_is_text(const char *pattern, bool fixed)
{
	return fixed || !strpbrk(pattern, "\\^$.[]|()*+?{}");
}

int match_init(struct match *match, const char *pattern, bool fixed, char *why, size_t why_size)
{
	struct match made = {.text = NULL};
	int rc = 0;

	if (!match_is_text(pattern, fixed))
		rc = match_engine.compile(pattern, &made.expression, why, why_size);
	else if (!(made.text = strdup(pattern)))
		rc = -ENOMEM;
	made.in_line = made.text && !strchr(made.text, '\n');
	if (made.text)
		needle_init(&made.needle, made.text, strlen(made.text));
	if (rc == 0)
		*match = made;
	return rc;
}

void match_finish(struct match *match)
{
	if (match->expression)
		match_engine.free(match->expression);
	free(match->text);
	*match = (struct match){.text = NULL};
}

bool match_test(const struct match *match, const char *text, size_t length)
{
	size_t begin, end;

	return match_span(match, text, length, 0, &begin, &end);
}

bool match_span(const struct match *match, const char *text, size_t length, size_t from, size_t *begin, size_t *end)
{
	const char *found;

	if (!match->text)
		return match_engine.span(match->expression, text, length, from, begin, end);
	found = needle_find(&match->needle, text + from, length - from);
	if (!found)
		return false;
	*begin = (size_t)(found - text);
	*end = *begin + match->needle.length;
	return true;
}

const char *match_find(const struct match *match, const char *text, size_t length, bool *sure)
{
	*sure = match->in_line;
	if (match->text)
		return needle_find(&match->needle, text, length);
	return match_engine.find(match->expression, text, length, sure);
}
