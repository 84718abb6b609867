/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_MATCH_H
#define CLIENTS_COMMON_MATCH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * common/match.h - does a line of a log match?
 *
 * A regular expression as Perl's (PCRE2, compiled to machine code), or a fixed text; an expression without a special
 * character is searched as a text, which is faster. A match is for one thread.
 */

/* A text to search for, with the places of those of its bytes that are seldom, most so first. It is its owner's. */
#define NEEDLE_RARE 3
struct needle {
	const char *text;
	size_t length;
	size_t rare[NEEDLE_RARE];
	bool wide; /* the processor has wider vectors than every other of its kind */
};

struct match {
	char *text;   /* NULL: the expression counts */
	bool in_line; /* the text has no newline: it lies in one line */
	struct needle needle;
	void *expression; /* the engine's */
};

/*
 * What finds expressions. In a file of its own (match_pcre.c), so that a program that searches for texts alone can link
 * an engine whose members are NULL, and needs no PCRE2.
 */
struct match_engine {
	int (*compile)(const char *pattern, void **out, char *why, size_t why_size);
	void (*free)(void *expression);
	bool (*span)(void *expression, const char *line, size_t length, size_t from, size_t *begin, size_t *end);
	const char *(*find)(void *expression, const char *text, size_t length, bool *sure);
};
extern const struct match_engine match_engine;

/* Is the pattern a text, for which no engine is needed? */
bool match_is_text(const char *pattern, bool fixed);

/* 0; -EINVAL: the expression is wrong, *why says how; -ENOMEM. */
int match_init(struct match *match, const char *pattern, bool fixed, char *why, size_t why_size);
void match_finish(struct match *match);

/* NUL bytes in the text are as good as any other. */
bool match_test(const struct match *match, const char *text, size_t length);

/* The same from a byte of the line on: where the first match is. It may be empty. */
bool match_span(const struct match *match, const char *text, size_t length, size_t from, size_t *begin, size_t *end);

/*
 * Search many lines at once, with the newlines between them: a byte of the first line that may match, or NULL: none
 * does. *sure: it does match, from newline to newline; else match_test() says so, of the line alone.
 */
const char *match_find(const struct match *match, const char *text, size_t length, bool *sure);

void needle_init(struct needle *needle, const char *text, size_t length);

/* How often those bytes are met in logs, as a rank: of two needles the one that costs less is sooner searched for. */
unsigned needle_cost(const struct needle *needle);

/* Where it first is in another text, as memmem() finds it; faster where that is long. */
const char *needle_find(const struct needle *needle, const char *haystack, size_t size);

#endif
