/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/keeperlink.h"
#include "keeper/wire.h"
#include "tests/run_help.h"

/* The keeper's side is played by a thread here: for answers that a real one gives seldom. */
static int keepers;
static struct keeperlink *keeper;

static void set_up(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	keepers = pair[0];
	ck_assert_int_eq(keeperlink_open(pair[1], &keeper), 0);
}

static void tear_down(void)
{
	keeperlink_close(keeper);
}

/* Answer every request with its own op and the code that is its pid. */
static void *echo(void *arg)
{
	struct keeper_message message;
	int fds[KEEPER_FDS];

	(void)arg;
	while (wire_receive(keepers, &message, fds, 0) == 0) {
		message.code = message.pid;
		if (message.op != KEEPER_BORN)
			wire_send(keepers, &message, NULL, 0);
	}
	close(keepers);
	return NULL;
}

static void *ask_often(void *arg)
{
	int code = *(const int *)arg;

	for (int i = 0; i < 500; i++) {
		keeperlink_born(keeper, 1, 1);
		ck_assert_int_eq(keeperlink_reap(keeper, code), code);
	}
	return NULL;
}

START_TEST(every_thread_gets_its_own_answers)
{
	int codes[] = {-2, -3, -4, -5};
	pthread_t threads[4];
	pthread_t echoing;

	pthread_create(&echoing, NULL, echo, NULL);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, ask_often, &codes[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	keeperlink_close(keeper);
	pthread_join(echoing, NULL);
	set_up();
	close(keepers);
}
END_TEST

START_TEST(what_is_told_answers_nothing_that_is_asked)
{
	pthread_t echoing;

	pthread_create(&echoing, NULL, echo, NULL);
	for (int i = 0; i < 2000; i++) { /* more than the socket holds answers */
		keeperlink_tell_drop(keeper, 1);
		keeperlink_tell_reap(keeper, -3);
		if (i % 900 == 899)
			ck_assert_int_eq(keeperlink_reap(keeper, -4), -4);
	}
	ck_assert_int_eq(keeperlink_drop(keeper, 1), 0);
	keeperlink_close(keeper);
	pthread_join(echoing, NULL);
	set_up();
	close(keepers);
}
END_TEST

START_TEST(a_keeper_that_hangs_up_leaves_us_alone)
{
	struct held_run run = {.serial = 1, .fds = {-1, -1, -1, -1}};
	struct ended ended;
	pid_t child = fork();

	if (child == 0)
		_exit(5);
	close(keepers);
	ck_assert_int_eq(keeperlink_hold(keeper, &run), -EPIPE);
	ck_assert_int_eq(keeperlink_born(keeper, 1, 1), -EPIPE);
	ck_assert_int_eq(keeperlink_up(keeper), -EPIPE);
	ck_assert(help_dies(child));
	ck_assert_int_eq(keeperlink_status(keeper, child, &ended), 0);
	ck_assert_int_eq(ended.code, 5);
	ck_assert(!ended.alive);
	ck_assert_int_eq(keeperlink_reap(keeper, child), 0);
	ck_assert_int_eq(keeperlink_status(keeper, child, &ended), -ECHILD);
}
END_TEST

START_TEST(a_child_of_ours_that_lives_is_alive)
{
	struct keeperlink *none;
	struct ended ended;
	int gate[2];
	pid_t child;

	close(keepers);
	ck_assert_int_eq(keeperlink_open(-1, &none), 0);
	ck_assert_int_eq(keeperlink_fd(none), -1);
	ck_assert_int_eq(keeperlink_keeper(none), 0);
	ck_assert_int_eq(pipe(gate), 0);
	child = fork();
	if (child == 0) {
		close(gate[1]);
		_exit((int)read(gate[0], gate, 1));
	}
	ck_assert_int_eq(keeperlink_status(none, child, &ended), 0);
	ck_assert(ended.alive);
	ck_assert_int_eq(keeperlink_reap(none, child), -EAGAIN);
	close(gate[0]);
	close(gate[1]);
	ck_assert(help_dies(child));
	ck_assert_int_eq(keeperlink_reap(none, child), 0);
	keeperlink_close(none);
}
END_TEST

/* Answer one request with these bytes. */
static void answer_with(const void *bytes, size_t size)
{
	ck_assert_int_eq(send(keepers, bytes, size, 0), (ssize_t)size);
}

START_TEST(an_answer_to_something_else_ends_the_link)
{
	struct keeper_message wrong = {.version = KEEPER_VERSION, .op = KEEPER_UP};

	answer_with(&wrong, sizeof wrong);
	ck_assert_int_eq(keeperlink_drop(keeper, 1), -EPIPE);
	ck_assert_int_eq(keeperlink_drop(keeper, 1), -EPIPE);
	close(keepers);
}
END_TEST

START_TEST(half_an_answer_is_refused)
{
	struct keeper_message half = {.version = KEEPER_VERSION, .op = KEEPER_DROP};

	answer_with(&half, sizeof half - 1);
	ck_assert_int_eq(keeperlink_drop(keeper, 1), -EBADMSG);
	close(keepers);
}
END_TEST

START_TEST(descriptors_that_a_message_does_not_name_are_closed)
{
	struct keeper_message message = {.op = KEEPER_HOLD};
	int sent[KEEPER_FDS] = {dup(0), dup(0), -1, -1};
	int fds[KEEPER_FDS];
	int before = dup(0);
	int after;
	char raw[sizeof message];

	close(before);
	ck_assert_int_eq(wire_send(keepers, &message, sent, 0), 0);
	ck_assert_uint_eq(message.fds, KEEPER_FD_OUT | KEEPER_FD_ERR);
	keeperlink_close(keeper);
	close(keepers);
	set_up();
	message.op = KEEPER_DROP;
	ck_assert_int_eq(wire_send(keepers, &message, sent, 0), 0);
	ck_assert_int_eq(keeperlink_drop(keeper, 1), 0); /* it did not ask for any */
	after = dup(0);
	close(after);
	ck_assert_int_eq(before, after);
	ck_assert_int_eq(recv(keepers, raw, sizeof raw, 0), sizeof raw);
	ck_assert_int_eq(wire_receive(keepers, &message, fds, MSG_DONTWAIT), -EAGAIN);
	close(keepers);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("keeperlink");
	TCase *link = tcase_create("link");

	tcase_set_timeout(link, 60);
	tcase_add_checked_fixture(link, set_up, tear_down);
	tcase_add_test(link, every_thread_gets_its_own_answers);
	tcase_add_test(link, what_is_told_answers_nothing_that_is_asked);
	tcase_add_test(link, a_keeper_that_hangs_up_leaves_us_alone);
	tcase_add_test(link, a_child_of_ours_that_lives_is_alive);
	tcase_add_test(link, an_answer_to_something_else_ends_the_link);
	tcase_add_test(link, half_an_answer_is_refused);
	tcase_add_test(link, descriptors_that_a_message_does_not_name_are_closed);
	suite_add_tcase(suite, link);
	return suite;
}
