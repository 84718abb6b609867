/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/found.h"
#include "tests/tui_help.h"

static struct tui_help help;
static struct tui_shop shop;

static void setup(void)
{
	shop = help_tui_shop(&help, 32, 120);
}

static void teardown(void)
{
	help_tui_end(&help);
}

static bool on_web(void)
{
	return strcmp(help.tui.list.name, "web") == 0;
}

static bool is_first(const char *name)
{
	return strcmp(help.tui.list.rows[0]->identity.name, name) == 0;
}

static bool says(const char *text)
{
	return strstr(help.tui.message.text, text) != NULL;
}

START_TEST(test_the_bar_belongs_to_the_process)
{
	help_tui_keys(&help, "j");
	help.tui.list.sort = SORT_NAME;
	help.tui.list.reverse = true;
	help.tui.input_boot_ns = 0;
	help_tui_status(&help, shop.db, BRM_STOPPED);
	help_tui_draw(&help);
	ck_assert(on_web());
	ck_assert_int_ge(help_tui_find(&help, "▌● web"), 0);
	/* Who leaves is named, and the bar goes to the next row. */
	help_tui_remove(&help, shop.web);
	help_tui_draw(&help);
	ck_assert(says("web has left"));
	ck_assert(!on_web());
}
END_TEST

START_TEST(test_the_bar_keeps_its_row_on_the_screen_when_rows_are_sorted)
{
	uint32_t on_screen;
	char name[BRM_NAME_MAX];

	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof name, "p%02d", i);
		help_tui_add(&help, name, BRM_RUNNING);
	}
	help_tui_draw(&help);
	help_tui_keys(&help, "PgDn PgDn k k k");
	snprintf(name, sizeof name, "%s", help.tui.list.name);
	on_screen = help.tui.list.at - help.tui.list.top;
	ck_assert_uint_gt(help.tui.list.top, 5);
	help_tui_keys(&help, "-");
	ck_assert_str_eq(help.tui.list.name, name);
	ck_assert_uint_eq(help.tui.list.at - help.tui.list.top, on_screen);
}
END_TEST

START_TEST(test_rows_stay_while_the_user_acts)
{
	help_tui_keys(&help, "p");
	ck_assert(is_first("lint"));
	help_tui_status(&help, shop.web, BRM_FAILED);
	help_tui_status(&help, shop.lint, BRM_STOPPED);
	help_tui_draw(&help);
	ck_assert(is_first("lint"));
	help.tui.input_boot_ns = help.tui.sorted_boot_ns = 0;
	help_tui_draw(&help);
	ck_assert(!is_first("lint"));
}
END_TEST

START_TEST(test_a_key_means_what_was_drawn)
{
	help_tui_keys(&help, "j");
	help_tui_status(&help, shop.web, BRM_STOPPED);
	/* The frame with web running is still on the screen. */
	ck_assert_int_eq(help.tui.drawn.status, BRM_RUNNING);
	ck_assert_str_eq(help.tui.drawn.name, "web");
	ck_assert_ptr_eq(target_process(&help.tui), list_current(&help.tui.list));
}
END_TEST

START_TEST(test_answers_to_questions)
{
	help_tui_keys(&help, "* s");
	ck_assert_ptr_nonnull(help.tui.asked);
	help_tui_keys(&help, "n");
	ck_assert_ptr_null(help.tui.asked);
	ck_assert(list_marked(&help.tui.list) == 3 && help.tui.commands_running == 0 && !help.tui.overlay);
	help_tui_keys(&help, "s y");
	ck_assert_int_eq(help.tui.commands_running, 1);
	ck_assert_uint_eq(list_marked(&help.tui.list), 0);
	help_tui_keys(&help, "Q Q");
	ck_assert(help.tui.leave_when_stopped);
	ck_assert(!help.tui.leaving);
}
END_TEST

START_TEST(test_without_a_supervisor_commands_say_so)
{
	brm_writer_close(help.writer);
	help.writer = NULL;
	help_tui_draw(&help);
	ck_assert_int_eq(help.tui.feed.health, HEALTH_ENDED);
	help_tui_keys(&help, "j r");
	ck_assert(says("cannot restart web: no supervisor runs here; u starts one"));
	ck_assert_int_ge(help_tui_find(&help, "brummerd ended at"), 0);
	ck_assert_int_ge(help_tui_find(&help, "u start supervisor"), 0);
}
END_TEST

START_TEST(test_a_commands_failure_is_told)
{
	help_tui_keys(&help, "j s");
	ck_assert(jobs_settle(help.tui.jobs, 5000, &help.tui)); /* nobody listens at the socket */
	help_tui_draw(&help);
	ck_assert(says("cannot stop web: no supervisor runs here"));
	ck_assert_int_lt(help_tui_find(&help, "→stopping"), 0);
}
END_TEST

START_TEST(test_pasted_text_presses_no_keys)
{
	struct event event = {.kind = EVENT_PASTE, .key = 'q'};

	tui_event(&help.tui, &event);
	ck_assert(!help.tui.leaving);
	ck_assert(says("nothing takes pasted text here"));
	event = (struct event){.kind = EVENT_PASTE_END};
	tui_event(&help.tui, &event);
	help_tui_keys(&help, "C-f");
	for (const char *at = "li\nq"; *at; at++) {
		event = (struct event){.kind = EVENT_PASTE, .key = (uint32_t)*at};
		tui_event(&help.tui, &event);
	}
	ck_assert_str_eq(help.tui.field.text, "li");
}
END_TEST

static void click(int row, int col)
{
	struct event event = {.kind = EVENT_MOUSE, .button = MOUSE_LEFT, .press = true, .row = row, .col = col};

	tui_event(&help.tui, &event);
	help_tui_draw(&help);
}

START_TEST(test_the_mouse_does_what_keys_do)
{
	struct event wheel = {.kind = EVENT_MOUSE, .button = MOUSE_WHEEL_UP, .press = true, .row = 10, .col = 80};
	const char *header = strstr(help_tui_row(&help, 0), "2 Logs");

	click(4, 5);
	ck_assert(on_web());
	click(4, 5);
	ck_assert(help.tui.view == &view_logs && help.tui.logs.set.count == 1);
	ck_assert_ptr_nonnull(header);
	click(0, (int)(strstr(help_tui_row(&help, 0), "1 Proc") - help_tui_row(&help, 0)));
	ck_assert(help.tui.view == &view_processes);
	click(2, 4);
	ck_assert(help.tui.list.sort == SORT_NAME);
	click(2, 4);
	ck_assert(help.tui.list.reverse);
	help_tui_keys(&help, "g");
	while (strcmp(help.tui.list.name, "db") != 0)
		help_tui_keys(&help, "j");
	tui_event(&help.tui, &wheel);
	help_tui_draw(&help);
	ck_assert(help.tui.side.paused);
	ck_assert(!help.tui.panes.on_log);
	help_tui_keys(&help, "?");
	click(1, 1);
	ck_assert_ptr_null(help.tui.overlay);
	help_tui_keys(&help, "4");
	click(1, 5); /* the title is no row */
	ck_assert_ptr_nonnull(url_current(&help.tui));
	ck_assert_int_eq(help.tui.urls.list.at, 0);
	wheel.mods = MOD_SHIFT;
	tui_event(&help.tui, &wheel);
}
END_TEST

START_TEST(test_every_view_and_overlay_fits_every_size)
{
	static const char *const keys[] = {"j", "?",   "? r e", "n",         "C-f l", "l k",     "2",   "4",
					   "5", "5 k", "/",     "/ r e",     "2 k",   "2 C-f o", "2 v", "d",
					   "z", "3",   "6",     "2 g Enter", "!",     "i"};

	help_tui_keys(&help, keys[_i]);
	for (int rows = 1; rows <= 40; rows += rows < 12 ? 1 : 7)
		for (int cols = 1; cols <= 130; cols += cols < 32 ? 1 : 9) {
			ck_assert_int_eq(cells_resize(&help.tui.cells, rows, cols), 0);
			help_tui_draw(&help);
			ck_assert_int_lt(help.tui.cursor_row, rows);
			ck_assert_int_ge(help.tui.cursor_row, 0);
		}
}
END_TEST

START_TEST(test_how_a_run_ended_is_told_as_a_whole)
{
	struct brm_state state;

	ck_assert_int_eq(brm_writer_state(help.writer, shop.lint, &state), 0);
	state.exit_code = 127;
	state.flags |= BRM_FLAG_EXITED;
	ck_assert_int_eq(brm_writer_publish(help.writer, shop.lint, &state), 0);
	brm_writer_commit(help.writer);
	for (int cols = 34; cols <= 130; cols++) { /* in fewer there is room for the word alone */
		ck_assert_int_eq(cells_resize(&help.tui.cells, 24, cols), 0);
		help_tui_draw(&help);
		ck_assert_ptr_nonnull(strstr(help_tui_row(&help, help_tui_find(&help, "✗ lint")), "exit 127"));
	}
}
END_TEST

START_TEST(test_overlays_have_no_frame_where_lines_are_few)
{
	ck_assert_int_eq(cells_resize(&help.tui.cells, 5, 20), 0);
	help_tui_keys(&help, "?");
	ck_assert_int_eq(help_tui_find(&help, "> "), 1);
	ck_assert_int_eq(help_tui_find(&help, "processes"), 2);
	ck_assert_int_eq(help_tui_find(&help, "logs"), 3);
	ck_assert_int_lt(help_tui_find(&help, "┌"), 0);
}
END_TEST

/* More than any fixed number of rows: 50 processes with 12 each. */
START_TEST(test_every_url_is_listed)
{
	char list[12 * 32], name[32];

	for (int i = 0; i < 50; i++) {
		struct brm_strings urls = {list, 12, 0};
		struct brm_state state;
		uint32_t entry;

		for (int n = 0; n < 12; n++)
			urls.size += (uint32_t)sprintf(list + urls.size, "http://localhost:%d", 20000 + 12 * i + n) + 1;
		snprintf(name, sizeof name, "more%d", i);
		entry = help_tui_add(&help, name, BRM_RUNNING);
		ck_assert_int_eq(brm_writer_state(help.writer, entry, &state), 0);
		ck_assert_int_eq(brm_writer_urls(help.writer, &urls, &state.urls), 0);
		ck_assert_int_eq(brm_writer_publish(help.writer, entry, &state), 0);
	}
	brm_writer_commit(help.writer);
	help_tui_draw(&help);
	help_tui_keys(&help, "4 End");
	ck_assert_int_ge(help_tui_find(&help, "601 announced or listened on"), 0);
	ck_assert_int_ge(help_tui_find(&help, "http://localhost:20599"), 0);
}
END_TEST

START_TEST(test_first_run_offers_what_was_found_and_starts_nothing)
{
	static char dev[] = "dev", test[] = "test", base[] = "db", run[] = "run it", dir[] = "/tmp", none[] = "",
		    package[] = "package.json", procfile[] = "Procfile";
	static struct script scripts[] = {
		{dev, run, dir, package, none}, {test, run, dir, package, none}, {base, run, dir, procfile, none}};

	help_tui_remove(&help, shop.db);
	help_tui_remove(&help, shop.web);
	help_tui_remove(&help, shop.lint);
	help.tui.found->scripts = (struct scripts){.list = scripts, .count = 3};
	help_tui_draw(&help);
	ck_assert_int_ge(help_tui_find(&help, "nothing runs here yet"), 0);
	ck_assert_int_ge(help_tui_find(&help, "[x] dev"), 0);
	ck_assert_int_ge(help_tui_find(&help, "[ ] test"), 0);
	ck_assert_int_ge(help_tui_find(&help, "[x] db"), 0);
	ck_assert_int_ge(help_tui_find(&help, "start the 2 ticked (dev db)"), 0);
	/* What is found by name can be changed before it is run. */
	help_tui_keys(&help, "/ t e s t Tab");
	ck_assert_str_eq(help.tui.field.text, "!run it");
	help_tui_keys(&help, "Esc Down Space");
	ck_assert_int_ge(help_tui_find(&help, "start the 3 ticked"), 0);
	help_tui_keys(&help, "a");
	ck_assert_int_ge(help_tui_find(&help, "start the one under the bar"), 0);
	help_tui_keys(&help, "b");
	ck_assert(says("cannot group: there is no process"));
	ck_assert_int_eq(help.tui.commands_running, 0);
	help_tui_keys(&help, "Enter");
	ck_assert_int_eq(help.tui.commands_running, 1);
	help.tui.found->scripts = (struct scripts){0};
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_views");
	TCase *tcase = tcase_create("views");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_the_bar_belongs_to_the_process);
	tcase_add_test(tcase, test_the_bar_keeps_its_row_on_the_screen_when_rows_are_sorted);
	tcase_add_test(tcase, test_rows_stay_while_the_user_acts);
	tcase_add_test(tcase, test_a_key_means_what_was_drawn);
	tcase_add_test(tcase, test_answers_to_questions);
	tcase_add_test(tcase, test_without_a_supervisor_commands_say_so);
	tcase_add_test(tcase, test_a_commands_failure_is_told);
	tcase_add_test(tcase, test_pasted_text_presses_no_keys);
	tcase_add_test(tcase, test_the_mouse_does_what_keys_do);
	tcase_add_loop_test(tcase, test_every_view_and_overlay_fits_every_size, 0, 22);
	tcase_add_test(tcase, test_how_a_run_ended_is_told_as_a_whole);
	tcase_add_test(tcase, test_overlays_have_no_frame_where_lines_are_few);
	tcase_add_test(tcase, test_every_url_is_listed);
	tcase_add_test(tcase, test_first_run_offers_what_was_found_and_starts_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
