/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_DETECT_PATTERNS_H
#define SUPERVISORD_DETECT_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/text.h"
#include "detect/hints.h"

/*
 * detect/patterns.h - what errors look like: brummer-log-patterns, parsed
 *
 * A line of such a file is LANGUAGE ROLE "HINT" EXPRESSION, the expression (PCRE2, of bytes) up to the end of the line.
 * The data file says what each means. A line that is wrong is a warning, and the rest counts.
 *
 * Errors   Functions return 0 or a negated errno value.
 * Threads  One thread at a time: a match needs memory that belongs to the patterns.
 */

#define PATTERNS_FILE_MAX (256u << 10) /* bytes of a file */
#define PATTERNS_MAX      512u
#define PATTERN_HINT_MAX  64u

enum pattern_role {
	PATTERN_BEGIN,   /* begins an error and says what is wrong */
	PATTERN_LEAD,    /* may begin one: it is one when a message follows */
	PATTERN_MESSAGE, /* says what is wrong, if nothing has said it yet */
	PATTERN_FINAL,   /* says what is wrong, and ends it: nothing but a join may follow */
	PATTERN_MORE,    /* belongs to it: a stack, a context */
	PATTERN_MAYBE,   /* belongs to it if something follows that does */
	PATTERN_JOIN,    /* belongs to it, and so does the next one of the language */
	PATTERN_LAST,    /* belongs to it, and ends it */
	PATTERN_ROLES
};

struct pattern;

struct patterns {
	struct hints hints;
	struct pattern *list; /* in the files' order */
	size_t count;
	size_t room;
	void *match; /* pcre2_match_data */
	void *limits;
};

/* None yet. NULL: no memory. */
struct patterns *patterns_new(void);
void patterns_free(struct patterns *patterns); /* NULL is accepted */

/* Add the lines of a text. What is wrong is reported as warnings. 0, -ENOMEM */
int patterns_parse(struct patterns *patterns, const struct text *text, struct report *report);

/*
 * Add the files there are, in this order: pattern_file, log-patterns in the user's configuration, .brummer/log-patterns
 * below dir. 0, -ENOMEM
 */
int patterns_load(struct patterns *patterns, const char *pattern_file, const char *dir, struct report *report);

/* May this line begin an error, or have a URL? HINTS_ERROR, HINTS_URL. Nearly always neither. `plain`: it is known of
 * hints_sieve() that none is within it. */
static inline unsigned patterns_hint(const struct patterns *patterns, const char *text, size_t length, bool plain)
{
	return plain ? hints_look_at_ends(&patterns->hints, text, length) : hints_look(&patterns->hints, text, length);
}

/* A line without escape sequences, and whether its level is error. */
struct pattern_line {
	const char *text;
	size_t length;
	bool is_error;
};

struct pattern_match {
	enum pattern_role role;
	uint8_t language;
};

/* The first pattern that begins an error and matches. */
bool patterns_begin(struct patterns *patterns, const struct pattern_line *line, struct pattern_match *out);
/* The first of a language with one of these roles, a set of bits, that matches. */
bool patterns_go_on(struct patterns *patterns, const struct pattern_line *line, uint8_t language, unsigned roles,
		    struct pattern_match *out);

#endif
