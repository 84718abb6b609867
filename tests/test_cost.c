/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <brummer/wait.h>

#include "tests/shm_help.h"

/*
 * What a read costs beside time: nothing. The allocator is wrapped by the linker, and the kernel refuses every system
 * call but exit and the counting ones.
 */

static uint64_t allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

static struct brm_writer *writer;
static struct brm_reader *reader;

static void setup(void)
{
	const struct brm_strings urls = {.first = "http://a/", .count = 1, .size = 10};
	const uint16_t port = 80;
	struct brm_state state;
	uint32_t entry;

	writer = shm_writer("cost", (struct brm_writer_options){.capacity = 0});
	reader = shm_reader("cost");
	entry = shm_add(writer, "web", BRM_RUNNING);
	state = shm_state(writer, entry);
	ck_assert_int_eq(brm_writer_urls(writer, &urls, &state.urls), 0);
	ck_assert_int_eq(brm_writer_ports(writer, &port, 1, &state.ports), 0);
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
	brm_writer_event(writer, &(struct brm_event){.entry = entry, .identity = state.identity});
	brm_writer_metrics(writer, entry, &(struct brm_metrics){.time_ns = 1});
	brm_writer_log_mark(writer, entry, &(struct brm_log_mark){.lines = 1});
	brm_writer_commit(writer);
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
}

/* Every function that reads; the number of the first that failed, 0 for none. */
static int read_everything(void)
{
	static char buf[4096];
	struct brm_event events[4];
	struct brm_identity identity;
	struct brm_strings urls;
	struct brm_metrics metrics;
	struct brm_log_mark mark;
	struct brm_handle handle;
	struct brm_ticket ticket;
	struct brm_state state;
	struct brm_cut cut;
	uint64_t cursor = 0, missed, epoch;
	uint32_t entries[4];
	uint16_t ports[4];

	brm_wait_sample(reader, &ticket);
	if (brm_reader_lifecycle(reader) != BRM_LIFE_LIVE || brm_reader_used(reader) != 1 ||
	    brm_reader_epoch(reader) != 1)
		return 1;
	if (brm_reader_peek(reader, 0) == 0 || brm_reader_state(reader, 0, &state) != 0)
		return 2;
	if (brm_reader_find(reader, "web", &handle) != 0 || brm_reader_find(reader, "none", &handle) != -ENOENT)
		return 3;
	if (brm_reader_status(reader, handle) != BRM_RUNNING)
		return 4;
	if (brm_reader_list(reader, &state, entries, 1, &cut) != 1 || !cut.consistent)
		return 5;
	if (brm_reader_changed(reader, 0, entries, 4, &epoch) != 1)
		return 6;
	if (brm_reader_identity(reader, &state, buf, sizeof buf, &identity) != 0 ||
	    brm_reader_name(reader, &state, buf) != 0)
		return 7;
	if (brm_reader_urls(reader, &state, buf, sizeof buf, &urls) != 0 || urls.count != 1 ||
	    brm_reader_ports(reader, &state, ports, 4) != 1)
		return 8;
	if (brm_reader_metrics(reader, handle, &metrics) != 0 || brm_reader_log_mark(reader, handle, &mark) != 0)
		return 9;
	if (brm_events_read(reader, &cursor, events, 4, &missed) != 1 || brm_event_name(reader, &events[0], buf) != 0)
		return 10;
	return 0;
}

START_TEST(a_read_allocates_nothing)
{
	uint64_t before = allocations;
	int rc = read_everything();
	uint64_t after = allocations; /* asserts allocate */

	ck_assert_int_eq(rc, 0);
	ck_assert_uint_gt(before, 0);
	ck_assert_uint_eq(after, before);
}
END_TEST

/* From here on this thread may do nothing but end. */
static int forbid_system_calls(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {sizeof rules / sizeof *rules, rules};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : -errno;
}

static void read_forbidden(const char *stem)
{
	int rc;

	(void)stem;
	shm_ready();
	read_everything();
	if (forbid_system_calls() != 0)
		syscall(SYS_exit_group, 77);
	rc = read_everything();
	syscall(SYS_exit_group, rc);
}

START_TEST(a_read_makes_no_system_call)
{
	int status = shm_wait_exit(shm_child(read_forbidden, "cost"));

	if (status == 77)
		printf("# skipped: no seccomp here\n");
	else
		ck_assert_int_eq(status, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cost");
	TCase *tcase = tcase_create("cost");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_read_allocates_nothing);
	tcase_add_test(tcase, a_read_makes_no_system_call);
	suite_add_tcase(suite, tcase);
	return suite;
}
