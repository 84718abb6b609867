/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LATCH_H
#define LIBSHM_LATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "libshm/head.h"

/*
 * latch.h - the K-slot latch: one writer, any number of readers that never write
 *
 * A head word carries the version; version v lives in slot v mod K. The writer fills the slot of the next version, then
 * stores the head. A slot is refilled K publishes later, so a copy of version v is whole exactly when the head, loaded
 * again after the copy, is at most K-2 versions on. There is no moment at which the newest version cannot be read,
 * whenever the writer stops. PROTOCOL has the argument, and says which of the orders below may not be weakened.
 *
 * The five macros exist for the tests that must see a weaker latch fail.
 */
#ifndef LATCH_K
#define LATCH_K 4u /* slots; a power of two, so that the version may wrap */
#endif
#ifndef LATCH_WINDOW
#define LATCH_WINDOW (LATCH_K - 2) /* versions the head may move during a copy */
#endif
#ifndef LATCH_FILL
#define LATCH_FILL memory_order_release /* orders it behind every earlier publish */
#endif
#ifndef LATCH_PUBLISH
#define LATCH_PUBLISH memory_order_release /* orders it behind the fill */
#endif
#ifndef LATCH_COPY
#define LATCH_COPY memory_order_acquire /* orders the second look at the head behind it */
#endif

_Static_assert((LATCH_K & (LATCH_K - 1)) == 0 && LATCH_K >= 2, "versions wrap modulo a power of two");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "atomics in shared memory need no lock");
_Static_assert(sizeof(_Atomic uint64_t) == 8 && sizeof(_Atomic uint32_t) == 4, "atomics are as wide as their values");

/* Copy one word out of the region, to anywhere. */
static inline void latch_load_word(unsigned char *to, const _Atomic uint64_t *from)
{
	uint64_t word = atomic_load_explicit(from, LATCH_COPY);

	memcpy(to, &word, sizeof word);
}

static inline void latch_load_8(unsigned char *to, const _Atomic uint64_t *from)
{
	latch_load_word(to, from);
	latch_load_word(to + 8, from + 1);
	latch_load_word(to + 16, from + 2);
	latch_load_word(to + 24, from + 3);
	latch_load_word(to + 32, from + 4);
	latch_load_word(to + 40, from + 5);
	latch_load_word(to + 48, from + 6);
	latch_load_word(to + 56, from + 7);
}

/* Copy words out of the region; a state's 32 at once, as compilers do not unroll loops of atomics. */
static inline __attribute__((always_inline)) void latch_load(void *to, const _Atomic uint64_t *from, size_t words)
{
	unsigned char *at = to;

	for (; words >= 32; words -= 32, from += 32, at += 256) {
		latch_load_8(at, from);
		latch_load_8(at + 64, from + 8);
		latch_load_8(at + 128, from + 16);
		latch_load_8(at + 192, from + 24);
	}
	for (; words > 0; words--, from++, at += 8)
		latch_load_word(at, from);
}

static inline void latch_store_word(_Atomic uint64_t *to, const unsigned char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof word);
	atomic_store_explicit(to, word, LATCH_FILL);
}

static inline void latch_store_8(_Atomic uint64_t *to, const unsigned char *from)
{
	latch_store_word(to, from);
	latch_store_word(to + 1, from + 8);
	latch_store_word(to + 2, from + 16);
	latch_store_word(to + 3, from + 24);
	latch_store_word(to + 4, from + 32);
	latch_store_word(to + 5, from + 40);
	latch_store_word(to + 6, from + 48);
	latch_store_word(to + 7, from + 56);
}

/* Copy words into the region. */
static inline __attribute__((always_inline)) void latch_store(_Atomic uint64_t *to, const void *from, size_t words)
{
	const unsigned char *at = from;

	for (; words >= 32; words -= 32, to += 32, at += 256) {
		latch_store_8(to, at);
		latch_store_8(to + 8, at + 64);
		latch_store_8(to + 16, at + 128);
		latch_store_8(to + 24, at + 192);
	}
	for (; words > 0; words--, to++, at += 8)
		latch_store_word(to, at);
}

/* Which of the K slots a version has. */
static inline size_t latch_slot(uint64_t version)
{
	return (size_t)(version % LATCH_K);
}

/* Has the slot of `version` kept it until now? To be asked after a copy of it. */
static inline bool latch_holds(const _Atomic uint64_t *head, uint64_t version)
{
	/* relaxed: the acquire loads of the copy come before it */
	uint64_t now = head_version(atomic_load_explicit(head, memory_order_relaxed));

	return ((now - version) & HEAD_VERSION_MASK) <= LATCH_WINDOW;
}

/* Publish data as the version `next` says, which is one more than the last. */
static inline void latch_publish(_Atomic uint64_t *head, _Atomic uint64_t *slots, size_t stride, uint64_t next,
				 const void *data, size_t words)
{
	latch_store(slots + latch_slot(head_version(next)) * stride, data, words);
	atomic_store_explicit(head, next, LATCH_PUBLISH);
}

/*
 * Copy a version out of its slot: true if `out` is whole. The version is that of a head which was loaded by acquire, or
 * one of the K-2 before it.
 */
static inline __attribute__((always_inline)) bool latch_copy(const _Atomic uint64_t *head, const _Atomic uint64_t *slot,
							     uint64_t version, void *out, size_t words)
{
	latch_load(out, slot, words);
	return latch_holds(head, version);
}

#endif
