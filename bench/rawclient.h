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
	char *bytes; /* the answer; NULL: nothing is open */
	size_t size;
};

/* Serve at descriptors, with answers of so many bytes, until the end of input. */
typedef void rawclient_serve(int in, int out, size_t bytes);

/* Start a server, its standard error to /dev/null, and be its client over pipes. */
void rawclient_start(struct rawclient *client, const char *const *argv);
/* The same with a server that is a function, in a process of its own. */
void rawclient_fork(struct rawclient *client, rawclient_serve *serve, size_t bytes);
/* The same, at descriptors of the caller's: nothing is opened. */
void rawclient_fork_at(struct rawclient *client, rawclient_serve *serve, size_t bytes, int in, int out);
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
