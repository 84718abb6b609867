/* SPDX-License-Identifier: MIT */
#include "config/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Insertions, deletions, replacements and swaps of neighbours that make b of a (optimal string alignment), letter case
 * apart. Three rows of the table are alive at a time.
 */
static unsigned edits(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned rows[3][NEAREST_WORD_MAX + 1];

	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

/* "dev" of "dev:web", "web" of "npm:web". */
static bool is_segment(const char *wanted, size_t wanted_length, const char *word, size_t word_length)
{
	if (wanted_length == 0 || wanted_length >= word_length)
		return false;
	if (word[wanted_length] == ':' && strncasecmp(word, wanted, wanted_length) == 0)
		return true;
	word += word_length - wanted_length;
	return word[-1] == ':' && strncasecmp(word, wanted, wanted_length) == 0;
}

unsigned nearest_distance(const char *wanted, const char *word)
{
	size_t wanted_length = strnlen(wanted, NEAREST_WORD_MAX), word_length = strnlen(word, NEAREST_WORD_MAX);
	unsigned limit = wanted_length <= 2 ? 1 : wanted_length <= 5 ? 2 : 3;
	unsigned distance;

	if (is_segment(wanted, wanted_length, word, word_length))
		return 1;
	if (wanted_length > word_length + limit || word_length > wanted_length + limit)
		return NEAREST_NOT;
	distance = edits(wanted, wanted_length, word, word_length);
	return distance <= limit && distance < wanted_length ? distance : NEAREST_NOT;
}
