/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_BYTEMASK_H
#define LIBSHM_BYTEMASK_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * bytemask.h - which of 64 bytes are of a kind, as the bits of a number: bit n is byte n
 *
 * What looks at text byte by byte asks this first, and then goes from bit to bit.
 */

#define BYTEMASK_WIDTH 64u

#ifdef __SSE2__

typedef __m128i bytemask_vector;

static inline bytemask_vector bytemask_load(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline bytemask_vector bytemask_find(bytemask_vector v, char byte)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(byte));
}

static inline bytemask_vector bytemask_find_letters(bytemask_vector v)
{
	bytemask_vector place = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));

	return _mm_cmpeq_epi8(_mm_min_epu8(place, _mm_set1_epi8(25)), place);
}

static inline uint64_t bytemask_bits(bytemask_vector found)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(found);
}

#else

typedef uint8_t bytemask_vector __attribute__((vector_size(16)));

static inline bytemask_vector bytemask_load(const char *at)
{
	bytemask_vector v;

	memcpy(&v, at, sizeof v);
	return v;
}

static inline bytemask_vector bytemask_find(bytemask_vector v, char byte)
{
	return (bytemask_vector)(v == (uint8_t)byte);
}

static inline bytemask_vector bytemask_find_letters(bytemask_vector v)
{
	return (bytemask_vector)((v | 0x20) - 'a' < 26);
}

/* The lowest bit of each of eight bytes, next to each other. */
static inline uint64_t bytemask_gather(uint64_t bytes)
{
	return (le64toh(bytes) & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t bytemask_bits(bytemask_vector found)
{
	uint64_t halves[2];

	memcpy(halves, &found, sizeof halves);
	return bytemask_gather(halves[0]) | bytemask_gather(halves[1]) << 8;
}

#endif

/* Those among text[0..63] that are `byte`. */
static inline uint64_t bytemask_of(const char *text, char byte)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < BYTEMASK_WIDTH; i += 16)
		mask |= bytemask_bits(bytemask_find(bytemask_load(text + i), byte)) << i;
	return mask;
}

/* Those that are letters of ASCII. */
static inline uint64_t bytemask_of_letters(const char *text)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < BYTEMASK_WIDTH; i += 16)
		mask |= bytemask_bits(bytemask_find_letters(bytemask_load(text + i))) << i;
	return mask;
}

#endif
