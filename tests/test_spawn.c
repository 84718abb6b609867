/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <brummer/state.h>

#include "engine/proc.h"
#include "engine/tag.h"
#include "tests/run_help.h"

/* Without a keeper: the children are ours, and so are their statuses. */
static struct keeperlink *keeper;
static struct spawner *spawner;

static void open_spawner(void)
{
	ck_assert_int_eq(keeperlink_open(-1, &keeper), 0);
	ck_assert_int_eq(spawner_open(keeper, &spawner), 0);
}

static void close_spawner(void)
{
	spawner_close(spawner);
	keeperlink_close(keeper);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left, dead or alive */
	ck_assert_int_eq(errno, ECHILD);
}

static struct ended finish(struct spawn_result *result)
{
	struct ended ended = {.alive = true};

	ck_assert(help_readable(result->pidfd));
	ck_assert_int_eq(keeperlink_status(keeper, result->pid, &ended), 0);
	ck_assert(!ended.alive);
	ck_assert_int_eq(keeperlink_reap(keeper, result->pid), 0);
	help_close(result);
	return ended;
}

static const char *output_of(const char *line, struct ended *ended)
{
	static char out[65536];
	struct spawn_result result = help_spawn(spawner, help_shell(1, test_dir(), line));
	struct ended how;

	ck_assert_int_eq(result.stage, SPAWN_OK);
	help_read(result.fds.out, out, sizeof out);
	how = finish(&result);
	if (ended)
		*ended = how;
	else
		ck_assert_int_eq(how.code + how.signal, 0);
	return out;
}

START_TEST(a_child_runs_and_its_result_names_it)
{
	struct spawn_result result = help_spawn(spawner, help_shell(7, "/", "echo out; echo err >&2; exit 3"));
	struct proc_stat stat;
	char text[64];

	ck_assert_int_eq(result.stage, SPAWN_OK);
	ck_assert_uint_eq(result.serial, 7);
	ck_assert_uint_eq(result.token, 7);
	ck_assert_int_eq(result.fds.in, -1);
	ck_assert_int_eq(proc_stat(result.pid, &stat), 0);
	ck_assert_uint_eq(stat.start, result.pid_start);
	ck_assert_uint_ne(stat.start, 0);
	help_read(result.fds.out, text, sizeof text);
	ck_assert_str_eq(text, "out\n");
	help_read(result.fds.err, text, sizeof text);
	ck_assert_str_eq(text, "err\n");
	ck_assert_int_eq(finish(&result).code, 3);
}
END_TEST

START_TEST(a_signal_that_ends_a_child_is_told)
{
	struct ended ended;

	output_of("kill -9 $$", &ended);
	ck_assert_int_eq(ended.signal, SIGKILL);
	ck_assert_int_eq(ended.code, 0);
}
END_TEST

START_TEST(a_child_leads_a_session_and_carries_its_tag)
{
	struct spawn_result result = help_spawn(spawner, help_shell(9, "/", "read x <&0; exec sleep 100"));
	struct proc_stat stat;

	ck_assert_int_eq(result.stage, SPAWN_OK);
	ck_assert_int_eq(proc_stat(result.pid, &stat), 0);
	ck_assert_int_eq(stat.session, result.pid);
	ck_assert_int_eq(getpgid(result.pid), result.pid);
	ck_assert_uint_eq(tag_of(result.pid), tag_make(help_instance(), 9));
	ck_assert_uint_eq(tag_of(getpid()), 0);
	kill(result.pid, SIGKILL);
	ck_assert_int_eq(finish(&result).signal, SIGKILL);
}
END_TEST

START_TEST(a_child_inherits_three_descriptors_and_no_more)
{
	int leaked = open("/dev/zero", O_RDONLY); /* not CLOEXEC */
	const char *out = output_of("ls /proc/self/fd", NULL);

	close(leaked);
	ck_assert_str_eq(out, "0\n1\n2\n3\n"); /* 3 is the directory that ls reads */
}
END_TEST

START_TEST(a_child_gets_blocking_ends)
{
	const char *out = output_of("for i in 0 1 2; do grep flags /proc/self/fdinfo/$i; done", NULL);
	char words[3][32];

	ck_assert_int_eq(sscanf(out, "flags: %31s flags: %31s flags: %31s", words[0], words[1], words[2]), 3);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(strtoul(words[i], NULL, 8) & O_NONBLOCK, 0);
}
END_TEST

START_TEST(a_child_has_no_signal_blocked_ignored_or_caught)
{
	sigset_t some;
	const char *out;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	sigemptyset(&some);
	sigaddset(&some, SIGTERM);
	sigaddset(&some, SIGUSR1);
	sigprocmask(SIG_BLOCK, &some, NULL);
	out = output_of("exec cat /proc/self/status", NULL);
	ck_assert_ptr_nonnull(strstr(out, "SigBlk:\t0000000000000000\n"));
	ck_assert_ptr_nonnull(strstr(out, "SigIgn:\t0000000000000000\n"));
	ck_assert_ptr_nonnull(strstr(out, "SigCgt:\t0000000000000000\n"));
}
END_TEST

START_TEST(a_child_has_the_limit_of_open_files_from_before)
{
	const char *out = output_of("ulimit -Sn", NULL);

	ck_assert_str_eq(out, "200\n");
}
END_TEST

START_TEST(standard_input_is_null_unless_asked_for)
{
	struct spawn_request *request = help_shell(1, "/", "read line; echo got $line");
	struct spawn_result result;
	char text[64];

	ck_assert_str_eq(output_of("readlink /proc/self/fd/0", NULL), "/dev/null\n");
	request->stdin_pipe = true;
	result = help_spawn(spawner, request);
	ck_assert_int_ge(result.fds.in, 0);
	ck_assert_int_eq(write(result.fds.in, "hello\n", 6), 6);
	help_read(result.fds.out, text, sizeof text);
	ck_assert_str_eq(text, "got hello\n");
	ck_assert_int_eq(finish(&result).code, 0);
}
END_TEST

START_TEST(a_terminal_is_the_childs_own)
{
	struct spawn_request *request =
		help_shell(1, "/", "tty; stty size; test -t 2 && echo hi >/dev/tty; read x; exit 4");
	struct spawn_result result;
	char text[256] = "";
	size_t length = 0;

	request->tty = true;
	result = help_spawn(spawner, request);
	ck_assert_int_eq(result.stage, SPAWN_OK);
	while (!strstr(text, "hi\r\n") && help_readable(result.fds.out)) {
		ssize_t got = read(result.fds.out, text + length, sizeof text - 1 - length);

		length += got > 0 ? (size_t)got : 0;
		text[length] = '\0';
	}
	ck_assert_int_eq(strncmp(text, "/dev/pts/", 9), 0);
	ck_assert_ptr_nonnull(strstr(text, "24 80\r\nhi\r\n"));
	ck_assert_int_eq(write(result.fds.in, "x\n", 2), 2);
	ck_assert_int_eq(finish(&result).code, 4);
}
END_TEST

/* What fails is reported as itself, and nothing stays behind. */
static struct spawn_result failing(struct spawn_request *request, enum spawn_stage stage, int error)
{
	struct spawn_result result = help_spawn(spawner, request);

	ck_assert_int_eq(result.stage, stage);
	ck_assert_int_eq(result.error, error);
	ck_assert_int_eq(result.pidfd, -1);
	ck_assert_int_eq(result.fds.out, -1);
	return result;
}

START_TEST(a_program_that_is_not_there)
{
	const char *const by_name[] = {"no-such-program-anywhere", NULL};
	const char *const by_path[] = {"./no-such-program", NULL};
	struct spawn_result result = failing(help_request(1, "/", by_name), SPAWN_EXEC, ENOENT);
	char text[BRM_REASON_MAX];

	failing(help_request(2, "/", by_path), SPAWN_EXEC, ENOENT);
	spawn_error_text(&result, "prog", text, sizeof text);
	ck_assert_str_eq(text, "cannot run prog: no such file or directory");
	spawn_error_text(&result, "/a/very/long/path/to/a/program", text, sizeof text);
	ck_assert_uint_lt(strlen(text), BRM_REASON_MAX);
	ck_assert_ptr_nonnull(strstr(text, "ogram: no such file or directory"));
}
END_TEST

static const char *make_file(const char *name, const char *content, mode_t mode)
{
	const char *path = test_path(name);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(content, file);
	fclose(file);
	chmod(path, mode);
	return path;
}

START_TEST(a_program_that_cannot_be_executed)
{
	const char *const by_path[] = {make_file("plain", "#!/bin/sh\n", 0600), NULL};
	const char *const by_name[] = {"plain", NULL};
	struct spawn_request *request = help_request(2, test_dir(), by_name);

	failing(help_request(1, "/", by_path), SPAWN_EXEC, EACCES);
	free(request->env[0]);
	request->env[0] = strdup("PATH=/nowhere::/bin"); /* the empty entry is the directory */
	failing(request, SPAWN_EXEC, EACCES);
}
END_TEST

START_TEST(a_program_of_no_known_format)
{
	const char *const argv[] = {make_file("garbage", "not a program\n", 0700), NULL};

	failing(help_request(1, "/", argv), SPAWN_EXEC, ENOEXEC);
}
END_TEST

START_TEST(a_directory_that_is_not_there)
{
	const char *const argv[] = {"true", NULL};
	struct spawn_result result = failing(help_request(1, test_path("none"), argv), SPAWN_DIR, ENOENT);
	char text[2 * BRM_REASON_MAX];

	failing(help_request(2, make_file("file", "", 0600), argv), SPAWN_DIR, ENOTDIR);
	spawn_error_text(&result, "/no/such", text, sizeof text);
	ck_assert_str_eq(text, "cannot enter /no/such: no such file or directory");
	result = (struct spawn_result){.stage = SPAWN_USER, .error = ENOENT};
	spawn_error_text(&result, "nobody-99", text, sizeof text);
	ck_assert_str_eq(text, "there is no user nobody-99");
}
END_TEST

START_TEST(arguments_that_are_too_many)
{
	struct spawn_request *request = help_shell(1, "/", "true");

	free(request->argv[2]);
	request->argv[2] = malloc(4u << 20);
	memset(request->argv[2], 'x', (4u << 20) - 1);
	request->argv[2][(4u << 20) - 1] = '\0';
	failing(request, SPAWN_EXEC, E2BIG);
}
END_TEST

START_TEST(descriptors_that_have_run_out)
{
	struct rlimit none;
	int lowest = dup(0);

	close(lowest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &none), 0);
	none.rlim_cur = (rlim_t)lowest;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	failing(help_shell(1, "/", "true"), SPAWN_DIR, EMFILE);
	none.rlim_cur = (rlim_t)lowest + 1; /* the directory, and no pipe */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	failing(help_shell(1, "/", "true"), SPAWN_PIPES, EMFILE);
	none.rlim_cur = none.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_str_eq(output_of("echo back", NULL), "back\n");
}
END_TEST

START_TEST(processes_that_have_run_out)
{
	struct rlimit before;
	struct rlimit none;

	if (geteuid() == 0)
		ck_assert_int_eq(setresuid(65534, 65534, 65534), 0); /* root is not limited */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);                          /* for sanitizers to look at us */
	ck_assert_int_eq(getrlimit(RLIMIT_NPROC, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	failing(help_shell(1, "/", "true"), SPAWN_CLONE, EAGAIN);
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &before), 0);
}
END_TEST

START_TEST(a_name_is_looked_up_in_the_childs_path_seen_from_its_directory)
{
	const char *const argv[] = {"tool", "arg", NULL};
	struct spawn_request *request;
	struct spawn_result result;
	char text[64];

	mkdir(test_path("bin"), 0700);
	make_file("bin/tool", "#!/bin/sh\necho \"$0 $1\"\n", 0700);
	request = help_request(1, test_dir(), argv);
	free(request->env[0]);
	request->env[0] = strdup("PATH=/nowhere:bin");
	result = help_spawn(spawner, request);
	ck_assert_int_eq(result.stage, SPAWN_OK);
	help_read(result.fds.out, text, sizeof text);
	ck_assert_str_eq(text, "bin/tool arg\n");
	ck_assert_int_eq(finish(&result).code, 0);
}
END_TEST

START_TEST(failures_leave_no_descriptor_behind)
{
	const char *const argv[] = {"./none", NULL};
	int before = dup(0);
	int after;

	close(before);
	for (uint32_t i = 1; i < 50; i++) {
		struct spawn_request *request = help_request(i, "/", argv);

		request->tty = i % 2;
		failing(request, SPAWN_EXEC, ENOENT);
	}
	after = dup(0);
	close(after);
	ck_assert_int_eq(before, after);
}
END_TEST

/* An environment can be read a moment after the exec only. */
static bool has_tag(void *arg)
{
	const struct spawn_result *result = arg;

	return tag_of(result->pid) == tag_make(help_instance(), result->serial);
}

START_TEST(where_limits_cannot_carry_the_tag_the_environment_does)
{
	struct rlimit low = {.rlim_cur = 1000000, .rlim_max = 1000000};
	struct spawn_result result;
	struct spawner *limited;

	ck_assert_int_eq(setrlimit(RLIMIT_RTTIME, &low), 0);
	ck_assert(tag_is_refused());
	ck_assert_int_eq(spawner_open(keeper, &limited), 0);
	result = help_spawn(limited, help_shell(5, "/", "exec sleep 100"));
	ck_assert_int_eq(result.stage, SPAWN_OK);
	ck_assert(help_until(has_tag, &result));
	kill(result.pid, SIGKILL);
	ck_assert_int_eq(finish(&result).signal, SIGKILL);
	spawner_close(limited);
}
END_TEST

START_TEST(requests_that_wait_at_the_close_are_not_started)
{
	struct spawner *closing;

	ck_assert_int_eq(spawner_open(keeper, &closing), 0);
	for (uint32_t i = 1; i < 20; i++)
		ck_assert_int_eq(spawner_submit(closing, help_shell(i, "/", "exit 0")), 0);
	spawner_close(closing);
	while (waitpid(-1, NULL, 0) > 0) /* the few that were */
		continue;
}
END_TEST

static void lower_nofile(void)
{
	struct rlimit nofile;

	getrlimit(RLIMIT_NOFILE, &nofile);
	nofile.rlim_cur = 200;
	setrlimit(RLIMIT_NOFILE, &nofile);
	open_spawner();
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("spawn");
	TCase *runs = tcase_create("runs");
	TCase *limit = tcase_create("limit");
	TCase *fails = tcase_create("fails");

	tcase_set_timeout(runs, 60);
	tcase_set_timeout(fails, 60);
	tcase_add_checked_fixture(runs, open_spawner, close_spawner);
	tcase_add_checked_fixture(limit, lower_nofile, close_spawner);
	tcase_add_checked_fixture(fails, open_spawner, close_spawner);
	tcase_add_test(runs, a_child_runs_and_its_result_names_it);
	tcase_add_test(runs, a_signal_that_ends_a_child_is_told);
	tcase_add_test(runs, a_child_leads_a_session_and_carries_its_tag);
	tcase_add_test(runs, a_child_inherits_three_descriptors_and_no_more);
	tcase_add_test(runs, a_child_gets_blocking_ends);
	tcase_add_test(runs, a_child_has_no_signal_blocked_ignored_or_caught);
	tcase_add_test(runs, standard_input_is_null_unless_asked_for);
	tcase_add_test(runs, a_terminal_is_the_childs_own);
	tcase_add_test(runs, a_name_is_looked_up_in_the_childs_path_seen_from_its_directory);
	tcase_add_test(runs, where_limits_cannot_carry_the_tag_the_environment_does);
	tcase_add_test(runs, requests_that_wait_at_the_close_are_not_started);
	tcase_add_test(limit, a_child_has_the_limit_of_open_files_from_before);
	tcase_add_test(fails, a_program_that_is_not_there);
	tcase_add_test(fails, a_program_that_cannot_be_executed);
	tcase_add_test(fails, a_program_of_no_known_format);
	tcase_add_test(fails, a_directory_that_is_not_there);
	tcase_add_test(fails, arguments_that_are_too_many);
	tcase_add_test(fails, descriptors_that_have_run_out);
	tcase_add_test(fails, processes_that_have_run_out);
	tcase_add_test(fails, failures_leave_no_descriptor_behind);
	suite_add_tcase(suite, runs);
	suite_add_tcase(suite, limit);
	suite_add_tcase(suite, fails);
	return suite;
}
