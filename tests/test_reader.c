/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/shm_help.h"

#define ENTRIES 8
#define STATES  SHM_MANY(10000u) /* distinct whole states that have to be seen */

static struct brm_writer *writer;
static struct brm_reader *reader;

static void setup(void)
{
	writer = shm_writer("reader", (struct brm_writer_options){.rest_ms = BRM_NO_REST});
	reader = shm_reader("reader");
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
}

/* A writer that publishes as fast as it can, in batches in which every entry gets the same number. */
static void write_for_ever(const char *stem)
{
	struct brm_writer *mine = shm_writer(stem, (struct brm_writer_options){.capacity = 0});
	struct brm_state state = {.head = BRM_RUNNING};
	char name[8];

	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof name, "p%d", i);
		shm_add(mine, name, BRM_RUNNING);
	}
	for (uint64_t number = 1;; number++) {
		shm_seal(&state, number);
		for (uint32_t entry = 0; entry < ENTRIES; entry++)
			brm_writer_publish(mine, entry, &state);
		brm_writer_commit(mine);
		if (number == 1)
			shm_ready();
	}
}

START_TEST(every_state_read_from_a_busy_writer_is_whole)
{
	pid_t pid = shm_child(write_for_ever, "busy");
	struct brm_reader *busy = shm_reader("busy");
	uint64_t last[ENTRIES] = {0};
	uint64_t distinct = 0, again = 0;

	for (uint32_t i = 0; distinct < STATES; i = (i + 1) % ENTRIES) {
		struct brm_state state;
		uint64_t number;
		int rc = brm_reader_state(busy, i, &state);

		if (rc == -EAGAIN) {
			again++;
			continue;
		}
		ck_assert_int_eq(rc, 0);
		ck_assert_msg(shm_is_sealed(&state, &number), "torn");
		ck_assert_uint_ge(number, last[i]);
		distinct += number != last[i];
		last[i] = number;
	}
	ck_assert_uint_eq(again, 0);
	shm_kill(pid);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		struct brm_state state;
		uint64_t number;

		ck_assert_int_eq(brm_reader_state(busy, i, &state), 0); /* readable, wherever it was killed */
		ck_assert(shm_is_sealed(&state, &number));
	}
	brm_reader_close(busy);
}
END_TEST

START_TEST(a_list_is_the_list_of_one_instant)
{
	pid_t pid = shm_child(write_for_ever, "cut");
	struct brm_reader *busy = shm_reader("cut");
	uint32_t cuts = 0, neighbours = 0;
	uint64_t until = shm_now() + UINT64_C(10000000000);

	while (cuts < STATES && shm_now() < until) {
		struct brm_state states[ENTRIES];
		uint32_t entries[ENTRIES];
		struct brm_cut cut;
		uint64_t number, first;

		ck_assert_uint_eq(brm_reader_list(busy, states, entries, ENTRIES, &cut), ENTRIES);
		ck_assert(shm_is_sealed(&states[0], &first));
		for (uint32_t i = 0; i < ENTRIES; i++) {
			ck_assert_uint_eq(entries[i], i);
			ck_assert(shm_is_sealed(&states[i], &number));
			if (cut.consistent) {
				ck_assert_uint_eq(number, first);
				ck_assert_uint_le(states[i].epoch, cut.epoch);
			}
		}
		cuts += cut.consistent;
		neighbours += !cut.consistent;
	}
	ck_assert_uint_ge(cuts, STATES);
	printf("# %u cuts, %u lists of neighbouring batches\n", cuts, neighbours);
	shm_kill(pid);
	brm_reader_close(busy);
}
END_TEST

START_TEST(a_list_goes_back_to_the_last_whole_batch)
{
	uint32_t a = shm_add(writer, "a", BRM_RUNNING);
	uint32_t b = shm_add(writer, "b", BRM_RUNNING);
	struct brm_state states[4];
	uint32_t entries[4];
	struct brm_cut cut;

	brm_writer_commit(writer);
	shm_set(writer, a, BRM_STOPPING);
	shm_set(writer, a, BRM_STOPPED);
	shm_add(writer, "c", BRM_PENDING);
	brm_writer_remove(writer, b);
	ck_assert_uint_eq(brm_reader_list(reader, states, entries, 4, &cut), 2);
	ck_assert(cut.consistent);
	ck_assert_uint_eq(cut.epoch, 1);
	ck_assert_int_eq(brm_state_status(&states[0]), BRM_RUNNING);
	ck_assert_int_eq(brm_state_status(&states[1]), BRM_RUNNING);
	ck_assert_uint_eq(entries[1], b);
	shm_set(writer, a, BRM_STARTING); /* the batch's third: the one before it is gone */
	ck_assert_uint_eq(brm_reader_list(reader, states, entries, 4, &cut), 2);
	ck_assert(!cut.consistent);
	brm_writer_commit(writer);
	ck_assert_uint_eq(brm_reader_list(reader, states, entries, 4, &cut), 2);
	ck_assert(cut.consistent);
	ck_assert_uint_eq(entries[0], a);
	ck_assert_uint_eq(entries[1], 2);
	ck_assert_int_eq(brm_state_status(&states[0]), BRM_STARTING);
}
END_TEST

START_TEST(parts_are_of_one_batch)
{
	uint32_t a = shm_add(writer, "a", BRM_RUNNING);
	uint32_t entries[2], next = 0;
	struct brm_state states[2];
	uint64_t epoch;

	shm_add(writer, "b", BRM_RUNNING);
	shm_add(writer, "c", BRM_RUNNING);
	brm_writer_commit(writer);
	epoch = brm_reader_epoch(reader);
	ck_assert_int_eq(brm_reader_part(reader, epoch, &next, states, entries, 2), 2);
	ck_assert_uint_eq(next, 2);
	ck_assert_uint_eq(entries[1], 1);
	shm_set(writer, 2, BRM_STOPPED);
	brm_writer_commit(writer);
	shm_add(writer, "later", BRM_PENDING);
	brm_writer_commit(writer);
	/* The third as it was then, and nobody who came after. */
	ck_assert_int_eq(brm_reader_part(reader, epoch, &next, states, entries, 2), 1);
	ck_assert_uint_eq(entries[0], 2);
	ck_assert_int_eq(brm_state_status(&states[0]), BRM_RUNNING);
	ck_assert_int_eq(brm_reader_part(reader, epoch, &next, states, entries, 2), 0);
	for (int i = 0; i < 3; i++) {
		shm_set(writer, a, BRM_STOPPED);
		brm_writer_commit(writer);
	}
	next = 0;
	ck_assert_int_eq(brm_reader_part(reader, epoch, &next, states, entries, 2), -EAGAIN);
	ck_assert_uint_eq(next, 0);
}
END_TEST

START_TEST(a_short_list_counts_the_rest)
{
	struct brm_state states[2];
	struct brm_cut cut;

	shm_add(writer, "a", BRM_RUNNING);
	shm_add(writer, "b", BRM_RUNNING);
	shm_add(writer, "c", BRM_RUNNING);
	brm_writer_commit(writer);
	ck_assert_uint_eq(brm_reader_list(reader, states, NULL, 2, &cut), 2);
	ck_assert_uint_eq(cut.count, 3);
	ck_assert_uint_eq(brm_reader_list(reader, NULL, NULL, 0, &cut), 0);
	ck_assert_uint_eq(cut.count, 3);
}
END_TEST

START_TEST(changes_since_an_epoch_are_told)
{
	uint32_t entries[300];
	uint64_t epoch, next;
	char name[16];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "p%d", i);
		shm_add(writer, name, BRM_RUNNING);
	}
	brm_writer_commit(writer);
	ck_assert_uint_eq(brm_reader_changed(reader, 0, entries, 300, &epoch), 200);
	ck_assert_uint_eq(brm_reader_changed(reader, epoch, entries, 300, &next), 0);
	ck_assert_uint_eq(next, epoch);
	shm_set(writer, 3, BRM_STOPPED);
	shm_set(writer, 64, BRM_STOPPED);
	ck_assert_uint_eq(brm_reader_changed(reader, epoch, entries, 300, &next), 2); /* not yet whole... */
	ck_assert_uint_eq(next, epoch);
	brm_writer_remove(writer, 199);
	brm_writer_commit(writer);
	ck_assert_uint_eq(brm_reader_changed(reader, epoch, entries, 300, &next), 3); /* ...so told again */
	ck_assert_uint_eq(entries[0], 3);
	ck_assert_uint_eq(entries[1], 64);
	ck_assert_uint_eq(entries[2], 199);
	ck_assert_uint_eq(next, epoch + 1);
	ck_assert_uint_eq(brm_reader_changed(reader, epoch, entries, 2, &next), 3);
	ck_assert_uint_eq(next, epoch); /* not all were stored */
	ck_assert_uint_eq(brm_reader_changed(reader, 0, entries, 300, &next), 199);
}
END_TEST

/* No change is missed: what changed() tells is read again, and all is known in the end. */
START_TEST(no_change_is_missed_under_a_writer)
{
	pid_t pid = shm_child(write_for_ever, "changed");
	struct brm_reader *busy = shm_reader("changed");
	uint64_t known[ENTRIES] = {0};
	uint64_t epoch = 0, rounds = 0;

	while (rounds < SHM_MANY(5000)) {
		uint32_t entries[ENTRIES];
		uint64_t since = epoch;
		uint32_t count = brm_reader_changed(busy, epoch, entries, ENTRIES, &epoch);

		for (uint32_t i = 0; i < count; i++)
			known[entries[i]] = brm_head_version(brm_reader_peek(busy, entries[i]));
		/* Every batch publishes one version of every entry: after batch e that is at least version e. */
		for (uint32_t i = 0; i < ENTRIES; i++)
			ck_assert_uint_ge(known[i], epoch);
		rounds += epoch != since;
	}
	shm_kill(pid);
	brm_reader_close(busy);
}
END_TEST

START_TEST(a_store_through_the_mapping_faults)
{
	const struct brm_heads *heads = (const struct brm_heads *)(const void *)reader;
	int status;
	pid_t pid;

	shm_add(writer, "web", BRM_RUNNING);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile uint64_t *)(uintptr_t)heads->words = 1;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_ne(status, 0);
	ck_assert_uint_eq(brm_head_version(brm_reader_peek(reader, 0)), 1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reader");
	TCase *tcase = tcase_create("reader");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_state_read_from_a_busy_writer_is_whole);
	tcase_add_test(tcase, a_list_is_the_list_of_one_instant);
	tcase_add_test(tcase, a_list_goes_back_to_the_last_whole_batch);
	tcase_add_test(tcase, parts_are_of_one_batch);
	tcase_add_test(tcase, a_short_list_counts_the_rest);
	tcase_add_test(tcase, changes_since_an_epoch_are_told);
	tcase_add_test(tcase, no_change_is_missed_under_a_writer);
	tcase_add_test(tcase, a_store_through_the_mapping_faults);
	suite_add_tcase(suite, tcase);
	return suite;
}
