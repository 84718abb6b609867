/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/metrics.h"
#include "tests/shm_help.h"

/* What the thread of the metrics says of real processes; there is no supervisor. */

#define TAG     77u /* nobody has it here: processes are found by their session */
#define WAIT_MS 15000

static struct brm_writer *writer;
static struct brm_reader *reader;
static struct metrics *metrics;
static uint32_t entry;
static pid_t leader;

/* A program of the tests as the leader of a session. */
static pid_t start(const char *program, const char *arg)
{
	const char *build = getenv("top_builddir");
	char path[512];
	pid_t pid;

	snprintf(path, sizeof path, "%s/%s", build ? build : ".", program);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	close(STDOUT_FILENO);
	execl(path, program, arg, (char *)NULL);
	_exit(127);
}

static void end(pid_t session)
{
	kill(-session, SIGKILL);
	kill(session, SIGKILL); /* it may not lead one yet */
	ck_assert_int_eq(waitpid(session, NULL, 0), session);
}

static uint32_t threads_of(pid_t pid)
{
	uint32_t threads = 0;
	char line[256];
	FILE *status;

	snprintf(line, sizeof line, "/proc/%d/status", (int)pid);
	status = fopen(line, "re");
	ck_assert_ptr_nonnull(status);
	while (fgets(line, sizeof line, status) && sscanf(line, "Threads: %u", &threads) != 1)
		continue;
	fclose(status);
	return threads;
}

/* Of "listen" and its child: 2, and those of a sanitizer. */
static uint32_t threads_of_listen(void)
{
	char path[64];
	FILE *children;
	int child = 0;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)leader, (int)leader);
	children = fopen(path, "re");
	ck_assert_ptr_nonnull(children);
	ck_assert_int_eq(fscanf(children, "%d", &child), 1);
	fclose(children);
	return threads_of(leader) + threads_of(child);
}

static struct measured await(enum measured_kind kind)
{
	struct pollfd ready = {.fd = metrics_fd(metrics), .events = POLLIN};
	struct measured measured;

	for (;;) {
		while (metrics_next(metrics, &measured))
			if (measured.kind == kind)
				return measured;
		ck_assert_int_eq(poll(&ready, 1, WAIT_MS), 1);
	}
}

static int read_sample(struct brm_metrics *out)
{
	struct brm_state state = shm_state(writer, entry);
	struct brm_handle handle = {.entry = entry, .tenant = brm_head_tenant(state.head)};

	return brm_reader_metrics(reader, handle, out);
}

/* A sample of at least so many processes (0: of none any more). */
static struct brm_metrics await_sample(uint32_t processes)
{
	struct brm_metrics sample = {0};

	for (int i = 0; i < WAIT_MS / 10; i++) {
		if (read_sample(&sample) == 0 && sample.time_ns > 0 &&
		    (processes ? sample.processes >= processes : sample.processes == 0))
			return sample;
		poll(NULL, 0, 10);
	}
	ck_abort_msg("there is no such sample");
	return sample;
}

static void open_all(bool sample)
{
	ck_assert_int_eq(metrics_open(writer, TAG, sample, &metrics), 0);
}

static void set_up(void)
{
	writer = shm_writer("metrics", (struct brm_writer_options){0});
	entry = shm_add(writer, "web", BRM_RUNNING);
	reader = shm_reader("metrics");
}

static void tear_down(void)
{
	metrics_close(metrics);
	metrics = NULL;
	brm_reader_close(reader);
	brm_writer_close(writer);
}

START_TEST(test_a_tree_is_sampled_and_its_ports_are_found)
{
	struct measured measured;
	struct brm_metrics sample;

	open_all(true);
	leader = start("listen", "32");
	metrics_add(metrics, 1, entry, leader, 0);
	measured = await(MEASURED_PORTS);
	ck_assert_uint_eq(measured.serial, 1);
	ck_assert_uint_eq(measured.count, 1);
	ck_assert_uint_gt(measured.ports[0], 0);
	sample = await_sample(2);
	ck_assert_uint_eq(sample.processes, 2);
	ck_assert_uint_eq(sample.threads, threads_of_listen());
	ck_assert_uint_ge(sample.files, 6);
	ck_assert_uint_ge(sample.memory_bytes, UINT64_C(32) << 20);
	ck_assert_uint_lt(sample.memory_bytes, UINT64_C(128) << 20);
	end(leader);
	metrics_look(metrics, 1);
	ck_assert_uint_eq(await(MEASURED_PORTS).count, 0);
	metrics_remove(metrics, 1);
	sample = await_sample(0);
	ck_assert_uint_eq(sample.memory_bytes, 0);
}
END_TEST

START_TEST(test_more_memory_than_the_limit_is_told_once)
{
	struct measured measured;

	open_all(true);
	leader = start("listen", "48");
	metrics_add(metrics, 5, entry, leader, UINT64_C(40) << 20);
	measured = await(MEASURED_MEMORY);
	ck_assert_uint_eq(measured.serial, 5);
	await_sample(2);
	poll(NULL, 0, 1100); /* another round */
	while (metrics_next(metrics, &measured))
		ck_assert_int_ne(measured.kind, MEASURED_MEMORY);
	end(leader);
}
END_TEST

START_TEST(test_without_samples_ports_are_found_all_the_same)
{
	struct brm_metrics sample;

	open_all(false);
	leader = start("listen", "1");
	metrics_add(metrics, 1, entry, leader, 0);
	ck_assert_uint_eq(await(MEASURED_PORTS).count, 1);
	ck_assert_int_eq(read_sample(&sample), -ENOENT);
	end(leader);
}
END_TEST

START_TEST(test_work_is_seen_as_processor_time)
{
	struct brm_metrics sample = {0};

	open_all(true);
	leader = fork();
	if (leader == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		for (volatile unsigned long i = 0;; i++)
			continue;
	}
	metrics_add(metrics, 1, entry, leader, 0);
	for (int i = 0; i < WAIT_MS / 10 && sample.cpu_permille < 100; i++) {
		poll(NULL, 0, 10);
		read_sample(&sample);
	}
	ck_assert_uint_ge(sample.cpu_permille, 100);
	ck_assert_uint_le(sample.cpu_permille, 1500);
	end(leader);
}
END_TEST

START_TEST(test_runs_that_come_and_go_leave_nothing)
{
	open_all(true);
	for (uint32_t serial = 1; serial < 40; serial++) {
		leader = start("listen", "0");
		metrics_add(metrics, serial, entry, leader, 0);
		end(leader);
		if (serial % 2)
			metrics_remove(metrics, serial);
	}
	metrics_remove(metrics, 1000);
	metrics_look(metrics, 1000);
	metrics_close(metrics);
	metrics = NULL;
	metrics_add(NULL, 1, 0, 1, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_set_timeout(tcase, 40);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_a_tree_is_sampled_and_its_ports_are_found);
	tcase_add_test(tcase, test_more_memory_than_the_limit_is_told_once);
	tcase_add_test(tcase, test_without_samples_ports_are_found_all_the_same);
	tcase_add_test(tcase, test_work_is_seen_as_processor_time);
	tcase_add_test(tcase, test_runs_that_come_and_go_leave_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
