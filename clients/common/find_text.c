/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "clients/common/match.h"

/*
 * Two bytes of the text that are seldom are compared at 64 places at once, and where both are right the whole. Vectors
 * as every compiler of ours has them, on whatever the machine has.
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

void needle_init(struct needle *needle, const char *text, size_t length)
{
	size_t *pair = needle->pair;

	*needle = (struct needle){.text = text, .length = length};
	pair[1] = length ? length - 1 : 0;
	for (size_t i = 1; i < length && i < 256; i++)
		if (frequency((unsigned char)text[i]) < frequency((unsigned char)text[pair[0]]))
			pair[0] = i;
	if (pair[1] == pair[0])
		pair[1] = 0;
	for (size_t i = 0; i < length && i < 256; i++)
		if (i != pair[0] && frequency((unsigned char)text[i]) < frequency((unsigned char)text[pair[1]]))
			pair[1] = i;
}

unsigned needle_cost(const struct needle *needle)
{
	const unsigned char *text = (const unsigned char *)needle->text;

	return needle->length ? frequency(text[needle->pair[0]]) + frequency(text[needle->pair[1]]) : 0;
}

static vector load(const char *at)
{
	vector v;

	memcpy(&v, at, sizeof v);
	return v;
}

static bool is_any(vector v)
{
	uint64_t words[2];

	memcpy(words, &v, sizeof words);
	return (words[0] | words[1]) != 0;
}

/* Places [at, at + STEP) where both bytes are right: is there any? */
static bool may_begin(const char *at, const size_t pair[2], vector first, vector second)
{
	vector any = {0};

	for (size_t i = 0; i < STEP; i += LANES)
		any |= (vector)(load(at + i + pair[0]) == first) & (vector)(load(at + i + pair[1]) == second);
	return is_any(any);
}

const char *needle_find(const struct needle *needle, const char *haystack, size_t size)
{
	const char *at = haystack, *end = haystack + size, *text = needle->text;
	const size_t *pair = needle->pair, length = needle->length;
	vector first, second;

	if (length < 2 || length > size)
		return memmem(haystack, size, text, length);
	memset(&first, text[pair[0]], sizeof first);
	memset(&second, text[pair[1]], sizeof second);
	for (; (size_t)(end - at) >= STEP + length; at += STEP) {
		if (!may_begin(at, pair, first, second))
			continue;
		for (size_t i = 0; i < STEP; i++)
			if (at[i + pair[0]] == text[pair[0]] && at[i + pair[1]] == text[pair[1]] &&
			    memcmp(at + i, text, length) == 0)
				return at + i;
	}
	return memmem(at, (size_t)(end - at), text, length);
}
