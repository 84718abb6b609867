/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault.h"
#include "tests/it_help.h"

/* Clocks that jump, and what waits for a time: schedules, back-offs, quiet times, probes. */

START_TEST(jumps_of_the_clock_change_nothing)
{
	struct brm_state before, after;
	struct fault *fault;

	it_project("clock");
	fault = it_fault("fault-clock");
	it_write("Procfile", "web: exec sleep 99976.1\n");
	it_up(NULL);
	before = it_await("web", BRM_RUNNING);
	fault->real_seconds = -36000;
	it_run("early", "echo set back; exit 3");
	ck_assert_int_eq(it_await("early", BRM_FAILED).exit_code, 3);
	it_kill_engine();
	it_connect();
	fault->real_seconds = 36000;
	fault->boot_seconds = 72000; /* as after a suspend */
	it_run("late", "echo ahead; exit 4");
	ck_assert_int_eq(it_await("late", BRM_FAILED).exit_code, 4);
	it_kill_engine();
	it_connect();
	it_await_output("early", "set back\n");
	it_await_output("late", "ahead\n");
	after = it_state("web");
	ck_assert_int_eq(after.pid, before.pid);
	ck_assert_uint_eq(after.run, 1);
	it_do(BRM_RESTART, "web");
	ck_assert_uint_eq(it_state("web").run, 2);
	it_down();
}
END_TEST

/* The clock is set so that a minute is nearly over. */
START_TEST(a_scheduled_one_begins_when_its_time_has_come)
{
	struct brm_state state;
	struct fault *fault;

	it_project("schedule");
	fault = it_fault("fault-schedule");
	fault->real_seconds = 118 - time(NULL) % 60;
	it_write("brummer.yaml", "processes:\n"
				 "  each: {command: exec sleep 99977.1, schedule: \"* * * * *\"}\n"
				 "  never: {command: exec sleep 99977.2, schedule: \"@yearly\"}\n");
	it_up(NULL);
	ck_assert_int_eq(it_status("each"), BRM_PENDING);
	state = it_await_run("each", 1);
	ck_assert_int_eq(state.reason_code, BRM_REASON_SCHEDULE);
	ck_assert_str_eq(state.reason, "its time has come");
	ck_assert_uint_eq(state.start_ns / 1000000000u % 60, 0);
	ck_assert_int_eq(it_status("never"), BRM_PENDING);
	it_down();
}
END_TEST

static bool waits_for_the_third_time(void *name)
{
	struct brm_state state = it_state(name);

	return state.restarts == 2 && brm_state_status(&state) == BRM_BACKOFF;
}

/* How long it waits, in milliseconds. The end of a run is its start and its duration, as CLOCK_BOOTTIME has that. */
static int64_t pause_of(struct brm_state state, const struct fault *fault)
{
	return (int64_t)(state.next_ns - state.end_ns) / 1000000 + fault->boot_seconds * 1000;
}

START_TEST(a_back_off_begins_anew_after_a_stable_run)
{
	struct brm_state state;
	struct fault *fault;

	it_project("stable");
	fault = it_fault("fault-stable");
	it_write("brummer.yaml", "processes:\n"
				 "  web:\n"
				 "    command: \"while test -e hold; do sleep 0.02; done; exit 1\"\n"
				 "    restart: {when: on-failure, backoff: 300ms..60s}\n");
	it_up(NULL);
	state = it_await("web", BRM_BACKOFF);
	ck_assert_int_ge(pause_of(state, fault), 225); /* the jitter takes a quarter at most */
	ck_assert_int_le(pause_of(state, fault), 300);
	it_until(waits_for_the_third_time, (void *)"web");
	ck_assert_int_ge(pause_of(it_state("web"), fault), 4 * 225);
	it_write("hold", "");
	it_await("web", BRM_RUNNING);
	fault->boot_seconds = 60; /* as if it had run so long */
	ck_assert_int_eq(unlink(test_path("stable/hold")), 0);
	state = it_await("web", BRM_BACKOFF);
	ck_assert_int_ge(pause_of(state, fault), 225);
	ck_assert_int_le(pause_of(state, fault), 300);
	it_down();
}
END_TEST

#define QUIET_MS 800

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Several changes, one after the other. Returns how long that took. */
static int64_t write_often(void)
{
	int64_t began = now_ms();

	for (int i = 0; i < 10; i++) {
		it_write("src/a", "changed");
		usleep(20000);
	}
	return now_ms() - began;
}

START_TEST(changes_that_follow_each_other_restart_it_once)
{
	uint32_t run = 1;
	int64_t took;

	it_project("quiet");
	ck_assert_int_eq(mkdir(test_path("quiet/src"), 0700), 0);
	it_write("brummer.yaml", "processes:\n"
				 "  web: {command: exec sleep 99977.3, watch: {paths: [src], debounce: 800ms}}\n");
	it_up(NULL);
	it_await_run("web", run);
	do { /* a machine that pauses makes several changes of it */
		run = it_state("web").run;
		took = write_often();
		it_await_run("web", run + 1);
	} while (took >= QUIET_MS);
	it_write("src/a", "once more");
	ck_assert_uint_eq(it_await_run("web", run + 2).run, run + 2);
	it_down();
}
END_TEST

/* The lines of a file of the project; *first is the number that the first one begins with. */
static int count_lines(const char *path, unsigned long long *first)
{
	FILE *file = fopen(path, "r");
	char line[128];
	int count = 0;

	ck_assert_ptr_nonnull(file);
	for (; fgets(line, sizeof line, file); count++)
		if (count == 0)
			sscanf(line, "%llu", first);
	fclose(file);
	return count;
}

START_TEST(a_probe_waits_asks_and_counts_as_it_is_told)
{
	unsigned long long first = 0;
	struct brm_state state;

	it_project("counts");
	it_write("brummer.yaml",
		 "processes:\n"
		 "  web:\n"
		 "    command: touch well; exec sleep 99977.4\n"
		 "    restart: {when: never, backoff: 10ms}\n"
		 "    ready: {exec: date +%s%N >>asked, delay: 300ms, interval: 20ms, successes: 3}\n"
		 "    alive: {exec: \"test -e well || { echo >>bad; false; }\", interval: 20ms, failures: 3}\n");
	it_up(NULL);
	state = it_await_run("web", 1);
	ck_assert_int_eq(count_lines(test_path("counts/asked"), &first), 3);
	ck_assert_uint_ge(first, state.start_ns + 300000000u);
	ck_assert_int_eq(unlink(test_path("counts/well")), 0);
	it_await_run("web", 2);
	ck_assert_int_eq(count_lines(test_path("counts/bad"), &first), 3);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_time");
	TCase *tcase = tcase_create("time");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	if (IT_CAN_PRELOAD) {
		tcase_add_test(tcase, jumps_of_the_clock_change_nothing);
		tcase_add_test(tcase, a_scheduled_one_begins_when_its_time_has_come);
		tcase_add_test(tcase, a_back_off_begins_anew_after_a_stable_run);
	}
	tcase_add_test(tcase, changes_that_follow_each_other_restart_it_once);
	tcase_add_test(tcase, a_probe_waits_asks_and_counts_as_it_is_told);
	suite_add_tcase(suite, tcase);
	return suite;
}
