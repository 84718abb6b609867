/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/it_help.h"

/* How brummerd starts and ends, and what it says when it cannot. */

static const char *const idle[] = {"--no-autostart", NULL};

/* It fails with status 1 and one line that has this in it. */
static void assert_refusal(const char *const *args, const char *expected)
{
	char said[4096];

	ck_assert_int_eq(it_brummerd(args, said, sizeof said), 1);
	ck_assert_msg(strstr(said, expected), "said: %s", said);
	ck_assert_msg(strncmp(said, "brummerd: cannot ", 17) == 0, "said: %s", said);
	ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
}

START_TEST(a_second_supervisor_is_refused)
{
	char expected[64];

	it_project("second");
	it_up(idle);
	snprintf(expected, sizeof expected, "another supervisor runs here (pid %d)",
		 (int)brm_reader_info(it.reader)->keeper_pid);
	assert_refusal(idle, expected);
	it_down();
	it_up(idle);
	it_down();
}
END_TEST

START_TEST(a_directory_without_anything_to_run_is_refused)
{
	it_project("nothing");
	assert_refusal(NULL, "cannot find anything to run");
	it_nothing_left();
}
END_TEST

START_TEST(a_manifest_that_is_not_json_is_a_warning_and_the_rest_runs)
{
	char said[4096];

	it_project("notjson");
	it_write("package.json", "{\"scripts\": {\n  \"dev\" \"x\"}}");
	it_write("Procfile", "web: exec sleep 99971.1\n");
	ck_assert_int_eq(it_brummerd(NULL, said, sizeof said), 0);
	ck_assert_msg(strstr(said, "package.json:2:"), "said: %s", said);
	ck_assert_int_eq(brm_reader_open(it.instance.region, &it.reader), 0);
	it_connect();
	it_await("web", BRM_RUNNING);
	it_down();
}
END_TEST

START_TEST(a_state_directory_that_cannot_be_written_is_refused)
{
	char file[PATH_MAX + 32];

	it_project("state");
	snprintf(file, sizeof file, "%s/not-a-directory", it.instance.dir);
	it_write("not-a-directory", "");
	setenv("XDG_STATE_HOME", file, 1);
	assert_refusal(idle, "cannot make");
	it_nothing_left();
}
END_TEST

START_TEST(a_directory_that_is_not_there_is_refused)
{
	it_project("gone");
	ck_assert_int_eq(rmdir(it.instance.dir), 0);
	assert_refusal(idle, "cannot use the directory");
}
END_TEST

START_TEST(wrong_usage_is_status_two)
{
	static const char *const wrong[][3] = {{"--nonsense", NULL}, {"start", NULL}, {"--disable", "nonsense", NULL}};
	char said[4096];

	it_project("usage");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_int_eq(it_brummerd(wrong[i], said, sizeof said), 2);
}
END_TEST

START_TEST(a_signal_ends_it_in_order)
{
	static const int signals[] = {SIGTERM, SIGINT};

	it_project("signals");
	it_write("Procfile", "web: trap 'echo ended; exit 0' TERM; echo up; while :; do sleep 0.05; done\n");
	for (int i = 0; i < 2; i++) {
		pid_t keeper;

		it_up(NULL);
		it_await_output("web", i == 0 ? "up\n" : "up\nended\nup\n");
		keeper = brm_reader_info(it.reader)->keeper_pid;
		ck_assert_int_eq(kill(keeper, signals[i]), 0);
		it_await_gone(keeper);
		it_nothing_left();
		ck_assert_int_eq(brm_reader_lifecycle(it.reader), BRM_LIFE_CLOSED);
		ck_assert_str_eq(it_output("web"), i == 0 ? "up\nended\n" : "up\nended\nup\nended\n");
		brm_reader_close(it.reader);
	}
}
END_TEST

START_TEST(a_reload_changes_what_has_changed)
{
	pid_t same;

	it_project("reload");
	it_write("Procfile", "same: exec sleep 99972.1\nother: exec sleep 99972.2\ngone: exec sleep 99972.3\n");
	it_up(NULL);
	same = it_await("same", BRM_RUNNING).pid;
	it_await("other", BRM_RUNNING);
	it_await("gone", BRM_RUNNING);
	it_write("Procfile", "same: exec sleep 99972.1\nother: exec sleep 99972.4\nfresh: exec sleep 99972.5\n");
	ck_assert_int_eq(kill(brm_reader_info(it.reader)->keeper_pid, SIGHUP), 0);
	it_await("fresh", BRM_RUNNING);
	it_await_removal("gone");
	it_await_count("99972.4", 1);
	ck_assert_int_eq(it_count("99972.2"), 0);
	ck_assert_int_eq(it_count("99972.3"), 0);
	ck_assert_int_eq(it_state("same").pid, same);
	it_write("Procfile", "same: exec sleep 99972.1\nbroken line\n");
	ck_assert_int_eq(it_refusal(BRM_RELOAD, "x"), BRM_CONFLICT);
	ck_assert_int_eq(it_status("other"), BRM_RUNNING);
	it_down();
	ck_assert_int_eq(it_count("99972."), 0);
}
END_TEST

/* Start the supervisor from a session with a terminal of its own; the session's id. */
static pid_t up_on_terminal(int master)
{
	pid_t session = fork();
	char said[4096];
	int status;

	if (session == 0) {
		setsid();
		if (open(ptsname(master), O_RDWR) < 0)
			_exit(99);
		_exit(it_brummerd(idle, said, sizeof said));
	}
	ck_assert_int_eq(waitpid(session, &status, 0), session);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	return session;
}

/* The controlling terminal of a process, as a device number; 0: none. */
static int terminal_of(pid_t pid)
{
	char path[64];
	int terminal = -1;
	FILE *stat;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	stat = fopen(path, "r");
	ck_assert_ptr_nonnull(stat);
	ck_assert_int_eq(fscanf(stat, "%*d (%*[^)]) %*c %*d %*d %*d %d", &terminal), 1);
	fclose(stat);
	return terminal;
}

START_TEST(the_terminal_that_it_was_started_from_is_nothing_to_it)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	pid_t session, keeper;

	it_project("daemon");
	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(unlockpt(master), 0);
	session = up_on_terminal(master);
	ck_assert_int_eq(brm_reader_open(it.instance.region, &it.reader), 0);
	it_connect();
	keeper = brm_reader_info(it.reader)->keeper_pid;
	ck_assert_int_ne(getsid(keeper), session);
	ck_assert_int_ne(getsid(it_engine()), session);
	ck_assert_int_eq(terminal_of(keeper), 0);
	ck_assert_int_eq(terminal_of(it_engine()), 0);
	close(master);
	it_run("a", "exec sleep 99974.1");
	ck_assert_int_eq(it_count_events(BRM_REASON_RECOVERED), 0);
	it_down();
}
END_TEST

START_TEST(in_front_it_ends_with_its_status)
{
	static const char *const args[] = {"--foreground", "--no-autostart", NULL};
	char said[4096];
	int status;
	pid_t pid;

	it_project("front");
	pid = fork();
	if (pid == 0)
		_exit(it_brummerd(args, said, sizeof said));
	while (brm_reader_open(it.instance.region, &it.reader) != 0)
		usleep(2000);
	it_connect();
	it_down();
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	assert_refusal((const char *const[]){"--foreground", NULL}, "cannot find anything to run");
}
END_TEST

/* /dev/shm of our own, of this size. False where that is not permitted. */
static bool small_shm(const char *size)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/dev/shm", "tmpfs", 0, size) == 0;
}

START_TEST(a_full_dev_shm_is_named)
{
	if (!small_shm("size=128k"))
		return;
	it_project("shm");
	assert_refusal(idle, "/dev/shm");
	it_nothing_left();
}
END_TEST

START_TEST(a_region_that_cannot_grow_refuses_the_new_process_alone)
{
	static char text[64 * 400];
	struct reply reply;

	if (!small_shm("size=1400k"))
		return;
	it_project("grow");
	for (int i = 0; i < 250; i++)
		sprintf(text + strlen(text), "p%d: exec sleep 99973.1\n", i);
	it_write("Procfile", text);
	it_write("package.json", "{\"scripts\": {\"s1\":\"exit\",\"s2\":\"exit\",\"s3\":\"exit\",\"s4\":\"exit\","
				 "\"s5\":\"exit\",\"s6\":\"exit\",\"s7\":\"exit\",\"s8\":\"exit\"}}");
	it_up(idle);
	it_do(BRM_START, "p0");
	reply = it_ask(BRM_START, "s*");
	ck_assert_int_eq(reply.refused, BRM_LIMIT);
	reply_finish(&reply);
	ck_assert_int_eq(it_status("p0"), BRM_RUNNING);
	it_do(BRM_RESTART, "p0");
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_start");
	TCase *tcase = tcase_create("start");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, a_second_supervisor_is_refused);
	tcase_add_test(tcase, a_directory_without_anything_to_run_is_refused);
	tcase_add_test(tcase, a_manifest_that_is_not_json_is_a_warning_and_the_rest_runs);
	tcase_add_test(tcase, a_state_directory_that_cannot_be_written_is_refused);
	tcase_add_test(tcase, a_directory_that_is_not_there_is_refused);
	tcase_add_test(tcase, wrong_usage_is_status_two);
	tcase_add_test(tcase, a_signal_ends_it_in_order);
	tcase_add_test(tcase, a_reload_changes_what_has_changed);
	tcase_add_test(tcase, the_terminal_that_it_was_started_from_is_nothing_to_it);
	tcase_add_test(tcase, in_front_it_ends_with_its_status);
	tcase_add_test(tcase, a_full_dev_shm_is_named);
	tcase_add_test(tcase, a_region_that_cannot_grow_refuses_the_new_process_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
