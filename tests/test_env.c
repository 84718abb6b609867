/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/dotenv.h"
#include "tests/check_main.h"
#include "tests/config_help.h"

START_TEST(lists_grow_and_end_with_null)
{
	char **list = NULL, **copy;

	ck_assert_uint_eq(list_length(NULL), 0);
	ck_assert_int_eq(list_append(&list, "a"), 0);
	ck_assert_int_eq(list_append(&list, ""), 0);
	help_lines(list, "a", "", NULL);
	copy = list_copy(list);
	list_free(list);
	help_lines(copy, "a", "", NULL);
	list_free(copy);
	copy = list_copy(NULL);
	ck_assert_ptr_nonnull(copy);
	help_lines(copy, NULL);
	list_free(copy);
	list_free(NULL);
}
END_TEST

START_TEST(a_variable_is_set_replaced_and_unset)
{
	char **env = NULL;

	ck_assert_int_eq(env_set(&env, "PATH", "/bin"), 0);
	ck_assert_int_eq(env_set(&env, "PATHS", "1"), 0);
	ck_assert_int_eq(env_set(&env, "PATH", "/usr/bin=x"), 0);
	ck_assert_int_eq(env_set(&env, "PATHS", NULL), 0);
	ck_assert_int_eq(env_set(&env, "EMPTY", ""), 0);
	help_lines(env, "PATH=/usr/bin=x", "PATHS", "EMPTY=", NULL);
	ck_assert_str_eq(env_get(env, "PATH"), "/usr/bin=x");
	ck_assert_str_eq(env_get(env, "EMPTY"), "");
	ck_assert_ptr_null(env_get(env, "PATHS"));
	ck_assert_ptr_null(env_get(env, "PAT"));
	ck_assert_ptr_null(env_get(NULL, "PATH"));
	ck_assert_int_eq(env_set(&env, "PATHS", "2"), 0);
	ck_assert_str_eq(env_get(env, "PATHS"), "2");
	list_free(env);
}
END_TEST

/* What a .env says, and what is wrong with it. */
static const struct {
	const char *text;
	const char *variable; /* NULL: none */
	const char *error;    /* NULL: none */
} dotenvs[] = {
	{"", NULL, NULL},
	{"# only a comment", NULL, NULL},
	{"A=1", "A=1", NULL},
	{"A=1\n", "A=1", NULL},
	{"\xef\xbb\xbf"
	 "A=1\r\n",
	 "A=1", NULL},
	{"  A = 1  \t\n", "A=1", NULL},
	{"A=", "A=", NULL},
	{"A=   ", "A=", NULL},
	{"A= # nothing", "A=", NULL},
	{"A=#not-a-comment", "A=#not-a-comment", NULL},
	{"A=pass#word", "A=pass#word", NULL},
	{"A=one two # three", "A=one two", NULL},
	{"A=x=y=z", "A=x=y=z", NULL},
	{"A=it's", "A=it's", NULL},
	{"A=$TEST_SET/${TEST_SET}", "A=one two/one two", NULL},
	{"A=\"<$TEST_SET>\"", "A=<one two>", NULL},
	{"A='$TEST_SET'", "A=$TEST_SET", NULL},
	{"A=`$TEST_SET`", "A=$TEST_SET", NULL},
	{"A=\\$TEST_SET \\${X}", "A=$TEST_SET ${X}", NULL},
	{"A=\"\\$TEST_SET\"", "A=$TEST_SET", NULL},
	{"A=${TEST_NOT:-some ${TEST_SET:-x}}", "A=some one two", NULL},
	{"A=$2b$10$ costs 5$ $$", "A=$2b$10$ costs 5$ $$", NULL},
	{"A=${TEST_NOT:?say it}", NULL, ".env:1:1: TEST_NOT is not set: say it"},
	{"A=${TEST_NOT", NULL, ".env:1:1: ${ without its }, expected ${NAME} (or $$ for a dollar sign)"},
	{"export A=1", "A=1", NULL},
	{"export\tA=1", "A=1", NULL},
	{"export=1", "export=1", NULL},
	{"exported=1", "exported=1", NULL},
	{"a.b-C_9=1", "a.b-C_9=1", NULL},
	{"A=\"two words\"", "A=two words", NULL},
	{"A='two words' # comment", "A=two words", NULL},
	{"A=`it's \"so\"`", "A=it's \"so\"", NULL},
	{"A=\"a # b\"", "A=a # b", NULL},
	{"A=\"l1\\nl2\\t\\\"q\\\" \\\\ \\$x \\w\"", "A=l1\nl2\t\"q\" \\ $x \\w", NULL},
	{"A='l1\\nl2'", "A=l1\\nl2", NULL},
	{"A=\"first\r\nsecond\n\nlast\"\n", "A=first\nsecond\n\nlast", NULL},
	{"A='-----BEGIN-----\nabc=\n-----END-----'", "A=-----BEGIN-----\nabc=\n-----END-----", NULL},
	{"A=\"\"", "A=", NULL},
	{"A=1\nA=2\n", "A=2", NULL},
	{"A", NULL, ".env:1:1: not an assignment, expected NAME=value"},
	{"\n\nA B=1", NULL, ".env:3:1: not an assignment, expected NAME=value"},
	{"=1", NULL, ".env:1:1: not an assignment, expected NAME=value"},
	{"  1A=1", NULL, ".env:1:3: not an assignment, expected NAME=value"},
	{"export A", NULL, ".env:1:1: not an assignment, expected NAME=value"},
	{"A: 1", NULL, ".env:1:1: not an assignment, expected NAME=value"},
	{"A=\"1\" 2", NULL, ".env:1:7: text after the closing quote, expected the end of the line"},
	{"A='x\ny", NULL, ".env:1:3: the quote is not closed, expected another one"},
	{"A=\"x\\\"", NULL, ".env:1:3: the quote is not closed, expected another one"},
	{"A=\xff", NULL, ".env:1:3: byte 0xff is not UTF-8, expected UTF-8 text"},
};

START_TEST(a_dotenv_file_is_read_as_people_expect)
{
	struct text text = help_text(".env", dotenvs[_i].text);
	struct report report = {0};
	char **env = NULL;

	setenv("TEST_SET", "one two", 1);
	unsetenv("TEST_NOT");
	ck_assert_int_eq(dotenv_parse(&text, &env, &report), dotenvs[_i].error ? -EINVAL : 0);
	help_lines(env, dotenvs[_i].variable, NULL);
	help_lines(report.errors, dotenvs[_i].error, NULL);
	list_free(env);
	report_finish(&report);
}
END_TEST

START_TEST(a_variable_may_refer_to_one_before_it)
{
	struct text text = help_text(".env", "TEST_A=1\nTEST_B=${TEST_A}2\nTEST_SET=x\nTEST_C=$TEST_SET$TEST_D\n");
	struct report report = {0};
	char **env = NULL;

	setenv("TEST_SET", "mine", 1);
	ck_assert_int_eq(dotenv_parse(&text, &env, &report), 0);
	help_lines(env, "TEST_A=1", "TEST_B=12", "TEST_SET=x", "TEST_C=mine", NULL);
	help_lines(report.warnings, ".env:4:1: TEST_D is not set, and is taken as empty", NULL);
	list_free(env);
	report_finish(&report);
}
END_TEST

START_TEST(every_wrong_line_of_a_dotenv_file_is_named)
{
	struct text text = help_text(".env", "A=1\nnonsense\nB=\"x\" y\nC=3\n");
	struct report report = {0};
	char **env = NULL;

	ck_assert_int_eq(dotenv_parse(&text, &env, &report), -EINVAL);
	help_lines(env, "A=1", "C=3", NULL);
	help_lines(report.errors, ".env:2:1: not an assignment, expected NAME=value",
		   ".env:3:7: text after the closing quote, expected the end of the line", NULL);
	list_free(env);
	report_finish(&report);
}
END_TEST

START_TEST(a_dotenv_file_with_nul_bytes_is_refused)
{
	struct text text = {.file = ".env", .bytes = "A=1\nB=\0\n", .length = 8};
	struct report report = {0};
	char **env = NULL;

	ck_assert_int_eq(dotenv_parse(&text, &env, &report), -EINVAL);
	help_lines(env, NULL);
	help_lines(report.errors, ".env:2:3: a NUL byte, expected text", NULL);
	report_finish(&report);
}
END_TEST

START_TEST(too_many_variables_are_refused)
{
	struct report report = {0};
	char **env = NULL;
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);
	struct text text;

	for (unsigned i = 0; i <= DOTENV_KEYS_MAX; i++)
		fprintf(out, "K%u=1\n", i);
	fclose(out);
	text = help_text(".env", bytes);
	ck_assert_int_eq(dotenv_parse(&text, &env, &report), -EINVAL);
	ck_assert_uint_eq(list_length(env), DOTENV_KEYS_MAX);
	help_lines(report.errors, ".env:1025:1: too many variables, expected at most 1024", NULL);
	list_free(env);
	free(bytes);
	report_finish(&report);
}
END_TEST

/* Every beginning of a text, in a buffer of exactly its size. */
START_TEST(a_dotenv_file_cut_anywhere_is_read_within_its_bytes)
{
	static const char whole[] =
		"\xef\xbb\xbf# c\nexport A=\"x\\n\\\"\r\ny\" # d\nB='\xe2\x82\xac'\nC=`d`\nE=f # g\nH";

	for (size_t length = 0; length < sizeof whole; length++) {
		char *bytes = malloc(length + (length == 0));
		struct text text = {.file = ".env", .bytes = bytes, .length = length};
		struct report report = {0};
		char **env = NULL;

		memcpy(bytes, whole, length);
		dotenv_parse(&text, &env, &report);
		list_free(env);
		report_finish(&report);
		free(bytes);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("env");
	TCase *tcase = tcase_create("env");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, lists_grow_and_end_with_null);
	tcase_add_test(tcase, a_variable_is_set_replaced_and_unset);
	tcase_add_loop_test(tcase, a_dotenv_file_is_read_as_people_expect, 0, sizeof dotenvs / sizeof *dotenvs);
	tcase_add_test(tcase, a_variable_may_refer_to_one_before_it);
	tcase_add_test(tcase, every_wrong_line_of_a_dotenv_file_is_named);
	tcase_add_test(tcase, a_dotenv_file_with_nul_bytes_is_refused);
	tcase_add_test(tcase, too_many_variables_are_refused);
	tcase_add_test(tcase, a_dotenv_file_cut_anywhere_is_read_within_its_bytes);
	suite_add_tcase(suite, tcase);
	return suite;
}
