/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "tests/shm_help.h"

static struct brm_writer *writer;
static struct brm_reader *reader;
static struct brm_handle handle;

static void setup(void)
{
	writer = shm_writer("marks", (struct brm_writer_options){.rest_ms = BRM_NO_REST});
	reader = shm_reader("marks");
	shm_add(writer, "web", BRM_RUNNING);
	ck_assert_int_eq(brm_reader_find(reader, "web", &handle), 0);
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
}

START_TEST(samples_and_marks_are_the_tenants_alone)
{
	const struct brm_metrics sample = {1, 2, 3, 4, 5, 6};
	const struct brm_log_mark whole = {.lines = 1, .bytes = {2, 3}, .lost_bytes = 4};
	struct brm_metrics metrics;
	struct brm_log_mark mark;
	struct brm_handle next;

	ck_assert_int_eq(brm_reader_metrics(reader, handle, &metrics), -ENOENT);
	ck_assert_int_eq(brm_reader_log_mark(reader, handle, &mark), -ENOENT);
	brm_writer_metrics(writer, handle.entry, &sample);
	brm_writer_log_mark(writer, handle.entry, &whole);
	ck_assert_int_eq(brm_reader_metrics(reader, handle, &metrics), 0);
	ck_assert_mem_eq(&metrics, &sample, sizeof sample);
	ck_assert_int_eq(brm_reader_log_mark(reader, handle, &mark), 0);
	ck_assert_mem_eq(&mark, &whole, sizeof whole);
	ck_assert_uint_eq(brm_reader_epoch(reader), 0); /* sampling is no change */
	brm_writer_remove(writer, handle.entry);
	brm_writer_metrics(writer, handle.entry, &sample); /* too late: nobody lives there */
	shm_add(writer, "api", BRM_RUNNING);
	ck_assert_int_eq(brm_reader_find(reader, "api", &next), 0);
	ck_assert_uint_eq(next.entry, handle.entry);
	ck_assert_int_eq(brm_reader_metrics(reader, next, &metrics), -ENOENT);
	brm_writer_metrics(writer, next.entry, &sample);
	ck_assert_int_eq(brm_reader_metrics(reader, next, &metrics), 0);
	ck_assert_int_eq(brm_reader_metrics(reader, handle, &metrics), -ENOENT);
	brm_writer_log_mark(writer, BRM_CAPACITY_LAST, &whole);
	ck_assert_int_eq(brm_reader_log_mark(reader, (struct brm_handle){UINT32_MAX, 0}, &mark), -ENOENT);
}
END_TEST

/* Line n ends at byte 10 n: a mark whose bytes do not cover its lines would lead a viewer into text that is not there.
 */
static void *read_marks(void *arg)
{
	uint64_t *wrong = arg;
	struct brm_log_mark mark = {.lines = 0};
	uint64_t last = 0;

	while (mark.lines < 200000) {
		if (brm_reader_log_mark(reader, handle, &mark) != 0)
			continue;
		*wrong += mark.bytes[0] < mark.lines * 10 || mark.bytes[1] < mark.lines * 10 || mark.lines < last;
		last = mark.lines;
	}
	return NULL;
}

START_TEST(the_bytes_of_a_mark_cover_its_lines)
{
	pthread_t thread;
	uint64_t wrong = 0;

	pthread_create(&thread, NULL, read_marks, &wrong);
	for (uint64_t n = 1; n <= 200000; n++)
		brm_writer_log_mark(writer, handle.entry,
				    &(struct brm_log_mark){.lines = n, .bytes = {n * 10, n * 10}});
	pthread_join(thread, NULL);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Other threads go on while the region is changed under them. */
static _Atomic bool stop;

static void *mark_on(void *arg)
{
	for (uint64_t n = 1; !atomic_load(&stop); n++) {
		brm_writer_log_mark(writer, handle.entry, &(struct brm_log_mark){.lines = n});
		brm_writer_ring_logs(writer);
	}
	return arg;
}

static void *sample_on(void *arg)
{
	for (uint64_t n = 1; !atomic_load(&stop); n++)
		brm_writer_metrics(writer, handle.entry, &(struct brm_metrics){.time_ns = n});
	return arg;
}

START_TEST(marks_survive_a_change_of_regions)
{
	struct brm_log_mark before, after;
	pthread_t threads[2];

	pthread_create(&threads[0], NULL, mark_on, NULL);
	pthread_create(&threads[1], NULL, sample_on, NULL);
	SHM_UNTIL(brm_reader_log_mark(reader, handle, &before) == 0);
	for (int i = 0; i < 30; i++) {
		ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
		ck_assert_int_eq(brm_reader_refresh(reader), 1);
		ck_assert_int_eq(brm_reader_log_mark(reader, handle, &after), 0);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("marks");
	TCase *tcase = tcase_create("marks");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, samples_and_marks_are_the_tenants_alone);
	tcase_add_test(tcase, the_bytes_of_a_mark_cover_its_lines);
	tcase_add_test(tcase, marks_survive_a_change_of_regions);
	suite_add_tcase(suite, tcase);
	return suite;
}
