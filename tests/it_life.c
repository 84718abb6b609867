/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/it_help.h"

/* A process's life, with real processes. */

static const char *const idle[] = {"--no-autostart", NULL};

START_TEST(what_a_configuration_has_starts_by_itself)
{
	struct brm_state state;

	it_project("entries");
	it_write("Procfile", "web: exec sleep 99991.1\nbad: exit 3\ngood: echo done\n");
	it_write("package.json", "{\"scripts\": {\"dev\": \"sleep 99991.2\"}}");
	it_up(NULL);
	state = it_await("web", BRM_RUNNING);
	ck_assert_uint_eq(state.run, 1);
	ck_assert_int_gt(state.pid, 1);
	ck_assert_int_eq(kill(state.pid, 0), 0);
	state = it_await("bad", BRM_FAILED);
	ck_assert(state.flags & BRM_FLAG_EXITED);
	ck_assert_int_eq(state.exit_code, 3);
	ck_assert_int_eq(state.pid, 0);
	state = it_await("good", BRM_SUCCESS);
	ck_assert_str_eq(it_output("good"), "done\n");
	ck_assert_int_eq(it_count("99991.2"), 0);
	it_do(BRM_START, "dev");
	it_await("dev", BRM_RUNNING);
	it_down();
	ck_assert_int_eq(it_count("99991."), 0);
}
END_TEST

START_TEST(a_stopped_one_is_stopped_whatever_its_code)
{
	struct brm_state state;

	it_project("stop");
	it_write("Procfile",
		 "code: trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done\nplain: exec sleep 99992.1\n");
	it_up(NULL);
	it_await("plain", BRM_RUNNING);
	it_do(BRM_STOP, "plain");
	state = it_state("plain");
	ck_assert_int_eq(brm_state_status(&state), BRM_STOPPED);
	ck_assert(state.flags & BRM_FLAG_STOP_REQUESTED);
	ck_assert(state.flags & BRM_FLAG_SIGNALED);
	ck_assert_int_eq(state.signal, SIGTERM);
	it_await_output("code", "up\n");
	it_do(BRM_STOP, "code");
	ck_assert_int_eq(it_status("code"), BRM_STOPPED);
	it_do(BRM_STOP, "code"); /* already so is success */
	it_down();
}
END_TEST

START_TEST(a_start_of_a_running_one_is_already_so)
{
	struct reply reply;
	const msgpack_object *list, *already;

	it_project("already");
	it_up(idle);
	it_run("a", "exec sleep 99993.1");
	reply = it_ask(BRM_START, "a");
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	list = reply_get(&reply.result, "processes");
	already = reply_get(&list->via.array.ptr[0], "already");
	ck_assert(already->via.boolean);
	reply_finish(&reply);
	ck_assert_uint_eq(it_state("a").run, 1);
	it_do(BRM_RESTART, "a");
	ck_assert_uint_eq(it_state("a").run, 2);
	it_await_count("99993.1", 1);
	it_down();
	ck_assert_int_eq(it_count("99993.1"), 0);
}
END_TEST

START_TEST(what_cannot_be_run_fails_in_words)
{
	struct reply reply;
	struct brm_state state;
	const char *argv[] = {"/nonexistent/program", "x", NULL};

	it_project("spawn");
	it_up(idle);
	client_begin(it.client, BRM_RUN);
	client_put_string(it.client, "name", "none");
	client_put_list(it.client, "argv", argv);
	client_put_string(it.client, "dir", "/");
	reply = it_answer();
	ck_assert_int_eq(reply.refused, BRM_FAILED_TO_START);
	reply_finish(&reply);
	state = it_state("none");
	ck_assert_int_eq(brm_state_status(&state), BRM_FAILED);
	ck_assert_int_eq(state.reason_code, BRM_REASON_SPAWN);
	ck_assert_ptr_nonnull(strcasestr(state.reason, "no such file"));
	ck_assert(!(state.flags & (BRM_FLAG_EXITED | BRM_FLAG_SIGNALED)));
	it_run("shell", "nosuchcommand-99");
	state = it_await("shell", BRM_FAILED);
	ck_assert_int_eq(state.exit_code, 127);
	ck_assert_ptr_nonnull(strstr(state.reason, "not found"));
	it_down();
}
END_TEST

START_TEST(one_that_ignores_term_ends_at_the_second_signal)
{
	pid_t engine, keeper;

	it_project("stubborn");
	it_up(idle);
	it_run("deaf", "trap '' TERM; echo up; while :; do sleep 0.05; done; : 99994.1");
	it_await_output("deaf", "up\n");
	engine = it_engine();
	keeper = brm_reader_info(it.reader)->keeper_pid;
	ck_assert_int_eq(kill(keeper, SIGTERM), 0); /* the keeper passes it on: a shutdown */
	it_await("deaf", BRM_STOPPING);
	it_await_count("99994.1", 1);               /* a shell that forks is two for a moment */
	ck_assert_int_eq(kill(engine, SIGTERM), 0); /* at once */
	it_await_count("99994.1", 0);
	it_await_gone(keeper);
	it_nothing_left();
}
END_TEST

START_TEST(a_suspended_one_hears_its_stop)
{
	struct brm_state state;

	it_project("suspended");
	it_up(idle);
	it_run("frozen", "trap 'echo heard; exit 0' TERM; echo up; while :; do sleep 0.05; done");
	it_await_output("frozen", "up\n");
	state = it_state("frozen");
	ck_assert_int_eq(kill(-state.pid, SIGSTOP), 0);
	it_do(BRM_STOP, "frozen");
	state = it_state("frozen");
	ck_assert(state.flags & BRM_FLAG_EXITED);
	it_await_output("frozen", "up\nheard\n");
	it_down();
}
END_TEST

START_TEST(descendants_end_with_their_run)
{
	it_project("descendants");
	it_up(idle);
	it_run("forks",
	       "setsid sleep 99995.1 & (env -i setsid sleep 99995.2 &) ; env -i sh -c '(setsid sleep 99995.3 &)'; "
	       "exec sleep 99995.4");
	it_await_count("99995.4", 1);
	it_await_count("99995.3", 1);
	it_do(BRM_STOP, "forks");
	ck_assert_int_eq(it_status("forks"), BRM_STOPPED);
	ck_assert_int_eq(it_count("99995."), 0);
	it_down();
}
END_TEST

START_TEST(what_a_finished_run_left_ends_with_a_stop_or_the_next_run)
{
	it_project("left");
	it_up(idle);
	it_run("left", "setsid sleep 99996.1 & echo started");
	it_await("left", BRM_SUCCESS);
	it_await_count("99996.1", 1);
	it_do(BRM_STOP, "left");
	ck_assert_int_eq(it_count("99996.1"), 0);
	ck_assert_int_eq(it_status("left"), BRM_SUCCESS);
	it_do(BRM_START, "left");
	it_await("left", BRM_SUCCESS);
	it_await_count("99996.1", 1);
	it_do(BRM_RESTART, "left");
	it_await("left", BRM_SUCCESS);
	it_await_count("99996.1", 1);
	it_down();
	ck_assert_int_eq(it_count("99996.1"), 0);
}
END_TEST

START_TEST(a_descendant_has_its_grace_when_the_leader_ends_first)
{
	it_project("grace");
	it_up(idle);
	it_run("slow", "sh -c 'trap \"sleep 0.5; echo saved; exit\" TERM; echo up; while :; do sleep 0.05; done'; :");
	it_await_output("slow", "up\n");
	it_do(BRM_STOP, "slow");
	ck_assert_str_eq(it_output("slow"), "up\nsaved\n");
	it_down();
}
END_TEST

static void run_with_restart(const char *name, const char *line, const char *restart)
{
	it_begin_run(name, line);
	client_put_string(it.client, "restart", restart);
	it_obey();
}

static bool was_restarted_twice(void *name)
{
	return it_state(name).restarts >= 2;
}

START_TEST(a_failing_one_is_restarted_with_a_back_off_that_a_stop_ends)
{
	struct brm_state state;

	it_project("backoff");
	it_up(idle);
	run_with_restart("flaky", "exit 4", "on-failure");
	it_until(was_restarted_twice, (void *)"flaky");
	state = it_await("flaky", BRM_BACKOFF);
	ck_assert_int_eq(state.exit_code, 4);
	ck_assert_uint_ne(state.next_ns, 0);
	it_do(BRM_STOP, "flaky");
	ck_assert_int_eq(it_status("flaky"), BRM_STOPPED);
	run_with_restart("fine", "exit 0", "on-failure");
	it_await("fine", BRM_SUCCESS);
	it_down();
}
END_TEST

START_TEST(a_child_has_the_environment_that_was_promised)
{
	char expected[512];

	it_project("environment");
	it_write("Procfile", "env: echo \"$BRUMMER_RUN $BRUMMER_INSTANCE\"\n");
	it_up(NULL);
	it_await("env", BRM_SUCCESS);
	snprintf(expected, sizeof expected, "%s/env#1 %s\n", it.instance.name, it.instance.name);
	ck_assert_str_eq(it_output("env"), expected);
	it_down();
}
END_TEST

START_TEST(many_start_and_stop_at_once)
{
	char text[4096] = "";

	it_project("many");
	for (int i = 0; i < 40; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "p%d: exec sleep 99997.%d\n", i, i);
	it_write("Procfile", text);
	it_up(idle);
	it_do(BRM_START, "p*");
	it_await_count("99997.", 40);
	it_do(BRM_RESTART, "all");
	it_await_count("99997.", 40);
	ck_assert_uint_eq(it_state("p39").run, 2);
	it_do(BRM_STOP, "all");
	ck_assert_int_eq(it_count("99997."), 0);
	it_down();
}
END_TEST

START_TEST(starts_and_stops_that_cross_end_in_order)
{
	uint32_t ids[4];

	it_project("cross");
	it_write("Procfile", "a: exec sleep 99998.1\n");
	it_up(idle);
	for (int i = 0; i < 20; i++) {
		ids[0] = it_send_about(BRM_START, "a");
		ids[1] = it_send_about(BRM_STOP, "a"); /* while the clone is on its way */
		ids[2] = it_send_about(BRM_START, "a");
		ids[3] = it_send_about(i % 2 ? BRM_STOP : BRM_RESTART, "a");
		for (int j = 0; j < 4; j++)
			it_obeyed(it_wait(ids[j]));
		ck_assert_int_eq(it_status("a"), i % 2 ? BRM_STOPPED : BRM_RUNNING);
		ck_assert_int_le(it_count("99998.1"), 1);
	}
	it_do(BRM_STOP, "a");
	ck_assert_int_eq(it_count("99998.1"), 0);
	it_down();
}
END_TEST

START_TEST(a_region_that_is_full_is_replaced_by_a_larger_one)
{
	static char text[64 * (BRM_CAPACITY_FIRST + 50)];
	char name[16];

	it_project("full");
	for (unsigned i = 0; i < BRM_CAPACITY_FIRST + 50; i++)
		sprintf(text + strlen(text), "p%u: exit 0\n", i);
	it_write("Procfile", text);
	it_up(idle);
	snprintf(name, sizeof name, "p%u", BRM_CAPACITY_FIRST + 49);
	it_do(BRM_START, name);
	it_await(name, BRM_SUCCESS);
	ck_assert_uint_ge(brm_reader_capacity(it.reader), BRM_CAPACITY_FIRST + 50);
	it_down();
}
END_TEST

START_TEST(an_arena_that_is_full_is_replaced_by_a_fresh_one)
{
	static char long_line[32768];
	uint32_t generation;

	it_project("arena");
	it_up(idle);
	generation = brm_reader_info(it.reader)->generation;
	it_run("keeps", "exec sleep 99999.1");
	memset(long_line, 'x', sizeof long_line - 1);
	memcpy(long_line, "exit 0 #", 8);
	for (int i = 0; i < 100; i++) {
		it_run("again", long_line);
		it_await("again", BRM_SUCCESS);
	}
	ck_assert_int_eq(it_status("keeps"), BRM_RUNNING);
	ck_assert_uint_gt(brm_reader_info(it.reader)->generation, generation);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_life");
	TCase *tcase = tcase_create("life");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, what_a_configuration_has_starts_by_itself);
	tcase_add_test(tcase, a_stopped_one_is_stopped_whatever_its_code);
	tcase_add_test(tcase, a_start_of_a_running_one_is_already_so);
	tcase_add_test(tcase, what_cannot_be_run_fails_in_words);
	tcase_add_test(tcase, one_that_ignores_term_ends_at_the_second_signal);
	tcase_add_test(tcase, a_suspended_one_hears_its_stop);
	tcase_add_test(tcase, descendants_end_with_their_run);
	tcase_add_test(tcase, what_a_finished_run_left_ends_with_a_stop_or_the_next_run);
	tcase_add_test(tcase, a_descendant_has_its_grace_when_the_leader_ends_first);
	tcase_add_test(tcase, a_failing_one_is_restarted_with_a_back_off_that_a_stop_ends);
	tcase_add_test(tcase, a_child_has_the_environment_that_was_promised);
	tcase_add_test(tcase, many_start_and_stop_at_once);
	tcase_add_test(tcase, starts_and_stops_that_cross_end_in_order);
	tcase_add_test(tcase, a_region_that_is_full_is_replaced_by_a_larger_one);
	tcase_add_test(tcase, an_arena_that_is_full_is_replaced_by_a_fresh_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
