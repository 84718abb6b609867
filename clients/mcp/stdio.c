/* SPDX-License-Identifier: MIT */
#include "clients/mcp/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES 65536u
#define UNSENT_MAX (1u << 20) /* more than this waiting to be read by the client: read no more from it */

/* After the end of input: for answers that are about to come, and for a client that reads nothing of what is there. */
static const struct timeval last_moment = {.tv_usec = 500000};
static const struct timeval unread_moment = {.tv_sec = 1, .tv_usec = 500000};

struct buffer {
	char *bytes;
	size_t length;
	size_t size;
};

struct stdio {
	struct peer peer; /* first: a peer is its stdio */
	struct server *server;
	struct event *readable;
	struct event *writable;
	struct event *last; /* after the end of input */
	int out;
	int own;        /* another description of out that does not block; -1: none */
	bool is_socket; /* out */
	bool skipping;  /* the rest of a line that was too long */
	bool receiving; /* answers are written together */
	bool ended;     /* end of input, or nobody reads */
	bool reads;     /* after the end of input: the client has read some since it was looked at last */
	struct buffer received;
	struct buffer unsent;
};

static void stop(struct stdio *stdio)
{
	event_base_loopbreak(stdio->server->options.base);
}

static bool grow(struct buffer *buffer, size_t more)
{
	size_t size = buffer->size ? buffer->size : READ_BYTES;
	char *bytes;

	if (buffer->size - buffer->length >= more)
		return true;
	while (size - buffer->length < more)
		size *= 2;
	bytes = realloc(buffer->bytes, size);
	if (!bytes)
		return false;
	buffer->bytes = bytes;
	buffer->size = size;
	return true;
}

static void consume(struct buffer *buffer, size_t bytes)
{
	buffer->length -= bytes;
	memmove(buffer->bytes, buffer->bytes + bytes, buffer->length);
}

/* No room, or no memory of the kernel's for it: the client is there still. */
static bool is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM;
}

/* Write what can be written without waiting: the bytes written, -1 when the client is gone. */
static ssize_t put(struct stdio *stdio, const char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = stdio->is_socket
				    ? send(stdio->out, bytes + done, length - done, MSG_DONTWAIT | MSG_NOSIGNAL)
				    : write(stdio->own >= 0 ? stdio->own : stdio->out, bytes + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return is_passing(errno) ? (ssize_t)done : -1;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static void gone(struct stdio *stdio)
{
	stdio->ended = true;
	stdio->unsent.length = 0;
	stop(stdio);
}

static void flush(struct stdio *stdio)
{
	bool was_full;
	ssize_t n;

	if (stdio->unsent.length == 0)
		return;
	n = put(stdio, stdio->unsent.bytes, stdio->unsent.length);
	if (n < 0) {
		gone(stdio);
		return;
	}
	consume(&stdio->unsent, (size_t)n);
	stdio->reads |= n > 0;
	if (stdio->unsent.length > 0)
		event_add(stdio->writable, NULL);
	was_full = stdio->peer.full;
	stdio->peer.full = stdio->unsent.length > UNSENT_MAX;
	if (stdio->peer.full)
		event_del(stdio->readable);
	else if (was_full && !stdio->ended)
		event_add(stdio->readable, NULL);
}

/* At the end of input, once everything is answered and read. */
static void stop_if_done(struct stdio *stdio)
{
	if (stdio->ended && stdio->unsent.length == 0 && !server_busy(stdio->server, &stdio->peer))
		stop(stdio);
}

static void send_message(struct peer *peer, enum message kind, const char *message, size_t length)
{
	struct stdio *stdio = (struct stdio *)peer;
	struct buffer *unsent = &stdio->unsent;

	(void)kind;
	if (!grow(unsent, length + 1)) {
		gone(stdio);
		return;
	}
	memcpy(unsent->bytes + unsent->length, message, length);
	unsent->bytes[unsent->length + length] = '\n';
	unsent->length += length + 1;
	if (stdio->receiving)
		return;
	flush(stdio);
	stop_if_done(stdio);
}

static void writable(evutil_socket_t fd, short what, void *arg)
{
	struct stdio *stdio = arg;

	(void)fd, (void)what;
	flush(stdio);
	if (!stdio->peer.full)
		subscriptions_look(&stdio->server->subscriptions);
	stop_if_done(stdio);
}

static void moment_over(evutil_socket_t fd, short what, void *arg)
{
	struct stdio *stdio = arg;

	(void)fd, (void)what;
	if (stdio->unsent.length > 0 && stdio->reads)
		evtimer_add(stdio->last, &unread_moment);
	else
		stop(stdio);
	stdio->reads = false;
}

static void take_line(struct stdio *stdio, const char *line, size_t length)
{
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (stdio->skipping)
		stdio->skipping = false;
	else if (length > 0)
		server_receive(stdio->server, &stdio->peer, line, length);
}

static void refuse_line(struct stdio *stdio)
{
	struct json *out = &stdio->server->out;

	if (!stdio->skipping) {
		rpc_put_error(out, NULL, RPC_PARSE_ERROR, "Parse error: the message is too long", NULL);
		server_send(stdio->server, &stdio->peer, MESSAGE_REFUSAL);
	}
	stdio->skipping = true;
	stdio->received.length = 0;
}

/* Take every whole line; of what follows the first `seen` bytes are known to hold no newline. */
static void take_lines(struct stdio *stdio, size_t seen)
{
	struct buffer *received = &stdio->received;
	size_t start = 0;
	const char *end;

	while ((end = memchr(received->bytes + seen, '\n', received->length - seen))) {
		size_t next = (size_t)(end - received->bytes) + 1;

		take_line(stdio, received->bytes + start, next - 1 - start);
		start = seen = next;
	}
	if (start > 0)
		consume(received, start);
	if (received->length > STDIO_LINE_MAX)
		refuse_line(stdio);
}

static void end_of_input(struct stdio *stdio)
{
	/* The last line may lack its newline. */
	take_line(stdio, stdio->received.bytes, stdio->received.length);
	stdio->received.length = 0;
	stdio->ended = true;
	event_del(stdio->readable);
	stdio->reads = true;
	evtimer_add(stdio->last, &last_moment);
}

static void readable(evutil_socket_t fd, short what, void *arg)
{
	struct stdio *stdio = arg;
	struct buffer *received = &stdio->received;
	size_t seen = received->length;
	ssize_t n;

	(void)what;
	if (!grow(received, READ_BYTES)) {
		gone(stdio);
		return;
	}
	n = read(fd, received->bytes + seen, READ_BYTES);
	if (n < 0 && (errno == EINTR || is_passing(errno)))
		return;
	stdio->receiving = true;
	if (n > 0) {
		received->length += (size_t)n;
		take_lines(stdio, seen);
	} else {
		end_of_input(stdio);
	}
	stdio->receiving = false;
	flush(stdio);
	stop_if_done(stdio);
}

/*
 * A pipe is written through a description of our own that does not block; setting the one we were given would set it
 * for everybody who shares it.
 */
static int own_description(int out)
{
	struct stat st;
	char path[32];

	if (fstat(out, &st) != 0 || !S_ISFIFO(st.st_mode))
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", out);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int stdio_open(struct server *server, int in, int out, struct stdio **result)
{
	struct event_base *base = server->options.base;
	struct stdio *stdio = calloc(1, sizeof *stdio);

	if (!stdio)
		return -ENOMEM;
	stdio->peer.send = send_message;
	stdio->server = server;
	stdio->out = out;
	stdio->own = own_description(out);
	stdio->is_socket = is_socket(out);
	stdio->readable = event_new(base, in, EV_READ | EV_PERSIST, readable, stdio);
	stdio->writable = event_new(base, out, EV_WRITE, writable, stdio);
	stdio->last = evtimer_new(base, moment_over, stdio);
	if (!stdio->readable || !stdio->writable || !stdio->last || event_add(stdio->readable, NULL) != 0) {
		stdio_close(stdio);
		return -ENOMEM;
	}
	*result = stdio;
	return 0;
}

void stdio_close(struct stdio *stdio)
{
	struct event *events[] = {stdio->readable, stdio->writable, stdio->last};

	server_forget(stdio->server, &stdio->peer);
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (events[i])
			event_free(events[i]);
	if (stdio->own >= 0)
		close(stdio->own);
	free(stdio->received.bytes);
	free(stdio->unsent.bytes);
	free(stdio);
}
