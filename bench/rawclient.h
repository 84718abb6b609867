/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RAWCLIENT_H
#define BENCH_RAWCLIENT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * rawclient.h - a client of an MCP server that parses nothing: one request in flight, over pipes or a socket
 *
 * What fails ends the program, as everywhere in the benchmarks.
 */

struct rawclient {
	pid_t pid; /* of the server */
	int to, from;
	char *bytes; /* the answer */
	size_t size;
};

/* Start a server, its standard error to /dev/null, and be its client over pipes. */
void rawclient_start(struct rawclient *client, const char *const *argv);
/* Be another client of a server that serves HTTP at this port of 127.0.0.1. */
void rawclient_connect(struct rawclient *client, unsigned port);
/* The server that was started ends. */
void rawclient_stop(struct rawclient *client);

/* Send all, wait for a whole line, or a whole HTTP response. Returns its bytes. */
size_t rawclient_ask(struct rawclient *client, const char *text, size_t length);

/* So many requests, `pause_ns` apart; sorted microseconds of each into times. */
void rawclient_measure(struct rawclient *client, const char *text, size_t length, long pause_ns, double *times,
		       size_t count);

#endif
