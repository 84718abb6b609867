/* SPDX-License-Identifier: MIT */
#include "clients/common/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "clients/common/client.h"
#include "clients/common/discover.h"
#include "tests/check_main.h"
#include "tests/shm_help.h"

/* A brummerd of our own: a shell script. */
static void write_program(const char *script)
{
	FILE *out = fopen(test_path("brummerd"), "w");

	ck_assert_ptr_nonnull(out);
	fprintf(out, "#!/bin/sh\n%s\n", script);
	fclose(out);
	ck_assert_int_eq(chmod(test_path("brummerd"), 0700), 0);
	setenv("BRUMMER_BINDIR", test_dir(), 1);
}

static int run(struct said *said)
{
	const char *argv[] = {"brummerd", "one", "two words", NULL};

	return program_run(argv, 10000000000ll, said);
}

START_TEST(what_it_says_is_kept)
{
	struct said said;
	char why[100];

	write_program("echo \"$2\"; cat; echo brummerd: it broke >&2; echo more >&2; exit 3");
	ck_assert_int_eq(run(&said), 0);
	ck_assert_str_eq(said.out, "two words\n");
	ck_assert_uint_eq(said.out_length, 10);
	ck_assert_int_eq(WEXITSTATUS(said.status), 3);
	said_why(&said, "brummerd", why, sizeof why);
	ck_assert_str_eq(why, "it broke (and 1 more)");
	said_finish(&said);
}
END_TEST

START_TEST(one_that_says_nothing_has_a_status)
{
	struct said said;
	char why[100];

	write_program("exit 4");
	ck_assert_int_eq(run(&said), 0);
	said_why(&said, "brummerd", why, sizeof why);
	ck_assert_str_eq(why, "brummerd exited with 4");
	said_finish(&said);
	write_program("kill -9 $$");
	ck_assert_int_eq(run(&said), 0);
	said_why(&said, "brummerd", why, sizeof why);
	ck_assert_str_eq(why, "brummerd was ended by signal 9");
	said_finish(&said);
}
END_TEST

START_TEST(a_daemon_that_keeps_its_output_is_not_waited_for)
{
	uint64_t begin = shm_now();
	struct said said;

	write_program("sleep 5 & echo $!");
	ck_assert_int_eq(run(&said), 0);
	ck_assert_uint_lt(shm_now() - begin, 4000000000u);
	ck_assert_int_eq(kill(atoi(said.out), SIGKILL), 0);
	said_finish(&said);
}
END_TEST

START_TEST(one_that_hangs_is_ended)
{
	const char *argv[] = {"brummerd", NULL};
	struct said said;

	write_program("exec sleep 1000");
	ck_assert_int_eq(program_run(argv, 100000000, &said), -ETIMEDOUT);
}
END_TEST

START_TEST(no_program_is_an_error)
{
	const char *argv[] = {"brm-nothing", NULL};
	struct said said;

	ck_assert_int_eq(program_run(argv, -1, &said), -ENOENT);
}
END_TEST

START_TEST(scripts_are_read_from_what_brummerd_says)
{
	struct scripts scripts;
	char why[200];

	write_program("[ \"$1 $2 $3\" = '--discover -C /srv' ] || exit 1\n"
		      "echo '{\"scripts\":[{\"name\":\"a\",\"command\":\"b c\",\"dir\":\"/d\",\"source\":\"Procfile\"},"
		      "{\"name\":\"e\",\"manager\":\"npm\",\"new\":1}],\"warnings\":[\"w1\",\"w2\"]}'");
	ck_assert_int_eq(discover_scripts("/srv", NULL, &scripts, why, sizeof why), 0);
	ck_assert_uint_eq(scripts.count, 2);
	ck_assert_str_eq(scripts.list[0].command, "b c");
	ck_assert_str_eq(scripts.list[0].manager, "");
	ck_assert_str_eq(scripts.list[1].manager, "npm");
	ck_assert_str_eq(scripts.warnings[1], "w2");
	ck_assert_ptr_null(scripts.warnings[2]);
	scripts_finish(&scripts);
}
END_TEST

START_TEST(no_scripts_and_wrong_answers_are_told_apart)
{
	struct scripts scripts;
	char why[200];

	write_program("echo '{\"scripts\":[],\"warnings\":[]}'");
	ck_assert_int_eq(discover_scripts("/srv", NULL, &scripts, why, sizeof why), -ENOENT);
	write_program("echo '{\"scripts\":['");
	ck_assert_int_eq(discover_scripts("/srv", NULL, &scripts, why, sizeof why), -ECHILD);
	ck_assert_ptr_nonnull(strstr(why, "not JSON"));
	write_program("echo '[1, 2]'");
	ck_assert_int_eq(discover_scripts("/srv", NULL, &scripts, why, sizeof why), -ENOENT);
	write_program("echo 'brummerd: cannot read package.json:3:1: it is wrong' >&2; exit 1");
	ck_assert_int_eq(discover_scripts("/srv", NULL, &scripts, why, sizeof why), -ECHILD);
	ck_assert_str_eq(why, "cannot read package.json:3:1: it is wrong");
}
END_TEST

START_TEST(a_supervisor_that_cannot_start_says_why)
{
	static const char *const more[] = {"--no-autostart", NULL};
	char why[200] = "x";

	write_program("echo \"$@\" >\"$0.args\"; echo 'brummerd: cannot start: no room' >&2; exit 1");
	ck_assert_int_eq(client_start_supervisor(shm_instance("start"), more, why, sizeof why), -ECHILD);
	ck_assert_str_eq(why, "cannot start: no room");
	write_program("echo \"$*\" | grep -qx -- '-C /project/start --instance start --no-autostart'");
	ck_assert_int_eq(client_start_supervisor(shm_instance("start"), more, why, sizeof why), 0);
	ck_assert_str_eq(why, "");
	write_program("echo brummerd: mprocs.yaml is not read >&2");
	ck_assert_int_eq(client_start_supervisor(shm_instance("start"), NULL, why, sizeof why), 0);
	ck_assert_str_eq(why, "mprocs.yaml is not read");
}
END_TEST

START_TEST(one_that_runs_is_not_started_again)
{
	struct brm_writer *writer = shm_writer("runs", (struct brm_writer_options){0});
	char why[200];

	write_program("exit 1");
	ck_assert_int_eq(client_start_supervisor(shm_instance("runs"), NULL, why, sizeof why), -EEXIST);
	brm_writer_close(writer);
	ck_assert_int_eq(client_start_supervisor(shm_instance("runs"), NULL, why, sizeof why), -ECHILD);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("program");
	TCase *tcase = tcase_create("run");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, what_it_says_is_kept);
	tcase_add_test(tcase, one_that_says_nothing_has_a_status);
	tcase_add_test(tcase, a_daemon_that_keeps_its_output_is_not_waited_for);
	tcase_add_test(tcase, one_that_hangs_is_ended);
	tcase_add_test(tcase, no_program_is_an_error);
	tcase_add_test(tcase, scripts_are_read_from_what_brummerd_says);
	tcase_add_test(tcase, no_scripts_and_wrong_answers_are_told_apart);
	tcase_add_test(tcase, a_supervisor_that_cannot_start_says_why);
	tcase_add_test(tcase, one_that_runs_is_not_started_again);
	suite_add_tcase(suite, tcase);
	return suite;
}
