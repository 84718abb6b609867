/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include <brummer/wait.h>

#include "tests/shm_help.h"

#define MS   INT64_C(1000000)
#define LONG (INT64_C(10000) * MS) /* the test fails before */

static struct brm_writer *writer;
static struct brm_reader *reader;
static struct brm_ticket ticket;
static uint32_t entry;

static void setup(void)
{
	writer = shm_writer("wait", (struct brm_writer_options){.capacity = 0});
	reader = shm_reader("wait");
	entry = shm_add(writer, "web", BRM_PENDING);
	brm_writer_commit(writer);
	brm_wait_sample(reader, &ticket);
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
}

static void change(void)
{
	shm_set(writer, entry, BRM_RUNNING);
	brm_writer_commit(writer);
}

START_TEST(what_happened_since_the_sample_ends_the_wait_at_once)
{
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES, 20 * MS), -ETIMEDOUT);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES, 0), -ETIMEDOUT);
	change();
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES, -1), 0);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_LOGS, 20 * MS), -ETIMEDOUT);
	brm_wait_sample(reader, &ticket);
	brm_writer_ring_logs(writer);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES, 20 * MS), -ETIMEDOUT);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES | BRM_WAIT_LOGS, -1), 0);
	brm_wait_sample(reader, &ticket);
	brm_writer_commit(writer); /* nothing published: nothing rung */
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES, 20 * MS), -ETIMEDOUT);
}
END_TEST

/* A thread that waits once. */
struct sleeper {
	pthread_t thread;
	int64_t timeout_ns;
	uint32_t entry; /* UINT32_MAX: for any */
	_Atomic pid_t tid;
	_Atomic int rc;
	_Atomic bool woken;
};

static void *sleep_once(void *arg)
{
	struct sleeper *sleeper = arg;

	atomic_store(&sleeper->tid, gettid());
	sleeper->rc = sleeper->entry == UINT32_MAX
			      ? brm_wait(reader, &ticket, BRM_WAIT_STATES, sleeper->timeout_ns)
			      : brm_wait_entry(reader, &ticket, sleeper->entry, sleeper->timeout_ns);
	atomic_store(&sleeper->woken, true);
	return NULL;
}

/* Is the thread asleep in the kernel? */
static bool is_asleep(pid_t tid)
{
	char path[64], text[256] = "";
	FILE *file;
	size_t length;

	snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "r");
	if (!file)
		return false;
	length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	/* futex or futex_waitv */
	return length > 0 && (atoi(text) == 202 || atoi(text) == 98 || atoi(text) == 449);
}

static void start(struct sleeper *sleeper, uint32_t what, int64_t timeout_ns)
{
	*sleeper = (struct sleeper){.timeout_ns = timeout_ns, .entry = what};
	ck_assert_int_eq(pthread_create(&sleeper->thread, NULL, sleep_once, sleeper), 0);
	SHM_UNTIL(sleeper->tid != 0 && is_asleep(sleeper->tid));
}

static int finish(struct sleeper *sleeper)
{
	pthread_join(sleeper->thread, NULL);
	return sleeper->rc;
}

START_TEST(a_sleeper_is_woken_by_the_bell)
{
	struct sleeper sleepers[3];

	for (int i = 0; i < 3; i++)
		start(&sleepers[i], UINT32_MAX, -1);
	change();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(finish(&sleepers[i]), 0);
}
END_TEST

START_TEST(who_waits_for_one_process_sleeps_through_the_others)
{
	uint32_t other = shm_add(writer, "other", BRM_PENDING);
	struct sleeper sleeper;

	brm_writer_commit(writer);
	brm_wait_sample(reader, &ticket);
	start(&sleeper, entry, -1);
	for (int i = 0; i < 20; i++) {
		shm_set(writer, other, i % 2 ? BRM_RUNNING : BRM_STOPPED);
		brm_writer_commit(writer);
	}
	ck_assert(!sleeper.woken);
	ck_assert(is_asleep(sleeper.tid));
	change();
	ck_assert_int_eq(finish(&sleeper), 0);
	ck_assert_int_eq(brm_wait_entry(reader, &ticket, other, -1), 0); /* the ticket is old */
	brm_wait_sample(reader, &ticket);
	ck_assert_int_eq(brm_wait_entry(reader, &ticket, other, 20 * MS), -ETIMEDOUT);
}
END_TEST

START_TEST(a_close_ends_every_wait)
{
	struct sleeper any, one;

	start(&any, UINT32_MAX, -1);
	start(&one, entry, -1);
	brm_writer_close(writer);
	writer = NULL;
	ck_assert_int_eq(finish(&any), -EOWNERDEAD);
	ck_assert_int_eq(finish(&one), -EOWNERDEAD);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_CLOSED);
	brm_wait_sample(reader, &ticket);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_LOGS, -1), -EOWNERDEAD);
}
END_TEST

START_TEST(a_new_region_ends_every_wait_on_the_old)
{
	struct sleeper any;

	start(&any, UINT32_MAX, -1);
	ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
	ck_assert_int_eq(finish(&any), -EOWNERDEAD);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_SUPERSEDED);
	ck_assert_int_eq(brm_reader_refresh(reader), 1);
	brm_wait_sample(reader, &ticket);
	ck_assert_uint_ne(ticket.owner, 0);
	start(&any, UINT32_MAX, -1);
	change();
	ck_assert_int_eq(finish(&any), 0);
}
END_TEST

static void interrupted(int signal)
{
	(void)signal;
}

START_TEST(a_signal_ends_a_wait)
{
	struct sigaction action = {.sa_handler = interrupted};
	struct sleeper sleeper;

	sigaction(SIGUSR1, &action, NULL);
	start(&sleeper, UINT32_MAX, -1);
	pthread_kill(sleeper.thread, SIGUSR1);
	ck_assert_int_eq(finish(&sleeper), -EINTR);
}
END_TEST

static void write_and_sleep(const char *stem)
{
	struct brm_writer *mine = shm_writer(stem, (struct brm_writer_options){.capacity = 0});

	shm_add(mine, "web", BRM_RUNNING);
	brm_writer_commit(mine);
	shm_ready();
	for (;;)
		pause();
}

START_TEST(the_death_of_the_writer_wakes_every_sleeper)
{
	struct sleeper sleepers[6];
	uint64_t killed;
	pid_t pid;

	brm_reader_close(reader);
	pid = shm_child(write_and_sleep, "killed");
	reader = shm_reader("killed");
	brm_wait_sample(reader, &ticket);
	ck_assert_uint_ne(ticket.owner, 0);
	for (int i = 0; i < 6; i++)
		start(&sleepers[i], i < 4 ? UINT32_MAX : 0, LONG);
	killed = shm_now();
	shm_kill(pid);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(finish(&sleepers[i]), -EOWNERDEAD);
	ck_assert_uint_lt(shm_now() - killed, 1000 * MS);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_DEAD);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_STATES, -1), -EOWNERDEAD);
}
END_TEST

static bool is_readable(struct brm_bell *bell, int timeout_ms)
{
	struct pollfd fd = {.fd = brm_bell_fd(bell), .events = POLLIN};

	return poll(&fd, 1, timeout_ms) == 1;
}

START_TEST(a_bell_makes_a_descriptor_readable)
{
	struct brm_bell *bell;

	ck_assert_int_eq(brm_bell_open(reader, BRM_WAIT_STATES, &bell), 0);
	ck_assert(!is_readable(bell, 20));
	for (int i = 0; i < 50; i++) {
		change();
		ck_assert(is_readable(bell, 10000));
		brm_bell_clear(bell);
	}
	brm_writer_ring_logs(writer);
	ck_assert(!is_readable(bell, 20));
	brm_bell_pause(bell);
	change();
	ck_assert(!is_readable(bell, 20));
	ck_assert_int_eq(brm_bell_resume(bell, reader), 0);
	ck_assert(!is_readable(bell, 20)); /* whoever resumes looks anyway */
	change();
	ck_assert(is_readable(bell, 10000));
	brm_bell_close(bell);
	brm_bell_close(NULL);
}
END_TEST

START_TEST(a_bell_stays_readable_after_the_death)
{
	struct brm_reader *dying;
	struct brm_bell *bell;
	pid_t pid = shm_child(write_and_sleep, "bell");

	dying = shm_reader("bell");
	ck_assert_int_eq(brm_bell_open(dying, BRM_WAIT_STATES | BRM_WAIT_LOGS, &bell), 0);
	shm_kill(pid);
	for (int i = 0; i < 3; i++) {
		ck_assert(is_readable(bell, 10000));
		brm_bell_clear(bell);
	}
	ck_assert_int_eq(brm_bell_resume(bell, reader), 0);
	ck_assert(!is_readable(bell, 20));
	change();
	ck_assert(is_readable(bell, 10000));
	brm_bell_close(bell);
	brm_reader_close(dying);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("wait");
	TCase *tcase = tcase_create("wait");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_happened_since_the_sample_ends_the_wait_at_once);
	tcase_add_test(tcase, a_sleeper_is_woken_by_the_bell);
	tcase_add_test(tcase, who_waits_for_one_process_sleeps_through_the_others);
	tcase_add_test(tcase, a_close_ends_every_wait);
	tcase_add_test(tcase, a_new_region_ends_every_wait_on_the_old);
	tcase_add_test(tcase, a_signal_ends_a_wait);
	tcase_add_test(tcase, the_death_of_the_writer_wakes_every_sleeper);
	tcase_add_test(tcase, a_bell_makes_a_descriptor_readable);
	tcase_add_test(tcase, a_bell_stays_readable_after_the_death);
	suite_add_tcase(suite, tcase);
	return suite;
}
