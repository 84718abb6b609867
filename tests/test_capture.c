/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/logs.h>
#include <brummer/wait.h>

#include "engine/stop.h"
#include "engine/tag.h"
#include "tests/capture_help.h"
#include "tests/shm_help.h"

START_TEST(both_streams_are_stored_as_they_were_written)
{
	struct spawn_result run = cap_start(1, "web", "printf 'a\\0b\\n\\n'; printf 'oops\\n' >&2; printf 'end'");
	struct brm_log_line lines[8];
	size_t length;

	cap_finish(&run);
	ck_assert_int_eq(memcmp(cap_text("web", BRM_OUT, &length), "a\0b\n\nend", 8), 0);
	ck_assert_uint_eq(length, 8);
	cap_ck_text("web", BRM_ERR, "oops\n");
	ck_assert_uint_eq(cap_lines("web", lines, 8), 4);
	ck_assert_uint_eq(lines[0].flags, BRM_LINE_NEW_RUN);
}
END_TEST

START_TEST(twenty_megabytes_of_several_writers_are_all_there)
{
	static const char *const ids[] = {"a", "b", "c", "d"};
	struct spawn_result runs[2];
	size_t length;

	for (uint32_t i = 0; i < 2; i++) {
		char line[600];

		snprintf(line, sizeof line, "for i in a b c d; do %s $i 50000 50 & done; wait", cap_program("numbers"));
		runs[i] = cap_start(i + 1, i ? "two" : "one", line);
	}
	for (int i = 0; i < 2; i++) {
		const char *text;

		cap_finish(&runs[i]);
		text = cap_text(i ? "two" : "one", BRM_OUT, &length);
		ck_assert_uint_eq(length, 4 * 50000 * 50);
		for (int id = 0; id < 4; id++)
			ck_assert_int_eq(cap_count_numbers(text, ids[id]), 50000);
	}
}
END_TEST

START_TEST(an_exit_is_reported_after_all_that_the_pipe_held)
{
	struct spawn_result run = cap_start(1, "web", "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done");
	struct brm_log_line lines[600];

	cap_finish(&run);
	ck_assert_uint_eq(cap_lines("web", lines, 600), 500);
}
END_TEST

START_TEST(a_store_is_made_by_the_first_byte)
{
	struct spawn_result run = cap_start(1, "web", "true");
	char path[600];

	snprintf(path, sizeof path, "%s/web", cap_state);
	cap_finish(&run);
	ck_assert_int_ne(access(path, F_OK), 0);
	run = cap_start(2, "web", "echo");
	cap_finish(&run);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(a_child_that_closes_its_output_goes_on)
{
	struct spawn_result run = cap_start(1, "web", "echo bye; exec >&- 2>&-; sleep 0.2; exit 3");
	struct ended ended;

	ck_assert(help_readable(run.pidfd));
	ck_assert_int_eq(keeperlink_status(cap_keeper, run.pid, &ended), 0);
	ck_assert_int_eq(ended.code, 3);
	cap_finish(&run);
	cap_ck_text("web", BRM_OUT, "bye\n");
}
END_TEST

static bool has_late(void *arg)
{
	size_t length;

	(void)arg;
	return strstr(cap_text("web", BRM_OUT, &length), "late\n") != NULL;
}

static bool all_are_reaped(void *arg)
{
	(void)arg;
	errno = 0;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	return errno == ECHILD;
}

START_TEST(what_descendants_write_after_the_exit_is_captured_too)
{
	struct spawn_result run = cap_start(1, "web", "(sleep 0.3; echo late) & echo done");

	cap_finish(&run);
	cap_ck_text("web", BRM_OUT, "done\n");
	ck_assert(help_until(has_late, NULL));
	ck_assert(help_until(all_are_reaped, NULL)); /* it wrote, and then it ends */
}
END_TEST

START_TEST(a_descendant_that_never_stops_writing_does_not_hold_up_the_exit)
{
	struct spawn_result run = cap_start(1, "web", "yes & echo $!; sleep 0.1");
	struct sweeper *sweeper;
	struct swept swept;

	cap_finish(&run);
	ck_assert_int_eq(sweeper_open(&sweeper), 0);
	ck_assert_int_eq(sweeper_submit(sweeper, 1, tag_make(help_instance(), 1), run.pid), 0);
	ck_assert(help_readable(sweeper_fd(sweeper)));
	ck_assert_int_eq(sweeper_next(sweeper, &swept), 1);
	ck_assert_int_eq(swept.killed, 1);
	sweeper_close(sweeper);
	capture_forget(cap_capture, 1);
}
END_TEST

static bool has_all_lines(void *arg)
{
	struct brm_log_line lines[302];

	(void)arg;
	return cap_lines("web", lines, 302) == 301;
}

START_TEST(an_awaited_line_is_one_of_the_run_wherever_that_begins)
{
	struct spawn_request *request =
		help_shell(2, "/", "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; read x");
	struct spawn_result run = cap_start(1, "web", "echo ready");
	struct drained report;

	cap_finish(&run);
	request->stdin_pipe = true;
	run = cap_start_request(request, "web");
	ck_assert(help_until(has_all_lines, NULL));
	ck_assert_int_eq(capture_expect(cap_capture, 2, "^ready$"), 0);
	ck_assert_int_eq(capture_expect(cap_capture, 2, "^line 0$"), 0);
	ck_assert(help_readable(capture_fd(cap_capture)));
	ck_assert(capture_next(cap_capture, &report));
	ck_assert_int_eq(report.kind, DRAINED_MATCH);
	ck_assert_int_eq(write(run.fds.in, "\n", 1), 1);
	ck_assert_int_eq(cap_finish(&run).kind, DRAINED_EXIT);
}
END_TEST

/* The first `max` lines of the store, which may not be there yet: how many there are. */
static size_t stored(struct brm_log_line *lines, size_t max)
{
	struct brm_log *log;

	if (brm_log_open(cap_state, "web", &log) != 0)
		return 0;
	brm_log_close(log);
	return cap_lines("web", lines, max);
}

static bool has_two(void *arg)
{
	struct brm_log_line lines[4];

	(void)arg;
	return stored(lines, 4) == 2;
}

static bool holds_none(void *arg)
{
	(void)arg;
	return cap_descriptors() == 0;
}

START_TEST(a_quiet_process_holds_no_files_and_goes_on_with_its_next_byte)
{
	struct spawn_request *request = help_shell(1, "/", "echo error: one >&2; echo two; read x; echo three");
	struct brm_log_line lines[8];
	struct spawn_result run;

	request->stdin_pipe = true;
	run = cap_start_request(request, "web");
	ck_assert(help_until(has_two, NULL));
	ck_assert_uint_gt(cap_descriptors(), 0);
	ck_assert(help_until(holds_none, NULL));
	ck_assert_int_eq(write(run.fds.in, "\n", 1), 1);
	ck_assert_str_eq(cap_finish(&run).last_error, "error: one");
	cap_ck_text("web", BRM_OUT, "two\nthree\n");
	ck_assert_uint_eq(cap_lines("web", lines, 8), 3);
	ck_assert_uint_eq(lines[2].flags, 0);
}
END_TEST

#define CROWD       300u
#define CROWD_TURNS 6u
#define CROWD_HELD  16u /* stores, with so few descriptors as the test allows */

/* Has the capture taken everything? */
static bool is_taken(void *arg)
{
	int(*pipes)[2] = arg;

	for (unsigned i = 0; i < CROWD; i++) {
		int held = 0;

		ck_assert_int_eq(ioctl(pipes[i][1], FIONREAD, &held), 0);
		if (held > 0)
			return false;
	}
	return true;
}

static void ck_crowd(unsigned i)
{
	char name[32], expected[CROWD_TURNS * 64] = "";
	struct brm_log_line lines[2 * CROWD_TURNS];

	snprintf(name, sizeof name, "p%u", i);
	for (unsigned turn = 0; turn < CROWD_TURNS; turn++)
		snprintf(expected + strlen(expected), 64, "turn %u of %u\n", turn, i);
	cap_ck_text(name, BRM_OUT, expected);
	ck_assert_uint_eq(cap_lines(name, lines, 2 * CROWD_TURNS), CROWD_TURNS);
	for (unsigned turn = 0; turn < CROWD_TURNS; turn++)
		ck_assert_uint_eq(lines[turn].flags, turn == 0 ? BRM_LINE_NEW_RUN : 0);
}

START_TEST(many_that_write_in_turns_share_few_descriptors)
{
	const struct rlimit limit = {1024, 1024};
	static int pipes[CROWD][2];
	char name[32];

	capture_close(cap_capture);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cap_open();
	for (unsigned i = 0; i < CROWD; i++) {
		ck_assert_int_eq(pipe2(pipes[i], O_CLOEXEC), 0);
		snprintf(name, sizeof name, "p%u", i);
		ck_assert_int_eq(capture_add(cap_capture, i + 1, 0, name,
					     (struct run_fds){.in = -1, .out = pipes[i][0], .err = -1}),
				 0);
	}
	for (unsigned turn = 0; turn < CROWD_TURNS; turn++) {
		for (unsigned i = 0; i < CROWD; i++)
			dprintf(pipes[i][1], "turn %u of %u\n", turn, i);
		ck_assert(help_until(is_taken, pipes));
		ck_assert_uint_le(cap_descriptors(), CROWD_HELD * 5);
	}
	for (unsigned i = 0; i < CROWD; i++) {
		close(pipes[i][1]);
		cap_drained(i + 1);
	}
	for (unsigned i = 0; i < CROWD; i++)
		ck_crowd(i);
}
END_TEST

static bool has_prompt(void *arg)
{
	struct brm_log_line lines[4];

	(void)arg;
	return stored(lines, 4) == 1 && lines[0].length == 6 && lines[0].flags & BRM_LINE_NO_NEWLINE;
}

START_TEST(a_prompt_is_shown_though_its_line_does_not_end)
{
	struct spawn_request *request = help_shell(1, "/", "printf 'name? '; read x; echo hello $x");
	struct spawn_result run;

	request->stdin_pipe = true;
	run = cap_start_request(request, "web");
	ck_assert(help_until(has_prompt, NULL));
	ck_assert_int_eq(write(run.fds.in, "you\n", 4), 4);
	cap_finish(&run);
	cap_ck_text("web", BRM_OUT, "name? hello you\n");
}
END_TEST

START_TEST(a_terminals_output_is_one_stream)
{
	struct spawn_request *request = help_shell(1, "/", "echo out; echo err >&2; stty -opost; printf 'raw\\n'");
	struct spawn_result run;

	request->tty = true;
	run = cap_start_request(request, "web");
	cap_finish(&run);
	cap_ck_text("web", BRM_OUT, "out\r\nerr\r\nraw\n");
	cap_ck_text("web", BRM_ERR, "");
}
END_TEST

START_TEST(a_terminals_output_is_whole_when_it_is_much)
{
	char line[600];
	struct spawn_request *request;
	struct spawn_result run;
	size_t length;

	snprintf(line, sizeof line, "stty -opost; exec %s a 20000 50", cap_program("numbers"));
	request = help_shell(1, "/", line);
	request->tty = true;
	run = cap_start_request(request, "web");
	cap_finish(&run);
	ck_assert_int_eq(cap_count_numbers(cap_text("web", BRM_OUT, &length), "a"), 20000);
	ck_assert_uint_eq(length, 20000 * 50);
}
END_TEST

START_TEST(the_newest_error_line_comes_with_the_exit)
{
	struct spawn_result run = cap_start(1, "web", "echo fine; echo 'ERROR: no more paper' >&2; echo fine");

	ck_assert_str_eq(cap_finish(&run).last_error, "ERROR: no more paper");
	run = cap_start(2, "web", "echo fine");
	ck_assert_str_eq(cap_finish(&run).last_error, "");
}
END_TEST

START_TEST(runs_of_a_name_share_a_store_and_each_new_one_is_marked)
{
	struct brm_log_line lines[8];
	struct spawn_result run = cap_start(1, "web", "echo one; echo more");

	cap_finish(&run);
	run = cap_start(2, "web", "echo two");
	cap_finish(&run);
	run = help_spawn(cap_spawner, help_shell(3, "/", "echo three"));
	ck_assert_int_eq(capture_adopt(cap_capture, 3, 0, "web", run.fds), 0);
	run.fds.out = run.fds.err = -1;
	cap_finish(&run);
	ck_assert_uint_eq(cap_lines("web", lines, 8), 4);
	ck_assert_uint_eq(lines[0].flags, BRM_LINE_NEW_RUN);
	ck_assert_uint_eq(lines[1].flags, 0);
	ck_assert_uint_eq(lines[2].flags, BRM_LINE_NEW_RUN);
	ck_assert_uint_eq(lines[3].flags, 0);
}
END_TEST

/* The keeper holds a duplicate of every pipe: what is closed here must not go on to be read here. */
START_TEST(a_pipe_that_was_forgotten_is_left_alone)
{
	struct spawn_request *request = help_shell(1, "/", "echo one; read x; echo two; sleep 0.3");
	struct spawn_result run;
	char text[16];
	int keepers;
	clock_t used;

	request->stdin_pipe = true;
	run = help_spawn(cap_spawner, request);
	keepers = dup(run.fds.out);
	ck_assert_int_eq(capture_add(cap_capture, 1, 0, "web", run.fds), 0);
	run.fds.out = run.fds.err = -1;
	cap_drained(1);
	capture_forget(cap_capture, 1);
	cap_drained(1);
	used = clock();
	ck_assert_int_eq(write(run.fds.in, "\n", 1), 1);
	ck_assert(help_readable(run.pidfd)); /* what it wrote lies there for 0.3 s */
	ck_assert_int_lt(clock() - used, CLOCKS_PER_SEC / 10);
	cap_drained(1);
	help_read(keepers, text, sizeof text);
	ck_assert_ptr_nonnull(strstr(text, "two\n"));
	close(keepers);
	cap_finish(&run);
}
END_TEST

START_TEST(a_run_that_nobody_captures_is_drained_all_the_same)
{
	ck_assert_str_eq(cap_drained(77).last_error, "");
	capture_forget(cap_capture, 78);
}
END_TEST

START_TEST(a_released_name_loses_its_files_when_asked)
{
	struct spawn_result run = cap_start(1, "web", "echo one");
	struct brm_log *log;

	cap_finish(&run);
	capture_forget(cap_capture, 1);
	capture_release(cap_capture, "web", true);
	capture_release(cap_capture, "never", true);
	cap_drained(1); /* what was asked before is done */
	ck_assert_int_eq(brm_log_open(cap_state, "web", &log), -ENOENT);
	run = cap_start(2, "web", "echo two");
	cap_finish(&run);
	cap_ck_text("web", BRM_OUT, "two\n");
}
END_TEST

/* A region of its own for the capture, with one process in it. */
static struct brm_writer *writer;
static struct brm_reader *reader;
static struct brm_handle web;

static void open_region(void)
{
	uint32_t entry;

	capture_close(cap_capture);
	writer = shm_writer("capture", (struct brm_writer_options){.capacity = 16});
	entry = shm_add(writer, "web", BRM_RUNNING);
	ck_assert_uint_eq(entry, 0);
	brm_writer_commit(writer);
	reader = shm_reader("capture");
	ck_assert_int_eq(brm_reader_find(reader, "web", &web), 0);
	ck_assert_int_eq(capture_open(writer, cap_state, &cap_capture), 0);
}

static void close_region(void)
{
	capture_close(cap_capture);
	brm_reader_close(reader);
	brm_writer_close(writer);
	cap_open();
}

START_TEST(a_viewer_that_sleeps_is_woken_by_output_and_sees_it)
{
	struct spawn_request *request = help_shell(1, "/", "read x; echo one; echo two");
	struct brm_log_mark mark = {.lines = 0};
	struct brm_ticket ticket;
	struct spawn_result run;

	open_region();
	request->stdin_pipe = true;
	run = cap_start_request(request, "web");
	SHM_UNTIL(brm_reader_log_mark(reader, web, &mark) == 0); /* what there was before is shown at once */
	brm_wait_sample(reader, &ticket);
	ck_assert_int_eq(write(run.fds.in, "\n", 1), 1);
	ck_assert_int_eq(brm_wait(reader, &ticket, BRM_WAIT_LOGS, INT64_C(10000000000)), 0);
	cap_finish(&run);
	ck_assert_int_eq(brm_reader_log_mark(reader, web, &mark), 0);
	ck_assert_uint_eq(mark.lines, 2);
	ck_assert_uint_eq(mark.bytes[BRM_OUT], 8);
	ck_assert_uint_eq(mark.lost_bytes, 0);
	close_region();
}
END_TEST

START_TEST(a_flood_rings_the_bell_a_hundred_times_a_second_and_no_more)
{
	struct brm_ticket before;
	struct brm_ticket after;
	struct spawn_result run;
	char line[600];
	uint64_t begin;
	uint32_t rings;

	open_region();
	snprintf(line, sizeof line, "exec timeout 0.4 %s a 100000000 60", cap_program("numbers"));
	brm_wait_sample(reader, &before);
	begin = shm_now();
	run = cap_start(1, "web", line);
	cap_finish(&run);
	brm_wait_sample(reader, &after);
	rings = after.logbell - before.logbell;
	ck_assert_uint_ge(rings, 3);
	ck_assert_uint_le(rings, (shm_now() - begin) / 10000000 + 2);
	close_region();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("capture");
	TCase *output = tcase_create("output");

	tcase_set_timeout(output, 120);
	tcase_add_checked_fixture(output, cap_set_up, cap_tear_down);
	tcase_add_test(output, an_awaited_line_is_one_of_the_run_wherever_that_begins);
	tcase_add_test(output, a_quiet_process_holds_no_files_and_goes_on_with_its_next_byte);
	tcase_add_test(output, many_that_write_in_turns_share_few_descriptors);
	tcase_add_test(output, both_streams_are_stored_as_they_were_written);
	tcase_add_test(output, twenty_megabytes_of_several_writers_are_all_there);
	tcase_add_test(output, an_exit_is_reported_after_all_that_the_pipe_held);
	tcase_add_test(output, a_store_is_made_by_the_first_byte);
	tcase_add_test(output, a_child_that_closes_its_output_goes_on);
	tcase_add_test(output, what_descendants_write_after_the_exit_is_captured_too);
	tcase_add_test(output, a_descendant_that_never_stops_writing_does_not_hold_up_the_exit);
	tcase_add_test(output, a_prompt_is_shown_though_its_line_does_not_end);
	tcase_add_test(output, a_terminals_output_is_one_stream);
	tcase_add_test(output, a_terminals_output_is_whole_when_it_is_much);
	tcase_add_test(output, the_newest_error_line_comes_with_the_exit);
	tcase_add_test(output, runs_of_a_name_share_a_store_and_each_new_one_is_marked);
	tcase_add_test(output, a_pipe_that_was_forgotten_is_left_alone);
	tcase_add_test(output, a_run_that_nobody_captures_is_drained_all_the_same);
	tcase_add_test(output, a_released_name_loses_its_files_when_asked);
	tcase_add_test(output, a_viewer_that_sleeps_is_woken_by_output_and_sees_it);
	tcase_add_test(output, a_flood_rings_the_bell_a_hundred_times_a_second_and_no_more);
	suite_add_tcase(suite, output);
	return suite;
}
