/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>

#include "engine/probe_inner.h"

#define BODY_MAX    (1u << 16)
#define HEADERS_MAX (1u << 16)

/* Does a server answer a GET with the status that is expected? */

struct attempt {
	struct question *question;
	struct place place;
	unsigned tried;
	struct evhttp_uri *uri;
	struct evhttp_connection *connection;
	int status; /* 0: none yet */
};

static int try_next(struct attempt *attempt);

static void free_connection(evutil_socket_t fd, short what, void *connection)
{
	(void)fd;
	(void)what;
	evhttp_connection_free(connection);
}

/* Inside of a request's callback its connection must not be freed, and of itself it is not after every failure. */
static void retire(struct attempt *attempt)
{
	static const struct timeval now = {0};

	event_base_once(attempt->question->process->engine->base, -1, EV_TIMEOUT, free_connection, attempt->connection,
			&now);
	attempt->connection = NULL;
}

static void finish(struct attempt *attempt)
{
	if (attempt->connection)
		evhttp_connection_free(attempt->connection);
	if (attempt->uri)
		evhttp_uri_free(attempt->uri);
	free(attempt);
}

static bool is_good(const struct probe *probe, int status)
{
	return probe->http_status ? status == probe->http_status : status >= 200 && status <= 399;
}

static void on_done(struct evhttp_request *request, void *arg)
{
	struct attempt *attempt = arg;
	struct question *question = attempt->question;
	int status = attempt->status ? attempt->status : request ? evhttp_request_get_response_code(request) : 0;
	char why[WHY_MAX];

	engine_enter(question->process->engine);
	retire(attempt);
	if (status == 0 && try_next(attempt) == 0)
		return;
	if (status)
		snprintf(why, sizeof why, "HTTP status %d", status);
	else
		snprintf(why, sizeof why, "no HTTP answer");
	finish(attempt);
	probe_answer(question, status && is_good(question->probe, status), why);
}

/* The status is known: the body is of no interest, and may have no end. */
static int on_headers(struct evhttp_request *request, void *arg)
{
	struct attempt *attempt = arg;

	attempt->status = evhttp_request_get_response_code(request);
	return -1;
}

static struct evhttp_connection *connect_to(struct engine *engine, const char *address, uint16_t port)
{
	struct evdns_base *dns = place_dns(engine);
	struct evhttp_connection *connection =
		dns ? evhttp_connection_base_new(engine->base, dns, address, port) : NULL;

	if (!connection)
		return NULL;
	evhttp_connection_set_max_body_size(connection, BODY_MAX);
	evhttp_connection_set_max_headers_size(connection, HEADERS_MAX);
	return connection;
}

/* "/path?query" of the URI, into out. */
static void path_of(const struct evhttp_uri *uri, char *out, size_t size)
{
	const char *path = evhttp_uri_get_path(uri), *query = evhttp_uri_get_query(uri);

	snprintf(out, size, "%s%s%s", path && *path ? path : "/", query ? "?" : "", query ? query : "");
}

/* -ENOENT: there is no other address. */
static int try_next(struct attempt *attempt)
{
	const char *address = place_address(&attempt->place, attempt->tried++);
	struct evhttp_request *request;
	char host[1024], path[2048];

	if (!address)
		return -ENOENT;
	attempt->connection = connect_to(attempt->question->process->engine, address, attempt->place.port);
	request = attempt->connection ? evhttp_request_new(on_done, attempt) : NULL;
	if (!request)
		return -ENOMEM;
	evhttp_request_set_header_cb(request, on_headers);
	snprintf(host, sizeof host, "%s:%u", evhttp_uri_get_host(attempt->uri), attempt->place.port);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Host", host);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
	evhttp_add_header(evhttp_request_get_output_headers(request), "User-Agent", "brummer");
	path_of(attempt->uri, path, sizeof path);
	if (evhttp_make_request(attempt->connection, request, EVHTTP_REQ_GET, path) == 0)
		return 0;
	evhttp_connection_free(attempt->connection);
	attempt->connection = NULL;
	return -EIO;
}

static int parse(struct attempt *attempt, const char *url)
{
	const char *scheme, *host;
	int port;

	attempt->uri = evhttp_uri_parse(url);
	scheme = attempt->uri ? evhttp_uri_get_scheme(attempt->uri) : NULL;
	host = attempt->uri ? evhttp_uri_get_host(attempt->uri) : NULL;
	if (!scheme || strcasecmp(scheme, "http") != 0 || !host || !*host)
		return -EINVAL;
	port = evhttp_uri_get_port(attempt->uri);
	snprintf(attempt->place.host, sizeof attempt->place.host, "%.*s", (int)strcspn(host + (*host == '['), "]"),
		 host + (*host == '['));
	attempt->place.port = (uint16_t)(port > 0 ? port : 80);
	attempt->place.local = strcmp(host, "localhost") == 0;
	return 0;
}

static int ask(struct question *question)
{
	struct attempt *attempt = calloc(1, sizeof *attempt);
	int rc;

	if (!attempt)
		return -ENOMEM;
	attempt->question = question;
	rc = parse(attempt, question->probe->target);
	if (rc == 0)
		rc = try_next(attempt);
	if (rc != 0)
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

const struct prober probe_http = {.ask = ask, .drop = drop};
