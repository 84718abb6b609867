/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/bufferevent.h>

#include "engine/probe_inner.h"

/* Does somebody accept a connection there? */

struct attempt {
	struct question *question;
	struct place place;
	unsigned tried;
	struct bufferevent *connection;
};

static int try_next(struct attempt *attempt);

static void finish(struct attempt *attempt)
{
	if (attempt->connection)
		bufferevent_free(attempt->connection);
	free(attempt);
}

static void on_event(struct bufferevent *connection, short events, void *arg)
{
	struct attempt *attempt = arg;
	struct question *question = attempt->question;
	bool connected = (events & BEV_EVENT_CONNECTED) != 0;
	int error = EVUTIL_SOCKET_ERROR();
	int dns = bufferevent_socket_get_dns_error(connection);
	const char *why = dns ? "the host's name is not known" : strerror(error ? error : ECONNREFUSED);

	engine_enter(question->process->engine);
	if (!connected && try_next(attempt) == 0)
		return;
	finish(attempt);
	probe_answer(question, connected, why);
}

/* -ENOENT: there is no other address. */
static int try_next(struct attempt *attempt)
{
	struct engine *engine = attempt->question->process->engine;
	const char *address = place_address(&attempt->place, attempt->tried++);
	struct evdns_base *dns = place_dns(engine);

	if (!address || !dns)
		return address ? -ENOMEM : -ENOENT;
	if (attempt->connection)
		bufferevent_free(attempt->connection);
	attempt->connection = bufferevent_socket_new(engine->base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!attempt->connection)
		return -ENOMEM;
	bufferevent_setcb(attempt->connection, NULL, NULL, on_event, attempt);
	if (bufferevent_socket_connect_hostname(attempt->connection, dns, AF_UNSPEC, address, attempt->place.port) != 0)
		return -EIO;
	return 0;
}

static int ask(struct question *question)
{
	struct attempt *attempt = calloc(1, sizeof *attempt);
	int rc = attempt ? place_parse(question->probe->target, &attempt->place) : -ENOMEM;

	if (rc == 0) {
		attempt->question = question;
		rc = try_next(attempt);
	}
	if (rc != 0 && attempt)
		finish(attempt);
	else
		question->attempt = attempt;
	return rc;
}

static void drop(struct question *question)
{
	finish(question->attempt);
	question->attempt = NULL;
}

const struct prober probe_tcp = {.ask = ask, .drop = drop};
