/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <limits.h>
#include <string.h>

#include <brummer/near.h>

static size_t nearest(const char *word, const char *const *candidates, const char **out)
{
	struct brm_near near;

	brm_near_begin(&near, word, out, 3);
	for (; *candidates; candidates++)
		brm_near_offer(&near, *candidates);
	return near.count;
}

START_TEST(what_was_meant_comes_first)
{
	static const char *const candidates[] = {"build", "build:watch", "db", "dev", "web", "worker", NULL};
	const char *out[3];

	ck_assert_uint_eq(nearest("biuld", candidates, out), 1);
	ck_assert_str_eq(out[0], "build");
	ck_assert_uint_ge(nearest("wev", candidates, out), 2);
	ck_assert_str_eq(out[0], "web");
	ck_assert_uint_eq(nearest("WORKER", candidates, out), 1);
	ck_assert_str_eq(out[0], "worker");
	ck_assert_uint_eq(nearest("watch", candidates, out), 1);
	ck_assert_str_eq(out[0], "build:watch");
	ck_assert_uint_eq(nearest("something-else", candidates, out), 0);
}
END_TEST

START_TEST(no_more_than_asked_for_are_kept)
{
	static const char *const candidates[] = {"aaa4", "aaa3", "aaa2", "aaa1", "aaa", NULL};
	const char *out[3];

	ck_assert_uint_eq(nearest("aaa", candidates, out), 3);
	ck_assert_str_eq(out[0], "aaa");
}
END_TEST

START_TEST(long_words_are_compared_by_their_beginning)
{
	char word[500], other[500];
	const char *candidates[] = {other, NULL};
	const char *out[3];

	memset(word, 'x', sizeof word);
	memset(other, 'x', sizeof other);
	word[sizeof word - 1] = other[sizeof other - 1] = '\0';
	other[0] = 'y';
	ck_assert_uint_eq(nearest(word, candidates, out), 1);
}
END_TEST

#define NOT UINT_MAX

/* Four for each letter that differs, two for another length, one for another first letter; NOT when it is not near. */
static unsigned distance(const char *word, const char *candidate)
{
	const char *out;
	struct brm_near near;

	brm_near_begin(&near, word, &out, 1);
	brm_near_offer(&near, candidate);
	return near.count > 0 ? near.distances[0] : NOT;
}

START_TEST(distances_count_edits)
{
	char a[400], b[400];

	ck_assert_uint_eq(distance("build", "build"), 0);
	ck_assert_uint_eq(distance("build", "buil"), 6);
	ck_assert_uint_eq(distance("build", "biuld"), 4);
	ck_assert_uint_eq(distance("server", "sxrvxr"), 8);
	ck_assert_uint_eq(distance("server", "srver2"), 8);
	ck_assert_uint_eq(distance("abc", "cab"), 9);
	ck_assert_uint_eq(distance("abc", "xyz"), NOT);
	memset(a, 'a', sizeof a);
	memset(b, 'a', sizeof b);
	a[399] = b[398] = '\0';
	ck_assert_uint_lt(distance(a, b), 16);
}
END_TEST

START_TEST(parts_are_near_and_whole_segments_nearer)
{
	ck_assert_uint_eq(distance("web", "npm:web"), 4);
	ck_assert_uint_eq(distance("NPM", "npm:web"), 4);
	ck_assert_uint_eq(distance("we", "npm:web"), 7);
	ck_assert_uint_eq(distance("w", "npm:web"), NOT);
	ck_assert_uint_eq(distance("", "w"), NOT);
	ck_assert_uint_eq(distance("x", "w"), NOT);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("near");
	TCase *tcase = tcase_create("words");

	tcase_add_test(tcase, what_was_meant_comes_first);
	tcase_add_test(tcase, no_more_than_asked_for_are_kept);
	tcase_add_test(tcase, long_words_are_compared_by_their_beginning);
	tcase_add_test(tcase, distances_count_edits);
	tcase_add_test(tcase, parts_are_near_and_whole_segments_nearer);
	suite_add_tcase(suite, tcase);
	return suite;
}
