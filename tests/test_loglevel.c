/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdlib.h>
#include <string.h>

#include <brummer/logstore.h>

struct sample {
	const char *line;
	enum brm_level level;
};

#define NONE  BRM_LEVEL_NONE
#define DEBUG BRM_LEVEL_DEBUG
#define INFO  BRM_LEVEL_INFO
#define WARN  BRM_LEVEL_WARN
#define ERROR BRM_LEVEL_ERROR

/* Labels as programs write them. */
static const struct sample labels[] = {
	{"error: cannot open file", ERROR},
	{"Error: Cannot find module './x'", ERROR},
	{"ERROR something broke", ERROR},
	{"[ERROR] something broke", ERROR},
	{"[error] something broke", ERROR},
	{"[ERROR ] padded", ERROR},
	{"<error> in angles", ERROR},
	{"| ERROR | in columns", ERROR},
	{"(warn) in parentheses", WARN},
	{"warn - something", WARN},
	{"error  - ./pages/index.js", ERROR},
	{"info  - Loaded env from .env", INFO},
	{"info: Microsoft.Hosting.Lifetime[14]", INFO},
	{"fail: Microsoft.AspNetCore.Server.Kestrel[13]", ERROR},
	{"dbug: Microsoft.Extensions.Hosting", DEBUG},
	{"crit: something", ERROR},
	{"trce: something", DEBUG},
	{"debug: values are 1 2 3", DEBUG},
	{"TRACE entering", DEBUG},
	{"WRN slow query", WARN},
	{"12:00:00 INF listening addr=:8080", INFO},
	{"warning: unused variable 'x'", WARN},
	{"Warning: something is deprecated", WARN},
	{"WARNING: This is a development server.", WARN},
	{"INFO:root:hello", INFO},
	{"ERROR:root:hello", ERROR},
	{"CRITICAL:app:dying", ERROR},
	{"fatal: not a git repository", ERROR},
	{"fatal error: all goroutines are asleep - deadlock!", ERROR},
	{"panic: runtime error: index out of range", ERROR},
	{"notice: something", INFO},
	{"NOTICE:  relation exists, skipping", INFO},
	{"FAIL src/app.test.js", ERROR},
	{"--- FAIL: TestThing (0.00s)", ERROR},
	{"verbose: more", DEBUG},
	{"error", ERROR},
};

/* Behind a time, a name, a path, as loggers and compilers put them. */
static const struct sample behind[] = {
	{"2024-01-02 03:04:05.678 INFO 12345 --- [main] o.s.Application : Started", INFO},
	{"2024-01-02T03:04:05.678+01:00 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C : failed", ERROR},
	{"2024-01-02 03:04:05,678 [http-nio-8080-exec-10] WARN  com.example.Foo - slow", WARN},
	{"2024/01/02 03:04:05 [error] 123#0: *1 open() failed", ERROR},
	{"[Mon Jan 02 03:04:05 2024] [core:error] [pid 1] failed", ERROR},
	{"[12:00:00] [Server thread/INFO]: Done", INFO},
	{"[12:00:00.000] ERROR (1234): request failed", ERROR},
	{"03:04:05.678 [error] GenServer terminating", ERROR},
	{"E, [2024-01-02T03:04:05.678 #123] ERROR -- : broken", ERROR},
	{"2024-01-02 03:04:05.678 UTC [123] ERROR:  relation \"x\" does not exist", ERROR},
	{"2024-01-02 03:04:05.678 UTC [123] FATAL:  no pg_hba.conf entry", ERROR},
	{"Jan 02 03:04:05 host app[123]: ERROR cannot connect", ERROR},
	{"main.c:12:5: error: expected ';' before '}' token", ERROR},
	{"main.c:12:5: warning: unused variable", WARN},
	{"/home/me/project/src/components/deep/in/the/tree/and/further/File.c:12:5: error: expected", ERROR},
	{"src/a.ts(3,5): error TS2345: Argument of type", ERROR},
	{"src/a.ts:3:5 - error TS2322: Type 'string'", ERROR},
	{"  12:5  error  Missing semicolon  semi", ERROR},
	{"  12:5  warning  Unexpected console statement", WARN},
	{"error[E0308]: mismatched types", ERROR},
	{"error TS18003: No inputs were found", ERROR},
	{"collect2: error: ld returned 1 exit status", ERROR},
	{"12:00:00 PM [vite] Internal server error: x is not defined", ERROR},
	{"12:00:00 PM error foo", ERROR},
	{"1:M 01 Jan 2024 00:00:00.000 # Warning: no config file", WARN},
	{"npm ERR! code ELIFECYCLE", ERROR},
	{"npm WARN deprecated x@1.0.0", WARN},
	{"npm error code ENOENT", ERROR},
	{"npm warn deprecated x@1.0.0", WARN},
	{"npm notice New version", INFO},
	{"yarn error Command failed with exit code 1.", ERROR},
	{" ELIFECYCLE  Command failed with exit code 1.", ERROR},
	{"make: *** [Makefile:3: all] Error 2", ERROR},
	{"ERROR in ./src/index.js", ERROR},
	{"E0102 15:04:05.678901   12345 file.go:12] broken", ERROR},
	{"W0102 15:04:05.678901   12345 file.go:12] odd", WARN},
	{"I0102 15:04:05.678901   12345 file.go:12] fine", INFO},
	{"<3>kernel: out of memory", ERROR},
	{"<4>careful", WARN},
	{"<7>chatter", DEBUG},
};

/* Exceptions and what runtimes say when they die. */
static const struct sample deaths[] = {
	{"TypeError: Cannot read properties of undefined", ERROR},
	{"    ReferenceError: x is not defined", ERROR},
	{"java.lang.IllegalStateException: no", ERROR},
	{"Exception in thread \"main\" java.lang.RuntimeException", ERROR},
	{"Caused by: java.io.IOException: broken pipe", ERROR},
	{"Traceback (most recent call last):", ERROR},
	{"ValueError: invalid literal for int()", ERROR},
	{"thread 'main' panicked at src/main.rs:2:5:", ERROR},
	{"Uncaught Error: boom", ERROR},
	{"Unhandled rejection", ERROR},
	{"Segmentation fault (core dumped)", ERROR},
	{"(node:123) ExperimentalWarning: The Fetch API", WARN},
	{"(node:123) [DEP0005] DeprecationWarning: Buffer()", WARN},
};

/* Keys and values. */
static const struct sample keys[] = {
	{"{\"level\":\"error\",\"msg\":\"x\"}", ERROR},
	{"{\"time\":\"2024-01-02T03:04:05Z\",\"level\":\"WARN\",\"msg\":\"x\"}", WARN},
	{"{\"message\":\"something went fine\",\"level\":\"info\"}", INFO},
	{"{\"severity\": \"DEBUG\", \"message\": \"x\"}", DEBUG},
	{"{\"level\":30,\"time\":1531171074631,\"msg\":\"hello\"}", INFO},
	{"{\"level\":50,\"time\":1531171074631,\"msg\":\"hello\"}", ERROR},
	{"{\"level\":400,\"message\":\"x\"}", ERROR},
	{"{\"level\":10,\"message\":\"x\"}", DEBUG},
	{"{\"@level\":\"trace\",\"@message\":\"x\"}", DEBUG},
	{"time=\"2024-01-02T03:04:05Z\" level=warning msg=\"x\"", WARN},
	{"ts=2024-01-02T03:04:05Z lvl=eror msg=\"x\"", ERROR},
	{"level=info msg=\"0 errors\"", INFO},
	{"severity=CRITICAL", ERROR},
	{"{\"msg\":\"an error: bad\"}", NONE},
	{"{\"level\":1,\"v\":2}", NONE},
};

/* The words alone mean nothing. */
static const struct sample harmless[] = {
	{"", NONE},
	{"\n", NONE},
	{"hello world", NONE},
	{"0 errors", NONE},
	{"Found 0 errors. Watching for file changes.", NONE},
	{"no errors", NONE},
	{"No error: all is well", NONE},
	{"finished without error", NONE},
	{"compiled with 0 errors, 0 warnings", NONE},
	{"error: null", NONE},
	{"error: 0", NONE},
	{"errors: 0", NONE},
	{"  error: undefined,", NONE},
	{"GET /error 404", NONE},
	{"GET /api/errors/1 200 12ms", NONE},
	{"see error.log for details", NONE},
	{"error.log rotated", NONE},
	{"error-free run", NONE},
	{"loading ErrorBoundary", NONE},
	{"--error was given", NONE},
	{"an error handler was installed", NONE},
	{"terror: a film", NONE},
	{"Information about things", NONE},
	{"Debug build enabled", NONE},
	{"Notice that this is prose", NONE},
	{"informed: yes", NONE},
	{"errorCount: 3", NONE},
	{"DEBUG=express:* node app.js", NONE},
	{"const error = new Thing()", NONE},
	{"if error then exit", NONE},
	{"on error resume next", NONE},
	{"0 failed, 12 passed", NONE},
	{"> my-app@1.0.0 debug", NONE},
	{"\xff\xfe\xfd", NONE},
};

/* Numbers of them do. */
static const struct sample counts[] = {
	{"Found 3 errors in 2 files.", ERROR},
	{"2 errors generated.", ERROR},
	{"0 errors, 2 warnings", WARN},
	{"3 warnings generated.", WARN},
	{"Tests: 1 failed, 3 passed, 4 total", ERROR},
	{"=== 2 failed, 1 passed in 0.12s ===", ERROR},
	{"  2 failing", ERROR},
};

/* Colours are looked through. */
static const struct sample coloured[] = {
	{"\033[31mERROR\033[0m something", ERROR},
	{"\033[1;33mwarn\033[0m - careful", WARN},
	{"\033[32minfo\033[39m: fine", INFO},
	{"[\033[31merror\033[0m] x", ERROR},
	{"\033[2m2024-01-02T03:04:05Z\033[0m \033[33m WARN\033[0m app: slow", WARN},
	{"\033[90m12:00:00\033[0m \033[31mERR\033[0m failed", ERROR},
	{"\033[32mhello\033[0m", NONE},
	{"\033[31m0 errors\033[0m", NONE},
	{"\033[31m", NONE},
};

static const struct {
	const char *name;
	const struct sample *samples;
	size_t count;
} groups[] = {
	{"labels", labels, sizeof labels / sizeof *labels},         {"behind", behind, sizeof behind / sizeof *behind},
	{"deaths", deaths, sizeof deaths / sizeof *deaths},         {"keys", keys, sizeof keys / sizeof *keys},
	{"harmless", harmless, sizeof harmless / sizeof *harmless}, {"counts", counts, sizeof counts / sizeof *counts},
	{"coloured", coloured, sizeof coloured / sizeof *coloured},
};

/* On a copy of the exact size, so that a read beyond the end is seen by the sanitizers. */
static enum brm_level level_of(const char *line, size_t length)
{
	char *copy = malloc(length ? length : 1);
	enum brm_level level;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, line, length);
	level = brm_log_level(copy, length);
	free(copy);
	return level;
}

START_TEST(test_lines_get_the_level_they_announce)
{
	for (size_t i = 0; i < groups[_i].count; i++) {
		const struct sample *sample = &groups[_i].samples[i];
		enum brm_level level = level_of(sample->line, strlen(sample->line));

		ck_assert_msg(level == sample->level, "%s: \"%s\" has level \"%s\", not \"%s\"", groups[_i].name,
			      sample->line, brm_level_word(level), brm_level_word(sample->level));
	}
}
END_TEST

START_TEST(test_every_prefix_of_a_line_is_read_within_its_bounds)
{
	for (size_t i = 0; i < groups[_i].count; i++)
		for (size_t length = 0; length < strlen(groups[_i].samples[i].line); length++)
			ck_assert_int_lt(level_of(groups[_i].samples[i].line, length), BRM_LEVEL_COUNT);
}
END_TEST

START_TEST(test_random_bytes_are_read_within_their_bounds)
{
	unsigned seed = 7;

	for (int round = 0; round < 20000; round++) {
		static const char alphabet[] = "eErRoOwWaAnNiIfF:[]{}\"=0 \033m;\t/.\377";
		char line[200];
		size_t length = (size_t)rand_r(&seed) % sizeof line;

		for (size_t i = 0; i < length; i++)
			line[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
		ck_assert_int_lt(level_of(line, length), BRM_LEVEL_COUNT);
	}
}
END_TEST

START_TEST(test_only_the_beginning_of_a_long_line_counts)
{
	static char line[1 << 20];

	memset(line, 'x', sizeof line);
	memcpy(line + sizeof line - 20, " error: late", 12);
	ck_assert_int_eq(level_of(line, sizeof line), NONE);
	memcpy(line, "error: early ", 13);
	ck_assert_int_eq(level_of(line, sizeof line), ERROR);
}
END_TEST

START_TEST(test_words_of_levels_and_streams)
{
	enum brm_level level = BRM_LEVEL_COUNT;

	ck_assert_str_eq(brm_level_word(BRM_LEVEL_NONE), "");
	ck_assert_str_eq(brm_level_word(BRM_LEVEL_ERROR), "error");
	ck_assert_str_eq(brm_level_word((enum brm_level)99), "");
	ck_assert_str_eq(brm_stream_word(BRM_OUT), "out");
	ck_assert_str_eq(brm_stream_word(BRM_ERR), "err");
	for (int i = BRM_LEVEL_DEBUG; i < BRM_LEVEL_COUNT; i++) {
		ck_assert_int_eq(brm_level_parse(brm_level_word((enum brm_level)i), &level), 0);
		ck_assert_int_eq(level, i);
	}
	ck_assert_int_lt(brm_level_parse("loud", &level), 0);
	ck_assert_int_lt(brm_level_parse("", &level), 0);
	ck_assert_int_eq(level, BRM_LEVEL_ERROR);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("loglevel");
	TCase *tcase = tcase_create("level");
	int count = sizeof groups / sizeof *groups;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_lines_get_the_level_they_announce, 0, count);
	tcase_add_loop_test(tcase, test_every_prefix_of_a_line_is_read_within_its_bounds, 0, count);
	tcase_add_test(tcase, test_random_bytes_are_read_within_their_bounds);
	tcase_add_test(tcase, test_only_the_beginning_of_a_long_line_counts);
	tcase_add_test(tcase, test_words_of_levels_and_streams);
	suite_add_tcase(suite, tcase);
	return suite;
}
