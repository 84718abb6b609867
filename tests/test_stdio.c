/* SPDX-License-Identifier: MIT */
#include "clients/mcp/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "clients/common/when.h"
#include "tests/check_main.h"
#include "tests/mcp_help.h"

/*
 * The transport between a client on a thread of its own and the server's loop. The client writes what a test tells it,
 * then closes its end; the loop ends by itself; what the server wrote is then looked at.
 */

#define PAUSED_READ 32768 /* bytes at a time of a client that pauses */

#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ping\"}"

static struct help *help;

/* What the descriptors are. */
enum { PIPES, SMALL_PIPES, SOCKETS, KINDS };

struct client {
	int to_server, from_server;
	void (*write)(int fd);
	unsigned pause_ms; /* before each read, of few bytes then */
	char *heard;
	size_t length, size;
};

static void say(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0)
			abort();
		text += n;
		length -= (size_t)n;
	}
}

static void say_line(int fd, const char *text)
{
	say(fd, text, strlen(text));
	say(fd, "\n", 1);
}

/* Signals are for the loop's thread. */
static void take_no_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
}

static void *write_all(void *arg)
{
	struct client *client = arg;

	take_no_signals();
	client->write(client->to_server);
	close(client->to_server);
	return NULL;
}

static void *read_all(void *arg)
{
	struct client *client = arg;
	size_t most = client->pause_ms > 0 ? PAUSED_READ : 65535;
	ssize_t n;

	take_no_signals();
	do {
		nanosleep(&(struct timespec){.tv_nsec = client->pause_ms * 1000000L}, NULL);
		if (client->size - client->length < 65536)
			client->heard = realloc(client->heard, client->size += 1 << 20);
		n = read(client->from_server, client->heard + client->length, most);
		client->length += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	client->heard[client->length] = '\0';
	close(client->from_server);
	return NULL;
}

static void open_ends(int kind, int ends[2])
{
	ck_assert_int_eq(kind == SOCKETS ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends), 0);
	if (kind == SMALL_PIPES)
		ck_assert_int_ge(fcntl(ends[0], F_SETPIPE_SZ, 4096), 0);
}

/* What the server answered to all that write() wrote. Free it. */
static char *converse_slowly(void (*write)(int fd), int kind, unsigned pause_ms)
{
	int to[2], from[2];
	pthread_t writer, reader;
	struct client client = {.write = write, .pause_ms = pause_ms};
	struct stdio *stdio;

	open_ends(kind, to);
	open_ends(kind, from);
	client.to_server = to[1];
	client.from_server = from[0];
	ck_assert_int_eq(stdio_open(help->server, to[0], from[1], &stdio), 0);
	pthread_create(&writer, NULL, write_all, &client);
	pthread_create(&reader, NULL, read_all, &client);
	event_base_dispatch(help->base);
	stdio_close(stdio);
	close(to[0]);
	close(from[1]);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	return client.heard;
}

static char *converse(void (*write)(int fd), int kind)
{
	return converse_slowly(write, kind, 0);
}

static void setup(void)
{
	help = help_open("stdio", true, NULL);
}

static void teardown(void)
{
	help_close(help);
}

static size_t count(const char *text, const char *what)
{
	size_t found = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		found++;
	}
	return found;
}

static void write_pieces(int fd)
{
	static const char text[] = PING("1") "\r\n\n" PING("2") "\n" PING("3");

	for (size_t i = 0; i < sizeof text - 1; i++)
		say(fd, text + i, 1);
}

START_TEST(messages_may_come_in_any_pieces)
{
	char *heard = converse(write_pieces, _i);

	ck_assert_str_eq(heard,
			 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n"
			 "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\n");
	free(heard);
}
END_TEST

static void write_long_line(int fd)
{
	static char text[STDIO_LINE_MAX + 100000];

	memset(text, 'x', sizeof text);
	say(fd, text, sizeof text);
	say_line(fd, "");
	say_line(fd, PING("1"));
}

START_TEST(a_line_that_is_too_long_is_skipped)
{
	char *heard = converse(write_long_line, PIPES);

	ck_assert_uint_eq(count(heard, "-32700"), 1);
	ck_assert_uint_eq(count(heard, "\"id\":1,\"result\""), 1);
	ck_assert_uint_eq(count(heard, "\n"), 2);
	free(heard);
}
END_TEST

#define REQUESTS 10000

/* Garbage of every kind: random bytes, cut messages, deep nesting. */
static void write_garbage(int fd, unsigned *seed)
{
	static const char whole[] =
		"{\"jsonrpc\":\"2.0\",\"id\":\"g\",\"method\":\"tools/call\",\"params\":{\"name\":\"logs_search\","
		"\"arguments\":{\"query\":\"x\",\"limit\":5}}}";
	char bytes[600];
	size_t length = (size_t)rand_r(seed) % 200 + 1;

	switch (rand_r(seed) % 4) {
	case 0:
		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)(rand_r(seed) % 256);
		break;
	case 1:
		length = (size_t)rand_r(seed) % (sizeof whole - 2) + 1;
		memcpy(bytes, whole, length);
		break;
	case 2:
		memset(bytes, '[', length = sizeof bytes);
		break;
	default:
		length = sizeof whole - 1;
		memcpy(bytes, whole, length);
		bytes[(size_t)rand_r(seed) % length] = (char)rand_r(seed);
	}
	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '\n')
			bytes[i] = ' ';
	say(fd, bytes, length);
	say(fd, "\n", 1);
}

static void write_requests_and_garbage(int fd)
{
	static const char *const tools[] = {"scripts_status", "logs_stream", "urls_list", "events_list"};
	unsigned seed = 7;

	for (int i = 0; i < REQUESTS; i++) {
		char text[256];

		snprintf(text, sizeof text,
			 "{\"jsonrpc\":\"2.0\",\"id\":\"r%d\",\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"}}",
			 i, tools[i % 4]);
		say_line(fd, text);
		write_garbage(fd, &seed);
	}
}

static void rang(int number)
{
	(void)number;
}

/* Interrupt system calls of this process all the time. */
static void interrupt_all(bool on)
{
	struct itimerval every = {.it_interval = {.tv_usec = 500 * on}, .it_value = {.tv_usec = 500 * on}};

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = rang}, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

START_TEST(each_request_among_garbage_is_answered_once)
{
	char *heard = converse(write_requests_and_garbage, _i);
	char *seen = calloc(REQUESTS, 1), *line = heard;
	int answered = 0;

	while (*line) {
		char *end = strchr(line, '\n');
		int number;

		ck_assert_ptr_nonnull(end);
		*end = '\0';
		if (sscanf(line, "{\"jsonrpc\":\"2.0\",\"id\":\"r%d\",\"result\":{\"structuredContent\"", &number) ==
		    1) {
			ck_assert_int_eq(seen[number]++, 0);
			answered++;
		}
		line = end + 1;
	}
	ck_assert_int_eq(answered, REQUESTS);
	free(seen);
	free(heard);
}
END_TEST

static void write_and_wait(int fd)
{
	say_line(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_wait\","
		     "\"arguments\":{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":30000}}}");
}

START_TEST(a_client_that_leaves_a_wait_does_not_hold_the_server)
{
	uint64_t start = now_read().boot_ns;
	char *heard = converse(write_and_wait, _i);

	ck_assert_str_eq(heard, "");
	ck_assert_uint_lt(now_read().boot_ns - start, UINT64_C(5000000000));
	free(heard);
}
END_TEST

static void write_short_wait(int fd)
{
	say_line(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_wait\","
		     "\"arguments\":{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":100}}}");
}

#define ANSWERS 200 /* of some thousand bytes each: more than a pipe and a pause take */

static void write_requests(int fd)
{
	for (int i = 0; i < ANSWERS; i++)
		say_line(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
}

START_TEST(a_client_that_reads_slowly_gets_all_answers_after_the_end_of_input)
{
	char *heard = converse_slowly(write_requests, _i, 10);

	ck_assert_uint_eq(count(heard, "\n"), ANSWERS);
	ck_assert_uint_eq(count(heard, "\"result\":{\"tools\""), ANSWERS);
	free(heard);
}
END_TEST

/* A whole conversation, with signals all the time. */
START_TEST(a_system_call_that_is_interrupted_ends_nothing)
{
	char *heard;

	interrupt_all(true);
	heard = converse(write_requests, _i);
	interrupt_all(false);
	ck_assert_uint_eq(count(heard, "\"result\":{\"tools\""), ANSWERS);
	free(heard);
}
END_TEST

/* The kernel tells of a client that ends while there is something it has not read by an error, not by the end. */
START_TEST(an_error_of_reading_is_the_end_of_input)
{
	int to[2], from[2];
	struct stdio *stdio;
	char answer[64] = "";

	open_ends(SOCKETS, to);
	open_ends(PIPES, from);
	ck_assert_int_eq(stdio_open(help->server, to[0], from[1], &stdio), 0);
	ck_assert_int_eq(write(to[0], "x", 1), 1);
	say_line(to[1], PING("1"));
	close(to[1]);
	event_base_dispatch(help->base);
	stdio_close(stdio);
	close(from[1]);
	ck_assert_int_gt(read(from[0], answer, sizeof answer - 1), 0);
	ck_assert_str_eq(answer, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
	close(to[0]);
	close(from[0]);
}
END_TEST

/* Run the loop for so long. */
static void turn(unsigned ms)
{
	struct timeval after = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	event_base_loopexit(help->base, &after);
	event_base_dispatch(help->base);
}

START_TEST(who_reads_nothing_is_told_once_what_changed_meanwhile)
{
	int to[2], from[2];
	struct client client = {0};
	struct stdio *stdio;
	pthread_t reader;

	open_ends(PIPES, to);
	open_ends(PIPES, from);
	ck_assert_int_eq(stdio_open(help->server, to[0], from[1], &stdio), 0);
	say_line(to[1], "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\","
			"\"params\":{\"uri\":\"brummer://logs/web\"}}");
	write_requests(to[1]);
	turn(50);
	for (int i = 0; i < 3; i++) {
		help_print(help, "web", BRM_OUT, "GET /");
		turn(300);
	}
	client.from_server = from[0];
	pthread_create(&reader, NULL, read_all, &client);
	turn(500);
	close(to[1]);
	event_base_dispatch(help->base);
	stdio_close(stdio);
	close(to[0]);
	close(from[1]);
	pthread_join(reader, NULL);
	ck_assert_uint_eq(count(client.heard, "\"result\":{\"tools\""), ANSWERS);
	ck_assert_uint_eq(count(client.heard, "notifications/resources/updated"), 1);
	free(client.heard);
}
END_TEST

START_TEST(an_answer_that_is_about_to_come_is_still_given)
{
	char *heard = converse(write_short_wait, PIPES);

	ck_assert_uint_eq(count(heard, "\"timed_out\":true"), 1);
	free(heard);
}
END_TEST

START_TEST(a_client_that_does_not_read_loses_only_its_connection)
{
	int to[2], from[2];
	struct stdio *stdio;

	ck_assert_int_eq(pipe(to), 0);
	ck_assert_int_eq(pipe(from), 0);
	close(from[0]);
	ck_assert_int_eq(stdio_open(help->server, to[0], from[1], &stdio), 0);
	say_line(to[1], PING("1"));
	/* The loop ends: there is nobody left to talk to. */
	event_base_dispatch(help->base);
	stdio_close(stdio);
	close(to[0]);
	close(to[1]);
	close(from[1]);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("stdio");
	TCase *tcase = tcase_create("stdio");

	signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, messages_may_come_in_any_pieces, 0, KINDS);
	tcase_add_test(tcase, a_line_that_is_too_long_is_skipped);
	tcase_add_loop_test(tcase, each_request_among_garbage_is_answered_once, 0, KINDS);
	tcase_add_loop_test(tcase, a_client_that_reads_slowly_gets_all_answers_after_the_end_of_input, 0, KINDS);
	tcase_add_loop_test(tcase, a_system_call_that_is_interrupted_ends_nothing, 0, KINDS);
	tcase_add_test(tcase, who_reads_nothing_is_told_once_what_changed_meanwhile);
	tcase_add_test(tcase, an_error_of_reading_is_the_end_of_input);
	tcase_add_loop_test(tcase, a_client_that_leaves_a_wait_does_not_hold_the_server, 0, KINDS);
	tcase_add_test(tcase, an_answer_that_is_about_to_come_is_still_given);
	tcase_add_test(tcase, a_client_that_does_not_read_loses_only_its_connection);
	suite_add_tcase(suite, tcase);
	return suite;
}
