/* SPDX-License-Identifier: MIT */
#include "clients/mcp/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/common/when.h"
#include "clients/mcp/connection.h"
#include "clients/mcp/guard.h"
#include "tests/check_main.h"
#include "tests/mcp_help.h"

/*
 * The transport over HTTP: the server's loop on a thread of its own, and clients that write bytes into sockets.
 */

#define ANSWER_MAX (1u << 20)
#define WAIT_S     10
#define TYPES      "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
#define MODERN     "MCP-Protocol-Version: 2026-07-28\r\n"
#define META                                                                     \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
	"\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define PING "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}"
#define INIT                                                                                                      \
	"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\"," \
	"\"capabilities\":{}}}"
#define CALL(tool, args)                                                                       \
	"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"" tool \
	"\",\"arguments\":" args "}}"

static struct help *help;
static struct http *http;
static pthread_t loop;
static int stop[2];
static struct event *stopper;
static struct sockaddr_in address;
static char answer[ANSWER_MAX];
static char session[128]; /* the header */

static void stopped(evutil_socket_t fd, short what, void *base)
{
	(void)fd, (void)what;
	event_base_loopbreak(base);
}

static void *run(void *base)
{
	event_base_dispatch(base);
	return NULL;
}

static void go_on(void)
{
	ck_assert_int_eq(pthread_create(&loop, NULL, run, help->base), 0);
}

/* The loop rests. */
static void halt(void)
{
	char byte;

	ck_assert_int_eq(write(stop[1], "x", 1), 1);
	pthread_join(loop, NULL);
	ck_assert_int_eq(read(stop[0], &byte, 1), 1);
}

static void open_server(const struct http_options *options)
{
	help = help_open("http", true, NULL);
	ck_assert_int_eq(http_open(help->server, options, &http), 0);
	ck_assert_int_eq(pipe(stop), 0);
	stopper = event_new(help->base, stop[0], EV_READ | EV_PERSIST, stopped, help->base);
	event_add(stopper, NULL);
	address = (struct sockaddr_in){.sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(strrchr(http_url(http), ':') + 1)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	go_on();
}

static void setup(void)
{
	open_server(&(struct http_options){.place = "0"});
}

static void teardown(void)
{
	halt();
	event_free(stopper);
	http_close(http);
	help_close(help);
	close(stop[0]);
	close(stop[1]);
}

static int dial(void)
{
	struct timeval most = {.tv_sec = WAIT_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
	return fd;
}

static void say(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

		if (n < 0)
			return;
		bytes += n;
		length -= (size_t)n;
	}
}

static void say_text(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

static void say_request(int fd, const char *method, const char *headers, const char *body)
{
	char *text = NULL;
	int length = asprintf(&text, "%s /mcp HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %zu\r\n\r\n%s", method,
			      headers, strlen(body), body);

	say(fd, text, (size_t)length);
	free(text);
}

/* Hear until these words came; false when the connection ended before. */
static bool hear(int fd, const char *words)
{
	size_t length = 0;

	answer[0] = '\0';
	while (!strstr(answer, words)) {
		ssize_t n = recv(fd, answer + length, ANSWER_MAX - 1 - length, 0);

		if (n <= 0)
			return false;
		length += (size_t)n;
		answer[length] = '\0';
	}
	return true;
}

/* Hear a response that has a length; its status. 0: the connection ended. */
static int hear_response(int fd)
{
	size_t length = 0, whole = SIZE_MAX;

	answer[0] = '\0';
	while (length < whole) {
		ssize_t n = recv(fd, answer + length, ANSWER_MAX - 1 - length, 0);
		const char *end, *header;

		if (n <= 0)
			return 0;
		length += (size_t)n;
		answer[length] = '\0';
		end = strstr(answer, "\r\n\r\n");
		header = strstr(answer, "Content-Length: ");
		if (end)
			whole = (size_t)(end + 4 - answer) + (header ? strtoul(header + 16, NULL, 10) : 0);
	}
	return atoi(answer + strlen("HTTP/1.1 "));
}

/* A connection of its own for one request: its status. */
static int ask(const char *method, const char *headers, const char *body)
{
	int fd = dial(), status;

	say_request(fd, method, headers, body);
	status = hear_response(fd);
	close(fd);
	return status;
}

/* The headers of a new session, into `session`. */
static void begin_session(void)
{
	const char *id;

	ck_assert_int_eq(ask("POST", TYPES, INIT), 200);
	id = strstr(answer, "Mcp-Session-Id: ");
	ck_assert_ptr_nonnull(id);
	snprintf(session, sizeof session, "%.*s", (int)(strcspn(id, "\n") + 1), id);
}

static const char *with_session(const char *more)
{
	static char headers[512];

	snprintf(headers, sizeof headers, TYPES "%s%s", session, more);
	return headers;
}

START_TEST(a_session_lives_from_initialize_to_delete)
{
	begin_session();
	ck_assert_int_eq(ask("POST", with_session(""), PING), 200);
	ck_assert_ptr_nonnull(strstr(answer, "\"id\":7,\"result\":{}"));
	ck_assert_int_eq(ask("POST", with_session(""), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}"), 202);
	ck_assert_int_eq(ask("POST", TYPES, PING), 400);
	ck_assert_int_eq(ask("POST", TYPES "Mcp-Session-Id: nonsense\r\n", PING), 404);
	ck_assert_int_eq(ask("POST", with_session("MCP-Protocol-Version: 2025-06-18\r\n"), PING), 200);
	ck_assert_int_eq(ask("POST", with_session("MCP-Protocol-Version: 1999-01-01\r\n"), PING), 400);
	ck_assert_int_eq(ask("DELETE", with_session(""), ""), 204);
	ck_assert_int_eq(ask("DELETE", with_session(""), ""), 404);
	ck_assert_int_eq(ask("POST", with_session(""), PING), 404);
}
END_TEST

START_TEST(sessions_are_not_endless)
{
	char first[sizeof session];

	begin_session();
	memcpy(first, session, sizeof first);
	for (int i = 0; i < 1000; i++)
		begin_session();
	ck_assert_int_eq(ask("POST", with_session(""), PING), 200);
	memcpy(session, first, sizeof first);
	ck_assert_int_eq(ask("POST", with_session(""), PING), 404);
}
END_TEST

/* What is refused, and how. */
static const struct {
	int status;
	const char *method, *headers, *body;
} refusals[] = {
	{200, "POST", TYPES, INIT},
	{403, "POST", TYPES "Origin: http://evil.example\r\n", INIT},
	{403, "POST", TYPES "Origin: null\r\n", INIT},
	{403, "POST", TYPES "Origin: http://localhost.evil.example\r\n", INIT},
	{200, "POST", TYPES "Origin: http://localhost:3000\r\n", INIT},
	{200, "POST", TYPES "Origin: https://[::1]:3000\r\n", INIT},
	{403, "POST", TYPES "Host: evil.example\r\n", INIT}, /* a second one */
	{415, "POST", "Accept: */*\r\n", INIT},
	{415, "POST", "Accept: */*\r\nContent-Type: text/plain\r\n", INIT},
	{200, "POST", "Accept: */*\r\nContent-Type: application/json; charset=utf-8\r\n", INIT},
	{406, "POST", "Content-Type: application/json\r\n", INIT},
	{406, "POST", "Content-Type: application/json\r\nAccept: application/json\r\n", INIT},
	{400, "POST", TYPES, ""},
	{400, "POST", TYPES, "not json"},
	{400, "POST", TYPES, "[" INIT "]"},
	{400, "POST", TYPES, "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}"},
	{405, "PUT", TYPES, INIT},
	{405, "OPTIONS", TYPES, ""},
	{405, "GET", TYPES MODERN, ""},
	{405, "DELETE", TYPES MODERN, ""},
	{400, "GET", TYPES, ""},
	{406, "GET", "Accept: application/json\r\n", ""},
	{400, "DELETE", TYPES, ""},
	{404, "POST", TYPES MODERN "Mcp-Method: ping\r\n",
	 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META "}}"},
	{404, "POST", TYPES MODERN "Mcp-Method: initialize\r\n", INIT},
	{400, "POST", TYPES MODERN "Mcp-Method: tools/list\r\n",
	 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"},
	{400, "POST", TYPES MODERN, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}"},
	{400, "POST", TYPES "Mcp-Method: tools/list\r\n",
	 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}"},
	{200, "POST", TYPES MODERN "mcp-method:   tools/list  \r\n",
	 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}"},
	{200, "POST", TYPES MODERN "Mcp-Method: tools/call\r\nMcp-Name: =?base64?dXJsc19saXN0?=\r\n",
	 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"urls_list\"," META "}}"},
	{400, "POST", TYPES MODERN "Mcp-Method: tools/call\r\nMcp-Name: =?base64?dXJsc19saXN?=\r\n",
	 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"urls_list\"," META "}}"},
};

START_TEST(what_is_wrong_is_refused_as_the_protocol_says)
{
	ck_assert_int_eq(ask(refusals[_i].method, refusals[_i].headers, refusals[_i].body), refusals[_i].status);
	if (refusals[_i].status == 405)
		ck_assert_ptr_nonnull(strstr(answer, "Allow: GET, POST, DELETE"));
	else if (refusals[_i].status != 200)
		ck_assert_ptr_nonnull(strstr(answer, "\"error\":{\"code\":"));
}
END_TEST

START_TEST(other_paths_and_hosts_are_refused)
{
	int fd = dial();

	say_text(fd, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	ck_assert_int_eq(hear_response(fd), 404);
	say_text(fd, "GET /mcp HTTP/1.1\r\nHost: rebound.example\r\n\r\n");
	ck_assert_int_eq(hear_response(fd), 403);
	close(fd);
	fd = dial();
	say_text(fd, "GET /mcp HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(hear_response(fd), 403);
	close(fd);
}
END_TEST

START_TEST(what_is_too_large_is_refused)
{
	char *large = malloc(HTTP_BODY_MAX + 2);
	int fd = dial(), status;

	memset(large, ' ', HTTP_BODY_MAX + 1);
	large[HTTP_BODY_MAX + 1] = '\0';
	say_text(fd, "POST /mcp HTTP/1.1\r\nHost: localhost\r\n" TYPES "Content-Length: 4194305\r\n\r\n");
	status = hear_response(fd);
	ck_assert_msg(status == 413 || status == 0, "status %d", status);
	close(fd);
	large[HTTP_HEADERS_MAX * 2] = '\0';
	memset(large, 'x', HTTP_HEADERS_MAX * 2);
	fd = dial();
	say_text(fd, "POST /mcp HTTP/1.1\r\nX: ");
	say(fd, large, HTTP_HEADERS_MAX * 2);
	status = hear_response(fd);
	ck_assert_msg(status >= 400 || status == 0, "status %d", status);
	close(fd);
	free(large);
	ck_assert_int_eq(ask("POST", TYPES, INIT), 200);
}
END_TEST

START_TEST(a_wait_becomes_a_stream_with_progress)
{
	int fd = dial();

	begin_session();
	say_request(fd, "POST", with_session(""),
		    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"scripts_wait\","
		    "\"arguments\":{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":1300},\"_meta\":{"
		    "\"progressToken\":3}}}");
	ck_assert(hear(fd, "0\r\n\r\n"));
	ck_assert_ptr_nonnull(strstr(answer, "Content-Type: text/event-stream"));
	ck_assert_ptr_nonnull(strstr(answer, "-0\ndata: \n\n"));
	ck_assert_ptr_nonnull(strstr(answer, "\"method\":\"notifications/progress\""));
	ck_assert_ptr_nonnull(strstr(answer, "\"timed_out\":true"));
	/* The connection goes on. */
	say_request(fd, "POST", with_session(""), PING);
	ck_assert_int_eq(hear_response(fd), 200);
	close(fd);
}
END_TEST

START_TEST(a_stream_that_broke_is_resumed)
{
	char headers[256], *id;
	int fd = dial();

	begin_session();
	say_request(fd, "POST", with_session(""),
		    CALL("scripts_wait", "{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":600}"));
	ck_assert(hear(fd, "data: \n\n"));
	id = strstr(answer, "id: ") + 4;
	snprintf(headers, sizeof headers, "Accept: text/event-stream\r\n%sLast-Event-ID: %.*s\r\n", session,
		 (int)strcspn(id, "\n"), id);
	close(fd);
	/* It comes back once while the request goes on, and once after its end. */
	for (int i = 0; i < 2; i++) {
		fd = dial();
		say_request(fd, "GET", headers, "");
		ck_assert(hear(fd, "0\r\n\r\n"));
		ck_assert_ptr_nonnull(strstr(answer, "\"timed_out\":true"));
		close(fd);
	}
}
END_TEST

START_TEST(a_session_listens)
{
	int fd = dial();

	begin_session();
	say_request(fd, "GET", with_session(""), "");
	ck_assert(hear(fd, "data: \n\n"));
	ck_assert_int_eq(ask("POST", with_session(""),
			     "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"resources/"
			     "subscribe\",\"params\":{\"uri\":\"brummer://status\"}}"),
			 200);
	help_set_status(help, "web", BRM_STOPPING);
	ck_assert(hear(fd, "notifications/resources/updated"));
	ck_assert_int_eq(ask("DELETE", with_session(""), ""), 204);
	ck_assert(hear(fd, "0\r\n\r\n"));
	close(fd);
}
END_TEST

START_TEST(a_modern_client_listens_until_it_leaves)
{
	int fd = dial();

	say_request(
		fd, "POST", TYPES MODERN "Mcp-Method: subscriptions/listen\r\n",
		"{\"jsonrpc\":\"2.0\",\"id\":\"l\",\"method\":\"subscriptions/listen\",\"params\":{\"notifications\":{"
		"\"resourceSubscriptions\":[\"brummer://status\"]}," META "}}");
	ck_assert(hear(fd, "notifications/subscriptions/acknowledged"));
	help_set_status(help, "web", BRM_STOPPING);
	ck_assert(hear(fd, "notifications/resources/updated"));
	close(fd);
	help_set_status(help, "web", BRM_RUNNING);
	ck_assert_int_eq(ask("POST", TYPES, INIT), 200);
}
END_TEST

/* Nothing is left of what a vanished client asked for. */
START_TEST(a_client_that_vanishes_cancels_in_the_modern_era)
{
	int fd = dial();

	say_request(fd, "POST", TYPES MODERN "Mcp-Method: tools/call\r\nMcp-Name: scripts_wait\r\n",
		    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
		    "call\",\"params\":{\"name\":\"scripts_wait\",\"arguments\":{"
		    "\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":30000}," META "}}");
	ck_assert(hear(fd, ":\n\n"));
	close(fd);
	for (int i = 0; i < 100; i++) {
		unsigned calls;

		halt();
		calls = help->server->call_count;
		go_on();
		if (calls == 0)
			return;
		usleep(20000);
	}
	ck_abort_msg("the call is still there");
}
END_TEST

START_TEST(a_request_is_cancelled_by_another)
{
	int fd = dial();

	begin_session();
	say_request(fd, "POST", with_session(""),
		    CALL("scripts_wait", "{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":30000}"));
	ck_assert(hear(fd, "data: \n\n"));
	ck_assert_int_eq(
		ask("POST", with_session(""),
		    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}"),
		202);
	ck_assert(hear(fd, "0\r\n\r\n"));
	ck_assert_ptr_null(strstr(answer, "result"));
	close(fd);
}
END_TEST

#define CLIENTS 200

START_TEST(two_hundred_clients_at_once)
{
	static int fds[CLIENTS];

	for (int i = 0; i < CLIENTS; i++)
		fds[i] = dial();
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < CLIENTS; i++)
			say_request(fds[i], "POST",
				    TYPES MODERN "Mcp-Method: tools/call\r\nMcp-Name: scripts_status\r\n",
				    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
				    "call\",\"params\":{\"name\":\"scripts_status\"," META "}}");
		for (int i = 0; i < CLIENTS; i++) {
			ck_assert_int_eq(hear_response(fds[i]), 200);
			ck_assert_ptr_nonnull(strstr(answer, "\"processes\":[{"));
		}
	}
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
}
END_TEST

static void setup_narrow(void)
{
	static const struct connection_limits limits = {.most = 4, .first_ms = 300, .idle_ms = 600, .unread_ms = 500};

	open_server(&(struct http_options){.place = "127.0.0.1:0", .limits = &limits});
}

START_TEST(who_is_slow_loses_the_connection)
{
	uint64_t start = now_read().boot_ns;
	int silent = dial(), slow = dial(), idle = dial();

	say_request(idle, "POST", TYPES, INIT);
	ck_assert_int_eq(hear_response(idle), 200);
	for (int i = 0; i < 10; i++) {
		say(slow, "X", 1);
		usleep(50000);
	}
	ck_assert(!hear(silent, "?"));
	ck_assert(!hear(slow, "?"));
	ck_assert(!hear(idle, "?"));
	ck_assert_uint_lt(now_read().boot_ns - start, UINT64_C(3000000000));
	close(silent);
	close(slow);
	close(idle);
}
END_TEST

START_TEST(too_many_connections_make_room)
{
	int first = dial(), fds[8];

	say_request(first, "POST", TYPES, INIT);
	ck_assert_int_eq(hear_response(first), 200);
	for (int i = 0; i < 8; i++) {
		fds[i] = dial();
		say_request(fds[i], "POST", TYPES, INIT);
		ck_assert_int_eq(hear_response(fds[i]), 200);
	}
	ck_assert(!hear(first, "?"));
	close(first);
	for (int i = 0; i < 8; i++)
		close(fds[i]);
}
END_TEST

/* All are busy: the next one waits until one is done. */
START_TEST(who_is_answered_is_not_sent_away)
{
	int busy[4], late;

	begin_session();
	for (int i = 0; i < 4; i++) {
		busy[i] = dial();
		say_request(busy[i], "POST", with_session(""),
			    CALL("scripts_wait", "{\"name\":\"db\",\"until\":\"ready\",\"timeout_ms\":700}"));
		ck_assert(hear(busy[i], "data: \n\n"));
	}
	late = dial();
	say_request(late, "POST", TYPES, INIT);
	ck_assert_int_eq(hear_response(late), 200);
	for (int i = 0; i < 4; i++) {
		ck_assert(hear(busy[i], "\"timed_out\":true"));
		close(busy[i]);
	}
	close(late);
}
END_TEST

START_TEST(a_token_is_asked_for)
{
	const char *path = test_path("token");
	struct http_options options = {.place = "0", .token = path};
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs("s3cret-of-the-test\nmore\n", file);
	fclose(file);
	chmod(path, 0644);
	help = help_open("http", true, NULL);
	ck_assert_int_eq(http_open(help->server, &options, &http), -EACCES);
	chmod(path, 0600);
	options.place = "0.0.0.0:0";
	ck_assert_int_eq(http_open(help->server, &(struct http_options){.place = "0.0.0.0:0"}, &http), -EPERM);
	ck_assert_int_eq(http_open(help->server, &(struct http_options){.place = "nowhere"}, &http), -EINVAL);
	help_close(help);
	open_server(&options);
	ck_assert_int_eq(ask("POST", TYPES, INIT), 401);
	ck_assert_ptr_nonnull(strstr(answer, "WWW-Authenticate: Bearer"));
	ck_assert_int_eq(ask("POST", TYPES "Authorization: Bearer s3cret-of-the-tesT\r\n", INIT), 401);
	ck_assert_int_eq(ask("POST", TYPES "Authorization: Bearer s3cret-of-the-test\r\n", INIT), 200);
	teardown();
}
END_TEST

START_TEST(only_this_machine_is_a_host)
{
	static const struct guard own = {.host = "127.0.0.1"}, all = {.host = ""};
	static const char *const good[] = {"localhost", "LOCALHOST:80", "127.0.0.1:3000", "[::1]:3000", "[::1]"};
	static const char *const bad[] = {"",         ":80",  "localhost.evil", "127.0.0.1.evil", "evil:127.0.0.1",
					  "10.0.0.1", "[::1", "localhost:80x",  "127.0.0.1@evil"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(guard_host_is_ours(&own, good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!guard_host_is_ours(&own, bad[i]), "%s", bad[i]);
	ck_assert(guard_host_is_ours(&all, "10.0.0.1:80"));
	ck_assert(!guard_host_is_ours(&all, "rebound.example"));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("http");
	TCase *served = tcase_create("served"), *narrow = tcase_create("narrow"), *alone = tcase_create("alone");

	signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(served, 60);
	tcase_add_checked_fixture(served, setup, teardown);
	tcase_add_test(served, a_session_lives_from_initialize_to_delete);
	tcase_add_test(served, sessions_are_not_endless);
	tcase_add_loop_test(served, what_is_wrong_is_refused_as_the_protocol_says, 0,
			    sizeof refusals / sizeof *refusals);
	tcase_add_test(served, other_paths_and_hosts_are_refused);
	tcase_add_test(served, what_is_too_large_is_refused);
	tcase_add_test(served, a_wait_becomes_a_stream_with_progress);
	tcase_add_test(served, a_stream_that_broke_is_resumed);
	tcase_add_test(served, a_session_listens);
	tcase_add_test(served, a_modern_client_listens_until_it_leaves);
	tcase_add_test(served, a_client_that_vanishes_cancels_in_the_modern_era);
	tcase_add_test(served, a_request_is_cancelled_by_another);
	tcase_add_test(served, two_hundred_clients_at_once);
	suite_add_tcase(suite, served);
	tcase_set_timeout(narrow, 30);
	tcase_add_checked_fixture(narrow, setup_narrow, teardown);
	tcase_add_test(narrow, who_is_slow_loses_the_connection);
	tcase_add_test(narrow, too_many_connections_make_room);
	tcase_add_test(narrow, who_is_answered_is_not_sent_away);
	suite_add_tcase(suite, narrow);
	tcase_add_test(alone, a_token_is_asked_for);
	tcase_add_test(alone, only_this_machine_is_a_host);
	suite_add_tcase(suite, alone);
	return suite;
}
