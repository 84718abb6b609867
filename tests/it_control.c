/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/it_help.h"

/* The control socket: what commands answer, and peers that misbehave. */

static const char *const idle[] = {"--no-autostart", NULL};

static int raw_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	strcpy(address.sun_path, it.instance.control);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

/* The supervisor closes the connection, without a word. */
static void assert_closed(int fd)
{
	struct pollfd end = {.fd = fd, .events = POLLIN};
	char byte;

	ck_assert_int_eq(poll(&end, 1, IT_WAIT_MS), 1);
	ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

static void send_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);

		if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
			return; /* it had enough */
		ck_assert_int_gt(sent, 0);
		at += sent;
		size -= (size_t)sent;
	}
}

START_TEST(garbage_costs_the_peer_its_connection_and_nothing_else)
{
	static const struct {
		const char *bytes;
		size_t size;
	} garbage[] = {
		{"GET / HTTP/1.1\r\n\r\n", 18},        /* small integers: whole messages, but no requests */
		{"\xc1", 1},                           /* never used in msgpack */
		{"\x93\x00\x01\xa5hello", 9},          /* three elements */
		{"\x94\x01\x01\xc0\xc0", 5},           /* a response */
		{"\x94\x00\xff\xa5hello\x90", 10},     /* a negative id */
		{"\x94\x00\x01\xa5hello\x91\x01", 11}, /* parameters that are no map */
		{"\x94\x00\x01\xa5he\x00lo\x90", 11},  /* NUL in a name */
		{"\xdd\xff\xff\xff\xff", 5},           /* four billion elements */
		{"\xc6\xff\xff\xff\xff", 5},           /* four gigabytes */
		{"\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91", 18}, /* too deep */
		{"\xdf\x00\x01\x00\x00", 5},                                                      /* too many */
	};

	it_project("garbage");
	it_up(idle);
	for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
		int fd = raw_connect();

		send_all(fd, garbage[i].bytes, garbage[i].size);
		assert_closed(fd);
	}
	it_run("still", "exec sleep 99961.1");
	it_do(BRM_STOP, "still");
	it_down();
}
END_TEST

START_TEST(more_than_a_mebibyte_is_too_much)
{
	size_t size = BRM_CONTROL_REQUEST_MAX + 16;
	char *bytes = calloc(1, size);
	int fd;

	ck_assert_ptr_nonnull(bytes);
	it_project("large");
	it_up(idle);
	memcpy(bytes, "\x94\x00\x01\xc6\x00\x20\x00\x00", 8);
	fd = raw_connect();
	send_all(fd, bytes, size);
	assert_closed(fd);
	free(bytes);
	it_down();
}
END_TEST

START_TEST(half_a_message_holds_nobody_up)
{
	int half;

	it_project("half");
	it_up(idle);
	half = raw_connect();
	send_all(half, "\x94\x00\x01\xa5he", 6);
	it_run("a", "exec sleep 99962.1");
	it_do(BRM_STOP, "a");
	/* The rest in pieces is as good as in one. */
	send_all(half, "ll", 2);
	send_all(half, "o\x90", 2);
	{
		struct pollfd answer = {.fd = half, .events = POLLIN};
		char bytes[512];

		ck_assert_int_eq(poll(&answer, 1, IT_WAIT_MS), 1);
		ck_assert_int_gt(recv(half, bytes, sizeof bytes, 0), 8);
		ck_assert_mem_eq(bytes, "\x94\x01\x01\xc0", 4);
	}
	close(half);
	it_down();
}
END_TEST

START_TEST(a_half_message_that_goes_nowhere_is_closed_in_time)
{
	int half;

	it_project("stall");
	it_up(idle);
	half = raw_connect();
	send_all(half, "\x94\x00", 2);
	assert_closed(half);
	it_down();
}
END_TEST

START_TEST(there_is_a_last_peer)
{
	int fds[BRM_CONTROL_PEERS_MAX + 8];

	it_project("peers");
	it_up(idle); /* whose client is a peer */
	for (int i = 0; i < BRM_CONTROL_PEERS_MAX - 1; i++)
		fds[i] = raw_connect();
	assert_closed(raw_connect());
	it_run("a", "exec sleep 99963.1");
	for (int i = 0; i < BRM_CONTROL_PEERS_MAX - 1; i++)
		close(fds[i]);
	it_do(BRM_STOP, "a");
	it_down();
}
END_TEST

START_TEST(one_that_does_not_read_is_not_waited_for)
{
	static const char request[] = "\x94\x00\x01\xa6status\x90";
	struct timeval limit = {.tv_sec = 1};
	int fd;

	it_project("deaf");
	it_up(idle);
	for (int i = 0; i < 20; i++) {
		char name[8];

		snprintf(name, sizeof name, "p%d", i);
		it_run(name, "exec sleep 99964.1");
	}
	fd = raw_connect();
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
	for (int i = 0; i < 200000; i++)
		if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
			break;
	ck_assert_int_eq(errno, EAGAIN); /* it reads no more of them */
	it_do(BRM_STOP, "p*");
	close(fd);
	it_down();
}
END_TEST

START_TEST(several_requests_are_in_flight)
{
	struct reply reply;
	uint32_t first, second;

	it_project("flight");
	it_up(idle);
	it_run("slow", "trap 'sleep 0.5; exit' TERM; echo up; while :; do sleep 0.05; done");
	it_run("quick", "exec sleep 99965.1");
	it_await_output("slow", "up\n");
	first = it_send_about(BRM_STOP, "slow");
	second = it_send_about(BRM_STOP, "quick");
	reply = it_wait(second);
	reply_finish(&reply);
	ck_assert_int_eq(it_status("slow"), BRM_STOPPING);
	reply = it_wait(first);
	reply_finish(&reply);
	ck_assert_int_eq(it_status("slow"), BRM_STOPPED);
	it_down();
}
END_TEST

START_TEST(a_peer_that_leaves_takes_its_waits_along)
{
	it_project("leaver");
	it_up(idle);
	it_run("slow", "trap 'sleep 0.3; exit' TERM; echo up; while :; do sleep 0.05; done");
	it_await_output("slow", "up\n");
	it_send_about(BRM_STOP, "slow");
	it_await("slow", BRM_STOPPING);
	it_connect(); /* which closes the former one */
	it_await("slow", BRM_STOPPED);
	it_down();
}
END_TEST

START_TEST(names_mean_what_they_should)
{
	it_project("names");
	it_write("Procfile", "web: exec sleep 99966.1\nwork-1: exec sleep 99966.2\nwork-2: exec sleep 99966.3\n");
	it_up(idle);
	it_do(BRM_START, "work-*");
	it_await_count("99966.", 2);
	it_do(BRM_START, "all");
	it_await_count("99966.", 3);
	ck_assert_int_eq(it_refusal(BRM_STOP, "wob"), BRM_UNKNOWN);
	ck_assert_int_eq(it_refusal(BRM_STOP, "x*"), BRM_UNKNOWN);
	ck_assert_int_eq(it_refusal(BRM_STOP, "tier=front"), BRM_UNKNOWN);
	ck_assert_int_eq(it_refusal(BRM_STOP, "web#7"), BRM_MOVED_ON);
	ck_assert_int_eq(it_status("web"), BRM_RUNNING);
	ck_assert_int_eq(it_refusal(BRM_RM, "web"), BRM_CONFLICT);
	it_do(BRM_STOP, "web#1");
	ck_assert_int_eq(it_status("web"), BRM_STOPPED);
	it_do(BRM_RM, "web");
	ck_assert_int_eq(it_refusal(BRM_SEND, "web"), BRM_USAGE);
	it_do(BRM_STOP, "all");
	ck_assert_int_eq(it_count("99966."), 0);
	it_down();
}
END_TEST

/* How a stop of one process at this run, or revision, is refused. */
static enum brm_refusal stop_at(const char *name, const char *what, uint64_t number)
{
	const char *names[] = {name, NULL};
	enum brm_refusal refused;
	struct reply reply;

	client_begin(it.client, BRM_STOP);
	client_put_list(it.client, "names", names);
	client_put_int(it.client, what, (int64_t)number);
	reply = it_answer();
	refused = reply.refused;
	reply_finish(&reply);
	return refused;
}

START_TEST(a_command_for_what_has_moved_on_does_nothing)
{
	uint64_t seen;

	it_project("expected");
	it_write("Procfile", "web: exec sleep 99968.1\nother: exec sleep 99968.2\n");
	it_up(NULL);
	seen = brm_head_version(it_await("web", BRM_RUNNING).head);
	it_await("other", BRM_RUNNING);
	it_do(BRM_RESTART, "web");
	ck_assert_int_eq(stop_at("web", "run", 1), BRM_MOVED_ON);
	ck_assert_int_eq(stop_at("web", "revision", seen), BRM_MOVED_ON);
	ck_assert_int_eq(stop_at("*", "run", 2), BRM_USAGE); /* of one process only */
	ck_assert_uint_eq(it_await("web", BRM_RUNNING).run, 2);
	ck_assert_int_eq(it_status("other"), BRM_RUNNING);
	ck_assert_int_eq(stop_at("web", "run", 2), BRM_REFUSED_NOT);
	ck_assert_int_eq(it_status("web"), BRM_STOPPED);
	seen = brm_head_version(it_state("other").head);
	ck_assert_int_eq(stop_at("other", "revision", seen), BRM_REFUSED_NOT);
	ck_assert_int_eq(it_status("other"), BRM_STOPPED);
	it_down();
}
END_TEST

START_TEST(an_unknown_name_brings_the_nearest)
{
	const msgpack_object *nearest;
	struct reply reply;

	it_project("nearest");
	it_write("Procfile", "website: exec sleep 99967.1\n");
	it_up(idle);
	reply = it_ask(BRM_START, "webiste");
	ck_assert_int_eq(reply.refused, BRM_UNKNOWN);
	nearest = reply_get(&reply.data, "nearest");
	ck_assert_ptr_nonnull(nearest);
	ck_assert_uint_eq(nearest->via.array.size, 1);
	ck_assert_mem_eq(nearest->via.array.ptr[0].via.str.ptr, "website", 7);
	reply_finish(&reply);
	it_down();
}
END_TEST

START_TEST(what_is_sent_reaches_standard_input)
{
	struct reply reply;

	it_project("send");
	it_up(idle);
	it_begin_run("cat", "exec cat");
	client_put_bool(it.client, "stdin", true);
	it_obey();
	client_begin(it.client, BRM_SEND);
	client_put_string(it.client, "name", "cat");
	client_put_bytes(it.client, "text", "hello\n", 6);
	reply = it_answer();
	ck_assert_int_eq(reply_int(&reply.result, "bytes", 0), 6);
	reply_finish(&reply);
	it_await_output("cat", "hello\n");
	it_down();
}
END_TEST

START_TEST(a_stop_that_takes_too_long_says_so_and_goes_on)
{
	const char *names[] = {"slow", NULL};
	struct reply reply;

	it_project("timeout");
	it_up(idle);
	it_run("slow", "trap 'sleep 0.5; exit' TERM; echo up; while :; do sleep 0.05; done");
	it_await_output("slow", "up\n");
	client_begin(it.client, BRM_STOP);
	client_put_list(it.client, "names", names);
	client_put_int(it.client, "timeout_ms", 50);
	reply = it_answer();
	ck_assert_int_eq(reply.refused, BRM_TIMED_OUT);
	reply_finish(&reply);
	it_await("slow", BRM_STOPPED);
	it_down();
}
END_TEST

START_TEST(the_socket_is_for_its_owner_alone)
{
	struct stat st;

	it_project("mode");
	it_up(idle);
	ck_assert_int_eq(stat(it.instance.control, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(it.instance.runtime_dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("it_control");
	TCase *tcase = tcase_create("control");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, garbage_costs_the_peer_its_connection_and_nothing_else);
	tcase_add_test(tcase, more_than_a_mebibyte_is_too_much);
	tcase_add_test(tcase, half_a_message_holds_nobody_up);
	tcase_add_test(tcase, a_half_message_that_goes_nowhere_is_closed_in_time);
	tcase_add_test(tcase, there_is_a_last_peer);
	tcase_add_test(tcase, one_that_does_not_read_is_not_waited_for);
	tcase_add_test(tcase, several_requests_are_in_flight);
	tcase_add_test(tcase, a_peer_that_leaves_takes_its_waits_along);
	tcase_add_test(tcase, names_mean_what_they_should);
	tcase_add_test(tcase, a_command_for_what_has_moved_on_does_nothing);
	tcase_add_test(tcase, an_unknown_name_brings_the_nearest);
	tcase_add_test(tcase, what_is_sent_reaches_standard_input);
	tcase_add_test(tcase, a_stop_that_takes_too_long_says_so_and_goes_on);
	tcase_add_test(tcase, the_socket_is_for_its_owner_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
