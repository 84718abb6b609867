/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_GUARD_H
#define CLIENTS_MCP_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "clients/mcp/jsonrpc.h"

/*
 * mcp/guard.h - who may ask over HTTP, and with which headers
 *
 * A page of the web that a person looks at can send requests to this machine, also under a name of its own that leads
 * here: so Host must be a name of this machine, and Origin, if there is one, a page of this machine.
 *
 * Threads  Pure functions of their arguments.
 */

struct guard {
	char host[64];   /* the address that is served, as it stands in Host; "" for every one */
	char token[256]; /* that every request must bear; "" for none */
};

/* Why a request is refused. */
struct refusal {
	int status; /* of HTTP; 0: it is not */
	enum rpc_code code;
	const char *why; /* static */
};

/* The only header of that name; NULL when there is none. *twice: there is another. */
const char *guard_header(const struct evkeyvalq *headers, const char *name, bool *twice);

/* Host, Origin and the token; for every request. */
struct refusal guard_caller(const struct guard *guard, const struct evkeyvalq *headers);
/* Content-Type and Accept of a POST; Accept of a GET. */
struct refusal guard_post(const struct evkeyvalq *headers);
struct refusal guard_get(const struct evkeyvalq *headers);
/* In the modern era: what stands in the headers is what stands in the message. */
struct refusal guard_modern(const struct evkeyvalq *headers, const struct rpc *rpc);

/* A Host or the host of an Origin, with its port or without, that leads to this machine whoever asks. */
bool guard_host_is_ours(const struct guard *guard, const char *host);

/*
 * The token of a file, its first line, into guard.
 *
 *  -EACCES  others may read the file
 *  -EINVAL  it holds no token, or a longer one than may be
 *  and the errors of open() and read()
 */
int guard_read_token(struct guard *guard, const char *path);

#endif
