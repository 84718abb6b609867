/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/logs.h>
#include <brummer/logstore.h>

#include "engine/capture.h"
#include "engine/stop.h"
#include "engine/tag.h"
#include "tests/run_help.h"

#define TEXT_MAX (24u << 20)

static struct keeperlink *keeper;
static struct spawner *spawner;
static struct capture *capture;
static char state[512];

static void open_capture(void)
{
	ck_assert_int_eq(capture_open(NULL, state, &capture), 0);
}

static void set_up(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	snprintf(state, sizeof state, "%s/state.XXXXXX", test_dir());
	ck_assert_ptr_nonnull(mkdtemp(state));
	ck_assert_int_eq(keeperlink_open(-1, &keeper), 0);
	ck_assert_int_eq(spawner_open(keeper, &spawner), 0);
	open_capture();
}

static void tear_down(void)
{
	capture_close(capture);
	spawner_close(spawner);
	keeperlink_close(keeper);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	ck_assert_int_eq(errno, ECHILD);
}

/* Start a run whose output is captured under a name. */
static struct spawn_result start_request(struct spawn_request *request, const char *name)
{
	uint32_t serial = request->serial;
	struct spawn_result result = help_spawn(spawner, request);

	ck_assert_int_eq(result.stage, SPAWN_OK);
	ck_assert_int_eq(capture_add(capture, serial, 0, name, result.fds), 0);
	result.fds.out = result.fds.err = -1;
	return result;
}

static struct spawn_result start(uint32_t serial, const char *name, const char *line)
{
	return start_request(help_shell(serial, "/", line), name);
}

static struct drained drained(uint32_t serial)
{
	struct drained report = {.serial = 0};

	capture_drain(capture, serial);
	ck_assert(help_readable(capture_fd(capture)));
	ck_assert(capture_next(capture, &report));
	ck_assert_uint_eq(report.serial, serial);
	return report;
}

/* Wait for the exit, have it drained, reap: as the engine does. */
static struct drained finish(struct spawn_result *result)
{
	struct drained report;

	ck_assert(help_readable(result->pidfd));
	report = drained(result->serial);
	ck_assert_int_eq(keeperlink_reap(keeper, result->pid), 0);
	help_close(result);
	return report;
}

/* The store of a name as a reader of its files sees it. */
static struct brm_log *open_log(const char *name)
{
	struct brm_log *log;

	ck_assert_int_eq(brm_log_open(state, name, &log), 0);
	ck_assert_int_eq(brm_log_refresh(log, NULL), 0);
	return log;
}

static char *text_of(const char *name, enum brm_stream stream, size_t *length)
{
	static char text[TEXT_MAX];
	struct brm_log *log = open_log(name);
	uint64_t first;
	uint64_t end;

	brm_log_stream_range(log, stream, &first, &end);
	ck_assert_uint_lt(end - first, sizeof text);
	*length = 0;
	while (first < end) {
		ssize_t got = brm_log_bytes(log, stream, first, text + *length, end - first);

		ck_assert_int_gt(got, 0);
		first += (uint64_t)got;
		*length += (size_t)got;
	}
	text[*length] = '\0';
	brm_log_close(log);
	return text;
}

static void ck_text(const char *name, enum brm_stream stream, const char *expected)
{
	size_t length;

	ck_assert_str_eq(text_of(name, stream, &length), expected);
}

static size_t lines_of(const char *name, struct brm_log_line *lines, size_t max)
{
	struct brm_log *log = open_log(name);
	ssize_t count = brm_log_lines(log, 0, lines, max);

	brm_log_close(log);
	ck_assert_int_ge(count, 0);
	return (size_t)count;
}

START_TEST(both_streams_are_stored_as_they_were_written)
{
	struct spawn_result run = start(1, "web", "printf 'a\\0b\\n\\n'; printf 'oops\\n' >&2; printf 'end'");
	struct brm_log_line lines[8];
	size_t length;

	finish(&run);
	ck_assert_int_eq(memcmp(text_of("web", BRM_OUT, &length), "a\0b\n\nend", 8), 0);
	ck_assert_uint_eq(length, 8);
	ck_text("web", BRM_ERR, "oops\n");
	ck_assert_uint_eq(lines_of("web", lines, 8), 4);
	ck_assert_uint_eq(lines[0].flags, BRM_LINE_NEW_RUN);
}
END_TEST

/* Lines of `id` are there in order, from `from` on; returns how many. */
static long count_numbers(const char *text, const char *id)
{
	long next = 0;
	char expected[64];
	size_t length = strlen(id) + 9;

	for (const char *at = text; *at;) {
		const char *end = strchr(at, '\n');

		snprintf(expected, sizeof expected, "%s %08ld", id, next);
		if (!end)
			break;
		if (strncmp(at, id, strlen(id)) == 0) {
			ck_assert_int_eq(strncmp(at, expected, length), 0);
			next++;
		}
		at = end + 1;
	}
	return next;
}

static const char *program(const char *name)
{
	static char path[512];
	const char *build = getenv("top_builddir");

	snprintf(path, sizeof path, "%s/%s", build ? build : ".", name);
	return path;
}

START_TEST(twenty_megabytes_of_several_writers_are_all_there)
{
	static const char *const ids[] = {"a", "b", "c", "d"};
	struct spawn_result runs[2];
	size_t length;

	for (uint32_t i = 0; i < 2; i++) {
		char line[600];

		snprintf(line, sizeof line, "for i in a b c d; do %s $i 50000 50 & done; wait", program("numbers"));
		runs[i] = start(i + 1, i ? "two" : "one", line);
	}
	for (int i = 0; i < 2; i++) {
		const char *text;

		finish(&runs[i]);
		text = text_of(i ? "two" : "one", BRM_OUT, &length);
		ck_assert_uint_eq(length, 4 * 50000 * 50);
		for (int id = 0; id < 4; id++)
			ck_assert_int_eq(count_numbers(text, ids[id]), 50000);
	}
}
END_TEST

START_TEST(an_exit_is_reported_after_all_that_the_pipe_held)
{
	struct spawn_result run = start(1, "web", "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done");
	struct brm_log_line lines[600];

	finish(&run);
	ck_assert_uint_eq(lines_of("web", lines, 600), 500);
}
END_TEST

START_TEST(a_child_that_closes_its_output_goes_on)
{
	struct spawn_result run = start(1, "web", "echo bye; exec >&- 2>&-; sleep 0.2; exit 3");
	struct ended ended;

	ck_assert(help_readable(run.pidfd));
	ck_assert_int_eq(keeperlink_status(keeper, run.pid, &ended), 0);
	ck_assert_int_eq(ended.code, 3);
	finish(&run);
	ck_text("web", BRM_OUT, "bye\n");
}
END_TEST

static bool has_late(void *arg)
{
	size_t length;

	(void)arg;
	return strstr(text_of("web", BRM_OUT, &length), "late\n") != NULL;
}

START_TEST(what_descendants_write_after_the_exit_is_captured_too)
{
	struct spawn_result run = start(1, "web", "(sleep 0.3; echo late) & echo done");

	finish(&run);
	ck_text("web", BRM_OUT, "done\n");
	ck_assert(help_until(has_late, NULL));
}
END_TEST

START_TEST(a_descendant_that_never_stops_writing_does_not_hold_up_the_exit)
{
	struct spawn_result run = start(1, "web", "yes & echo $!; sleep 0.1");
	struct sweeper *sweeper;
	struct swept swept;

	finish(&run);
	ck_assert_int_eq(sweeper_open(&sweeper), 0);
	ck_assert_int_eq(sweeper_submit(sweeper, 1, tag_make(HELP_INSTANCE, 1), run.pid), 0);
	ck_assert(help_readable(sweeper_fd(sweeper)));
	ck_assert_int_eq(sweeper_next(sweeper, &swept), 1);
	ck_assert_int_eq(swept.killed, 1);
	sweeper_close(sweeper);
	capture_forget(capture, 1);
}
END_TEST

static bool has_prompt(void *arg)
{
	struct brm_log_line lines[4];
	struct brm_log *log;

	(void)arg;
	if (brm_log_open(state, "web", &log) != 0)
		return false;
	brm_log_close(log);
	return lines_of("web", lines, 4) == 1 && lines[0].length == 6 && lines[0].flags & BRM_LINE_NO_NEWLINE;
}

START_TEST(a_prompt_is_shown_though_its_line_does_not_end)
{
	struct spawn_request *request = help_shell(1, "/", "printf 'name? '; read x; echo hello $x");
	struct spawn_result run;

	request->stdin_pipe = true;
	run = start_request(request, "web");
	ck_assert(help_until(has_prompt, NULL));
	ck_assert_int_eq(write(run.fds.in, "you\n", 4), 4);
	finish(&run);
	ck_text("web", BRM_OUT, "name? hello you\n");
}
END_TEST

START_TEST(a_terminals_output_is_one_stream)
{
	struct spawn_request *request = help_shell(1, "/", "echo out; echo err >&2; stty -opost; printf 'raw\\n'");
	struct spawn_result run;

	request->tty = true;
	run = start_request(request, "web");
	finish(&run);
	ck_text("web", BRM_OUT, "out\r\nerr\r\nraw\n");
	ck_text("web", BRM_ERR, "");
}
END_TEST

START_TEST(a_terminals_output_is_whole_when_it_is_much)
{
	char line[600];
	struct spawn_request *request;
	struct spawn_result run;
	size_t length;

	snprintf(line, sizeof line, "stty -opost; exec %s a 20000 50", program("numbers"));
	request = help_shell(1, "/", line);
	request->tty = true;
	run = start_request(request, "web");
	finish(&run);
	ck_assert_int_eq(count_numbers(text_of("web", BRM_OUT, &length), "a"), 20000);
	ck_assert_uint_eq(length, 20000 * 50);
}
END_TEST

START_TEST(the_newest_error_line_comes_with_the_exit)
{
	struct spawn_result run = start(1, "web", "echo fine; echo 'ERROR: no more paper' >&2; echo fine");

	ck_assert_str_eq(finish(&run).last_error, "ERROR: no more paper");
	run = start(2, "web", "echo fine");
	ck_assert_str_eq(finish(&run).last_error, "");
}
END_TEST

START_TEST(runs_of_a_name_share_a_store_and_each_new_one_is_marked)
{
	struct brm_log_line lines[8];
	struct spawn_result run = start(1, "web", "echo one; echo more");

	finish(&run);
	run = start(2, "web", "echo two");
	finish(&run);
	run = help_spawn(spawner, help_shell(3, "/", "echo three"));
	ck_assert_int_eq(capture_adopt(capture, 3, 0, "web", run.fds), 0);
	run.fds.out = run.fds.err = -1;
	finish(&run);
	ck_assert_uint_eq(lines_of("web", lines, 8), 4);
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
	run = help_spawn(spawner, request);
	keepers = dup(run.fds.out);
	ck_assert_int_eq(capture_add(capture, 1, 0, "web", run.fds), 0);
	run.fds.out = run.fds.err = -1;
	drained(1);
	capture_forget(capture, 1);
	drained(1);
	used = clock();
	ck_assert_int_eq(write(run.fds.in, "\n", 1), 1);
	ck_assert(help_readable(run.pidfd)); /* what it wrote lies there for 0.3 s */
	ck_assert_int_lt(clock() - used, CLOCKS_PER_SEC / 10);
	drained(1);
	help_read(keepers, text, sizeof text);
	ck_assert_ptr_nonnull(strstr(text, "two\n"));
	close(keepers);
	finish(&run);
}
END_TEST

START_TEST(a_run_that_nobody_captures_is_drained_all_the_same)
{
	ck_assert_str_eq(drained(77).last_error, "");
	capture_forget(capture, 78);
}
END_TEST

START_TEST(a_released_name_loses_its_files_when_asked)
{
	struct spawn_result run = start(1, "web", "echo one");
	struct brm_log *log;

	finish(&run);
	capture_forget(capture, 1);
	capture_release(capture, "web", true);
	capture_release(capture, "never", true);
	drained(1); /* what was asked before is done */
	ck_assert_int_eq(brm_log_open(state, "web", &log), -ENOENT);
	run = start(2, "web", "echo two");
	finish(&run);
	ck_text("web", BRM_OUT, "two\n");
}
END_TEST

/* What is stored and what was lost is all that was written: closes the capture to look. */
static void ck_all_told(const char *name, size_t written)
{
	struct brm_logstore *store;
	struct brm_log_mark mark;
	size_t length;

	capture_close(capture);
	ck_assert_int_eq(brm_logstore_open(state, name, NULL, &store), 0);
	brm_logstore_mark(store, &mark);
	brm_logstore_close(store);
	ck_assert_ptr_nonnull(strstr(text_of(name, BRM_OUT, &length), "again\n"));
	ck_assert_uint_gt(mark.lost_bytes, 0);
	ck_assert_uint_eq(length + mark.lost_bytes, written);
}

START_TEST(output_that_cannot_be_stored_is_lost_and_holds_up_nobody)
{
	struct rlimit limit;
	struct spawn_result run;
	char line[600];

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 100000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	snprintf(line, sizeof line, "exec %s a 100000 50", program("numbers"));
	run = start(1, "web", line);
	finish(&run);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	run = start(2, "web", "echo again");
	finish(&run);
	ck_all_told("web", 100000 * 50 + 6);
	open_capture();
}
END_TEST

START_TEST(a_store_that_cannot_be_opened_holds_up_nobody)
{
	struct spawn_result run;
	char line[600];

	capture_close(capture);
	ck_assert_int_eq(rmdir(state), 0);
	ck_assert_int_eq(symlink("/dev/null", state), 0);
	open_capture();
	snprintf(line, sizeof line, "exec %s a 100000 50", program("numbers"));
	run = start(1, "web", line);
	finish(&run);
	ck_assert_int_eq(unlink(state), 0);
	ck_assert_int_eq(mkdir(state, 0700), 0);
	sleep(1); /* it is tried again once a second */
	run = start(2, "web", "echo again");
	finish(&run);
	ck_all_told("web", 100000 * 50 + 6);
	open_capture();
}
END_TEST

START_TEST(a_full_disk_holds_up_nobody_and_goes_on_when_there_is_room)
{
	struct spawn_result run;
	char line[600];
	char filler[600];
	int fd;

	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
		return;
	capture_close(capture);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("full", state, "tmpfs", 0, "size=1m"), 0);
	snprintf(filler, sizeof filler, "%s/filler", state);
	fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(posix_fallocate(fd, 0, 700000), 0);
	close(fd);
	open_capture();
	snprintf(line, sizeof line, "exec %s a 100000 50", program("numbers"));
	run = start(1, "web", line);
	finish(&run);
	ck_assert_int_eq(unlink(filler), 0);
	run = start(2, "web", "echo again");
	finish(&run);
	ck_all_told("web", 100000 * 50 + 6);
	umount2(state, MNT_DETACH);
	open_capture();
}
END_TEST

/* One engine after the other captures from the same descriptors, each killed at some moment; the last one ends. */
static void capture_killed(const struct run_fds *fds, int pidfd, unsigned seed)
{
	bool over = false;

	for (int engines = 0; !over; engines++) {
		const struct timespec life = {.tv_nsec = 1000000 + (seed = seed * 1664525u + 1013904223u) % 12000000};
		pid_t engine;

		over = engines >= 40;
		engine = fork();
		if (engine == 0) {
			struct run_fds own = {.out = dup(fds->out), .err = fds->err < 0 ? -1 : dup(fds->err), .in = -1};

			open_capture();
			capture_adopt(capture, 1, 0, "web", own);
			if (over && help_readable(pidfd))
				drained(1);
			if (over)
				capture_close(capture);
			else
				pause();
			_exit(0);
		}
		if (!over) {
			nanosleep(&life, NULL);
			kill(engine, SIGKILL);
		}
		ck_assert_int_eq(waitpid(engine, NULL, 0), engine);
	}
}

static void lose_nothing(bool tty, long count)
{
	char line[600];
	struct spawn_request *request;
	struct spawn_result run;
	size_t length;

	capture_close(capture);
	snprintf(line, sizeof line, "%s exec %s a %ld 50", tty ? "stty -opost;" : "", program("numbers"), count);
	request = help_shell(1, "/", line);
	request->tty = tty;
	run = help_spawn(spawner, request);
	spawner_close(spawner); /* no thread is to be there when the engines are forked */
	capture_killed(&run.fds, run.pidfd, (unsigned)count);
	ck_assert_int_eq(keeperlink_reap(keeper, run.pid), 0);
	ck_assert_int_eq(count_numbers(text_of("web", BRM_OUT, &length), "a"), count);
	ck_assert_uint_eq(length, (size_t)count * 50);
	help_close(&run);
	ck_assert_int_eq(spawner_open(keeper, &spawner), 0);
	open_capture();
}

START_TEST(engines_killed_at_any_moment_lose_and_double_nothing_of_a_pipe)
{
	lose_nothing(false, 400000);
}
END_TEST

START_TEST(engines_killed_at_any_moment_lose_and_double_nothing_of_a_terminal)
{
	lose_nothing(true, 60000);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("capture");
	TCase *output = tcase_create("output");

	tcase_set_timeout(output, 120);
	tcase_add_checked_fixture(output, set_up, tear_down);
	tcase_add_test(output, both_streams_are_stored_as_they_were_written);
	tcase_add_test(output, twenty_megabytes_of_several_writers_are_all_there);
	tcase_add_test(output, an_exit_is_reported_after_all_that_the_pipe_held);
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
	tcase_add_test(output, output_that_cannot_be_stored_is_lost_and_holds_up_nobody);
	tcase_add_test(output, a_store_that_cannot_be_opened_holds_up_nobody);
	tcase_add_test(output, a_full_disk_holds_up_nobody_and_goes_on_when_there_is_room);
	tcase_add_test(output, engines_killed_at_any_moment_lose_and_double_nothing_of_a_pipe);
	tcase_add_test(output, engines_killed_at_any_moment_lose_and_double_nothing_of_a_terminal);
	suite_add_tcase(suite, output);
	return suite;
}
