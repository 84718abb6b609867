/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "clients/common/match.h"

/*
 * Some bytes of the text that are seldom are compared at 64 places at once, and where all are right the whole: two let
 * through too much where digits are searched for. Vectors as every compiler of ours has them, on whatever the machine
 * has.
 */

typedef unsigned char vector __attribute__((vector_size(16)));

#define LANES sizeof(vector)
#define STEP  (4 * LANES)

/* How often a byte is met in logs, roughly; the seldom ones are looked for. */
static unsigned frequency(unsigned char c)
{
	static const char often[] = " etaoinsrldcumpgh";
	const char *at = c ? strchr(often, c) : NULL;

	if (at)
		return 255 - (unsigned)(at - often);
	if (c >= 'a' && c <= 'z')
		return c == 'j' || c == 'q' || c == 'x' || c == 'z' ? 60 : 140;
	if (c >= '0' && c <= '9')
		return 130;
	return c && strchr("=:./-_\"", c) ? 150 : 50;
}

/* The place of the byte that is the most seldom of those that were not taken; 0: there is none. */
static size_t rarest(const struct needle *needle, size_t taken)
{
	size_t best = 0;
	unsigned least = UINT_MAX;

	for (size_t i = 0; i < needle->length && i < 256; i++) {
		unsigned often = frequency((unsigned char)needle->text[i]);

		for (size_t k = 0; k < taken; k++)
			often = needle->rare[k] == i ? UINT_MAX : often;
		if (often < least) {
			least = often;
			best = i;
		}
	}
	return best;
}

void needle_init(struct needle *needle, const char *text, size_t length)
{
	*needle = (struct needle){.text = text, .length = length};
	for (size_t k = 0; k < NEEDLE_RARE; k++)
		needle->rare[k] = rarest(needle, k);
}

unsigned needle_cost(const struct needle *needle)
{
	const unsigned char *text = (const unsigned char *)needle->text;

	return needle->length ? frequency(text[needle->rare[0]]) + frequency(text[needle->rare[1]]) : 0;
}

static vector load(const char *at)
{
	vector v;

	memcpy(&v, at, sizeof v);
	return v;
}

/* What the bytes are, at every place. */
struct bytes {
	vector at[NEEDLE_RARE];
};

/* Of LANES places from `at` on those where all of the bytes are right. */
static inline vector match_places(const char *at, const size_t rare[NEEDLE_RARE], const struct bytes *bytes)
{
	vector right = (vector)(load(at + rare[0]) == bytes->at[0]);

	for (size_t k = 1; k < NEEDLE_RARE; k++)
		right &= (vector)(load(at + rare[k]) == bytes->at[k]);
	return right;
}

static bool is_any(vector v)
{
	uint64_t words[2];

	memcpy(words, &v, sizeof words);
	return (words[0] | words[1]) != 0;
}

/* Places [at, at + STEP) where the bytes are right: is there any? */
static inline bool may_begin(const char *at, const size_t rare[NEEDLE_RARE], const struct bytes *bytes)
{
	vector any = {0};

	for (size_t i = 0; i < STEP; i += LANES)
		any |= match_places(at + i, rare, bytes);
	return is_any(any);
}

/* The first of STEP places at which the whole is right; NULL: at none. */
static const char *test_step(const struct needle *needle, const char *at, const struct bytes *bytes)
{
	for (const char *end = at + STEP; at < end; at += LANES) {
		unsigned char places[LANES];
		vector right = match_places(at, needle->rare, bytes);

		if (!is_any(right))
			continue;
		memcpy(places, &right, sizeof places);
		for (size_t i = 0; i < LANES; i++)
			if (places[i] && memcmp(at + i, needle->text, needle->length) == 0)
				return at + i;
	}
	return NULL;
}

const char *needle_find(const struct needle *needle, const char *haystack, size_t size)
{
	const char *at = haystack, *end = haystack + size, *text = needle->text, *found;
	const size_t *rare = needle->rare, length = needle->length;
	struct bytes bytes;

	if (length < 2 || length > size)
		return memmem(haystack, size, text, length);
	for (size_t k = 0; k < NEEDLE_RARE; k++)
		memset(&bytes.at[k], text[rare[k]], sizeof bytes.at[k]);
	for (; (size_t)(end - at) >= STEP + length; at += STEP) {
		found = may_begin(at, rare, &bytes) ? test_step(needle, at, &bytes) : NULL;
		if (found)
			return found;
	}
	return memmem(at, (size_t)(end - at), text, length);
}
