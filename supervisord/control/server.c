/* SPDX-License-Identifier: MIT */
#include "control/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "control/call.h"
#include "control/methods.h"
#include "control/rpc.h"
#include "control/terminal.h"
#include "say.h"

#define BACKLOG          128
#define FAREWELL_SECONDS 1
#define ACCEPT_PAUSE_MS  200

TAILQ_HEAD(call_list, call);
TAILQ_HEAD(peer_list, peer);

struct peer {
	TAILQ_ENTRY(peer) link;
	struct server *server;
	struct bufferevent *stream;
	struct event *timer;
	struct call_list calls; /* in flight */
	size_t call_count;
	struct rpc_scan scan;
	struct asker asker;
	bool partial; /* the timer runs for the rest of a message */
	bool broken;  /* to be closed as soon as nobody works with it */
};

struct server {
	struct engine *engine;
	struct evconnlistener *listener;
	struct event *accept_timer;
	struct peer_list peers;
	size_t peer_count;
	bool deaf; /* takes no requests any more */
};

struct engine *server_engine(const struct server *server)
{
	return server->engine;
}

struct server *peer_server(const struct peer *peer)
{
	return peer->server;
}

struct asker *peer_asker(struct peer *peer)
{
	return &peer->asker;
}

void peer_hold(struct peer *peer, struct call *call)
{
	TAILQ_INSERT_TAIL(&peer->calls, call, link);
	peer->call_count++;
}

void peer_release(struct peer *peer, struct call *call)
{
	TAILQ_REMOVE(&peer->calls, call, link);
	peer->call_count--;
	/* It may have been too many; what has come meanwhile is looked at in the loop. */
	if (!peer->broken && !peer->server->deaf && peer->call_count + 1 == PEER_CALLS_MAX)
		bufferevent_trigger(peer->stream, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void peer_send(struct peer *peer, const msgpack_sbuffer *message)
{
	if (peer->broken)
		return;
	bufferevent_write(peer->stream, message->data, message->size);
	peer->server->engine->answered = true;
}

static void peer_close(struct peer *peer)
{
	struct call *call;

	peer->broken = true;
	terminal_forget(peer);
	while ((call = TAILQ_FIRST(&peer->calls)))
		call_free(call);
	TAILQ_REMOVE(&peer->server->peers, peer, link);
	peer->server->peer_count--;
	if (peer->timer)
		event_free(peer->timer);
	if (peer->stream)
		bufferevent_free(peer->stream);
	free(peer);
}

/* It has to wait with its next request: for answers, or until it has read those there are. */
static bool is_full(const struct peer *peer)
{
	return peer->call_count >= PEER_CALLS_MAX ||
	       evbuffer_get_length(bufferevent_get_output(peer->stream)) >= PEER_OUTPUT_MAX;
}

/* One message off the stream. Returns 1, 0 when there is no whole one, or the error of a broken peer. */
static int take_message(struct peer *peer)
{
	struct evbuffer *input = bufferevent_get_input(peer->stream);
	size_t length = evbuffer_get_length(input);
	struct rpc_request request;
	const uint8_t *bytes;
	int rc;

	if (length == peer->scan.at && length == 0)
		return 0;
	bytes = evbuffer_pullup(input, -1);
	if (!bytes)
		return -ENOMEM;
	rc = rpc_scan(&peer->scan, bytes, length);
	if (rc != 1)
		return rc;
	rc = rpc_decode(bytes, peer->scan.at, &request);
	if (rc == 0)
		method_call(peer, &request);
	rpc_finish(&request);
	evbuffer_drain(input, peer->scan.at);
	peer->scan = (struct rpc_scan){0};
	return rc == 0 ? 1 : rc;
}

/* The timer runs for the rest of a message from the message's beginning, else for the next request. */
static void set_timer(struct peer *peer)
{
	static const struct timeval idle = {PEER_IDLE_SECONDS, 0}, partial = {PEER_PARTIAL_SECONDS, 0};
	bool is_partial = evbuffer_get_length(bufferevent_get_input(peer->stream)) > 0 && !is_full(peer);

	if (is_partial && peer->partial)
		return;
	peer->partial = is_partial;
	evtimer_add(peer->timer, is_partial ? &partial : &idle);
}

static void on_read(struct bufferevent *stream, void *arg)
{
	struct peer *peer = arg;
	int rc = 1;

	(void)stream;
	engine_enter(peer->server->engine);
	while (rc == 1 && !is_full(peer) && !peer->server->deaf) {
		rc = take_message(peer);
		peer->partial = peer->partial && rc == 0;
	}
	if (rc < 0) {
		peer_close(peer);
		return;
	}
	/* libevent calls back for ever while there is more than it may read, but not when it may not read. */
	if (is_full(peer) || peer->server->deaf)
		bufferevent_disable(peer->stream, EV_READ);
	else
		bufferevent_enable(peer->stream, EV_READ);
	set_timer(peer);
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
	struct peer *peer = arg;

	(void)stream, (void)what; /* hung up, failed, or did not read in time: all the same */
	engine_enter(peer->server->engine);
	peer_close(peer);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;

	(void)fd, (void)what;
	engine_enter(peer->server->engine);
	if (peer->partial || (peer->call_count == 0 && !terminal_is_attached(peer)))
		peer_close(peer);
	else
		set_timer(peer);
}

/* Who is it? Only this user and root may command. */
static int check_peer(int fd, struct asker *asker)
{
	struct ucred cred;
	socklen_t length = sizeof cred;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &length) != 0)
		return -errno;
	if (cred.uid != geteuid() && cred.uid != 0)
		return -EACCES;
	*asker = (struct asker){.pid = cred.pid, .kind = BRM_BY_OTHER};
	return 0;
}

static int peer_open(struct server *server, int fd, struct asker asker)
{
	static const struct timeval patience = {PEER_WRITE_SECONDS, 0};
	struct peer *peer = calloc(1, sizeof *peer);

	if (!peer) {
		close(fd);
		return -ENOMEM;
	}
	peer->server = server;
	peer->asker = asker;
	TAILQ_INIT(&peer->calls);
	TAILQ_INSERT_TAIL(&server->peers, peer, link);
	server->peer_count++;
	peer->timer = evtimer_new(server->engine->base, on_timer, peer);
	peer->stream = bufferevent_socket_new(server->engine->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!peer->stream)
		close(fd);
	if (!peer->timer || !peer->stream) {
		peer_close(peer);
		return -ENOMEM;
	}
	bufferevent_setcb(peer->stream, on_read, on_read, on_event, peer);
	bufferevent_setwatermark(peer->stream, EV_READ, 0, BRM_CONTROL_REQUEST_MAX);
	bufferevent_setwatermark(peer->stream, EV_WRITE, PEER_OUTPUT_MAX / 2, 0);
	bufferevent_set_timeouts(peer->stream, NULL, &patience);
	set_timer(peer);
	return bufferevent_enable(peer->stream, EV_READ | EV_WRITE);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
		      void *arg)
{
	struct server *server = arg;
	struct asker asker = {0};

	(void)listener, (void)address, (void)length;
	engine_enter(server->engine);
	if (server->peer_count >= BRM_CONTROL_PEERS_MAX || check_peer(fd, &asker) != 0)
		close(fd);
	else
		peer_open(server, fd, asker);
}

static void on_accept_pause(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	(void)fd, (void)what;
	engine_enter(server->engine);
	if (server->listener)
		evconnlistener_enable(server->listener);
}

/* No descriptors: whoever waits in the queue goes on waiting, without keeping the loop busy. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	static const struct timeval pause = {0, ACCEPT_PAUSE_MS * 1000};
	struct server *server = arg;

	engine_enter(server->engine);
	say("cannot accept a connection: %s", strerror(errno));
	evconnlistener_disable(listener);
	evtimer_add(server->accept_timer, &pause);
}

/*
 * A listening socket that only this user can connect to. It takes the place of a dead engine's at once, so that there
 * is always one to find. The descriptor or -errno.
 */
static int listen_at(const struct brm_instance *instance)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/next", instance->runtime_dir);
	int rc = fd < 0 ? -errno : 0;

	if (rc == 0 && length >= (int)sizeof address.sun_path)
		rc = -ENAMETOOLONG;
	if (rc == 0)
		unlink(address.sun_path);
	if (rc == 0 && (fchmod(fd, 0600) != 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
			listen(fd, BACKLOG) != 0 || rename(address.sun_path, instance->control) != 0))
		rc = -errno;
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

int server_listen(struct server *server)
{
	int fd = listen_at(&server->engine->options->instance);
	struct evconnlistener *listener;

	if (fd < 0)
		return fd;
	listener = evconnlistener_new(server->engine->base, on_accept, server, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (!listener) {
		close(fd);
		return -ENOMEM;
	}
	evconnlistener_set_error_cb(listener, on_accept_error);
	if (server->listener)
		evconnlistener_free(server->listener);
	server->listener = listener;
	return 0;
}

int server_open(struct engine *engine, struct server **out)
{
	struct server *server = calloc(1, sizeof *server);
	int rc;

	if (!server)
		return -ENOMEM;
	server->engine = engine;
	TAILQ_INIT(&server->peers);
	server->accept_timer = evtimer_new(engine->base, on_accept_pause, server);
	rc = server->accept_timer ? server_listen(server) : -ENOMEM;
	if (rc != 0 && !(server->accept_timer && engine->continued)) {
		server_close(server);
		return rc;
	}
	if (rc != 0) /* what runs goes on; the guard tries again */
		say("cannot open the control socket %s: %s", engine->options->instance.control, strerror(-rc));
	*out = server;
	return 0;
}

void server_deafen(struct server *server)
{
	if (!server)
		return;
	server->deaf = true;
	if (server->listener)
		evconnlistener_free(server->listener);
	server->listener = NULL;
}

static struct call *find_call(const struct server *server, bool (*wanted)(const struct call *call))
{
	for (struct peer *peer = TAILQ_FIRST(&server->peers); peer; peer = TAILQ_NEXT(peer, link))
		for (struct call *call = TAILQ_FIRST(&peer->calls); call; call = TAILQ_NEXT(call, link))
			if (wanted(call))
				return call;
	return NULL;
}

static bool is_shutdown(const struct call *call)
{
	return call->method == BRM_SHUTDOWN;
}

static bool hands_over(const struct call *call)
{
	return call->hands_over;
}

static bool is_any(const struct call *call)
{
	return call;
}

static bool is_flushed(const struct server *server)
{
	for (struct peer *peer = TAILQ_FIRST(&server->peers); peer; peer = TAILQ_NEXT(peer, link))
		if (evbuffer_get_length(bufferevent_get_output(peer->stream)) > 0)
			return false;
	return true;
}

static void on_farewell(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	*(bool *)arg = true;
}

/* Give all a second to read what is on its way to them. */
static void flush(struct server *server)
{
	static const struct timeval limit = {FAREWELL_SECONDS, 0};
	struct event *timer;
	bool over = false;

	timer = evtimer_new(server->engine->base, on_farewell, &over);
	if (!timer)
		return;
	evtimer_add(timer, &limit);
	for (struct peer *peer = TAILQ_FIRST(&server->peers); peer; peer = TAILQ_NEXT(peer, link))
		bufferevent_setwatermark(peer->stream, EV_WRITE, 0, 0);
	while (!over && !is_flushed(server))
		event_base_loop(server->engine->base, EVLOOP_ONCE);
	event_free(timer);
}

void server_handed_over(struct server *server, const char *why)
{
	struct call *call;

	while ((call = find_call(server, hands_over))) {
		if (why)
			call_refuse(call, BRM_CONFLICT, "%s", why);
		else
			method_handed_over(call);
	}
	if (why)
		return;
	server_deafen(server);
	while ((call = find_call(server, is_any)))
		call_refuse(call, BRM_RETRY, "the supervisor is being replaced by a new one");
	flush(server);
}

void server_close(struct server *server)
{
	struct peer *peer;
	struct call *call;

	if (!server)
		return;
	server_deafen(server);
	while ((call = find_call(server, is_shutdown)))
		method_farewell(call);
	flush(server);
	while ((peer = TAILQ_FIRST(&server->peers)))
		peer_close(peer);
	if (server->accept_timer)
		event_free(server->accept_timer);
	free(server);
}
