/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/layout.h"
#include "tests/fault.h"
#include "tests/it_help.h"

/* A crash of the supervisor's own, other people's housekeeping: what runs goes on. */

static const char *const idle[] = {"--no-autostart", NULL};

static bool is_readable(void *arg)
{
	(void)arg;
	return brm_reader_refresh(it.reader) >= 0;
}

/* Between the death of an engine and the next one's start the region becomes one of another layout. */
START_TEST(a_region_of_another_layout_is_superseded)
{
	char path[256];
	uint32_t major = BRM_ABI_MAJOR + 1;
	struct brm_state before, after;
	pid_t keeper, engine;
	int fd;

	it_project("layout");
	it_up(idle);
	it_run("a", "exec sleep 99973.1");
	it_do(BRM_RESTART, "a");
	before = it_state("a");
	keeper = brm_reader_info(it.reader)->keeper_pid;
	engine = it_engine();
	ck_assert_int_eq(kill(keeper, SIGSTOP), 0);
	ck_assert_int_eq(kill(engine, SIGKILL), 0);
	it_await_gone(engine);
	snprintf(path, sizeof path, "/dev/shm%s", it.instance.region);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, &major, sizeof major, offsetof(struct layout_header, abi_major)), sizeof major);
	close(fd);
	ck_assert_int_eq(kill(keeper, SIGCONT), 0);
	it_until(is_readable, NULL);
	it_await_event(BRM_REASON_RECOVERED, 1);
	it_connect();
	after = it_await("a", BRM_RUNNING);
	ck_assert_int_eq(after.pid, before.pid);
	ck_assert_uint_eq(after.run, before.run);
	it_do(BRM_STOP, "a");
	it_down();
}
END_TEST

static bool is_listening(void *arg)
{
	struct client *client;

	(void)arg;
	if (access(it.instance.lock, F_OK) != 0 || client_open(&it.instance, BRM_BY_CLI, &client) != 0)
		return false;
	client_close(client);
	return true;
}

static void empty_runtime_dir(void)
{
	static const char *const names[] = {"control", "lock"};
	char away[PATH_MAX], path[PATH_MAX + 16];

	snprintf(away, sizeof away, "%s", test_path("removed"));
	ck_assert_int_eq(rename(it.instance.runtime_dir, away), 0); /* at once: it comes back quickly */
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", away, names[i]);
		ck_assert_int_eq(unlink(path), 0);
	}
	ck_assert_int_eq(rmdir(away), 0);
}

static void assert_locked(void)
{
	char said[1024];

	ck_assert_int_eq(it_brummerd(idle, said, sizeof said), 1);
	ck_assert_msg(strstr(said, "another supervisor runs here"), "%s", said);
}

START_TEST(an_emptied_runtime_directory_is_filled_again)
{
	pid_t keeper, engine;

	it_project("emptied");
	it_up(idle);
	keeper = brm_reader_info(it.reader)->keeper_pid;
	empty_runtime_dir();
	it_until(is_listening, NULL);
	assert_locked();
	it_kill_engine();
	assert_locked();
	engine = it_engine();
	ck_assert_int_eq(kill(keeper, SIGSTOP), 0); /* emptied while no engine lives */
	ck_assert_int_eq(kill(engine, SIGKILL), 0);
	it_await_gone(engine);
	empty_runtime_dir();
	ck_assert_int_eq(kill(keeper, SIGCONT), 0);
	it_until(is_listening, NULL);
	assert_locked();
	it_connect();
	it_down();
}
END_TEST

/* A new run has a store of its own to open, which is not possible meanwhile. */
START_TEST(a_state_directory_that_is_away_costs_logs_alone)
{
	char away[PATH_MAX + 8];

	it_project("away");
	it_up(idle);
	snprintf(away, sizeof away, "%s.away", it.instance.state_dir);
	ck_assert_int_eq(rename(it.instance.state_dir, away), 0);
	it_write("block", "");
	ck_assert_int_eq(symlink("/dev/null", it.instance.state_dir), 0);
	it_run("a", "while :; do echo line; sleep 0.01; done");
	it_await_loss("a");
	ck_assert_int_eq(it_status("a"), BRM_RUNNING);
	it_kill_engine();
	ck_assert_int_eq(it_status("a"), BRM_RUNNING);
	ck_assert_int_eq(unlink(it.instance.state_dir), 0);
	ck_assert_int_eq(rename(away, it.instance.state_dir), 0);
	it_connect();
	it_run("b", "echo back");
	it_await_output("b", "back\n");
	it_do(BRM_STOP, "a");
	it_down();
}
END_TEST

START_TEST(a_directory_that_is_gone_stops_no_successor)
{
	it_project("gone");
	it_write("Procfile", "web: exec sleep 99974.1\n");
	it_up(NULL);
	it_await("web", BRM_RUNNING);
	unlink(test_path("gone/Procfile"));
	ck_assert_int_eq(rmdir(it.instance.dir), 0);
	it_kill_engine();
	ck_assert_int_eq(it_status("web"), BRM_RUNNING);
	it_connect();
	it_do(BRM_STOP, "web");
	it_down();
}
END_TEST

/* The engine crashes on a process: on its restart, and then on each recovery. */
START_TEST(what_engines_crash_on_is_set_aside)
{
	struct fault *fault;
	char dir[PATH_MAX + 16];
	struct brm_state web;

	it_project("crash");
	fault = it_fault("fault-crash");
	snprintf(dir, sizeof dir, "%s/crash-here", it.instance.dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	it_up(idle);
	it_run("web", "exec sleep 99975.1");
	web = it_state("web");
	client_begin(it.client, BRM_RUN);
	client_put_string(it.client, "name", "crashy");
	client_put_string(it.client, "command", "exit 0");
	client_put_string(it.client, "dir", dir);
	it_obey();
	it_await("crashy", BRM_SUCCESS);
	for (int i = 0; i < 4; i++)
		it_kill_engine(); /* counts for nobody */
	it_connect();
	strcpy(fault->text, "/crash-here");
	it_send_about(BRM_START, "crashy");
	it_await_removal("crashy");
	ck_assert_uint_eq(it_count_events(BRM_REASON_SET_ASIDE), 1);
	ck_assert_int_eq(it_state("web").pid, web.pid);
	it_connect();
	fault->text[0] = '\0';
	it_do(BRM_STOP, "web");
	it_down();
}
END_TEST

/* A service's runtime directory is not that of its user's session. */
START_TEST(the_socket_is_found_by_the_region)
{
	struct brm_instance elsewhere;
	struct client *client;
	char dir[PATH_MAX];

	it_project("elsewhere");
	it_up(idle);
	snprintf(dir, sizeof dir, "%s", test_path("other-runtime"));
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	setenv("XDG_RUNTIME_DIR", dir, 1);
	ck_assert_int_eq(brm_instance_of_dir(it.instance.dir, &elsewhere), 0);
	ck_assert_str_ne(elsewhere.control, it.instance.control);
	ck_assert_int_eq(client_open(&elsewhere, BRM_BY_CLI, &client), 0);
	client_close(client);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_keeper");
	TCase *tcase = tcase_create("keeper");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, a_region_of_another_layout_is_superseded);
	tcase_add_test(tcase, an_emptied_runtime_directory_is_filled_again);
	tcase_add_test(tcase, a_state_directory_that_is_away_costs_logs_alone);
	tcase_add_test(tcase, a_directory_that_is_gone_stops_no_successor);
	if (IT_CAN_PRELOAD)
		tcase_add_test(tcase, what_engines_crash_on_is_set_aside);
	tcase_add_test(tcase, the_socket_is_found_by_the_region);
	suite_add_tcase(suite, tcase);
	return suite;
}
