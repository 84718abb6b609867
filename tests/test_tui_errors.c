/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/commands.h"
#include "tests/tui_help.h"

static struct tui_help help;
static uint32_t web, mailer;

static const char *const type_error[] = {
	"TypeError: Cannot read properties of undefined (reading 'id')",
	"    at CartRow (src/cart/CartRow.tsx:41:23)",
	"    at renderWithHooks (node_modules/react-dom/react-dom.js:15486:18)",
	"    at mountComponent (node_modules/react-dom/react-dom.js:20103:13)",
	"    at main (src/main.tsx:9:1)",
	NULL,
};
static const char *const refused[] = {"2026-11-20 12:43:58 connect ECONNREFUSED 127.0.0.1:1025", NULL};

static void setup(void)
{
	help_tui_begin(&help, 24, 100);
	web = help_tui_add(&help, "web", BRM_RUNNING);
	mailer = help_tui_add(&help, "mailer", BRM_BACKOFF);
	help_tui_log(&help, web, BRM_OUT, 0, "before it");
	help_tui_error(&help, web, 1, 11, type_error);
	help_tui_log(&help, web, BRM_OUT, 2, "after it");
	for (unsigned i = 0; i < 6; i++)
		help_tui_error(&help, mailer, 10 + i, 12, refused);
	help_tui_keys(&help, "3");
}

static void teardown(void)
{
	help_tui_end(&help);
}

static const char *bar_row(void) /* of the list */
{
	return help_tui_row(&help, help_tui_find(&help, "▌"));
}

START_TEST(test_the_same_errors_are_one)
{
	ck_assert_int_ge(help_tui_find(&help, "2 groups, 7 errors"), 0);
	ck_assert_int_ge(help_tui_find(&help, "[3 Errors 2]"), 0);
	/* The newest is the first. */
	ck_assert_ptr_nonnull(strstr(bar_row(), "ECONNREFUSED"));
	ck_assert_ptr_nonnull(strstr(bar_row(), "×6"));
	ck_assert_int_gt(help_tui_find(&help, "✗ TypeError"), help_tui_find(&help, "ECONNREFUSED"));
	/* The bar stays with its group when another comes before it. */
	help_tui_keys(&help, "j");
	help_tui_error(&help, mailer, 30, 12, refused);
	help_tui_error(&help, web, 31, 13, refused);
	help_tui_draw(&help);
	ck_assert_int_ge(help_tui_find(&help, "3 groups, 9 errors"), 0);
	ck_assert_ptr_nonnull(strstr(bar_row(), "TypeError"));
}
END_TEST

START_TEST(test_the_stack_and_what_is_around_it)
{
	help_tui_keys(&help, "j");
	ck_assert_int_ge(help_tui_find(&help, "TypeError in web"), 0);
	ck_assert_int_ge(help_tui_find(&help, "▸ CartRow"), 0);
	ck_assert_ptr_nonnull(
		strstr(help_tui_row(&help, help_tui_find(&help, "▸ CartRow")), "src/cart/CartRow.tsx:41:23"));
	ck_assert_int_ge(help_tui_find(&help, "… 2 frames in dependencies"), 0);
	ck_assert_int_ge(help_tui_find(&help, "src/main.tsx:9:1"), 0);
	ck_assert_int_lt(help_tui_find(&help, "react-dom"), 0);
	ck_assert_int_gt(help_tui_find(&help, "before it"), help_tui_find(&help, "around it"));
	ck_assert_int_gt(help_tui_find(&help, "after it"), help_tui_find(&help, "before it"));
	/* Enter stands at that line of the log. */
	help_tui_keys(&help, "Enter");
	ck_assert(help.tui.view == &view_logs && help.tui.logs.paused);
	ck_assert_ptr_nonnull(strstr(bar_row(), "TypeError: Cannot read"));
}
END_TEST

START_TEST(test_what_is_set_aside_comes_back_when_it_happens)
{
	help_tui_keys(&help, "x");
	ck_assert_int_ge(help_tui_find(&help, "1 group, 1 error"), 0);
	ck_assert_int_ge(help_tui_find(&help, "[3 Errors 1]"), 0);
	help_tui_error(&help, mailer, 30, 12, refused);
	help_tui_draw(&help);
	ck_assert_int_ge(help_tui_find(&help, "2 groups, 8 errors"), 0);
	help_tui_keys(&help, "x x");
	ck_assert_int_ge(help_tui_find(&help, "all were set aside"), 0);
	help_tui_keys(&help, "X");
	ck_assert_int_ge(help_tui_find(&help, "2 groups, 8 errors"), 0);
}
END_TEST

START_TEST(test_stack_lines_follow_their_first_line)
{
	help_tui_keys(&help, "2 ] / s h o w Space T y p e Enter");
	ck_assert_int_ge(help_tui_find(&help, "TypeError"), 0);
	ck_assert_int_ge(help_tui_find(&help, "at mountComponent"), 0);
	ck_assert_int_lt(help_tui_find(&help, "before it"), 0);
	ck_assert_int_lt(help_tui_find(&help, "after it"), 0);
	help_tui_keys(&help, "Esc / h i d e Space T y p e Enter");
	ck_assert_int_lt(help_tui_find(&help, "at mountComponent"), 0);
	ck_assert_int_ge(help_tui_find(&help, "before it"), 0);
	ck_assert_int_ge(help_tui_find(&help, "after it"), 0);
}
END_TEST

static const struct {
	const char *text;
	const char *kind;
	const char *message;
} splits[] = {
	{"TypeError: x is not a function", "TypeError", "x is not a function"},
	{"12:43:58 [ERROR] boom: it broke", "error", "[ERROR] boom: it broke"},
	{"connect ECONNREFUSED 127.0.0.1:1025", "ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1025"},
	{"java.lang.IllegalStateException: closed", "java.lang.IllegalStateException", "closed"},
	{"\033[31merror\033[0m: two", "error", "error: two"},
	{"", "error", ""},
	{":", "error", ":"},
	{"12:43:58", "error", "12:43:58"},
};

START_TEST(test_errors_are_split_into_kind_and_message)
{
	char kind[ERROR_KIND], message[ERROR_MESSAGE];

	error_split(splits[_i].text, strlen(splits[_i].text), kind, message);
	ck_assert_str_eq(kind, splits[_i].kind);
	if (_i != 1)
		ck_assert_str_eq(message, splits[_i].message);
}
END_TEST

START_TEST(test_frames_are_read_in_several_languages)
{
	struct error_frame frame;

	error_frame("  File \"app/main.py\", line 12, in run", 37, &frame);
	ck_assert_str_eq(frame.place, "app/main.py:12");
	ck_assert_str_eq(frame.function, "run");
	ck_assert(!frame.is_dependency);
	error_frame("    at node:internal/timers:1:2", 31, &frame);
	ck_assert_str_eq(frame.place, "node:internal/timers:1:2");
	ck_assert(frame.is_dependency);
	error_frame("\tgithub.com/x/y.go:12 +0x1d", 27, &frame);
	ck_assert_str_eq(frame.place, "");
	ck_assert_str_eq(frame.function, "github.com/x/y.go:12 +0x1d");
	error_frame("", 0, &frame);
	ck_assert_str_eq(frame.function, "");
}
END_TEST

START_TEST(test_own_keys_take_the_place_of_the_tables)
{
	char why[256];

	ck_assert_int_eq(command_set_keys("restart-all", "R", 1, why, sizeof why), 0);
	ck_assert_int_eq(command_set_keys("stop", "R", 2, why, sizeof why), -EINVAL);
	ck_assert_str_eq(why, "line 1 gives a key of it to restart all already");
	ck_assert_int_eq(command_set_keys("stop", "s x", 3, why, sizeof why), 0);
	ck_assert_int_eq(command_set_keys("no-such", "x", 4, why, sizeof why), -EINVAL);
	ck_assert_int_eq(command_set_keys("zoom", "Nonsense", 5, why, sizeof why), -EINVAL);
	commands_settle();
	ck_assert_str_eq(command_of_key(VIEW_PROCESSES, 'R', 0)->name, "restart all");
	ck_assert_ptr_null(command_of_key(VIEW_PROCESSES, 'r', MOD_CTRL));
	/* What had the key has it no more: x clears in Logs by the table. */
	ck_assert_str_eq(command_of_key(VIEW_LOGS, 'x', 0)->name, "stop");
	help_tui_keys(&help, "1 ? r e s t a r t Space a l l");
	ck_assert_int_ge(help_tui_find(&help, "▌R         restart all"), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_errors");
	TCase *tcase = tcase_create("errors");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_the_same_errors_are_one);
	tcase_add_test(tcase, test_the_stack_and_what_is_around_it);
	tcase_add_test(tcase, test_what_is_set_aside_comes_back_when_it_happens);
	tcase_add_test(tcase, test_stack_lines_follow_their_first_line);
	tcase_add_loop_test(tcase, test_errors_are_split_into_kind_and_message, 0,
			    (int)(sizeof splits / sizeof *splits));
	tcase_add_test(tcase, test_frames_are_read_in_several_languages);
	tcase_add_test(tcase, test_own_keys_take_the_place_of_the_tables);
	suite_add_tcase(suite, tcase);
	return suite;
}
