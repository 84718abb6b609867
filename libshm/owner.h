/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_OWNER_H
#define LIBSHM_OWNER_H

#include "libshm/futex.h"

/*
 * owner.h - the word by which the kernel tells readers of the writer's death
 *
 * The word is in the region, the list that leads the kernel to it in private memory, so no pointer is shared. The list
 * belongs to the thread that arms it: when that thread ends, or execs, the kernel sets FUTEX_DIED_BIT and wakes one
 * reader. It takes the place of the thread's own list, so the thread must use no robust pthread mutex meanwhile. The
 * word is 0 until the kernel has been told: readers take that for "not watched" and look now and then by themselves.
 */

struct owner {
	struct futex_robust_list list;
	struct futex_robust_node node;
	struct futex_robust_list *before; /* the thread's own */
	_Atomic uint32_t *word;
};

/* Arm it for this thread; `instead` is the one that this takes over from, or NULL. Stays put until it is finished. */
void owner_arm(struct owner *owner, const struct owner *instead, _Atomic uint32_t *word);

/* Give the thread its own list back, if this is the one it has: a forked child has none of ours. */
void owner_disarm(struct owner *owner);

/* Say that this word's writer is gone for good, to all who wait for it. */
void owner_died(_Atomic uint32_t *word);

#endif
