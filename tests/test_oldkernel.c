/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <brummer/wait.h>

#include "tests/shm_help.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define MS UINT64_C(1000000)

/* What a kernel without futex_waitv and robust lists makes of waiting: slices, and the lock in place of the word. */
static bool unlearn(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex_waitv, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_set_robust_list, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof rules / sizeof *rules, rules};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static struct brm_writer *writer;
static struct brm_reader *reader;
static struct brm_ticket ticket;

/* Each runs in its own process, so what it unlearns is forgotten with it. */
static bool begin(void)
{
	if (!unlearn()) {
		printf("# skipped: no seccomp here\n");
		return false;
	}
	writer = shm_writer("old", (struct brm_writer_options){.capacity = 0});
	reader = shm_reader("old");
	shm_add(writer, "web", BRM_PENDING);
	brm_writer_commit(writer);
	brm_wait_sample(reader, &ticket);
	ck_assert_uint_eq(ticket.owner, 0); /* not watched by the kernel */
	return true;
}

static void *ring_later(void *arg)
{
	void (*ring)(struct brm_writer *) = *(void (**)(struct brm_writer *))arg;

	for (int i = 0; i < 20; i++)
		shm_pause();
	shm_set(writer, 0, BRM_RUNNING);
	ring(writer);
	return NULL;
}

static void is_woken_by(void (*ring)(struct brm_writer *), unsigned what)
{
	uint64_t began = shm_now();
	pthread_t thread;

	brm_wait_sample(reader, &ticket);
	pthread_create(&thread, NULL, ring_later, &ring);
	ck_assert_int_eq(brm_wait(reader, &ticket, what, -1), 0);
	pthread_join(thread, NULL);
	ck_assert_uint_lt(shm_now() - began, 1500 * MS);
}

START_TEST(rings_wake_at_once_or_soon)
{
	if (!begin())
		return;
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_LIVE);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES, 20 * MS), -ETIMEDOUT);
	is_woken_by(brm_writer_commit, BRM_WAIT_STATES);
	is_woken_by(brm_writer_ring_logs, BRM_WAIT_LOGS);
	is_woken_by(brm_writer_commit, BRM_WAIT_STATES | BRM_WAIT_LOGS);
	is_woken_by(brm_writer_ring_logs, BRM_WAIT_STATES | BRM_WAIT_LOGS);
	brm_reader_close(reader);
	brm_writer_close(writer);
}
END_TEST

static void *die_later(void *arg)
{
	for (int i = 0; i < 20; i++)
		shm_pause();
	brm_writer_abandon(writer);
	return arg;
}

START_TEST(a_death_is_found_within_two_seconds)
{
	uint64_t began = shm_now();
	pthread_t thread;

	if (!begin())
		return;
	pthread_create(&thread, NULL, die_later, NULL);
	ck_assert_int_eq(_i == 0 ? brm_wait(reader, &ticket, BRM_WAIT_STATES, -1)
				 : brm_wait_entry(reader, &ticket, 0, -1),
			 -EOWNERDEAD);
	ck_assert_uint_lt(shm_now() - began, 4000 * MS);
	pthread_join(thread, NULL);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_DEAD);
	brm_reader_close(reader);
}
END_TEST

START_TEST(a_bell_can_be_paused)
{
	uint64_t began = shm_now();
	struct brm_bell *bell;

	if (!begin())
		return;
	ck_assert_int_eq(brm_bell_open(reader, BRM_WAIT_STATES, &bell), 0);
	brm_bell_close(bell);
	ck_assert_uint_lt(shm_now() - began, 1500 * MS);
	brm_reader_close(reader);
	brm_writer_close(writer);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("oldkernel");
	TCase *tcase = tcase_create("oldkernel");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, rings_wake_at_once_or_soon);
	tcase_add_loop_test(tcase, a_death_is_found_within_two_seconds, 0, 2);
	tcase_add_test(tcase, a_bell_can_be_paused);
	suite_add_tcase(suite, tcase);
	return suite;
}
