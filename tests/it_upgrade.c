/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/it_help.h"

/* A supervisor is replaced by another program while all goes on, and a service manager is told. */

#define LINES 20000

static const char *const idle[] = {"--no-autostart", NULL};

static const char *program_path(void)
{
	static char path[PATH_MAX + 16];

	snprintf(path, sizeof path, "%s/brummerd", getenv("top_builddir"));
	return path;
}

static char *read_whole(const char *path, size_t *size)
{
	FILE *in = fopen(path, "r");
	struct stat st;
	char *bytes;

	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(fstat(fileno(in), &st), 0);
	bytes = malloc((size_t)st.st_size);
	ck_assert_ptr_nonnull(bytes);
	*size = fread(bytes, 1, (size_t)st.st_size, in);
	ck_assert_uint_eq(*size, (size_t)st.st_size);
	fclose(in);
	return bytes;
}

/* As an installer does it: the file of that name is another one at once. */
static void install(const void *bytes, size_t size, mode_t mode)
{
	char path[PATH_MAX + 32];
	FILE *out;

	snprintf(path, sizeof path, "%s.new", program_path());
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(bytes, 1, size, out), size);
	ck_assert_int_eq(fchmod(fileno(out), mode), 0);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(rename(path, program_path()), 0);
}

/* The program as it was built, but for the version that it publishes: another one of the same length. */
static void install_version(const char *version)
{
	size_t size, length = strlen(PACKAGE_VERSION);
	char path[PATH_MAX + 16], *bytes, *end, *at;

	ck_assert_uint_eq(strlen(version), length);
	snprintf(path, sizeof path, "%s/brummerd", it_build());
	bytes = read_whole(path, &size);
	end = bytes + size;
	for (at = bytes; (at = memmem(at, (size_t)(end - at), PACKAGE_VERSION, length)); at += length)
		memcpy(at, version, length);
	install(bytes, size, 0755);
	free(bytes);
}

static void install_text(const char *text, mode_t mode)
{
	install(text, strlen(text), mode);
}

/* A project whose supervisor has a program of its own, which the test replaces. */
static void own_program(const char *name)
{
	char dir[PATH_MAX];

	it_project(name);
	it_build(); /* before the place is another one */
	snprintf(dir, sizeof dir, "%s/bin-%s", test_dir(), name);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(setenv("top_builddir", dir, 1), 0);
	install_version(PACKAGE_VERSION);
	it_up(idle);
}

static enum brm_refusal hand_over(void)
{
	enum brm_refusal refused;
	struct reply reply;

	client_begin(it.client, BRM_RELOAD);
	client_put_bool(it.client, "exec", true);
	reply = it_answer();
	refused = reply.refused;
	reply_finish(&reply);
	return refused;
}

/* The file that a process runs is the one of that name now. */
static bool runs_the_file(void *pid)
{
	struct stat mine, named;
	char exe[64];

	snprintf(exe, sizeof exe, "/proc/%d/exe", *(pid_t *)pid);
	return stat(exe, &mine) == 0 && stat(program_path(), &named) == 0 && mine.st_ino == named.st_ino;
}

START_TEST(a_new_program_takes_over_and_nothing_stops)
{
	static const char *const versions[] = {"9.9.1", "9.9.2"};
	struct brm_state before, after;
	pid_t keeper;

	own_program("upgrade");
	it_run("quiet", "exec sleep 99971.1");
	before = it_state("quiet");
	keeper = brm_reader_info(it.reader)->keeper_pid;
	it_run_numbers("n", LINES, 41);
	for (uint32_t i = 0; i < 2; i++) {
		install_version(versions[i]);
		ck_assert_int_eq(hand_over(), BRM_REFUSED_NOT);
		it_await_event(BRM_REASON_UPGRADED, i + 1);
		ck_assert_str_eq(brm_reader_info(it.reader)->version, versions[i]);
		it_connect();
		it_until(runs_the_file, &keeper); /* an exec, and so the same process */
	}
	ck_assert_int_eq(brm_reader_info(it.reader)->keeper_pid, keeper);
	it_kill_engine();
	ck_assert_str_eq(brm_reader_info(it.reader)->version, versions[1]);
	it_connect();
	after = it_await("n", BRM_FAILED);
	ck_assert_int_eq(after.exit_code, 41);
	ck_assert_uint_eq(after.run, 1);
	it_assert_numbers("n", LINES);
	after = it_state("quiet");
	ck_assert_int_eq(after.pid, before.pid);
	ck_assert_uint_eq(it_count_events(BRM_REASON_RECOVERED), 1);
	it_do(BRM_STOP, "quiet");
	it_down();
	ck_assert_int_eq(it_count("99971.1"), 0);
}
END_TEST

START_TEST(a_program_that_cannot_take_over_is_refused_and_changes_nothing)
{
	pid_t engine;

	own_program("refused");
	engine = it_engine();
	install_text("#!/bin/sh\nexit 1\n", 0755);
	ck_assert_int_eq(hand_over(), BRM_CONFLICT);
	install_text("nothing\n", 0644);
	ck_assert_int_eq(hand_over(), BRM_CONFLICT);
	ck_assert_int_eq(unlink(program_path()), 0);
	ck_assert_int_eq(hand_over(), BRM_CONFLICT);
	ck_assert_int_eq(it_engine(), engine);
	it_kill_engine(); /* the old program needs no file */
	it_connect();
	it_run("a", "exit 0");
	it_down();
}
END_TEST

START_TEST(a_program_that_does_not_come_up_is_given_up)
{
	static const char *const broken[] = {"kill -SEGV $$", "exit 0", "exec /nonexistent"};
	struct brm_state before, after;
	char text[256];

	own_program("broken");
	it_run("quiet", "exec sleep 99972.1");
	it_run_numbers("n", LINES, 42);
	before = it_state("quiet");
	for (uint32_t i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "#!/bin/sh\n[ \"$1\" = --takes-over ] && exit 0\n%s\n", broken[i]);
		install_text(text, 0755);
		ck_assert_int_eq(hand_over(), BRM_REFUSED_NOT);
		it_await_event(BRM_REASON_NOT_UPGRADED, i + 1);
		it_connect();
	}
	ck_assert_str_eq(brm_reader_info(it.reader)->version, PACKAGE_VERSION);
	after = it_await("n", BRM_FAILED);
	ck_assert_int_eq(after.exit_code, 42);
	it_assert_numbers("n", LINES);
	after = it_state("quiet");
	ck_assert_int_eq(after.pid, before.pid);
	it_do(BRM_STOP, "quiet");
	it_down();
}
END_TEST

START_TEST(commands_on_their_way_are_told_to_try_again)
{
	struct reply reply;
	uint32_t stop, reload;

	own_program("retry");
	it_run("slow", "trap 'sleep 0.5; exit 0' TERM; echo up; while :; do sleep 0.05; done");
	it_await_output("slow", "up\n");
	stop = it_send_about(BRM_STOP, "slow");
	it_await("slow", BRM_STOPPING);
	client_begin(it.client, BRM_RELOAD);
	client_put_bool(it.client, "exec", true);
	reload = it_send();
	reply = it_wait(stop);
	ck_assert_int_eq(reply.refused, BRM_RETRY);
	reply_finish(&reply);
	reply = it_wait(reload);
	ck_assert_int_eq(reply.refused, BRM_REFUSED_NOT);
	reply_finish(&reply);
	it_await_event(BRM_REASON_UPGRADED, 1);
	it_await("slow", BRM_STOPPED);
	it_connect();
	it_down();
}
END_TEST

/* The next message at the socket that stands for the service manager has all these words. Static storage. */
static const char *assert_told(int fd, const char *const *words)
{
	struct timeval patience = {.tv_sec = IT_WAIT_MS / 1000};
	static char text[512];
	ssize_t length;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	length = recv(fd, text, sizeof text - 1, 0);
	ck_assert_int_gt(length, 0);
	text[length] = '\0';
	for (; *words; words++)
		ck_assert_msg(strstr(text, *words), "no %s in: %s", *words, text);
	return text;
}

static unsigned long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000u + (unsigned long long)now.tv_nsec / 1000u;
}

START_TEST(the_service_manager_is_told)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static const char since[] = "MONOTONIC_USEC=";
	unsigned long long before, told;
	char main_pid[32];
	pid_t keeper;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", test_path("notify"));
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	own_program("notify-p");
	keeper = brm_reader_info(it.reader)->keeper_pid;
	snprintf(main_pid, sizeof main_pid, "MAINPID=%d\n", (int)keeper);
	assert_told(fd, (const char *const[]){"READY=1\n", main_pid, NULL});
	it_run("env", "echo \"[$NOTIFY_SOCKET]\"");
	it_await_output("env", "[]\n");
	it_kill_engine(); /* no word of that: the service goes on */
	it_connect();
	before = now_us();
	ck_assert_int_eq(hand_over(), BRM_REFUSED_NOT);
	told = strtoull(strstr(assert_told(fd, (const char *const[]){"RELOADING=1\n", main_pid, since, NULL}), since) +
				strlen(since),
			NULL, 10);
	ck_assert_uint_ge(told, before);
	ck_assert_uint_le(told, now_us());
	assert_told(fd, (const char *const[]){"READY=1\n", main_pid, NULL});
	it_await_event(BRM_REASON_UPGRADED, 1);
	it_connect();
	it_down();
	assert_told(fd, (const char *const[]){"STOPPING=1\n", NULL});
	close(fd);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_upgrade");
	TCase *tcase = tcase_create("upgrade");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, a_new_program_takes_over_and_nothing_stops);
	tcase_add_test(tcase, a_program_that_cannot_take_over_is_refused_and_changes_nothing);
	tcase_add_test(tcase, a_program_that_does_not_come_up_is_given_up);
	tcase_add_test(tcase, commands_on_their_way_are_told_to_try_again);
	tcase_add_test(tcase, the_service_manager_is_told);
	suite_add_tcase(suite, tcase);
	return suite;
}
