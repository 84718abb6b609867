/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libshm/alive.h"
#include "libshm/reading.h"
#include "tests/shm_help.h"

static struct brm_reader *reader;
static pid_t pid;

static int32_t keeper;

static void write_and_sleep(const char *stem)
{
	struct brm_writer *writer = shm_writer(stem, (struct brm_writer_options){.keeper_pid = keeper});

	shm_add(writer, "web", BRM_RUNNING);
	brm_writer_commit(writer);
	shm_ready();
	for (;;)
		pause();
}

static void setup(void)
{
	keeper = 0;
	pid = shm_child(write_and_sleep, "alive");
	reader = shm_reader("alive");
}

static void teardown(void)
{
	if (pid > 0)
		shm_kill(pid);
	brm_reader_close(reader);
}

static void kill_writer(void)
{
	shm_kill(pid);
	pid = 0;
}

START_TEST(a_sleeping_writer_is_live)
{
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_LIVE);
	ck_assert_str_eq(brm_liveness_word(BRM_LIVE), "live");
}
END_TEST

START_TEST(a_stopped_writer_is_unresponsive)
{
	int status;

	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_UNRESPONSIVE);
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	SHM_UNTIL(brm_reader_liveness(reader) == BRM_LIVE);
}
END_TEST

START_TEST(a_killed_writer_is_dead_and_its_states_are_readable)
{
	struct brm_state state;

	kill_writer();
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_DEAD);
	ck_assert_int_eq(brm_reader_state(reader, 0, &state), 0);
	ck_assert_int_eq(brm_state_status(&state), BRM_RUNNING);
}
END_TEST

START_TEST(a_dead_writer_is_not_taken_for_who_has_its_pid)
{
	kill_writer();
	reader->info.engine_pid = getpid();
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_DEAD);
	reader->info.keeper_pid = getpid(); /* started at another time than the header says */
	reader->info.keeper_start = 1;
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_DEAD);
}
END_TEST

START_TEST(a_keeper_that_lives_will_start_it_again)
{
	struct alive_process process;

	kill_writer();
	ck_assert_int_eq(alive_process(getpid(), &process), 0);
	reader->info.keeper_pid = getpid();
	reader->info.keeper_start = process.start;
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_RESTARTING);
	reader->info.pid_namespace++; /* its pids mean nothing here */
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_DEAD);
	reader->info.pid_namespace--;
	reader->info.boot_id[0] ^= 1; /* nor do its times */
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_DEAD);
}
END_TEST

START_TEST(without_the_owner_word_the_lock_tells)
{
	struct brm_writer *writer = shm_writer("lock", (struct brm_writer_options){.capacity = 0});
	struct brm_reader *mine = shm_reader("lock");

	ck_assert(alive_is_locked(mine->map.fd));
	ck_assert_int_eq(brm_reader_liveness(mine), BRM_LIVE);
	brm_writer_abandon(writer); /* the word still names this thread, which lives */
	ck_assert(!alive_is_locked(mine->map.fd));
	ck_assert_int_eq(brm_reader_liveness(mine), BRM_DEAD);
	brm_reader_close(mine);
}
END_TEST

/* A lock of the classic kind would be gone now. */
START_TEST(the_lock_survives_an_open_and_close_of_the_file)
{
	struct brm_writer *writer = shm_writer("lock", (struct brm_writer_options){.capacity = 0});
	char path[256];
	int fd;

	snprintf(path, sizeof path, "/dev/shm%s", test_region("lock"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert(alive_is_locked(fd));
	close(fd);
	brm_writer_close(writer);
}
END_TEST

START_TEST(a_turn_that_takes_too_long_is_unresponsive)
{
	struct brm_writer *writer = shm_writer("busy", (struct brm_writer_options){.capacity = 0});
	struct brm_reader *mine = shm_reader("busy");
	struct layout_life *life = map_life(&mine->map);
	uint64_t began;

	brm_writer_busy(writer, true);
	ck_assert_int_eq(brm_reader_liveness(mine), BRM_LIVE);
	began = atomic_load(&life->busy_since_ns);
	ck_assert_uint_ne(began, 0);
	SHM_UNTIL(alive_monotonic_ns() > began + ALIVE_BUSY_LIMIT_NS);
	ck_assert_int_eq(brm_reader_liveness(mine), BRM_UNRESPONSIVE);
	brm_writer_busy(writer, false);
	ck_assert_int_eq(brm_reader_liveness(mine), BRM_LIVE);
	brm_reader_close(mine);
	brm_writer_close(writer);
}
END_TEST

START_TEST(start_times_are_read_past_any_name)
{
	struct alive_process before, after;

	ck_assert_int_eq(alive_process(getpid(), &before), 0);
	ck_assert_uint_ne(before.start, 0);
	prctl(PR_SET_NAME, ") Z 1 2 (");
	ck_assert_int_eq(alive_process(getpid(), &after), 0);
	ck_assert_uint_eq(after.start, before.start);
	ck_assert_int_eq(after.state, 'R');
	ck_assert_int_eq(alive_process(0x7ffffffe, &after), -ENOENT);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("alive");
	TCase *tcase = tcase_create("alive");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_sleeping_writer_is_live);
	tcase_add_test(tcase, a_stopped_writer_is_unresponsive);
	tcase_add_test(tcase, a_killed_writer_is_dead_and_its_states_are_readable);
	tcase_add_test(tcase, a_dead_writer_is_not_taken_for_who_has_its_pid);
	tcase_add_test(tcase, a_keeper_that_lives_will_start_it_again);
	tcase_add_test(tcase, without_the_owner_word_the_lock_tells);
	tcase_add_test(tcase, the_lock_survives_an_open_and_close_of_the_file);
	tcase_add_test(tcase, a_turn_that_takes_too_long_is_unresponsive);
	tcase_add_test(tcase, start_times_are_read_past_any_name);
	suite_add_tcase(suite, tcase);
	return suite;
}
