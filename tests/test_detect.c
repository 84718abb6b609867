/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect/detect.h"
#include "detect/fingerprint.h"
#include "tests/log_help.h"

/* What real programs print, in tests/data/errors, and which errors are found in it; and lines made to hurt. */

#define FILE_MAX 65536u

static struct patterns *patterns;
static struct detect detect;
static char found[8192]; /* URLs */

static void on_url(void *arg, const char *url)
{
	(void)arg;
	strcat(found, url);
	strcat(found, "\n");
}

static char *slurp(const char *path, size_t *length)
{
	char *bytes = malloc(FILE_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	ck_assert_msg(fd >= 0, "cannot open %s", path);
	n = read(fd, bytes, FILE_MAX);
	ck_assert_int_ge(n, 0);
	close(fd);
	bytes[n] = '\0';
	*length = (size_t)n;
	return bytes;
}

static const char *data_path(const char *name)
{
	static char path[512];

	snprintf(path, sizeof path, "%s/%s", getenv("top_srcdir") ? getenv("top_srcdir") : ".", name);
	return path;
}

static void set_up(void)
{
	struct report report = {0};
	struct text text = {.file = "brummer-log-patterns"};
	char *bytes = slurp(data_path("supervisord/brummer-log-patterns"), &text.length);

	text.bytes = bytes;
	patterns = patterns_new();
	ck_assert_ptr_nonnull(patterns);
	ck_assert_int_eq(patterns_parse(patterns, &text, &report), 0);
	if (report.warnings)
		ck_abort_msg("%s", report.warnings[0]);
	free(bytes);
	detect = (struct detect){.patterns = patterns, .found_url = on_url};
	*found = '\0';
}

static void tear_down(void)
{
	patterns_free(patterns);
}

static struct brm_logstore *open_watched(const char *name)
{
	struct brm_logstore_options options = {.watch = detect_watch(&detect)};
	struct brm_logstore *store;

	ck_assert_int_eq(brm_logstore_open(test_dir(), name, &options, &store), 0);
	return store;
}

/* "2+5 python ValueError: x" a line for each error: its first line, how many, its language, its message. */
static const char *errors_of(const char *name)
{
	static char out[16384];
	struct brm_log *log = help_read(name);
	struct brm_log_error errors[64];
	ssize_t count = brm_log_errors(log, 0, errors, 64);
	size_t used = 0;

	ck_assert_int_ge(count, 0);
	*out = '\0';
	for (ssize_t i = 0; i < count; i++) {
		struct brm_log_line line;
		char text[512], clean[512];
		ssize_t n;

		ck_assert_int_eq(brm_log_lines(log, errors[i].seq + errors[i].message, &line, 1), 1);
		n = brm_log_text(log, &line, text, sizeof text);
		ck_assert_int_ge(n, 0);
		n = (ssize_t)brm_text_clean(text, (size_t)n, clean, sizeof clean);
		used += (size_t)snprintf(out + used, sizeof out - used, "%" PRIu64 "+%u %s %.*s\n", errors[i].seq,
					 errors[i].lines, brm_language_word(errors[i].language), (int)n, clean);
	}
	brm_log_close(log);
	return out;
}

static void put_at_once(struct brm_logstore *store, const char *bytes, size_t length)
{
	help_put_bytes(store, BRM_OUT, bytes, length, 1000);
}

/* Byte by byte nearly: lines are never whole in what is written. */
static void put_in_pieces(struct brm_logstore *store, const char *bytes, size_t length)
{
	for (size_t at = 0; at < length; at += 7)
		help_put_bytes(store, BRM_OUT, bytes + at, length - at < 7 ? length - at : 7, 1000);
}

static const char *const programs[] = {"c",   "dotnet", "go",   "java", "node",
				       "php", "python", "ruby", "rust", "typescript"};

static void check_program(const char *program, const char *store_name,
			  void (*put)(struct brm_logstore *store, const char *bytes, size_t length))
{
	struct brm_logstore *store;
	char path[128];
	size_t length, expected_length;
	char *bytes, *expected;

	brm_logstore_remove(test_dir(), store_name);
	store = open_watched(store_name);
	snprintf(path, sizeof path, "tests/data/errors/%s.log", program);
	bytes = slurp(data_path(path), &length);
	put(store, bytes, length);
	ck_assert_int_eq(brm_logstore_flush(store, BRM_OUT, 2000), 0);
	brm_logstore_close(store);
	snprintf(path, sizeof path, "tests/data/errors/%s.expected", program);
	return out;
}

START_TEST(test_urls_of_this_machine_and_its_network)
{
	static const struct {
		const char *line, *urls;
	} cases[] = {
		{"  Local:   http://localhost:5173/", "http://localhost:5173/ "},
		{"Listening on http://0.0.0.0:8000 (Press CTRL+C to quit)", "http://localhost:8000 "},
		{"http://[::]:3000, and https://127.0.0.1/a?b=c.", "http://localhost:3000 https://127.0.0.1/a?b=c "},
		{"(see http://app.localhost:80/x)", "http://app.localhost:80/x "},
		{"Network: http://192.168.1.20:5173/ use --host", "http://192.168.1.20:5173/ "},
		{"http://[::1]:9229/path_(x)", "http://[::1]:9229/path_(x) "},
		{"\"http://my-box.local:1/\"", "http://my-box.local:1/ "},
		{"https://example.com/ http://8.8.8.8/", ""},
		{"ws://localhost:1 http:// http://: http://localhost:99999 http://localhost:0", ""},
		{"http://localhost.evil.com/ http://localhostx/", ""},
		{"http://user@localhost:1/ http://localhost:1x", ""},
		{"HTTP://LocalHost:3000!", "HTTP://LocalHost:3000 "},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(urls_in(cases[i].line), cases[i].urls);
}
END_TEST

START_TEST(test_urls_are_found_once_without_colours_and_not_without_end)
{
	struct brm_logstore *store = open_watched("urls");
	char line[64];

	put_lines(store, BRM_OUT,
		  "\033[32m  Local\033[0m: \033[36mhttp://localhost:\033[1m5173\033[22m/\033[39m\n"
		  "again http://localhost:5173/\n");
	ck_assert_str_eq(found, "http://localhost:5173/\n");
	*found = '\0';
	for (unsigned i = 1; i < 400; i++) {
		snprintf(line, sizeof line, "GET http://localhost:%u/%u\n", i % 100 + 1, i);
		put_lines(store, BRM_OUT, line);
	}
	ck_assert_ptr_null(strstr(found, "http://localhost:30/"));
	brm_logstore_new_run(store);
	*found = '\0';
	put_lines(store, BRM_OUT, "http://localhost:5173/\n");
	ck_assert_str_eq(found, "http://localhost:5173/\n");
	brm_logstore_close(store);
}
END_TEST

/* ---- the file of patterns ---- */

START_TEST(test_wrong_lines_of_a_file_are_warnings_and_the_rest_counts)
{
	static const char lines[] = "# mine\n"
				    "klingon begin \"ab\" x\n"
				    "go start \"ab\" x\n"
				    "go begin ab x\n"
				    "go begin \"a\" x\n"
				    "go begin \"ab\" (\n"
				    "go begin \"ab\"\n"
				    "- begin \"^OOPS\" ^OOPS \\d+\r\n";
	struct text text = {.file = "log-patterns", .bytes = lines, .length = sizeof lines - 1};
	struct report report = {0};
	struct brm_logstore *store;

	ck_assert_int_eq(patterns_parse(patterns, &text, &report), 0);
	for (unsigned i = 0; i < 6; i++) {
		char place[32];

		snprintf(place, sizeof place, "log-patterns:%u: ", i + 2);
		ck_assert_ptr_nonnull(report.warnings[i]);
		ck_assert_msg(strncmp(report.warnings[i], place, strlen(place)) == 0, "%s", report.warnings[i]);
	}
	ck_assert_ptr_null(report.warnings[6]);
	report_finish(&report);
	store = open_watched("mine");
	put_lines(store, BRM_OUT, "OOPS 12\nOOPS\n");
	brm_logstore_close(store);
	ck_assert_str_eq(errors_of("mine"), "0+1  OOPS 12\n");
}
END_TEST

START_TEST(test_too_many_hints_are_refused_one_by_one)
{
	struct report report = {0};

	for (unsigned i = 0; i < 40; i++) {
		char line[64];
		struct text text = {.file = "f", .bytes = line};

		text.length = (size_t)snprintf(line, sizeof line, "- begin \"%c%c\" x\n", 'A' + i % 26, '0' + i / 26);
		ck_assert_int_eq(patterns_parse(patterns, &text, &report), 0);
	}
	ck_assert_ptr_nonnull(report.warnings);
	ck_assert_ptr_nonnull(strstr(report.warnings[0], "too many different hints"));
	report_finish(&report);
}
END_TEST

static TCase *make_case(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	return tcase;
}

Suite *test_suite(void)
{
	const int count = (int)(sizeof programs / sizeof *programs);
	Suite *suite = suite_create("detect");
	TCase *errors = make_case("errors"), *index = make_case("index"), *urls = make_case("urls");
	TCase *files = make_case("files");

	tcase_add_loop_test(errors, test_errors_of_real_programs_are_found_with_their_stacks, 0, count);
	tcase_add_loop_test(errors, test_errors_are_the_same_when_output_comes_in_pieces, 0, count);
	tcase_add_test(errors, test_streams_that_interleave_keep_their_own_errors);
	tcase_add_test(errors, test_an_error_ends_with_its_run);
	tcase_add_test(errors, test_an_error_ends_with_a_pause_and_without_a_newline);
	tcase_add_test(errors, test_stderr_alone_is_no_error);
	tcase_add_test(errors, test_endless_stacks_are_bounded);
	tcase_add_test(errors, test_garbage_and_very_long_lines_do_no_harm);
	tcase_add_test(index, test_errors_that_differ_in_numbers_alone_are_of_one_group);
	tcase_add_test(index, test_a_killed_writer_leaves_each_error_once);
	tcase_add_test(index, test_a_torn_index_of_errors_is_mended);
	tcase_add_test(index, test_errors_of_rotated_lines_are_not_returned);
	tcase_add_test(index, test_errors_come_no_sooner_than_their_lines);
	tcase_add_test(urls, test_urls_of_this_machine_and_its_network);
	tcase_add_test(urls, test_urls_are_found_once_without_colours_and_not_without_end);
	tcase_add_test(files, test_wrong_lines_of_a_file_are_warnings_and_the_rest_counts);
	tcase_add_test(files, test_too_many_hints_are_refused_one_by_one);
	suite_add_tcase(suite, errors);
	suite_add_tcase(suite, index);
	suite_add_tcase(suite, urls);
	suite_add_tcase(suite, files);
	return suite;
}
