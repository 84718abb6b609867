/* SPDX-License-Identifier: MIT */
#include "config/dotenv.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/interpolate.h"

struct cursor {
	const struct text *text;
	size_t at;
};

static char peek(const struct cursor *c)
{
	return c->at < c->text->length ? c->text->bytes[c->at] : '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct cursor *c)
{
	while (is_blank(peek(c)))
		c->at++;
}

static void skip_line(struct cursor *c)
{
	while (peek(c) && peek(c) != '\n')
		c->at++;
	c->at += peek(c) == '\n';
}

static bool is_line_end(const struct cursor *c)
{
	return strchr("\n#", peek(c)) != NULL; /* the text's end is '\0' */
}

/* The place of `at`, for a message of the form "PLACE: what, expected what". */
static int wrong(const struct cursor *c, size_t at, const char *what, struct report *report)
{
	char place[TEXT_PLACE_MAX];

	report_error(report, "%s: %s", text_place(c->text, at, place), what);
	return -EINVAL;
}

/* A key at the cursor, copied to where `to` points; the end of it, or NULL when there is none. */
static char *take_key(struct cursor *c, char *to)
{
	char *from = to;

	if (isdigit((unsigned char)peek(c)))
		return NULL;
	while (isalnum((unsigned char)peek(c)) || (peek(c) && strchr("_.-", peek(c))))
		*to++ = c->text->bytes[c->at++];
	*to++ = '\0';
	return to > from + 1 ? to : NULL;
}

/* What "\n" and the like stand for; '\0' when the backslash is only itself. */
static char escaped(char c)
{
	static const char pairs[] = "n\nr\rt\t\"\"\\\\$$";

	for (size_t i = 0; pairs[i]; i += 2)
		if (pairs[i] == c)
			return pairs[i + 1];
	return '\0';
}

/* Does the dollar sign at the cursor begin a variable? */
static bool is_variable(const struct cursor *c)
{
	char next = c->at + 1 < c->text->length ? c->text->bytes[c->at + 1] : '\0';

	return next == '{' || next == '_' || isalpha((unsigned char)next);
}

/* Put one character; a dollar sign that is to stay becomes two, for interpolate(). */
static char *put(char *to, char c, bool stays)
{
	*to++ = c;
	if (c == '$' && stays)
		*to++ = c;
	return to;
}

/* A quoted value, copied to `to`; only a comment may follow. */
static int take_quoted(struct cursor *c, char *to, struct report *report)
{
	size_t start = c->at;
	char quote = peek(c);

	for (c->at++; peek(c) && peek(c) != quote; c->at++) {
		char next = c->at + 1 < c->text->length ? c->text->bytes[c->at + 1] : '\0';

		if (quote == '"' && peek(c) == '\\' && escaped(next)) {
			to = put(to, escaped(next), true);
			c->at++;
		} else if (peek(c) != '\r' || next != '\n') {
			to = put(to, peek(c), quote != '"' || !is_variable(c));
		}
	}
	*to = '\0';
	if (peek(c) != quote)
		return wrong(c, start, "the quote is not closed, expected another one", report);
	c->at++;
	skip_blanks(c);
	return is_line_end(c) ? 0
			      : wrong(c, c->at, "text after the closing quote, expected the end of the line", report);
}

static void take_bare(struct cursor *c, char *to)
{
	char *end = to;

	while (peek(c) && peek(c) != '\n' && !(peek(c) == '#' && is_blank(c->text->bytes[c->at - 1]))) {
		bool escaped_sign = peek(c) == '\\' && c->at + 1 < c->text->length && c->text->bytes[c->at + 1] == '$';

		c->at += escaped_sign;
		to = put(to, peek(c), escaped_sign || !is_variable(c));
		if (!is_blank(peek(c)))
			end = to;
		c->at++;
	}
	*end = '\0';
}

/*
 * One assignment into buffer, which is more than twice the text: the key, a NUL, and the value that *value then points
 * to, its variables still in it. 0, or -EINVAL.
 */
static int take_assignment(struct cursor *c, char *buffer, char **value, struct report *report)
{
	static const char export[] = "export";
	size_t start = c->at, word = sizeof export - 1;

	if (c->text->length - c->at > word && strncmp(c->text->bytes + c->at, export, word) == 0 &&
	    is_blank(c->text->bytes[c->at + word])) {
		c->at += word;
		skip_blanks(c);
	}
	*value = take_key(c, buffer);
	skip_blanks(c);
	if (!*value || peek(c) != '=')
		return wrong(c, start, "not an assignment, expected NAME=value", report);
	c->at++;
	skip_blanks(c);
	if (peek(c) && strchr("'\"`", peek(c)))
		return take_quoted(c, *value, report);
	take_bare(c, *value);
	return 0;
}

static const char *variable(const void *arg, const char *name)
{
	const char *value = getenv(name);

	return value ? value : env_get(arg, name);
}

/* Set a variable whose value was written at `at`. 0, -EINVAL, -ENOMEM */
static int set(const struct cursor *c, size_t at, char ***env, const char *name, const char *value,
	       struct report *report)
{
	struct interpolation with = {.value = variable, .arg = *env, .bare = true};
	char *text = interpolate(&with, value), place[TEXT_PLACE_MAX];
	int result;

	if (!text)
		return errno == EINVAL ? wrong(c, at, with.error, report) : -ENOMEM;
	if (*with.unknown)
		report_warning(report, "%s: %s is not set, and is taken as empty", text_place(c->text, at, place),
			       with.unknown);
	result = env_set(env, name, text);
	free(text);
	return result;
}

int dotenv_parse(struct text *text, char ***env, struct report *report)
{
	struct cursor c = {.text = text};
	size_t start;
	char *buffer, *value;
	int result = text_check(text, report), taken;

	if (result != 0)
		return result;
	buffer = malloc(2 * text->length + 2);
	if (!buffer)
		return -ENOMEM;
	while (result != -ENOMEM && c.at < text->length && !report_is_full(report)) {
		skip_blanks(&c);
		if (is_line_end(&c)) {
			skip_line(&c);
			continue;
		}
		if (list_length(*env) >= DOTENV_KEYS_MAX) {
			result = wrong(&c, c.at, "too many variables, expected at most 1024", report);
			break;
		}
		start = c.at;
		taken = take_assignment(&c, buffer, &value, report);
		taken = taken == 0 ? set(&c, start, env, buffer, value, report) : taken;
		result = taken == 0 ? result : taken;
		skip_line(&c);
	}
	free(buffer);
	return result;
}
