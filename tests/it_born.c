/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/it_help.h"

/* What a run is born with under a whole supervisor, which has many things of its own; and one that dies before that. */

static const char *const idle[] = {"--no-autostart", NULL};

static bool is_sleep(void *pid)
{
	char path[64], name[32] = "";
	FILE *comm;

	snprintf(path, sizeof path, "/proc/%d/comm", (int)*(pid_t *)pid);
	comm = fopen(path, "r");
	if (comm && fscanf(comm, "%31s", name) != 1)
		name[0] = '\0';
	if (comm)
		fclose(comm);
	return strcmp(name, "sleep") == 0;
}

/* The process of this run, when its shell has become what it is to run. */
static pid_t await_sleep(const char *name, uint32_t run)
{
	pid_t pid = it_await_run(name, run).pid;

	it_until(is_sleep, &pid);
	return pid;
}

static int count_descriptors(pid_t pid)
{
	const struct dirent *entry;
	char path[64];
	int count = 0;
	DIR *folder;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

START_TEST(of_the_supervisors_descriptors_it_has_none)
{
	static const char *const names[] = {"plain", "piped", "term", "notes", "watches"};

	it_project("descriptors");
	it_write("brummer.yaml", "processes:\n"
				 "  piped: {command: exec sleep 99951.1, stdin: pipe}\n"
				 "  term: {command: exec sleep 99951.2, tty: true}\n"
				 "  notes: {command: \"echo ready >&3; exec sleep 99951.3\", ready: {notify: 3}}\n"
				 "  watches: {command: exec sleep 99951.4, watch: {paths: [.], ignore: [\"*\"]}}\n"
				 "  plain: {command: exec sleep 99951.5, depends_on: [piped, term, notes, watches]}\n");
	it_up(NULL);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		it_await(names[i], BRM_RUNNING);
	it_do(BRM_RESTART, "*"); /* what was opened meanwhile */
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_int_eq(count_descriptors(await_sleep(names[i], 2)), strcmp(names[i], "notes") ? 3 : 4);
	it_down();
}
END_TEST

/* The supervisor is itself started with signals blocked and ignored. */
START_TEST(it_leads_a_session_under_the_keeper_with_all_signals_as_they_are_by_default)
{
	sigset_t all;
	pid_t pid;

	it_project("signals");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	it_up(idle);
	it_run("a", "exec sleep 99952.1");
	pid = await_sleep("a", 1);
	ck_assert_int_eq(it_status_row(pid, "SigBlk:", 16), 0);
	ck_assert_int_eq(it_status_row(pid, "SigIgn:", 16), 0);
	ck_assert_int_eq(getsid(pid), pid);
	ck_assert_int_eq(getpgid(pid), pid);
	ck_assert_int_eq(it_status_row(pid, "PPid:", 10), brm_reader_info(it.reader)->keeper_pid);
	it_down();
}
END_TEST

START_TEST(another_users_run_has_none_of_the_supervisors_groups)
{
	static const gid_t groups[] = {0, 4, 24};

	if (geteuid() != 0)
		return;
	it_project("groups");
	it_write("brummer.yaml", "processes:\n"
				 "  own: {command: id -G, dir: /}\n"
				 "  other: {command: id -G, dir: /, user: nobody}\n"
				 "  group: {command: id -G, dir: /, user: nobody, group: daemon}\n");
	ck_assert_int_eq(setgroups(3, groups), 0);
	it_up(NULL);
	it_await("own", BRM_SUCCESS);
	it_await("other", BRM_SUCCESS);
	it_await("group", BRM_SUCCESS);
	ck_assert_str_eq(it_output("own"), "0 4 24\n");
	ck_assert_str_eq(it_output("other"), "65534\n");
	ck_assert_str_eq(it_output("group"), "1 65534\n"); /* that of the user stays */
	it_down();
}
END_TEST

/* From now on who makes this system call is killed; also what we start. False: not possible here. */
static bool kill_at(unsigned call)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Only a child on its way to its program makes that call. */
START_TEST(one_that_dies_before_its_program_has_failed_and_the_next_ones_run)
{
	struct brm_state state;

	if (!kill_at(SYS_setpriority))
		return;
	it_project("early");
	it_write("brummer.yaml", "processes:\n"
				 "  early: {command: exec sleep 99953.1, nice: 5}\n"
				 "  again: {command: exec sleep 99953.2, nice: 5, restart: {when: on-failure, "
				 "backoff: 5ms..10ms, limit: 3 in 60s}}\n"
				 "  after: {command: exec sleep 99953.3}\n");
	it_up(NULL);
	state = it_await("early", BRM_FAILED);
	ck_assert(state.flags & BRM_FLAG_SIGNALED);
	ck_assert_int_eq(state.signal, SIGSYS);
	ck_assert_uint_eq(it_await("again", BRM_FAILED).run, 4);
	it_await("after", BRM_RUNNING);
	ck_assert_uint_eq(it_count_events(BRM_REASON_RECOVERED), 0);
	it_do(BRM_RESTART, "after");
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_born");
	TCase *tcase = tcase_create("born");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, of_the_supervisors_descriptors_it_has_none);
	tcase_add_test(tcase, it_leads_a_session_under_the_keeper_with_all_signals_as_they_are_by_default);
	tcase_add_test(tcase, another_users_run_has_none_of_the_supervisors_groups);
	tcase_add_test(tcase, one_that_dies_before_its_program_has_failed_and_the_next_ones_run);
	suite_add_tcase(suite, tcase);
	return suite;
}
