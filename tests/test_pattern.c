/* SPDX-License-Identifier: MIT */
#include "clients/mcp/pattern.h"

#include <string.h>

#include "tests/check_main.h"

START_TEST(finds_text_and_expressions)
{
	struct match match;
	char why[128];

	ck_assert(pattern_init(&match, "a.c", false, why, sizeof why));
	ck_assert(match_test(&match, "xa.cx", 5));
	ck_assert(!match_test(&match, "abc", 3));
	match_finish(&match);
	ck_assert(pattern_init(&match, "^(a|b){2,3}$", true, why, sizeof why));
	ck_assert(match_test(&match, "aba", 3));
	ck_assert(!match_test(&match, "abab", 4));
	match_finish(&match);
}
END_TEST

START_TEST(refuses_what_would_be_dear_or_is_wrong)
{
	static const char *const bad[] = {
		"(a)\\1", "a{1001}", "((a{100}){100}){100}", "a{1,99999999999999999999}", "(", "[", "a{50}b{50}",
	};
	struct match match;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char why[128] = "";

		ck_assert_msg(!pattern_init(&match, bad[i], true, why, sizeof why), "%s was accepted", bad[i]);
		ck_assert_msg(*why, "no reason for %s", bad[i]);
	}
}
END_TEST

START_TEST(as_text_anything_may_be_looked_for)
{
	struct match match;
	char why[128];

	ck_assert(pattern_init(&match, "(a)\\1{9999}", false, why, sizeof why));
	ck_assert(match_test(&match, "..(a)\\1{9999}", 13));
	match_finish(&match);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pattern");
	TCase *tcase = tcase_create("patterns");

	tcase_add_test(tcase, finds_text_and_expressions);
	tcase_add_test(tcase, refuses_what_would_be_dear_or_is_wrong);
	tcase_add_test(tcase, as_text_anything_may_be_looked_for);
	suite_add_tcase(suite, tcase);
	return suite;
}
