/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/store.h"

static struct store *store;
static const int none[KEEPER_FDS] = {-1, -1, -1, -1};

static void set_up(void)
{
	store = calloc(1, sizeof *store);
}

static void tear_down(void)
{
	free(store);
}

static int hold(uint32_t serial, const int *fds)
{
	const struct keeper_message message = {.serial = serial, .instance = 7, .id = "web#1"};

	return store_hold(store, &message, fds);
}

START_TEST(a_run_is_kept_until_it_is_dropped_and_reaped)
{
	ck_assert_int_eq(hold(1, none), 0);
	ck_assert_int_eq(hold(1, none), -EEXIST);
	ck_assert_int_eq(hold(0, none), -EINVAL);
	ck_assert_uint_eq(store->unborn, 1);
	ck_assert_int_eq(store_born(store, 1, 100), 0);
	ck_assert_int_eq(store_born(store, 1, 101), -EINVAL);
	ck_assert_int_eq(store_born(store, 2, 101), -ENOENT);
	ck_assert_uint_eq(store->unborn, 0);
	ck_assert_int_eq(store_drop(store, 1), 0);
	ck_assert_int_eq(store_drop(store, 1), -ENOENT);
	ck_assert_ptr_nonnull(store_by_pid(store, 100));
	store_reaped(store, 100);
	ck_assert_ptr_null(store_by_pid(store, 100));
	ck_assert_ptr_null(store_by_serial(store, 1));
}
END_TEST

START_TEST(a_reaped_run_keeps_its_descriptors_for_its_descendants)
{
	int fds[KEEPER_FDS] = {dup(0), -1, dup(0), dup(0)};

	ck_assert_int_eq(hold(1, fds), 0);
	ck_assert_int_eq(store_born(store, 1, 100), 0);
	store_reaped(store, 100);
	ck_assert_ptr_null(store_by_pid(store, 100));
	ck_assert_int_eq(store_by_serial(store, 1)->pid, -1);
	ck_assert_int_ge(fcntl(fds[0], F_GETFD), 0);
	ck_assert_int_eq(store_drop(store, 1), 0);
	ck_assert_int_eq(fcntl(fds[0], F_GETFD), -1);
	ck_assert_int_eq(fcntl(fds[2], F_GETFD), -1);
	ck_assert_int_eq(fcntl(fds[3], F_GETFD), -1);
	ck_assert_ptr_null(store_by_serial(store, 1));
}
END_TEST

START_TEST(a_run_that_was_never_born_is_forgotten_with_its_descriptors)
{
	ck_assert_int_eq(hold(1, none), 0);
	ck_assert_int_eq(store_drop(store, 1), 0);
	ck_assert_uint_eq(store->unborn, 0);
	ck_assert_ptr_null(store_by_serial(store, 1));
}
END_TEST

START_TEST(a_full_table_refuses_and_has_room_again)
{
	uint32_t dropped = 0;
	uint32_t serial = 1;

	while (hold(serial, none) == 0)
		serial++;
	ck_assert_uint_eq(serial, STORE_RUNS + 1);
	ck_assert_int_eq(hold(serial, none), -ENOSPC);
	ck_assert_int_eq(store_drop(store, 77), 0);
	ck_assert_int_eq(hold(serial, none), 0);
	ck_assert_ptr_null(store_by_serial(store, 77));
	ck_assert_ptr_nonnull(store_by_serial(store, serial));
	for (serial = 1; serial <= STORE_RUNS + 1; serial++)
		dropped += store_drop(store, serial) == 0;
	ck_assert_uint_eq(dropped, STORE_RUNS);
	ck_assert_uint_eq(store->unborn, 0);
	ck_assert_int_eq(hold(1, none), 0);
}
END_TEST

/* Against the plainest model: numbers that share buckets, taken and given back in no order. */
#define NUMBERS 512u

static uint32_t number(uint32_t i)
{
	return 1 + i % 8 + i / 8 * STORE_RUNS; /* 64 in each of 8 buckets */
}

static void check_all(const int *pids)
{
	uint32_t place = 0;
	uint32_t count = 0;

	for (uint32_t i = 0; i < NUMBERS; i++) {
		const struct held *held = store_by_serial(store, number(i));

		ck_assert_int_eq(held != NULL, pids[i] != 0);
		ck_assert(!held || held->serial == number(i));
		if (pids[i] > 0)
			ck_assert_ptr_eq(store_by_pid(store, pids[i]), held);
		count += pids[i] != 0;
	}
	while (store_next(store, &place))
		count--;
	ck_assert_uint_eq(count, 0);
}

START_TEST(what_is_in_it_is_found_whatever_came_and_went_before)
{
	static int pids[NUMBERS]; /* 0: not held */
	uint32_t random = 12345;

	for (int step = 0; step < 20000; step++) {
		uint32_t i;

		random = random * 1664525u + 1013904223u;
		i = random >> 16 & (NUMBERS - 1);
		if (pids[i] == 0) {
			pids[i] = (int)(number(NUMBERS - 1 - i) & INT32_MAX);
			ck_assert_int_eq(hold(number(i), none), 0);
			ck_assert_int_eq(store_born(store, number(i), pids[i]), 0);
		} else {
			ck_assert_int_eq(store_drop(store, number(i)), 0);
			store_reaped(store, pids[i]);
			pids[i] = 0;
		}
		if (step % 500 == 0)
			check_all(pids);
	}
	check_all(pids);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("store");
	TCase *store_case = tcase_create("store");

	tcase_set_timeout(store_case, 60);
	tcase_add_checked_fixture(store_case, set_up, tear_down);
	tcase_add_test(store_case, a_run_is_kept_until_it_is_dropped_and_reaped);
	tcase_add_test(store_case, a_reaped_run_keeps_its_descriptors_for_its_descendants);
	tcase_add_test(store_case, a_run_that_was_never_born_is_forgotten_with_its_descriptors);
	tcase_add_test(store_case, a_full_table_refuses_and_has_room_again);
	tcase_add_test(store_case, what_is_in_it_is_found_whatever_came_and_went_before);
	suite_add_tcase(suite, store_case);
	return suite;
}
