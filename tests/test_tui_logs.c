/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tui_help.h"

static struct tui_help help;

static void setup(void)
{
	help_tui_begin(&help, 12, 60);
}

static void teardown(void)
{
	help_tui_end(&help);
}

static void drop_scroll_bar(char *text)
{
	size_t length = strlen(text);

	if (length >= 3 && (strcmp(text + length - 3, "│") == 0 || strcmp(text + length - 3, "█") == 0))
		length -= 3;
	while (length > 0 && text[length - 1] == ' ')
		length--;
	text[length] = '\0';
}

/* The rows of the Logs view's lines, joined with '|'; a row with the bar begins with '>'. */
static const char *lines(void)
{
	static char out[4096];
	size_t used = 0;

	out[0] = '\0';
	for (int row = 0; row < help.tui.log_area.rows; row++) {
		char text[1024];
		bool bar;
		const char *last;

		snprintf(text, sizeof text, "%s", help_tui_row(&help, help.tui.log_area.row + row));
		drop_scroll_bar(text);
		bar = strncmp(text, "▌", 3) == 0;
		last = strrchr(text, ' ');

		used += (size_t)snprintf(out + used, sizeof out - used, "%s%s%s", row ? "|" : "", bar ? ">" : "",
					 last && strstr(text, "line") ? last + 1 : text);
	}
	return out;
}

START_TEST(test_it_follows_until_the_user_goes_up)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);

	help_tui_flood(&help, web, 0, 20);
	help_tui_keys(&help, "2");
	ck_assert_str_eq(lines(), "13|14|15|16|17|18|19|20");
	help_tui_log(&help, web, BRM_OUT, 1, "line 21");
	help_tui_draw(&help);
	ck_assert_str_eq(lines(), "14|15|16|17|18|19|20|21");
	help_tui_keys(&help, "k k");
	ck_assert_str_eq(lines(), "14|15|16|17|18|>19|20"); /* the pause bar has the last row now, nothing has moved */
	/* What is being read stays where it is. */
	help_tui_flood(&help, web, 2, 500);
	help_tui_draw(&help);
	ck_assert_str_eq(lines(), "14|15|16|17|18|>19|20");
	ck_assert_int_ge(help_tui_find(&help, "500 new lines below"), 0);
	help_tui_keys(&help, "f");
	ck_assert_str_eq(lines(), "493|494|495|496|497|498|499|500");
}
END_TEST

START_TEST(test_moving_goes_by_lines_and_pages_and_ends_in_following)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);

	help_tui_flood(&help, web, 0, 100);
	help_tui_keys(&help, "2 g");
	ck_assert_str_eq(lines(), ">1|2|3|4|5|6|7");
	help_tui_keys(&help, "k k j");
	ck_assert_str_eq(lines(), "1|>2|3|4|5|6|7");
	help_tui_keys(&help, "PgDn");
	ck_assert_str_eq(lines(), "7|>8|9|10|11|12|13");
	help_tui_keys(&help, "Space C-d");
	ck_assert_str_eq(lines(), "16|>17|18|19|20|21|22");
	help_tui_keys(&help, "PgUp PgUp PgUp PgUp");
	ck_assert_str_eq(lines(), ">1|2|3|4|5|6|7");
	help_tui_keys(&help, "G");
	ck_assert(!help.tui.logs.paused);
	help_tui_keys(&help, "k j j");
	ck_assert(!help.tui.logs.paused);
}
END_TEST

START_TEST(test_several_processes_are_merged_by_time)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING), api = help_tui_add(&help, "api", BRM_RUNNING);

	help_tui_log(&help, web, BRM_OUT, 1, "line 1");
	help_tui_log(&help, api, BRM_OUT, 2, "line 2");
	help_tui_log(&help, web, BRM_OUT, 3, "line 3");
	help_tui_log(&help, web, BRM_OUT, 4, "line 4");
	help_tui_log(&help, api, BRM_OUT, 4, "line 5");
	help_tui_log(&help, web, BRM_OUT, 5, "line 6");
	help_tui_keys(&help, "2");
	ck_assert_str_eq(lines(), "1|2|3|4|5|6||");
	ck_assert_ptr_nonnull(strstr(help_tui_row(&help, 3), "api"));
	/* The same from every line on, forwards and back. */
	for (int i = 0; i < 6; i++) {
		help_tui_keys(&help, "k");
		ck_assert_str_ne(lines(), "");
	}
	ck_assert_str_eq(lines(), ">1|2|3|4|5|6|");
	help_tui_keys(&help, "]");
	ck_assert_str_eq(help.tui.logs.set.sources[0].name, "web");
	help_tui_keys(&help, "]");
	ck_assert_str_eq(lines(), "2|5||||||");
	help_tui_keys(&help, "*");
	ck_assert_str_eq(lines(), "1|2|3|4|5|6||");
}
END_TEST

START_TEST(test_levels_and_errors_are_found_in_a_large_store)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);

	help_tui_log(&help, web, BRM_ERR, 1, "error: line 1");
	help_tui_flood(&help, web, 2, 30000);
	help_tui_log(&help, web, BRM_OUT, 3, "warning: line 30002");
	help_tui_flood(&help, web, 4, 30000);
	help_tui_log(&help, web, BRM_ERR, 5, "error: line 60003");
	help_tui_keys(&help, "2 p");
	ck_assert_str_eq(lines(), "1|30002|60003|||||");
	help_tui_keys(&help, "p");
	ck_assert_str_eq(lines(), "1|60003||||||");
	help_tui_keys(&help, "p E");
	ck_assert_ptr_nonnull(strstr(lines(), ">60003"));
	help_tui_keys(&help, "E");
	ck_assert_ptr_nonnull(strstr(lines(), ">1|"));
	help_tui_keys(&help, "e");
	ck_assert_ptr_nonnull(strstr(lines(), ">60003"));
	/* A filter keeps the line under the bar. */
	help_tui_keys(&help, "p");
	ck_assert_ptr_nonnull(strstr(lines(), ">60003"));
}
END_TEST

START_TEST(test_search_marks_hits_and_goes_to_them)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);

	help_tui_flood(&help, web, 0, 3000);
	help_tui_keys(&help, "2 n");
	ck_assert_int_ge(help_tui_find(&help, "no search: ^F searches"), 0);
	help_tui_keys(&help, "C-f l i n e Space 2 7 7");
	ck_assert_int_ge(help_tui_find(&help, "search: line 277"), 0);
	help_tui_keys(&help, "Enter");
	ck_assert_ptr_nonnull(strstr(lines(), ">2779"));
	help_tui_keys(&help, "N");
	ck_assert_ptr_nonnull(strstr(lines(), ">2778"));
	help_tui_keys(&help, "n n");
	ck_assert_ptr_nonnull(strstr(lines(), ">2779"));
	help_tui_keys(&help, "Esc");
	ck_assert_int_lt(help_tui_find(&help, "search:"), 0);
	help_tui_keys(&help, "C-f l i n e Space . 9 9 $ Tab Enter");
	ck_assert_ptr_nonnull(strstr(lines(), ">999"));
}
END_TEST

START_TEST(test_long_lines_wrap_or_are_cut)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);
	char line[9000];

	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	help_tui_log(&help, web, BRM_OUT, 0, line);
	help_tui_keys(&help, "2");
	ck_assert_int_ge(help_tui_find(&help, "… +"), 0);
	help_tui_keys(&help, "w");
	ck_assert_ptr_nonnull(strstr(help_tui_row(&help, help.tui.log_area.row), "x›"));
	help_tui_log(&help, web, BRM_OUT, 0, "0123456789abcdefghij");
	help_tui_keys(&help, "l");
	ck_assert_ptr_nonnull(strstr(help_tui_row(&help, help.tui.log_area.row + 1), " 89abcdefghij"));
	help_tui_keys(&help, "h w k");
	ck_assert(help.tui.logs.paused);
}
END_TEST

START_TEST(test_clearing_hides_and_undoes)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);

	help_tui_flood(&help, web, 0, 5);
	help_tui_keys(&help, "2 x");
	ck_assert_int_lt(help_tui_find(&help, "line 5"), 0);
	help_tui_log(&help, web, BRM_OUT, 9, "line new");
	help_tui_draw(&help);
	ck_assert_int_ge(help_tui_find(&help, "line new"), 0);
	help_tui_keys(&help, "X");
	ck_assert_int_ge(help_tui_find(&help, "line 5"), 0);
}
END_TEST

START_TEST(test_a_selection_is_copied_without_what_a_terminal_acts_on)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);
	char *text;

	help_tui_log(&help, web, BRM_OUT, 0, "one \033[31mred\033[0m\a line");
	help_tui_log(&help, web, BRM_OUT, 1, "two");
	help_tui_log(&help, web, BRM_OUT, 2, "three");
	help_tui_keys(&help, "2 v k k");
	ck_assert_int_eq(logpane_copy(&help.tui.logs, false, 4096, &text), 3);
	ck_assert_str_eq(text, "one red line\ntwo\nthree");
	free(text);
	ck_assert_int_eq(logpane_copy(&help.tui.logs, true, 4096, &text), 3);
	ck_assert_str_eq(text, "03:04:05.000 web one red line\n03:04:06.000 web two\n03:04:07.000 web three");
	free(text);
	ck_assert_int_eq(logpane_copy(&help.tui.logs, false, 6, &text), 1);
	ck_assert_str_eq(text, "one re");
	free(text);
}
END_TEST

/* However the bar came there, the lines around it are the same. */
START_TEST(test_windows_agree_with_each_other)
{
	uint32_t names[3] = {help_tui_add(&help, "a", BRM_RUNNING), help_tui_add(&help, "b", BRM_RUNNING),
			     help_tui_add(&help, "c", BRM_RUNNING)};
	unsigned seed = 7, second = 0;
	struct logset *set = &help.tui.logs.set;
	struct brm_log_line line;
	struct logplace place, order[400];
	int count = 0;

	for (int i = 0; i < 300; i++) {
		char text[32];

		seed = seed * 1103515245 + 12345;
		second += (seed >> 20) % 3 == 0;
		snprintf(text, sizeof text, "line %d", i);
		help_tui_log(&help, names[(seed >> 16) % 3], BRM_OUT, second, text);
	}
	help_tui_keys(&help, "2");
	set->budget = 1000000;
	logset_from_start(set);
	while (logset_next(set, &place, &line))
		order[count++] = place;
	ck_assert_int_eq(count, 300);
	for (int i = 0; i < count; i++) {
		logset_from(set, order[i]);
		ck_assert(logset_next(set, &place, &line) && logplace_is(place, order[i]));
		if (i + 1 < count)
			ck_assert(logset_next(set, &place, &line) && logplace_is(place, order[i + 1]));
		logset_from(set, order[i]);
		ck_assert(logset_previous(set, &place, &line) == (i > 0));
		if (i > 0)
			ck_assert(logplace_is(place, order[i - 1]));
	}
	logset_from_end(set);
	for (int i = count - 1; i >= 0; i--)
		ck_assert(logset_previous(set, &place, &line) && logplace_is(place, order[i]));
}
END_TEST

START_TEST(test_equal_neighbours_are_one_line)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);

	help_tui_log(&help, web, BRM_OUT, 0, "line a");
	for (unsigned i = 1; i <= 48; i++)
		help_tui_log(&help, web, BRM_OUT, i, i % 2 ? "10:00:01 \033[32mline ok\033[0m" : "10:00:02 line ok");
	help_tui_log(&help, web, BRM_OUT, 60, "line b");
	help_tui_log(&help, web, BRM_ERR, 60, "line b");
	help_tui_keys(&help, "2");
	ck_assert_str_eq(lines(), "a|×48|b|b||||");
	ck_assert_ptr_nonnull(strstr(help_tui_row(&help, help.tui.log_area.row + 1), "03:04:53")); /* the last time */
	/* From above and from below it is the same one. */
	help_tui_keys(&help, "g j j k");
	ck_assert_ptr_nonnull(strstr(lines(), "a|>×48|b|b"));
	help_tui_log(&help, web, BRM_ERR, 61, "line c");
	help_tui_draw(&help);
	ck_assert_ptr_nonnull(strstr(lines(), "a|>×48|b|b|c"));
	/* Enter shows each; = all of them. */
	help_tui_keys(&help, "Enter");
	ck_assert_ptr_nonnull(strstr(lines(), "a|>ok|ok|ok"));
	help_tui_keys(&help, "Esc 1 2 = f");
	ck_assert_str_eq(lines(), "ok|ok|ok|ok|ok|b|b|c");
}
END_TEST

START_TEST(test_matches_are_counted_once_a_run)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING), api = help_tui_add(&help, "api", BRM_RUNNING);

	for (unsigned i = 0; i < 40; i++)
		help_tui_log(&help, i % 2 ? web : api, BRM_OUT, i, i % 4 ? "line hit" : "line miss");
	help_tui_keys(&help, "2 * C-f h i t Enter");
	for (int i = 0; i < 1000 && help.tui.logs.counting; i++)
		logpane_count(&help.tui.logs);
	help_tui_draw(&help);
	ck_assert_int_ge(help_tui_find(&help, "30 of 30 "), 0);
	help_tui_keys(&help, "N");
	ck_assert_int_ge(help_tui_find(&help, "29 of 30 "), 0);
	help_tui_keys(&help, "g n");
	ck_assert_int_ge(help_tui_find(&help, "1 of 30 "), 0);
	/* What is hidden is not counted. */
	help_tui_keys(&help, "/ h i d e Space h i t Enter");
	for (int i = 0; i < 1000 && help.tui.logs.counting; i++)
		logpane_count(&help.tui.logs);
	help_tui_draw(&help);
	ck_assert_int_ge(help_tui_find(&help, "no match"), 0);
	ck_assert_str_eq(lines(), ">×10|||||");
}
END_TEST

START_TEST(test_filters_stack_and_keep_the_line)
{
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);

	for (unsigned i = 0; i < 30; i++) {
		char text[64];

		snprintf(text, sizeof text, "%s line %u", i % 3 == 0 ? "GET" : i % 3 == 1 ? "POST" : "PUT", i);
		help_tui_log(&help, web, BRM_OUT, i, text);
	}
	help_tui_keys(&help, "2 / s h o w Space / ^ P / Enter");
	ck_assert_ptr_nonnull(strstr(lines(), "|26|28|29"));
	help_tui_keys(&help, "k k k / h i d e Space P U T Enter");
	ck_assert_ptr_nonnull(strstr(lines(), "|22|>25|28"));
	help_tui_keys(&help, "Esc");
	ck_assert_ptr_nonnull(strstr(lines(), "|23|>25|26"));
	help_tui_keys(&help, "Esc");
	ck_assert_ptr_nonnull(strstr(lines(), "|24|>25|26"));
}
END_TEST

START_TEST(test_what_happened_stands_among_the_lines)
{
	uint32_t web = help_tui_add(&help, "web", BRM_STOPPED), api = help_tui_add(&help, "api", BRM_RUNNING);

	help_tui_log(&help, web, BRM_OUT, 0, "before");
	help_tui_status(&help, web, BRM_STARTING);
	help_tui_status(&help, web, BRM_FAILED);
	help_tui_status(&help, api, BRM_STOPPED);
	help_tui_keys(&help, "2 ]");
	ck_assert_int_gt(help_tui_find(&help, "─ starts, pid 1"), help_tui_find(&help, "before"));
	ck_assert_int_gt(help_tui_find(&help, "─ ended after 0.0 s"), help_tui_find(&help, "─ starts, pid 1"));
	ck_assert_ptr_nonnull(strstr(help_tui_row(&help, help_tui_find(&help, "─ ended after")), "run web#1"));
	ck_assert_ptr_null(strstr(lines(), "api"));
	help_tui_keys(&help, "k");
	ck_assert_str_eq(help.tui.drawn.name, "web");
	help_tui_keys(&help, "p");
	ck_assert_int_lt(help_tui_find(&help, "─ starts"), 0);
}
END_TEST

/* Bytes this process has read until now. */
static uint64_t bytes_read(void)
{
	FILE *file = fopen("/proc/self/io", "re");
	unsigned long long bytes = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "rchar: %llu", &bytes), 1);
	fclose(file);
	return bytes;
}

/* A gigabyte in lines of a megabyte, most of it holes of the file. */
static void gigabyte(uint32_t entry, const char *name)
{
	struct brm_logstore_options options = {.segment_bytes = UINT64_C(1) << 31, .keep = 4};
	struct brm_logstore **store = &help.stores[entry];
	struct brm_log_mark mark;
	char text[32];

	ck_assert_int_eq(brm_logstore_open(help.tui.instance.state_dir, name, &options, store), 0);
	for (unsigned i = 1; i <= 1024; i++) {
		size_t length = 1u << 20;
		off_t offset;
		int fd, begin = snprintf(text, sizeof text, "big line %u", i);

		ck_assert_int_eq(brm_logstore_target(*store, BRM_OUT, &fd, &offset), 0);
		ck_assert_int_eq(pwrite(fd, text, (size_t)begin, offset), begin);
		ck_assert_int_eq(pwrite(fd, "\n", 1, offset + (off_t)length - 1), 1);
		ck_assert_int_eq(brm_logstore_wrote(*store, BRM_OUT, length, 1000000 + i), 0);
	}
	brm_logstore_mark(*store, &mark);
	brm_writer_log_mark(help.writer, entry, &mark);
}

START_TEST(test_a_gigabyte_is_shown_without_being_read)
{
	static const char *const shown[][2] = {{"2", "big line 1024"}, {"g", "big line 1"},
					       {"PgDn", "big line 9"}, {"G", "big line 1024"},
					       {"PgUp", "big"},        {"C-f b i g", "search: big"}};
	uint32_t web = help_tui_add(&help, "web", BRM_RUNNING);
	uint64_t before;

	gigabyte(web, "web");
	help.tui.logs.no_wrap = true;
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		before = bytes_read();
		help_tui_keys(&help, shown[i][0]);
		ck_assert_int_ge(help_tui_find(&help, shown[i][1]), 0);
		ck_assert_uint_lt(bytes_read() - before, 1u << 20);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_logs");
	TCase *tcase = tcase_create("logs");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_a_gigabyte_is_shown_without_being_read);
	tcase_add_test(tcase, test_it_follows_until_the_user_goes_up);
	tcase_add_test(tcase, test_moving_goes_by_lines_and_pages_and_ends_in_following);
	tcase_add_test(tcase, test_several_processes_are_merged_by_time);
	tcase_add_test(tcase, test_levels_and_errors_are_found_in_a_large_store);
	tcase_add_test(tcase, test_search_marks_hits_and_goes_to_them);
	tcase_add_test(tcase, test_long_lines_wrap_or_are_cut);
	tcase_add_test(tcase, test_clearing_hides_and_undoes);
	tcase_add_test(tcase, test_a_selection_is_copied_without_what_a_terminal_acts_on);
	tcase_add_test(tcase, test_equal_neighbours_are_one_line);
	tcase_add_test(tcase, test_matches_are_counted_once_a_run);
	tcase_add_test(tcase, test_filters_stack_and_keep_the_line);
	tcase_add_test(tcase, test_what_happened_stands_among_the_lines);
	tcase_add_test(tcase, test_windows_agree_with_each_other);
	suite_add_tcase(suite, tcase);
	return suite;
}
