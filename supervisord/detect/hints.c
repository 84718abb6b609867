/* SPDX-License-Identifier: MIT */
#include "detect/hints.h"

#include <errno.h>
#include <string.h>

#define WIDTH  16u
#define ESCAPE 0x1b

typedef uint8_t vector __attribute__((vector_size(WIDTH)));

static unsigned pair(const char *text)
{
	return (unsigned)(uint8_t)text[0] | (unsigned)(uint8_t)text[1] << 8;
}

static void set(uint8_t *table, unsigned index)
{
	table[index / 8] |= (uint8_t)(1u << index % 8);
}

static bool has(const uint8_t *table, unsigned index)
{
	return table[index / 8] >> index % 8 & 1;
}

void hints_add_start(struct hints *hints, const char *text, size_t length)
{
	if (length > 1)
		set(hints->starts, pair(text));
	for (unsigned second = 0; length == 1 && second < 256; second++)
		set(hints->starts, (uint8_t)text[0] | second << 8);
}

void hints_add_end(struct hints *hints, const char *text, size_t length)
{
	set(hints->ends, pair(text + length - 2));
}

/* How common a byte is in logs, roughly: the rarest pair of a hint is looked for. */
static unsigned weight(char byte)
{
	static const char common[] = "zqjkxvwbgpyufmhdclrsnioate 0123";
	const char *at = byte ? strchr(common, byte) : NULL;

	return at ? (unsigned)(at - common) + 2 : 1;
}

int hints_add(struct hints *hints, const char *text, size_t length)
{
	const char *best = text;

	for (size_t i = 0; i + 1 < length; i++) {
		for (unsigned k = 0; k < hints->pairs; k++)
			if ((uint8_t)text[i] == hints->first[k] && (uint8_t)text[i + 1] == hints->second[k])
				return 0;
		if (weight(text[i]) * weight(text[i + 1]) < weight(best[0]) * weight(best[1]))
			best = text + i;
	}
	if (hints->pairs == HINTS_PAIRS_MAX)
		return -ENOSPC;
	hints->first[hints->pairs] = (uint8_t)best[0];
	hints->second[hints->pairs++] = (uint8_t)best[1];
	return 0;
}

static inline vector load(const char *at)
{
	vector v;

	memcpy(&v, at, sizeof v);
	return v;
}

/* Which of the WIDTH bytes from `at` on, and the byte behind each, are a pair. WIDTH + 1 bytes are read. */
static inline vector look(const struct hints *hints, const char *at)
{
	const vector zero = {0};
	vector here = load(at), next = load(at + 1), hit = zero;

	for (unsigned k = 0; k < hints->pairs; k++)
		hit |= (vector)(here == zero + hints->first[k]) & (vector)(next == zero + hints->second[k]);
	return hit;
}

static bool is_any(vector hit)
{
	uint64_t words[WIDTH / 8];

	memcpy(words, &hit, sizeof words);
	return (words[0] | words[1]) != 0;
}

static bool has_pair(const struct hints *hints, const char *text, size_t length)
{
	char padded[WIDTH + 1] = {0};
	vector hit = {0};
	size_t at;

	if (length <= WIDTH) {
		memcpy(padded, text, length);
		return is_any(look(hints, padded));
	}
	for (at = 0; at + WIDTH < length; at += WIDTH)
		hit |= look(hints, text + at);
	return is_any(hit | look(hints, text + length - WIDTH - 1));
}

bool hints_may_match(const struct hints *hints, const char *text, size_t length)
{
	size_t at = 0;

	while (at < length && (text[at] == ' ' || text[at] == '\t'))
		at++;
	if (length - at < 2)
		return false;
	return text[at] == ESCAPE || has(hints->starts, pair(text + at)) || has(hints->ends, pair(text + length - 2)) ||
	       has_pair(hints, text + at, length - at);
}
