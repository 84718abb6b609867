/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <string.h>

#include <brummer/state.h>

#define SECOND UINT64_C(1000000000)

static const struct brm_now early = {.real_ns = 1000 * SECOND, .boot_ns = 50 * SECOND};
static const struct brm_now later = {.real_ns = 990 * SECOND, .boot_ns = 53 * SECOND}; /* the wall clock was set back */

static struct brm_state of_status(enum brm_status status)
{
	return (struct brm_state){.head = brm_head_make(7, 3, status), .order = 4, .restarts = 2};
}

static struct brm_state running(void)
{
	struct brm_state state = of_status(BRM_PENDING);
	struct brm_state run = brm_state_with_run(&state, 42, 99, early);

	return brm_state_with_ready(&run, early);
}

START_TEST(head_holds_version_tenant_and_status)
{
	uint64_t last = (UINT64_C(1) << 44) - 1;
	uint64_t head = brm_head_make(last, 4095, BRM_SUCCESS);

	ck_assert_uint_eq(brm_head_version(head), last);
	ck_assert_uint_eq(brm_head_tenant(head), 4095);
	ck_assert_int_eq(brm_head_status(head), BRM_SUCCESS);
	ck_assert_uint_eq(brm_head_make(last + 1, 4096, BRM_ABSENT), 0);
	ck_assert_int_eq(brm_head_status(UINT64_MAX), BRM_ABSENT);
}
END_TEST

START_TEST(words_go_both_ways)
{
	enum brm_status status;

	for (int i = 0; i < BRM_STATUS_COUNT; i++) {
		ck_assert_int_eq(brm_status_parse(brm_status_word((enum brm_status)i), &status), 0);
		ck_assert_int_eq(status, i);
	}
	ck_assert_int_eq(brm_status_parse("Running", &status), -EINVAL);
	ck_assert_str_eq(brm_status_word(BRM_STATUS_COUNT), "unknown");
	for (int i = 1; i < BRM_REASON_COUNT; i++)
		ck_assert_str_ne(brm_reason_word((enum brm_reason)i), "");
	ck_assert_str_eq(brm_reason_word(BRM_REASON_NONE), "");
	ck_assert_str_eq(brm_reason_word(BRM_REASON_COUNT), "");
}
END_TEST

/* Which statuses each predicate holds for, as bits. */
START_TEST(predicates_hold_for_their_statuses_alone)
{
	const unsigned finished = 1u << BRM_STOPPED | 1u << BRM_FAILED | 1u << BRM_SUCCESS;
	const unsigned alive = 1u << BRM_STARTING | 1u << BRM_RUNNING | 1u << BRM_STOPPING;
	struct brm_state state = of_status((enum brm_status)_i);

	ck_assert_int_eq(brm_state_status(&state), _i);
	ck_assert_int_eq(brm_state_is_finished(&state), finished >> _i & 1);
	ck_assert_int_eq(brm_status_is_finished((enum brm_status)_i), finished >> _i & 1);
	ck_assert_int_eq(brm_status_is_alive((enum brm_status)_i), alive >> _i & 1);
	ck_assert_int_eq(brm_state_is_running(&state), _i == BRM_RUNNING);
	ck_assert(!brm_state_is_ready(&state));
	state.flags = BRM_FLAG_READY;
	ck_assert_int_eq(brm_state_is_ready(&state), _i == BRM_RUNNING);
}
END_TEST

START_TEST(duration_ignores_the_wall_clock)
{
	struct brm_state pending = of_status(BRM_PENDING);
	struct brm_state state = running();
	struct brm_state ended = brm_state_with_exit(&state, (struct brm_exit){.code = 0}, later);

	ck_assert_uint_eq(brm_state_duration_ns(&pending, later.boot_ns), 0);
	ck_assert_uint_eq(brm_state_duration_ns(&state, later.boot_ns), 3 * SECOND);
	ck_assert_uint_eq(brm_state_duration_ns(&state, early.boot_ns - 1), 0);
	ck_assert_uint_eq(ended.end_ns, 1003 * SECOND);
	ck_assert_uint_eq(brm_state_duration_ns(&ended, 900 * SECOND), 3 * SECOND);
}
END_TEST

START_TEST(strings_name_the_run)
{
	struct brm_state state = running();
	char id[BRM_ID_MAX];
	char text[16];

	ck_assert_str_eq(brm_state_id(&state, "web", id), "web#1");
	ck_assert_uint_eq(brm_state_string(&state, "web", text, sizeof text), strlen("Process[web#1: running]"));
	ck_assert_str_eq(text, "Process[web#1: ");
	state = of_status(BRM_PENDING);
	ck_assert_str_eq(brm_state_id(&state, "web", id), "web");
}
END_TEST

START_TEST(a_run_leaves_nothing_of_the_last)
{
	struct brm_state state = running();
	struct brm_state failed, next;

	state.identity = (struct brm_extent){64, 32};
	state.urls = (struct brm_extent){128, 32};
	state = brm_state_with_last_error(&state, "boom", 4);
	failed = brm_state_with_exit(&state, (struct brm_exit){.code = 3}, later);
	next = brm_state_with_run(&failed, 43, 100, later);
	ck_assert_int_eq(brm_state_status(&next), BRM_STARTING);
	ck_assert_uint_eq(next.run, 2);
	ck_assert_int_eq(next.pid, 43);
	ck_assert_uint_eq(next.pid_start, 100);
	ck_assert_uint_eq(next.start_ns, later.real_ns);
	ck_assert_uint_eq(next.end_ns, 0);
	ck_assert_uint_eq(next.flags, 0);
	ck_assert_uint_eq(next.urls.length, 0);
	ck_assert_str_eq(next.last_error, "");
	ck_assert_str_eq(next.reason, "");
	ck_assert_uint_eq(next.restarts, 2);
	ck_assert_uint_eq(next.order, 4);
	ck_assert_uint_eq(next.identity.length, 32);
}
END_TEST

struct ending {
	struct brm_exit how;
	bool asked;
	enum brm_status status;
	unsigned flags;
	const char *reason;
};

static const struct ending endings[] = {
	{{.code = 0}, false, BRM_SUCCESS, BRM_FLAG_EXITED, "exit code 0"},
	{{.code = 3}, false, BRM_FAILED, BRM_FLAG_EXITED, "exit code 3"},
	{{.code = 3, .success = true}, false, BRM_SUCCESS, BRM_FLAG_EXITED, "exit code 3"},
	{{.signal = 9}, false, BRM_FAILED, BRM_FLAG_SIGNALED, "signal 9"},
	{{.lost = true}, false, BRM_FAILED, BRM_FLAG_EXIT_LOST, "nobody saw how it ended"},
	{{.code = 0}, true, BRM_STOPPED, BRM_FLAG_EXITED, "exit code 0"},
	{{.code = 3}, true, BRM_STOPPED, BRM_FLAG_EXITED, "exit code 3"},
	{{.signal = 15}, true, BRM_STOPPED, BRM_FLAG_SIGNALED, "signal 15"},
	{{.lost = true}, true, BRM_STOPPED, BRM_FLAG_EXIT_LOST, "nobody saw how it ended"},
};

START_TEST(an_exit_after_a_requested_stop_is_stopped)
{
	const struct ending *ending = &endings[_i];
	struct brm_state state = running();
	struct brm_state end;

	if (ending->asked)
		state = brm_state_with_stop_requested(&state);
	end = brm_state_with_exit(&state, ending->how, later);
	ck_assert_int_eq(brm_state_status(&end), ending->status);
	ck_assert_uint_eq(end.flags & (BRM_FLAG_EXITED | BRM_FLAG_SIGNALED | BRM_FLAG_EXIT_LOST), ending->flags);
	ck_assert_int_eq(end.exit_code, ending->how.lost ? 0 : ending->how.code);
	ck_assert_int_eq(end.signal, ending->how.signal);
	ck_assert_str_eq(end.reason, ending->reason);
	ck_assert_int_eq(end.pid, 0);
	ck_assert_uint_eq(end.end_ns, 1003 * SECOND);
	ck_assert(brm_state_stop_requested(&end) == ending->asked);
}
END_TEST

START_TEST(other_constructors_do_what_they_say)
{
	struct brm_state pending = of_status(BRM_PENDING);
	struct brm_state state = running();
	struct brm_state next = brm_state_with_status(&state, BRM_STOPPING, later);

	ck_assert_int_eq(brm_state_status(&next), BRM_STOPPING);
	ck_assert_uint_eq(next.end_ns, 0);
	ck_assert_int_eq(next.pid, 42);
	next = brm_state_with_status(&pending, BRM_FAILED, later);
	ck_assert_uint_eq(next.end_ns, later.real_ns);
	next = brm_state_with_spawn_error(&pending, "no such file", later);
	ck_assert_int_eq(brm_state_status(&next), BRM_FAILED);
	ck_assert_uint_eq(next.flags & (BRM_FLAG_EXITED | BRM_FLAG_SIGNALED), 0);
	ck_assert_uint_eq(next.reason_code, BRM_REASON_SPAWN);
	ck_assert_str_eq(next.reason, "no such file");
	next = brm_state_with_backoff(&state, (struct brm_exit){.code = 1}, 5555, later);
	ck_assert_int_eq(brm_state_status(&next), BRM_BACKOFF);
	ck_assert_uint_eq(next.next_ns, 5555);
	ck_assert_int_eq(next.exit_code, 1);
	next = brm_state_with_reason(&state, BRM_REASON_WATCH, NULL);
	ck_assert_uint_eq(next.reason_code, BRM_REASON_WATCH);
	ck_assert_str_eq(next.reason, "");
}
END_TEST

START_TEST(constructors_leave_the_original)
{
	struct brm_state state = running();
	const struct brm_state before = state;

	(void)brm_state_with_status(&state, BRM_STOPPED, later);
	(void)brm_state_with_run(&state, 1, 1, later);
	(void)brm_state_with_exit(&state, (struct brm_exit){.code = 9}, later);
	(void)brm_state_with_spawn_error(&state, "x", later);
	(void)brm_state_with_ready(&state, later);
	(void)brm_state_with_stop_requested(&state);
	(void)brm_state_with_backoff(&state, (struct brm_exit){.signal = 9}, 1, later);
	(void)brm_state_with_reason(&state, BRM_REASON_ASKED, "x");
	(void)brm_state_with_last_error(&state, "x", 1);
	ck_assert_mem_eq(&state, &before, sizeof state);
}
END_TEST

START_TEST(long_text_is_cut_between_characters)
{
	struct brm_state state = of_status(BRM_RUNNING);
	char text[BRM_REASON_MAX + 8];
	struct brm_state next;

	memset(text, 'x', sizeof text);
	text[BRM_REASON_MAX - 1] = '\0';
	next = brm_state_with_reason(&state, BRM_REASON_ASKED, text);
	ck_assert_str_eq(next.reason, text);
	memset(text, 'x', sizeof text);
	memcpy(text + BRM_REASON_MAX - 5, "\xe2\x82\xac", 3); /* its first byte would be the last that fits */
	text[sizeof text - 1] = '\0';
	next = brm_state_with_reason(&state, BRM_REASON_ASKED, text);
	memcpy(text + BRM_REASON_MAX - 5, "\xe2\x80\xa6", 4);
	ck_assert_str_eq(next.reason, text);
	next = brm_state_with_last_error(&state, "a\nb\033c", 5);
	ck_assert_str_eq(next.last_error, "a b c");
}
END_TEST

START_TEST(lists_of_strings_are_walked)
{
	struct brm_strings list = {.first = "a\0bc\0\0d", .count = 4, .size = 8};
	struct brm_strings none = {0};
	const char *wanted[] = {"a", "bc", "", "d"};
	size_t n = 0;

	for (const char *s = NULL; (s = brm_strings_next(&list, s)) != NULL; n++)
		ck_assert_str_eq(s, wanted[n]);
	ck_assert_uint_eq(n, 4);
	ck_assert_ptr_null(brm_strings_next(&none, NULL));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("state");
	TCase *tcase = tcase_create("state");

	tcase_add_test(tcase, head_holds_version_tenant_and_status);
	tcase_add_test(tcase, words_go_both_ways);
	tcase_add_loop_test(tcase, predicates_hold_for_their_statuses_alone, 0, BRM_STATUS_COUNT);
	tcase_add_test(tcase, duration_ignores_the_wall_clock);
	tcase_add_test(tcase, strings_name_the_run);
	tcase_add_test(tcase, a_run_leaves_nothing_of_the_last);
	tcase_add_loop_test(tcase, an_exit_after_a_requested_stop_is_stopped, 0, sizeof endings / sizeof *endings);
	tcase_add_test(tcase, other_constructors_do_what_they_say);
	tcase_add_test(tcase, constructors_leave_the_original);
	tcase_add_test(tcase, long_text_is_cut_between_characters);
	tcase_add_test(tcase, lists_of_strings_are_walked);
	suite_add_tcase(suite, tcase);
	return suite;
}
