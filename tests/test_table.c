/* SPDX-License-Identifier: MIT */
#include "clients/common/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"

static const struct table_column columns[] = {
	{"NAME", 6, false}, {"STATUS", 0, false}, {"PID", 5, true}, {"URL", 0, false}};

#define COLUMNS (sizeof columns / sizeof *columns)

static struct table table;
static char *printed;

static void setup(void)
{
	table_init(&table, columns, COLUMNS);
	printed = NULL;
}

static void teardown(void)
{
	table_finish(&table);
	free(printed);
}

static void row(const char *name, const char *status, const char *pid, const char *url)
{
	table_cell(&table, name);
	table_cell(&table, status);
	table_cell(&table, pid);
	table_cell(&table, url);
}

/* What is printed in a style. */
static const char *print(struct table_style style)
{
	size_t size;
	FILE *out;

	free(printed);
	out = open_memstream(&printed, &size);
	style.bold = style.bold ? style.bold : "";
	style.plain = style.plain ? style.plain : "";
	ck_assert_int_eq(table_print(&table, &style, out), 0);
	fclose(out);
	return printed;
}

static void two_rows(void)
{
	row("web", "running", "4711", "http://127.0.0.1:3000/");
	row("w\xc3\xb6rker.\xe6\x97\xa5", "failed", "", "");
}

START_TEST(columns_are_aligned_by_width_on_a_terminal)
{
	two_rows();
	ck_assert_str_eq(print((struct table_style){.header = true}),
			 "NAME       STATUS     PID  URL\n"
			 "web        running   4711  http://127.0.0.1:3000/\n"
			 "w\xc3\xb6rker.\xe6\x97\xa5  failed\n");
}
END_TEST

START_TEST(tabs_separate_all_cells)
{
	two_rows();
	ck_assert_str_eq(print((struct table_style){.tabs = true, .header = true}),
			 "NAME\tSTATUS\tPID\tURL\n"
			 "web\trunning\t4711\thttp://127.0.0.1:3000/\n"
			 "w\xc3\xb6rker.\xe6\x97\xa5\tfailed\t\t\n");
}
END_TEST

START_TEST(nothing_is_an_empty_cell)
{
	row("web", "running", "4711", "http://127.0.0.1:3000/");
	table_cell(&table, "worker");
	table_empty(&table);
	table_cell(&table, "12");
	table_empty(&table);
	for (size_t i = 0; i < COLUMNS; i++)
		table_empty(&table);
	ck_assert_str_eq(print((struct table_style){.tabs = true}), "web\trunning\t4711\thttp://127.0.0.1:3000/\n"
								    "worker\t\t12\t\n"
								    "\t\t\t\n");
}
END_TEST

START_TEST(the_last_column_is_cut_first)
{
	two_rows();
	ck_assert_str_eq(print((struct table_style){.width = 40}), "web        running   4711  http://127.0…\n"
								   "w\xc3\xb6rker.\xe6\x97\xa5  failed\n");
}
END_TEST

START_TEST(columns_leave_from_the_right)
{
	two_rows();
	ck_assert_str_eq(print((struct table_style){.width = 20, .header = true}),
			 "NAME       STATUS\n"
			 "web        running\n"
			 "w\xc3\xb6rker.\xe6\x97\xa5  failed\n");
}
END_TEST

START_TEST(what_stays_is_cut_at_a_character)
{
	two_rows();
	ck_assert_str_eq(print((struct table_style){.width = 15}), "web     running\nw\xc3\xb6rke…  failed\n");
}
END_TEST

START_TEST(every_width_holds)
{
	for (unsigned width = 12; width < 80; width++) {
		two_rows();
		char *copy = strdup(print((struct table_style){.width = width, .header = true}));

		for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n"))
			ck_assert_uint_le(text_width(line), width);
		free(copy);
		table.headed = false;
	}
}
END_TEST

START_TEST(cells_cannot_steer_the_terminal)
{
	row("a\033[31mb\a", "x\ty\nz",
	    "\x9b"
	    "2J",
	    "\xff");
	ck_assert_ptr_null(strchr(print((struct table_style){0}), '\033'));
	ck_assert_ptr_null(strchr(printed, '\a'));
	ck_assert_ptr_null(strchr(printed, '\t'));
	ck_assert_ptr_eq(strchr(printed, '\n'), printed + strlen(printed) - 1);
}
END_TEST

static const char *color(const struct table_column *column, const char *text)
{
	return strcmp(column->heading, "STATUS") == 0 && strcmp(text, "failed") == 0 ? "<red>" : "";
}

START_TEST(colours_do_not_count)
{
	row("a", "failed", "1", "u");
	ck_assert_str_eq(print((struct table_style){.header = true, .bold = "<b>", .plain = "</>", .color = color}),
			 "<b>NAME</>    <b>STATUS</>    <b>PID</>  <b>URL</>\n"
			 "a       <red>failed</>      1  u\n");
}
END_TEST

START_TEST(headings_come_once_and_widths_stay)
{
	row("a-long-name", "x", "1", "u");
	print((struct table_style){.header = true});
	row("b", "x", "1", "u");
	ck_assert_str_eq(print((struct table_style){.header = true}), "b            x           1  u\n");
}
END_TEST

START_TEST(thousands_of_rows_fit)
{
	for (int i = 0; i < 5000; i++)
		row("name", "status", "1", "a-url-that-takes-some-room");
	ck_assert_uint_eq(strlen(print((struct table_style){.tabs = true})),
			  5000 * strlen("name\tstatus\t1\ta-url-that-takes-some-room\n"));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("print");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, columns_are_aligned_by_width_on_a_terminal);
	tcase_add_test(tcase, tabs_separate_all_cells);
	tcase_add_test(tcase, nothing_is_an_empty_cell);
	tcase_add_test(tcase, the_last_column_is_cut_first);
	tcase_add_test(tcase, columns_leave_from_the_right);
	tcase_add_test(tcase, what_stays_is_cut_at_a_character);
	tcase_add_test(tcase, every_width_holds);
	tcase_add_test(tcase, cells_cannot_steer_the_terminal);
	tcase_add_test(tcase, colours_do_not_count);
	tcase_add_test(tcase, headings_come_once_and_widths_stay);
	tcase_add_test(tcase, thousands_of_rows_fit);
	suite_add_tcase(suite, tcase);
	return suite;
}
