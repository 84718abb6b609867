/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/proc.h"
#include "engine/stop.h"
#include "engine/tag.h"
#include "tests/run_help.h"

#define RUN      11u
#define OTHER    12u
#define STRANGER 0x11111111u /* another instance */

/* What a run can do to be lost: twice forked, another session, no environment, no descriptors. Prints its pid. */
#define DAEMON "(env -i /usr/bin/setsid /bin/sh -c 'echo $$; exec >&- 2>&- </dev/null; exec sleep 300' &)"

static struct keeperlink *keeper;
static struct spawner *spawner;
static struct sweeper *sweeper;

static void open_all(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* orphans come to us, as they come to a keeper */
	ck_assert_int_eq(keeperlink_open(-1, &keeper), 0);
	ck_assert_int_eq(spawner_open(keeper, &spawner), 0);
	ck_assert_int_eq(sweeper_open(&sweeper), 0);
}

static void close_all(void)
{
	sweeper_close(sweeper);
	spawner_close(spawner);
	keeperlink_close(keeper);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	ck_assert_int_eq(errno, ECHILD); /* nobody is left */
}

static struct spawn_result start(uint32_t serial, const char *line)
{
	struct spawn_result result = help_spawn(spawner, help_shell(serial, "/", line));

	ck_assert_int_eq(result.stage, SPAWN_OK);
	return result;
}

/* The next pid that a run prints. */
static pid_t printed(const struct spawn_result *result)
{
	char text[32] = "";
	size_t length = 0;

	while (length < sizeof text - 1 && help_readable(result->fds.out) &&
	       read(result->fds.out, text + length, 1) == 1 && text[length] != '\n')
		length++;
	ck_assert_int_gt(atoi(text), 1);
	return atoi(text);
}

static struct swept ask(int (*submit)(struct sweeper *, uint64_t, uint64_t, pid_t), uint64_t tag, pid_t leader)
{
	struct swept swept = {.token = 0};

	ck_assert_int_eq(submit(sweeper, 99, tag, leader), 0);
	ck_assert(help_readable(sweeper_fd(sweeper)));
	ck_assert_int_eq(sweeper_next(sweeper, &swept), 1);
	ck_assert_uint_eq(swept.token, 99);
	ck_assert_int_eq(sweeper_next(sweeper, &swept), 0);
	return swept;
}

static uint64_t tag(uint32_t serial)
{
	return tag_make(help_instance(), serial);
}

START_TEST(a_daemon_with_an_empty_environment_is_found_and_ended)
{
	struct spawn_result run = start(RUN, DAEMON "; exit 0");
	pid_t lost = printed(&run);
	struct swept swept;

	ck_assert(help_dies(run.pid));
	ck_assert_uint_eq(tag_of(lost), tag(RUN));
	ck_assert_int_eq(ask(sweeper_look, tag(RUN), run.pid).left, 1);
	ck_assert(!help_is_gone(lost));
	swept = ask(sweeper_submit, tag(RUN), run.pid);
	ck_assert_int_eq(swept.killed, 1);
	ck_assert_int_eq(swept.left, 0);
	ck_assert(help_is_gone(lost));
	help_close(&run);
}
END_TEST

START_TEST(strangers_and_other_runs_live_on)
{
	struct spawn_request *request = help_shell(RUN, "/", DAEMON "; exec sleep 300");
	struct spawn_result stranger;
	struct spawn_result other = start(OTHER, DAEMON "; exec sleep 300");
	struct spawn_result run = start(RUN, DAEMON "; " DAEMON "; exec sleep 300");
	pid_t others = printed(&other);
	pid_t strangers;

	request->tag = tag_make(STRANGER, RUN); /* the same number of another project's */
	stranger = help_spawn(spawner, request);
	strangers = printed(&stranger);
	printed(&run);
	printed(&run);
	ck_assert_int_eq(ask(sweeper_submit, tag(RUN), run.pid).killed, 3);
	ck_assert(!help_is_gone(other.pid));
	ck_assert(!help_is_gone(others));
	ck_assert(!help_is_gone(stranger.pid));
	ck_assert(!help_is_gone(strangers));
	ck_assert_int_eq(ask(sweeper_submit, tag(OTHER), other.pid).killed, 2);
	ck_assert_int_eq(ask(sweeper_submit, tag_make(STRANGER, RUN), stranger.pid).killed, 2);
	help_close(&run);
	help_close(&other);
	help_close(&stranger);
}
END_TEST

/* A descendant that sets the limit itself is known by its session, or by whose child it is. */
START_TEST(who_has_lost_the_tag_is_found_by_session_and_tree)
{
	struct spawn_result run = start(RUN, "(prlimit --rttime=5000000 sleep 300 & echo $!);"
					     "prlimit --rttime=5000000 setsid -w sleep 300 & echo $!;"
					     "exec sleep 300");
	pid_t by_session = printed(&run);
	pid_t by_tree = printed(&run);

	ck_assert_int_ge(ask(sweeper_submit, tag(RUN), run.pid).killed, 3);
	ck_assert(help_is_gone(by_session));
	ck_assert(help_is_gone(by_tree));
	help_close(&run);
}
END_TEST

static bool has_no_tag(void *arg)
{
	return tag_of(*(pid_t *)arg) == 0;
}

START_TEST(a_leader_that_has_lost_the_tag_is_still_the_run)
{
	struct spawn_result run = start(RUN, "echo $$; exec prlimit --rttime=5000000 sleep 300");

	ck_assert_int_eq(printed(&run), run.pid);
	ck_assert(help_until(has_no_tag, &run.pid));
	ck_assert_int_eq(ask(sweeper_submit, tag(RUN), run.pid).killed, 1);
	ck_assert(help_is_gone(run.pid));
	help_close(&run);
}
END_TEST

START_TEST(who_ignores_everything_and_forks_all_the_time_is_ended)
{
	struct spawn_result run = start(RUN, "trap '' TERM INT HUP; echo $$; while :; do (trap '' TERM; sleep 0.01 & "
					     "sleep 0.01) & sleep 0.005; done");
	struct swept swept;

	printed(&run);
	ck_assert_int_eq(stop_signal(run.pid, run.pidfd, SIGTERM), 0);
	swept = ask(sweeper_submit, tag(RUN), run.pid);
	ck_assert_int_ge(swept.killed, 1);
	ck_assert_int_eq(swept.left, 0);
	ck_assert_int_eq(ask(sweeper_look, tag(RUN), run.pid).left, 0);
	help_close(&run);
}
END_TEST

static void *sleep_on(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* Its first thread has ended, so it looks like a zombie, but it goes on. */
static pid_t start_headless(void)
{
	const struct rlimit tagged = {.rlim_cur = tag(RUN), .rlim_max = RLIM_INFINITY};
	pthread_t thread;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setrlimit(RLIMIT_RTTIME, &tagged);
	pthread_create(&thread, NULL, sleep_on, NULL);
	pthread_exit(NULL);
}

static bool looks_dead(void *arg)
{
	char stat[64];
	const char *state;

	if (proc_read(*(pid_t *)arg, "stat", stat, sizeof stat) <= 0)
		return false;
	state = strrchr(stat, ')');
	return state && state[2] == 'Z';
}

START_TEST(a_process_whose_first_thread_has_ended_is_ended_too)
{
	pid_t headless;

	sweeper_close(sweeper); /* no thread is to be there at the fork */
	spawner_close(spawner);
	headless = start_headless();
	ck_assert_int_eq(spawner_open(keeper, &spawner), 0);
	ck_assert_int_eq(sweeper_open(&sweeper), 0);
	ck_assert(help_until(looks_dead, &headless));
	ck_assert(!help_is_gone(headless));
	ck_assert_int_eq(ask(sweeper_submit, tag(RUN), headless).killed, 1);
	ck_assert(help_is_gone(headless));
}
END_TEST

START_TEST(more_members_than_are_held_at_once)
{
	struct spawn_result run =
		start(RUN, "i=0; while [ $i -lt 1100 ]; do sleep 300 & i=$((i+1)); done; echo $$; wait");
	struct swept swept;

	printed(&run);
	swept = ask(sweeper_submit, tag(RUN), run.pid);
	ck_assert_int_eq(swept.killed, 1101);
	ck_assert_int_eq(swept.left, 0);
	help_close(&run);
}
END_TEST

/* They are served together, and each gets its own answer. */
START_TEST(many_runs_are_ended_at_once)
{
	struct spawn_result runs[40];
	struct swept swept;
	int answered[40] = {0};

	for (uint32_t i = 0; i < 40; i++)
		runs[i] = start(100 + i, i % 4 ? DAEMON "; exec sleep 300" : "exit 0");
	for (uint32_t i = 0; i < 40; i++)
		ck_assert(i % 4 ? printed(&runs[i]) > 0 : help_dies(runs[i].pid));
	for (uint32_t i = 0; i < 40; i++)
		ck_assert_int_eq((i % 4 == 3 ? sweeper_look : sweeper_submit)(sweeper, i, tag(100 + i), runs[i].pid),
				 0);
	for (int done = 0; done < 40 && help_readable(sweeper_fd(sweeper));) {
		while (sweeper_next(sweeper, &swept)) {
			answered[swept.token]++;
			ck_assert_int_eq(swept.killed, swept.token % 4 == 0 || swept.token % 4 == 3 ? 0 : 2);
			ck_assert_int_eq(swept.left, swept.token % 4 == 3 ? 2 : 0);
			done++;
		}
	}
	for (uint32_t i = 0; i < 40; i++) {
		ck_assert_int_eq(answered[i], 1);
		ck_assert_int_eq(help_is_gone(runs[i].pid), i % 4 != 3);
		if (i % 4 == 3)
			ck_assert_int_eq(ask(sweeper_submit, tag(100 + i), runs[i].pid).killed, 2);
		help_close(&runs[i]);
	}
}
END_TEST

START_TEST(a_run_of_which_nothing_is_left)
{
	struct spawn_result run = start(RUN, "exit 0");
	struct swept swept;

	ck_assert(help_dies(run.pid));
	swept = ask(sweeper_submit, tag(RUN), run.pid);
	ck_assert_int_eq(swept.killed, 0);
	ck_assert_int_eq(swept.left, 0);
	help_close(&run);
}
END_TEST

START_TEST(a_signal_goes_to_the_group_and_not_to_a_stranger_of_its_number)
{
	struct spawn_result run = start(RUN, "sleep 300 & echo $!; wait");
	pid_t member = printed(&run);

	ck_assert_int_eq(stop_signal(run.pid, run.pidfd, SIGTERM), 0);
	ck_assert(help_dies(member));
	ck_assert(help_dies(run.pid));
	ck_assert_int_eq(stop_signal(run.pid, run.pidfd, 0), 0); /* the zombie still has the number */
	ck_assert_int_eq(waitpid(run.pid, NULL, 0), run.pid);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	ck_assert_int_eq(stop_signal(run.pid, run.pidfd, SIGTERM), -ESRCH);
	help_close(&run);
}
END_TEST

START_TEST(a_tag_is_not_read_out_of_ordinary_limits)
{
	ck_assert_uint_eq(tag_of(getpid()), 0);
	ck_assert_uint_eq(tag_of(1), 0);
	ck_assert_uint_eq(tag_of(0), 0);
	ck_assert_uint_eq(tag_make(UINT32_MAX, 5) >> 63, 0);
}
END_TEST

START_TEST(the_tag_of_another_users_process_is_read)
{
	struct spawn_result run = start(RUN, "echo $$; exec sleep 300");
	pid_t reader;
	int status;

	printed(&run);
	if (getuid() == 0) {
		reader = fork();
		if (reader == 0)
			_exit(setuid(65534) != 0 || tag_of(run.pid) != tag(RUN));
		ck_assert_int_eq(waitpid(reader, &status, 0), reader);
		ck_assert_int_eq(status, 0);
	}
	ask(sweeper_submit, tag(RUN), run.pid);
	help_close(&run);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("stop");
	TCase *sweeps = tcase_create("sweeps");

	tcase_set_timeout(sweeps, 60);
	tcase_add_checked_fixture(sweeps, open_all, close_all);
	tcase_add_test(sweeps, a_daemon_with_an_empty_environment_is_found_and_ended);
	tcase_add_test(sweeps, strangers_and_other_runs_live_on);
	tcase_add_test(sweeps, who_has_lost_the_tag_is_found_by_session_and_tree);
	tcase_add_test(sweeps, a_leader_that_has_lost_the_tag_is_still_the_run);
	tcase_add_test(sweeps, who_ignores_everything_and_forks_all_the_time_is_ended);
	tcase_add_test(sweeps, a_process_whose_first_thread_has_ended_is_ended_too);
	tcase_add_test(sweeps, more_members_than_are_held_at_once);
	tcase_add_test(sweeps, many_runs_are_ended_at_once);
	tcase_add_test(sweeps, a_run_of_which_nothing_is_left);
	tcase_add_test(sweeps, a_signal_goes_to_the_group_and_not_to_a_stranger_of_its_number);
	tcase_add_test(sweeps, a_tag_is_not_read_out_of_ordinary_limits);
	tcase_add_test(sweeps, the_tag_of_another_users_process_is_read);
	suite_add_tcase(suite, sweeps);
	return suite;
}
