/* SPDX-License-Identifier: MIT */
#include "clients/cli/merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/logstore.h>

#include "clients/cli/cli.h"
#include "tests/check_main.h"

static struct brm_logstore *stores[3];
static struct merge merge;
static char state_dir[4200];
static const char *const names[] = {"a", "b", "c"};

/* Of the program; here a lack of memory fails the test. */
void *must(void *memory)
{
	ck_assert_ptr_nonnull(memory);
	return memory;
}

static void setup(void)
{
	static int number;

	snprintf(state_dir, sizeof state_dir, "%s/%d-%d", test_dir(), (int)getpid(), number++);
	ck_assert_int_eq(mkdir(state_dir, 0700), 0);
	memset(stores, 0, sizeof stores);
}

static void teardown(void)
{
	for (size_t i = 0; i < 3; i++)
		brm_logstore_close(stores[i]);
	merge_finish(&merge);
}

/* A line to a store, captured at a microsecond. */
static void put(int store, enum brm_stream stream, const char *text, uint64_t us)
{
	static const struct brm_logstore_options small = {.segment_bytes = 4096, .keep = 2};
	loff_t offset;
	int fd;

	if (!stores[store])
		ck_assert_int_eq(brm_logstore_open(state_dir, names[store], &small, &stores[store]), 0);
	ck_assert_int_eq(brm_logstore_target(stores[store], stream, &fd, &offset), 0);
	ck_assert_int_eq(pwrite(fd, text, strlen(text), offset), strlen(text));
	ck_assert_int_eq(brm_logstore_wrote(stores[store], stream, strlen(text), us), 0);
}

/* Take up what the stores have. */
static void extend(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct brm_log_mark mark;

		if (!stores[i])
			continue;
		brm_logstore_mark(stores[i], &mark);
		ck_assert_int_eq(merge_extend(&merge, merge_track(&merge, names[i]), &mark), 0);
	}
}

static void begin(struct filter filter)
{
	merge_init(&merge, &filter, state_dir);
	extend();
}

static struct filter any(void)
{
	return (struct filter){.until_us = UINT64_MAX, .last = -1, .stream = -1};
}

/* All lines there are as "name:text ", or as many as fit. */
static const char *lines(void)
{
	static char out[4096];
	struct merged line;
	size_t used = 0;

	out[0] = '\0';
	while (merge_next(&merge, &line))
		used += (size_t)snprintf(out + used, sizeof out - used, "%s:%.*s ", line.track->name, (int)line.length,
					 line.text);
	return out;
}

START_TEST(lines_come_by_time_over_all_stores)
{
	put(0, BRM_OUT, "1\n", 10);
	put(0, BRM_ERR, "4\n", 40);
	put(1, BRM_OUT, "2\n", 20);
	put(1, BRM_OUT, "5\n", 50);
	put(2, BRM_OUT, "3\n", 30);
	begin(any());
	ck_assert_str_eq(lines(), "a:1 b:2 c:3 a:4 b:5 ");
	ck_assert_str_eq(lines(), "");
}
END_TEST

START_TEST(at_one_time_they_come_in_order_of_the_stores)
{
	put(1, BRM_OUT, "1\n", 10);
	put(0, BRM_OUT, "1\n2\n", 10);
	begin(any());
	ck_assert_str_eq(lines(), "a:1 a:2 b:1 ");
}
END_TEST

START_TEST(what_comes_later_is_given_once)
{
	put(0, BRM_OUT, "1\n", 10);
	begin(any());
	ck_assert_str_eq(lines(), "a:1 ");
	put(0, BRM_OUT, "2\n", 20);
	put(1, BRM_OUT, "3\n", 30);
	extend();
	put(0, BRM_OUT, "not yet marked\n", 40);
	ck_assert_str_eq(lines(), "a:2 b:3 ");
	extend();
	ck_assert_str_eq(lines(), "a:not yet marked ");
	extend();
	ck_assert_str_eq(lines(), "");
}
END_TEST

START_TEST(the_last_lines_are_those_that_are_wanted)
{
	struct filter filter = any();

	filter.last = 2;
	filter.stream = BRM_ERR;
	for (int i = 0; i < 400; i++) {
		char text[16];

		snprintf(text, sizeof text, "%d\n", i);
		put(0, i % 100 == 7 ? BRM_ERR : BRM_OUT, text, 10 + (uint64_t)i);
		put(1, BRM_OUT, text, 10 + (uint64_t)i);
	}
	begin(filter);
	ck_assert_str_eq(lines(), "a:207 a:307 ");
	put(0, BRM_ERR, "more\n", 1000);
	extend();
	ck_assert_str_eq(lines(), "a:more ");
}
END_TEST

START_TEST(no_last_lines_are_none)
{
	struct filter filter = any();

	filter.last = 0;
	put(0, BRM_OUT, "1\n", 10);
	begin(filter);
	put(0, BRM_OUT, "2\n", 20);
	extend();
	ck_assert_str_eq(lines(), "a:2 ");
}
END_TEST

START_TEST(times_cut_both_ends)
{
	struct filter filter = any();

	filter.since_us = 20;
	filter.until_us = 40;
	for (int i = 1; i <= 5; i++) {
		char text[16];

		snprintf(text, sizeof text, "%d\n", i);
		put(i % 2, BRM_OUT, text, 10 * (uint64_t)i);
	}
	begin(filter);
	ck_assert_str_eq(lines(), "a:2 b:3 ");
}
END_TEST

START_TEST(a_pattern_and_a_level_choose)
{
	struct filter filter = any();
	struct match match;
	char why[100];

	ck_assert_int_eq(match_init(&match, "r[0-9]", false, why, sizeof why), 0);
	filter.match = &match;
	put(0, BRM_OUT, "error: r1\nr2\nx\n", 10);
	put(1, BRM_OUT, "r3\nerror: y\nerror: r4\n", 20);
	begin(filter);
	ck_assert_str_eq(lines(), "a:error: r1 a:r2 b:r3 b:error: r4 ");
	merge_finish(&merge);
	filter.level = BRM_LEVEL_ERROR;
	begin(filter);
	ck_assert_str_eq(lines(), "a:error: r1 b:error: r4 ");
	match_finish(&match);
}
END_TEST

START_TEST(what_was_rotated_away_is_counted)
{
	char text[1001];
	uint64_t count = 0, next = 0;
	struct merged line;

	begin(any());
	memset(text, 'x', 1000);
	strcpy(text + 999, "\n");
	for (int i = 0; i < 100; i++)
		put(0, BRM_OUT, text, 10 + (uint64_t)i);
	extend();
	ck_assert(merge_next(&merge, &line));
	next = line.line.seq + 1;
	for (int i = 0; i < 300; i++)
		put(0, BRM_OUT, text, 1000 + (uint64_t)i);
	extend();
	while (merge_next(&merge, &line)) {
		ck_assert_uint_ge(line.line.seq, next);
		next = line.line.seq + 1;
		count++;
	}
	ck_assert_uint_eq(next, 400);
	ck_assert_uint_gt(merge.lost, 0);
	ck_assert_uint_lt(count, 300);
}
END_TEST

START_TEST(a_store_made_anew_is_read_from_its_start)
{
	put(0, BRM_OUT, "old\n", 10);
	begin(any());
	ck_assert_str_eq(lines(), "a:old ");
	brm_logstore_close(stores[0]);
	stores[0] = NULL;
	ck_assert_int_eq(brm_logstore_remove(state_dir, "a"), 0);
	put(0, BRM_OUT, "new\n", 5);
	extend();
	ck_assert_str_eq(lines(), "a:new ");
}
END_TEST

START_TEST(without_a_mark_what_is_whole_counts)
{
	put(0, BRM_OUT, "1\n2\nhalf", 10);
	merge_init(&merge, &(struct filter){.until_us = UINT64_MAX, .last = -1, .stream = -1}, state_dir);
	ck_assert_int_eq(merge_extend(&merge, merge_track(&merge, "a"), NULL), 0);
	ck_assert_int_eq(merge_extend(&merge, merge_track(&merge, "nothing"), NULL), -ENOENT);
	ck_assert_str_eq(lines(), "a:1 a:2 ");
}
END_TEST

#define MANY 6000

/* A store of many lines, of lengths from none to thousands of bytes; every `every`-th says so, and one stream or two.
 */
static char *many[MANY];
static void put_many(unsigned every, bool both)
{
	static const struct brm_logstore_options large = {.segment_bytes = 1 << 20, .keep = 40};
	unsigned random = every;

	ck_assert_int_eq(brm_logstore_open(state_dir, names[0], &large, &stores[0]), 0);
	for (unsigned i = 0; i < MANY; i++) {
		size_t length;

		random = random * 1103515245 + 12345;
		length = (random >> 16) % 100 == 0 ? 3000 : (random >> 16) % 120;
		many[i] = must(malloc(length + 40));
		memset(many[i], 'x', length);
		snprintf(many[i] + length, 40, "%s %u\n", i % every == 0 ? "seldom" : "often", i);
		put(0, both && i % 7 == 3 ? BRM_ERR : BRM_OUT, many[i], 1000 + i);
	}
}

/* Is the i-th line wanted, or near one that is? */
static bool is_shown(unsigned i, unsigned every, unsigned around)
{
	for (unsigned k = i > around ? i - around : 0; k <= i + around && k < MANY; k++)
		if (k % every == 0)
			return true;
	return false;
}

static const struct {
	unsigned every, around;
	bool both;
	const char *pattern;
} hunts[] = {
	{1, 0, false, "seldom"},
	{3, 0, false, "seldom"},
	{40, 0, false, "seldom"},
	{997, 0, false, "seldom"},
	{997, 2, false, "seldom"},
	{5999, 5, false, "seldom"},
	{40, 1, true, "seldom"},
	{997, 0, true, "s[aeiou]ldom"},
	{300, 0, false, "s[aeiou]ldom \\d+$"},
	{300, 3, false, "^x*seldo"},
	{300, 0, false, "(?<=x)seldom|^seldom"},
};

START_TEST(a_search_finds_what_each_line_says)
{
	struct filter filter = any();
	struct match match;
	struct merged line;
	char why[100];

	put_many(hunts[_i].every, hunts[_i].both);
	ck_assert_int_eq(match_init(&match, hunts[_i].pattern, false, why, sizeof why), 0);
	filter.match = &match;
	filter.before = filter.after = hunts[_i].around;
	begin(filter);
	for (unsigned i = 0; i < MANY; i++) {
		if (is_shown(i, hunts[_i].every, hunts[_i].around)) {
			ck_assert(merge_next(&merge, &line));
			ck_assert_uint_eq(line.line.seq, i);
			ck_assert_uint_eq(line.length, strlen(many[i]) - 1);
			ck_assert_mem_eq(line.text, many[i], line.length);
		}
		free(many[i]);
	}
	ck_assert(!merge_next(&merge, &line));
	put(0, BRM_OUT, "xseldom 1\n", 900000);
	extend();
	ck_assert(merge_next(&merge, &line));
	match_finish(&match);
}
END_TEST

/* How many of the next `most` lines there are. Each is whole. */
static size_t take(size_t most)
{
	struct merged line;
	size_t count = 0;

	for (; count < most && merge_next(&merge, &line); count++) {
		ck_assert_uint_gt(line.length, 6);
		ck_assert_mem_eq(line.text, "found ", 6);
	}
	return count;
}

/*
 * A store of 4 MB, every 500th line of which is to be found; stderr has the last line, if it has one. Somebody cuts the
 * file to `left` bytes after the first line was taken, while it is mapped.
 */
static void cut_while_searched(bool both, off_t left)
{
	static const struct brm_logstore_options large = {.segment_bytes = 64u << 20, .keep = 1};
	static struct match match;
	struct filter filter = any();
	char path[4300], line[48];

	ck_assert_int_eq(brm_logstore_open(state_dir, names[0], &large, &stores[0]), 0);
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(line, sizeof line, "%s %08u abcdefghijklmnopqrstuvw\n", i % 500 ? "other" : "found", i);
		put(0, BRM_OUT, line, 10 + i);
	}
	if (both)
		put(0, BRM_ERR, "found elsewhere\n", 200000);
	ck_assert_int_eq(match_init(&match, "found", true, line, sizeof line), 0);
	filter.match = &match;
	begin(filter);
	ck_assert_uint_eq(take(1), 1);
	snprintf(path, sizeof path, "%s/%s/out.%020d", state_dir, names[0], 0);
	ck_assert_int_eq(truncate(path, left), 0);
}

START_TEST(a_file_may_be_cut_under_the_search)
{
	const off_t left = 2000000; /* of 39 bytes a line: so 51283 are whole, and every 500th counts */

	cut_while_searched(_i == 1, left);
	ck_assert_uint_eq(take(SIZE_MAX), (size_t)(left / 39 + 499) / 500 - 1 + (_i == 1));
}
END_TEST

START_TEST(what_is_cut_before_it_is_shown_is_counted)
{
	cut_while_searched(false, 0);
	ck_assert_uint_eq(take(SIZE_MAX), 0);
	ck_assert_uint_gt(merge.lost, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("merge");
	TCase *tcase = tcase_create("lines");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, lines_come_by_time_over_all_stores);
	tcase_add_test(tcase, at_one_time_they_come_in_order_of_the_stores);
	tcase_add_test(tcase, what_comes_later_is_given_once);
	tcase_add_test(tcase, the_last_lines_are_those_that_are_wanted);
	tcase_add_test(tcase, no_last_lines_are_none);
	tcase_add_test(tcase, times_cut_both_ends);
	tcase_add_test(tcase, a_pattern_and_a_level_choose);
	tcase_add_test(tcase, what_was_rotated_away_is_counted);
	tcase_add_test(tcase, a_store_made_anew_is_read_from_its_start);
	tcase_add_test(tcase, without_a_mark_what_is_whole_counts);
	tcase_add_loop_test(tcase, a_search_finds_what_each_line_says, 0, sizeof hunts / sizeof *hunts);
	tcase_add_loop_test(tcase, a_file_may_be_cut_under_the_search, 0, 2);
	tcase_add_test(tcase, what_is_cut_before_it_is_shown_is_counted);
	suite_add_tcase(suite, tcase);
	return suite;
}
