/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/it_help.h"

/* The engine is killed, stopped, robbed of its region: what runs goes on, and nothing is lost. */

#define LINES 30000
#define KILLS 5

static const char *const idle[] = {"--no-autostart", NULL};

/* Every gap is one event, not more. */
static bool has_recovered(void *times)
{
	uint32_t count = it_count_events(BRM_REASON_RECOVERED);

	ck_assert_uint_le(count, *(uint32_t *)times);
	return count == *(uint32_t *)times;
}

/* Of a run that lost its keeper: newer kernels tell how it ended. */
static void assert_known_or_lost(const struct brm_state *state, uint32_t signal)
{
	if (state->flags & BRM_FLAG_SIGNALED)
		ck_assert_uint_eq(state->signal, signal);
	else
		ck_assert(state->flags & BRM_FLAG_EXIT_LOST);
}

START_TEST(killed_engines_lose_neither_child_nor_line_nor_code)
{
	static const char *const names[] = {"n1", "n2", "n3"};
	struct brm_state before, after;

	it_project("killed");
	it_write("package.json", "no JSON: a warning, which nobody reads after the start");
	it_up(idle);
	it_run("quiet", "exec sleep 99981.1");
	before = it_state("quiet");
	for (int i = 0; i < 3; i++)
		it_run_numbers(names[i], LINES, 40 + i);
	for (uint32_t i = 1; i <= KILLS; i++) {
		it_kill_engine();
		it_until(has_recovered, &i);
	}
	it_connect();
	for (int i = 0; i < 3; i++) {
		after = it_await(names[i], BRM_FAILED);
		ck_assert_int_eq(after.exit_code, 40 + i);
		ck_assert_uint_eq(after.run, 1);
		it_assert_numbers(names[i], LINES);
	}
	after = it_state("quiet");
	ck_assert_int_eq(brm_state_status(&after), BRM_RUNNING);
	ck_assert_int_eq(after.pid, before.pid);
	ck_assert_uint_eq(after.run, 1);
	it_do(BRM_STOP, "quiet");
	ck_assert_int_eq(it_status("quiet"), BRM_STOPPED);
	it_down();
	ck_assert_int_eq(it_count("99981.1"), 0);
}
END_TEST

START_TEST(a_code_that_came_while_no_engine_lived_arrives)
{
	struct brm_state state;
	pid_t engine;

	it_project("between");
	it_up(idle);
	it_run("brief", "read line; echo \"$line\"; exit 9");
	it_do(BRM_STOP, "brief"); /* no stdin: it has ended at once, or is ended */
	it_run("late", "sleep 0.3; echo bye; exit 9");
	engine = it_engine();
	ck_assert_int_eq(kill(engine, SIGSTOP), 0);
	state = it_state("late"); /* a stopped engine's region can be read */
	ck_assert_int_eq(brm_state_status(&state), BRM_RUNNING);
	it_await_gone(state.pid);
	ck_assert_int_eq(brm_reader_liveness(it.reader), BRM_UNRESPONSIVE);
	it_kill_engine();
	state = it_await("late", BRM_FAILED);
	ck_assert_int_eq(state.exit_code, 9);
	it_await_output("late", "bye\n");
	it_connect();
	it_down();
}
END_TEST

START_TEST(a_stop_goes_on_in_the_next_engine)
{
	it_project("stopping");
	it_up(idle);
	it_run("slow", "trap 'sleep 0.5; echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done");
	it_await_output("slow", "up\n");
	it_send_about(BRM_STOP, "slow");
	it_await("slow", BRM_STOPPING);
	it_kill_engine();
	it_await("slow", BRM_STOPPED);
	it_await_output("slow", "up\nsaved\n");
	it_connect();
	it_down();
}
END_TEST

START_TEST(an_ad_hoc_run_can_be_restarted_after_a_recovery)
{
	it_project("adhoc");
	it_up(idle);
	it_run("mine", "echo run; exec sleep 99982.1");
	it_await_output("mine", "run\n");
	it_kill_engine();
	it_connect();
	it_do(BRM_RESTART, "mine");
	ck_assert_uint_eq(it_state("mine").run, 2);
	it_await_output("mine", "run\nrun\n");
	it_await_count("99982.1", 1);
	it_do(BRM_STOP, "mine");
	it_do(BRM_RM, "mine");
	it_down();
}
END_TEST

START_TEST(a_back_off_goes_on_in_the_next_engine)
{
	it_project("backoff");
	it_up(idle);
	it_begin_run("flaky", "exit 4");
	client_put_string(it.client, "restart", "always");
	it_obey();
	it_await("flaky", BRM_BACKOFF);
	it_kill_engine();
	it_connect();
	it_do(BRM_STOP, "flaky");
	ck_assert_int_eq(it_status("flaky"), BRM_STOPPED);
	it_down();
}
END_TEST

static bool is_at_rest(void *name)
{
	enum brm_status status = it_status(name);

	return brm_status_is_finished(status) || status == BRM_PENDING;
}

/* The engine dies at any moment of a short run's life: its code is right, or the run was never begun. */
START_TEST(codes_are_right_whenever_the_engine_dies)
{
	unsigned seed = 1;
	uint32_t begun = 0;

	it_project("moments");
	it_up(idle);
	it_run("k", "exit 0");
	for (int i = 1; i <= 40; i++) {
		struct brm_state before = it_await("k", i == 1 ? BRM_SUCCESS : BRM_FAILED), after;
		char line[32];

		snprintf(line, sizeof line, "exit %d", i);
		it_begin_run("k", line);
		it_send();
		usleep((unsigned)rand_r(&seed) % 4000);
		it_kill_engine();
		it_connect();
		it_until(is_at_rest, (void *)"k");
		after = it_state("k");
		begun += after.run != before.run;
		if (after.run == before.run)
			it_run("k", line);
		after = it_await("k", BRM_FAILED);
		ck_assert_uint_eq(after.run, before.run + 1);
		ck_assert_int_eq(after.exit_code, i);
	}
	ck_assert_uint_gt(begun, 5);
	it_down();
}
END_TEST

static bool is_there(void *arg)
{
	return access(arg, F_OK) == 0;
}

START_TEST(a_region_that_was_removed_is_published_again)
{
	char path[256];

	it_project("removed");
	it_up(idle);
	it_run("a", "exec sleep 99983.1");
	snprintf(path, sizeof path, "/dev/shm%s", it.instance.region);
	ck_assert_int_eq(unlink(path), 0);
	it_until(is_there, path);
	ck_assert_int_eq(it_status("a"), BRM_RUNNING);
	ck_assert_int_eq(unlink(path), 0);
	it_until(is_there, path);
	it_do(BRM_STOP, "a");
	ck_assert_int_eq(it_status("a"), BRM_STOPPED);
	it_down();
}
END_TEST

START_TEST(a_supervisor_that_was_killed_whole_is_started_again_over_what_lives)
{
	struct brm_state before, after;

	it_project("whole");
	it_write("Procfile", "web: exec sleep 99984.1\n");
	it_up(NULL);
	before = it_await("web", BRM_RUNNING);
	kill(brm_reader_info(it.reader)->keeper_pid, SIGKILL);
	kill(it_engine(), SIGKILL);
	it_await_gone(brm_reader_info(it.reader)->keeper_pid);
	it_await_gone(brm_reader_info(it.reader)->engine_pid);
	brm_reader_close(it.reader);
	it_up(NULL);
	after = it_await("web", BRM_RUNNING);
	ck_assert_int_eq(after.pid, before.pid);
	ck_assert_int_eq(it_count("99984.1"), 1);
	it_do(BRM_STOP, "web");
	after = it_state("web");
	ck_assert_int_eq(brm_state_status(&after), BRM_STOPPED);
	assert_known_or_lost(&after, SIGTERM);
	it_down();
	ck_assert_int_eq(it_count("99984.1"), 0);
}
END_TEST

START_TEST(an_engine_whose_keeper_was_killed_goes_on)
{
	struct brm_state state;
	pid_t keeper, engine;

	it_project("keeper");
	it_up(idle);
	it_run("before", "exec sleep 99985.1");
	keeper = brm_reader_info(it.reader)->keeper_pid;
	engine = it_engine();
	ck_assert_int_eq(kill(keeper, SIGKILL), 0);
	it_await_gone(keeper);
	it_run("after", "exit 6");
	state = it_await("after", BRM_FAILED);
	ck_assert_int_eq(state.exit_code, 6); /* a child of the engine's own */
	ck_assert_int_eq(it_status("before"), BRM_RUNNING);
	it_do(BRM_STOP, "before");
	state = it_state("before");
	ck_assert_int_eq(brm_state_status(&state), BRM_STOPPED);
	assert_known_or_lost(&state, SIGTERM);
	ck_assert_uint_eq(it_count_events(BRM_REASON_KEEPER_LOST), 1);
	ck_assert_int_eq(brm_reader_info(it.reader)->keeper_pid, 0);
	it_do(BRM_RESTART, "after");
	it_down();
	it_await_gone(engine);
}
END_TEST

START_TEST(a_new_supervisor_takes_the_place_of_an_engine_alone)
{
	struct brm_state before, own;
	pid_t keeper, engine;

	it_project("lone");
	it_up(idle);
	it_run("before", "exec sleep 99986.1");
	before = it_state("before");
	keeper = brm_reader_info(it.reader)->keeper_pid;
	engine = it_engine();
	ck_assert_int_eq(kill(keeper, SIGKILL), 0);
	it_await_gone(keeper);
	it_run("own", "exec sleep 99986.2");
	own = it_state("own");
	brm_reader_close(it.reader);
	it_up(idle);
	it_await_gone(engine);
	ck_assert_int_ne(brm_reader_info(it.reader)->keeper_pid, 0);
	ck_assert_int_eq(it_await("before", BRM_RUNNING).pid, before.pid);
	ck_assert_int_eq(it_await("own", BRM_RUNNING).pid, own.pid);
	it_do(BRM_STOP, "before");
	it_do(BRM_STOP, "own");
	it_down();
	ck_assert_int_eq(it_count("99986."), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_recover");
	TCase *tcase = tcase_create("recover");

	tcase_set_timeout(tcase, 90);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, killed_engines_lose_neither_child_nor_line_nor_code);
	tcase_add_test(tcase, a_code_that_came_while_no_engine_lived_arrives);
	tcase_add_test(tcase, a_stop_goes_on_in_the_next_engine);
	tcase_add_test(tcase, an_ad_hoc_run_can_be_restarted_after_a_recovery);
	tcase_add_test(tcase, a_back_off_goes_on_in_the_next_engine);
	tcase_add_test(tcase, codes_are_right_whenever_the_engine_dies);
	tcase_add_test(tcase, a_region_that_was_removed_is_published_again);
	tcase_add_test(tcase, a_supervisor_that_was_killed_whole_is_started_again_over_what_lives);
	tcase_add_test(tcase, an_engine_whose_keeper_was_killed_goes_on);
	tcase_add_test(tcase, a_new_supervisor_takes_the_place_of_an_engine_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
