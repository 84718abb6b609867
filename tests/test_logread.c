/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/log_help.h"

#define SMALL 4096u /* bytes of a segment */

/* Lines "0000 ... " of 40 bytes with their newline, from number `first` on; line i at time 10 * i. */
static void put_lines(struct brm_logstore *store, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		char line[48];

		snprintf(line, sizeof line, "%08u %.30s\n", i, "abcdefghijklmnopqrstuvwxyz0123456789");
		help_put(store, BRM_OUT, line, 10 * (uint64_t)i + 10);
	}
}

static unsigned number_of(struct brm_log *log, uint64_t seq)
{
	return (unsigned)strtoul(strrchr(help_line(log, seq), ' ') - 8, NULL, 10);
}

START_TEST(test_nothing_was_logged)
{
	struct brm_log *log = NULL;
	struct brm_logstore *store;
	uint64_t first, end;

	ck_assert_int_eq(brm_log_open(test_dir(), "none", &log), -ENOENT);
	ck_assert_int_eq(brm_log_open("/nonexistent", "none", &log), -ENOENT);
	ck_assert_ptr_null(log);
	brm_log_close(NULL);
	store = help_open("none", 0, 0);
	log = help_read("none");
	brm_log_range(log, &first, &end);
	ck_assert_uint_eq(first, 0);
	ck_assert_uint_eq(end, 0);
	ck_assert_int_eq(brm_log_lines(log, 0, NULL, 0), 0);
	ck_assert_str_eq(help_line(log, 0), "end");
	ck_assert_int_eq(brm_log_bytes(log, BRM_ERR, 0, &first, 1), 0);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_reads_end_at_the_mark)
{
	struct brm_logstore *store = help_open("mark", 0, 0);
	struct brm_log_mark mark;
	struct brm_log *log = help_read("mark");
	uint64_t first, end;
	char bytes[8];

	help_put(store, BRM_OUT, "one\ntw", 1);
	brm_logstore_mark(store, &mark);
	help_put(store, BRM_OUT, "o\nthree\n", 1);
	ck_assert_str_eq(help_line(log, 0), "end");
	ck_assert_int_eq(brm_log_refresh(log, &mark), 0);
	ck_assert_str_eq(help_line(log, 0), "out 0 3 one");
	ck_assert_str_eq(help_line(log, 1), "end");
	ck_assert_int_eq(brm_log_bytes(log, BRM_OUT, 4, bytes, sizeof bytes), 2);
	brm_log_stream_range(log, BRM_OUT, &first, &end);
	ck_assert_uint_eq(end, 6);
	ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
	ck_assert_str_eq(help_line(log, 2), "out 0 5 three");
	/* A mark that promises more than there is. */
	mark.lines = UINT64_MAX;
	ck_assert_int_eq(brm_log_refresh(log, &mark), 0);
	brm_log_range(log, &first, &end);
	ck_assert_uint_eq(end, 3);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_lines_and_bytes_are_read_over_the_ends_of_files)
{
	struct brm_logstore *store = help_open("ends", SMALL, 100);
	struct brm_log_line *lines = calloc(2000, sizeof *lines);
	struct brm_log *log;
	uint64_t first, end;
	static char bytes[100000];

	put_lines(store, 0, 1000);
	log = help_read("ends");
	ck_assert_uint_gt(help_count("ends", "out"), 10);
	ck_assert_uint_gt(help_count("ends", "index"), 3);
	ck_assert_int_eq(brm_log_lines(log, 0, lines, 2000), 1000);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_uint_eq(lines[i].seq, i);
		ck_assert_uint_eq(lines[i].offset, 40 * i);
		ck_assert_uint_eq(number_of(log, i), i);
	}
	brm_log_stream_range(log, BRM_OUT, &first, &end);
	ck_assert_uint_eq(first, 0);
	ck_assert_uint_eq(end, 40000);
	ck_assert_int_eq(brm_log_bytes(log, BRM_OUT, 0, bytes, sizeof bytes), 40000);
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_uint_eq(strtoul(bytes + 40 * (size_t)i, NULL, 10), i);
	free(lines);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_line_over_the_end_of_a_segment_is_whole)
{
	struct brm_logstore *store = help_open("over", SMALL, 4);
	static char half[5001], text[12000];
	struct brm_log_line line;
	struct brm_log *log;

	memset(half, 'x', 5000);
	help_put(store, BRM_OUT, half, 1);
	help_put(store, BRM_OUT, half, 1);
	help_put(store, BRM_OUT, "y\n", 1);
	log = help_read("over");
	ck_assert_uint_eq(help_count("over", "out"), 3);
	ck_assert_int_eq(brm_log_lines(log, 0, &line, 1), 1);
	ck_assert_int_eq(brm_log_text(log, &line, text, sizeof text), 10001);
	ck_assert_int_eq(text[9999], 'x');
	ck_assert_int_eq(text[10000], 'y');
	ck_assert_int_eq(brm_log_text(log, &line, text, 10), 10);
	ck_assert_int_eq(brm_log_text(log, &line, text, 0), 0);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_text_is_read_in_any_order)
{
	struct brm_logstore *store = help_open("any", 16384, 100);
	unsigned seed = 1;
	struct brm_log *log;

	put_lines(store, 0, 4000);
	log = help_read("any");
	for (unsigned i = 4000; i > 0; i--)
		ck_assert_uint_eq(number_of(log, i - 1), i - 1);
	for (unsigned i = 0; i < 2000; i++) {
		unsigned seq = (unsigned)rand_r(&seed) % 4000;

		ck_assert_uint_eq(number_of(log, seq), seq);
	}
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_rotation_under_a_reader_is_told)
{
	struct brm_logstore *store = help_open("under", SMALL, 2);
	struct brm_log_line old, line;
	struct brm_log *log;
	uint64_t first, end, oldest;
	char bytes[8];

	put_lines(store, 0, 10);
	log = help_read("under");
	ck_assert_int_eq(brm_log_lines(log, 0, &old, 1), 1);
	put_lines(store, 10, 2000);
	/* Its files are gone, but for what it had open. */
	ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
	brm_log_range(log, &first, &end);
	ck_assert_uint_gt(first, 1000);
	ck_assert_uint_eq(end, 2010);
	ck_assert_int_eq(brm_log_lines(log, 0, &line, 1), -ERANGE);
	ck_assert_int_eq(brm_log_lines(log, first - 1, &line, 1), -ERANGE);
	ck_assert_int_eq(brm_log_text(log, &old, bytes, sizeof bytes), -ERANGE);
	ck_assert_int_eq(brm_log_bytes(log, BRM_OUT, 0, bytes, sizeof bytes), -ERANGE);
	brm_log_stream_range(log, BRM_OUT, &oldest, &end);
	ck_assert_int_eq(brm_log_bytes(log, BRM_OUT, oldest - 1, bytes, sizeof bytes), -ERANGE);
	ck_assert_int_eq(brm_log_bytes(log, BRM_OUT, oldest, bytes, sizeof bytes), sizeof bytes);
	ck_assert_uint_eq(number_of(log, first), first);
	ck_assert_uint_eq(number_of(log, 2009), 2009); /* the newest file is the one it has open */
	/* And once more, without a refresh in between: what was not open is found to be gone. */
	brm_log_range(log, &first, &end);
	put_lines(store, 2010, 2000);
	ck_assert_int_eq(brm_log_bytes(log, BRM_OUT, oldest, bytes, sizeof bytes), -ERANGE);
	brm_log_range(log, &first, &end);
	ck_assert_uint_gt(first, 3000);
	ck_assert_uint_eq(end, first);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_every_line_there_is_has_its_text)
{
	struct brm_logstore *store = help_open("has", SMALL, 2);
	struct brm_log_line line;
	struct brm_log *log;
	uint64_t first, end;

	log = help_read("has");
	for (unsigned i = 0; i < 40; i++) {
		put_lines(store, i * 50, 50);
		ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
		brm_log_range(log, &first, &end);
		ck_assert_uint_eq(end, (i + 1) * 50);
		for (uint64_t seq = first; seq < end; seq++) {
			ck_assert_int_eq(brm_log_lines(log, seq, &line, 1), 1);
			ck_assert_uint_eq(number_of(log, seq), seq);
		}
	}
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_short_segment_is_an_error)
{
	struct brm_logstore *store = help_open("short", 0, 0);
	struct brm_log_line line;
	struct brm_log_mark mark;
	char bytes[8];
	struct brm_log *log;

	put_lines(store, 0, 10);
	brm_logstore_mark(store, &mark);
	brm_logstore_close(store);
	help_truncate(help_file("short", "out", 0), 370);
	log = help_read("short");
	ck_assert_str_eq(help_line(log, 9), "end");
	ck_assert_int_eq(brm_log_refresh(log, &mark), 0);
	ck_assert_int_eq(brm_log_lines(log, 9, &line, 1), 1);
	ck_assert_int_eq(brm_log_text(log, &line, bytes, sizeof bytes), sizeof bytes);
	line.length = 60;
	ck_assert_int_eq(brm_log_text(log, &line, (char[64]){0}, 64), -EIO);
	ck_assert_uint_eq(number_of(log, 8), 8);
	brm_log_close(log);
}
END_TEST

START_TEST(test_removed_store_is_told)
{
	struct brm_logstore *store = help_open("removed", 0, 0);
	struct brm_log *log;
	uint64_t id;

	put_lines(store, 0, 3);
	brm_logstore_close(store);
	log = help_read("removed");
	id = brm_log_id(log);
	ck_assert_int_eq(brm_logstore_remove(test_dir(), "removed"), 0);
	ck_assert_int_eq(brm_log_refresh(log, NULL), -ESTALE);
	store = help_open("removed", 0, 0);
	ck_assert_int_eq(brm_log_refresh(log, NULL), -ESTALE);
	brm_log_close(log);
	log = help_read("removed");
	ck_assert_uint_ne(brm_log_id(log), id);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_store_that_lost_lines_is_told)
{
	struct brm_logstore *store = help_open("mended", 0, 0);
	struct brm_log *log;

	put_lines(store, 0, 3);
	brm_logstore_close(store);
	log = help_read("mended");
	help_truncate(help_file("mended", "out", 0), 50);
	store = help_open("mended", 0, 0);
	ck_assert_int_eq(brm_log_refresh(log, NULL), -ESTALE);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_time_is_found)
{
	struct brm_logstore *store = help_open("seek", SMALL, 100);
	struct brm_log *log;
	uint64_t seq = 77;

	log = help_read("seek");
	ck_assert_int_eq(brm_log_seek_time(log, 5, &seq), 0);
	ck_assert_uint_eq(seq, 0);
	put_lines(store, 0, 1000);
	ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_int_eq(brm_log_seek_time(log, 10 * (uint64_t)i + 10, &seq), 0);
		ck_assert_uint_eq(seq, i);
		ck_assert_int_eq(brm_log_seek_time(log, 10 * (uint64_t)i + 1, &seq), 0);
		ck_assert_uint_eq(seq, i);
	}
	ck_assert_int_eq(brm_log_seek_time(log, 0, &seq), 0);
	ck_assert_uint_eq(seq, 0);
	ck_assert_int_eq(brm_log_seek_time(log, UINT64_MAX, &seq), 0);
	ck_assert_uint_eq(seq, 1000);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_cursor_resumes_exactly_and_says_what_was_dropped)
{
	struct brm_logstore *store = help_open("cursor", SMALL, 2);
	char cursor[BRM_CURSOR_MAX], other[BRM_CURSOR_MAX];
	uint64_t first, end, seq, dropped;
	bool is_other;
	struct brm_log *log;

	put_lines(store, 0, 10);
	log = help_read("cursor");
	ck_assert_uint_eq(strlen(brm_log_cursor(log, 5, cursor)), 18);
	ck_assert_int_eq(brm_log_resume(log, cursor, &seq, &dropped, &is_other), 0);
	ck_assert_uint_eq(seq, 5);
	ck_assert_uint_eq(dropped, 0);
	ck_assert(!is_other);
	put_lines(store, 10, 2000);
	ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
	brm_log_range(log, &first, &end);
	ck_assert_int_eq(brm_log_resume(log, cursor, &seq, &dropped, &is_other), 0);
	ck_assert_uint_eq(seq, first);
	ck_assert_uint_eq(dropped, first - 5);
	/* Ahead of what this reader knows: it waits there. */
	ck_assert_int_eq(brm_log_resume(log, brm_log_cursor(log, end + 5, cursor), &seq, &dropped, &is_other), 0);
	ck_assert_uint_eq(seq, end + 5);
	ck_assert_str_eq(help_line(log, seq), "end");
	brm_log_cursor(log, 5, other);
	other[0] = other[0] == '0' ? '1' : '0';
	ck_assert_int_eq(brm_log_resume(log, other, &seq, &dropped, &is_other), 0);
	ck_assert_uint_eq(seq, first);
	ck_assert_uint_eq(dropped, 0);
	ck_assert(is_other);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_what_is_no_cursor_is_refused)
{
	static const char *const wrong[] = {"",
					    ":",
					    "5",
					    "0123456789abcdef",
					    "0123456789abcdef:",
					    "0123456789abcde:5",
					    "0123456789abcdef0:5",
					    "0123456789ABCDEF:5",
					    "0123456789abcdef:-5",
					    "0123456789abcdef: 5",
					    "0123456789abcdef:5x",
					    "0123456789abcdef:99999999999999999999",
					    "0x23456789abcdef:5"};
	struct brm_logstore *store = help_open("wrong", 0, 0);
	struct brm_log *log = help_read("wrong");
	uint64_t seq = 7, dropped = 7;
	bool other = true;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_int_eq(brm_log_resume(log, wrong[i], &seq, &dropped, &other), -EINVAL);
	ck_assert(seq == 7 && dropped == 7 && other);
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

/* Write and rotate until killed. */
static void write_forever(void)
{
	struct brm_logstore_options options = {.segment_bytes = SMALL, .keep = 3};
	struct brm_logstore *store;

	if (brm_logstore_open(test_dir(), "live", &options, &store) != 0)
		_exit(1);
	for (uint64_t i = 0;; i++) {
		enum brm_stream stream = i % 3 == 0 ? BRM_ERR : BRM_OUT;
		char line[64];
		loff_t offset;
		int length = snprintf(line, sizeof line, "%" PRIu64 "\n", i), fd;

		if (brm_logstore_target(store, stream, &fd, &offset) != 0 ||
		    pwrite(fd, line, (size_t)length, offset) != length ||
		    brm_logstore_wrote(store, stream, (size_t)length, i + 1) != 0)
			_exit(1);
	}
}

/* Read what there is from seq on; each line's text is its number. Returns where to go on. */
static uint64_t read_on(struct brm_log *log, uint64_t seq, uint64_t *verified)
{
	struct brm_log_line lines[64];
	uint64_t first, end;
	ssize_t n = brm_log_lines(log, seq, lines, 64);

	if (n == -ERANGE) {
		brm_log_range(log, &first, &end);
		ck_assert_uint_gt(first, seq);
		return first;
	}
	ck_assert_int_ge(n, 0);
	for (ssize_t i = 0; i < n; i++) {
		char text[64] = "";
		ssize_t length = brm_log_text(log, &lines[i], text, sizeof text - 1);

		if (length == -ERANGE)
			continue;
		ck_assert_int_gt(length, 0);
		ck_assert_uint_eq(strtoull(text, NULL, 10), seq + (uint64_t)i);
		(*verified)++;
	}
	return seq + (uint64_t)n;
}

START_TEST(test_reader_beside_a_rotating_writer_sees_whole_lines_only)
{
	pid_t pid = fork();
	struct brm_log *log = NULL;
	uint64_t seq = 0, verified = 0;
	struct timespec now, end;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		write_forever();
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += 30;
	while (brm_log_open(test_dir(), "live", &log) != 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		ck_assert_int_lt(now.tv_sec, end.tv_sec);
	}
	while (verified < 50000) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		ck_assert_int_lt(now.tv_sec, end.tv_sec);
		ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
		for (int i = 0; i < 16; i++)
			seq = read_on(log, seq, &verified);
	}
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	brm_log_close(log);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("logread");
	TCase *tcase = tcase_create("read");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_nothing_was_logged);
	tcase_add_test(tcase, test_reads_end_at_the_mark);
	tcase_add_test(tcase, test_lines_and_bytes_are_read_over_the_ends_of_files);
	tcase_add_test(tcase, test_line_over_the_end_of_a_segment_is_whole);
	tcase_add_test(tcase, test_text_is_read_in_any_order);
	tcase_add_test(tcase, test_rotation_under_a_reader_is_told);
	tcase_add_test(tcase, test_every_line_there_is_has_its_text);
	tcase_add_test(tcase, test_short_segment_is_an_error);
	tcase_add_test(tcase, test_removed_store_is_told);
	tcase_add_test(tcase, test_store_that_lost_lines_is_told);
	tcase_add_test(tcase, test_time_is_found);
	tcase_add_test(tcase, test_cursor_resumes_exactly_and_says_what_was_dropped);
	tcase_add_test(tcase, test_what_is_no_cursor_is_refused);
	tcase_add_test(tcase, test_reader_beside_a_rotating_writer_sees_whole_lines_only);
	suite_add_tcase(suite, tcase);
	return suite;
}
