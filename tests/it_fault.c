/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/it_help.h"

/* System calls fail, clocks jump, children misbehave: what is shown, and that it goes on. */

static const char *const plain[] = {"--disable", "cgroup", NULL};
static const char *const idle[] = {"--disable", "cgroup", "--no-autostart", NULL};

/* A supervisor of the configuration whose system call fails while the project's file `fault` exists. */
static void up_with_fault(const char *call, int error, const char *text)
{
	char library[PATH_MAX + 32], number[16], when[8192];

	it_write("brummer.yaml", text);
	snprintf(library, sizeof library, "%s/.libs/misfortune.so", it_build());
	snprintf(number, sizeof number, "%d", error);
	snprintf(when, sizeof when, "%s/fault", it.instance.dir);
	setenv("LD_PRELOAD", library, 1);
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
	setenv("FAULT_CALL", call, 1);
	setenv("FAULT_ERRNO", number, 1);
	setenv("FAULT_WHEN", when, 1);
	it_up(idle);
	unsetenv("LD_PRELOAD");
	unsetenv("ASAN_OPTIONS");
}

static void end_fault(void)
{
	char path[8192];

	snprintf(path, sizeof path, "%s/fault", it.instance.dir);
	ck_assert_int_eq(unlink(path), 0);
}

/* What the supervisor has said. Static storage. */
static const char *said(void)
{
	static char text[65536];
	char path[8192];
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "%s/.brummerd.log", it.instance.state_dir);
	fd = open(path, O_RDONLY);
	length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	text[length > 0 ? length : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static void start_fails_and_works_later(const char *project, const char *call, int error, const char *reason)
{
	struct brm_state state;

	it_project(project);
	up_with_fault(call, error,
		      "processes:\n"
		      "  again: {command: exec sleep 99961.1, restart: {when: on-failure, backoff: 20ms..50ms}}\n"
		      "  never: {command: exec sleep 99961.2}\n");
	it_write("fault", "");
	ck_assert_int_eq(it_refusal(BRM_START, "never"), BRM_FAILED_TO_START);
	ck_assert_int_eq(it_refusal(BRM_START, "again"), BRM_REFUSED_NOT); /* it is being tried */
	state = it_await("never", BRM_FAILED);
	ck_assert_int_eq(state.reason_code, BRM_REASON_SPAWN);
	ck_assert_msg(strstr(state.reason, reason) != NULL, "%s", state.reason);
	ck_assert_uint_eq(state.run, 0);
	it_await("again", BRM_BACKOFF);
	end_fault();
	state = it_await("again", BRM_RUNNING);
	ck_assert_uint_eq(state.run, 1);
	ck_assert_uint_ge(state.restarts, 1);
	it_do(BRM_START, "never");
	it_await("never", BRM_RUNNING);
	it_down();
}

START_TEST(no_process_to_be_had)
{
	start_fails_and_works_later("clone", "clone", EAGAIN, "resource temporarily unavailable");
}
END_TEST

START_TEST(no_descriptor_to_be_had)
{
	start_fails_and_works_later("pipes", "pipe2", EMFILE, "cannot make pipes");
}
END_TEST

static bool has_said_limit(void *arg)
{
	(void)arg;
	return strstr(said(), "fs.inotify.max_user_watches") != NULL;
}

START_TEST(no_watch_to_be_had_is_said_once)
{
	it_project("watches");
	up_with_fault("inotify_add_watch", ENOSPC, "processes: {x: {command: \"true\"}}\n");
	it_write("fault", "");
	it_write("brummer.yaml", "processes:\n"
				 "  a: {command: exec sleep 99962.1, watch: [.]}\n"
				 "  b: {command: exec sleep 99962.2, watch: [.]}\n");
	ck_assert_int_eq(kill(it_engine(), SIGHUP), 0);
	it_until(has_said_limit, NULL);
	it_do(BRM_START, "*");
	it_await("a", BRM_RUNNING);
	it_await("b", BRM_RUNNING);
	it_do(BRM_RESTART, "b");
	ck_assert_ptr_null(strstr(strstr(said(), "max_user_watches") + 1, "max_user_watches"));
	end_fault();
	it_down();
}
END_TEST

START_TEST(a_clock_that_goes_back_an_hour_changes_no_time_that_passes)
{
	struct brm_state state;

	it_project("clock");
	up_with_fault(
		"clock", 3600,
		"processes:\n"
		"  web:\n"
		"    command: \"until test -e fault; do sleep 0.02; done; test -e once && exec sleep 99963.1; touch "
		"once; exit 1\"\n"
		"    restart: {when: on-failure, backoff: 50ms..100ms}\n"
		"  one: {command: \"until test -e fault; do sleep 0.02; done\"}\n");
	it_do(BRM_START, "*");
	it_await("web", BRM_RUNNING);
	it_write("fault", "");
	state = it_await("one", BRM_SUCCESS);
	ck_assert_uint_ge(state.end_ns, state.start_ns);
	ck_assert_uint_lt(state.end_ns - state.start_ns, UINT64_C(60000000000));
	it_await_run("web", 2); /* after its back-off, not after an hour */
	it_down();
}
END_TEST

START_TEST(one_that_closes_its_output_goes_on_and_its_end_is_seen)
{
	struct brm_state state;

	it_project("closes");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  web: {command: \"exec >&- 2>&- <&-; until test -e go; do sleep 0.02; done; exit 7\"}\n");
	it_up(plain);
	it_await("web", BRM_RUNNING);
	it_write("go", "");
	state = it_await("web", BRM_FAILED);
	ck_assert_int_eq(state.exit_code, 7);
	it_down();
}
END_TEST

START_TEST(one_that_forks_and_exits_under_no_environment_is_ended_with_its_run)
{
	it_project("forks");
	it_write("brummer.yaml", "processes:\n"
				 "  web: {command: \"env -i setsid sh -c '(setsid sh -c \\\"trap : TERM; while :; do "
				 "sleep 99964.1; done\\\" "
				 "&) &' & sleep 99964.2\", stop: {grace: 300ms}}\n");
	it_up(plain);
	it_await_count("sleep 99964.1", 2);
	it_do(BRM_STOP, "web");
	ck_assert_int_eq(it_count("99964."), 0);
	it_down();
}
END_TEST

START_TEST(a_start_while_the_supervisor_closes_comes_after_it)
{
	char text[4096];

	it_project("race");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  slow: {command: \"trap 'sleep 0.5; exit' TERM; echo up; while :; do sleep 0.02; done\"}\n");
	it_up(plain);
	it_await_output("slow", "up\n");
	client_begin(it.client, BRM_SHUTDOWN);
	it_send();
	it_await("slow", BRM_STOPPING);
	ck_assert_int_eq(it_brummerd(plain, text, sizeof text), 0); /* waits, and is up then */
	brm_reader_close(it.reader);
	ck_assert_int_eq(brm_reader_open(it.instance.region, &it.reader), 0);
	it_connect();
	it_await("slow", BRM_RUNNING);
	ck_assert_int_ne(it_brummerd(plain, text, sizeof text), 0); /* one that lives is not waited for */
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_fault");
	TCase *tcase = tcase_create("fault");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, no_process_to_be_had);
	tcase_add_test(tcase, no_descriptor_to_be_had);
	tcase_add_test(tcase, no_watch_to_be_had_is_said_once);
	tcase_add_test(tcase, a_clock_that_goes_back_an_hour_changes_no_time_that_passes);
	tcase_add_test(tcase, one_that_closes_its_output_goes_on_and_its_end_is_seen);
	tcase_add_test(tcase, one_that_forks_and_exits_under_no_environment_is_ended_with_its_run);
	tcase_add_test(tcase, a_start_while_the_supervisor_closes_comes_after_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
