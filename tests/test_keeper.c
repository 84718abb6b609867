/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper/keeper.h"
#include "tests/run_help.h"

/* A keeper of its own for each test, with the fake engine (fake_engine.c) playing a scenario in it. */
static char dir[512];
static pid_t keeper;
static int ready; /* the keeper's ready_fd, read end */
static rlim_t keepers_files;

static void run_keeper(const char *scenario, int ready_fd)
{
	static char program[512];
	const char *const argv[] = {program, scenario, dir, NULL};
	const struct keeper_options options = {.engine_argv = argv,
					       .lock_fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
					       .ready_fd = ready_fd,
					       .program_fd = -1};
	const char *build = getenv("top_builddir");

	snprintf(program, sizeof program, "%s/fake_engine", build ? build : ".");
	if (keepers_files)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){keepers_files, keepers_files});
	setsid();
	_exit(keeper_run(&options));
}

static void start(const char *scenario)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	keeper = fork();
	if (keeper == 0)
		run_keeper(scenario, ends[1]);
	close(ends[1]);
	ready = ends[0];
}

static void set_up(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* whom a keeper leaves behind is seen here */
	snprintf(dir, sizeof dir, "%s/XXXXXX", test_dir());
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

/* The keeper's exit status, or 1000 + the signal; and nobody is left. */
static int finish(void)
{
	int status;

	ck_assert_int_eq(waitpid(keeper, &status, 0), keeper);
	close(ready);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* What the engines have said so far. */
static const char *said(void)
{
	static char text[8192];
	char path[600];
	int fd;

	snprintf(path, sizeof path, "%s/said", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	text[0] = '\0';
	if (fd >= 0) {
		help_read(fd, text, sizeof text);
		close(fd);
	}
	return text;
}

static bool has_said(void *arg)
{
	return strstr(said(), arg) != NULL;
}

static void await(const char *words)
{
	ck_assert_msg(help_until(has_said, (char *)words), "no %s in: %s", words, said());
}

static bool has_started(void *arg)
{
	char path[600];

	(void)arg;
	snprintf(path, sizeof path, "%s/starts", dir);
	return access(path, F_OK) == 0;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The pid of the engine that came up last, which is not `before`. */
static pid_t engine_after(pid_t before)
{
	double deadline = now() + HELP_WAIT_MS / 1000.0;

	while (now() < deadline) {
		const char *last = NULL;

		for (const char *at = said(); (at = strstr(at, "up ")); at++)
			last = at;
		if (last && atoi(last + 3) != before)
			return atoi(last + 3);
	}
	ck_abort_msg("no engine came up: %s", said());
}

static void ck_ready(const char *line)
{
	char text[32];

	help_read(ready, text, sizeof text);
	ck_assert_str_eq(text, line);
}

START_TEST(an_engine_that_comes_up_is_reported_and_ends_when_it_wants)
{
	start("idle");
	ck_ready("ready\n");
	kill(keeper, SIGTERM);
	ck_assert_int_eq(finish(), 0);
	ck_assert_ptr_nonnull(strstr(said(), "signal 15\n"));
}
END_TEST

START_TEST(a_killed_engine_is_started_again_at_once)
{
	pid_t engine;
	double begin;

	start("idle");
	engine = engine_after(0);
	begin = now();
	for (int i = 0; i < 10; i++) {
		kill(engine, i % 2 ? SIGKILL : SIGUSR1);
		engine = engine_after(engine);
	}
	ck_assert_double_lt(now() - begin, 5.0); /* a back-off would take half a minute */
	kill(keeper, SIGTERM);
	ck_assert_int_eq(finish(), 0);
}
END_TEST

START_TEST(signals_reach_the_engine_once_and_only_when_it_is_up)
{
	pid_t engine;

	start("idle");
	ck_assert(help_until(has_started, NULL));
	kill(keeper, SIGHUP); /* most likely before it is up */
	engine = engine_after(0);
	await("signal 1\n");
	kill(-keeper, SIGINT); /* a terminal's: to the whole group */
	await("signal 2\n");
	kill(engine, SIGKILL);
	engine_after(engine);
	kill(-keeper, SIGTERM);
	ck_assert_int_eq(finish(), 0);
	ck_assert_ptr_null(strstr(strstr(said(), "signal 2\n") + 1, "signal 2\n"));
	ck_assert_ptr_null(strstr(strstr(said(), "signal 15\n") + 1, "signal 15\n"));
}
END_TEST

START_TEST(a_terminal_cannot_stop_the_keeper)
{
	start("idle");
	ck_ready("ready\n");
	kill(keeper, SIGTSTP);
	kill(keeper, SIGTTIN);
	kill(keeper, SIGPIPE);
	kill(keeper, SIGTERM);
	ck_assert_int_eq(finish(), 0);
}
END_TEST

START_TEST(an_engine_inherits_the_link_the_lock_and_no_more)
{
	start("inherited");
	ck_assert_int_eq(finish(), 0);
	ck_assert_str_eq(said(), "fd 3\nfd 4\nfiles 150\ngroup 1\nlock 0\n");
}
END_TEST

START_TEST(an_engine_that_crashes_before_it_was_up_is_given_up)
{
	double begin = now();

	start("crash");
	ck_ready("failed\n");
	ck_assert_int_eq(finish(), 128 + SIGABRT);
	ck_assert_str_eq(said(), "crash 1\ncrash 2\ncrash 3\ncrash 4\ncrash 5\n");
	ck_assert_double_ge(now() - begin, 1.5); /* 100, 200, 400, 800 ms of back-off */
}
END_TEST

START_TEST(an_engine_that_leaves_by_itself_at_once_is_given_up)
{
	start("leave");
	ck_ready("failed\n");
	ck_assert_int_eq(finish(), 3);
	ck_assert_str_eq(said(), "leave 1\nleave 2\nleave 3\nleave 4\nleave 5\n");
}
END_TEST

START_TEST(a_start_that_hangs_can_be_ended)
{
	start("hang");
	ck_assert(help_until(has_started, NULL));
	kill(keeper, SIGTERM);
	ck_ready("failed\n");
	ck_assert_int_eq(finish(), 0);
}
END_TEST

START_TEST(an_engine_that_cannot_be_run_is_given_up)
{
	unsetenv("top_builddir");
	ck_assert_int_eq(chdir("/"), 0);
	start("idle");
	ck_ready("failed\n");
	ck_assert_int_eq(finish(), 127);
}
END_TEST

START_TEST(once_an_engine_was_up_it_is_never_given_up)
{
	start("up");
	ck_ready("ready\n");
	ck_assert_int_eq(finish(), 0);
	ck_assert_ptr_nonnull(strstr(said(), "crash 5\n"));
}
END_TEST

START_TEST(a_status_is_there_for_every_engine_until_it_is_reaped)
{
	static const char each[] = "0: 7 0\n1: 0 9\n2: 0 0\n";
	char expected[512];

	start("statuses");
	ck_assert_int_eq(finish(), 0);
	snprintf(expected, sizeof expected, "%s%s%s", each, each,
		 "0: 7 0\nreap 0\nthen -10 -10\n1: 0 9\nreap 0\nthen -10 -10\n2: 0 0\nreap 0\nthen -10 -10\n");
	ck_assert_str_eq(said(), expected);
}
END_TEST

START_TEST(a_successor_goes_on_with_the_runs_of_the_dead_engine)
{
	start("inherit");
	ck_assert_int_eq(finish(), 0);
	ck_assert_str_eq(said(), "held 0\n"
				 "1: 21 ours web#4\n"
				 "alive 1\n"
				 "out out\ngot hello\n"
				 "err err\n"
				 "signal 9\n"
				 "drop 0\n"
				 "1: pid is the same 1, out -1\n"
				 "reap 0\n"
				 "0\n");
}
END_TEST

START_TEST(a_run_that_nobody_told_of_is_found_and_not_taken_for_an_orphan)
{
	int pid = 0;
	char expected[256];

	start("untold");
	ck_assert_int_eq(finish(), 0);
	ck_assert_int_eq(sscanf(said(), "hold 0 0\npid %d\n", &pid), 1);
	snprintf(expected, sizeof expected,
		 "hold 0 0\npid %d\ndead 2\nheld 0\n1: 5 pid %d\ncode 9\nreap 0\ndrop 0 -2\n", pid, pid);
	ck_assert_str_eq(said(), expected);
}
END_TEST

START_TEST(orphans_are_reaped_and_runs_are_not)
{
	start("orphans");
	ck_assert_int_eq(finish(), 0);
	ck_assert_str_eq(said(), "dead 0\ncode 8\ndead 1\nearly -11\ncode 1\ndead 2\nreap 0 0\ndead 0\n");
}
END_TEST

START_TEST(descriptors_run_out_and_engines_can_still_be_started)
{
	keepers_files = 64;
	start("scarce");
	ck_assert_int_eq(finish(), 0);
	ck_assert_int_eq(strncmp(said(), "some 1 error -24\nfound ", 23), 0);
}
END_TEST

START_TEST(without_its_keeper_the_engine_goes_on)
{
	start("alone");
	ck_ready("ready\n");
	kill(keeper, SIGKILL);
	ck_assert_int_eq(waitpid(keeper, NULL, 0), keeper);
	await("end -32\n");
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	ck_assert_str_eq(said(), "keeper 0\nstage 0\ncode 6\nreap 0\nlost -10\nend -32\n");
}
END_TEST

static void lower_files(void)
{
	struct rlimit nofile;

	getrlimit(RLIMIT_NOFILE, &nofile);
	nofile.rlim_cur = 150;
	setrlimit(RLIMIT_NOFILE, &nofile);
	set_up();
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("keeper");
	TCase *engines = tcase_create("engines");
	TCase *runs = tcase_create("runs");

	tcase_set_timeout(engines, 60);
	tcase_set_timeout(runs, 60);
	tcase_add_checked_fixture(engines, lower_files, NULL);
	tcase_add_checked_fixture(runs, set_up, NULL);
	tcase_add_test(engines, an_engine_that_comes_up_is_reported_and_ends_when_it_wants);
	tcase_add_test(engines, a_killed_engine_is_started_again_at_once);
	tcase_add_test(engines, signals_reach_the_engine_once_and_only_when_it_is_up);
	tcase_add_test(engines, a_terminal_cannot_stop_the_keeper);
	tcase_add_test(engines, an_engine_inherits_the_link_the_lock_and_no_more);
	tcase_add_test(engines, an_engine_that_crashes_before_it_was_up_is_given_up);
	tcase_add_test(engines, an_engine_that_leaves_by_itself_at_once_is_given_up);
	tcase_add_test(engines, a_start_that_hangs_can_be_ended);
	tcase_add_test(engines, an_engine_that_cannot_be_run_is_given_up);
	tcase_add_test(engines, once_an_engine_was_up_it_is_never_given_up);
	tcase_add_test(runs, a_status_is_there_for_every_engine_until_it_is_reaped);
	tcase_add_test(runs, a_successor_goes_on_with_the_runs_of_the_dead_engine);
	tcase_add_test(runs, a_run_that_nobody_told_of_is_found_and_not_taken_for_an_orphan);
	tcase_add_test(runs, orphans_are_reaped_and_runs_are_not);
	tcase_add_test(runs, descriptors_run_out_and_engines_can_still_be_started);
	tcase_add_test(runs, without_its_keeper_the_engine_goes_on);
	suite_add_tcase(suite, engines);
	suite_add_tcase(suite, runs);
	return suite;
}
