/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/it_help.h"
#include "tests/soak/engine_soak.h"

/* moments.c - kills at chosen moments: a spawn, a stop, a rotation, a reload, a hand-over, a long sleep */

static const char *const idle[] = {"--no-autostart", NULL};

FILE *soak_open_store(const char *name)
{
	char line[2 * PATH_MAX];
	FILE *in;

	/* Where rotation has dropped the beginning, the first line may be a piece of one. */
	snprintf(line, sizeof line, "cd '%s/%s' && cat out.* | if [ -e out.%020d ]; then cat; else tail -n +2; fi",
		 it.instance.state_dir, name, 0);
	in = popen(line, "r");
	ck_assert_ptr_nonnull(in);
	return in;
}

static bool is_at_rest(void *name)
{
	enum brm_status status = it_status(name);

	return brm_status_is_finished(status) || status == BRM_PENDING;
}

void soak_await_rest(const char *name)
{
	it_until(is_at_rest, (void *)name);
	if (it_status(name) == BRM_PENDING)
		it_do(BRM_START, name);
	it_until(is_at_rest, (void *)name);
}

static int times(void)
{
	return soak_is_long() ? 40 : 2;
}

START_TEST(during_a_spawn)
{
	struct brm_state state;

	soak_begin("spawn");
	it_up(idle);
	it_run("a", "exit 23");
	it_await("a", BRM_FAILED);
	for (int i = 0; i < times(); i++) {
		soak_ask(BRM_START, "a");
		usleep(soak_random(3000));
		soak_kill_engine();
		soak_await_rest("a");
		state = it_await("a", BRM_FAILED);
		ck_assert_int_eq(state.exit_code, 23);
	}
	it_down();
}
END_TEST

START_TEST(during_a_stop)
{
	soak_begin("stop");
	it_up(idle);
	for (int i = 0; i < times(); i++) {
		it_run("a", "trap 'sleep 0.1; exit 0' TERM; sleep 99961.1 & while :; do sleep 0.02; done");
		soak_ask(BRM_STOP, "a");
		usleep(soak_random(20000));
		soak_kill_engine();
		soak_ask(BRM_STOP, "a"); /* it may not have heard */
		it_await("a", BRM_STOPPED);
		it_await_count("99961.1", 0);
	}
	it_down();
}
END_TEST

/* More than a segment of output passes while the engine dies again and again. */
START_TEST(during_a_rotation)
{
	char line[PATH_MAX];
	long number, next = -1;
	FILE *in;

	soak_begin("rotation");
	it_up(idle);
	snprintf(line, sizeof line, "seq 10000000 %d; exit 5", soak_is_long() ? 19999999 : 11199999);
	it_run("a", line);
	for (int i = 0; i < times() && it_status("a") == BRM_RUNNING; i++) {
		usleep(soak_random(40000));
		soak_kill_engine();
	}
	ck_assert_int_eq(it_await("a", BRM_FAILED).exit_code, 5);
	in = soak_open_store("a");
	while (fscanf(in, "%ld", &number) == 1) {
		ck_assert_msg(next < 0 || number == next, "%ld after %ld", number, next - 1);
		next = number + 1;
	}
	ck_assert_int_eq(pclose(in), 0);
	ck_assert_int_eq(next, soak_is_long() ? 20000000 : 11200000);
	it_down();
}
END_TEST

static bool is_known(void *name)
{
	struct brm_handle handle;

	ck_assert_int_ge(brm_reader_refresh(it.reader), 0);
	return brm_reader_find(it.reader, name, &handle) == 0;
}

/* Give a shell's line this input. */
static void write_to(const char *line, const char *text)
{
	FILE *to = popen(line, "w");

	ck_assert_ptr_nonnull(to);
	ck_assert_int_ge(fputs(text, to), 0);
	ck_assert_int_eq(pclose(to), 0);
}

static void ask_reload(bool exec)
{
	uint32_t id;

	client_begin(it.client, BRM_RELOAD);
	if (exec)
		client_put_bool(it.client, "exec", true);
	client_send(it.client, &id);
}

/* At once: the reload before it may still be reading. */
static void write_configuration(const char *text)
{
	char from[PATH_MAX + 32], to[PATH_MAX + 32];

	it_write("Procfile.new", text);
	snprintf(from, sizeof from, "%s/Procfile.new", it.instance.dir);
	snprintf(to, sizeof to, "%s/Procfile", it.instance.dir);
	ck_assert_int_eq(rename(from, to), 0);
}

START_TEST(during_a_reload)
{
	char text[4096] = "web: exec sleep 99962.1\n", name[16];
	struct brm_state before;

	soak_begin("reload");
	it_write("Procfile", text);
	it_up(NULL);
	before = it_await("web", BRM_RUNNING);
	for (int i = 0; i < times(); i++) {
		size_t length = strlen(text);

		snprintf(text + length, sizeof text - length, "n%d: exec sleep 99962.2\n", i);
		write_configuration(text);
		ask_reload(false);
		usleep(soak_random(10000));
		soak_kill_engine();
		ask_reload(false);
		snprintf(name, sizeof name, "n%d", i);
		it_until(is_known, name);
		it_await(name, BRM_RUNNING);
	}
	ck_assert_int_eq(it_state("web").pid, before.pid);
	it_down();
	ck_assert_int_eq(it_count("99962."), 0);
}
END_TEST

/* Whatever dies in a hand-over, one of the programs goes on. */
START_TEST(during_a_hand_over)
{
	struct brm_state before;

	soak_begin("handover");
	it_up(idle);
	it_run("a", "exec sleep 99963.1");
	before = it_state("a");
	for (int i = 0; i < times(); i++) {
		ask_reload(true);
		usleep(soak_random(soak_is_long() ? 1500000 : 60000));
		kill(it_engine(), SIGKILL);
		soak_connect();
		ck_assert_int_eq(it_await("a", BRM_RUNNING).pid, before.pid);
	}
	soak_connect();
	it_do(BRM_STOP, "a");
	it_down();
	ck_assert_int_eq(it_count("99963.1"), 0);
}
END_TEST

/* A program that says it can take over, and then hangs: it has its time, and the old one goes on. */
START_TEST(a_new_program_that_hangs)
{
	static const char script[] = "#!/bin/sh\n[ \"$1\" = --takes-over ] || exec sleep 1000\n";
	char line[3 * PATH_MAX], dir[PATH_MAX];
	struct brm_state before;

	soak_begin("hangs");
	snprintf(dir, sizeof dir, "%s", test_path("bin-hangs"));
	snprintf(line, sizeof line, "mkdir '%s' && cp '%s/brummerd' '%s'", dir, getenv("top_builddir"), dir);
	ck_assert_int_eq(system(line), 0);
	setenv("top_builddir", dir, 1);
	it_up(idle);
	it_run("a", "i=0; while [ $i -lt 300000 ]; do echo $i; i=$((i+1)); done; exit 6");
	before = it_state("a");
	snprintf(line, sizeof line, "cd '%s' && cat >new && chmod 755 new && mv new brummerd", dir);
	write_to(line, script);
	ask_reload(true);
	it_await_event(BRM_REASON_NOT_UPGRADED, 1);
	soak_connect();
	ck_assert_int_eq(it_await("a", BRM_FAILED).exit_code, 6);
	ck_assert_uint_eq(it_state("a").run, before.run);
	it_down();
}
END_TEST

/* A stopped engine is no reason for another one: it is waited for. */
START_TEST(stopped_for_long_and_continued)
{
	struct brm_state state;
	pid_t engine;

	soak_begin("stopped");
	it_up(idle);
	it_run("a", "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done; exit 6");
	engine = it_engine();
	ck_assert_int_eq(kill(engine, SIGSTOP), 0);
	usleep(soak_is_long() ? 10000000 : 500000);
	ck_assert_int_eq(brm_reader_liveness(it.reader), BRM_UNRESPONSIVE);
	ck_assert_int_eq(kill(engine, SIGCONT), 0);
	state = it_await("a", BRM_FAILED);
	ck_assert_int_eq(state.exit_code, 6);
	ck_assert_int_eq(it_engine(), engine);
	ck_assert_ptr_nonnull(strstr(it_output("a"), "\n19999\n"));
	it_down();
}
END_TEST

/* Runs of two projects have the same numbers: the end of one is not the other's. */
START_TEST(two_projects_at_the_same_numbers)
{
	struct brm_state state;
	struct it first;

	soak_begin("one");
	it_up(idle);
	it_run("a", "sleep 99964.1 & exec sleep 99964.1");
	first = it;
	memset(&it, 0, sizeof it);
	soak_begin("two");
	it_up(idle);
	it_run("a", "sleep 99964.2 & exec sleep 99964.2");
	state = it_state("a");
	soak_kill_engine();
	it_do(BRM_STOP, "a");
	ck_assert_uint_eq(state.serial, it_state("a").serial);
	it_down();
	it_await_count("99964.2", 0);
	it = first;
	ck_assert_uint_eq(it_state("a").serial, state.serial);
	ck_assert_int_eq(it_status("a"), BRM_RUNNING);
	ck_assert_int_eq(it_count("99964.1"), 2);
	it_do(BRM_STOP, "a");
	it_down();
	it_await_count("99964.1", 0);
}
END_TEST

TCase *soak_moments(void)
{
	TCase *tcase = tcase_create("moments");

	tcase_set_timeout(tcase, soak_is_long() ? 600 : 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, during_a_spawn);
	tcase_add_test(tcase, during_a_stop);
	tcase_add_test(tcase, during_a_rotation);
	tcase_add_test(tcase, during_a_reload);
	tcase_add_test(tcase, during_a_hand_over);
	if (soak_is_long())
		tcase_add_test(tcase, a_new_program_that_hangs);
	tcase_add_test(tcase, stopped_for_long_and_continued);
	tcase_add_test(tcase, two_projects_at_the_same_numbers);
	return tcase;
}
