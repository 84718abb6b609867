/* SPDX-License-Identifier: MIT */
#include "config/ignore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX      4096u
#define RULE_BYTES_MAX 1024u

/* Behind the set that begins at `[`; *has tells whether it has c. NULL: it is not closed, and only a bracket. */
static const char *take_set(const char *pattern, char c, bool *has)
{
	bool negated = pattern[1] == '!' || pattern[1] == '^';
	const char *p = pattern + 1 + negated, *first = p;

	for (*has = false; *p && (*p != ']' || p == first); p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			*has = *has || (p[0] <= c && c <= p[2]);
			p += 2;
		} else {
			*has = *has || *p == c;
		}
	}
	*has = *has != negated;
	return *p ? p + 1 : NULL;
}

/* The rest of the pattern behind what matches the character c, or NULL. */
static const char *take_one(const char *pattern, char c)
{
	const char *end;
	bool has;

	if (c == '\0' || c == '/')
		return *pattern == c && c ? pattern + 1 : NULL;
	if (*pattern == '?')
		return pattern + 1;
	end = *pattern == '[' ? take_set(pattern, c, &has) : NULL;
	if (end)
		return has ? end : NULL;
	if (*pattern == '\\' && pattern[1])
		pattern++;
	return *pattern == c ? pattern + 1 : NULL;
}

/* "**" at a name's beginning that is all of it. */
static bool is_any_depth(const char *pattern, const char *start)
{
	return pattern[0] == '*' && pattern[1] == '*' && (pattern[2] == '/' || !pattern[2]) &&
	       (pattern == start || pattern[-1] == '/');
}

bool glob_match(const char *pattern, const char *path)
{
	const char *start = pattern;
	const char *star = NULL, *star_path = NULL; /* the last `*`, and what it has taken so far */
	const char *deep = NULL, *deep_path = NULL; /* the last `**` */

	for (;;) {
		const char *next;

		if (is_any_depth(pattern, start)) {
			deep = pattern + 2 + (pattern[2] == '/');
			if (!*deep)
				return *path != '\0';
			deep_path = path;
			star = NULL;
			pattern = deep;
			continue;
		}
		if (*pattern == '*') {
			star = ++pattern;
			star_path = path;
			continue;
		}
		if (!*pattern && !*path)
			return true;
		next = take_one(pattern, *path);
		if (next) {
			pattern = next;
			path++;
		} else if (star && *star_path && *star_path != '/') {
			pattern = star;
			path = ++star_path;
		} else if (deep && strchr(deep_path, '/')) {
			deep_path = strchr(deep_path, '/') + 1;
			path = deep_path;
			pattern = deep;
			star = NULL;
		} else {
			return false;
		}
	}
}

bool glob_is_pattern(const char *text)
{
	return text[strcspn(text, "*?[")] != '\0';
}

int ignore_parse(const struct text *text, struct ignore *out)
{
	char rule[RULE_BYTES_MAX];

	for (size_t at = 0; at < text->length && list_length(out->rules) < RULES_MAX;) {
		const char *line = text->bytes + at;
		const char *end = memchr(line, '\n', text->length - at);
		size_t length = end ? (size_t)(end - line) : text->length - at;

		at += length + 1;
		while (length > 0 && strchr(" \t\r", line[length - 1]))
			length--;
		if (length == 0 || *line == '#' || length >= sizeof rule || memchr(line, '\0', length))
			continue;
		snprintf(rule, sizeof rule, "%.*s", (int)length, line);
		if (list_append(&out->rules, rule) != 0)
			return -ENOMEM;
	}
	return 0;
}

void ignore_finish(struct ignore *ignore)
{
	list_free(ignore->rules);
	ignore->rules = NULL;
}

static bool rule_matches(const char *rule, const char *path)
{
	const char *base = strrchr(path, '/');
	char pattern[RULE_BYTES_MAX];
	size_t length = strlen(rule);

	snprintf(pattern, sizeof pattern, "%s", rule + (*rule == '/'));
	if (length > 1 && rule[length - 1] == '/') /* folders only, which they are */
		pattern[strlen(pattern) - 1] = '\0';
	if (*rule == '/' || strchr(pattern, '/'))
		return glob_match(pattern, path);
	return glob_match(pattern, base ? base + 1 : path);
}

bool ignore_has(const struct ignore *ignore, const char *path)
{
	for (; ignore; ignore = ignore->above) {
		for (size_t i = list_length(ignore->rules); i-- > 0;) {
			const char *rule = ignore->rules[i];
			bool negated = *rule == '!';

			if (rule_matches(rule + negated, path + ignore->skip))
				return !negated;
		}
	}
	return false;
}
