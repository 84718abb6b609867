/* SPDX-License-Identifier: MIT */
#include "bench/cell.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/state.h>

#define LIST        10u
#define STATE_WORDS (sizeof(struct brm_state) / 8)
#define ALIGNED     _Alignas(128)

struct cell {
	ALIGNED pthread_mutex_t mutex;
	ALIGNED pthread_mutex_t robust;
	ALIGNED pthread_rwlock_t rwlock;
	ALIGNED _Atomic uint64_t sequence;
	ALIGNED _Atomic uint64_t words[STATE_WORDS]; /* the seqlock's */
	ALIGNED struct brm_state states[LIST];       /* the locks' */
	uint64_t writes;                             /* the writer's own */
	struct brm_state *newest;                    /* cell_malloc_publish()'s own */
};

static uint64_t retries;

static void init_mutex(pthread_mutex_t *mutex, int robust)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, robust);
	if (pthread_mutex_init(mutex, &attr) != 0)
		bench_fail("make a mutex", EINVAL);
	pthread_mutexattr_destroy(&attr);
}

struct cell *cell_new(void)
{
	struct cell *cell = bench_shared(sizeof *cell);
	pthread_rwlockattr_t attr;

	init_mutex(&cell->mutex, PTHREAD_MUTEX_STALLED);
	init_mutex(&cell->robust, PTHREAD_MUTEX_ROBUST);
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (pthread_rwlock_init(&cell->rwlock, &attr) != 0)
		bench_fail("make a lock", EINVAL);
	pthread_rwlockattr_destroy(&attr);
	for (unsigned i = 0; i < LIST; i++)
		cell->states[i].head = brm_head_make(1, 0, BRM_RUNNING);
	return cell;
}

/* Keep a copy that is not looked at any more. */
static void keep(const struct brm_state *state)
{
	__asm__ volatile("" : : "r"(state) : "memory");
}

/* What a writer writes: something else each time. */
static struct brm_state next_state(struct cell *cell)
{
	struct brm_state state = {.head = brm_head_make(++cell->writes, 0, BRM_RUNNING)};

	state.start_ns = state.end_ns = cell->writes;
	return state;
}

/* ---- locks ---- */

#define LOCKED(name, lock, unlock, field)                             \
	uint64_t cell_##name##_status(void *arg, uint64_t times)      \
	{                                                             \
		struct cell *cell = arg;                              \
		uint64_t sum = 0;                                     \
                                                                      \
		while (times-- > 0) {                                 \
			lock(&cell->field);                           \
			sum += brm_head_status(cell->states[0].head); \
			unlock(&cell->field);                         \
		}                                                     \
		return sum;                                           \
	}                                                             \
                                                                      \
	uint64_t cell_##name##_state(void *arg, uint64_t times)       \
	{                                                             \
		struct cell *cell = arg;                              \
		struct brm_state state;                               \
		uint64_t sum = 0;                                     \
                                                                      \
		while (times-- > 0) {                                 \
			lock(&cell->field);                           \
			state = cell->states[0];                      \
			unlock(&cell->field);                         \
			keep(&state);                                 \
			sum += state.head;                            \
		}                                                     \
		return sum;                                           \
	}

static int lock_robust(pthread_mutex_t *mutex)
{
	int rc = pthread_mutex_lock(mutex);

	return rc == EOWNERDEAD ? pthread_mutex_consistent(mutex) : rc;
}

LOCKED(mutex, pthread_mutex_lock, pthread_mutex_unlock, mutex)
LOCKED(robust, lock_robust, pthread_mutex_unlock, robust)
LOCKED(rwlock, pthread_rwlock_rdlock, pthread_rwlock_unlock, rwlock)

void cell_mutex_write(void *arg)
{
	struct cell *cell = arg;
	struct brm_state state = next_state(cell);

	pthread_mutex_lock(&cell->mutex);
	cell->states[0] = state;
	pthread_mutex_unlock(&cell->mutex);
}

void cell_robust_write(void *arg)
{
	struct cell *cell = arg;
	struct brm_state state = next_state(cell);

	lock_robust(&cell->robust);
	cell->states[0] = state;
	pthread_mutex_unlock(&cell->robust);
}

void cell_rwlock_write(void *arg)
{
	struct cell *cell = arg;
	struct brm_state state = next_state(cell);

	pthread_rwlock_wrlock(&cell->rwlock);
	cell->states[0] = state;
	pthread_rwlock_unlock(&cell->rwlock);
}

uint64_t cell_mutex_list(void *arg, uint64_t times)
{
	struct cell *cell = arg;
	struct brm_state states[LIST];
	uint64_t sum = 0;

	while (times-- > 0) {
		pthread_mutex_lock(&cell->mutex);
		memcpy(states, cell->states, sizeof states);
		pthread_mutex_unlock(&cell->mutex);
		keep(states);
		sum += states[LIST - 1].head;
	}
	return sum;
}

uint64_t cell_mutex_publish(void *arg, uint64_t times)
{
	while (times-- > 0)
		cell_mutex_write(arg);
	return 0;
}

/* A new state on the heap, and its pointer stored: what an immutable state costs in one process with a collector. */
uint64_t cell_malloc_publish(void *arg, uint64_t times)
{
	struct cell *cell = arg;

	while (times-- > 0) {
		struct brm_state *state = malloc(sizeof *state);

		if (!state)
			bench_fail("allocate", ENOMEM);
		*state = next_state(cell);
		free(__atomic_exchange_n(&cell->newest, state, __ATOMIC_ACQ_REL));
	}
	return 0;
}

/* ---- the classic seqlock, in place ---- */

/* Copy the words and see that no write was between. Returns the attempts that failed. */
static uint64_t seqlock_read(struct cell *cell, uint64_t *out, size_t words)
{
	uint64_t failed = 0;

	for (;; failed++) {
		/* acquire: the words after it */
		uint64_t before = atomic_load_explicit(&cell->sequence, memory_order_acquire);

		/* acquire: the second look after them */
		for (size_t i = 0; i < words; i++)
			out[i] = atomic_load_explicit(&cell->words[i], memory_order_acquire);
		if (!(before & 1) && atomic_load_explicit(&cell->sequence, memory_order_relaxed) == before)
			break;
	}
	retries += failed;
	return failed;
}

uint64_t cell_seqlock_status(void *arg, uint64_t times)
{
	uint64_t sum = 0, words[2];

	while (times-- > 0) {
		seqlock_read(arg, words, 2);
		sum += brm_head_status(words[1]);
	}
	return sum;
}

uint64_t cell_seqlock_state(void *arg, uint64_t times)
{
	uint64_t sum = 0;
	union {
		uint64_t words[STATE_WORDS];
		struct brm_state state;
	} copy;

	while (times-- > 0) {
		seqlock_read(arg, copy.words, STATE_WORDS);
		keep(&copy.state);
		sum += copy.state.head;
	}
	return sum;
}

void cell_seqlock_write(void *arg)
{
	struct cell *cell = arg;
	struct brm_state state = next_state(cell);
	uint64_t sequence = atomic_load_explicit(&cell->sequence, memory_order_relaxed);
	uint64_t words[STATE_WORDS];

	memcpy(words, &state, sizeof words);
	atomic_store_explicit(&cell->sequence, sequence + 1, memory_order_relaxed);
	/* release: behind the odd number */
	for (size_t i = 0; i < STATE_WORDS; i++)
		atomic_store_explicit(&cell->words[i], words[i], memory_order_release);
	/* release: behind the words */
	atomic_store_explicit(&cell->sequence, sequence + 2, memory_order_release);
}

uint64_t cell_seqlock_retries(void)
{
	return retries;
}
