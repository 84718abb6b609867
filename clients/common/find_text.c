/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

#include "clients/common/match.h"

/*
 * Some bytes of the text that are seldom are compared at 64 places at once, and where all are right the whole: two let
 * through too much where digits are searched for. Vectors as every compiler of ours has them, on whatever the machine
 * has; where nothing is found, the wider ones of x86-64, if the processor has those.
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

/* The first of every STEP places up to `last` with one where the bytes are right; behind `last`: there is none. */
static const char *skip(const char *at, const char *last, const struct needle *needle, const struct bytes *bytes)
{
	while (at <= last && !may_begin(at, needle->rare, bytes))
		at += STEP;
	return at;
}

#ifdef __x86_64__
/* The same with vectors twice as wide. */
__attribute__((target("avx2"))) static const char *skip_wide(const char *at, const char *last,
							     const struct needle *needle)
{
	__m256i bytes[NEEDLE_RARE];

	for (size_t k = 0; k < NEEDLE_RARE; k++)
		bytes[k] = _mm256_set1_epi8(needle->text[needle->rare[k]]);
	for (; at <= last; at += STEP) {
		__m256i any = _mm256_setzero_si256();

		for (size_t i = 0; i < STEP; i += sizeof any) {
			__m256i right = _mm256_set1_epi8(-1);

			for (size_t k = 0; k < NEEDLE_RARE; k++) {
				const void *from = at + i + needle->rare[k];

				right = _mm256_and_si256(right, _mm256_cmpeq_epi8(_mm256_loadu_si256(from), bytes[k]));
			}
			any = _mm256_or_si256(any, right);
		}
		if (!_mm256_testz_si256(any, any))
			break;
	}
	return at;
}

/* Asked by hand: what the compiler would put in place asks at every program's start, searching or not. */
static bool has_wide(void)
{
	unsigned eax, ebx, ecx, edx, low, high;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_OSXSAVE))
		return false;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & 6) == 6 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_AVX2);
}
#else
static const char *skip_wide(const char *at, const char *last, const struct needle *needle)
{
	(void)last, (void)needle;
	return at;
}

static bool has_wide(void)
{
	return false;
}
#endif

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

void needle_init(struct needle *needle, const char *text, size_t length)
{
	*needle = (struct needle){.text = text, .length = length};
	for (size_t k = 0; k < NEEDLE_RARE; k++)
		needle->rare[k] = rarest(needle, k);
	needle->wide = has_wide();
}

const char *needle_find(const struct needle *needle, const char *haystack, size_t size)
{
	const char *at = haystack, *end = haystack + size, *text = needle->text, *found;
	const size_t *rare = needle->rare, length = needle->length;
	struct bytes bytes;

	if (length < 2 || size < STEP + length)
		return memmem(haystack, size, text, length);
	for (size_t k = 0; k < NEEDLE_RARE; k++)
		memset(&bytes.at[k], text[rare[k]], sizeof bytes.at[k]);
	for (const char *last = end - STEP - length;; at += STEP) {
		at = needle->wide ? skip_wide(at, last, needle) : skip(at, last, needle, &bytes);
		if (at > last)
			break;
		found = test_step(needle, at, &bytes);
		if (found)
			return found;
	}
	return memmem(at, (size_t)(end - at), text, length);
}
