/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/it_help.h"
#include "tests/soak/engine_soak.h"

/*
 * disks.c - an engine dies while the disk of the logs is full, or frozen
 *
 * What is mounted is thawed and unmounted in the unchecked teardown, whatever became of the test.
 */

static const char *const idle[] = {"--no-autostart", NULL};
static char mounted[256]; /* the place, in the memory of the runner too */

static void clean_up(void)
{
	char line[1024];

	snprintf(line, sizeof line, "fsfreeze -u '%s' 2>/dev/null", mounted);
	if (system(line) != 0)
		printf("# nothing to thaw\n");
	it_sweep();
	for (int i = 0; i < 100 && umount(mounted) != 0 && errno == EBUSY; i++)
		usleep(50000);
	umount2(mounted, MNT_DETACH);
}

static void set_up(void)
{
	snprintf(mounted, sizeof mounted, "%s", test_path("mounted"));
	mkdir(mounted, 0700);
}

/* A shell's line; false: skip, with the reason printed. */
static bool works(const char *line, const char *what)
{
	if (system(line) == 0)
		return true;
	printf("# skipped: %s is not possible here\n", what);
	return false;
}

START_TEST(a_full_disk_during_the_recovery)
{
	char filler[300], line[600];
	struct brm_state before;

	if (geteuid() != 0 || mount("none", mounted, "tmpfs", 0, "size=1m") != 0) {
		printf("# skipped: mounting is not possible here\n");
		return;
	}
	setenv("XDG_STATE_HOME", mounted, 1);
	soak_begin("full");
	it_up(idle);
	it_run("a", "i=0; while :; do echo $i; i=$((i+1)); done");
	before = it_state("a");
	snprintf(filler, sizeof filler, "%s/filler", mounted);
	snprintf(line, sizeof line, "dd if=/dev/zero of='%s' bs=4k 2>/dev/null", filler);
	ck_assert_int_ne(system(line), 0); /* until it is full */
	it_await_loss("a");
	for (int i = 0; i < 3; i++)
		soak_kill_engine();
	ck_assert_int_eq(it_state("a").pid, before.pid);
	ck_assert_int_eq(kill(before.pid, SIGSTOP), 0); /* else it fills the room before another can use it */
	ck_assert_int_eq(unlink(filler), 0);
	it_run("b", "echo room; exit 8");
	ck_assert_int_eq(it_await("b", BRM_FAILED).exit_code, 8);
	it_await_output("b", "room\n");
	ck_assert_int_eq(kill(before.pid, SIGCONT), 0);
	it_do(BRM_STOP, "a");
	it_down();
}
END_TEST

static bool is_restarting(void *arg)
{
	(void)arg;
	return brm_reader_liveness(it.reader) == BRM_RESTARTING;
}

static bool is_live(void *engine)
{
	return it_engine() != *(pid_t *)engine && brm_reader_liveness(it.reader) == BRM_LIVE;
}

/* Splice waits beyond SIGKILL: the successor has to wait, and readers see it. */
START_TEST(a_frozen_disk_during_the_recovery)
{
	char line[1024];
	struct brm_state before;
	pid_t engine;

	snprintf(line, sizeof line,
		 "d=$(dirname '%s') && truncate -s 24M $d/image && mkfs.ext4 -q $d/image 2>/dev/null && "
		 "mount -o loop $d/image '%s' 2>/dev/null",
		 mounted, mounted);
	if (geteuid() != 0 || !works(line, "a loop device"))
		return;
	setenv("XDG_STATE_HOME", mounted, 1);
	soak_begin("frozen");
	it_up(idle);
	it_run("a", "i=0; while :; do echo $i; i=$((i+1)); done");
	before = it_state("a");
	engine = it_engine();
	snprintf(line, sizeof line, "fsfreeze -f '%s'", mounted);
	if (!works(line, "freezing"))
		return;
	usleep(300000);
	ck_assert_int_eq(it_status("a"), BRM_RUNNING); /* its states are served meanwhile */
	ck_assert_int_eq(kill(engine, SIGKILL), 0);
	it_until(is_restarting, NULL);
	usleep(500000);
	ck_assert_int_eq(brm_reader_liveness(it.reader), BRM_RESTARTING);
	snprintf(line, sizeof line, "fsfreeze -u '%s'", mounted);
	ck_assert_int_eq(system(line), 0);
	it_until(is_live, &engine);
	soak_connect();
	ck_assert_int_eq(it_state("a").pid, before.pid);
	it_run("b", "echo thawed; exit 9");
	ck_assert_int_eq(it_await("b", BRM_FAILED).exit_code, 9);
	it_await_output("b", "thawed\n");
	it_do(BRM_STOP, "a");
	it_down();
}
END_TEST

/* One place is mounted at a time: each test has a case of its own. */
TCase *soak_full_disk(void)
{
	TCase *tcase = tcase_create("full disk");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, set_up, clean_up);
	tcase_add_test(tcase, a_full_disk_during_the_recovery);
	return tcase;
}

TCase *soak_frozen_disk(void)
{
	TCase *tcase = tcase_create("frozen disk");

	tcase_set_timeout(tcase, 90);
	tcase_add_unchecked_fixture(tcase, set_up, clean_up);
	tcase_add_test(tcase, a_frozen_disk_during_the_recovery);
	return tcase;
}
