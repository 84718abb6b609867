/* SPDX-License-Identifier: MIT */
#include "bench/mcp_beside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#define ROUNDS 5
#define STARTS 10

const char request_initialize[] =
	"{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
	"\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}}";

size_t request_line(const char *message, char out[1024])
{
	return (size_t)snprintf(out, 1024, "%s\n", message);
}

size_t request_post(char *out, size_t size, const char *headers, const char *message)
{
	return (size_t)snprintf(out, size,
				"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
				"Accept: application/json, text/event-stream\r\n%sContent-Length: %zu\r\n\r\n%s",
				headers, strlen(message), message);
}

/* A socket that is bound to a port of this machine's own. */
static int bind_somewhere(unsigned *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, length) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		bench_fail("find a port", errno);
	*port = ntohs(address.sin_port);
	return fd;
}

unsigned request_port(void)
{
	unsigned port;

	close(bind_somewhere(&port));
	return port;
}

/* The processors that this process had when it began. */
static const cpu_set_t *processors(void)
{
	static cpu_set_t all;

	if (CPU_COUNT(&all) == 0 && sched_getaffinity(0, sizeof all, &all) != 0)
		bench_fail("see the processors", errno);
	return &all;
}

bool placement_is_possible(enum placement where)
{
	return where != PLACED_ON_TWO || CPU_COUNT(processors()) > 1;
}

/* Only the number-th of them. */
static cpu_set_t processor(int number)
{
	cpu_set_t one;
	int cpu = 0;

	CPU_ZERO(&one);
	while (!CPU_ISSET(cpu, processors()) || number-- > 0)
		cpu++;
	CPU_SET(cpu, &one);
	return one;
}

static void place(pid_t server, enum placement where)
{
	cpu_set_t of_server = where == PLACED_FREELY ? *processors() : processor(0);
	cpu_set_t of_client = where == PLACED_ON_TWO ? processor(1) : of_server;

	if (sched_setaffinity(server, sizeof of_server, &of_server) != 0 ||
	    sched_setaffinity(0, sizeof of_client, &of_client) != 0)
		bench_fail("bind to a processor", errno);
}

/* The median of a share of each round's times, and its spread. */
static double median(double *values, double spread[2])
{
	bench_sort(values, ROUNDS);
	spread[0] = values[0];
	spread[1] = values[ROUNDS - 1];
	return values[ROUNDS / 2];
}

void sides_measure(struct side *sides, size_t sides_count, enum placement where, long pause_ns, size_t count)
{
	double *times = calloc(count, sizeof *times), (*p50)[ROUNDS] = calloc(sides_count, sizeof *p50);
	double(*p99)[ROUNDS] = calloc(sides_count, sizeof *p99);

	if (!times || !p50 || !p99)
		bench_fail("keep times", ENOMEM);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < sides_count; i++) {
			place(sides[i].server, where);
			rawclient_measure(sides[i].client, sides[i].text, sides[i].length, pause_ns, times, count);
			p50[i][round] = bench_at(times, count, 0.5);
			p99[i][round] = bench_at(times, count, 0.99);
		}
	}
	for (size_t i = 0; i < sides_count; i++) {
		sides[i].latency.p50 = median(p50[i], sides[i].latency.p50_spread);
		sides[i].latency.p99 = median(p99[i], sides[i].latency.p99_spread);
		place(sides[i].server, PLACED_FREELY);
	}
	free(times);
	free(p50);
	free(p99);
}

struct latency side_measure(struct rawclient *client, pid_t server, const char *text, size_t length, long pause_ns,
			    size_t count)
{
	struct side side = {.client = client, .server = server, .text = text, .length = length};

	sides_measure(&side, 1, PLACED_FREELY, pause_ns, count);
	return side.latency;
}

double starts_measure(const char *const *argv, const char *text, size_t length)
{
	double times[STARTS];

	for (int i = 0; i < STARTS; i++) {
		struct rawclient client = {0};
		uint64_t before = bench_now_ns();

		rawclient_start(&client, argv);
		rawclient_ask(&client, text, length);
		times[i] = (double)(bench_now_ns() - before) / 1e3;
		rawclient_stop(&client);
	}
	bench_sort(times, STARTS);
	return times[STARTS / 2];
}

static char *filler(size_t bytes)
{
	char *answer = malloc(bytes);

	if (!answer)
		_exit(99);
	memset(answer, 'x', bytes);
	answer[bytes - 1] = '\n';
	return answer;
}

static void answer_lines(int in, int out, size_t bytes)
{
	char *answer = filler(bytes), line[65536];
	ssize_t n;

	while ((n = read(in, line, sizeof line)) > 0)
		if (line[n - 1] == '\n' && write(out, answer, bytes) != (ssize_t)bytes)
			_exit(99);
}

void stub_start(struct rawclient *client, size_t bytes)
{
	rawclient_fork(client, answer_lines, bytes);
}

/* The body of every answer. */
struct body {
	char *bytes;
	size_t length;
};

static void answer_request(struct evhttp_request *request, void *arg)
{
	const struct body *body = arg;

	evbuffer_add_reference(evhttp_request_get_output_buffer(request), body->bytes, body->length, NULL, NULL);
	evhttp_send_reply(request, HTTP_OK, NULL, NULL);
}

static void serve(int in, int out, size_t bytes)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct body body = {filler(bytes), bytes};

	(void)out;
	evutil_make_socket_nonblocking(in);
	evhttp_set_gencb(http, answer_request, &body);
	if (evhttp_accept_socket(http, in) == 0)
		event_base_dispatch(base);
}

void stub_start_http(struct rawclient *client, size_t bytes, unsigned *port)
{
	int fd = bind_somewhere(port);

	if (listen(fd, 16) != 0)
		bench_fail("listen", errno);
	rawclient_fork_at(client, serve, bytes, fd, -1);
	close(fd);
}
