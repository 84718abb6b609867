/* SPDX-License-Identifier: MIT */
#include "clients/common/near.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 64 /* bytes that are compared */

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static char fold(char c)
{
	return (char)tolower((unsigned char)c);
}

/* Insertions, deletions, replacements and swaps of neighbours that make one word of the other. */
static unsigned distance(const char *a, const char *b)
{
	size_t na = strnlen(a, WORD_MAX), nb = strnlen(b, WORD_MAX);
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= nb; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *spare = before;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned differs = fold(a[i - 1]) != fold(b[j - 1]);

			now[j] = min(min(last[j], now[j - 1]) + 1, last[j - 1] + differs);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
				now[j] = min(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[nb];
}

/*
 * How far a candidate is; more than `limit` is not near. A word that the candidate contains is nearly right, and of two
 * that are as far the one with the right first letter was meant.
 */
static unsigned farness(const char *word, const char *candidate, unsigned limit)
{
	unsigned far = 2 * distance(word, candidate);

	if (far > limit && strlen(word) >= 2 && strcasestr(candidate, word))
		return limit;
	return far + (fold(word[0]) != fold(candidate[0]));
}

void near_begin(struct near *near, const char *word, const char **out, size_t max)
{
	assert(max <= sizeof near->distances / sizeof *near->distances);
	*near = (struct near){.word = word, .out = out, .max = max};
}

void near_offer(struct near *near, const char *candidate)
{
	unsigned limit = 2 * ((unsigned)strnlen(near->word, WORD_MAX) / 3 + 1) + 1;
	unsigned far = farness(near->word, candidate, limit);
	size_t at;

	if (far > limit)
		return;
	for (at = near->count; at > 0 && near->distances[at - 1] > far; at--)
		;
	if (at == near->max)
		return;
	if (near->count < near->max)
		near->count++;
	for (size_t i = near->count - 1; i > at; i--) {
		near->out[i] = near->out[i - 1];
		near->distances[i] = near->distances[i - 1];
	}
	near->out[at] = candidate;
	near->distances[at] = far;
}

char *near_hint(const char *const *words, size_t count, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < count && used < size; i++) {
		const char *before = i == 0 ? "; did you mean " : i + 1 == count ? " or " : ", ";
		int length = snprintf(out + used, size - used, "%s%s%s", before, words[i], i + 1 == count ? "?" : "");

		used += length > 0 ? (size_t)length : 0;
	}
	return out;
}
