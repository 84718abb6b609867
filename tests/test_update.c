/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "tests/shm_help.h"

#define THREADS 100
#define UPDATES 1000

static struct brm_writer *writer;
static uint32_t entry;

static void setup(void)
{
	writer = shm_writer("update", (struct brm_writer_options){.capacity = 0});
	entry = shm_add(writer, "web", BRM_RUNNING);
}

static void teardown(void)
{
	brm_writer_close(writer);
}

static struct brm_state one_more(const struct brm_state *state, void *arg)
{
	struct brm_state next = *state;

	(void)arg;
	next.restarts++;
	return next;
}

static void *update_often(void *arg)
{
	for (int i = 0; i < UPDATES; i++)
		if (brm_writer_update(writer, entry, one_more, NULL, arg) != 0)
			return arg;
	return NULL;
}

/* Other threads update while this one publishes elsewhere, closes batches and once changes the region. */
START_TEST(no_update_of_100_threads_is_lost)
{
	uint32_t other = shm_add(writer, "other", BRM_RUNNING);
	uint64_t retries[THREADS] = {0};
	pthread_t threads[THREADS];
	struct brm_reader *reader;
	struct brm_state state;
	uint64_t sum = 0;

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, update_often, &retries[i]), 0);
	for (int i = 0; i < 200; i++) {
		shm_set(writer, other, i % 2 ? BRM_RUNNING : BRM_STOPPING);
		brm_writer_commit(writer);
		if (i == 100)
			ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
		sum += retries[i];
	}
	brm_writer_commit(writer);
	reader = shm_reader("update");
	ck_assert_int_eq(brm_reader_state(reader, entry, &state), 0);
	ck_assert_uint_eq(state.restarts, THREADS * UPDATES);
	ck_assert_uint_eq(brm_head_version(state.head), 1 + THREADS * UPDATES);
	printf("# %d updates, %llu lost races tried again\n", THREADS * UPDATES, (unsigned long long)sum);
	brm_reader_close(reader);
}
END_TEST

/* Somebody is faster the first two times. */
static struct brm_state overtaken(const struct brm_state *state, void *arg)
{
	int *calls = arg;
	struct brm_state next = *state;

	if ((*calls)++ < 2) {
		struct brm_state faster = one_more(state, NULL);

		ck_assert_int_eq(brm_writer_publish(writer, entry, &faster), 0);
	}
	next.order = 5;
	return next;
}

START_TEST(a_lost_race_is_tried_again_with_the_newer_state)
{
	uint64_t retries = 10;
	struct brm_state state;
	int calls = 0;

	ck_assert_int_eq(brm_writer_update(writer, entry, overtaken, &calls, &retries), 0);
	ck_assert_int_eq(calls, 3);
	ck_assert_uint_eq(retries, 12);
	state = shm_state(writer, entry);
	ck_assert_uint_eq(state.restarts, 2);
	ck_assert_uint_eq(state.order, 5);
	ck_assert_uint_eq(brm_head_version(state.head), 4);
}
END_TEST

static struct brm_state vanish(const struct brm_state *state, void *arg)
{
	struct brm_state next = *state;

	(void)arg;
	next.head = BRM_ABSENT;
	return next;
}

START_TEST(what_cannot_be_updated_is_refused)
{
	ck_assert_int_eq(brm_writer_update(writer, entry, vanish, NULL, NULL), -EINVAL);
	ck_assert_int_eq(brm_writer_update(writer, entry + 1, one_more, NULL, NULL), -ENOENT);
	ck_assert_int_eq(brm_writer_update(writer, BRM_CAPACITY_LAST, one_more, NULL, NULL), -ERANGE);
	ck_assert_uint_eq(brm_head_version(shm_state(writer, entry).head), 1);
}
END_TEST

/* An update that takes its time, so that one can look between two. */
static struct brm_state one_more_slowly(const struct brm_state *state, void *arg)
{
	uint64_t until = shm_now() + 2000;

	while (shm_now() < until)
		;
	return one_more(state, arg);
}

static void *update_slowly(void *arg)
{
	_Atomic bool *done = arg;

	for (int i = 0; i < SHM_MANY(100000); i++)
		brm_writer_update(writer, entry, one_more_slowly, NULL, NULL);
	atomic_store(done, true);
	return NULL;
}

/* A state of a batch that the reader knows to be whole must be one it was told of. */
START_TEST(no_update_gets_into_a_batch_that_is_closed)
{
	struct brm_reader *reader = shm_reader("update");
	uint32_t other = shm_add(writer, "other", BRM_RUNNING);
	uint64_t epoch = 0, known = 0, missed = 0;
	_Atomic bool done = false;
	pthread_t updater;

	pthread_create(&updater, NULL, update_slowly, &done);
	while (!atomic_load(&done)) {
		uint32_t entries[4];
		struct brm_state state;

		shm_set(writer, other, BRM_RUNNING); /* so that there is always a batch to close */
		brm_writer_commit(writer);
		/* `other` is always among them, behind `entry` */
		if (brm_reader_changed(reader, epoch, entries, 4, &epoch) > 1)
			known = brm_head_version(brm_reader_peek(reader, entry));
		if (brm_reader_state(reader, entry, &state) == 0)
			missed += state.epoch <= epoch && brm_head_version(state.head) > known;
	}
	pthread_join(updater, NULL);
	brm_reader_close(reader);
	ck_assert_uint_gt(epoch, 0);
	ck_assert_uint_eq(missed, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("update");
	TCase *tcase = tcase_create("update");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, no_update_of_100_threads_is_lost);
	tcase_add_test(tcase, no_update_gets_into_a_batch_that_is_closed);
	tcase_add_test(tcase, a_lost_race_is_tried_again_with_the_newer_state);
	tcase_add_test(tcase, what_cannot_be_updated_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
