/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "clients/common/literal.h"
#include "clients/common/match.h"

/*
 * An expression is compiled twice: for bytes, and for UTF-8. Where a text is ASCII alone both say the same, and the one
 * for bytes has nothing to check.
 */
struct expression {
	pcre2_code *bytes;
	pcre2_code *utf;
	pcre2_match_data *data;
	bool lines_apart; /* it may look beyond a line's ends: lines are searched one by one */
	bool blind;       /* bytes beyond ASCII make no difference to it */
	char *literal;    /* what every match contains; "" for nothing */
	struct needle needle;
};

#define VAIN_MOST 32 /* lines that have the literal and do not match: it is not seldom enough */

/*
 * In a text of many lines whatever matches a line alone is found there too, unless the expression can be let down by
 * what stands beyond the line's end: by the ends of the text, by looking around, or by what never gives back what it
 * took.
 */
static bool looks_beyond(const char *pattern)
{
	static const char *const words[] = {"\\A", "\\z", "\\Z", "\\G", "\\K", "\\R",
					    "\\X", "*+",  "++",  "?+",  "}+",  "(*"};
	const char *at = pattern;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(pattern, words[i]))
			return true;
	while ((at = strstr(at, "(?")) != NULL) {
		at += 2;
		if (*at != ':' && strncmp(at, "i)", 2) != 0)
			return true;
	}
	return false;
}

/* Does an expression for bytes find in UTF-8 just what one for characters does? */
static bool is_blind(const char *pattern)
{
	unsigned dots = 0;

	for (const char *at = pattern; *at; at++) {
		if ((unsigned char)*at >= 0x80 || strncmp(at, "[^", 2) == 0)
			return false;
		if (strncmp(at, "(?", 2) == 0 && at[2] != ':')
			return false;
		if (*at == '.' && at[1] != '*' && (at[1] != '+' || dots++ > 0))
			return false;
		if (*at == '\\' && isalnum((unsigned char)*++at) && !strchr("wsbdtnrf", *at))
			return false;
	}
	return true;
}

static pcre2_code *compile_one(const char *pattern, uint32_t options, pcre2_compile_context *context, char *why,
			       size_t why_size)
{
	PCRE2_SIZE at;
	int error;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_MULTILINE | options, &error,
					 &at, context);
	char text[160];

	if (!code) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)text, sizeof text);
		snprintf(why, why_size, "%s at character %zu", text, (size_t)at + 1);
		return NULL;
	}
	/* Without it the expression is interpreted: slower, and as good. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

static void expression_free(void *memory)
{
	struct expression *expression = memory;

	pcre2_code_free(expression->bytes);
	pcre2_code_free(expression->utf);
	pcre2_match_data_free(expression->data);
	free(expression->literal);
	free(expression);
}

static int expression_compile(const char *pattern, void **out, char *why, size_t why_size)
{
	struct expression *expression = calloc(1, sizeof *expression);
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);

	if (!expression || !context) {
		free(expression);
		pcre2_compile_context_free(context);
		return -ENOMEM;
	}
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	expression->utf = compile_one(pattern, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, context, why, why_size);
	if (expression->utf)
		expression->bytes = compile_one(pattern, 0, context, why, why_size);
	/* What is said of characters alone has no form for bytes. */
	if (expression->utf && !expression->bytes)
		expression->bytes = pcre2_code_copy(expression->utf);
	pcre2_compile_context_free(context);
	if (expression->utf)
		expression->data = pcre2_match_data_create(1, NULL);
	expression->literal = malloc(strlen(pattern) + 1);
	if (!expression->bytes || !expression->data || !expression->literal) {
		bool wrong = !expression->utf;

		expression_free(expression);
		return wrong ? -EINVAL : -ENOMEM;
	}
	expression->lines_apart = looks_beyond(pattern);
	expression->blind = is_blind(pattern);
	needle_init(&expression->needle, expression->literal, literal_of(pattern, expression->literal));
	*out = expression;
	return 0;
}

static bool is_ascii(const char *text, size_t length)
{
	typedef uint64_t vector __attribute__((vector_size(32)));
	vector any = {0}, some;
	uint64_t word = 0;
	size_t at = 0;

	for (; at + sizeof some <= length; at += sizeof some) {
		memcpy(&some, text + at, sizeof some);
		any |= some;
	}
	for (; at < length; at++)
		word |= (unsigned char)text[at];
	return !((any[0] | any[1] | any[2] | any[3] | word) & UINT64_C(0x8080808080808080));
}

/* Where the first match begins; -1: there is none; < -1: that could not be found out. */
static ssize_t search(const struct expression *expression, const pcre2_code *code, const char *text, size_t length,
		      size_t from)
{
	int rc = pcre2_match(code, (PCRE2_SPTR)text, length, from, 0, expression->data, NULL);

	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(code, (PCRE2_SPTR)text, length, from, PCRE2_NO_JIT, expression->data, NULL);
	if (rc == PCRE2_ERROR_NOMATCH)
		return -1;
	return rc < 0 ? -2 : (ssize_t)pcre2_get_ovector_pointer(expression->data)[0];
}

static bool expression_span(void *memory, const char *line, size_t length, size_t from, size_t *begin, size_t *end)
{
	const struct expression *expression = memory;
	bool bytes = expression->blind || is_ascii(line, length);

	if (search(expression, bytes ? expression->bytes : expression->utf, line, length, from) < 0)
		return false;
	*begin = pcre2_get_ovector_pointer(expression->data)[0];
	*end = pcre2_get_ovector_pointer(expression->data)[1];
	*begin = *begin < *end ? *begin : *end; /* \K can turn them round */
	return true;
}

/*
 * The first line that has the literal and matches, or *text is where to go on without it. False: that is to be done.
 */
static bool find_by_literal(struct expression *expression, const char **text, const char *end, const char **found)
{
	size_t begin_of_match, end_of_match;

	if (expression->needle.length == 0)
		return false;
	for (unsigned vain = 0; vain < VAIN_MOST; vain++) {
		const char *stop, *line;

		*found = needle_find(&expression->needle, *text, (size_t)(end - *text));
		if (!*found)
			return true;
		line = memrchr(*text, '\n', (size_t)(*found - *text));
		line = line ? line + 1 : *text;
		stop = memchr(*found, '\n', (size_t)(end - *found));
		stop = stop ? stop : end;
		if (expression_span(expression, line, (size_t)(stop - line), 0, &begin_of_match, &end_of_match))
			return true;
		*text = stop < end ? stop + 1 : end;
	}
	return false;
}

static const char *expression_find(void *memory, const char *text, size_t length, bool *sure)
{
	struct expression *expression = memory;
	const char *end = text + length, *found;
	ssize_t at;

	*sure = find_by_literal(expression, &text, end, &found);
	if (*sure)
		return found;
	length = (size_t)(end - text);
	if (expression->lines_apart || !(expression->blind || is_ascii(text, length)))
		return text; /* any line may match */
	at = search(expression, expression->bytes, text, length, 0);
	return at == -1 ? NULL : at < 0 ? text : text + at;
}

const struct match_engine match_engine = {
	.compile = expression_compile,
	.free = expression_free,
	.span = expression_span,
	.find = expression_find,
};
