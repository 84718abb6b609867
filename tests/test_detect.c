/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect/fingerprint.h"
#include "tests/detect_help.h"
#include "tests/log_help.h"

/* What real programs print, in tests/data/errors, and which errors are found in it; and lines made to hurt. */

#define FILE_MAX 65536u

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
	size_t length;
	char *bytes = slurp(data_path("supervisord/brummer-log-patterns"), &length);

	det_set_up(bytes, length);
	free(bytes);
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
	store = det_open(store_name);
	snprintf(path, sizeof path, "tests/data/errors/%s.log", program);
	bytes = slurp(data_path(path), &length);
	put(store, bytes, length);
	ck_assert_int_eq(brm_logstore_flush(store, BRM_OUT, 2000), 0);
	brm_logstore_close(store);
	snprintf(path, sizeof path, "tests/data/errors/%s.expected", program);
	expected = slurp(data_path(path), &expected_length);
	ck_assert_str_eq(errors_of(store_name), expected);
	free(bytes);
	free(expected);
}

START_TEST(test_errors_of_real_programs_are_found_with_their_stacks)
{
	check_program(programs[_i], programs[_i], put_at_once);
}
END_TEST

START_TEST(test_errors_are_the_same_when_output_comes_in_pieces)
{
	check_program(programs[_i], "in-pieces", put_in_pieces);
}
END_TEST

/* ---- one store, lines made for the purpose ---- */

static void put_lines(struct brm_logstore *store, enum brm_stream stream, const char *lines)
{
	help_put(store, stream, lines, 1000);
}

START_TEST(test_streams_that_interleave_keep_their_own_errors)
{
	struct brm_logstore *store = det_open("both");

	put_lines(store, BRM_ERR, "Traceback (most recent call last):\n");
	put_lines(store, BRM_OUT, "panic: out\n\n");
	put_lines(store, BRM_ERR, "  File \"a.py\", line 1, in <module>\n");
	put_lines(store, BRM_OUT, "goroutine 1 [running]:\n");
	put_lines(store, BRM_ERR, "ValueError: err\n");
	put_lines(store, BRM_OUT, "ordinary\n");
	put_lines(store, BRM_ERR, "ordinary, too\n");
	brm_logstore_close(store);
	ck_assert_str_eq(errors_of("both"), "1+4 go panic: out\n0+6 python ValueError: err\n");
}
END_TEST

/* What a program says, behind what a runner puts before each of its lines. */
static void put_prefixed(struct brm_logstore *store, const char *prefix, const char *lines)
{
	while (*lines) {
		int length = (int)strcspn(lines, "\n");
		char line[256];

		snprintf(line, sizeof line, "%s%.*s\n", prefix, length, lines);
		help_put(store, BRM_OUT, line, 1000);
		lines += length + 1;
	}
}

static const char *const prefixes[] = {"web:dev: ", "@acme/web:dev: ", "[web] ",      "[0] ",
				       "web-1  | ", "db | ",           "[pnpm:web] ", "\033[36mweb |\033[0m "};

START_TEST(test_errors_behind_a_runners_prefix_keep_their_stacks)
{
	static const struct {
		const char *language;
		const char *lines;
		unsigned message, count;
	} errors[] = {
		{"javascript", "Error: boom\n    at f (/a.js:1:2)\n\n    at g (/a.js:3:4)\n", 0, 4},
		{"python",
		 "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\nValueError: x\n", 3, 4},
		{"go", "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:4 +0x1d\n", 0, 5},
		{"java", "Exception in thread \"main\" java.lang.Error: x\n\tat A.main(A.java:3)\nCaused by: y\n", 0,
		 3},
		{"rust", "thread 'main' panicked at a.rs:2:5:\nboom\nnote: run with\n", 1, 3},
	};
	struct brm_logstore *store;
	char expected[1024] = "";
	uint64_t seq = 0;

	brm_logstore_remove(test_dir(), "prefix");
	store = det_open("prefix");
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		const char *message = errors[i].lines;
		char whole[128], clean[128];
		size_t length;

		for (unsigned k = 0; k < errors[i].message; k++)
			message = strchr(message, '\n') + 1;
		put_prefixed(store, prefixes[_i], errors[i].lines);
		put_prefixed(store, prefixes[_i], "ordinary\n");
		snprintf(whole, sizeof whole, "%s%.*s", prefixes[_i], (int)strcspn(message, "\n"), message);
		length = brm_text_clean(whole, strlen(whole), clean, sizeof clean);
		snprintf(expected + strlen(expected), 256, "%" PRIu64 "+%u %s %.*s\n", seq, errors[i].count,
			 errors[i].language, (int)length, clean);
		seq += errors[i].count + 1;
	}
	brm_logstore_close(store);
	ck_assert_str_eq(errors_of("prefix"), expected);
}
END_TEST

START_TEST(test_a_prefix_is_one_only_where_the_next_line_has_it_too)
{
	struct brm_logstore *store = det_open("no-prefix");

	put_lines(store, BRM_OUT, "[error] Error: boom\n    at f (/a.js:1:2)\nordinary\n");
	put_lines(store, BRM_OUT,
		  "a.c:5:3: error: expected ';'\na.c:5:3: note: here\nb.h:1:2: note: there\nordinary\n");
	put_lines(store, BRM_OUT, "web:dev: Error: boom\napi:dev: listening\nweb:dev:     at f (/a.js:1:2)\n");
	put_lines(store, BRM_OUT,
		  "web:dev: Error: boom\nweb:dev:     at f (/a.js:1:2)\napi:dev: listening\n"
		  "web:dev:     at g (/a.js:1:2)\napi:dev: Error: other\napi:dev:     at h (/a.js:1:2)\n");
	brm_logstore_close(store);
	ck_assert_str_eq(errors_of("no-prefix"), "0+2 javascript [error] Error: boom\n"
						 "3+3 c a.c:5:3: error: expected ';'\n"
						 "7+1 javascript web:dev: Error: boom\n"
						 "10+4 javascript web:dev: Error: boom\n"
						 "14+2 javascript api:dev: Error: other\n");
}
END_TEST

/* Known by two bytes of its middle, and of no level. */
#define MIDDLE "a.rb:1: syntax error, unexpected x1\n"

static void check_every_second(const char *name, const char *block, size_t length, unsigned count)
{
	struct brm_logstore *store = det_open(name);
	struct brm_log_error errors[200];
	struct brm_log *log;

	ck_assert_int_eq(help_put_bytes(store, BRM_OUT, block, length, 1000), 0);
	brm_logstore_close(store);
	log = help_read(name);
	ck_assert_int_eq(brm_log_errors(log, 0, errors, 200), count);
	for (unsigned i = 0; i < count; i++)
		ck_assert_uint_eq(errors[i].seq, i * 2 + 1);
	brm_log_close(log);
}

/* A block is looked through 64 bytes at a time, 4,096 for a word of marks. */
START_TEST(test_errors_are_found_wherever_in_a_block_they_are)
{
	static char block[65536];
	size_t length = 0;

	for (int i = 0; i < 131; i++)
		length += (size_t)sprintf(block + length, "%0*d\n" MIDDLE, i + 1, 0);
	check_every_second("places", block, length, 131);
	length = 0;
	for (int i = 1; i < 16; i++)
		length += (size_t)sprintf(block + length, "%0*d\n" MIDDLE, 4096 * i - i - 2 - (int)length, 0);
	check_every_second("words", block, length, 15);
}
END_TEST

START_TEST(test_an_error_ends_with_its_run)
{
	struct brm_logstore *store = det_open("run");

	put_lines(store, BRM_ERR, "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n");
	brm_logstore_new_run(store);
	put_lines(store, BRM_OUT, "again\n");
	put_lines(store, BRM_ERR, "    indented\nValueError: of the other run\n");
	brm_logstore_close(store);
	ck_assert_str_eq(errors_of("run"), "0+2 python Traceback (most recent call last):\n"
					   "4+1  ValueError: of the other run\n");
}
END_TEST

START_TEST(test_an_error_ends_with_a_pause_and_without_a_newline)
{
	struct brm_logstore *store = det_open("pause");

	put_lines(store, BRM_ERR, "panic: one\n");
	ck_assert(detect_is_open(&det, BRM_ERR));
	brm_logstore_flush(store, BRM_ERR, 2000);
	ck_assert(!detect_is_open(&det, BRM_ERR));
	ck_assert_str_eq(errors_of("pause"), "0+1 go panic: one\n");
	put_lines(store, BRM_ERR, "panic: two");
	brm_logstore_flush(store, BRM_ERR, 3000);
	ck_assert_str_eq(errors_of("pause"), "0+1 go panic: one\n1+1 go panic: two\n");
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_stderr_alone_is_no_error)
{
	struct brm_logstore *store = det_open("quiet");

	put_lines(store, BRM_ERR, "listening on 3000\n0 errors\nno error\nthe error handler is installed\nerrors: 0\n");
	brm_logstore_close(store);
	ck_assert_str_eq(errors_of("quiet"), "");
}
END_TEST

START_TEST(test_endless_stacks_are_bounded)
{
	struct brm_logstore *store = det_open("endless");
	struct brm_log_error errors[8];
	struct brm_log *log;

	put_lines(store, BRM_ERR, "panic: deep\n");
	for (unsigned i = 0; i < 3 * DETECT_LINES_MAX; i++)
		put_lines(store, BRM_ERR, "\tmain.go:1\n");
	brm_logstore_close(store);
	log = help_read("endless");
	ck_assert_int_eq(brm_log_errors(log, 0, errors, 8), 1);
	ck_assert_uint_eq(errors[0].lines, DETECT_LINES_MAX);
	brm_log_close(log);
}
END_TEST

START_TEST(test_garbage_and_very_long_lines_do_no_harm)
{
	struct brm_logstore *store = det_open("garbage");
	size_t length = (3u << 20) + 7;
	char *bytes = malloc(length);

	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	memcpy(bytes, "panic: ", 7);
	help_put_bytes(store, BRM_OUT, bytes, length, 1000);
	memset(bytes, 'x', length);
	memcpy(bytes, "\npanic: long ", 13);
	help_put_bytes(store, BRM_OUT, bytes, length, 1000);
	put_lines(store, BRM_OUT, "\n\xff\xfe\xff: error: \xc0\x80\n\033[31mpanic: red\033[0m\r\n");
	brm_logstore_close(store);
	ck_assert_ptr_nonnull(strstr(errors_of("garbage"), "+1 go panic: red\n"));
	ck_assert_ptr_nonnull(strstr(errors_of("garbage"), " go panic: long xxx"));
	free(bytes);
}
END_TEST

/* ---- the index of errors ---- */

START_TEST(test_errors_that_differ_in_numbers_alone_are_of_one_group)
{
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{"timeout after 31 ms at 0x7ffd41", "timeout after 4 ms at 0x5500aa", true},
		{"no such file 'a.txt'", "no such file 'other/b.txt'", true},
		{"at src/a.js:10:3", "at src/a.js:11:33", true},
		{"job 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed", "job 9b2d04e0-0f89-41d3-8a0c-1105e82c3aff failed",
		 true},
		{"cannot open a", "cannot open b", false},
		{"can't read it", "can't write it", false},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		ck_assert_msg((fingerprint(1, pairs[i].a, strlen(pairs[i].a)) ==
			       fingerprint(1, pairs[i].b, strlen(pairs[i].b))) == pairs[i].same,
			      "%s / %s", pairs[i].a, pairs[i].b);
	ck_assert_uint_ne(fingerprint(1, "x", 1), fingerprint(2, "x", 1));
}
END_TEST

/* As a supervisor does that is killed: nothing is closed, and a new one opens the files. */
START_TEST(test_a_killed_writer_leaves_each_error_once)
{
	struct brm_logstore *store = det_open("killed");
	struct brm_logstore *successor;

	put_lines(store, BRM_ERR,
		  "panic: one\n\tmain.go:1\nordinary\nTraceback (most recent call last):\n  File \"a\"\n");
	det_begin();
	successor = det_open("killed");
	put_lines(successor, BRM_ERR, "ValueError: two\nordinary\n");
	ck_assert_str_eq(errors_of("killed"), "0+2 go panic: one\n3+3 python ValueError: two\n");
	det_begin();
	brm_logstore_close(det_open("killed"));
	ck_assert_str_eq(errors_of("killed"), "0+2 go panic: one\n3+3 python ValueError: two\n");
	det = (struct detect){.patterns = NULL};
	brm_logstore_close(successor);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_a_torn_index_of_errors_is_mended)
{
	struct brm_logstore *store = det_open("torn");
	const char *path;

	put_lines(store, BRM_ERR, "panic: one\nordinary\npanic: two\nordinary\n");
	brm_logstore_close(store);
	path = help_file("torn", "errors", 0);
	ck_assert_int_eq(help_size(path), 64);
	help_truncate(path, 50);
	store = det_open("torn");
	ck_assert_str_eq(errors_of("torn"), "0+1 go panic: one\n");
	put_lines(store, BRM_ERR, "panic: three\nordinary\n");
	brm_logstore_close(store);
	help_append(help_file("torn", "errors", 0), (char[40]){0}, 40);
	brm_logstore_close(det_open("torn"));
	ck_assert_str_eq(errors_of("torn"), "0+1 go panic: one\n4+1 go panic: three\n");
	ck_assert_int_eq(help_size(help_file("torn", "errors", 0)), 64);
}
END_TEST

START_TEST(test_errors_of_rotated_lines_are_not_returned)
{
	struct brm_logstore_options options = {.segment_bytes = 4096, .keep = 1, .watch = detect_watch(&det)};
	struct brm_logstore *store;
	struct brm_log_error errors[2];
	uint64_t first, end, lines_first, lines_end;
	struct brm_log *log;

	ck_assert_int_eq(brm_logstore_open(test_dir(), "rotated", &options, &store), 0);
	for (unsigned i = 0; i < 40000; i++)
		put_lines(store, BRM_ERR, "panic: again and again\n");
	log = help_read("rotated");
	brm_log_range(log, &lines_first, &lines_end);
	brm_log_errors_range(log, &first, &end);
	ck_assert_uint_gt(lines_first, 1000);
	ck_assert_uint_eq(end, 39999); /* the last is open */
	ck_assert_uint_eq(first, lines_first);
	ck_assert_int_eq(brm_log_errors(log, 0, errors, 2), 2);
	ck_assert_uint_eq(errors[0].seq, lines_first);
	ck_assert_uint_eq(errors[0].number, first);
	ck_assert_int_eq(brm_log_errors(log, end, errors, 2), 0);
	brm_log_close(log);
	brm_logstore_close(store);
	ck_assert_uint_le(help_count("rotated", "errors"), 16);
}
END_TEST

START_TEST(test_errors_come_no_sooner_than_their_lines)
{
	struct brm_logstore *store = det_open("mark");
	struct brm_log_mark before, after;
	struct brm_log_error error;
	struct brm_log *log;

	put_lines(store, BRM_ERR, "ordinary\n");
	brm_logstore_mark(store, &before);
	put_lines(store, BRM_ERR, "panic: x\nordinary\n");
	brm_logstore_mark(store, &after);
	log = help_read("mark");
	ck_assert_int_eq(brm_log_refresh(log, &before), 0);
	ck_assert_int_eq(brm_log_errors(log, 0, &error, 1), 0);
	ck_assert_int_eq(brm_log_refresh(log, &after), 0);
	ck_assert_int_eq(brm_log_errors(log, 0, &error, 1), 1);
	ck_assert_uint_eq(error.seq, 1);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

/* ---- URLs ---- */

static const char *urls_in(const char *line)
{
	static char out[1024];
	char url[URL_MAX];
	size_t at = 0;

	*out = '\0';
	while (url_next(line, strlen(line), &at, url) > 0) {
		strcat(out, url);
		strcat(out, " ");
	}
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
	struct brm_logstore *store = det_open("urls");
	char line[64];

	put_lines(store, BRM_OUT,
		  "\033[32m  Local\033[0m: \033[36mhttp://localhost:\033[1m5173\033[22m/\033[39m\n"
		  "again http://localhost:5173/\n");
	ck_assert_str_eq(det_urls, "http://localhost:5173/\n");
	*det_urls = '\0';
	for (unsigned i = 1; i < 400; i++) {
		snprintf(line, sizeof line, "GET http://localhost:%u/%u\n", i % 100 + 1, i);
		put_lines(store, BRM_OUT, line);
	}
	ck_assert_ptr_null(strstr(det_urls, "http://localhost:30/"));
	brm_logstore_new_run(store);
	*det_urls = '\0';
	put_lines(store, BRM_OUT, "http://localhost:5173/\n");
	ck_assert_str_eq(det_urls, "http://localhost:5173/\n");
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

	ck_assert_int_eq(patterns_parse(det_patterns, &text, &report), 0);
	for (unsigned i = 0; i < 6; i++) {
		char place[32];

		snprintf(place, sizeof place, "log-patterns:%u: ", i + 2);
		ck_assert_ptr_nonnull(report.warnings[i]);
		ck_assert_msg(strncmp(report.warnings[i], place, strlen(place)) == 0, "%s", report.warnings[i]);
	}
	ck_assert_ptr_null(report.warnings[6]);
	report_finish(&report);
	store = det_open("mine");
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
		ck_assert_int_eq(patterns_parse(det_patterns, &text, &report), 0);
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
	tcase_add_checked_fixture(tcase, set_up, det_tear_down);
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
	tcase_add_loop_test(errors, test_errors_behind_a_runners_prefix_keep_their_stacks, 0,
			    sizeof prefixes / sizeof *prefixes);
	tcase_add_test(errors, test_a_prefix_is_one_only_where_the_next_line_has_it_too);
	tcase_add_test(errors, test_errors_are_found_wherever_in_a_block_they_are);
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
