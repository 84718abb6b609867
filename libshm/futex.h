/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_FUTEX_H
#define LIBSHM_FUTEX_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*
 * futex.h - the kernel's part of waiting, as its ABI has it
 *
 * Defined here because not every C library brings the kernel's headers. Words lie in shared memory and are slept on by
 * other processes: the PRIVATE flag never appears, a sleeper with it would not be woken.
 */

#define FUTEX_TID_BITS     0x3fffffffu
#define FUTEX_DIED_BIT     0x40000000u /* the kernel saw the owner end */
#define FUTEX_WAITERS_BIT  0x80000000u /* preset, as readers cannot: the kernel wakes nobody without it */
#define FUTEX_MATCH_ANY    UINT32_MAX
#define FUTEX_WAITV_WORD32 2u

/* One word of a wait on several. */
struct futex_word {
	uint64_t value;
	uint64_t address;
	uint32_t flags;
	uint32_t reserved;
};

/* Wake everybody who sleeps on the word with a bitset that meets `bits`. Allowed on a read-only mapping. */
void futex_wake(const _Atomic uint32_t *word, uint32_t bits);

/*
 * Sleep until woken with a bit of `bits`, unless the word is not `value`. deadline_ns is CLOCK_MONOTONIC, INT64_MAX:
 * for ever.
 *
 *  0 woken    -EAGAIN another value    -ETIMEDOUT    -EINTR
 */
int futex_wait(const _Atomic uint32_t *word, uint32_t value, uint32_t bits, int64_t deadline_ns);

/* The same for several words at once; -ENOSYS where the kernel is older than 5.16. */
int futex_waitv(const struct futex_word *words, unsigned count, int64_t deadline_ns);

static inline struct futex_word futex_word(const _Atomic uint32_t *word, uint32_t value)
{
	return (struct futex_word){value, (uint64_t)(uintptr_t)word, FUTEX_WAITV_WORD32, 0};
}

/* A list of futexes that the kernel marks when the thread that registered it ends. */
struct futex_robust_node {
	struct futex_robust_node *next;
};

struct futex_robust_list {
	struct futex_robust_node *first;
	long word_offset; /* from a node to its word; bytes */
	struct futex_robust_node *pending;
};

int futex_get_robust_list(struct futex_robust_list **out);
int futex_set_robust_list(struct futex_robust_list *list);

#endif
