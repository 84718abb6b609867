/* SPDX-License-Identifier: MIT */
#include "clients/common/source.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brummer/wait.h>
#include <brummer/writer.h>

#include "tests/check_main.h"
#include "tests/shm_help.h"

static struct source *source;
static struct snapshot snapshot;

static void setup(void)
{
	memset(&snapshot, 0, sizeof snapshot);
	unsetenv("BRUMMER_READ_PATH");
}

static void attach(const char *stem)
{
	ck_assert_int_eq(source_open(shm_instance(stem), READ_SHM, &source), 0);
}

static void look(void)
{
	ck_assert_int_eq(source_snapshot(source, &snapshot), 0);
}

static void detach(void)
{
	snapshot_finish(&snapshot);
	source_close(source);
}

static int open_bell(void)
{
	int bell = source_bell(source, BRM_WAIT_STATES);

	ck_assert_int_ge(bell, 0);
	return bell;
}

/* Does the bell ring within so many milliseconds? Clears it. */
static bool rings(int bell, int ms)
{
	struct pollfd fd = {.fd = bell, .events = POLLIN};
	bool rang = poll(&fd, 1, ms) > 0;

	if (rang)
		source_bell_clear(source);
	return rang;
}

START_TEST(the_word_of_a_read_path_is_checked)
{
	enum read_path path;

	ck_assert_int_eq(read_path_parse(NULL, &path), 0);
	ck_assert_int_eq(path, READ_SHM);
	setenv("BRUMMER_READ_PATH", "rpc", 1);
	ck_assert_int_eq(read_path_parse(NULL, &path), 0);
	ck_assert_int_eq(path, READ_RPC);
	ck_assert_int_eq(read_path_parse("shm", &path), 0);
	ck_assert_int_eq(path, READ_SHM);
	ck_assert_int_eq(read_path_parse("tcp", &path), -EINVAL);
	setenv("BRUMMER_READ_PATH", "smoke signals", 1);
	ck_assert_int_eq(read_path_parse(NULL, &path), -EINVAL);
	for (int i = READ_SHM; i <= READ_RPC; i++) {
		ck_assert_int_eq(read_path_parse(read_path_word((enum read_path)i), &path), 0);
		ck_assert_int_eq(path, i);
	}
}
END_TEST

START_TEST(nothing_there_is_no_supervisor)
{
	ck_assert_int_eq(source_open(shm_instance("none"), READ_SHM, &source), -ENOENT);
	ck_assert_int_eq(source_open(shm_instance("none"), READ_RPC, &source), -ENOENT);
	source_close(NULL);
}
END_TEST

START_TEST(processes_are_found_by_name_and_by_run)
{
	struct brm_writer *writer = shm_writer("found", (struct brm_writer_options){0});
	struct brm_state state;
	uint32_t entry;

	shm_add(writer, "db", BRM_PENDING);
	entry = shm_add(writer, "web", BRM_RUNNING);
	state = shm_state(writer, entry);
	state.run = 4;
	brm_writer_publish(writer, entry, &state);
	brm_writer_commit(writer);
	attach("found");
	look();
	ck_assert_uint_eq(snapshot.count, 2);
	ck_assert(snapshot.consistent);
	ck_assert_uint_eq(snapshot_find(&snapshot, "web")->entry, entry);
	ck_assert_uint_eq(snapshot_find(&snapshot, "web#4")->entry, entry);
	ck_assert_ptr_null(snapshot_find(&snapshot, "web#3"));
	ck_assert_ptr_null(snapshot_find(&snapshot, "db#0"));
	ck_assert_ptr_null(snapshot_find(&snapshot, "w"));
	detach();
	brm_writer_close(writer);
}
END_TEST

START_TEST(a_change_is_seen_and_rung)
{
	struct brm_writer *writer = shm_writer("change", (struct brm_writer_options){0});
	uint32_t entry = shm_add(writer, "web", BRM_STARTING);
	const struct process *before;
	int bell;

	brm_writer_commit(writer);
	attach("change");
	look();
	bell = open_bell();
	ck_assert_int_eq(source_bell(source, BRM_WAIT_STATES), bell);
	ck_assert_msg(rings(bell, 1000), "it rings at once, for what was missed");
	ck_assert(!source_changed(source, &snapshot));
	ck_assert(!rings(bell, 50));
	shm_set(writer, entry, BRM_RUNNING);
	brm_writer_commit(writer);
	ck_assert(rings(bell, 5000));
	ck_assert(source_changed(source, &snapshot));
	before = snapshot.processes;
	look();
	ck_assert_ptr_eq(snapshot.processes, before); /* its memory is used again */
	ck_assert(brm_state_is_running(&snapshot.processes[0].state));
	ck_assert(!source_changed(source, &snapshot));
	detach();
	brm_writer_close(writer);
}
END_TEST

START_TEST(a_superseding_region_is_followed)
{
	struct brm_writer *writer = shm_writer("grown", (struct brm_writer_options){.capacity = 256});
	char name[16];
	int bell;

	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof name, "p%d", i);
		shm_add(writer, name, BRM_RUNNING);
	}
	brm_writer_commit(writer);
	attach("grown");
	look();
	bell = open_bell();
	ck_assert(rings(bell, 1000));
	ck_assert_int_eq(brm_writer_supersede(writer, 512), 0);
	shm_add(writer, "one more", BRM_RUNNING);
	brm_writer_commit(writer);
	ck_assert(rings(bell, 5000));
	ck_assert(source_changed(source, &snapshot));
	look();
	ck_assert_uint_eq(snapshot.count, 257);
	ck_assert_int_eq(snapshot.liveness, BRM_LIVE);
	ck_assert_ptr_nonnull(snapshot_find(&snapshot, "one more"));
	while (rings(bell, 50))
		;
	shm_add(writer, "another", BRM_RUNNING);
	brm_writer_commit(writer);
	ck_assert_msg(rings(bell, 5000), "the bell does not ring for the new region");
	detach();
	brm_writer_close(writer);
}
END_TEST

static void serve(const char *stem)
{
	struct brm_writer *writer = shm_writer(stem, (struct brm_writer_options){0});

	shm_add(writer, "web", BRM_RUNNING);
	brm_writer_commit(writer);
	shm_ready();
	for (;;)
		pause();
}

START_TEST(the_dead_are_read_and_their_successor_is_found)
{
	pid_t pid = shm_child(serve, "dead");
	int bell;

	attach("dead");
	look();
	ck_assert_int_eq(snapshot.liveness, BRM_LIVE);
	bell = open_bell();
	ck_assert(rings(bell, 1000));
	ck_assert(!rings(bell, 50));
	shm_kill(pid);
	ck_assert_msg(rings(bell, 5000), "nobody noticed the death");
	ck_assert(source_changed(source, &snapshot));
	look();
	ck_assert_int_eq(snapshot.liveness, BRM_DEAD);
	ck_assert_uint_eq(snapshot.count, 1);
	ck_assert_msg(!rings(bell, 100), "a dead supervisor's bell must not ring without pause");
	pid = shm_child(serve, "dead");
	SHM_UNTIL(rings(bell, 2000) && source_snapshot(source, &snapshot) == 0 && snapshot.liveness == BRM_LIVE);
	ck_assert_int_eq(snapshot.info.engine_pid, pid);
	ck_assert(!rings(bell, 50));
	shm_kill(pid);
	ck_assert(rings(bell, 5000));
	detach();
}
END_TEST

/* What walks were given. */
static struct {
	char names[40][BRM_NAME_MAX];
	uint32_t count;
	unsigned parts, forgotten;
} walked;

static void note(const struct snapshot *part, void *arg)
{
	ck_assert_ptr_eq(arg, &walked);
	walked.parts++;
	if (!part) {
		walked.forgotten++;
		walked.count = 0;
		return;
	}
	for (uint32_t i = 0; i < part->count; i++)
		strcpy(walked.names[walked.count++], part->processes[i].identity.name);
}

static void walk(enum source_depth depth)
{
	memset(&walked, 0, sizeof walked);
	ck_assert_int_eq(source_walk(source, &snapshot, depth, note, &walked), 0);
	ck_assert_int_eq(snapshot.liveness, BRM_LIVE);
}

static void add_many(struct brm_writer *writer, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		char name[16];

		snprintf(name, sizeof name, "p%02u", (unsigned)i);
		shm_add(writer, name, BRM_RUNNING);
	}
	brm_writer_commit(writer);
}

static const enum source_depth depths[] = {SOURCE_WHOLE, SOURCE_BRIEF};

START_TEST(a_walk_meets_each_process_once_in_order)
{
	struct brm_writer *writer = shm_writer("walk", (struct brm_writer_options){0});

	attach("walk");
	walk(depths[_i]);
	ck_assert_uint_eq(walked.parts, 1); /* of nobody */
	ck_assert_uint_eq(walked.count, 0);
	add_many(writer, 40);
	walk(depths[_i]);
	ck_assert_uint_eq(walked.count, 40);
	ck_assert_uint_gt(walked.parts, 1);
	ck_assert_uint_eq(walked.forgotten, 0);
	for (uint32_t i = 0; i < 40; i++)
		ck_assert_int_eq(atoi(walked.names[i] + 1), (int)i);
	detach();
	brm_writer_close(writer);
}
END_TEST

START_TEST(a_walk_that_is_out_of_order_begins_again)
{
	struct brm_writer *writer = shm_writer("turned", (struct brm_writer_options){0});
	struct brm_state state;

	add_many(writer, 40);
	ck_assert_int_eq(brm_writer_state(writer, 0, &state), 0);
	state.order = 1000; /* the first entry comes last */
	brm_writer_publish(writer, 0, &state);
	brm_writer_commit(writer);
	attach("turned");
	walk(depths[_i]);
	ck_assert_uint_eq(walked.forgotten, 1);
	ck_assert_uint_eq(walked.count, 40);
	ck_assert_str_eq(walked.names[0], "p01");
	ck_assert_str_eq(walked.names[39], "p00");
	detach();
	brm_writer_close(writer);
}
END_TEST

START_TEST(an_end_in_order_is_seen)
{
	struct brm_writer *writer = shm_writer("end", (struct brm_writer_options){0});
	int bell;

	shm_add(writer, "web", BRM_STOPPED);
	brm_writer_commit(writer);
	attach("end");
	look();
	bell = open_bell();
	ck_assert(rings(bell, 1000));
	brm_writer_close(writer);
	ck_assert(rings(bell, 5000));
	ck_assert(source_changed(source, &snapshot));
	look();
	ck_assert_int_eq(snapshot.liveness, BRM_CLOSED);
	ck_assert_uint_eq(snapshot.count, 1);
	detach();
}
END_TEST

START_TEST(an_empty_region_is_an_empty_list)
{
	struct brm_writer *writer = shm_writer("empty", (struct brm_writer_options){0});

	attach("empty");
	look();
	ck_assert_uint_eq(snapshot.count, 0);
	ck_assert_ptr_null(snapshot_find(&snapshot, "web"));
	detach();
	brm_writer_close(writer);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("source");
	TCase *tcase = tcase_create("shm");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, the_word_of_a_read_path_is_checked);
	tcase_add_test(tcase, nothing_there_is_no_supervisor);
	tcase_add_test(tcase, processes_are_found_by_name_and_by_run);
	tcase_add_test(tcase, a_change_is_seen_and_rung);
	tcase_add_test(tcase, a_superseding_region_is_followed);
	tcase_add_test(tcase, the_dead_are_read_and_their_successor_is_found);
	tcase_add_loop_test(tcase, a_walk_meets_each_process_once_in_order, 0, 2);
	tcase_add_loop_test(tcase, a_walk_that_is_out_of_order_begins_again, 0, 2);
	tcase_add_test(tcase, an_end_in_order_is_seen);
	tcase_add_test(tcase, an_empty_region_is_an_empty_list);
	suite_add_tcase(suite, tcase);
	return suite;
}
