/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/toml_inner.h"

#define NUMBER_BYTES_MAX 127u

/* ---- strings ---- */

/* A string on its way into memory that is as large as its text. */
struct taken {
	char *bytes;
	size_t length;
};

static void add_character(struct taken *to, unsigned long code)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	unsigned bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (unsigned i = bytes; i-- > 1; code >>= 6)
		to->bytes[to->length + i] = (char)(0x80 | (code & 0x3f));
	to->bytes[to->length] = (char)(bytes > 1 ? lead[bytes] | code : code);
	to->length += bytes;
}

/* \uXXXX and \UXXXXXXXX: at the first digit. */
static void take_code(struct toml_parser *p, struct taken *to, unsigned digits)
{
	unsigned long code = 0;

	for (unsigned i = 0; i < digits; i++, p->at++) {
		char c = toml_peek(p, 0);

		if (!isxdigit((unsigned char)c)) {
			toml_fail(p, p->at, "not a hexadecimal digit, expected \\uXXXX or \\UXXXXXXXX");
			return;
		}
		code = code * 16 + (unsigned long)(isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		toml_fail(p, p->at - digits, "no character has this number, expected one of Unicode");
	else
		add_character(to, code);
}

/* A backslash at the end of a line takes the blanks and lines that follow with it. */
static bool skip_line_end(struct toml_parser *p)
{
	size_t start = p->at;

	toml_skip_blanks(p);
	if (!toml_skip_newline(p)) {
		p->at = start;
		return false;
	}
	do
		toml_skip_blanks(p);
	while (toml_skip_newline(p));
	return true;
}

static void take_escape(struct toml_parser *p, struct taken *to, bool is_long)
{
	static const char pairs[] = "b\bt\tn\nf\fr\r\"\"\\\\";
	size_t start = p->at++;
	char c = toml_peek(p, 0);

	if (is_long && skip_line_end(p))
		return;
	for (size_t i = 0; pairs[i]; i += 2) {
		if (pairs[i] != c)
			continue;
		to->bytes[to->length++] = pairs[i + 1];
		p->at++;
		return;
	}
	if (c == 'u' || c == 'U') {
		p->at++;
		take_code(p, to, c == 'u' ? 4 : 8);
	} else {
		toml_fail(p, start,
			  "no such escape, expected one of \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX");
	}
}

/* Is this the end of the string? Up to two quotes may stand before the three that close a long one. */
static bool take_end(struct toml_parser *p, struct taken *to, char quote, bool is_long)
{
	size_t quotes = 0;

	while (quotes < 5 && toml_peek(p, quotes) == quote)
		quotes++;
	if (!is_long) {
		p->at += quotes > 0;
		return quotes > 0;
	}
	memset(to->bytes + to->length, quote, quotes >= 3 ? quotes - 3 : quotes);
	to->length += quotes >= 3 ? quotes - 3 : quotes;
	p->at += quotes;
	return quotes >= 3;
}

static bool is_allowed(const struct toml_parser *p, bool is_long)
{
	unsigned char c = (unsigned char)toml_peek(p, 0);

	if (c == '\t' || (c >= 0x20 && c != 0x7f))
		return true;
	return is_long && (c == '\n' || (c == '\r' && toml_peek(p, 1) == '\n'));
}

static void take_characters(struct toml_parser *p, struct taken *to, char quote, bool is_long, size_t start)
{
	while (p->result == 0 && !take_end(p, to, quote, is_long)) {
		if (p->at >= p->out->text.length || (!is_long && toml_peek(p, 0) == '\n'))
			toml_fail(p, start, "the string is not closed, expected another quote");
		else if (!is_allowed(p, is_long))
			toml_fail(p, p->at, "a control character in a string, expected an escape");
		else if (quote == '"' && toml_peek(p, 0) == '\\')
			take_escape(p, to, is_long);
		else if (toml_peek(p, 0) != quote)
			to->bytes[to->length++] = p->out->text.bytes[p->at++];
	}
}

/* An upper limit of a string's bytes: to the quotes that may close it, so that memory is asked for once. */
static size_t string_bytes(const struct toml_parser *p, char quote, size_t quotes)
{
	size_t left = p->out->text.length - p->at, run = 0, i = 0;

	for (; i < left && run < quotes; i++) {
		char c = p->out->text.bytes[p->at + i];

		run = c == quote ? run + 1 : 0;
		i += quote == '"' && c == '\\';
	}
	return i + 8;
}

char *toml_string(struct toml_parser *p, bool may_be_long, size_t *length)
{
	size_t start = p->at;
	char quote = toml_peek(p, 0);
	bool is_long = toml_peek(p, 1) == quote && toml_peek(p, 2) == quote;
	struct taken taken = {0};
	char *exact;

	if (is_long && !may_be_long)
		return toml_fail(p, p->at, "a string of several lines, expected one of one line");
	p->at += is_long ? 3 : 1;
	if (is_long)
		toml_skip_newline(p);
	taken.bytes = malloc(string_bytes(p, quote, is_long ? 3 : 1));
	if (!taken.bytes)
		p->result = -ENOMEM;
	else
		take_characters(p, &taken, quote, is_long, start);
	if (p->result != 0) {
		free(taken.bytes);
		return NULL;
	}
	taken.bytes[taken.length] = '\0';
	*length = taken.length;
	exact = realloc(taken.bytes, taken.length + 1);
	return exact ? exact : taken.bytes;
}

/* ---- numbers and dates: one word, at most NUMBER_BYTES_MAX ---- */

/* Does the word go like the pattern? 'd' is a digit. Returns what is left of the word, or NULL. */
static const char *goes_like(const char *word, const char *pattern)
{
	for (; *pattern; pattern++, word++)
		if (*pattern == 'd' ? !isdigit((unsigned char)*word) : *pattern != *word)
			return NULL;
	return word;
}

static int two(const char *digits)
{
	return 10 * (digits[0] - '0') + digits[1] - '0';
}

/* The rest behind a time, or NULL. */
static const char *after_time(const char *word)
{
	const char *rest = goes_like(word, "dd:dd:dd");

	if (!rest || two(word) > 23 || two(word + 3) > 59 || two(word + 6) > 60)
		return NULL;
	if (*rest == '.' && isdigit((unsigned char)rest[1]))
		for (rest++; isdigit((unsigned char)*rest); rest++)
			continue;
	return rest;
}

static const char *after_date(const char *word)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const char *rest = goes_like(word, "dddd-dd-dd");
	int month = rest ? two(word + 5) : 0, year = rest ? 100 * two(word) + two(word + 2) : 0;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month < 1 || month > 12 || two(word + 8) < 1)
		return NULL;
	return two(word + 8) <= days[month - 1] + (month == 2 && leap) ? rest : NULL;
}

static bool is_moment(const char *word)
{
	const char *rest = after_time(word), *offset;

	if (rest)
		return *rest == '\0';
	rest = after_date(word);
	if (!rest || *rest == '\0')
		return rest != NULL;
	rest = strchr("Tt ", *rest) ? after_time(rest + 1) : NULL;
	if (!rest || *rest == '\0')
		return rest != NULL;
	if (strcmp(rest, "Z") == 0 || strcmp(rest, "z") == 0)
		return true;
	offset = goes_like(rest + 1, "dd:dd");
	return strchr("+-", *rest) && offset && *offset == '\0' && two(rest + 1) < 24 && two(rest + 4) < 60;
}

/* Digits of a base with single underscores between, copied without them. Returns what is left, or NULL. */
static const char *take_digits(const char *word, const char *digits, char **to)
{
	if (!*word || !strchr(digits, *word))
		return NULL;
	for (; *word && (strchr(digits, *word) || *word == '_'); word++) {
		if (*word == '_' && (!word[1] || !strchr(digits, word[1])))
			return NULL;
		if (*word != '_')
			*(*to)++ = *word;
	}
	return word;
}

static json_t *whole(const char *digits, int base)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(digits, &end, base);
	return errno == 0 && !*end ? json_integer(value) : NULL;
}

static json_t *based(const char *word)
{
	static const struct {
		char letter;
		int base;
		const char *digits;
	} bases[] = {{'x', 16, "0123456789abcdefABCDEF"}, {'o', 8, "01234567"}, {'b', 2, "01"}};
	char plain[NUMBER_BYTES_MAX + 1], *to = plain;

	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
		const char *rest = word[1] == bases[i].letter ? take_digits(word + 2, bases[i].digits, &to) : NULL;

		*to = '\0';
		if (rest && !*rest)
			return whole(plain, bases[i].base);
	}
	return NULL;
}

static json_t *decimal(const char *word)
{
	static const char digits[] = "0123456789";
	char plain[NUMBER_BYTES_MAX + 1], *to = plain;
	bool is_whole;

	if (*word == '+' || *word == '-')
		*to++ = *word++;
	if (word[0] == '0' && (isdigit((unsigned char)word[1]) || word[1] == '_'))
		return NULL;
	word = take_digits(word, digits, &to);
	is_whole = word && !*word;
	if (word && *word == '.') {
		*to++ = *word++;
		word = take_digits(word, digits, &to);
	}
	if (word && (*word == 'e' || *word == 'E')) {
		*to++ = *word++;
		if (*word == '+' || *word == '-')
			*to++ = *word++;
		word = take_digits(word, digits, &to);
	}
	*to = '\0';
	if (!word || *word)
		return NULL;
	return is_whole ? whole(plain, 10) : json_real(strtod(plain, NULL));
}

static json_t *read_word(const char *word)
{
	const char *plain = word + (*word == '+');

	if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
		return json_boolean(*word == 't');
	if (strcmp(plain, "inf") == 0 || strcmp(plain, "-inf") == 0 || strcmp(plain, "nan") == 0 ||
	    strcmp(word, "-nan") == 0)
		return json_string(strstr(plain, "nan") ? "nan" : plain);
	if (is_moment(word))
		return json_string(word);
	return *word == '0' && word[1] && strchr("xob", word[1]) ? based(word) : decimal(word);
}

json_t *toml_number(struct toml_parser *p)
{
	static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_.:";
	char word[NUMBER_BYTES_MAX + 1];
	size_t length = 0, start = p->at;
	json_t *value = NULL;

	while (toml_peek(p, length) && strchr(inside, toml_peek(p, length)) && length < NUMBER_BYTES_MAX) {
		word[length] = toml_peek(p, length);
		length++;
		/* The one blank that a value may have: between a date and a time. */
		if (length == 10 && toml_peek(p, length) == ' ' && isdigit((unsigned char)toml_peek(p, length + 1)))
			word[length++] = ' ';
	}
	word[length] = '\0';
	p->at += length;
	if (length > 0)
		value = read_word(word);
	return value ? value
		     : toml_fail(p, start, "not a value, expected a string, number, date, true, false, list or table");
}

/* ---- lists and tables ---- */

/* Blanks, comments and ends of lines, which may stand anywhere in a list. */
static void skip_lines(struct toml_parser *p)
{
	do {
		toml_skip_blanks(p);
		toml_skip_comment(p);
	} while (p->result == 0 && toml_skip_newline(p));
}

static void take_list(struct toml_parser *p, json_t *list, unsigned depth)
{
	for (skip_lines(p); p->result == 0 && !toml_take(p, "]"); skip_lines(p)) {
		json_t *value = toml_value(p, depth);

		if (value && json_array_append_new(list, value) != 0)
			p->result = -ENOMEM;
		skip_lines(p);
		if (p->result == 0 && !toml_take(p, ",") && toml_peek(p, 0) != ']')
			toml_fail(p, p->at, "the list goes on without a comma, expected , or ]");
	}
}

static void take_table(struct toml_parser *p, json_t *table, unsigned depth)
{
	toml_skip_blanks(p);
	if (toml_take(p, "}"))
		return;
	do {
		toml_assign(p, table, depth);
		toml_skip_blanks(p);
	} while (p->result == 0 && toml_take(p, ","));
	if (!toml_take(p, "}"))
		toml_fail(p, p->at, "the table goes on without a comma, expected , or }");
}

json_t *toml_value(struct toml_parser *p, unsigned depth)
{
	char c = toml_peek(p, 0);
	size_t length;
	json_t *value;
	char *string;

	if (c == '"' || c == '\'') {
		string = toml_string(p, true, &length);
		value = string ? json_stringn_nocheck(string, length) : NULL;
		free(string);
	} else if (c != '[' && c != '{') {
		return toml_number(p);
	} else if (depth == TOML_DEPTH_MAX) {
		return toml_fail(p, p->at, "lists and tables too deep in each other, expected at most 64");
	} else {
		value = c == '[' ? json_array() : json_object();
		p->at++;
		if (value)
			toml_set_kind(p, value, TOML_INLINE);
		if (value && p->result == 0)
			(c == '[' ? take_list : take_table)(p, value, depth + 1);
	}
	if (!value && p->result == 0)
		p->result = -ENOMEM;
	if (p->result == 0)
		return value;
	json_decref(value);
	return NULL;
}
