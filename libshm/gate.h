/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_GATE_H
#define LIBSHM_GATE_H

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

/*
 * gate.h - keeps other threads' updates out while a batch is closed or the region is changed
 *
 * Updates pass through together; who closes the gate waits for those inside, and new ones wait outside, so a storm of
 * updates cannot keep a batch open. Both waits are as long as one update, or one change of regions.
 */
#define GATE_CLOSED UINT32_C(0x80000000)

struct gate {
	_Atomic uint32_t inside; /* threads inside or trying, and GATE_CLOSED */
};

static inline void gate_enter(struct gate *gate)
{
	/* acquire: what was done while it was closed */
	while (atomic_fetch_add_explicit(&gate->inside, 1, memory_order_acquire) & GATE_CLOSED) {
		/* relaxed, both: nothing was done inside */
		atomic_fetch_sub_explicit(&gate->inside, 1, memory_order_relaxed);
		while (atomic_load_explicit(&gate->inside, memory_order_relaxed) & GATE_CLOSED)
			sched_yield();
	}
}

static inline void gate_leave(struct gate *gate)
{
	/* release: to whoever closes it */
	atomic_fetch_sub_explicit(&gate->inside, 1, memory_order_release);
}

static inline void gate_close(struct gate *gate)
{
	/* acquire, both: what was done inside */
	if (atomic_fetch_or_explicit(&gate->inside, GATE_CLOSED, memory_order_acquire) == 0)
		return;
	while (atomic_load_explicit(&gate->inside, memory_order_acquire) != GATE_CLOSED)
		sched_yield();
}

static inline void gate_open(struct gate *gate)
{
	/* release: to whoever enters */
	atomic_fetch_and_explicit(&gate->inside, ~GATE_CLOSED, memory_order_release);
}

#endif
