/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "tests/config_fixture.h"

/*
 * Scripts of a package.json, run with their `pre` and `post` scripts as the supervisor runs them: shell and command as
 * one argv, in a process group of their own, the spec's variables over this process's.
 */

static void discover(const char *scripts)
{
	char *dir = help_folder("app"), *text;

	ck_assert_int_gt(asprintf(&text, "{\"scripts\": {%s}}", scripts), 0);
	help_write("app/package.json", text);
	ck_assert_int_eq(config_discover(&(struct config_request){.dir = dir}, &config, &report), 0);
	free(text);
	free(dir);
}

/* In the child: become the process of a spec; never returns. */
static void become(const struct spec *spec, int out)
{
	char **argv = list_copy(spec->shell);

	setpgid(0, 0);
	dup2(out, 1);
	dup2(out, 2);
	for (size_t i = 0; spec->env[i]; i++)
		putenv(spec->env[i]);
	if (!argv || list_append(&argv, spec->command) != 0 || chdir(spec->dir) != 0)
		_exit(99);
	execvp(argv[0], argv);
	_exit(99);
}

/* Start a script; its output goes to the file "out". */
static pid_t start(const char *name)
{
	const struct spec *spec = help_spec(&config, name);
	int out = open(help_path("out"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		become(spec, out);
	setpgid(pid, pid);
	close(out);
	return pid;
}

/* The exit code, or 1000 + the signal. */
static int wait_for(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* The output so far; static storage. */
static const char *output(void)
{
	static char text[65536];
	FILE *in = fopen(help_path("out"), "r");
	size_t length = fread(text, 1, sizeof text - 1, in);

	fclose(in);
	text[length] = '\0';
	return text;
}

static void await_output(const char *expected)
{
	struct timespec pause = {.tv_nsec = 5000000};

	for (int i = 0; i < 4000 && !strstr(output(), expected); i++)
		nanosleep(&pause, NULL);
	ck_assert_ptr_nonnull(strstr(output(), expected));
}

static void expect_run(const char *scripts, int code, const char *expected)
{
	discover(scripts);
	ck_assert_int_eq(wait_for(start("dev")), code);
	ck_assert_str_eq(output(), expected);
	finish();
}

START_TEST(a_script_alone_is_run_by_the_shell)
{
	expect_run("\"dev\": \"echo $npm_lifecycle_event: $npm_lifecycle_script; exit 3\"", 3,
		   "dev: echo $npm_lifecycle_event: $npm_lifecycle_script; exit 3\n");
}
END_TEST

START_TEST(hooks_run_around_a_script_each_with_its_own_names)
{
	expect_run("\"predev\": \"echo 1 $npm_lifecycle_event=$npm_lifecycle_script\","
		   "\"dev\": \"echo 2 $npm_lifecycle_event=$npm_lifecycle_script\","
		   "\"postdev\": \"echo 3 $npm_lifecycle_event=$npm_lifecycle_script\"",
		   0,
		   "1 predev=echo 1 $npm_lifecycle_event=$npm_lifecycle_script\n"
		   "2 dev=echo 2 $npm_lifecycle_event=$npm_lifecycle_script\n"
		   "3 postdev=echo 3 $npm_lifecycle_event=$npm_lifecycle_script\n");
}
END_TEST

START_TEST(the_first_failure_ends_it_with_its_code)
{
	expect_run("\"predev\": \"echo pre; exit 7\", \"dev\": \"echo main\", \"postdev\": \"echo post\"", 7, "pre\n");
	expect_run("\"predev\": \"echo pre\", \"dev\": \"echo main; exit 8\", \"postdev\": \"echo post\"", 8,
		   "pre\nmain\n");
	expect_run("\"dev\": \"echo main\", \"postdev\": \"echo post; exit 9\"", 9, "main\npost\n");
	expect_run("\"predev\": \"echo pre\", \"dev\": \"echo main; exit 5\"", 5, "pre\nmain\n");
}
END_TEST

START_TEST(no_script_can_break_another)
{
	expect_run("\"predev\": \"echo pre; exit 0 # comment\", \"dev\": \"echo 'it''s' \\\"so\\\"; exit 0 #\","
		   "\"postdev\": \"echo post\"",
		   0, "pre\nits so\npost\n");
	expect_run("\"predev\": \"cd /; false || X=1\", \"dev\": \"echo [$X] ${PWD##*/}\", \"postdev\": \"\"", 0,
		   "[] app\n");
	discover("\"predev\": \"echo 'open\", \"dev\": \"echo main\"");
	ck_assert_int_eq(wait_for(start("dev")), 2);
	ck_assert_ptr_null(strstr(output(), "main"));
	finish();
}
END_TEST

START_TEST(the_last_script_takes_the_shells_place)
{
	char expected[32];
	pid_t pid;

	discover("\"predev\": \"true\", \"dev\": \"sh -c 'echo $$'\"");
	pid = start("dev");
	snprintf(expected, sizeof expected, "%d\n", (int)pid);
	ck_assert_int_eq(wait_for(pid), 0);
	ck_assert_str_eq(output(), expected);
	finish();
}
END_TEST

/* What a program does that ends well when it is told to. */
#define GRACEFUL(code) "trap 'sleep 0.1; echo bye; exit " code "' TERM; echo ready; while :; do sleep 0.05; done\n"

/* Start dev, tell its group to stop when it is ready, and expect a code; of words nothing but "bye" may follow. */
static void expect_stop(const char *scripts, int code)
{
	pid_t pid;

	discover(scripts);
	help_write("app/program", GRACEFUL("6"));
	help_write("app/zero", GRACEFUL("0"));
	pid = start("dev");
	await_output("ready\n");
	ck_assert_int_eq(kill(-pid, SIGTERM), 0);
	ck_assert_int_eq(wait_for(pid), code);
	ck_assert_ptr_nonnull(strstr(output(), "bye\n"));
	ck_assert_ptr_null(strstr(output(), "next"));
	finish();
}

START_TEST(a_program_that_ends_well_when_told_is_waited_for)
{
	expect_stop("\"dev\": \"sh program\"", 6);
	expect_stop("\"dev\": \"sh program; exit $?\"", 6);
	expect_stop("\"dev\": \"X=1 sh program\"", 6);
	expect_stop("\"predev\": \"true\", \"dev\": \"sh program\"", 6);
	expect_stop("\"dev\": \"sh program\", \"postdev\": \"echo next\"", 6);
	expect_stop("\"dev\": \"X=1 sh program || echo next\", \"postdev\": \"echo next\"", 6);
}
END_TEST

START_TEST(nothing_more_is_begun_once_a_stop_was_asked)
{
	expect_stop("\"dev\": \"sh zero && echo next\"", 0);
	expect_stop("\"predev\": \"sh zero\", \"dev\": \"echo next\"", 0);
	expect_stop("\"dev\": \"sh zero\", \"postdev\": \"echo next\"", 0);
}
END_TEST

START_TEST(a_procfile_command_is_waited_for_too)
{
	char *dir = help_folder("proc");
	pid_t pid;

	help_write("proc/program", GRACEFUL("6"));
	help_write("proc/Procfile", "web: X=1 sh program\n");
	ck_assert_int_eq(config_discover(&(struct config_request){.dir = dir}, &config, &report), 0);
	pid = start("web");
	await_output("ready\n");
	ck_assert_int_eq(kill(-pid, SIGTERM), 0);
	ck_assert_int_eq(wait_for(pid), 6);
	ck_assert_ptr_nonnull(strstr(output(), "bye\n"));
	free(dir);
	finish();
}
END_TEST

START_TEST(one_program_has_no_shell_around_it)
{
	char expected[32];
	pid_t pid;

	discover("\"dev\": \"sh -c 'echo $$'\"");
	pid = start("dev");
	snprintf(expected, sizeof expected, "%d\n", (int)pid);
	ck_assert_int_eq(wait_for(pid), 0);
	ck_assert_str_eq(output(), expected);
	finish();
	help_write("app/sleeper", "echo ready\nexec sleep 60\n");
	discover("\"dev\": \"sh sleeper\"");
	pid = start("dev");
	await_output("ready\n");
	ck_assert_int_eq(kill(-pid, SIGTERM), 0);
	ck_assert_int_eq(wait_for(pid), 1000 + SIGTERM);
	finish();
	discover("\"dev\": \"brummer-no-such-program\"");
	ck_assert_int_eq(wait_for(start("dev")), 127);
	finish();
}
END_TEST

START_TEST(a_script_sees_no_arguments)
{
	expect_run("\"dev\": \"echo $#[$1$2$3$4$5]\"", 0, "0[]\n");
	expect_run("\"predev\": \"echo $#[$1]\", \"dev\": \"echo $#[$1]\", \"postdev\": \"echo $#[$1]\"", 0,
		   "0[]\n0[]\n0[]\n");
}
END_TEST

START_TEST(a_script_that_a_signal_ends_says_so)
{
	pid_t pid;

	discover("\"dev\": \"echo ready; exec sleep 60\", \"postdev\": \"echo post\"");
	pid = start("dev");
	await_output("ready\n");
	ck_assert_int_eq(kill(-pid, SIGTERM), 0);
	ck_assert_int_eq(wait_for(pid), 128 + SIGTERM);
	ck_assert_ptr_null(strstr(output(), "post"));
	finish();
}
END_TEST

START_TEST(a_signal_for_the_script_does_not_end_what_is_around_it)
{
	pid_t pid;

	discover("\"dev\": \"trap 'echo got it; exit 0' USR1; echo ready; while :; do sleep 0.05; done\","
		 "\"postdev\": \"echo post\"");
	pid = start("dev");
	await_output("ready\n");
	/* A sleep that is just running has no trap: it ends, and its shell goes on. */
	ck_assert_int_eq(kill(-pid, SIGUSR1), 0);
	ck_assert_int_eq(wait_for(pid), 0);
	ck_assert_ptr_nonnull(strstr(output(), "got it\n"));
	ck_assert_ptr_nonnull(strstr(output(), "post\n"));
	finish();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("npm_run");
	TCase *tcase = tcase_create("npm_run");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, a_script_alone_is_run_by_the_shell);
	tcase_add_test(tcase, hooks_run_around_a_script_each_with_its_own_names);
	tcase_add_test(tcase, the_first_failure_ends_it_with_its_code);
	tcase_add_test(tcase, no_script_can_break_another);
	tcase_add_test(tcase, the_last_script_takes_the_shells_place);
	tcase_add_test(tcase, a_program_that_ends_well_when_told_is_waited_for);
	tcase_add_test(tcase, nothing_more_is_begun_once_a_stop_was_asked);
	tcase_add_test(tcase, a_procfile_command_is_waited_for_too);
	tcase_add_test(tcase, one_program_has_no_shell_around_it);
	tcase_add_test(tcase, a_script_sees_no_arguments);
	tcase_add_test(tcase, a_script_that_a_signal_ends_says_so);
	tcase_add_test(tcase, a_signal_for_the_script_does_not_end_what_is_around_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
