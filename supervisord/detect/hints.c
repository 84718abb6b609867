/* SPDX-License-Identifier: MIT */
#include "detect/hints.h"

#include <errno.h>
#include <string.h>

#define WIDTH  HINTS_WIDTH
#define ESCAPE 0x1b

typedef hints_vector vector;

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
			if ((uint8_t)text[i] == hints->pair[k].first[0] &&
			    (uint8_t)text[i + 1] == hints->pair[k].second[0])
				return 0;
		if (weight(text[i]) * weight(text[i + 1]) < weight(best[0]) * weight(best[1]))
			best = text + i;
	}
	if (hints->pairs == HINTS_PAIRS_MAX)
		return -ENOSPC;
	memset(&hints->pair[hints->pairs].first, best[0], WIDTH);
	memset(&hints->pair[hints->pairs++].second, best[1], WIDTH);
	return 0;
}

static inline vector load(const char *at)
{
	vector v;

	memcpy(&v, at, sizeof v);
	return v;
}

/* What was found so far: in which bytes does not matter. */
struct found {
	vector url;
	vector error;
};

/* Look at the WIDTH bytes from `at` on, with the byte behind each. WIDTH + 1 bytes are read. */
static inline void look(const struct hints *hints, const char *at, struct found *found)
{
	vector here = load(at), next = load(at + 1);

	found->url |= (vector)(here == hints->pair[0].first) & (vector)(next == hints->pair[0].second);
	for (unsigned k = 1; k < hints->pairs; k++)
		found->error |= (vector)(here == hints->pair[k].first) & (vector)(next == hints->pair[k].second);
}

static bool is_any(vector hit)
{
	uint64_t words[WIDTH / 8];

	memcpy(words, &hit, sizeof words);
	return (words[0] | words[1]) != 0;
}

static unsigned look_for_pairs(const struct hints *hints, const char *text, size_t length)
{
	struct found found = {{0}, {0}};
	char padded[WIDTH + 1] = {0};
	size_t at;

	if (length <= WIDTH) {
		memcpy(padded, text, length);
		look(hints, padded, &found);
	} else {
		for (at = 0; at + WIDTH < length; at += WIDTH)
			look(hints, text + at, &found);
		look(hints, text + length - WIDTH - 1, &found);
	}
	return (is_any(found.error) ? HINTS_ERROR : 0) | (is_any(found.url) ? HINTS_URL : 0);
}

/* Where the text begins, behind blanks and sequences that set colours. */
static size_t skip_to_text(const char *text, size_t length)
{
	size_t at = 0;

	for (;;) {
		while (at < length && (text[at] == ' ' || text[at] == '\t'))
			at++;
		if (at + 1 >= length || text[at] != ESCAPE || text[at + 1] != '[')
			return at;
		for (at += 2; at < length && ((text[at] >= '0' && text[at] <= '9') || text[at] == ';');)
			at++;
		at += at < length;
	}
}

unsigned hints_look(const struct hints *hints, const char *text, size_t length)
{
	size_t at = skip_to_text(text, length);

	if (length - at < 2)
		return 0;
	return look_for_pairs(hints, text + at, length - at) |
	       (has(hints->starts, pair(text + at)) || has(hints->ends, pair(text + length - 2)) ? HINTS_ERROR : 0);
}
