/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "config/cron.h"
#include "tests/check_main.h"

/* When a schedule's time comes, also where clocks are changed. Moments are in the local time of a zone. */

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

/* "2026-03-29 01:59" as a moment; where it is there twice the first. */
static time_t at(const char *text)
{
	struct tm tm = {.tm_isdst = -1};

	ck_assert_ptr_nonnull(strptime(text, "%Y-%m-%d %H:%M", &tm));
	tm.tm_isdst = -1;
	return mktime(&tm);
}

static const char *words(time_t moment)
{
	static char text[32];
	struct tm tm;

	localtime_r(&moment, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
	return text;
}

static time_t next(const char *fields, time_t after)
{
	struct cron cron;

	ck_assert_msg(cron_parse(fields, &cron) == 0, "%s", fields);
	return cron_next(&cron, after);
}

START_TEST(the_next_time_is_the_first_that_all_fields_allow)
{
	static const struct {
		const char *fields;
		const char *after;
		const char *next;
	} rows[] = {
		{"* * * * *", "2026-11-20 23:59", "2026-11-21 00:00"},
		{"*/5 * * * *", "2026-11-20 10:00", "2026-11-20 10:05"},
		{"2-59/20 * * * *", "2026-11-20 10:03", "2026-11-20 10:22"},
		{"0 9-17 * * mon-fri", "2026-11-20 17:00", "2026-11-23 09:00"},
		{"30 4 1,15 * *", "2026-11-20 00:00", "2026-12-01 04:30"},
		{"0 0 13 * 5", "2026-11-20 00:00", "2026-11-27 00:00"}, /* either of both days */
		{"0 0 29 2 *", "2026-11-20 00:00", "2028-02-29 00:00"},
		{"0 12 * jan 7", "2026-11-20 00:00", "2027-01-03 12:00"},
		{"@hourly", "2026-11-20 10:59", "2026-11-20 11:00"},
		{"@weekly", "2026-11-20 10:59", "2026-11-22 00:00"},
		{"@yearly", "2026-11-20 10:59", "2027-01-01 00:00"},
	};

	set_zone("UTC0");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_str_eq(words(next(rows[i].fields, at(rows[i].after))), rows[i].next);
	ck_assert_int_eq(next("0 0 30 2 *", at("2026-11-20 00:00")), -1);
}
END_TEST

START_TEST(what_is_no_schedule_is_refused)
{
	static const char *const wrong[] = {
		"",           "* * * *",    "* * * * * *", "60 * * * *",  "* 24 * * *",  "* * 0 * *",
		"* * * 13 *", "* * * * 8",  "a * * * *",   "5-1 * * * *", "*/0 * * * *", "1,, * * * *",
		"@never",     "1- * * * *", "-1 * * * *",  "* * * foo *", "*/ * * * *"};
	struct cron cron;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(cron_parse(wrong[i], &cron) != 0, "%s", wrong[i]);
}
END_TEST

START_TEST(an_hour_that_is_left_out_is_made_up_for_once)
{
	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	ck_assert_str_eq(words(next("30 2 * * *", at("2026-03-28 12:00"))), "2026-03-29 03:00");
	ck_assert_str_eq(words(next("30 2 * * *", at("2026-03-29 03:00"))), "2026-03-30 02:30");
	ck_assert_str_eq(words(next("0 3 * * *", at("2026-03-29 01:00"))), "2026-03-29 03:00");
}
END_TEST

START_TEST(an_hour_that_is_there_twice_counts_once_for_what_names_it)
{
	time_t first;

	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	first = next("30 2 * * *", at("2026-10-24 12:00"));
	ck_assert_str_eq(words(first), "2026-10-25 02:30");
	ck_assert_str_eq(words(next("30 2 * * *", first)), "2026-10-26 02:30");
	first = next("*/30 * * * *", at("2026-10-25 01:30")); /* 02:00, the first one */
	for (int i = 0; i < 4; i++)
		first = next("*/30 * * * *", first);
	ck_assert_str_eq(words(first), "2026-10-25 03:00"); /* four half hours later, not two */
}
END_TEST

START_TEST(any_bytes_are_parsed_within_bounds)
{
	char text[32];
	struct cron cron;

	srand(7);
	for (int i = 0; i < 20000; i++) {
		for (size_t j = 0; j < sizeof text - 1; j++)
			text[j] = "0123456789*/,- \tmonjan@x"[rand() % 24];
		text[rand() % (int)sizeof text] = '\0';
		text[sizeof text - 1] = '\0';
		cron_parse(text, &cron);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cron");
	TCase *tcase = tcase_create("cron");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, the_next_time_is_the_first_that_all_fields_allow);
	tcase_add_test(tcase, what_is_no_schedule_is_refused);
	tcase_add_test(tcase, an_hour_that_is_left_out_is_made_up_for_once);
	tcase_add_test(tcase, an_hour_that_is_there_twice_counts_once_for_what_names_it);
	tcase_add_test(tcase, any_bytes_are_parsed_within_bounds);
	suite_add_tcase(suite, tcase);
	return suite;
}
