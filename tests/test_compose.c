/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "tests/config_fixture.h"

#define S 1000000000ull

static int discover_with(char *const *files)
{
	char *dir = help_folder("p");
	int result = config_discover(&(struct config_request){.dir = dir, .files = files}, &config, &report);

	free(dir);
	return result;
}

static int discover(const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof path, "p/%s", file);
	help_write(path, text);
	return discover_with(NULL);
}

static int compose(const char *text)
{
	return discover("process-compose.yaml", text);
}

START_TEST(a_process_compose_file_is_read_in_place)
{
	const struct spec *web, *db;

	ck_assert_int_eq(
		compose("version: '0.5'\nis_strict: true\nenvironment: ['A=1', 'B=2']\n"
			"shell: {shell_command: bash, shell_argument: -ec}\n"
			"processes:\n"
			"  db:\n    command: postgres -D data\n    is_tty: true\n    namespace: back\n"
			"    readiness_probe:\n      http_get: {host: localhost, port: 8080, path: health}\n"
			"      initial_delay_seconds: 5\n      period_seconds: 2\n      timeout_seconds: 3\n"
			"      success_threshold: 2\n"
			"    liveness_probe: {exec: {command: pg_isready}, failure_threshold: 4}\n"
			"    shutdown: {command: pg_ctl stop, signal: 2, timeout_seconds: 30}\n"
			"  web:\n    command: npm start\n    working_dir: ./web\n    environment: ['B=3', PORT=80]\n"
			"    depends_on:\n      db: {condition: process_healthy}\n"
			"      mig: {condition: process_completed_successfully}\n      log: {condition: "
			"process_log_ready}\n"
			"    availability: {restart: on_failure, backoff_seconds: 2, max_restarts: 5}\n"
			"    success_exit_codes: [3]\n"
			"  mig: {command: migrate, disabled: true, availability: {restart: exit_on_failure}}\n"
			"  log: {command: log, ready_log_line: started, schedule: {cron: '0 2 * * *'}}\n"),
		0);
	help_lines(report.errors, NULL);
	help_lines(report.warnings, NULL);
	db = help_spec(&config, "db");
	ck_assert_str_eq(db->ready.target, "http://localhost:8080/health");
	ck_assert_uint_eq(db->ready.delay_ns, 5 * S);
	ck_assert_uint_eq(db->ready.interval_ns, 2 * S);
	ck_assert_uint_eq(db->ready.attempt_ns, 3 * S);
	ck_assert_uint_eq(db->ready.successes, 2);
	ck_assert_int_eq(db->alive.kind, PROBE_EXEC);
	ck_assert_str_eq(db->alive.target, "pg_isready");
	ck_assert_uint_eq(db->alive.failures, 4);
	ck_assert_str_eq(db->stop_command, "pg_ctl stop");
	ck_assert_int_eq(db->stop_signal, SIGINT);
	ck_assert_uint_eq(db->stop_grace_ns, 30 * S);
	ck_assert(db->tty);
	help_lines(db->labels, "namespace=back", NULL);
	help_lines(db->shell, "bash", "-ec", NULL);
	web = help_spec(&config, "web");
	ck_assert_str_eq(web->dir + strlen(web->dir) - 4, "/web");
	ck_assert_str_eq(env_get(web->env, "A"), "1");
	ck_assert_str_eq(env_get(web->env, "B"), "3");
	ck_assert_uint_eq(web->depends_count, 3);
	ck_assert_int_eq(web->depends_on[0].condition, CONDITION_READY);
	ck_assert_int_eq(web->depends_on[1].condition, CONDITION_SUCCESS);
	ck_assert_int_eq(web->depends_on[2].condition, CONDITION_READY);
	ck_assert_int_eq(web->restart, RESTART_ON_FAILURE);
	ck_assert_uint_eq(web->backoff_first_ns, 2 * S);
	ck_assert_uint_eq(web->backoff_last_ns, 2 * S);
	ck_assert_uint_eq(web->restart_limit, 5);
	ck_assert(spec_is_success(web, 3));
	ck_assert(!help_spec(&config, "mig")->autostart);
	ck_assert(help_spec(&config, "mig")->essential);
	ck_assert_int_eq(help_spec(&config, "log")->ready.kind, PROBE_LOG);
	ck_assert_str_eq(help_spec(&config, "log")->schedule, "0 2 * * *");
	finish();
}
END_TEST

START_TEST(variables_and_templates_are_filled_in)
{
	setenv("TEST_REAL", "real", 1);
	help_write("p/.env", "TEST_REAL=file\nTEST_DOT=dot\n");
	ck_assert_int_eq(compose("vars: {PORT: 8080, NAME: all}\nprocesses:\n"
				 "  a:\n    vars: {NAME: own}\n"
				 "    command: run {{.NAME}} {{ .PORT }} $TEST_REAL ${TEST_DOT} $$HOME {{.NOT}}\n"
				 "    replicas: 2\n"),
			 0);
	ck_assert_str_eq(help_spec(&config, "a.1")->command, "run own 8080 real dot $HOME {{.NOT}}");
	ck_assert_str_eq(env_get(help_spec(&config, "a.2")->env, "PC_REPLICA_NUM"), "1");
	ck_assert_str_eq(env_get(help_spec(&config, "a.2")->env, "PC_PROC_NAME"), "a");
	ck_assert_str_eq(env_get(help_spec(&config, "a.2")->env, "TEST_DOT"), "dot");
	ck_assert_ptr_null(env_get(help_spec(&config, "a.2")->env, "TEST_REAL"));
	help_lines(report.warnings,
		   "process-compose.yaml:5:14: a template that stays as it is, expected {{.NAME}} of vars", NULL);
	unsetenv("TEST_REAL");
	finish();
}
END_TEST

START_TEST(watched_paths_have_what_each_of_them_excludes)
{
	const struct spec *spec;

	ck_assert_int_eq(compose("processes:\n"
				 "  a:\n    command: a\n    namespace: [front, web]\n"
				 "    watch:\n      paths: [{path: ./src, exclude: ['*.gen'], include: ['*.c']}, lib]\n"
				 "  b:\n    command: b\n"
				 "    watch: {paths: [{path: .}], disable_default_excludes: true, max_entries: 9}\n"
				 "  c:\n    command: 'c 404{{.PC_REPLICA_NUM}}'\n"
				 "    readiness_probe: {http_get: {port: '404{{.PC_REPLICA_NUM}}'}}\n"
				 "  d: {command: 'd {{.PC_REPLICA_NUM}}', replicas: 2}\n"),
			 0);
	spec = help_spec(&config, "a");
	ck_assert_str_eq(env_get(spec->labels, "namespace"), "front,web");
	ck_assert_uint_eq(list_length(spec->watch_paths), 2);
	ck_assert_ptr_nonnull(strstr(spec->watch_paths[0], "/p/src"));
	ck_assert_ptr_nonnull(strstr(spec->watch_paths[1], "/p/lib"));
	ck_assert_str_eq(spec->watch_ignore[0], "*.gen");
	ck_assert_str_eq(spec->watch_ignore[1], ".git");
	ck_assert_str_eq(spec->watch_ignore[6], "node_modules");
	ck_assert_uint_eq(list_length(help_spec(&config, "b")->watch_ignore), 0);
	ck_assert_str_eq(help_spec(&config, "c")->command, "c 4040");
	ck_assert_str_eq(help_spec(&config, "c")->ready.target, "http://127.0.0.1:4040/");
	ck_assert_str_eq(help_spec(&config, "d.2")->command, "d ${PC_REPLICA_NUM}");
	help_lines(report.warnings,
		   "process-compose.yaml:6:58: watch.include has no effect: all that is not excluded counts.", NULL);
	finish();
}
END_TEST

START_TEST(several_compose_files_are_merged)
{
	char first[] = "one.process-compose.yaml", second[] = "two.process-compose.yaml";
	char *files[] = {first, second, NULL};

	help_write("p/one.process-compose.yaml",
		   "processes: {a: {command: one, environment: ['A=1', 'B=1']}, b: {command: b}}\n");
	help_write("p/two.process-compose.yaml", "processes: {a: {environment: ['B=2'], disabled: true}}\n");
	ck_assert_int_eq(discover_with(files), 0);
	ck_assert_uint_eq(config.count, 2);
	ck_assert_str_eq(help_spec(&config, "a")->command, "one");
	ck_assert_str_eq(env_get(help_spec(&config, "a")->env, "B"), "2");
	ck_assert(!help_spec(&config, "a")->autostart);
	finish();
	help_write("p/base.yaml", "processes: {base: {command: base}}\n");
	help_write("p/process-compose.override.yaml", "processes: {a: {command: override}}\n");
	ck_assert_int_eq(compose("extends: base.yaml\nprocesses: {a: {command: a}}\n"), 0);
	ck_assert_uint_eq(config.count, 2);
	ck_assert_str_eq(config.specs[0]->name, "base");
	ck_assert_str_eq(help_spec(&config, "a")->command, "override");
	finish();
}
END_TEST

START_TEST(what_cannot_be_honoured_is_a_warning)
{
	ck_assert_int_eq(compose("log_location: x.log\nfancy: 1\nprocesses:\n  a:\n    command: ls\n"
				 "    is_daemon: true\n    is_elevated: false\n    log_location: y\n    sparkle: 3\n"
				 "    shutdown: {parent_only: yes}\n"
				 "    readiness_probe: {http_get: {scheme: https, port: 443, headers: {a: b}}}\n"),
			 0);
	help_lines(report.warnings,
		   "process-compose.yaml:1:15: log_location has no effect: use brummer-cli logs: the log store keeps "
		   "all output.",
		   "process-compose.yaml:2:1: fancy has no effect: Brummer does not know it",
		   "process-compose.yaml:6:16: is_daemon has no effect: let it stay in front.",
		   "process-compose.yaml:8:19: log_location has no effect: use brummer-cli logs: the log store keeps "
		   "all output.",
		   "process-compose.yaml:9:5: sparkle has no effect: Brummer does not know it",
		   "process-compose.yaml:10:29: shutdown.parent_only has no effect: the whole process group is told.",
		   "process-compose.yaml:11:69: headers has no effect: questions have no headers of their own.",
		   "process-compose.yaml:11:33: http_get with https is taken as a question for an open port", NULL);
	finish();
}
END_TEST

static const struct {
	const char *text, *error;
} wrong[] = {
	{"processes: [a]\n", "process-compose.yaml:1:12: processes is no mapping, expected one"},
	{"processes: {a: ls}\n", "process-compose.yaml:1:16: a is no mapping, expected the keys of a process"},
	{"processes: {a: {working_dir: /}}\n", "process-compose.yaml:1:13: a has no command, expected one"},
	{"processes: {a: {command: ls, depends_on: {b: {condition: process_started}}}}\n",
	 "process-compose.yaml:1:43: a depends on b, which is not there, expected the name of a process"},
	{"processes: {a: {command: ls, availability: {restart: maybe}}}\n",
	 "process-compose.yaml:1:54: availability.restart is \"maybe\", expected no, always, on_failure or "
	 "exit_on_failure"},
	{"processes: {a: {command: ls, readiness_probe: {http_get: {port: x}}}}\n",
	 "process-compose.yaml:1:58: http_get leads nowhere, expected host, path and a port of 1 to 65535"},
	{"processes: {a: {command: ls, shutdown: {timeout_seconds: soon}}}\n",
	 "process-compose.yaml:1:58: shutdown.timeout_seconds is \"soon\", expected a number of seconds"},
	{"processes: {a: {command: ls, environment: [\"=x\"]}}\n",
	 "process-compose.yaml:1:44: environment is \"=x\", expected a list of NAME=VALUE, or a mapping"},
	{"processes: {a: {command: [ls]}}\n", "process-compose.yaml:1:26: command is a list, expected a command"},
};

START_TEST(a_wrong_compose_file_is_an_error)
{
	ck_assert_int_eq(compose(wrong[_i].text), -EINVAL);
	help_lines(report.errors, wrong[_i].error, NULL);
	finish();
}
END_TEST

START_TEST(an_mprocs_file_is_read_in_place)
{
	const struct spec *spec;

	ck_assert_int_eq(discover("mprocs.yaml",
				  "scrollback: 500\nprocs:\n  one: npm run dev\n  two: [echo, 'a b']\n"
				  "  three:\n    shell: {$select: os, windows: x.cmd, $else: x.sh}\n"
				  "    cwd: <CONFIG_DIR>/sub\n    env: {A: 1, B: null}\n    autostart: false\n"
				  "    autorestart: true\n    stop: SIGINT\n"
				  "  four: {cmd: [vim], stop: hard-kill, add_path: bin}\n"
				  "  five: {$select: os, windows: dir}\n"
				  "  six: null\n  seven: {shell: ls, stop: {cmd: kill it}}\n"),
			 0);
	help_lines(report.warnings, NULL);
	ck_assert_uint_eq(config.count, 5);
	ck_assert_str_eq(help_spec(&config, "one")->command, "npm run dev");
	ck_assert(help_spec(&config, "one")->tty);
	help_lines(help_spec(&config, "two")->argv, "echo", "a b", NULL);
	spec = help_spec(&config, "three");
	ck_assert_str_eq(spec->command, "x.sh");
	ck_assert_str_eq(spec->dir + strlen(spec->dir) - 6, "/p/sub");
	help_lines(spec->env, "A=1", "B", NULL);
	ck_assert(!spec->autostart);
	ck_assert_int_eq(spec->restart, RESTART_ALWAYS);
	ck_assert_int_eq(spec->stop_signal, SIGINT);
	ck_assert_int_eq(help_spec(&config, "four")->stop_signal, SIGKILL);
	ck_assert_ptr_nonnull(strstr(env_get(help_spec(&config, "four")->env, "PATH"), "/p/bin:"));
	ck_assert_str_eq(help_spec(&config, "seven")->stop_command, "kill it");
	finish();
}
END_TEST

START_TEST(a_wrong_mprocs_file_is_an_error)
{
	ck_assert_int_eq(discover("mprocs.yaml", "server: x\nnew: 1\nprocs:\n  a: {shell: [x]}\n  b: {cwd: /}\n"
						 "  c: {shell: ls, stop: {send-keys: [q]}, log: x}\n"),
			 -EINVAL);
	help_lines(report.errors, "mprocs.yaml:4:14: shell is a list, expected a command",
		   "mprocs.yaml:5:3: b has no command, expected one", NULL);
	help_lines(report.warnings, "mprocs.yaml:1:9: server has no effect: use brummer-cli.",
		   "mprocs.yaml:2:1: new has no effect: Brummer does not know it",
		   "mprocs.yaml:6:24: stop with send-keys has no effect: a signal stops it",
		   "mprocs.yaml:6:47: log has no effect: use brummer-cli logs: the log store keeps all output.", NULL);
	finish();
}
END_TEST

/* A file is known by its name, else by what is in it. */
static const struct {
	const char *file, *text, *process;
} kinds[] = {
	{"x.yaml", "processes:\n  a: {command: ls}\n", "a"},
	{"brummer.ci.yml", "processes: {a: ls}\n", "a"},
	{"x.yml", "processes:\n  a:\n    command: ls\n    availability:\n      restart: no\n", "a"},
	{"my-process-compose.yaml", "processes: {a: {command: ls, disabled: true}}\n", "a"},
	{"x.yml", "procs:\n  a: ls\n", "a"},
	{"mprocs.dev.yaml", "procs: {a: ls}\n", "a"},
	{"Procfile.ci", "a: ls\n", "a"},
	{"processes", "# mine\na: ls\nb: ls\n", "a"},
};

START_TEST(a_named_file_may_be_of_any_kind)
{
	char name[64], path[128];
	char *files[] = {name, NULL};

	snprintf(name, sizeof name, "%s", kinds[_i].file);
	snprintf(path, sizeof path, "p/%s", name);
	help_write(path, kinds[_i].text);
	ck_assert_int_eq(discover_with(files), 0);
	ck_assert_str_eq(help_spec(&config, kinds[_i].process)->command, "ls");
	ck_assert_str_eq(config.file, name);
	finish();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("compose");
	TCase *tcase = tcase_create("compose");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, a_process_compose_file_is_read_in_place);
	tcase_add_test(tcase, variables_and_templates_are_filled_in);
	tcase_add_test(tcase, watched_paths_have_what_each_of_them_excludes);
	tcase_add_test(tcase, several_compose_files_are_merged);
	tcase_add_test(tcase, what_cannot_be_honoured_is_a_warning);
	tcase_add_loop_test(tcase, a_wrong_compose_file_is_an_error, 0, sizeof wrong / sizeof *wrong);
	tcase_add_test(tcase, an_mprocs_file_is_read_in_place);
	tcase_add_test(tcase, a_wrong_mprocs_file_is_an_error);
	tcase_add_loop_test(tcase, a_named_file_may_be_of_any_kind, 0, sizeof kinds / sizeof *kinds);
	suite_add_tcase(suite, tcase);
	return suite;
}
