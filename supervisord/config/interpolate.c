/* SPDX-License-Identifier: MIT */
#include "config/interpolate.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8u

struct state {
	struct interpolation *with;
	FILE *out;
	unsigned depth; /* of defaults within defaults */
	size_t written;
};

__attribute__((format(printf, 2, 3))) static int wrong(struct state *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->with->error, sizeof s->with->error, format, args);
	va_end(args);
	return -EINVAL;
}

static size_t name_length(const char *text)
{
	size_t length = 0;

	if (isdigit((unsigned char)*text))
		return 0;
	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

static int put(struct state *s, const char *text, size_t length)
{
	s->written += length;
	if (s->written > INTERPOLATED_BYTES_MAX)
		return wrong(s, "the text with its variables is too long, expected at most 1 MiB");
	fwrite(text, 1, length, s->out);
	return 0;
}

/* The brace that closes one before the text, or NULL. */
static const char *closing(const char *text)
{
	unsigned depth = 1;

	for (; *text; text++) {
		if (text[0] == '$' && text[1] == '{')
			depth++;
		else if (*text == '}' && --depth == 0)
			return text;
	}
	return NULL;
}

static int expand(struct state *s, const char *text, size_t length);

/* A variable of which no value is known: what stands behind its name, of length bytes. */
static int without(struct state *s, const char *name, const char *rest, size_t length)
{
	size_t colon = *rest == ':';

	if (length > colon && rest[colon] == '-') {
		int result;

		if (s->depth == DEPTH_MAX)
			return wrong(s, "defaults are nested too deeply, expected at most 8");
		s->depth++;
		result = expand(s, rest + colon + 1, length - colon - 1);
		s->depth--;
		return result;
	}
	if (length > colon && rest[colon] == '?' && length > colon + 1)
		return wrong(s, "%s is not set: %.*s", name, (int)(length - colon - 1 < 128 ? length - colon - 1 : 128),
			     rest + colon + 1);
	if (length > colon && rest[colon] == '?')
		return wrong(s, "%s is not set, expected a value for it", name);
	if (!*s->with->unknown)
		snprintf(s->with->unknown, sizeof s->with->unknown, "%s", name);
	return 0;
}

/* One variable: its name, and what stands between that and the closing brace. */
static int variable(struct state *s, const char *start, size_t length, const char *rest, size_t rest_length)
{
	char name[128];
	const char *value;

	if (length == 0 || length >= sizeof name)
		return wrong(s, "no variable's name after ${, expected ${NAME}, ${NAME:-DEFAULT} or ${NAME:?MESSAGE}");
	if (rest_length > 0 && !strchr("-?", rest[*rest == ':' && rest_length > 1]))
		return wrong(s, "cannot understand what follows ${%.*s, expected }, :- or :?", (int)length, start);
	memcpy(name, start, length);
	name[length] = '\0';
	value = s->with->value(s->with->arg, name);
	if (!value || (!*value && rest_length > 0 && *rest == ':'))
		return without(s, name, rest, rest_length);
	return put(s, value, strlen(value));
}

/* What begins with a dollar sign; *at moves behind it. */
static int dollar(struct state *s, const char **at, const char *end)
{
	const char *text = *at + 1;
	size_t length = name_length(text);

	if (text < end && *text == '{') {
		const char *close = closing(text + 1);

		if (!close || close >= end)
			return wrong(s, "${ without its }, expected ${NAME} (or $$ for a dollar sign)");
		length = name_length(text + 1);
		*at = close + 1;
		return variable(s, text + 1, length, text + 1 + length, (size_t)(close - text) - 1 - length);
	}
	if (s->with->bare && length > 0) {
		*at = text + length;
		return variable(s, text, length, "", 0);
	}
	*at = text + (text < end && *text == '$');
	return put(s, "$", 1);
}

static int expand(struct state *s, const char *text, size_t length)
{
	const char *end = text + length;
	int result = 0;

	while (result == 0 && text < end) {
		const char *next = memchr(text, '$', (size_t)(end - text));

		next = next ? next : end;
		result = put(s, text, (size_t)(next - text));
		text = next;
		if (result == 0 && text < end)
			result = dollar(s, &text, end);
	}
	return result;
}

char *interpolate(struct interpolation *with, const char *text)
{
	struct state s = {.with = with};
	char *out = NULL;
	size_t size;
	int result;

	with->error[0] = with->unknown[0] = '\0';
	s.out = open_memstream(&out, &size);
	if (!s.out)
		return NULL;
	result = expand(&s, text, strlen(text));
	if (fclose(s.out) != 0)
		result = -ENOMEM;
	if (result == 0)
		return out;
	free(out);
	errno = -result;
	return NULL;
}
