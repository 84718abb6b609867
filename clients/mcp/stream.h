/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_STREAM_H
#define CLIENTS_MCP_STREAM_H

#include "clients/mcp/connection.h"
#include "clients/mcp/server.h"

/*
 * mcp/stream.h - the answer to one HTTP request: one JSON object at once, or a stream of events
 *
 * A request that is answered at once gets plain JSON. One that waits gets an event stream: comments keep it alive, and
 * a client that goes away is noticed. In the modern era that cancels the request. In the legacy era the request goes
 * on; its events are kept for a while, and a client of the same session that names the last one it saw gets the rest.
 *
 * Threads  The thread that runs the event base.
 */

#define STREAMS_KEPT 16         /* of one session, whose clients went away */
#define EVENTS_KEPT  64         /* of one stream... */
#define BYTES_KEPT   (1u << 20) /* ...and their bytes; the last one is kept whatever its size */

struct session;
struct kept;

struct stream {
	struct peer peer; /* first */
	struct exchange exchange;
	struct streams *all;
	struct session *session; /* NULL: of the modern era */
	TAILQ_ENTRY(stream) link;
	unsigned number; /* in its session */
	uint64_t seq;    /* of the last event */
	TAILQ_HEAD(, kept) kept;
	size_t kept_bytes;
	unsigned kept_count;
	bool receiving; /* the request is being handled: an answer that comes now is plain */
	bool events;    /* it has become a stream of events */
	bool finished;
};

struct streams {
	struct server *server;
	TAILQ_HEAD(, stream) list;
	struct event *comment;
};

/* 0, -ENOMEM */
int streams_init(struct streams *streams, struct server *server);
void streams_finish(struct streams *streams);

/* What answers a request that came; it takes the exchange over, and frees itself in time. NULL: no memory. */
struct stream *stream_open(struct streams *streams, struct session *session, struct exchange *exchange);

/* Handle the request; rpc is finished. The stream may be gone on return. */
void stream_receive(struct stream *stream, struct rpc *rpc);

/* Become a stream of events that no request asked for: the notifications of a session. */
void stream_listen(struct stream *stream);
/* Send one of them, or keep it. */
void stream_notify(struct stream *stream, const char *message, size_t length);

/* A client comes back to a stream of its session: what came after event seq, and what will. Takes the exchange over. */
void stream_resume(struct stream *stream, struct exchange *exchange, uint64_t seq);

/* End it, whatever it waits for, without a word more. Frees it. */
void stream_close(struct stream *stream);

/* Headers that every answer has. */
void stream_put_headers(struct evhttp_request *request, const char *type);

#endif
