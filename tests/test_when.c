/* SPDX-License-Identifier: MIT */
#include "clients/common/when.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "tests/check_main.h"

#define S  1000000000ull
#define MS 1000000ull

/* 2026-11-20 12:44:07.114 UTC */
#define NOON (1795178647ull * S + 114 * MS)

static void setup(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

START_TEST(times_are_rfc3339_in_utc)
{
	char text[WHEN_MAX];

	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	ck_assert_str_eq(when_rfc3339(NOON, text), "2026-11-20T12:44:07.114Z");
	ck_assert_str_eq(when_rfc3339(0, text), "1970-01-01T00:00:00.000Z");
}
END_TEST

static const struct {
	uint64_t ns;
	const char *text;
} durations[] = {
	{0, "0s"},
	{999 * MS, "0s"},
	{12 * S, "12s"},
	{192 * S, "3m12s"},
	{41 * 60 * S, "41m"},
	{8040 * S, "2h14m"},
	{273600 * S, "3d4h"},
	{UINT64_MAX, "213503d23h"},
};

START_TEST(durations_are_short)
{
	char text[WHEN_MAX];

	ck_assert_str_eq(when_duration(durations[_i].ns, text), durations[_i].text);
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{0, "0B"},           {1023, "1023B"},      {1024, "1K"},         {9437184, "9M"},
	{438304768, "418M"}, {1288490189, "1.2G"}, {10737418240, "10G"}, {UINT64_MAX, "1.5E"},
};

START_TEST(sizes_are_short)
{
	char text[WHEN_MAX];

	ck_assert_str_eq(when_bytes(sizes[_i].bytes, text), sizes[_i].text);
}
END_TEST

static const struct {
	const char *text;
	int rc;
	uint64_t ns;
} spans[] = {
	{"200ms", 0, 200 * MS},
	{"3s", 0, 3 * S},
	{"5m", 0, 300 * S},
	{"1h", 0, 3600 * S},
	{"2d", 0, 172800 * S},
	{"90", 0, 90 * S},
	{"1.5s", 0, 1500 * MS},
	{"1h30m", 0, 5400 * S},
	{"0", 0, 0},
	{"0.25", 0, 250 * MS},
	{"", -EINVAL, 0},
	{"s", -EINVAL, 0},
	{"5x", -EINVAL, 0},
	{"-5s", -EINVAL, 0},
	{"5m3", -EINVAL, 0},
	{" 5s", -EINVAL, 0},
	{"1..5s", -EINVAL, 0},
	{"5 s", -EINVAL, 0},
	{"99999999999999999999s", -ERANGE, 0},
	{"9999999999d", -ERANGE, 0},
};

START_TEST(durations_are_parsed_or_refused)
{
	uint64_t ns = 0;

	ck_assert_int_eq(when_parse_duration(spans[_i].text, &ns), spans[_i].rc);
	ck_assert_uint_eq(ns, spans[_i].ns);
}
END_TEST

static const struct {
	const char *text;
	int rc;
	uint64_t ns;
} times[] = {
	{"5m", 0, NOON - 300 * S},
	{"2026-11-20T12:44:07.114Z", 0, NOON},
	{"2026-11-20T13:44:07.114+01:00", 0, NOON},
	{"2026-11-20T05:14:07-0730", 0, NOON - 114 * MS},
	{"2026-11-20 12:44:07", 0, NOON - 114 * MS},
	{"2026-11-20T12:44", 0, NOON - 114 * MS - 7 * S},
	{"12:44", 0, NOON - 114 * MS - 7 * S},
	{"12:44:07", 0, NOON - 114 * MS},
	{"100000000d", -EINVAL, 0},
	{"yesterday", -EINVAL, 0},
	{"12:44x", -EINVAL, 0},
	{"2026-11-20T12:44:07.Z", -EINVAL, 0},
	{"2026-11-20T12:44:07+25:00", -EINVAL, 0},
	{"2026-13-20T12:44:07Z", -EINVAL, 0},
	{"", -EINVAL, 0},
};

START_TEST(times_are_parsed_or_refused)
{
	struct brm_now now = {.real_ns = NOON, .boot_ns = 1};
	uint64_t ns = 0;

	ck_assert_int_eq(when_parse_time(times[_i].text, now, &ns), times[_i].rc);
	ck_assert_uint_eq(ns, times[_i].ns);
}
END_TEST

START_TEST(a_time_before_1970_is_1970)
{
	struct brm_now now = {.real_ns = 10 * S, .boot_ns = 1};
	uint64_t ns = 1;

	ck_assert_int_eq(when_parse_time("20s", now, &ns), 0);
	ck_assert_uint_eq(ns, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("when");
	TCase *tcase = tcase_create("text");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, times_are_rfc3339_in_utc);
	tcase_add_loop_test(tcase, durations_are_short, 0, sizeof durations / sizeof *durations);
	tcase_add_loop_test(tcase, sizes_are_short, 0, sizeof sizes / sizeof *sizes);
	tcase_add_loop_test(tcase, durations_are_parsed_or_refused, 0, sizeof spans / sizeof *spans);
	tcase_add_loop_test(tcase, times_are_parsed_or_refused, 0, sizeof times / sizeof *times);
	tcase_add_test(tcase, a_time_before_1970_is_1970);
	suite_add_tcase(suite, tcase);
	return suite;
}
