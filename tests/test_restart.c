/* SPDX-License-Identifier: MIT */
#include "engine/restart.h"
#include "tests/check_main.h"

#define MS UINT64_C(1000000)

START_TEST(the_wait_doubles_up_to_the_last)
{
	static const uint64_t expected_ms[] = {200, 400, 800, 1600, 3000, 3000};

	for (unsigned i = 0; i < sizeof expected_ms / sizeof *expected_ms; i++)
		ck_assert_uint_eq(restart_delay_ns(200 * MS, 3000 * MS, i), expected_ms[i] * MS);
	ck_assert_uint_eq(restart_delay_ns(200 * MS, 3000 * MS, UINT32_MAX), 3000 * MS);
}
END_TEST

START_TEST(a_last_below_the_first_does_not_count)
{
	ck_assert_uint_eq(restart_delay_ns(200 * MS, 0, 0), 200 * MS);
	ck_assert_uint_eq(restart_delay_ns(200 * MS, 0, 9), 200 * MS);
	ck_assert_uint_eq(restart_delay_ns(0, 0, 9), 0);
}
END_TEST

START_TEST(nothing_overflows)
{
	ck_assert_uint_eq(restart_delay_ns(UINT64_MAX / 2 + 1, UINT64_MAX, 3), UINT64_MAX);
	ck_assert_uint_eq(restart_delay_ns(0, UINT64_MAX, 64), 0);
}
END_TEST

START_TEST(who_wants_to_be_restarted_is)
{
	static const struct {
		struct brm_exit how;
		bool good;
	} ends[] = {
		{{.code = 0}, true},
		{{.code = 3}, false},
		{{.code = 3, .success = true}, true},
		{{.signal = 15}, false},
		{{.signal = 15, .success = true}, false},
		{{.lost = true}, false},
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		ck_assert_int_eq(exit_is_good(&ends[i].how), ends[i].good);
		ck_assert(!restart_wanted(RESTART_NEVER, &ends[i].how));
		ck_assert(restart_wanted(RESTART_ALWAYS, &ends[i].how));
		ck_assert_int_eq(restart_wanted(RESTART_ON_FAILURE, &ends[i].how), !ends[i].good);
	}
}
END_TEST

START_TEST(the_jitter_takes_a_quarter_at_most)
{
	ck_assert_uint_eq(restart_jitter_ns(200 * MS, 0), 200 * MS);
	ck_assert_uint_eq(restart_jitter_ns(0, UINT32_MAX), 0);
	for (uint64_t random = 1; random < UINT32_MAX; random = 3 * random + 1) {
		uint64_t delay = restart_jitter_ns(30000 * MS, (uint32_t)random);

		ck_assert_uint_le(delay, 30000 * MS);
		ck_assert_uint_ge(delay, 30000 * MS - 30000 * MS / 4 - 1);
	}
	ck_assert_uint_ge(restart_jitter_ns(UINT64_MAX, UINT32_MAX), UINT64_MAX / 4 * 3);
}
END_TEST

START_TEST(so_many_restarts_are_permitted_within_the_window)
{
	struct restart_count restarts = {0};

	for (int i = 0; i < 3; i++)
		ck_assert(restart_permitted(&restarts, 3, 60000 * MS, (uint64_t)(5 + i) * MS));
	ck_assert(!restart_permitted(&restarts, 3, 60000 * MS, 60004 * MS));
	ck_assert(restart_permitted(&restarts, 3, 60000 * MS, 60005 * MS)); /* another window */
	restarts = (struct restart_count){0};
	for (int i = 0; i < 1000; i++)
		ck_assert(restart_permitted(&restarts, 0, 60000 * MS, 1));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("restart");
	TCase *tcase = tcase_create("restart");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, the_wait_doubles_up_to_the_last);
	tcase_add_test(tcase, a_last_below_the_first_does_not_count);
	tcase_add_test(tcase, nothing_overflows);
	tcase_add_test(tcase, who_wants_to_be_restarted_is);
	tcase_add_test(tcase, the_jitter_takes_a_quarter_at_most);
	tcase_add_test(tcase, so_many_restarts_are_permitted_within_the_window);
	suite_add_tcase(suite, tcase);
	return suite;
}
