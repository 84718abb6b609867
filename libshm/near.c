/* SPDX-License-Identifier: MIT */
#include <brummer/near.h>

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 255 /* bytes that are compared */

/*
 * A distance is so much for each letter that differs; of two words that are as far the one as long as the wrong one was
 * meant, then the one with its first letter.
 */
#define EDIT         4u
#define OTHER_LENGTH 2u
#define OTHER_LETTER 1u
#define FAR          UINT_MAX

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Insertions, deletions, replacements and swaps of neighbours that make b of a (optimal string alignment). Three rows
 * of the table are alive at a time.
 */
static unsigned edits(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned rows[3][WORD_MAX + 1];

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
static bool is_segment(const char *word, size_t length, const char *candidate, size_t candidate_length)
{
	if (length == 0 || length >= candidate_length)
		return false;
	if (candidate[length] == ':' && strncasecmp(candidate, word, length) == 0)
		return true;
	candidate += candidate_length - length;
	return candidate[-1] == ':' && strncasecmp(candidate, word, length) == 0;
}

/* How far a candidate is; FAR when nobody would take one for the other. */
static unsigned farness(const char *word, const char *candidate)
{
	size_t length = strnlen(word, WORD_MAX), candidate_length = strnlen(candidate, WORD_MAX);
	unsigned most = least((unsigned)length / 3 + 1, 3), count = most + 1;

	if (is_segment(word, length, candidate, candidate_length))
		return EDIT;
	if (length <= candidate_length + most && candidate_length <= length + most)
		count = edits(word, length, candidate, candidate_length);
	if (count <= most && count < length)
		return EDIT * count + OTHER_LENGTH * (length != candidate_length) +
		       OTHER_LETTER * !same(word[0], candidate[0]);
	return length >= 2 && strcasestr(candidate, word) ? EDIT * most + OTHER_LENGTH + OTHER_LETTER : FAR;
}

void brm_near_begin(struct brm_near *near, const char *word, const char **out, size_t max)
{
	assert(max <= BRM_NEAR_MAX);
	*near = (struct brm_near){.word = word, .out = out, .max = max};
}

void brm_near_offer(struct brm_near *near, const char *candidate)
{
	unsigned far = farness(near->word, candidate);
	size_t at = near->count;

	while (at > 0 && near->distances[at - 1] > far)
		at--;
	if (far == FAR || at == near->max)
		return;
	near->count += near->count < near->max;
	for (size_t i = near->count - 1; i > at; i--) {
		near->out[i] = near->out[i - 1];
		near->distances[i] = near->distances[i - 1];
	}
	near->out[at] = candidate;
	near->distances[at] = far;
}
