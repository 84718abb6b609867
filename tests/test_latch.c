/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "libshm/latch.h"
#include "tests/shm_help.h"

/* One latch in ordinary memory, so that ThreadSanitizer sees both sides of every access. */
#define WORDS   32
#define STATES  SHM_MANY(30000u) /* distinct whole copies that have to be seen */
#define READERS 2

struct latch {
	_Atomic uint64_t head;
	_Atomic uint64_t slots[LATCH_K * WORDS];
	_Atomic bool stop;
};

struct seen {
	struct latch *latch;
	uint64_t distinct;
	uint64_t torn;
	uint64_t backwards;
};

static void publish(struct latch *latch, uint64_t version)
{
	struct brm_state state = {.flags = 0};

	shm_seal(&state, version);
	state.head = head_make(version, version % 7, BRM_RUNNING);
	latch_publish(&latch->head, latch->slots, WORDS, state.head, &state, WORDS);
}

static void *read_states(void *arg)
{
	struct seen *seen = arg;
	struct latch *latch = seen->latch;
	uint64_t last = 0;

	while (seen->distinct < STATES) {
		uint64_t head = atomic_load_explicit(&latch->head, memory_order_acquire);
		uint64_t version = head_version(head);
		struct brm_state state;
		uint64_t number;

		if (version == 0 ||
		    !latch_copy(&latch->head, &latch->slots[latch_slot(version) * WORDS], version, &state, WORDS))
			continue;
		seen->torn += !shm_is_sealed(&state, &number) || number != version || state.head != head;
		seen->backwards += version < last;
		seen->distinct += version != last;
		last = version;
	}
	return NULL;
}

static void *write_states(void *arg)
{
	struct latch *latch = arg;

	for (uint64_t version = 1; !atomic_load_explicit(&latch->stop, memory_order_relaxed); version++)
		publish(latch, version);
	return NULL;
}

START_TEST(no_accepted_copy_is_torn)
{
	struct latch *latch = calloc(1, sizeof *latch);
	struct seen seen[READERS] = {{.latch = latch}, {.latch = latch}};
	pthread_t writer, readers[READERS];

	pthread_create(&writer, NULL, write_states, latch);
	for (int i = 0; i < READERS; i++)
		pthread_create(&readers[i], NULL, read_states, &seen[i]);
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	atomic_store(&latch->stop, true);
	pthread_join(writer, NULL);
	for (int i = 0; i < READERS; i++) {
		ck_assert_uint_ge(seen[i].distinct, STATES);
		ck_assert_uint_eq(seen[i].torn, 0);
		ck_assert_uint_eq(seen[i].backwards, 0);
	}
	free(latch);
}
END_TEST

START_TEST(the_window_is_k_minus_2_versions)
{
	struct latch *latch = calloc(1, sizeof *latch);

	for (uint64_t version = 1; version <= 10; version++)
		publish(latch, version);
	for (uint64_t version = 1; version <= 10; version++)
		ck_assert_int_eq(latch_holds(&latch->head, version), 10 - version <= LATCH_K - 2);
	free(latch);
}
END_TEST

START_TEST(versions_wrap)
{
	struct latch *latch = calloc(1, sizeof *latch);
	uint64_t last = HEAD_VERSION_MASK;

	for (uint64_t i = 0; i < 2 * LATCH_K; i++)
		publish(latch, last - LATCH_K + 1 + i);
	ck_assert_uint_eq(head_version(latch->head), LATCH_K - 1);
	ck_assert(latch_holds(&latch->head, LATCH_K - 1));
	ck_assert(latch_holds(&latch->head, 1));
	ck_assert(!latch_holds(&latch->head, 0));
	ck_assert(!latch_holds(&latch->head, last));
	free(latch);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("latch");
	TCase *tcase = tcase_create("latch");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, no_accepted_copy_is_torn);
	tcase_add_test(tcase, the_window_is_k_minus_2_versions);
	tcase_add_test(tcase, versions_wrap);
	suite_add_tcase(suite, tcase);
	return suite;
}
