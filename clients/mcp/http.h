/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_HTTP_H
#define CLIENTS_MCP_HTTP_H

#include "clients/mcp/server.h"

/*
 * mcp/http.h - the transport over Streamable HTTP, at /mcp
 *
 * Each request is a POST of its own. The legacy era has sessions (mcp/session.h); the modern one needs none. Who may
 * ask is mcp/guard.h's to say, how many and how slowly mcp/connection.h's.
 */

#define HTTP_PATH        "/mcp"
#define HTTP_BODY_MAX    (4u << 20) /* bytes of one message */
#define HTTP_HEADERS_MAX 16384u     /* bytes of all headers of a request */

struct http;

struct http_options {
	const char *place; /* [ADDR:]PORT; 127.0.0.1 when there is no address; port 0: any that is free */
	const char *token; /* path of the file with the token; NULL: none is asked for */
	const struct connection_limits *limits; /* NULL: the usual ones */
};

/*
 * Serve. A place that other machines reach needs a token.
 *
 *  -EINVAL  the place is none
 *  -EPERM   it is not of this machine alone, and there is no token
 *  and the errors of guard_read_token() and bind()
 */
int http_open(struct server *server, const struct http_options *options, struct http **out);
/* Let nobody in any more. Answers that are complete are still sent by the loop. */
void http_stop(struct http *http);
void http_close(struct http *http);

/* "http://127.0.0.1:3000/mcp" */
const char *http_url(const struct http *http);

#endif
