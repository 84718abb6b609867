/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdio.h>
#include <string.h>

#include "clients/tui/happenings.h"
#include "clients/tui/timeline.h"
#include "tests/tui_help.h"

#define SECOND UINT64_C(1000000000)

/* A timeline as text: '.' not started, '-' finished, '#' running, '~' on its way, 'w' waiting, 'X' failed. */
static const char *draw(const struct timeline *timeline)
{
	static const char signs[BAND_COUNT] = {' ', '.', '-', '#', '~', 'w', 'X'};
	static char out[TIMELINE_MAX + 1];

	for (int i = 0; i < timeline->width; i++)
		out[i] = signs[timeline->cells[i]];
	out[timeline->width] = '\0';
	return out;
}

START_TEST(test_a_cell_is_the_worst_of_its_time)
{
	struct timeline timeline;

	timeline_begin(&timeline, 10, 100 * SECOND, SECOND, BRM_RUNNING);
	timeline_event(&timeline, 102 * SECOND + 100, BRM_FAILED); /* a crash of a tenth of a second */
	timeline_event(&timeline, 102 * SECOND + 200, BRM_STARTING);
	timeline_event(&timeline, 102 * SECOND + 300, BRM_RUNNING);
	timeline_event(&timeline, 106 * SECOND, BRM_BACKOFF);
	timeline_event(&timeline, 108 * SECOND, BRM_STARTING);
	timeline_end(&timeline, 109 * SECOND);
	ck_assert_str_eq(draw(&timeline), "##X###Xww~");
}
END_TEST

START_TEST(test_a_failure_is_a_moment_and_time_to_come_is_empty)
{
	struct timeline timeline;

	timeline_begin(&timeline, 8, 100 * SECOND, SECOND, BRM_PENDING);
	timeline_event(&timeline, 101 * SECOND, BRM_RUNNING);
	timeline_event(&timeline, 103 * SECOND, BRM_FAILED);
	timeline_end(&timeline, 105 * SECOND);
	ck_assert_str_eq(draw(&timeline), ".##X--  ");
}
END_TEST

START_TEST(test_what_was_before_only_sets_the_beginning)
{
	struct timeline timeline;

	timeline_begin(&timeline, 4, 100 * SECOND, SECOND, BRM_PENDING);
	timeline_event(&timeline, 50 * SECOND, BRM_FAILED);
	timeline_event(&timeline, 60 * SECOND, BRM_RUNNING);
	timeline_end(&timeline, 103 * SECOND);
	ck_assert_str_eq(draw(&timeline), "####");
	timeline_begin(&timeline, 0, 100 * SECOND, SECOND, BRM_PENDING);
	timeline_event(&timeline, 101 * SECOND, BRM_FAILED);
	timeline_end(&timeline, 103 * SECOND);
	ck_assert_str_eq(draw(&timeline), "");
}
END_TEST

START_TEST(test_details_say_how_it_ended_and_who_asked)
{
	char out[HAPPENING_MAX];
	struct brm_event event = {
		.run = 4, .pid = 77, .from = BRM_RUNNING, .to = BRM_FAILED, .exit_code = 2, .flags = BRM_FLAG_EXITED};

	ck_assert_str_eq(happening_detail(&event, "web", out), "exit 2");
	event.flags = BRM_FLAG_SIGNALED;
	event.signal = 9;
	ck_assert_str_eq(happening_detail(&event, "web", out), "SIGKILL");
	event = (struct brm_event){
		.run = 4, .pid = 77, .from = BRM_STOPPED, .to = BRM_STARTING, .by_kind = BRM_BY_CLI, .by_pid = 50};
	ck_assert_str_eq(happening_detail(&event, "web", out), "run web#4, pid 77, asked by brummer-cli (pid 50)");
	event = (struct brm_event){.from = BRM_STARTING, .to = BRM_RUNNING, .reason_code = BRM_REASON_READY};
	ck_assert_str_eq(happening_detail(&event, "web", out), "ready");
	event = (struct brm_event){.to = BRM_STATUS_COUNT, .reason_code = BRM_REASON_COUNT, .by_kind = 200};
	happening_detail(&event, "web", out);
}
END_TEST

static struct tui_help help;

START_TEST(test_what_was_overrun_is_told_and_little_is_kept)
{
	struct happenings all = {0};
	struct brm_event event = {.entry = 0, .to = BRM_RUNNING};
	const struct brm_reader *reader;

	help_tui_begin(&help, 32, 120);
	help_tui_add(&help, "web", BRM_RUNNING);
	reader = source_reader(help.tui.feed.source);
	for (int i = 0; i < 10; i++)
		brm_writer_event(help.writer, &event);
	brm_writer_commit(help.writer);
	ck_assert_int_eq(happenings_read(&all, reader), 0);
	ck_assert_uint_ge(all.count, 10);
	for (unsigned i = 0; i < BRM_EVENTS_CAPACITY + 100; i++)
		brm_writer_event(help.writer, &event);
	brm_writer_commit(help.writer);
	ck_assert_int_eq(happenings_read(&all, reader), 0);
	ck_assert_uint_eq(all.count, BRM_EVENTS_CAPACITY);
	for (size_t i = 1; i < all.count; i++)
		ck_assert_uint_gt(all.list[i].seq, all.list[i - 1].seq);
	happenings_finish(&all);
	/* A viewer that looks on sees the gap as a line of its own. */
	help_tui_keys(&help, "5");
	for (unsigned i = 0; i < BRM_EVENTS_CAPACITY + 5; i++)
		brm_writer_event(help.writer, &event);
	brm_writer_commit(help.writer);
	help_tui_draw(&help);
	help_tui_keys(&help, "g");
	ck_assert_int_ge(help_tui_find(&help, "missed"), 0);
	help_tui_end(&help);
}
END_TEST

START_TEST(test_the_bar_stays_with_its_event)
{
	uint32_t web, api;

	help_tui_begin(&help, 32, 120);
	web = help_tui_add(&help, "web", BRM_RUNNING);
	api = help_tui_add(&help, "api", BRM_RUNNING);
	help_tui_status(&help, web, BRM_FAILED);
	help_tui_status(&help, api, BRM_STOPPING);
	help_tui_keys(&help, "5 k");
	ck_assert_str_eq(help.tui.drawn.name, "web");
	for (int i = 0; i < 50; i++)
		help_tui_status(&help, api, i % 2 ? BRM_STOPPED : BRM_STARTING);
	help_tui_draw(&help);
	ck_assert(help.tui.events.paused);
	ck_assert_str_eq(help.tui.drawn.name, "web");
	help_tui_keys(&help, "p");
	ck_assert_int_ge(help_tui_find(&help, "failed"), 0);
	ck_assert_int_eq(help.tui.events.row_count, 1);
	help_tui_end(&help);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_events");
	TCase *tcase = tcase_create("events");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, test_a_cell_is_the_worst_of_its_time);
	tcase_add_test(tcase, test_a_failure_is_a_moment_and_time_to_come_is_empty);
	tcase_add_test(tcase, test_what_was_before_only_sets_the_beginning);
	tcase_add_test(tcase, test_details_say_how_it_ended_and_who_asked);
	tcase_add_test(tcase, test_what_was_overrun_is_told_and_little_is_kept);
	tcase_add_test(tcase, test_the_bar_stays_with_its_event);
	suite_add_tcase(suite, tcase);
	return suite;
}
