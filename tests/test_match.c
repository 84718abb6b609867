/* SPDX-License-Identifier: MIT */
#include "clients/common/match.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "clients/common/literal.h"
#include "tests/check_main.h"

static const struct {
	const char *pattern;
	bool fixed;
	const char *text;
	size_t length;
	bool matches;
} cases[] = {
	{"tick", false, "a tick here", 11, true},
	{"tick", false, "a tack here", 11, false},
	{"t.ck", false, "a tack here", 11, true},
	{"t.ck", true, "a tack here", 11, false},
	{"t.ck", true, "a t.ck here", 11, true},
	{"^GET .* 50[0-9]$", false, "GET /x 503", 10, true},
	{"^GET .* 50[0-9]$", false, "GET /x 5031", 11, false},
	{"50[0-9]$", false, "GET /x 5031", 10, true}, /* the text ends where its length says */
	{"here", false, "a\0b here", 8, true},        /* a NUL ends nothing */
	{"h.re", false, "a\0b here", 8, true},
	{"", false, "", 0, true},
	{"^$", false, "", 0, true},
	{"(a|b)+c", false, "xxababc", 7, true},
	{"\\d+ ms$", false, "took 12 ms", 10, true},
	{"^.{3}$", false, "\xc3\xa4\xc3\xb6\xc3\xbc", 6, true},
	{"^[^x]$", false, "\xe2\x82\xac", 3, true},
	{"(?i)\xc3\x84", false, "\xc3\xa4", 2, true},
	{"a.*b", false, "a\xff\xfe b", 5, true}, /* what is no UTF-8 is in nobody's way */
};

START_TEST(a_line_matches_or_not)
{
	struct match match;
	char why[100];

	ck_assert_int_eq(match_init(&match, cases[_i].pattern, cases[_i].fixed, why, sizeof why), 0);
	ck_assert_int_eq(match_test(&match, cases[_i].text, cases[_i].length), cases[_i].matches);
	match_finish(&match);
}
END_TEST

START_TEST(a_wrong_expression_is_refused_in_words)
{
	struct match match;
	char why[100] = "";

	ck_assert_int_eq(match_init(&match, "a(b", false, why, sizeof why), -EINVAL);
	ck_assert_str_ne(why, "");
	ck_assert_int_eq(match_init(&match, "a(b", true, why, sizeof why), 0);
	ck_assert(match_test(&match, "xa(bx", 5));
	match_finish(&match);
}
END_TEST

/* Expressions that a newline could lead astray, and texts beyond ASCII. */
static const char *const patterns[] = {"tick",  "t.ck",    "^b$",   "b\\s+a", "a\\s*+$",  "foo(?!\\s*bar)",
				       "\\Ab",  "^.{2}$",  "x|^$",  "[^q]b",  "\\w+ \\d", "b\\z",
				       "tick$", "a ti.k?", "foo.?", "^.bar",  "tick\nb"};
static const char lines[] = "a tick\nb\nfoo\nbar\n\nb \na\n\xc3\xa4\xc3\xb6\nab 1\nqb\nend";

START_TEST(many_lines_give_what_each_alone_does)
{
	for (size_t length = sizeof lines - 1; length > 0; length--) {
		const char *end = lines + length, *line = lines;
		struct match match;
		char why[100];
		bool sure;

		ck_assert_int_eq(match_init(&match, patterns[_i], false, why, sizeof why), 0);
		while (line < end) {
			const char *stop = memchr(line, '\n', (size_t)(end - line));
			const char *found = match_find(&match, line, (size_t)(end - line), &sure);

			stop = stop ? stop : end;
			/* A line may be offered in vain, but none that matches is passed by. */
			if (match_test(&match, line, (size_t)(stop - line)))
				ck_assert(found && found >= line && found <= stop);
			else
				ck_assert(!found || found > stop || !sure);
			line = stop + 1;
		}
		match_finish(&match);
	}
}
END_TEST

/* Every place and every length, in texts of few letters: against the C library's. */
START_TEST(a_text_is_found_where_it_first_is)
{
	char hay[400];
	struct needle needle, none;
	uint32_t random = 12345;

	needle_init(&none, "abab=", 5);

	for (int round = 0; round < 2000; round++) {
		size_t size = 0, at, length;

		for (; size < sizeof hay - (size_t)(round % 300); size++) {
			random = random * 1103515245 + 12345;
			hay[size] = "ab\n\0="[random >> 16 & 3];
		}
		at = (random >> 8) % size;
		length = (random >> 4) % (size - at) % 40;
		needle_init(&needle, hay + at, length);
		ck_assert_ptr_eq(needle_find(&needle, hay, size), memmem(hay, size, hay + at, length));
		ck_assert_ptr_eq(needle_find(&none, hay, size), NULL);
	}
}
END_TEST

static const struct {
	const char *pattern;
	const char *literal; /* "" for none */
} literals[] = {
	{"5.. took \\d+", " took "},
	{"status=5\\d+ took \\d+ ms user=alice0", " ms user=alice0"},
	{"nowh[ae]re to", "nowh"},
	{"abcd*", "abc"},
	{"abcd+e", "abcd"},
	{"abcd?efg", "efg"},
	{"abcd{0,2}", "abc"},
	{"abcd{2}x", "abc"},
	{"a{b}c", ""},
	{"one|other", ""},
	{"(one|other) thing", " thing"},
	{"([)]|\\)x)yes", "yes"},
	{"(?:x)yes", "yes"},
	{"(?i)yes", ""},
	{"\\x41yes", ""},
	{"(\\Q)\\E)yes", ""},
	{"a\\.b\\.c", "a.b.c"},
	{"[[:alpha:]]yes", ""},
	{"[]x]yes", "yes"},
	{"\xc3\xa4*yes", "yes"},
	{"^.*$", ""},
};

START_TEST(what_every_match_contains_is_known)
{
	char out[100];
	size_t length = literal_of(literals[_i].pattern, out);

	ck_assert_uint_eq(length, strlen(literals[_i].literal));
	ck_assert_mem_eq(out, literals[_i].literal, length);
}
END_TEST

START_TEST(a_line_tells_where_it_matches)
{
	struct match match;
	size_t begin, end;
	char why[100];

	ck_assert_int_eq(match_init(&match, "\\d+", false, why, sizeof why), 0);
	ck_assert(match_span(&match, "ab 12 345", 9, 0, &begin, &end));
	ck_assert(begin == 3 && end == 5);
	ck_assert(match_span(&match, "ab 12 345", 9, end, &begin, &end));
	ck_assert(begin == 6 && end == 9);
	ck_assert(!match_span(&match, "ab 12 345", 9, end, &begin, &end));
	match_finish(&match);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("match");
	TCase *tcase = tcase_create("lines");

	tcase_add_loop_test(tcase, a_line_matches_or_not, 0, sizeof cases / sizeof *cases);
	tcase_add_loop_test(tcase, many_lines_give_what_each_alone_does, 0, sizeof patterns / sizeof *patterns);
	tcase_add_test(tcase, a_text_is_found_where_it_first_is);
	tcase_add_loop_test(tcase, what_every_match_contains_is_known, 0, sizeof literals / sizeof *literals);
	tcase_add_test(tcase, a_line_tells_where_it_matches);
	tcase_add_test(tcase, a_wrong_expression_is_refused_in_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
