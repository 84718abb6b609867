/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/log_help.h"

/* What a crash, a full disk or a person can do to the files, and what is left afterwards. */

static uint64_t id_of(const char *name)
{
	struct brm_log *log = help_read(name);
	uint64_t id = brm_log_id(log);

	brm_log_close(log);
	return id;
}

/* A closed store with the lines one, two (err), three, and the pending text "fou". */
static void make_store(const char *name)
{
	struct brm_logstore *store = help_open(name, 0, 0);

	help_put(store, BRM_OUT, "one\n", 10);
	help_put(store, BRM_ERR, "two\n", 20);
	help_put(store, BRM_OUT, "three\nfou", 30);
	brm_logstore_close(store);
}

/* Open again, end the pending line, and expect these lines. */
static void expect_lines(const char *name, const char *const *lines)
{
	struct brm_logstore *store = help_open(name, 0, 0);
	struct brm_log *log;
	uint64_t seq, end;

	help_put(store, BRM_OUT, "r\n", 40);
	help_check_index(name);
	log = help_read(name);
	for (brm_log_range(log, &seq, &end); *lines; lines++, seq++)
		ck_assert_str_eq(help_line(log, seq), *lines);
	ck_assert_uint_eq(seq, end);
	brm_log_close(log);
	brm_logstore_close(store);
}

static const char *const all_lines[] = {"out 0 3 one", "err 0 3 two", "out 0 5 three", "out 0 4 four", NULL};

START_TEST(test_pending_text_goes_on)
{
	make_store("pending");
	expect_lines("pending", all_lines);
}
END_TEST

START_TEST(test_torn_record_is_cut_and_its_line_indexed_again)
{
	uint64_t id;

	make_store("torn");
	id = id_of("torn");
	help_append(help_file("torn", "index", 0), "half", 4);
	expect_lines("torn", all_lines);
	ck_assert_uint_eq(id_of("torn"), id);
}
END_TEST

START_TEST(test_text_that_was_not_indexed_is)
{
	uint64_t id;

	make_store("tail");
	id = id_of("tail");
	help_append(help_file("tail", "out", 0), "r\nfive\nmo", 9);
	help_append(help_file("tail", "err", 0), "error\n", 6);
	expect_lines("tail", (const char *const[]){"out 0 3 one", "err 0 3 two", "out 0 5 three", "out 0 4 four",
						   "out 0 4 five", "err 0 5 error", "out 0 3 mor", NULL});
	ck_assert_uint_eq(id_of("tail"), id);
}
END_TEST

START_TEST(test_records_beyond_the_text_are_cut)
{
	uint64_t id;

	make_store("beyond");
	id = id_of("beyond");
	help_truncate(help_file("beyond", "err", 0), 2);
	expect_lines("beyond", (const char *const[]){"out 0 3 one", "out 0 5 three", "out 0 4 four", NULL});
	/* A sequence number has another meaning now, so cursors must not hold. */
	ck_assert_uint_ne(id_of("beyond"), id);
}
END_TEST

START_TEST(test_zeroed_records_are_cut)
{
	static const char zeros[64];

	make_store("zeros");
	help_append(help_file("zeros", "index", 0), zeros, sizeof zeros);
	expect_lines("zeros", all_lines);
}
END_TEST

START_TEST(test_lost_index_is_made_again)
{
	uint64_t id;

	make_store("lost");
	id = id_of("lost");
	ck_assert_int_eq(unlink(help_file("lost", "index", 0)), 0);
	expect_lines("lost",
		     (const char *const[]){"out 0 3 one", "out 0 5 three", "err 0 3 two", "out 0 4 four", NULL});
	ck_assert_uint_ne(id_of("lost"), id);
}
END_TEST

START_TEST(test_lost_text_is_not_mistaken_for_new)
{
	make_store("gone");
	ck_assert_int_eq(unlink(help_file("gone", "out", 0)), 0);
	/* It goes on where the index ends; "fou" is lost. */
	expect_lines("gone", (const char *const[]){"err 0 3 two", "out 0 5 (Numerical result out of range)",
						   "out 0 1 r", NULL});
	ck_assert_int_eq(help_size(help_file("gone", "out", 10)), 2);
}
END_TEST

START_TEST(test_damaged_identity_is_made_anew)
{
	uint64_t id;

	make_store("identity");
	id = id_of("identity");
	help_truncate(test_path("identity/store"), 7);
	expect_lines("identity", all_lines);
	ck_assert_uint_ne(id_of("identity"), id);
}
END_TEST

START_TEST(test_files_of_others_are_left_alone)
{
	make_store("foreign");
	help_append(test_path("foreign/out.1"), "x", 1);
	help_append(test_path("foreign/out.99999999999999999999"), "x", 1);
	help_append(test_path("foreign/index.0000000000000000000x"), "x", 1);
	expect_lines("foreign", all_lines);
	ck_assert_int_eq(help_size(test_path("foreign/out.1")), 1);
}
END_TEST

/* ---- killed at any moment ---- */

#define KILL_LINES   40000u /* of each stream, at least */
#define KILL_SEGMENT 65536u
#define KILLS        10u /* more than these */

/* Shared by the test and its feeder. */
struct feed {
	_Atomic bool enough; /* captures were killed */
	unsigned lines[2];   /* written to each stream, when the feeder has ended */
};

static size_t make_line(unsigned stream, unsigned number, char out[256])
{
	unsigned fill = (number * 7919u + stream * 31u) % 120u;

	return (size_t)sprintf(out, "%u %u %.*s\n", stream, number, (int)fill,
			       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

/* Write both streams' lines into two pipes, whole chunks of several lines, until captures were killed often enough. */
static void feed(const int fds[2], struct feed *shared)
{
	unsigned *number = shared->lines;
	unsigned seed = 11;

	while (number[0] < KILL_LINES || number[1] < KILL_LINES || !shared->enough) {
		unsigned s = rand_r(&seed) & 1;
		char chunk[8192];
		size_t size = 0;

		for (int n = rand_r(&seed) % 30; n >= 0; n--)
			size += make_line(s, number[s]++, chunk + size);
		for (size_t at = 0; at < size;) {
			ssize_t n = write(fds[s], chunk + at, size - at);

			if (n < 0)
				_exit(1);
			at += (size_t)n;
		}
	}
	_exit(0);
}

/* Capture what is in the pipes until both are at their end. */
static void capture(const int fds[2])
{
	struct brm_logstore_options options = {.segment_bytes = KILL_SEGMENT, .keep = 100000};
	struct pollfd polls[2] = {{.fd = fds[0], .events = POLLIN}, {.fd = fds[1], .events = POLLIN}};
	struct brm_logstore *store;

	if (brm_logstore_open(test_dir(), "killed", &options, &store) != 0)
		_exit(2);
	while (polls[0].fd >= 0 || polls[1].fd >= 0) {
		poll(polls, 2, -1);
		for (int s = 0; s < 2; s++) {
			loff_t offset;
			ssize_t n;
			int fd;

			if (!polls[s].revents)
				continue;
			if (brm_logstore_target(store, (enum brm_stream)s, &fd, &offset) != 0)
				_exit(3);
			n = splice(polls[s].fd, NULL, fd, &offset, 1 << 20, SPLICE_F_NONBLOCK);
			if (n < 0 || (n > 0 && brm_logstore_wrote(store, (enum brm_stream)s, (size_t)n, 1) != 0))
				_exit(4);
			if (n == 0)
				polls[s].fd = -1;
		}
	}
	brm_logstore_close(store);
	_exit(0);
}

/* Run a capture and kill it after a while. Returns true when it had ended by itself. */
static bool capture_and_kill(const int fds[2], unsigned after_us)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		capture(fds);
	usleep(after_us);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFEXITED(status);
}

static void check_all_lines_once(const char *name, const unsigned lines[2])
{
	struct brm_log *log = help_read(name);
	unsigned number[2] = {0, 0};
	uint64_t seq, end;

	brm_log_range(log, &seq, &end);
	ck_assert_uint_eq(seq, 0);
	ck_assert_uint_eq(end, (uint64_t)lines[0] + lines[1]);
	for (; seq < end; seq++) {
		char expected[256], text[256];
		struct brm_log_line line;
		size_t length;

		ck_assert_int_eq(brm_log_lines(log, seq, &line, 1), 1);
		length = make_line(line.stream, number[line.stream]++, expected) - 1;
		ck_assert_int_eq(brm_log_text(log, &line, text, sizeof text), (ssize_t)length);
		ck_assert_mem_eq(text, expected, length);
	}
	brm_log_close(log);
}

START_TEST(test_nothing_is_lost_or_doubled_by_kills)
{
	struct feed *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int out[2], err[2];
	unsigned seed = 3, kills = 0;
	pid_t feeder;
	int status;

	ck_assert_ptr_ne(shared, MAP_FAILED);
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(err, O_CLOEXEC), 0);
	feeder = fork();
	ck_assert_int_ge(feeder, 0);
	if (feeder == 0)
		feed((int[2]){out[1], err[1]}, shared);
	close(out[1]);
	close(err[1]);
	while (!capture_and_kill((int[2]){out[0], err[0]}, (unsigned)rand_r(&seed) % 3000)) {
		if (++kills % 16 == 0 && help_size(test_path("killed/store")) > 0)
			help_check_index("killed");
		shared->enough = kills > KILLS;
	}
	ck_assert_int_eq(waitpid(feeder, &status, 0), feeder);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_gt(kills, KILLS);
	check_all_lines_once("killed", shared->lines);
	close(out[0]);
	close(err[0]);
	munmap(shared, sizeof *shared);
}
END_TEST

/* ---- a disk that is full ---- */

/* Write a chunk as the capture thread does when the disk may be full: what cannot be written is lost. */
static bool try_put(struct brm_logstore *store, enum brm_stream stream, const char *bytes, size_t length)
{
	loff_t offset;
	int fd, rc;
	ssize_t n = -1;

	rc = brm_logstore_target(store, stream, &fd, &offset);
	if (rc == 0)
		n = pwrite(fd, bytes, length, offset);
	if (n < (ssize_t)length)
		brm_logstore_lose(store, length - (size_t)(n > 0 ? n : 0));
	if (n > 0)
		rc = brm_logstore_wrote(store, stream, (size_t)n, 1);
	return rc == 0 && n == (ssize_t)length;
}

/* Whatever failed, the index agrees with the text; and with a line more, everything stored is indexed. */
static void check_after_failure(struct brm_logstore *store, const char *name)
{
	struct brm_log_mark mark;
	struct brm_log_line last;
	struct brm_log *log;
	uint64_t first, end;

	help_check_index(name);
	brm_logstore_mark(store, &mark);
	log = help_read(name);
	brm_log_range(log, &first, &end);
	ck_assert_uint_eq(mark.lines, end);
	if (end > first) {
		ck_assert_int_eq(brm_log_lines(log, end - 1, &last, 1), 1);
		ck_assert_int_ge(brm_log_text(log, &last, (char[1]){0}, 1), last.length > 0);
	}
	brm_log_close(log);
}

/* A file system of its own of `size` bytes at test_path(name). False where that is not allowed. */
static bool mount_small(const char *name, const char *size)
{
	ck_assert_int_eq(mkdir(test_path(name), 0700), 0);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return false;
	return mount("none", test_path(name), "tmpfs", 0, size) == 0;
}

START_TEST(test_full_disk_leaves_a_store_that_goes_on)
{
	static const char name[] = "full";
	struct brm_logstore *store;
	unsigned seed = 9, failures = 0;

	if (!mount_small(name, "size=256k,mode=0700"))
		return;
	store = help_open(name, 1 << 20, 0);
	for (int round = 0; round < 400; round++) {
		char chunk[4096];
		size_t length = 1 + (size_t)rand_r(&seed) % sizeof chunk;

		for (size_t i = 0; i < length; i++)
			chunk[i] = rand_r(&seed) % 8 ? 'x' : '\n';
		failures += !try_put(store, (enum brm_stream)(rand_r(&seed) & 1), chunk, length);
		if (round % 10 == 0)
			check_after_failure(store, name);
		if (round == 300)
			ck_assert_int_eq(mount("none", test_path(name), "tmpfs", MS_REMOUNT, "size=4m"), 0);
		if (round == 310)
			failures = 0;
	}
	ck_assert_uint_eq(failures, 0);
	check_after_failure(store, name);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_full_disk_at_open_is_an_error_and_no_more)
{
	struct brm_logstore *store = NULL;
	char path[4200];

	if (!mount_small("tiny", "size=64k,mode=0700,nr_inodes=3"))
		return;
	snprintf(path, sizeof path, "%s", test_path("tiny"));
	ck_assert_int_eq(brm_logstore_open(path, "x", NULL, &store), 0);
	brm_logstore_close(store);
	store = NULL;
	ck_assert_int_eq(brm_logstore_open(path, "y", NULL, &store), -ENOSPC);
	ck_assert_ptr_null(store);
}
END_TEST

/* As try_put(), where no file may grow beyond `limit` bytes. No assertion meanwhile: Check's own file may not either.
 */
static bool put_limited(struct brm_logstore *store, const char *bytes, size_t length, rlim_t limit)
{
	struct rlimit old, new;
	bool done;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	new = (struct rlimit){.rlim_cur = limit, .rlim_max = old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &new);
	done = try_put(store, BRM_OUT, bytes, length);
	setrlimit(RLIMIT_FSIZE, &old);
	return done;
}

START_TEST(test_index_that_could_not_be_written_is_caught_up)
{
	struct brm_logstore *store = help_open("limit", 1 << 20, 0);
	struct brm_log_mark mark;
	static char newlines[3000];

	memset(newlines, '\n', sizeof newlines);
	ck_assert(try_put(store, BRM_OUT, newlines, 100));
	ck_assert(!put_limited(store, newlines, sizeof newlines, 20008));
	brm_logstore_mark(store, &mark);
	ck_assert_uint_eq(mark.lines, 20008 / 16);
	ck_assert_uint_eq(mark.bytes[BRM_OUT], 100 + sizeof newlines);
	check_after_failure(store, "limit");
	ck_assert(try_put(store, BRM_OUT, "y\n", 2));
	brm_logstore_mark(store, &mark);
	ck_assert_uint_eq(mark.lines, 100 + sizeof newlines + 1);
	ck_assert_uint_eq(help_check_index("limit"), mark.lines);
	brm_logstore_close(store);
}
END_TEST

START_TEST(test_new_run_is_not_forgotten_when_its_line_fails)
{
	struct brm_logstore *store = help_open("newrun", 0, 0);
	struct brm_log *log;

	help_put(store, BRM_OUT, "a\n", 1);
	brm_logstore_new_run(store);
	ck_assert(!put_limited(store, "b\n", 2, 16));
	help_put(store, BRM_OUT, "c\n", 1);
	log = help_read("newrun");
	ck_assert_str_eq(help_line(log, 1), "out 4 1 b");
	ck_assert_str_eq(help_line(log, 2), "out 0 1 c");
	brm_log_close(log);
	brm_logstore_close(store);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("logrecover");
	TCase *files = tcase_create("files"), *kills = tcase_create("kills"), *disk = tcase_create("disk");

	tcase_set_timeout(files, 60);
	tcase_add_test(files, test_pending_text_goes_on);
	tcase_add_test(files, test_torn_record_is_cut_and_its_line_indexed_again);
	tcase_add_test(files, test_text_that_was_not_indexed_is);
	tcase_add_test(files, test_records_beyond_the_text_are_cut);
	tcase_add_test(files, test_zeroed_records_are_cut);
	tcase_add_test(files, test_lost_index_is_made_again);
	tcase_add_test(files, test_lost_text_is_not_mistaken_for_new);
	tcase_add_test(files, test_damaged_identity_is_made_anew);
	tcase_add_test(files, test_files_of_others_are_left_alone);
	suite_add_tcase(suite, files);
	tcase_set_timeout(kills, 120);
	tcase_add_test(kills, test_nothing_is_lost_or_doubled_by_kills);
	suite_add_tcase(suite, kills);
	tcase_set_timeout(disk, 60);
	tcase_add_test(disk, test_full_disk_leaves_a_store_that_goes_on);
	tcase_add_test(disk, test_full_disk_at_open_is_an_error_and_no_more);
	tcase_add_test(disk, test_index_that_could_not_be_written_is_caught_up);
	tcase_add_test(disk, test_new_run_is_not_forgotten_when_its_line_fails);
	suite_add_tcase(suite, disk);
	return suite;
}
