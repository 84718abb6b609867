/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/it_help.h"

/* What starts processes again, ends them, multiplies them and changes them, with real ones. */

static const char *const idle[] = {"--no-autostart", NULL};

static void scale(const char *name, uint64_t replicas)
{
	client_begin(it.client, BRM_SCALE);
	client_put_string(it.client, "name", name);
	client_put_int(it.client, "replicas", (int64_t)replicas);
	it_obey();
}

static void reload(void)
{
	struct reply reply;

	client_begin(it.client, BRM_RELOAD);
	reply = it_answer();
	reply_finish(&reply);
}

START_TEST(restarted_too_often_it_has_failed_with_that_reason)
{
	struct brm_state state;

	it_project("limit");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  flaky: {command: exit 3, restart: {when: on-failure, backoff: 5ms..10ms, limit: 3 in 60s}}\n"
		 "  fine: {command: exit 3, restart: on-failure, success_codes: [3]}\n");
	it_up(NULL);
	state = it_await("flaky", BRM_FAILED);
	ck_assert_uint_eq(state.run, 4);
	ck_assert_uint_eq(state.restarts, 3);
	ck_assert_int_eq(state.reason_code, BRM_REASON_LIMIT);
	ck_assert_str_eq(state.reason, "restarted 3 times within 60s");
	it_await("fine", BRM_SUCCESS);
	it_do(BRM_START, "flaky"); /* somebody's start counts anew */
	state = it_await("flaky", BRM_FAILED);
	ck_assert_uint_gt(state.run, 4);
	it_down();
}
END_TEST

START_TEST(what_could_not_be_started_is_said)
{
	it_project("said");
	it_write("brummer.yaml", "processes:\n"
				 "  dir: {command: exec sleep 99971.1, dir: none, restart: always}\n");
	it_up(NULL);
	it_await("dir", BRM_FAILED);
	ck_assert_ptr_nonnull(strstr(it_state("dir").reason, "none: no such file or directory"));
	it_down();
}
END_TEST

START_TEST(the_failure_of_an_essential_one_ends_everything)
{
	pid_t keeper;

	it_project("essential");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  vital: {command: \"until test -e go; do sleep 0.02; done; exit 1\", essential: true}\n"
		 "  other: {command: exec sleep 99972.1}\n");
	it_up(NULL);
	it_await("other", BRM_RUNNING);
	keeper = brm_reader_info(it.reader)->keeper_pid;
	it_write("go", "");
	it_await_gone(keeper);
	ck_assert_int_eq(it_count("99972."), 0);
	it_nothing_left();
}
END_TEST

START_TEST(a_change_of_a_watched_file_restarts_it)
{
	struct brm_state state;

	it_project("watch");
	ck_assert_int_eq(mkdir(test_path("watch/src"), 0700), 0);
	ck_assert_int_eq(mkdir(test_path("watch/src/node_modules"), 0700), 0);
	it_write("brummer.yaml", "processes:\n"
				 "  web:\n"
				 "    command: exec sleep 99973.1\n"
				 "    watch: {paths: [src], ignore: [\"*.log\", \"out/*\"], debounce: 30ms}\n");
	it_up(NULL);
	it_await_run("web", 1);
	it_write("src/a.log", "ignored");
	it_write("src/node_modules/b.js", "ignored");
	it_write("src/a.js", "1");
	state = it_await_run("web", 2);
	ck_assert_int_eq(state.reason_code, BRM_REASON_WATCH);
	ck_assert_str_eq(state.reason, "changed: a.js");
	ck_assert_int_eq(mkdir(test_path("watch/src/deep"), 0700), 0);
	it_await_run("web", 3);
	it_write("src/deep/c.js", "1"); /* in a folder that came later */
	state = it_await_run("web", 4);
	ck_assert_str_eq(state.reason, "changed: deep/c.js");
	it_down();
}
END_TEST

START_TEST(a_file_that_is_replaced_and_folders_that_move_are_followed)
{
	char from[512], to[512];

	it_project("moves");
	ck_assert_int_eq(mkdir(test_path("moves/src"), 0700), 0);
	ck_assert_int_eq(mkdir(test_path("moves/src/old"), 0700), 0);
	it_write("conf", "1");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  web: {command: exec sleep 99974.1, watch: {paths: [src, conf], debounce: 20ms}}\n"
		 "  fails: {command: \"test -e ok && exec sleep 99974.2\", watch: {paths: [ok], debounce: 20ms}}\n");
	it_up(NULL);
	it_await_run("web", 1);
	it_await("fails", BRM_FAILED);
	it_write("conf.new", "2"); /* as editors save */
	snprintf(from, sizeof from, "%s", test_path("moves/conf.new"));
	snprintf(to, sizeof to, "%s", test_path("moves/conf"));
	ck_assert_int_eq(rename(from, to), 0);
	it_await_run("web", 2);
	snprintf(from, sizeof from, "%s", test_path("moves/src/old"));
	snprintf(to, sizeof to, "%s", test_path("moves/src/new"));
	ck_assert_int_eq(rename(from, to), 0);
	it_await_run("web", 3);
	it_write("src/new/a", "1");
	ck_assert_str_eq(it_await_run("web", 4).reason, "changed: new/a");
	it_write("ok", ""); /* one that has failed may do better now */
	it_await_run("fails", 2);
	it_do(BRM_STOP, "web");
	it_write("conf", "3"); /* a stopped one stays so */
	it_do(BRM_STOP, "fails");
	ck_assert_int_eq(it_status("web"), BRM_STOPPED);
	it_down();
}
END_TEST

static bool has_lapsed_for_memory(void *arg)
{
	struct brm_state state = it_state("hungry");

	(void)arg;
	return state.restarts > 0 && state.reason_code == BRM_REASON_MEMORY;
}

START_TEST(one_that_takes_too_much_memory_is_restarted_with_the_reason)
{
	it_project("memory");
	it_write("brummer.yaml", "processes:\n"
				 "  hungry:\n"
				 "    command: \"x=$(head -c 60000000 /dev/zero | tr '\\\\0' a); sleep 99967.1\"\n"
				 "    limits: {memory: 20MiB}\n"
				 "    restart: {when: never, backoff: 10ms}\n");
	it_up(NULL);
	it_until(has_lapsed_for_memory, NULL);
	ck_assert_str_eq(it_state("hungry").reason, "over its memory limit of 20 MiB");
	it_down();
}
END_TEST

START_TEST(a_scheduled_one_waits_for_its_time_and_says_when)
{
	struct brm_state state;

	it_project("schedule");
	it_write("brummer.yaml", "processes:\n"
				 "  yearly: {command: exec sleep 99975.1, schedule: \"@yearly\"}\n");
	it_up(NULL);
	state = it_state("yearly");
	ck_assert_int_eq(brm_state_status(&state), BRM_PENDING);
	ck_assert_int_eq(state.reason_code, BRM_REASON_SCHEDULE);
	ck_assert_int_eq(strncmp(state.reason, "next at 20", 10), 0);
	it_do(BRM_START, "yearly");
	it_await("yearly", BRM_RUNNING);
	it_down();
}
END_TEST

START_TEST(a_stop_command_stops_it_and_its_failure_is_made_up_for)
{
	struct brm_state state;

	it_project("command");
	it_write("brummer.yaml", "processes:\n"
				 "  asks: {command: \"trap '' TERM; until test -e bye; do sleep 0.02; done\", stop: "
				 "{command: touch bye}}\n"
				 "  fails: {command: exec sleep 99976.1, stop: {command: exit 1}}\n"
				 "  knows: {command: exec sleep 99976.2, stop: {command: kill -INT $BRUMMER_PID}}\n");
	it_up(NULL);
	it_await("asks", BRM_RUNNING);
	it_await("fails", BRM_RUNNING);
	it_await("knows", BRM_RUNNING);
	it_do(BRM_STOP, "asks");
	state = it_state("asks");
	ck_assert_int_eq(brm_state_status(&state), BRM_STOPPED);
	ck_assert(state.flags & BRM_FLAG_EXITED);
	it_do(BRM_STOP, "fails");
	ck_assert_int_eq(it_state("fails").signal, SIGTERM);
	it_do(BRM_STOP, "knows");
	ck_assert_int_eq(it_state("knows").signal, SIGINT);
	it_down();
}
END_TEST

START_TEST(descendants_that_left_hear_the_stop_while_the_leader_takes_its_time)
{
	it_project("left");
	it_up(idle);
	it_run("tree", "setsid sh -c 'trap \"echo heard; exit\" TERM; echo up; while :; do sleep 0.02; done' & "
		       "trap 'sleep 0.4; exit' TERM; while :; do sleep 0.02; done");
	it_await_output("tree", "up\n");
	it_do(BRM_STOP, "tree");
	ck_assert_str_eq(it_output("tree"), "up\nheard\n");
	it_down();
}
END_TEST

START_TEST(a_plain_one_becomes_a_family_and_back)
{
	it_project("scale");
	it_write("brummer.yaml", "processes:\n"
				 "  web: {command: \"echo $PORT; exec sleep 99977.1\", env: {PORT: 3000}}\n");
	it_up(NULL);
	it_await_run("web", 1);
	scale("web", 3);
	it_await_run("web.3", 1);
	it_await_run("web.2", 1);
	it_await_output("web.3", "3002\n");
	ck_assert_uint_eq(it_state("web").run, 1);
	it_await_count("99977.1", 3);
	reload();
	ck_assert_int_eq(it_status("web.3"), BRM_RUNNING);
	it_kill_engine();
	it_connect();
	ck_assert_int_eq(it_status("web.3"), BRM_RUNNING);
	reload();
	ck_assert_int_eq(it_status("web.3"), BRM_RUNNING);
	ck_assert_uint_eq(it_state("web.3").run, 1);
	scale("web", 2);
	it_await_removal("web.3");
	it_await_count("99977.1", 2);
	scale("web", 1);
	it_await_removal("web.2");
	ck_assert_int_eq(it_status("web"), BRM_RUNNING);
	it_down();
}
END_TEST

START_TEST(a_configured_family_grows_and_shrinks_over_reloads_and_engines)
{
	it_project("grow");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  api: {command: \"echo $PORT; exec sleep 99978.1\", env: {PORT: 4000}, replicas: 3}\n");
	it_up(NULL);
	it_await_run("api.3", 1);
	scale("api", 1);
	it_await_removal("api.2");
	it_await_count("99978.1", 1);
	reload();
	it_kill_engine();
	it_connect();
	reload();
	ck_assert(!it_exists("api.2"));
	scale("api", 4);
	it_await_run("api.4", 1);
	it_await_output("api.4", "4003\n");
	it_do(BRM_STOP, "api"); /* a family's name means all of it */
	it_await_count("99978.1", 0);
	scale("api", 0);
	it_await_removal("api.1");
	scale("api", 1);
	it_await_run("api.1", 1);
	it_down();
}
END_TEST

START_TEST(a_reload_restarts_only_what_changed_and_a_wrong_file_changes_nothing)
{
	struct brm_state state;

	it_project("reload");
	it_write("brummer.yaml", "processes:\n"
				 "  a: {command: exec sleep 99979.1}\n"
				 "  b: {command: exec sleep 99979.2}\n"
				 "  c: {command: exec sleep 99979.3}\n");
	it_up(NULL);
	it_await_run("a", 1);
	it_await_run("b", 1);
	it_await_run("c", 1);
	it_write("brummer.yaml",
		 "processes:\n"
		 "  a: {command: exec sleep 99979.1, restart: always, stop: {grace: 3s}, labels: {x: y}}\n"
		 "  b: {command: exec sleep 99979.22}\n"
		 "  d: {command: exec sleep 99979.4}\n");
	reload();
	it_await_run("b", 2);
	it_await_run("d", 1);
	it_await_removal("c");
	ck_assert_uint_eq(it_state("a").run, 1);
	state = it_state("a");
	ck_assert_int_eq(kill(state.pid, SIGKILL), 0); /* the new policy holds for the run that is there */
	it_await_run("a", 2);
	it_write("brummer.yaml", "processes: {a: {command: 5, nonsense: 1}, b: }\n");
	reload();
	ck_assert_int_eq(it_status("b"), BRM_RUNNING);
	ck_assert_int_eq(it_status("d"), BRM_RUNNING);
	ck_assert_int_eq(kill(it_engine(), SIGHUP), 0);
	it_write("brummer.yaml", "processes:\n"
				 "  e: {command: exec sleep 99979.5}\n");
	ck_assert_int_eq(kill(it_engine(), SIGHUP), 0);
	it_await_removal("b");
	it_await_run("e", 1);
	it_down();
}
END_TEST

START_TEST(limits_and_owners_are_as_configured)
{
	it_project("owner");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  bounds: {command: \"ulimit -n; umask; nice\", umask: 027, nice: 5, limits: {open_files: 77}}\n"
		 "  other: {command: \"id -u; id -g; echo $HOME\", user: nobody, dir: /}\n"
		 "  none: {command: \"true\", user: nobody-99}\n"
		 "  closed: {command: \"true\", user: nobody, dir: inner}\n");
	ck_assert_int_eq(mkdir(test_path("owner/inner"), 0700), 0);
	it_up(NULL);
	it_await("bounds", BRM_SUCCESS);
	ck_assert_str_eq(it_output("bounds"), "77\n0027\n5\n");
	it_await("none", BRM_FAILED);
	ck_assert_str_eq(it_state("none").reason, "there is no user nobody-99");
	it_await("closed", BRM_FAILED);
	if (geteuid() == 0) {
		it_await("other", BRM_SUCCESS);
		ck_assert_str_eq(it_output("other"), "65534\n65534\n/nonexistent\n");
		ck_assert_ptr_nonnull(strstr(it_state("closed").reason, "inner: permission denied"));
	} else {
		it_await("other", BRM_FAILED);
	}
	it_down();
}
END_TEST

START_TEST(a_hundred_stop_at_once)
{
	static char text[16384] = "processes:\n";

	it_project("hundred");
	for (int i = 0; i < 100; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "  p%d: {command: exec sleep 99970.%d}\n", i,
			 i);
	it_write("brummer.yaml", text);
	it_up(NULL);
	it_await_count("99970.", 100);
	it_do(BRM_STOP, "all");
	ck_assert_int_eq(it_count("99970."), 0);
	for (int i = 0; i < 100; i++) {
		char name[8];

		snprintf(name, sizeof name, "p%d", i);
		ck_assert_int_eq(it_status(name), BRM_STOPPED);
	}
	it_down();
}
END_TEST

/* Can a control group be made for a run here? */
static bool has_cgroups(void)
{
	char command[PATH_MAX + 64];

	snprintf(command, sizeof command, "%s/brummerd --features | grep -q cgroup.kill", it_build());
	return system(command) == 0;
}

START_TEST(a_chain_that_forks_without_end_ends_with_its_group)
{
	if (!has_cgroups())
		return;
	it_project("chain");
	it_up(idle);
	it_run("chain",
	       "sh -c 'n=0; f() { n=$((n+1)); test $n -gt 20000 || f & exit 0; }; f; : 99968.1' & exec sleep 99968.2");
	it_await_count("99968.2", 1);
	it_do(BRM_STOP, "chain");
	ck_assert_int_eq(it_count("99968."), 0);
	it_down();
}
END_TEST

/* Processes in its session, and out of it, and out of its environment. */
static uint32_t run_family(const char *project, const char *line)
{
	it_project(project);
	it_up(idle);
	it_run("web", line);
	return it_await("web", BRM_RUNNING).serial;
}

START_TEST(another_supervisors_run_of_the_same_number_is_not_touched)
{
	uint32_t serial;
	struct it first;

	serial = run_family("one", "setsid sleep 99966.1 & (env -i setsid sleep 99966.2 &) ; exec sleep 99966.3");
	it_await_count("99966.", 3);
	first = it;
	it = (struct it){.client = NULL};
	ck_assert_uint_eq(run_family("two", "(env -i setsid sleep 99965.1 &) ; exec sleep 99965.2"), serial);
	it_await_count("99965.", 2);
	it_do(BRM_STOP, "web");
	ck_assert_int_eq(it_count("99965."), 0);
	ck_assert_int_eq(it_count("99966."), 3);
	it_down();
	ck_assert_int_eq(it_count("99966."), 3);
	it = first;
	it_do(BRM_STOP, "web");
	ck_assert_int_eq(it_count("99966."), 0);
	it_down();
}
END_TEST

START_TEST(a_supervisor_inside_of_a_run_is_not_of_the_run)
{
	char line[2048], inner[512];
	struct brm_instance instance;

	it_project("outer");
	snprintf(inner, sizeof inner, "%s", test_path("inner"));
	ck_assert_int_eq(mkdir(inner, 0700), 0);
	ck_assert_int_eq(brm_instance_of_dir(inner, &instance), 0);
	it_up(idle);
	snprintf(line, sizeof line,
		 "unset BRUMMER_INSTANCE; echo 'a: exec sleep 99969.1' >%s/Procfile; %s/brummerd -C %s", inner,
		 it_build(), inner);
	it_run("starts", line);
	it_await("starts", BRM_SUCCESS);
	it_await_count("99969.1", 1);
	it_do(BRM_STOP, "starts"); /* ends what it left, but that is another supervisor's */
	ck_assert_int_eq(it_count("99969.1"), 1);
	it_down();
	ck_assert_int_eq(it_count("99969.1"), 1);
	it.instance = instance;
	ck_assert_int_eq(brm_reader_open(it.instance.region, &it.reader), 0);
	it_connect();
	it_down();
	ck_assert_int_eq(it_count("99969.1"), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_again");
	TCase *tcase = tcase_create("again");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, restarted_too_often_it_has_failed_with_that_reason);
	tcase_add_test(tcase, what_could_not_be_started_is_said);
	tcase_add_test(tcase, the_failure_of_an_essential_one_ends_everything);
	tcase_add_test(tcase, a_change_of_a_watched_file_restarts_it);
	tcase_add_test(tcase, a_file_that_is_replaced_and_folders_that_move_are_followed);
	tcase_add_test(tcase, one_that_takes_too_much_memory_is_restarted_with_the_reason);
	tcase_add_test(tcase, a_scheduled_one_waits_for_its_time_and_says_when);
	tcase_add_test(tcase, a_stop_command_stops_it_and_its_failure_is_made_up_for);
	tcase_add_test(tcase, descendants_that_left_hear_the_stop_while_the_leader_takes_its_time);
	tcase_add_test(tcase, a_plain_one_becomes_a_family_and_back);
	tcase_add_test(tcase, a_configured_family_grows_and_shrinks_over_reloads_and_engines);
	tcase_add_test(tcase, a_reload_restarts_only_what_changed_and_a_wrong_file_changes_nothing);
	tcase_add_test(tcase, limits_and_owners_are_as_configured);
	tcase_add_test(tcase, a_hundred_stop_at_once);
	tcase_add_test(tcase, a_chain_that_forks_without_end_ends_with_its_group);
	tcase_add_test(tcase, another_supervisors_run_of_the_same_number_is_not_touched);
	tcase_add_test(tcase, a_supervisor_inside_of_a_run_is_not_of_the_run);
	suite_add_tcase(suite, tcase);
	return suite;
}
