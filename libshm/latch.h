/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LATCH_H
#define LIBSHM_LATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

#define LATCH_HEAD_SHIFT   20 /* tenant and status are below the version */
#define LATCH_VERSION_MASK ((UINT64_C(1) << 44) - 1)

_Static_assert((LATCH_K & (LATCH_K - 1)) == 0 && LATCH_K >= 2, "versions wrap modulo a power of two");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "atomics in shared memory need no lock");
_Static_assert(sizeof(_Atomic uint64_t) == 8 && sizeof(_Atomic uint32_t) == 4, "atomics are as wide as their values");

/* Copy words out of the region; `to` may be anything of that size. */
static inline void latch_load(void *to, const _Atomic uint64_t *from, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		uint64_t word = atomic_load_explicit(&from[i], LATCH_COPY);

		memcpy((unsigned char *)to + i * sizeof word, &word, sizeof word);
	}
}

/* Copy words into the region. */
static inline void latch_store(_Atomic uint64_t *to, const void *from, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		uint64_t word;

		memcpy(&word, (const unsigned char *)from + i * sizeof word, sizeof word);
		atomic_store_explicit(&to[i], word, LATCH_FILL);
	}
}

static inline uint64_t latch_version(uint64_t head)
{
	return head >> LATCH_HEAD_SHIFT;
}

/* The slot of a version; a slot takes `stride` words. */
static inline size_t latch_slot(uint64_t version, size_t stride)
{
	return (size_t)(version % LATCH_K) * stride;
}

/* Has the slot of `version` kept it until now? To be asked after a copy of it. */
static inline bool latch_holds(const _Atomic uint64_t *head, uint64_t version)
{
	/* relaxed: the acquire loads of the copy come before it */
	uint64_t now = latch_version(atomic_load_explicit(head, memory_order_relaxed));

	return ((now - version) & LATCH_VERSION_MASK) <= LATCH_WINDOW;
}

/* Publish data as the version `next` says, which is one more than the last. */
static inline void latch_publish(_Atomic uint64_t *head, _Atomic uint64_t *slots, size_t stride, uint64_t next,
				 const void *data, size_t words)
{
	latch_store(slots + latch_slot(latch_version(next), stride), data, words);
	atomic_store_explicit(head, next, LATCH_PUBLISH);
}

/* One attempt at the newest version: true if `out` is whole; *seen is its head. */
static inline bool latch_read(const _Atomic uint64_t *head, const _Atomic uint64_t *slots, size_t stride,
			      uint64_t *seen, void *out, size_t words)
{
	/* acquire: the fill of what it names has happened */
	uint64_t newest = atomic_load_explicit(head, memory_order_acquire);

	latch_load(out, slots + latch_slot(latch_version(newest), stride), words);
	*seen = newest;
	return latch_holds(head, latch_version(newest));
}

#endif
