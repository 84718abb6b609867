/* SPDX-License-Identifier: MIT */
#include "detect/patterns_inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/errors.h>

/* What is left of a line, and where it is. */
struct cursor {
	const char *at;
	const char *end;
	const struct text *text;
	struct report *report;
	unsigned line;
};

static const char *const role_words[PATTERN_ROLES] = {"begin", "lead",  "message", "final",
						      "more",  "maybe", "join",    "last"};

static void warn(const struct cursor *cursor, const char *what)
{
	report_warning(cursor->report, "%s:%u: %s", cursor->text->file, cursor->line, what);
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
		cursor->at++;
}

static size_t take_word(struct cursor *cursor, const char **word)
{
	skip_blanks(cursor);
	*word = cursor->at;
	while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '\t')
		cursor->at++;
	return (size_t)(cursor->at - *word);
}

static bool is_word(const char *word, size_t length, const char *text)
{
	return strlen(text) == length && memcmp(word, text, length) == 0;
}

static bool take_language(struct cursor *cursor, struct pattern *pattern)
{
	const char *word;
	size_t length = take_word(cursor, &word);

	if (is_word(word, length, "-"))
		return true;
	for (unsigned i = 1; *brm_language_word(i); i++) {
		if (!is_word(word, length, brm_language_word(i)))
			continue;
		pattern->language = (uint8_t)i;
		return true;
	}
	warn(cursor, "the first word is no language");
	return false;
}

static bool take_role(struct cursor *cursor, struct pattern *pattern)
{
	const char *word;
	size_t length = take_word(cursor, &word);

	for (unsigned i = 0; i < PATTERN_ROLES; i++) {
		if (!is_word(word, length, role_words[i]))
			continue;
		pattern->role = (enum pattern_role)i;
		return true;
	}
	warn(cursor, "the second word must be begin, lead, message, final, more, maybe, join or last");
	return false;
}

/* The hint without the marks of its place. */
static bool set_hint(struct cursor *cursor, struct pattern *pattern, const char *text, size_t length)
{
	if (length > 0 && *text == '@') {
		pattern->of_error = true;
		text++;
		length--;
	}
	if (length > 0 && *text == '^') {
		pattern->place = AT_START;
		text++;
		length--;
	} else if (length > 0 && text[length - 1] == '$') {
		pattern->place = AT_END;
		length--;
	}
	if (length > sizeof pattern->hint) {
		warn(cursor, "the hint is longer than 64 bytes");
		return false;
	}
	if (pattern_begins(pattern) && !pattern->of_error && length < (pattern->place == AT_START ? 1u : 2u)) {
		warn(cursor, "the hint is too short: it tells which lines are looked at");
		return false;
	}
	memcpy(pattern->hint, text, length);
	pattern->hint_length = (uint8_t)length;
	return true;
}

static bool take_hint(struct cursor *cursor, struct pattern *pattern)
{
	const char *begin, *end;

	skip_blanks(cursor);
	begin = cursor->at + 1;
	end = cursor->at < cursor->end && *cursor->at == '"' ? memchr(begin, '"', (size_t)(cursor->end - begin)) : NULL;
	if (!end) {
		warn(cursor, "the third word must be a hint in quotes");
		return false;
	}
	cursor->at = end + 1;
	return set_hint(cursor, pattern, begin, (size_t)(end - begin));
}

static bool take_expression(struct cursor *cursor, struct pattern *pattern)
{
	PCRE2_UCHAR message[128];
	PCRE2_SIZE offset;
	int error;

	skip_blanks(cursor);
	if (cursor->at == cursor->end) {
		warn(cursor, "the expression is missing");
		return false;
	}
	pattern->code =
		pcre2_compile((PCRE2_SPTR)cursor->at, (size_t)(cursor->end - cursor->at), 0, &error, &offset, NULL);
	if (!pattern->code) {
		pcre2_get_error_message(error, message, sizeof message);
		warn(cursor, (const char *)message);
		return false;
	}
	return true;
}

/* What lines that begin an error are told by. */
static int hint_at(struct hints *hints, const struct pattern *pattern)
{
	if (!pattern_begins(pattern) || pattern->of_error)
		return 0;
	if (pattern->place == AT_START)
		hints_add_start(hints, pattern->hint, pattern->hint_length);
	else if (pattern->place == AT_END)
		hints_add_end(hints, pattern->hint, pattern->hint_length);
	else
		return hints_add(hints, pattern->hint, pattern->hint_length);
	return 0;
}

static int append(struct patterns *patterns, const struct pattern *pattern)
{
	if (patterns->count == patterns->room) {
		size_t room = patterns->room ? 2 * patterns->room : 128;
		struct pattern *more = realloc(patterns->list, room * sizeof *more);

		if (!more)
			return -ENOMEM;
		patterns->list = more;
		patterns->room = room;
	}
	patterns->list[patterns->count++] = *pattern;
	return 0;
}

static int parse_line(struct patterns *patterns, struct cursor *cursor)
{
	struct pattern pattern = {.language = 0};
	int rc;

	skip_blanks(cursor);
	if (cursor->at == cursor->end || *cursor->at == '#')
		return 0;
	if (patterns->count == PATTERNS_MAX) {
		warn(cursor, "there are too many patterns");
		return 0;
	}
	if (!take_language(cursor, &pattern) || !take_role(cursor, &pattern) || !take_hint(cursor, &pattern) ||
	    !take_expression(cursor, &pattern))
		return 0;
	if (hint_at(&patterns->hints, &pattern) != 0) {
		warn(cursor, "there are too many different hints: begin one with ^, end it with $, or use \"@\"");
		pcre2_code_free(pattern.code);
		return 0;
	}
	rc = append(patterns, &pattern);
	if (rc != 0)
		pcre2_code_free(pattern.code);
	return rc;
}

int patterns_parse(struct patterns *patterns, const struct text *text, struct report *report)
{
	const char *at = text->bytes, *end = text->bytes + text->length;
	struct cursor cursor = {.text = text, .report = report};
	int rc = 0;

	while (at < end && rc == 0) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		cursor.at = at;
		cursor.end = newline ? newline : end;
		cursor.line++;
		at = newline ? newline + 1 : end;
		if (cursor.end > cursor.at && cursor.end[-1] == '\r')
			cursor.end--;
		rc = parse_line(patterns, &cursor);
	}
	return rc;
}
