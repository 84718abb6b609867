/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/look.h"
#include "engine/tag.h"

/* Who is left of a run, seen from the keeper's children: this process is the keeper, and asks by a child. */

#define INSTANCE 4711u

enum { RUN = 1, OTHER };

static struct leaders leaders;
static pid_t children[8];
static int count;

static void set_up(void)
{
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	count = 0;
}

static void tear_down(void)
{
	for (int i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

/* A child with this tag (0: none) that sleeps, or is dead and not reaped. */
static pid_t child(uint64_t tag, bool lives)
{
	struct rlimit born = {.rlim_cur = tag, .rlim_max = RLIM_INFINITY};
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	children[count++] = pid;
	if (tag) /* as a clone of the engine has it from birth */
		ck_assert_int_eq(prlimit(pid, RLIMIT_RTTIME, &born, NULL), 0);
	if (lives)
		return pid;
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	return pid;
}

static bool is_gone(pid_t leader)
{
	pid_t keeper = getpid(), asker = fork();
	int status;

	if (asker == 0)
		_exit(look_is_gone(tag_make(INSTANCE, RUN), leader, keeper, &leaders));
	ck_assert_int_eq(waitpid(asker, &status, 0), asker);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_dead_leader_and_the_runs_of_others_are_nobody)
{
	pid_t leader = child(tag_make(INSTANCE, RUN), false);

	child(tag_make(INSTANCE, OTHER), true);
	ck_assert(is_gone(leader));
	waitpid(leader, NULL, 0);
	ck_assert(is_gone(leader));
}
END_TEST

START_TEST(a_leader_that_lives_is_somebody)
{
	ck_assert(!is_gone(child(tag_make(INSTANCE, RUN), true)));
}
END_TEST

START_TEST(what_it_left_is_somebody)
{
	pid_t leader = child(tag_make(INSTANCE, RUN), false);

	child(tag_make(INSTANCE, RUN), true);
	ck_assert(!is_gone(leader));
}
END_TEST

START_TEST(of_who_has_no_tag_of_ours_nothing_is_known)
{
	pid_t leader = child(tag_make(INSTANCE, RUN), false), stranger = child(0, true);

	ck_assert(!is_gone(leader));
	kill(stranger, SIGKILL);
	waitpid(stranger, NULL, 0);
	ck_assert(is_gone(leader));
	child(tag_make(INSTANCE + 1, RUN), true);
	ck_assert(!is_gone(leader));
}
END_TEST

START_TEST(who_leads_another_run_need_not_be_read)
{
	pid_t leader = child(tag_make(INSTANCE, RUN), false), other = child(0, true);

	leaders_set(&leaders, other, true);
	leaders_set(&leaders, leader, true);
	ck_assert(is_gone(leader));
	leaders_set(&leaders, other, false);
	ck_assert(!is_gone(leader));
	leaders_set(&leaders, -1, true);
	leaders_set(&leaders, LEADERS_MAX, true);
}
END_TEST

START_TEST(another_parent_is_no_keeper)
{
	ck_assert(!look_is_gone(tag_make(INSTANCE, RUN), 1, getpid(), &leaders));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("look");
	TCase *look = tcase_create("look");

	tcase_add_checked_fixture(look, set_up, tear_down);
	tcase_add_test(look, a_dead_leader_and_the_runs_of_others_are_nobody);
	tcase_add_test(look, a_leader_that_lives_is_somebody);
	tcase_add_test(look, what_it_left_is_somebody);
	tcase_add_test(look, of_who_has_no_tag_of_ours_nothing_is_known);
	tcase_add_test(look, who_leads_another_run_need_not_be_read);
	tcase_add_test(look, another_parent_is_no_keeper);
	suite_add_tcase(suite, look);
	return suite;
}
