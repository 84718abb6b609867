/* SPDX-License-Identifier: MIT */
#include "clients/common/select.h"

#include <string.h>

#include "clients/common/near.h"
#include "tests/check_main.h"

/* A snapshot of names; the second has labels, the third is at its 4th run. */
static struct process processes[] = {
	{.identity = {.name = "web"}},
	{.identity = {.name = "worker.1", .labels = {"tier=back\0zone=a", 2, 16}}},
	{.identity = {.name = "worker.2"}, .state = {.run = 4}},
	{.identity = {.name = "a=b"}},
	{.identity = {.name = "x*"}},
	{.identity = {.name = "db"}, .state = {.run = 1}},
};

#define COUNT (sizeof processes / sizeof *processes)

static const struct snapshot snapshot = {.processes = processes, .count = COUNT};

static const struct {
	const char *words[3];
	const char *chosen; /* one character a process; NULL: the last word is unknown */
} cases[] = {
	{{NULL}, "111111"},
	{{"all"}, "111111"},
	{{"web"}, "100000"},
	{{"db", "web"}, "100001"},
	{{"web", "web"}, "100000"},
	{{"worker.*"}, "011000"},
	{{"w?b"}, "100000"},
	{{"[dw]*"}, "111001"},
	{{"tier=back"}, "010000"},
	{{"zone=a"}, "010000"},
	{{"a=b"}, "000100"},
	{{"x*"}, "000010"}, /* a name before a glob */
	{{"worker.2#4"}, "001000"},
	{{"worker.2#3"}, NULL},
	{{"web#0"}, NULL},
	{{"tier=front"}, NULL},
	{{"we"}, NULL},
	{{"z*"}, NULL},
	{{""}, NULL},
	{{"web", "nope"}, NULL},
};

START_TEST(words_mean_names_runs_labels_and_globs)
{
	bool chosen[COUNT];
	const char *unknown;
	size_t count = 0;

	while (cases[_i].words[count])
		count++;
	unknown = select_processes(&snapshot, cases[_i].words, count, chosen);
	if (!cases[_i].chosen) {
		ck_assert_str_eq(unknown, cases[_i].words[count - 1]);
		return;
	}
	ck_assert_ptr_null(unknown);
	for (size_t i = 0; i < COUNT; i++)
		ck_assert_msg(chosen[i] == (cases[_i].chosen[i] == '1'), "process %zu of case %d", i, _i);
}
END_TEST

START_TEST(all_means_nothing_wrong_when_there_is_nothing)
{
	static const struct snapshot empty;
	const char *all[] = {"all"};
	bool chosen[1];

	ck_assert_ptr_null(select_processes(&empty, all, 1, chosen));
}
END_TEST

START_TEST(a_hint_is_a_sentence)
{
	static const char *const words[] = {"web", "db", "dev"};
	char hint[100];

	ck_assert_str_eq(near_hint(words, 0, hint, sizeof hint), "");
	ck_assert_str_eq(near_hint(words, 1, hint, sizeof hint), "; did you mean web?");
	ck_assert_str_eq(near_hint(words, 2, hint, sizeof hint), "; did you mean web or db?");
	ck_assert_str_eq(near_hint(words, 3, hint, sizeof hint), "; did you mean web, db or dev?");
	ck_assert_uint_lt(strlen(near_hint(words, 3, hint, 20)), 20);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("select");
	TCase *tcase = tcase_create("words");

	tcase_add_loop_test(tcase, words_mean_names_runs_labels_and_globs, 0, sizeof cases / sizeof *cases);
	tcase_add_test(tcase, all_means_nothing_wrong_when_there_is_nothing);
	tcase_add_test(tcase, a_hint_is_a_sentence);
	suite_add_tcase(suite, tcase);
	return suite;
}
