/* SPDX-License-Identifier: MIT */
#include "clients/mcp/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clients/mcp/connection.h"
#include "clients/mcp/guard.h"
#include "clients/mcp/session.h"
#include "clients/mcp/stream.h"

#include <event2/buffer.h>

#define BACKLOG 128

struct http {
	struct server *server;
	struct guard guard;
	struct evhttp *evhttp;
	struct evconnlistener *listener; /* evhttp's */
	struct connections *connections;
	struct streams streams;
	struct sessions sessions;
	char url[128];
};

static void refuse(struct http *http, struct exchange *exchange, struct refusal refusal)
{
	struct evhttp_request *request = exchange->request;
	struct json *json = &http->server->out;
	struct evbuffer *body = evbuffer_new();

	if (refusal.status == 401)
		evhttp_add_header(evhttp_request_get_output_headers(request), "WWW-Authenticate", "Bearer");
	if (refusal.status == HTTP_BADMETHOD)
		evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, POST, DELETE");
	stream_put_headers(request, "application/json");
	rpc_put_error(json, NULL, refusal.code, refusal.why, NULL);
	if (body && json_text(json))
		evbuffer_add(body, json->text, json->length);
	json_reset(json);
	exchange_reply(exchange, refusal.status, NULL, body);
	if (body)
		evbuffer_free(body);
}

static struct refusal invalid(int status, const char *why)
{
	return (struct refusal){status, RPC_INVALID_REQUEST, why};
}

/* The session that a request names. NULL: it was refused. */
static struct session *find_session(struct http *http, struct exchange *exchange)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(exchange->request);
	const char *id = guard_header(headers, "Mcp-Session-Id", NULL);
	const char *version = guard_header(headers, "MCP-Protocol-Version", NULL);
	struct session *session = id ? session_find(&http->sessions, id) : NULL;

	if (!id)
		refuse(http, exchange, invalid(HTTP_BADREQUEST, "Mcp-Session-Id is missing: begin with initialize"));
	else if (!session)
		refuse(http, exchange, invalid(HTTP_NOTFOUND, "No such session: begin with initialize"));
	else if (version && !era_is_legacy(version))
		refuse(http, exchange, invalid(HTTP_BADREQUEST, "MCP-Protocol-Version is none of a session"));
	else
		return session;
	return NULL;
}

/* A new session for initialize. NULL: none, which the answer will say, or no memory. */
static struct session *begin_session(struct http *http, struct evhttp_request *request, const struct rpc *rpc)
{
	const char *version = json_string_value(json_object_get(rpc->params, "protocolVersion"));
	struct session *session = version ? session_open(&http->sessions, era_negotiate(version)) : NULL;

	if (session)
		evhttp_add_header(evhttp_request_get_output_headers(request), "Mcp-Session-Id", session->id);
	return session;
}

static bool begins(const struct rpc *rpc)
{
	return rpc->kind == RPC_REQUEST && strcmp(rpc->method, "initialize") == 0;
}

static void take(struct http *http, struct exchange *exchange, struct session *session, struct rpc *rpc,
		 const char *declared)
{
	struct stream *stream;

	if (rpc->kind == RPC_NOTIFICATION || rpc->kind == RPC_RESPONSE) {
		struct peer nobody = {0};

		exchange_reply(exchange, 202, "Accepted", NULL);
		server_take(http->server, session ? &session->peer : &nobody, rpc);
		return;
	}
	stream = stream_open(&http->streams, session, exchange);
	if (!stream) {
		exchange_reply(exchange, HTTP_INTERNAL, NULL, NULL);
		rpc_finish(rpc);
		return;
	}
	if (!session)
		stream->peer.declared = declared;
	stream_receive(stream, rpc);
}

static void take_modern(struct http *http, struct exchange *exchange, struct rpc *rpc, const char *declared)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(exchange->request);
	struct refusal refusal = rpc->kind == RPC_REQUEST ? guard_modern(headers, rpc) : (struct refusal){0};

	if (refusal.status) {
		rpc->kind = RPC_BAD;
		rpc->code = refusal.code;
		rpc->error = refusal.why;
	}
	take(http, exchange, NULL, rpc, declared);
}

static void take_legacy(struct http *http, struct exchange *exchange, struct rpc *rpc)
{
	struct session *session =
		begins(rpc) ? begin_session(http, exchange->request, rpc) : find_session(http, exchange);

	if (session || begins(rpc))
		take(http, exchange, session, rpc, NULL);
	else
		rpc_finish(rpc);
}

static void post(struct http *http, struct exchange *exchange)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(exchange->request);
	struct evbuffer *body = evhttp_request_get_input_buffer(exchange->request);
	const char *declared = guard_header(headers, "MCP-Protocol-Version", NULL);
	struct refusal refusal = guard_post(headers);
	struct rpc rpc;

	if (refusal.status) {
		refuse(http, exchange, refusal);
		return;
	}
	rpc_parse((const char *)evbuffer_pullup(body, -1), evbuffer_get_length(body), &rpc);
	if (rpc.kind == RPC_BAD)
		take(http, exchange, NULL, &rpc, declared);
	else if (era_of(&rpc, declared) == ERA_MODERN)
		take_modern(http, exchange, &rpc, declared);
	else
		take_legacy(http, exchange, &rpc);
}

/* Listen to what a session is told unasked, or go on with a stream that broke. */
static void get(struct http *http, struct exchange *exchange)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(exchange->request);
	const char *event = guard_header(headers, "Last-Event-ID", NULL);
	struct refusal refusal = guard_get(headers);
	struct session *session;
	struct stream *stream;
	uint64_t seq;

	if (refusal.status) {
		refuse(http, exchange, refusal);
		return;
	}
	session = find_session(http, exchange);
	if (!session)
		return;
	stream = event ? session_find_stream(session, event, &seq) : NULL;
	if (stream) {
		stream_resume(stream, exchange, seq);
		return;
	}
	stream = stream_open(&http->streams, session, exchange);
	if (stream)
		session_listen(session, stream);
	else
		exchange_reply(exchange, HTTP_INTERNAL, NULL, NULL);
}

static void delete (struct http *http, struct exchange *exchange)
{
	struct session *session = find_session(http, exchange);

	if (!session)
		return;
	session_close(session);
	exchange_reply(exchange, HTTP_NOCONTENT, NULL, NULL);
}

/* Modern clients use nothing but POST. */
static bool is_modern(const struct evkeyvalq *headers)
{
	const char *version = guard_header(headers, "MCP-Protocol-Version", NULL);

	return version && !era_is_legacy(version) && !guard_header(headers, "Mcp-Session-Id", NULL);
}

static void take_request(struct evhttp_request *request, void *arg)
{
	static const struct {
		enum evhttp_cmd_type command;
		void (*run)(struct http *http, struct exchange *exchange);
	} methods[] = {{EVHTTP_REQ_POST, post}, {EVHTTP_REQ_GET, get}, {EVHTTP_REQ_DELETE, delete}};
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	enum evhttp_cmd_type command = evhttp_request_get_command(request);
	struct http *http = arg;
	struct exchange exchange = {0};
	struct refusal refusal = guard_caller(&http->guard, headers);

	if (!exchange_begin(http->connections, request, &exchange)) {
		evhttp_send_error(request, HTTP_SERVUNAVAIL, NULL);
		return;
	}
	if (!refusal.status && (!path || strcmp(path, HTTP_PATH) != 0))
		refusal = invalid(HTTP_NOTFOUND, "Nothing is here but " HTTP_PATH);
	for (size_t i = 0; !refusal.status && i < sizeof methods / sizeof *methods; i++) {
		if (methods[i].command != command || (command != EVHTTP_REQ_POST && is_modern(headers)))
			continue;
		methods[i].run(http, &exchange);
		return;
	}
	refuse(http, &exchange, refusal.status ? refusal : invalid(HTTP_BADMETHOD, "No such method here"));
}

/* The address of [ADDR:]PORT. False: it is none. */
static bool parse_place(const char *place, struct sockaddr_storage *address, int *length)
{
	const char *colon = strrchr(place, ':'), *port = colon ? colon + 1 : place;
	size_t digits = strspn(port, "0123456789");
	unsigned long number = strtoul(port, NULL, 10);
	char host[64] = "127.0.0.1";

	if (digits == 0 || digits > 5 || port[digits] || number > UINT16_MAX)
		return false;
	if (colon && colon - place >= (ptrdiff_t)sizeof host)
		return false;
	if (colon && strncmp(place, "localhost:", 10) != 0)
		snprintf(host, sizeof host, "%.*s", (int)(colon - place), place);
	*length = sizeof *address;
	if (evutil_parse_sockaddr_port(host, (struct sockaddr *)address, length) != 0)
		return false;
	if (address->ss_family == AF_INET)
		((struct sockaddr_in *)address)->sin_port = htons((uint16_t)number);
	else
		((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)number);
	return true;
}

/* Is it this machine's alone? Its name, for Host, into guard: "" when it stands for every address. */
static bool is_own(const struct sockaddr_storage *address, struct guard *guard)
{
	static const struct in6_addr any6 = IN6ADDR_ANY_INIT, own6 = IN6ADDR_LOOPBACK_INIT;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	const void *bytes = address->ss_family == AF_INET ? (const void *)&v4->sin_addr : &v6->sin6_addr;
	bool any = address->ss_family == AF_INET ? v4->sin_addr.s_addr == INADDR_ANY
						 : memcmp(bytes, &any6, sizeof any6) == 0;

	evutil_inet_ntop(address->ss_family, bytes, guard->host, sizeof guard->host);
	if (any)
		*guard->host = '\0';
	return address->ss_family == AF_INET ? (ntohl(v4->sin_addr.s_addr) >> 24) == 127
					     : memcmp(bytes, &own6, sizeof own6) == 0;
}

static void name_url(struct http *http)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	const struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	const struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
	const char *host = *http->guard.host ? http->guard.host : "localhost";
	bool bracket = strchr(host, ':') != NULL;

	if (getsockname(evconnlistener_get_fd(http->listener), (struct sockaddr *)&address, &length) != 0)
		return;
	snprintf(http->url, sizeof http->url, "http://%s%s%s:%u" HTTP_PATH, bracket ? "[" : "", host,
		 bracket ? "]" : "", ntohs(address.ss_family == AF_INET ? v4->sin_port : v6->sin6_port));
}

static int bind_to(struct http *http, const struct sockaddr_storage *address, int length)
{
	http->listener = evconnlistener_new_bind(http->server->options.base, NULL, NULL,
						 LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE |
							 LEV_OPT_DISABLED,
						 BACKLOG, (const struct sockaddr *)address, length);
	if (!http->listener)
		return -errno;
	if (!evhttp_bind_listener(http->evhttp, http->listener)) {
		evconnlistener_free(http->listener);
		http->listener = NULL;
		return -ENOMEM;
	}
	connections_listen(http->connections, http->listener);
	evconnlistener_enable(http->listener);
	name_url(http);
	return 0;
}

static int make_server(struct http *http, const struct connection_limits *limits)
{
	http->evhttp = evhttp_new(http->server->options.base);
	if (!http->evhttp)
		return -ENOMEM;
	http->connections =
		connections_open(http->server->options.base, http->evhttp, limits ? limits : &connection_limits);
	if (!http->connections)
		return -ENOMEM;
	evhttp_set_allowed_methods(http->evhttp, UINT16_MAX); /* what is refused is refused in our words */
	evhttp_set_max_body_size(http->evhttp, HTTP_BODY_MAX);
	evhttp_set_max_headers_size(http->evhttp, HTTP_HEADERS_MAX);
	evhttp_set_default_content_type(http->evhttp, NULL);
	evhttp_set_gencb(http->evhttp, take_request, http);
	return 0;
}

int http_open(struct server *server, const struct http_options *options, struct http **out)
{
	struct http *http = calloc(1, sizeof *http);
	struct sockaddr_storage address = {0};
	int length, error;

	if (!http)
		return -ENOMEM;
	http->server = server;
	sessions_init(&http->sessions, server, &http->streams);
	error = streams_init(&http->streams, server);
	if (!error && !parse_place(options->place, &address, &length))
		error = -EINVAL;
	if (!error && options->token)
		error = guard_read_token(&http->guard, options->token);
	if (!error && !is_own(&address, &http->guard) && !options->token)
		error = -EPERM;
	if (!error)
		error = make_server(http, options->limits);
	if (!error)
		error = bind_to(http, &address, length);
	if (error)
		http_close(http);
	else
		*out = http;
	return error;
}

void http_stop(struct http *http)
{
	connections_listen(http->connections, NULL);
	if (http->listener)
		evconnlistener_disable(http->listener);
	sessions_finish(&http->sessions);
}

void http_close(struct http *http)
{
	if (http->connections)
		http_stop(http);
	if (http->evhttp)
		evhttp_free(http->evhttp);
	if (http->connections)
		connections_close(http->connections);
	if (http->streams.comment)
		streams_finish(&http->streams);
	free(http);
}

const char *http_url(const struct http *http)
{
	return http->url;
}
