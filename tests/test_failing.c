/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <brummer/errors.h>

#include "tests/capture_help.h"
#include "tests/detect_help.h"

/* A disk that fails: this program's pwrite() and splice() take the place of the C library's. */

static bool lines_fail;  /* pwrite() into the index of lines */
static bool errors_fail; /* pwrite() into that of errors */
static bool splice_fails;
static bool opens_fail; /* openat() of the store "web" */

static bool is_of(int fd, const char *kind)
{
	char path[64], target[512];
	ssize_t length;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof target - 1);
	target[length > 0 ? length : 0] = '\0';
	return strstr(target, kind) != NULL;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	if ((errors_fail && is_of(fd, "/errors.")) || (lines_fail && is_of(fd, "/index."))) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset)
{
	return pwrite(fd, bytes, length, offset);
}

ssize_t splice(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags)
{
	if (splice_fails && to_offset) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_splice, from, from_offset, to, to_offset, length, flags);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	if (opens_fail && strcmp(path, "web") == 0) {
		errno = EMFILE;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	return openat(dir, path, flags, mode);
}

static void set_up(void)
{
	static const char lines[] = "go begin \"^panic: \" ^panic:\n";

	lines_fail = errors_fail = splice_fails = opens_fail = false;
	det_set_up(lines, sizeof lines - 1);
}

/* As help_put_bytes(), but for failures: text is written by write(). */
static int put(struct brm_logstore *store, const char *text)
{
	off_t offset = -1;
	int fd = -1;

	ck_assert_int_eq(brm_logstore_target(store, BRM_OUT, &fd, &offset), 0);
	ck_assert_int_eq(syscall(SYS_pwrite64, fd, text, strlen(text), offset), (long)strlen(text));
	return brm_logstore_wrote(store, BRM_OUT, strlen(text), 1000);
}

static struct brm_log *open_log(const char *name)
{
	struct brm_log *log;

	ck_assert_int_eq(brm_log_open(test_dir(), name, &log), 0);
	return log;
}

static uint64_t lines_of(const char *name)
{
	struct brm_log *log = open_log(name);
	uint64_t first, end;

	brm_log_range(log, &first, &end);
	brm_log_close(log);
	return end - first;
}

/* The first lines of the errors there are. */
static size_t errors_of(const char *name, uint64_t seqs[8])
{
	struct brm_log *log = open_log(name);
	struct brm_log_error errors[8];
	ssize_t count = brm_log_errors(log, 0, errors, 8);

	ck_assert_int_ge(count, 0);
	for (ssize_t i = 0; i < count; i++)
		seqs[i] = errors[i].seq;
	brm_log_close(log);
	return (size_t)count;
}

START_TEST(test_errors_that_cannot_be_written_are_written_later)
{
	struct brm_logstore *store = det_open("later");
	uint64_t seqs[8];

	errors_fail = true;
	ck_assert_int_eq(put(store, "panic: one\nordinary\n"), 0);
	ck_assert_uint_eq(errors_of("later", seqs), 0);
	ck_assert_uint_eq(lines_of("later"), 2);
	errors_fail = false;
	ck_assert_int_eq(put(store, "ordinary\n"), 0);
	ck_assert_uint_eq(errors_of("later", seqs), 1);
	ck_assert_uint_eq(seqs[0], 0);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_lines_that_cannot_be_indexed_leave_each_error_once)
{
	struct brm_logstore *store = det_open("once");
	uint64_t seqs[8];

	ck_assert_int_eq(put(store, "panic: one\nordinary\n"), 0);
	lines_fail = true;
	ck_assert_int_eq(put(store, "panic: two\n"), -EIO);
	ck_assert_int_eq(put(store, "ordinary\npanic: three\n"), -EIO);
	ck_assert_uint_eq(errors_of("once", seqs), 1);
	lines_fail = false;
	ck_assert_int_eq(put(store, "ordinary\n"), 0);
	ck_assert_uint_eq(lines_of("once"), 6);
	ck_assert_uint_eq(errors_of("once", seqs), 3);
	ck_assert_uint_eq(seqs[0], 0);
	ck_assert_uint_eq(seqs[1], 2);
	ck_assert_uint_eq(seqs[2], 4);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_more_errors_than_can_be_kept_meanwhile_do_no_harm)
{
	struct brm_logstore *store = det_open("many");
	uint64_t seqs[8];

	errors_fail = true;
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(put(store, "panic: again\n"), 0);
	ck_assert_uint_eq(errors_of("many", seqs), 0);
	errors_fail = false;
	brm_logstore_close(store);
	ck_assert_uint_eq(errors_of("many", seqs), 8);
	ck_assert_uint_gt(seqs[0], 0);
	ck_assert_uint_eq(lines_of("many"), 100);
}
END_TEST

START_TEST(test_output_that_the_disk_refuses_is_counted_and_holds_up_nobody)
{
	struct spawn_result run;
	struct brm_logstore *store;
	struct brm_log_mark mark;
	char line[600];
	size_t length;

	splice_fails = true;
	snprintf(line, sizeof line, "exec %s a 20000 50", cap_program("numbers"));
	run = cap_start(1, "web", line);
	cap_finish(&run);
	splice_fails = false;
	run = cap_start(2, "web", "echo again");
	cap_finish(&run);
	capture_close(cap_capture);
	ck_assert_int_eq(brm_logstore_open(cap_state, "web", NULL, &store), 0);
	brm_logstore_mark(store, &mark);
	brm_logstore_close(store);
	ck_assert_str_eq(cap_text("web", BRM_OUT, &length), "again\n");
	ck_assert_uint_eq(mark.lost_bytes, 20000 * 50);
	cap_open();
}
END_TEST

static bool rests(void *arg)
{
	(void)arg;
	return cap_descriptors() == 0;
}

/* One more run says "again"; is it in the store? */
static bool says_again(void *arg)
{
	uint32_t *serial = arg;
	struct spawn_result run = cap_start(++*serial, "web", "echo again");
	size_t length;

	cap_finish(&run);
	return strstr(cap_text("web", BRM_OUT, &length), "again\n") != NULL;
}

START_TEST(test_output_without_descriptors_for_its_store_is_counted_and_holds_up_nobody)
{
	struct spawn_result run = cap_start(1, "web", "echo one");
	struct brm_logstore *store;
	struct brm_log_mark mark;
	uint32_t serial = 2;
	char line[600];
	size_t length;

	cap_finish(&run);
	ck_assert(help_until(rests, NULL));
	opens_fail = true;
	snprintf(line, sizeof line, "exec %s a 20000 50", cap_program("numbers"));
	run = cap_start(serial, "web", line);
	cap_finish(&run);
	opens_fail = false;
	ck_assert(help_until(says_again, &serial));
	capture_close(cap_capture);
	ck_assert_int_eq(brm_logstore_open(cap_state, "web", NULL, &store), 0);
	brm_logstore_mark(store, &mark);
	brm_logstore_close(store);
	ck_assert_str_eq(cap_text("web", BRM_OUT, &length), "one\nagain\n");
	ck_assert_uint_eq(mark.lost_bytes, 20000 * 50 + (serial - 3) * 6);
	cap_open();
}
END_TEST

START_TEST(test_lines_are_kept_while_their_index_cannot_be_written)
{
	struct brm_log_line lines[4];
	struct spawn_result run;
	size_t length;

	lines_fail = true;
	run = cap_start(1, "web", "echo one; echo two");
	cap_finish(&run);
	lines_fail = false;
	ck_assert_str_eq(cap_text("web", BRM_OUT, &length), "one\ntwo\n");
	run = cap_start(2, "web", "echo three");
	cap_finish(&run);
	ck_assert_uint_eq(cap_lines("web", lines, 4), 3);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("failing");
	TCase *index = tcase_create("index"), *output = tcase_create("output");

	tcase_set_timeout(index, 30);
	tcase_set_timeout(output, 30);
	tcase_add_checked_fixture(index, set_up, det_tear_down);
	tcase_add_checked_fixture(output, cap_set_up, cap_tear_down);
	tcase_add_test(index, test_errors_that_cannot_be_written_are_written_later);
	tcase_add_test(index, test_lines_that_cannot_be_indexed_leave_each_error_once);
	tcase_add_test(index, test_more_errors_than_can_be_kept_meanwhile_do_no_harm);
	tcase_add_test(output, test_output_that_the_disk_refuses_is_counted_and_holds_up_nobody);
	tcase_add_test(output, test_output_without_descriptors_for_its_store_is_counted_and_holds_up_nobody);
	tcase_add_test(output, test_lines_are_kept_while_their_index_cannot_be_written);
	suite_add_tcase(suite, index);
	suite_add_tcase(suite, output);
	return suite;
}
