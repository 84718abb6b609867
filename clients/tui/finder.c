/* SPDX-License-Identifier: MIT */
#include "clients/tui/finder.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool has_capital(const char *text)
{
	for (; *text; text++)
		if (isupper((unsigned char)*text))
			return true;
	return false;
}

void finder_finish(struct finder *finder)
{
	if (finder->compiled)
		regfree(&finder->regex);
	*finder = (struct finder){0};
}

int finder_set(struct finder *finder, const char *text, bool is_regex)
{
	struct finder fresh = {.is_regex = is_regex, .any_case = !has_capital(text)};

	snprintf(fresh.text, sizeof fresh.text, "%s", text);
	if (is_regex && *text) {
		if (regcomp(&fresh.regex, fresh.text, REG_EXTENDED | (fresh.any_case ? REG_ICASE : 0)) != 0)
			return -EINVAL;
		fresh.compiled = true;
	}
	finder_finish(finder);
	*finder = fresh;
	return 0;
}

static bool equal(const char *a, const char *b, size_t length, bool any_case)
{
	if (!any_case)
		return memcmp(a, b, length) == 0;
	for (size_t i = 0; i < length; i++)
		if (tolower((unsigned char)a[i]) != b[i])
			return false;
	return true;
}

static bool find_literal(const struct finder *finder, const char *text, size_t length, size_t from, size_t *begin,
			 size_t *end)
{
	size_t wanted = strlen(finder->text);

	for (size_t i = from; i + wanted <= length; i++)
		if (equal(text + i, finder->text, wanted, finder->any_case)) {
			*begin = i;
			*end = i + wanted;
			return true;
		}
	return false;
}

bool finder_next(const struct finder *finder, const char *text, size_t length, size_t from, size_t *begin, size_t *end)
{
	regmatch_t found = {.rm_so = (regoff_t)from, .rm_eo = (regoff_t)length};

	if (!finder->text[0] || from >= length)
		return false;
	if (!finder->compiled)
		return find_literal(finder, text, length, from, begin, end);
	if (regexec(&finder->regex, text, 1, &found, REG_STARTEND | (from > 0 ? REG_NOTBOL : 0)) != 0 ||
	    found.rm_eo <= found.rm_so)
		return false;
	*begin = (size_t)found.rm_so;
	*end = (size_t)found.rm_eo;
	return true;
}
