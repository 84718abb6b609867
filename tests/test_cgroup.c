/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/cgroup.h"

/*
 * Control groups, in one of the test's own: each test enters it, and where that cannot be, nothing is tested. Who has
 * closed its groups without removing them is what a killed engine is to others.
 */

#define DEAD 0x1eadu
#define MINE 0x2ea1u

static char root[PATH_MAX]; /* the test's group; "": it cannot be made */

static bool write_to(const char *folder, const char *file, const char *text)
{
	char path[PATH_MAX + 32];
	int fd;
	bool done;

	snprintf(path, sizeof path, "%s/%s", folder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return done;
}

/* Where version 2 is mounted; below it the test's group is made, whatever this process's own is. */
static void set_up(void)
{
	char line[2 * PATH_MAX], point[PATH_MAX];
	FILE *mounts = fopen("/proc/self/mountinfo", "re");

	while (mounts && !root[0] && fgets(line, sizeof line, mounts))
		if (strstr(line, " - cgroup2 ") && sscanf(line, "%*d %*d %*s / %4000s", point) == 1)
			snprintf(root, sizeof root, "%.4000s/test-cgroup-%d", point, (int)getpid());
	if (mounts)
		fclose(mounts);
	if (root[0] && mkdir(root, 0755) != 0)
		root[0] = '\0';
}

static void remove_groups(uint32_t instance)
{
	char path[PATH_MAX + 64];

	for (int serial = 1; serial <= 3; serial++) {
		snprintf(path, sizeof path, "%s/brummer-%08x/run-%d", root, instance, serial);
		rmdir(path);
	}
	snprintf(path, sizeof path, "%s/brummer-%08x", root, instance);
	rmdir(path);
}

static void tear_down(void)
{
	if (!root[0])
		return;
	remove_groups(DEAD);
	remove_groups(MINE);
	if (rmdir(root) != 0)
		printf("# %s is left: %s\n", root, strerror(errno));
}

/* Be in the group, of which what is opened then is a part. */
static bool enter(void)
{
	return root[0] && write_to(root, "cgroup.procs", "0");
}

static struct cgroups *open_of(uint32_t instance)
{
	struct cgroups *cgroups;

	ck_assert_int_eq(cgroups_open(instance, &cgroups), 0);
	return cgroups;
}

/* serial 0: the instance's. */
static bool is_there(uint32_t instance, uint32_t serial)
{
	char path[PATH_MAX + 64];
	int length = snprintf(path, sizeof path, "%s/brummer-%08x", root, instance);

	if (serial)
		snprintf(path + length, sizeof path - (size_t)length, "/run-%u", serial);
	return access(path, F_OK) == 0;
}

static void make(const struct cgroups *cgroups, uint32_t serial)
{
	int fd = cgroup_make(cgroups, serial);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

/* An engine makes the groups of two runs, and is killed. */
static void leave_two(void)
{
	struct cgroups *dead = open_of(DEAD);

	make(dead, 1);
	make(dead, 2);
	cgroups_close(dead, false);
}

/* A process that lives in the group of a run. */
static pid_t live_in(uint32_t instance, uint32_t serial)
{
	char folder[PATH_MAX + 64], number[16];
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	snprintf(folder, sizeof folder, "%s/brummer-%08x/run-%u", root, instance, serial);
	snprintf(number, sizeof number, "%d", (int)pid);
	ck_assert(write_to(folder, "cgroup.procs", number));
	return pid;
}

static void end(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(what_a_dead_engine_left_is_removed_by_the_next_of_any_instance)
{
	char stranger[PATH_MAX + 32];
	struct cgroups *mine;

	if (!enter())
		return;
	leave_two();
	ck_assert(is_there(DEAD, 2));
	snprintf(stranger, sizeof stranger, "%s/brummer-cafe", root);
	ck_assert_int_eq(mkdir(stranger, 0755), 0);
	mine = open_of(MINE);
	ck_assert(!is_there(DEAD, 0));
	ck_assert_int_eq(rmdir(stranger), 0); /* that is no instance's */
	ck_assert(is_there(MINE, 0));
	cgroups_close(mine, true);
	ck_assert(!is_there(MINE, 0));
}
END_TEST

START_TEST(what_a_living_engine_has_is_left_alone)
{
	struct cgroups *other, *mine;

	if (!enter())
		return;
	other = open_of(DEAD);
	make(other, 1);
	mine = open_of(MINE);
	ck_assert(is_there(DEAD, 1));
	make(other, 2);
	cgroups_close(mine, true);
	cgroups_close(other, true);
	ck_assert(!is_there(DEAD, 0));
}
END_TEST

START_TEST(a_group_in_which_something_lives_stays_and_its_empty_neighbours_go)
{
	struct cgroups *mine;
	pid_t pid;

	if (!enter())
		return;
	leave_two();
	pid = live_in(DEAD, 1);
	mine = open_of(MINE);
	ck_assert(is_there(DEAD, 1));
	ck_assert(!is_there(DEAD, 2));
	cgroups_close(mine, true);
	end(pid);
}
END_TEST

START_TEST(who_takes_over_keeps_what_lives_and_can_end_it)
{
	struct cgroups *again;
	pid_t pid;
	int status;

	if (!enter())
		return;
	leave_two();
	pid = live_in(DEAD, 1);
	again = open_of(DEAD);
	ck_assert(is_there(DEAD, 1));
	ck_assert(!is_there(DEAD, 2));
	ck_assert(!cgroup_is_empty(again, 1));
	ck_assert_int_eq(cgroup_kill(again, 1), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	cgroup_remove(again, 1); /* a zombie is in its group until it is reaped */
	make(again, 3);
	cgroups_close(again, true);
	ck_assert(!is_there(DEAD, 0));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tcase = tcase_create("cgroup");

	tcase_add_unchecked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_a_dead_engine_left_is_removed_by_the_next_of_any_instance);
	tcase_add_test(tcase, what_a_living_engine_has_is_left_alone);
	tcase_add_test(tcase, a_group_in_which_something_lives_stays_and_its_empty_neighbours_go);
	tcase_add_test(tcase, who_takes_over_keeps_what_lives_and_can_end_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
