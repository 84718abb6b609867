/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_CONNECTION_H
#define CLIENTS_MCP_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

/*
 * mcp/connection.h - the connections of an evhttp: how many, how slow, and when they end
 *
 * A connection has so long for its first whole request, and so long from one answer to the next whole request; a client
 * that does not read loses it too. When there are too many, the one that is idle for longest gives way; when none is
 * idle, nobody is let in for the moment.
 */

#define UNREAD_MAX (4u << 20) /* bytes of answers that wait to be read */

struct connection_limits {
	unsigned most;      /* connections */
	unsigned first_ms;  /* for the first request, from the first byte to the last */
	unsigned idle_ms;   /* from an answer to the end of the next request */
	unsigned unread_ms; /* while nobody reads an answer */
};

extern const struct connection_limits connection_limits; /* those of brummer-mcp */

struct connection;
struct connections;

/* What a connection is doing. Embedded in what answers a request. */
struct exchange {
	struct connection *connection; /* NULL: it is gone, or the answer is complete */
	struct evhttp_request *request;
	void (*gone)(struct exchange *exchange); /* the client went away; connection and request are NULL by now */
};

/* The connections of an evhttp are made here from now on. NULL: no memory. */
struct connections *connections_open(struct event_base *base, struct evhttp *http,
				     const struct connection_limits *limits);
/* After evhttp_free(). */
void connections_close(struct connections *connections);

/* Take connections from this listener, which stays the caller's. */
void connections_listen(struct connections *connections, struct evconnlistener *listener);

/* A whole request came: it is being answered from now on. False: its connection is not known, for want of memory. */
bool exchange_begin(struct connections *connections, struct evhttp_request *request, struct exchange *exchange);
/* What answers the request lives there from now on. */
void exchange_move(struct exchange *from, struct exchange *to);
/* Answer, with this body (NULL: none): the exchange is forgotten. */
void exchange_reply(struct exchange *exchange, int status, const char *why, struct evbuffer *body);
/* The answer is complete, or is about to be: the exchange is forgotten. */
void exchange_end(struct exchange *exchange);
/* The client does not read what it is sent: end the connection, soon. */
void exchange_check_unread(struct exchange *exchange);

#endif
