/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_DETECT_HINTS_H
#define SUPERVISORD_DETECT_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * detect/hints.h - see at once that a line is none that matters
 *
 * Each pattern that may begin an error has a hint, some literal text that its lines have: at their start, at their end,
 * or anywhere. Of a hint two bytes are looked for: of those at a start or an end in a table of all pairs, of those
 * anywhere with vectors, so they are few. Nearly all lines have none of them, and cost some nanoseconds.
 *
 * Threads  Nothing here is shared.
 */

#define HINTS_PAIRS_MAX 16u
#define HINTS_TABLE     (65536u / 8u)

struct hints {
	unsigned pairs;
	char pair[HINTS_PAIRS_MAX][2]; /* pair 0 is that of URLs */
	uint8_t starts[HINTS_TABLE];   /* bits, by a pair */
	uint8_t ends[HINTS_TABLE];
};

/* Lines that begin (one byte is enough), end with or have this text matter. -ENOSPC: there are too many pairs */
void hints_add_start(struct hints *hints, const char *text, size_t length);
void hints_add_end(struct hints *hints, const char *text, size_t length);
int hints_add(struct hints *hints, const char *text, size_t length);

/* What may be in a line, as bits. */
#define HINTS_ERROR 1u
#define HINTS_URL   2u

/* May one of the hints be in the line, and a URL's, which was added first? Blanks and colours at its start do not
 * count. */
unsigned hints_look(const struct hints *hints, const char *text, size_t length);

/* The same for a line in which hints_sieve() has marked nothing. */
unsigned hints_look_at_ends(const struct hints *hints, const char *text, size_t length);

/*
 * Set bit n of marks if a hint that may be anywhere may begin in text[64n..64n+63]. Up to 64 bytes behind the text are
 * read. The same text costs less so than line by line.
 */
void hints_sieve(const struct hints *hints, const char *text, size_t length, uint64_t *marks);

#endif
