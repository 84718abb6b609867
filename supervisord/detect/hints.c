/* SPDX-License-Identifier: MIT */
#include "detect/hints.h"

#include <errno.h>
#include <string.h>

#define WIDTH  32u
#define ESCAPE 0x1b
#define MARKED (2 * WIDTH) /* bytes that a mark of a sieve is of */

#define ALWAYS_INLINE inline __attribute__((always_inline))

typedef uint8_t vector __attribute__((vector_size(WIDTH)));
typedef uint8_t loose __attribute__((vector_size(WIDTH), aligned(1), may_alias)); /* one anywhere in a text */

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
			if (memcmp(text + i, hints->pair[k], 2) == 0)
				return 0;
		if (weight(text[i]) * weight(text[i + 1]) < weight(best[0]) * weight(best[1]))
			best = text + i;
	}
	if (hints->pairs == HINTS_PAIRS_MAX)
		return -ENOSPC;
	memcpy(hints->pair[hints->pairs++], best, 2);
	return 0;
}

#define load(at) (*(const loose *)(const void *)(at)) /* as a function it would be another one with AVX and without */

/* A pair: each of its bytes over and over. */
struct wanted {
	vector first;
	vector second;
};

static ALWAYS_INLINE void spread(const char *bytes, struct wanted *out)
{
	memset(&out->first, bytes[0], WIDTH);
	memset(&out->second, bytes[1], WIDTH);
}

static ALWAYS_INLINE bool is_any(const vector *found)
{
	uint64_t words[WIDTH / 8];

	memcpy(words, found, WIDTH);
	return (words[0] | words[1] | words[2] | words[3]) != 0;
}

/* Is the pair in a text? WIDTH + 1 bytes are looked at together. */
static bool has_pair(const char *bytes, const char *text, size_t length)
{
	char padded[WIDTH + 1] = {0};
	struct wanted wanted;
	vector found = {0};
	size_t last = length - WIDTH - 1;

	spread(bytes, &wanted);
	if (length <= WIDTH) {
		text = memcpy(padded, text, length);
		last = 0;
	}
	for (size_t at = 0;; at = at + WIDTH < last ? at + WIDTH : last) {
		found |= (vector)(load(text + at) == wanted.first) & (vector)(load(text + at + 1) == wanted.second);
		if (at == last)
			return is_any(&found);
	}
}

static unsigned look_for_pairs(const struct hints *hints, const char *text, size_t length)
{
	unsigned found = has_pair(hints->pair[0], text, length) ? HINTS_URL : 0;

	for (unsigned k = 1; k < hints->pairs && !(found & HINTS_ERROR); k++)
		found |= has_pair(hints->pair[k], text, length) ? HINTS_ERROR : 0;
	return found;
}

static ALWAYS_INLINE void sieve(const struct hints *hints, const char *text, size_t length, uint64_t *marks)
{
	struct wanted wanted[HINTS_PAIRS_MAX];
	const unsigned pairs = hints->pairs;

	for (unsigned k = 0; k < pairs; k++)
		spread(hints->pair[k], &wanted[k]);
	for (size_t n = 0; n * MARKED < length; n++) {
		const char *at = text + n * MARKED;
		const vector here = load(at), there = load(at + WIDTH);
		const vector behind_here = load(at + 1), behind_there = load(at + WIDTH + 1);
		vector found = {0};

		for (unsigned k = 0; k < pairs; k++)
			found |= ((vector)(here == wanted[k].first) & (vector)(behind_here == wanted[k].second)) |
				 ((vector)(there == wanted[k].first) & (vector)(behind_there == wanted[k].second));
		if (n % 64 == 0)
			marks[n / 64] = 0;
		marks[n / 64] |= (uint64_t)is_any(&found) << n % 64;
	}
}

#if defined __x86_64__ && defined __GNUC__

__attribute__((target("avx2"))) static void sieve_avx2(const struct hints *hints, const char *text, size_t length,
						       uint64_t *marks)
{
	sieve(hints, text, length, marks);
}

void hints_sieve(const struct hints *hints, const char *text, size_t length, uint64_t *marks)
{
	if (__builtin_cpu_supports("avx2"))
		sieve_avx2(hints, text, length, marks);
	else
		sieve(hints, text, length, marks);
}

#else

void hints_sieve(const struct hints *hints, const char *text, size_t length, uint64_t *marks)
{
	sieve(hints, text, length, marks);
}

#endif

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

/* `at` is where skip_to_text() says. */
static unsigned look_at_ends(const struct hints *hints, const char *text, size_t length, size_t at)
{
	return has(hints->starts, pair(text + at)) || has(hints->ends, pair(text + length - 2)) ? HINTS_ERROR : 0;
}

unsigned hints_look_at_ends(const struct hints *hints, const char *text, size_t length)
{
	size_t at = skip_to_text(text, length);

	return length - at < 2 ? 0 : look_at_ends(hints, text, length, at);
}

unsigned hints_look(const struct hints *hints, const char *text, size_t length)
{
	size_t at = skip_to_text(text, length);

	if (length - at < 2)
		return 0;
	return look_for_pairs(hints, text + at, length - at) | look_at_ends(hints, text, length, at);
}
