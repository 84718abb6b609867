/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/log_help.h"

#define SMALL 4096u /* bytes of a segment */

START_TEST(test_two_streams_keep_their_common_order)
{
	struct brm_logstore *store = help_open("order", 0, 0);
	struct brm_log *log;

	help_put(store, BRM_OUT, "one\ntwo\nthr", 10);
	help_put(store, BRM_ERR, "bad\n", 20);
	help_put(store, BRM_OUT, "ee\n", 30);
	help_put(store, BRM_ERR, "worse\n\n", 40);
	log = help_read("order");
	ck_assert_str_eq(help_line(log, 0), "out 0 3 one");
	ck_assert_str_eq(help_line(log, 1), "out 0 3 two");
	ck_assert_str_eq(help_line(log, 2), "err 0 3 bad");
	ck_assert_str_eq(help_line(log, 3), "out 0 5 three");
	ck_assert_str_eq(help_line(log, 4), "err 0 5 worse");
	ck_assert_str_eq(help_line(log, 5), "err 0 0 ");
	ck_assert_str_eq(help_line(log, 6), "end");
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_bytes_are_kept_as_they_were_written)
{
	static const char bytes[] = "\033[31mred\033[0m\r\n\0nul\0\n\377\376\n";
	struct brm_logstore *store = help_open("bytes", 0, 0);
	char copy[sizeof bytes];
	struct brm_log *log;

	ck_assert_int_eq(help_put_bytes(store, BRM_OUT, bytes, sizeof bytes - 1, 1), 0);
	log = help_read("bytes");
	ck_assert_int_eq(brm_log_bytes(log, BRM_OUT, 0, copy, sizeof copy), sizeof bytes - 1);
	ck_assert_mem_eq(copy, bytes, sizeof bytes - 1);
	ck_assert_uint_eq(help_check_index("bytes"), 3);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_mark_says_how_far_it_is_written)
{
	struct brm_logstore *store = help_open("mark", 0, 0);
	struct brm_log_mark mark;

	brm_logstore_mark(store, &mark);
	ck_assert_uint_eq(mark.lines + mark.bytes[0] + mark.bytes[1] + mark.lost_bytes, 0);
	help_put(store, BRM_OUT, "one\ntwo", 1);
	help_put(store, BRM_ERR, "x\n", 1);
	brm_logstore_lose(store, 40);
	brm_logstore_lose(store, 2);
	brm_logstore_mark(store, &mark);
	ck_assert_uint_eq(mark.lines, 2);
	ck_assert_uint_eq(mark.bytes[BRM_OUT], 7);
	ck_assert_uint_eq(mark.bytes[BRM_ERR], 2);
	ck_assert_uint_eq(mark.lost_bytes, 42);
	brm_logstore_close(store);
	store = help_open("mark", 0, 0);
	brm_logstore_mark(store, &mark);
	ck_assert_uint_eq(mark.lines, 2);
	ck_assert_uint_eq(mark.bytes[BRM_OUT], 7);
	ck_assert_uint_eq(mark.lost_bytes, 42);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_pending_text_becomes_a_line_when_flushed)
{
	struct brm_logstore *store = help_open("flush", 0, 0);
	struct brm_log *log;

	ck_assert_int_eq(brm_logstore_flush(store, BRM_OUT, 1), 0);
	ck_assert(!brm_logstore_is_pending(store, BRM_OUT));
	help_put(store, BRM_OUT, "Continue? ", 1);
	ck_assert(brm_logstore_is_pending(store, BRM_OUT));
	ck_assert_uint_eq(help_check_index("flush"), 0);
	ck_assert_int_eq(brm_logstore_flush(store, BRM_OUT, 2), 0);
	ck_assert(!brm_logstore_is_pending(store, BRM_OUT));
	ck_assert_int_eq(brm_logstore_flush(store, BRM_OUT, 2), 0);
	help_put(store, BRM_OUT, "y\n", 3);
	ck_assert(!brm_logstore_is_pending(store, BRM_OUT));
	log = help_read("flush");
	ck_assert_str_eq(help_line(log, 0), "out 2 10 Continue? ");
	ck_assert_str_eq(help_line(log, 1), "out 0 1 y");
	ck_assert_str_eq(help_line(log, 2), "end");
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_first_line_of_a_run_says_so)
{
	struct brm_logstore *store = help_open("runs", 0, 0);
	struct brm_log *log;

	brm_logstore_new_run(store);
	help_put(store, BRM_OUT, "a\nb\n", 1);
	brm_logstore_new_run(store);
	help_put(store, BRM_ERR, "c\n", 1);
	log = help_read("runs");
	ck_assert_str_eq(help_line(log, 0), "out 4 1 a");
	ck_assert_str_eq(help_line(log, 1), "out 0 1 b");
	ck_assert_str_eq(help_line(log, 2), "err 4 1 c");
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

/* Write `length` bytes without a newline, in chunks of an odd size. */
static void put_long(struct brm_logstore *store, size_t length)
{
	static char chunk[70001];

	memset(chunk, 'x', sizeof chunk);
	while (length > 0) {
		size_t n = length < sizeof chunk ? length : sizeof chunk;

		ck_assert_int_eq(help_put_bytes(store, BRM_OUT, chunk, n, 1), 0);
		length -= n;
	}
}

START_TEST(test_long_lines_are_split)
{
	struct brm_logstore *store = help_open("long", 0, 0);
	struct brm_log_line lines[8];
	struct brm_log *log;

	help_put(store, BRM_OUT, "error: ", 1);
	put_long(store, 2 * (size_t)BRM_LOG_LINE_MAX);
	help_put(store, BRM_OUT, "\nshort\n", 1);
	put_long(store, BRM_LOG_LINE_MAX);
	help_put(store, BRM_OUT, "\n", 1);
	log = help_read("long");
	ck_assert_int_eq(brm_log_lines(log, 0, lines, 8), 5);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(lines[i].length, i < 2 ? BRM_LOG_LINE_MAX : 7);
		ck_assert_uint_eq(lines[i].flags, i < 2 ? BRM_LINE_CONTINUES : 0);
		ck_assert_uint_eq(lines[i].level, BRM_LEVEL_ERROR);
	}
	ck_assert_str_eq(help_line(log, 3), "out 0 5 short");
	ck_assert_uint_eq(lines[4].length, BRM_LOG_LINE_MAX);
	ck_assert_uint_eq(lines[4].flags, 0);
	ck_assert_uint_eq(lines[4].level, BRM_LEVEL_NONE);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_split_line_goes_on_after_a_reopen)
{
	struct brm_logstore *store = help_open("split", 0, 0);
	struct brm_log_line lines[4];
	struct brm_log *log;

	help_put(store, BRM_OUT, "error: ", 1);
	put_long(store, BRM_LOG_LINE_MAX);
	brm_logstore_close(store);
	store = help_open("split", 0, 0);
	help_put(store, BRM_OUT, "end\n", 1);
	log = help_read("split");
	ck_assert_int_eq(brm_log_lines(log, 0, lines, 4), 2);
	ck_assert_uint_eq(lines[0].flags, BRM_LINE_CONTINUES);
	ck_assert_uint_eq(lines[1].length, 10);
	ck_assert_uint_eq(lines[1].level, BRM_LEVEL_ERROR);
	ck_assert_uint_eq(brm_logstore_last_error(store, (char[8]){0}, 8), 0);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_level_of_a_line_does_not_depend_on_the_chunks)
{
	static const char text[] = "2024-01-02T03:04:05Z ERROR broken\nfine\nwarning: odd\n";
	static const uint8_t levels[] = {BRM_LEVEL_ERROR, BRM_LEVEL_NONE, BRM_LEVEL_WARN};

	for (size_t step = 1; step < sizeof text; step++) {
		char name[16];
		struct brm_logstore *store;
		struct brm_log_line lines[4];
		struct brm_log *log;

		snprintf(name, sizeof name, "chunks%zu", step);
		store = help_open(name, 0, 0);
		for (size_t at = 0; at < sizeof text - 1; at += step) {
			size_t left = sizeof text - 1 - at;

			ck_assert_int_eq(help_put_bytes(store, BRM_OUT, text + at, left < step ? left : step, 1), 0);
		}
		log = help_read(name);
		ck_assert_int_eq(brm_log_lines(log, 0, lines, 4), 3);
		for (int i = 0; i < 3; i++)
			ck_assert_uint_eq(lines[i].level, levels[i]);
		brm_log_close(log);
		brm_logstore_close(store);
	}
}
END_TEST

START_TEST(test_time_never_goes_back)
{
	struct brm_logstore *store = help_open("time", 0, 0);
	struct brm_log_line lines[8];
	static const uint64_t expected[] = {1, 500, 500, 500, 600, 600};
	struct brm_log *log;

	help_put(store, BRM_OUT, "a\n", 0);
	help_put(store, BRM_OUT, "b\n", 500);
	help_put(store, BRM_ERR, "c\n", 100);
	brm_logstore_close(store);
	store = help_open("time", 0, 0);
	help_put(store, BRM_OUT, "d\n", 200);
	help_put(store, BRM_OUT, "e\n", 600);
	help_put(store, BRM_ERR, "f\n", 0);
	log = help_read("time");
	ck_assert_int_eq(brm_log_lines(log, 0, lines, 8), 6);
	for (int i = 0; i < 6; i++)
		ck_assert_uint_eq(lines[i].time_us, expected[i]);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_last_error_is_the_newest_and_told_once)
{
	struct brm_logstore *store = help_open("last", 0, 0);
	char out[64];

	ck_assert_uint_eq(brm_logstore_last_error(store, out, sizeof out), 0);
	help_put(store, BRM_OUT, "error: first\nfine\n\033[31mERROR\033[0m sec\tond\r\nfine\n", 1);
	help_put(store, BRM_ERR, "just noise\n", 1);
	ck_assert_uint_eq(brm_logstore_last_error(store, out, sizeof out), 13);
	ck_assert_mem_eq(out, "ERROR sec\tond", 13);
	ck_assert_uint_eq(brm_logstore_last_error(store, out, sizeof out), 0);
	help_put(store, BRM_ERR, "Error: gr\303\274n\n", 1);
	ck_assert_uint_eq(brm_logstore_last_error(store, out, 10), 9);
	ck_assert_mem_eq(out, "Error: gr", 9);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_files_are_private)
{
	struct brm_logstore *store;
	struct stat st;

	umask(0);
	store = help_open("private", 0, 0);
	help_put(store, BRM_OUT, "a\n", 1);
	ck_assert_int_eq(stat(test_path("private"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(stat(test_path("private/store"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(help_file("private", "out", 0), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(help_file("private", "index", 0), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_links_are_not_followed)
{
	struct brm_logstore *store = NULL;
	loff_t offset;
	int fd = -1;

	ck_assert_int_eq(mkdir(test_path("elsewhere"), 0700), 0);
	ck_assert_int_eq(symlink("elsewhere", test_path("link")), 0);
	ck_assert_int_lt(brm_logstore_open(test_dir(), "link", NULL, &store), 0);
	ck_assert_ptr_null(store);
	store = help_open("linked", 0, 0);
	ck_assert_int_eq(symlink("/dev/null", help_file("linked", "out", 0)), 0);
	ck_assert_int_lt(brm_logstore_target(store, BRM_OUT, &fd, &offset), 0);
	ck_assert_int_eq(mkfifo(help_file("linked", "err", 0), 0600), 0);
	ck_assert_int_lt(brm_logstore_target(store, BRM_ERR, &fd, &offset), 0);
	ck_assert_int_eq(fd, -1);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_descriptors_do_not_reach_children)
{
	struct brm_logstore *store = help_open("cloexec", 0, 0);

	help_put(store, BRM_OUT, "a\n", 1);
	help_put(store, BRM_ERR, "a\n", 1);
	for (int fd = 3; fd < 64; fd++) {
		char path[64], target[4096];
		ssize_t n;

		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strstr(target, "cloexec"))
			ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	}
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_any_name_has_a_store)
{
	static const char *const names[] = {"a/b", "..", ".", "@acme/ui:dev", "gr\303\274n", "with space"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct brm_logstore *store = help_open(names[i], 0, 0);

		help_put(store, BRM_OUT, "a\n", 1);
		ck_assert_uint_eq(help_check_index(names[i]), 1);
		brm_logstore_close(store);
		ck_assert_int_eq(brm_logstore_remove(test_dir(), names[i]), 0);
		ck_assert_int_eq(brm_logstore_remove(test_dir(), names[i]), -ENOENT);
	}
}
END_TEST

START_TEST(test_remove_leaves_what_is_not_its_own)
{
	struct brm_logstore *store = help_open("mine", 0, 0);

	help_put(store, BRM_OUT, "a\n", 1);
	brm_logstore_close(store);
	help_append(test_path("mine/notes"), "x", 1);
	ck_assert_int_eq(brm_logstore_remove(test_dir(), "mine"), -ENOTEMPTY);
	ck_assert_int_eq(help_size(test_path("mine/notes")), 1);
	ck_assert_int_eq(help_size(help_file("mine", "out", 0)), -1);
}
END_TEST

/* `count` lines of 64 bytes. */
static void put_lines(struct brm_logstore *store, enum brm_stream stream, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char line[65];

		snprintf(line, sizeof line, "%062u.\n", i);
		help_put(store, stream, line, 1);
	}
}

START_TEST(test_segments_are_named_by_their_offset_and_never_touched_again)
{
	struct brm_logstore *store = help_open("rotate", SMALL, 3);
	struct stat first, again;
	int64_t size;

	put_lines(store, BRM_OUT, 60);
	ck_assert_int_eq(stat(help_file("rotate", "out", 0), &first), 0);
	size = help_size(help_file("rotate", "out", 0));
	ck_assert_int_gt(size, 0);
	put_lines(store, BRM_OUT, 60);
	ck_assert_int_eq(stat(help_file("rotate", "out", 0), &again), 0);
	ck_assert_uint_eq(first.st_ino, again.st_ino);
	ck_assert_int_ge(help_size(help_file("rotate", "out", (uint64_t)again.st_size)), 0);
	put_lines(store, BRM_OUT, 2000);
	ck_assert_int_eq(help_size(help_file("rotate", "out", 0)), -1);
	ck_assert_uint_eq(help_count("rotate", "out"), 4);
	ck_assert_uint_eq(help_count("rotate", "err"), 0);
	ck_assert_uint_gt(help_check_index("rotate"), 3 * SMALL / 80);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_flood_of_newlines_stays_within_what_the_segments_may_take)
{
	struct brm_logstore *store = help_open("newlines", SMALL, 3);
	static char newlines[1000];

	memset(newlines, '\n', sizeof newlines);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(help_put_bytes(store, BRM_OUT, newlines, 100, 1), 0);
	/* four segments, one index file of grain, one chunk */
	ck_assert_uint_le(help_total("newlines"), 4 * SMALL + 4096 + 1700 + 64);
	ck_assert_uint_gt(help_check_index("newlines"), 3 * SMALL / 17 - 100);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(help_put_bytes(store, (enum brm_stream)(i & 1), newlines, 1000, 1), 0);
	ck_assert_uint_le(help_total("newlines"), 3 * 4 * SMALL + 40000);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_index_goes_with_the_text_but_a_quiet_stream_is_kept)
{
	struct brm_logstore *store = help_open("quiet", 65536, 2);
	struct brm_log_line line;
	uint64_t first, end;
	struct brm_log *log;

	put_lines(store, BRM_OUT, 100);
	help_put(store, BRM_ERR, "error: once\n", 1);
	for (int i = 0; i < 40; i++)
		put_lines(store, BRM_OUT, 100);
	log = help_read("quiet");
	brm_log_range(log, &first, &end);
	ck_assert_uint_eq(first, 100);
	ck_assert_str_eq(help_line(log, 100), "err 0 11 error: once");
	ck_assert_int_eq(brm_log_lines(log, 101, &line, 1), 1);
	ck_assert_int_eq(brm_log_text(log, &line, (char[1]){0}, 1), -ERANGE);
	brm_log_close(log);
	for (int i = 0; i < 400; i++)
		put_lines(store, BRM_OUT, 100);
	log = help_read("quiet");
	brm_log_range(log, &first, &end);
	ck_assert_uint_gt(first, 101);
	ck_assert_uint_le((end - first) * 16, 3 * 65536 + 8192);
	ck_assert_int_eq(help_size(help_file("quiet", "err", 0)), 12);
	brm_log_close(log);
	brm_logstore_close(store);
	/* The stream's line is not indexed again because its record is gone. */
	store = help_open("quiet", 65536, 2);
	help_put(store, BRM_ERR, "again\n", 1);
	log = help_read("quiet");
	brm_log_range(log, &first, &end);
	ck_assert_str_eq(help_line(log, end - 1), "err 0 5 again");
	ck_assert_str_ne(help_line(log, end - 2), "err 0 11 error: once");
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_store_opens_when_everything_is_there_already)
{
	struct brm_logstore *store = help_open("again", 0, 0);
	struct brm_log *log = help_read("again");
	uint64_t id = brm_log_id(log);

	brm_log_close(log);
	help_put(store, BRM_OUT, "a\n", 1);
	for (int i = 0; i < 5; i++) {
		brm_logstore_close(store);
		store = help_open("again", 0, 0);
		help_put(store, BRM_OUT, "b\n", 1);
	}
	log = help_read("again");
	ck_assert_uint_eq(brm_log_id(log), id);
	ck_assert_uint_eq(help_check_index("again"), 6);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_store_that_rests_forgets_nothing)
{
	struct brm_logstore *store = help_open("rest", 0, 0);
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;
	struct brm_log_mark mark;
	struct brm_log *log;
	char error[64];

	brm_logstore_new_run(store);
	help_put(store, BRM_ERR, "error: a\n", 1);
	brm_logstore_new_run(store);
	help_put(store, BRM_OUT, "begin", 2);
	brm_logstore_rest(store);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(after, before + 1); /* the lowest that is free: all of the store's are */
	ck_assert(brm_logstore_is_pending(store, BRM_OUT));
	brm_logstore_mark(store, &mark);
	ck_assert_uint_eq(mark.lines, 1);
	ck_assert_uint_eq(brm_logstore_last_error(store, error, sizeof error), strlen("error: a"));
	ck_assert_int_eq(brm_logstore_wake(store), 0);
	ck_assert_int_eq(brm_logstore_wake(store), 0);
	help_put(store, BRM_OUT, " end\n", 3);
	log = help_read("rest");
	ck_assert_str_eq(help_line(log, 0), "err 4 8 error: a");
	ck_assert_str_eq(help_line(log, 1), "out 4 9 begin end");
	brm_log_close(log);
	brm_logstore_rest(store);
	brm_logstore_close(store);
	ck_assert_uint_eq(help_check_index("rest"), 2);
	close(before);
	close(after);
}
END_TEST

START_TEST(test_store_whose_files_went_does_not_wake)
{
	struct brm_logstore *store = help_open("gone", 0, 0);

	help_put(store, BRM_OUT, "a\n", 1);
	brm_logstore_rest(store);
	ck_assert_int_eq(unlink(help_file("gone", "index", 0)), 0);
	ck_assert_int_eq(brm_logstore_wake(store), -ENOENT);
	ck_assert_int_eq(brm_logstore_remove(test_dir(), "gone"), 0);
	ck_assert_int_eq(brm_logstore_wake(store), -ENOENT);
	brm_logstore_close(store);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("logstore");
	TCase *lines = tcase_create("lines"), *files = tcase_create("files");

	tcase_set_timeout(lines, 60);
	tcase_add_test(lines, test_two_streams_keep_their_common_order);
	tcase_add_test(lines, test_bytes_are_kept_as_they_were_written);
	tcase_add_test(lines, test_mark_says_how_far_it_is_written);
	tcase_add_test(lines, test_pending_text_becomes_a_line_when_flushed);
	tcase_add_test(lines, test_first_line_of_a_run_says_so);
	tcase_add_test(lines, test_long_lines_are_split);
	tcase_add_test(lines, test_split_line_goes_on_after_a_reopen);
	tcase_add_test(lines, test_level_of_a_line_does_not_depend_on_the_chunks);
	tcase_add_test(lines, test_time_never_goes_back);
	tcase_add_test(lines, test_last_error_is_the_newest_and_told_once);
	suite_add_tcase(suite, lines);
	tcase_set_timeout(files, 60);
	tcase_add_test(files, test_files_are_private);
	tcase_add_test(files, test_links_are_not_followed);
	tcase_add_test(files, test_descriptors_do_not_reach_children);
	tcase_add_test(files, test_any_name_has_a_store);
	tcase_add_test(files, test_remove_leaves_what_is_not_its_own);
	tcase_add_test(files, test_segments_are_named_by_their_offset_and_never_touched_again);
	tcase_add_test(files, test_flood_of_newlines_stays_within_what_the_segments_may_take);
	tcase_add_test(files, test_index_goes_with_the_text_but_a_quiet_stream_is_kept);
	tcase_add_test(files, test_store_opens_when_everything_is_there_already);
	tcase_add_test(files, test_store_that_rests_forgets_nothing);
	tcase_add_test(files, test_store_whose_files_went_does_not_wake);
	suite_add_tcase(suite, files);
	return suite;
}
