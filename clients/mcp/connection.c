/* SPDX-License-Identifier: MIT */
#include "clients/mcp/connection.h"

#include <stdlib.h>

#include <event2/buffer.h>

/* evhttp reads no further ahead than this while a request is being answered. */
#define AHEAD_BYTES 65536u

const struct connection_limits connection_limits = {
	.most = 400, .first_ms = 10000, .idle_ms = 60000, .unread_ms = 30000};

struct connection {
	TAILQ_ENTRY(connection) link;
	struct connections *all;
	struct bufferevent *bytes;
	struct evhttp_connection *evcon; /* NULL: accepted just now */
	struct event *timer;
	struct exchange *exchange; /* NULL: waits for a request, or a short answer is on its way */
	bool busy;                 /* a request is being answered */
	bool doomed;
};
TAILQ_HEAD(connection_list, connection);

struct connections {
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *settle;
	struct connection_list fresh; /* accepted, and not yet known to evhttp's end */
	struct connection_list idle;  /* the one that is idle for longest first */
	struct connection_list busy;
	struct connection **by_fd;
	size_t room;
	struct connection_limits limits;
	unsigned count;
	bool full; /* nobody is let in */
};

static struct connection_list *list_of(struct connection *connection)
{
	if (!connection->evcon)
		return &connection->all->fresh;
	return connection->busy ? &connection->all->busy : &connection->all->idle;
}

static void move(struct connection *connection, bool busy)
{
	TAILQ_REMOVE(list_of(connection), connection, link);
	connection->busy = busy;
	TAILQ_INSERT_TAIL(list_of(connection), connection, link);
}

static struct timeval timeval_of(unsigned ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static void arm(struct connection *connection, unsigned ms)
{
	struct timeval after = timeval_of(ms);

	evtimer_add(connection->timer, &after);
}

/* Too many: make room, but not by who has come just now, or let nobody in. */
static void limit(struct connections *all, const struct connection *newest)
{
	struct connection *oldest = TAILQ_FIRST(&all->idle);

	if (all->count >= all->limits.most && oldest && oldest != newest) {
		evhttp_connection_free(oldest->evcon); /* which comes back here by closed() */
		return;
	}
	all->full = all->count >= all->limits.most;
	if (all->listener && all->full)
		evconnlistener_disable(all->listener);
	else if (all->listener)
		evconnlistener_enable(all->listener);
}

static void forget(struct connection *connection)
{
	struct connections *all = connection->all;

	TAILQ_REMOVE(list_of(connection), connection, link);
	event_free(connection->timer);
	free(connection);
	all->count--;
}

/* evhttp ends a connection, for whatever reason. */
static void closed(struct evhttp_connection *evcon, void *arg)
{
	struct connection *connection = arg;
	struct connections *all = connection->all;
	struct exchange *exchange = connection->exchange;
	evutil_socket_t fd = bufferevent_getfd(connection->bytes);

	(void)evcon;
	if (fd >= 0 && (size_t)fd < all->room)
		all->by_fd[fd] = NULL;
	forget(connection);
	if (exchange) {
		struct evhttp_request *request = exchange->request;

		exchange->connection = NULL;
		exchange->request = NULL;
		/* A request that evhttp took off its connection is ours to free; another it frees itself. */
		if (!evhttp_request_get_connection(request))
			evhttp_request_free(request);
		exchange->gone(exchange);
	}
	limit(all, NULL);
}

static void time_is_over(evutil_socket_t fd, short what, void *arg)
{
	struct connection *connection = arg;

	(void)fd, (void)what;
	evhttp_connection_free(connection->evcon);
}

static bool remember(struct connections *all, evutil_socket_t fd, struct connection *connection)
{
	size_t room = all->room ? all->room : 64;
	struct connection **by_fd;

	while (room <= (size_t)fd)
		room *= 2;
	by_fd = room == all->room ? all->by_fd : realloc(all->by_fd, room * sizeof(struct connection *));
	if (!by_fd)
		return false;
	for (size_t i = all->room; i < room; i++)
		by_fd[i] = NULL;
	all->by_fd = by_fd;
	all->room = room;
	by_fd[fd] = connection;
	return true;
}

/*
 * evhttp tells of a connection with its first request only; a client that never sends one must not be forgotten. Its
 * connection is the argument of the callbacks it has set on the bytes' side by now.
 */
static void settle(evutil_socket_t fd, short what, void *arg)
{
	struct connections *all = arg;
	struct connection *connection;

	(void)fd, (void)what;
	while ((connection = TAILQ_FIRST(&all->fresh))) {
		void *evcon;

		bufferevent_getcb(connection->bytes, NULL, NULL, NULL, &evcon);
		if (!evcon || !remember(all, bufferevent_getfd(connection->bytes), connection)) {
			bufferevent_decref(connection->bytes);
			forget(connection);
			continue;
		}
		TAILQ_REMOVE(&all->fresh, connection, link);
		connection->evcon = evcon;
		TAILQ_INSERT_TAIL(&all->idle, connection, link);
		evhttp_connection_set_closecb(evcon, closed, connection);
		bufferevent_decref(connection->bytes);
		arm(connection, all->limits.first_ms);
		limit(all, connection);
	}
}

/* evhttp is about to accept one. */
static struct bufferevent *accepted(struct event_base *base, void *arg)
{
	struct connections *all = arg;
	struct timeval unread = timeval_of(all->limits.unread_ms);
	struct bufferevent *bytes = bufferevent_socket_new(base, -1, 0);
	struct connection *connection = bytes ? calloc(1, sizeof *connection) : NULL;

	if (!connection)
		return bytes;
	connection->timer = evtimer_new(base, time_is_over, connection);
	if (!connection->timer) {
		free(connection);
		return bytes;
	}
	bufferevent_setwatermark(bytes, EV_READ, 0, AHEAD_BYTES);
	bufferevent_set_timeouts(bytes, NULL, &unread);
	bufferevent_incref(bytes); /* until it has settled */
	connection->bytes = bytes;
	connection->all = all;
	TAILQ_INSERT_TAIL(&all->fresh, connection, link);
	all->count++;
	event_active(all->settle, EV_TIMEOUT, 0);
	return bytes;
}

struct connections *connections_open(struct event_base *base, struct evhttp *http,
				     const struct connection_limits *limits)
{
	struct connections *all = calloc(1, sizeof *all);

	if (!all)
		return NULL;
	all->base = base;
	all->limits = *limits;
	TAILQ_INIT(&all->fresh);
	TAILQ_INIT(&all->idle);
	TAILQ_INIT(&all->busy);
	all->settle = evtimer_new(base, settle, all);
	if (!all->settle) {
		free(all);
		return NULL;
	}
	evhttp_set_bevcb(http, accepted, all);
	return all;
}

void connections_close(struct connections *all)
{
	event_free(all->settle);
	free(all->by_fd);
	free(all);
}

void connections_listen(struct connections *all, struct evconnlistener *listener)
{
	all->listener = listener;
}

static struct connection *find(struct connections *all, struct evhttp_request *request)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(request);
	evutil_socket_t fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));

	return fd >= 0 && (size_t)fd < all->room ? all->by_fd[fd] : NULL;
}

/* The answer has been written. */
static void answered(struct evhttp_request *request, void *arg)
{
	struct connection *connection = arg;

	(void)request;
	move(connection, false);
	/* Not closed here: evhttp is not done with it. */
	arm(connection, connection->all->full ? 0 : connection->all->limits.idle_ms);
}

bool exchange_begin(struct connections *all, struct evhttp_request *request, struct exchange *exchange)
{
	struct connection *connection = find(all, request);

	exchange->request = request;
	exchange->connection = connection;
	if (!connection)
		return false;
	event_del(connection->timer);
	move(connection, true);
	connection->exchange = exchange;
	evhttp_request_set_on_complete_cb(request, answered, connection);
	return true;
}

void exchange_move(struct exchange *from, struct exchange *to)
{
	to->connection = from->connection;
	to->request = from->request;
	to->connection->exchange = to;
}

void exchange_end(struct exchange *exchange)
{
	if (exchange->connection)
		exchange->connection->exchange = NULL;
	exchange->connection = NULL;
	exchange->request = NULL;
}

/*
 * An answer that the socket takes at once needs no turn of the loop, and the kernel need not be told to watch for room.
 * evhttp hears of the end of the answer as always, after its own work with the request.
 */
static void write_now(struct bufferevent *bytes)
{
	struct evbuffer *output = bufferevent_get_output(bytes);

	evbuffer_unfreeze(output, 1);
	evbuffer_write(output, bufferevent_getfd(bytes));
	evbuffer_freeze(output, 1);
	if (evbuffer_get_length(output) > 0)
		return;
	bufferevent_disable(bytes, EV_WRITE);
	bufferevent_trigger(bytes, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
}

void exchange_reply(struct exchange *exchange, int status, const char *why, struct evbuffer *body)
{
	struct evhttp_request *request = exchange->request;
	struct bufferevent *bytes = exchange->connection->bytes;

	exchange_end(exchange);
	evhttp_send_reply(request, status, why, body);
	write_now(bytes);
}

void exchange_check_unread(struct exchange *exchange)
{
	struct connection *connection = exchange->connection;

	if (!connection || evbuffer_get_length(bufferevent_get_output(connection->bytes)) <= UNREAD_MAX)
		return;
	/* Not now: who sends may be in the middle of things. */
	if (!connection->doomed)
		arm(connection, 0);
	connection->doomed = true;
}
