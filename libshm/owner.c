/* SPDX-License-Identifier: MIT */
#include "libshm/owner.h"

#include <sys/syscall.h>
#include <unistd.h>

void owner_arm(struct owner *owner, const struct owner *instead, _Atomic uint32_t *word)
{
	struct futex_robust_list *now;

	owner->word = word;
	owner->node.next = (struct futex_robust_node *)(void *)&owner->list;
	owner->list.first = &owner->node;
	owner->list.pending = NULL;
	owner->list.word_offset = (long)((uintptr_t)word - (uintptr_t)&owner->node);
	if (futex_get_robust_list(&now) != 0)
		return;
	owner->before = instead && now == &instead->list ? instead->before : now;
	if (futex_set_robust_list(&owner->list) != 0)
		return;
	/* release: whoever finds it set may rely on the kernel */
	atomic_store_explicit(word, (uint32_t)syscall(SYS_gettid) | FUTEX_WAITERS_BIT, memory_order_release);
}

void owner_disarm(struct owner *owner)
{
	struct futex_robust_list *now;

	if (futex_get_robust_list(&now) == 0 && now == &owner->list)
		futex_set_robust_list(owner->before);
}

void owner_died(_Atomic uint32_t *word)
{
	/* release: the last states are behind it */
	atomic_store_explicit(word, FUTEX_DIED_BIT, memory_order_release);
	futex_wake(word, FUTEX_MATCH_ANY);
}
