/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MCP_BESIDE_H
#define BENCH_MCP_BESIDE_H

#include <stdbool.h>

#include "bench/rawclient.h"

/*
 * mcp_beside.h - servers of MCP that are asked in turns, where client and server run, and stubs
 *
 * Which processors a client and its server run on decides more of a short latency than what the server does: on one
 * processor each change over is a switch, on two a wake-up of an idle processor. So a figure is measured with both
 * bound, beside a stub bound alike: a program that waits for a request and writes so many bytes without looking at it.
 * What the server has over its stub is its own.
 */

enum placement { PLACED_FREELY, PLACED_ON_ONE, PLACED_ON_TWO };

struct latency {
	double p50, p99; /* medians of the rounds */
	double p50_spread[2], p99_spread[2];
};

/* Something that is asked. */
struct side {
	struct rawclient *client;
	pid_t server;
	const char *text; /* the request, whole */
	size_t length;
	struct latency latency; /* of it */
};

/* Ask each side so many times a round, in turns, pause_ns apart. */
void sides_measure(struct side *sides, size_t sides_count, enum placement where, long pause_ns, size_t count);

/* The same of one, wherever they run. */
struct latency side_measure(struct rawclient *client, pid_t server, const char *text, size_t length, long pause_ns,
			    size_t count);

/* Microseconds from the start of a server to its answer over pipes: the median of some. */
double starts_measure(const char *const *argv, const char *text, size_t length);

/* Requests: a message as a line, and as one of HTTP with these further headers. Their lengths. */
#define REQUEST_CALL(tool, args)                                                               \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" tool \
	"\",\"arguments\":" args "}}"
extern const char request_initialize[];
size_t request_line(const char *message, char out[1024]);
size_t request_post(char *out, size_t size, const char *headers, const char *message);
/* A port of 127.0.0.1 at which nobody listens. */
unsigned request_port(void);

/* Are there two processors? */
bool placement_is_possible(enum placement where);

/* Over pipes: a line is answered with a line of so many bytes. */
void stub_start(struct rawclient *client, size_t bytes);
/* Over HTTP, by libevent's evhttp: any request is answered with a body of so many bytes. client->pid serves, at *port.
 */
void stub_start_http(struct rawclient *client, size_t bytes, unsigned *port);

#endif
