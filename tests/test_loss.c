/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/logstore.h>

#include "tests/capture_help.h"

/* What is stored and what was lost is all that was written: closes the capture to look. */
static void ck_all_told(const char *name, size_t written)
{
	struct brm_logstore *store;
	struct brm_log_mark mark;
	size_t length;

	capture_close(cap_capture);
	ck_assert_int_eq(brm_logstore_open(cap_state, name, NULL, &store), 0);
	brm_logstore_mark(store, &mark);
	brm_logstore_close(store);
	ck_assert_ptr_nonnull(strstr(cap_text(name, BRM_OUT, &length), "again\n"));
	ck_assert_uint_gt(mark.lost_bytes, 0);
	ck_assert_uint_eq(length + mark.lost_bytes, written);
}

START_TEST(output_that_cannot_be_stored_is_lost_and_holds_up_nobody)
{
	struct rlimit limit;
	struct spawn_result run;
	char line[600];

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 100000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	snprintf(line, sizeof line, "exec %s a 100000 50", cap_program("numbers"));
	run = cap_start(1, "web", line);
	cap_finish(&run);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	run = cap_start(2, "web", "echo again");
	cap_finish(&run);
	ck_all_told("web", 100000 * 50 + 6);
	cap_open();
}
END_TEST

/* One more run says "again"; is it in the store? */
static bool says_again(void *arg)
{
	uint32_t *serial = arg;
	struct spawn_result run = cap_start(++*serial, "web", "echo again");
	struct brm_log *log;

	cap_finish(&run);
	if (brm_log_open(cap_state, "web", &log) != 0)
		return false;
	brm_log_close(log);
	return true;
}

START_TEST(a_store_that_cannot_be_opened_holds_up_nobody)
{
	struct spawn_result run;
	uint32_t serial = 1;
	char line[600];

	capture_close(cap_capture);
	ck_assert_int_eq(rmdir(cap_state), 0);
	ck_assert_int_eq(symlink("/dev/null", cap_state), 0);
	cap_open();
	snprintf(line, sizeof line, "exec %s a 100000 50", cap_program("numbers"));
	run = cap_start(1, "web", line);
	cap_finish(&run);
	ck_assert_int_eq(unlink(cap_state), 0);
	ck_assert_int_eq(mkdir(cap_state, 0700), 0);
	ck_assert(help_until(says_again, &serial)); /* it is tried again once a second */
	ck_all_told("web", 100000 * 50 + (serial - 1) * 6);
	cap_open();
}
END_TEST

START_TEST(a_full_disk_holds_up_nobody_and_goes_on_when_there_is_room)
{
	struct spawn_result run;
	char line[600];
	char filler[600];
	int fd;

	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return; /* not permitted, or not possible in a chroot */
	capture_close(cap_capture);
	ck_assert_int_eq(mount("full", cap_state, "tmpfs", 0, "size=1m"), 0);
	snprintf(filler, sizeof filler, "%s/filler", cap_state);
	fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(posix_fallocate(fd, 0, 700000), 0);
	close(fd);
	cap_open();
	snprintf(line, sizeof line, "exec %s a 100000 50", cap_program("numbers"));
	run = cap_start(1, "web", line);
	cap_finish(&run);
	ck_assert_int_eq(unlink(filler), 0);
	run = cap_start(2, "web", "echo again");
	cap_finish(&run);
	ck_all_told("web", 100000 * 50 + 6);
	umount2(cap_state, MNT_DETACH);
	cap_open();
}
END_TEST

/* One engine after the other captures from the same descriptors, each killed at some moment; the last one ends. */
static void capture_killed(const struct run_fds *fds, int pidfd, unsigned seed)
{
	bool over = false;

	for (int engines = 0; !over; engines++) {
		const struct timespec life = {.tv_nsec = 1000000 + (seed = seed * 1664525u + 1013904223u) % 12000000};
		pid_t engine;

		over = engines >= 40;
		engine = fork();
		if (engine == 0) {
			struct run_fds own = {.out = dup(fds->out), .err = fds->err < 0 ? -1 : dup(fds->err), .in = -1};

			cap_open();
			capture_adopt(cap_capture, 1, 0, "web", own);
			if (over && help_readable(pidfd))
				cap_drained(1);
			if (over)
				capture_close(cap_capture);
			else
				pause();
			_exit(0);
		}
		if (!over) {
			nanosleep(&life, NULL);
			kill(engine, SIGKILL);
		}
		ck_assert_int_eq(waitpid(engine, NULL, 0), engine);
	}
}

static void lose_nothing(bool tty, long count)
{
	char line[600];
	struct spawn_request *request;
	struct spawn_result run;
	size_t length;

	capture_close(cap_capture);
	snprintf(line, sizeof line, "%s exec %s a %ld 50", tty ? "stty -opost;" : "", cap_program("numbers"), count);
	request = help_shell(1, "/", line);
	request->tty = tty;
	run = help_spawn(cap_spawner, request);
	spawner_close(cap_spawner); /* no thread is to be there when the engines are forked */
	capture_killed(&run.fds, run.pidfd, (unsigned)count);
	ck_assert_int_eq(keeperlink_reap(cap_keeper, run.pid), 0);
	ck_assert_int_eq(cap_count_numbers(cap_text("web", BRM_OUT, &length), "a"), count);
	ck_assert_uint_eq(length, (size_t)count * 50);
	help_close(&run);
	ck_assert_int_eq(spawner_open(cap_keeper, &cap_spawner), 0);
	cap_open();
}

START_TEST(engines_killed_at_any_moment_lose_and_double_nothing_of_a_pipe)
{
	lose_nothing(false, 400000);
}
END_TEST

START_TEST(engines_killed_at_any_moment_lose_and_double_nothing_of_a_terminal)
{
	lose_nothing(true, 60000);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("loss");
	TCase *output = tcase_create("output");

	tcase_set_timeout(output, 120);
	tcase_add_checked_fixture(output, cap_set_up, cap_tear_down);
	tcase_add_test(output, output_that_cannot_be_stored_is_lost_and_holds_up_nobody);
	tcase_add_test(output, a_store_that_cannot_be_opened_holds_up_nobody);
	tcase_add_test(output, a_full_disk_holds_up_nobody_and_goes_on_when_there_is_room);
	tcase_add_test(output, engines_killed_at_any_moment_lose_and_double_nothing_of_a_pipe);
	tcase_add_test(output, engines_killed_at_any_moment_lose_and_double_nothing_of_a_terminal);
	suite_add_tcase(suite, output);
	return suite;
}
