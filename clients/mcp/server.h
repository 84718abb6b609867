/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_SERVER_H
#define CLIENTS_MCP_SERVER_H

#include "clients/mcp/call.h"
#include "clients/mcp/command.h"
#include "clients/mcp/doorbell.h"
#include "clients/mcp/job.h"
#include "clients/mcp/subscribe.h"
#include "clients/mcp/view.h"

/*
 * mcp/server.h - the protocol's core: messages in, messages out, whatever carries them
 *
 * A transport reads messages and hands them to server_receive(); answers and notifications come by the peer's send(),
 * at once or later. One event base serves all: the transports, the supervisor's connection, the doorbell, the timers.
 *
 * Threads  The thread that runs the event base.
 */

struct server_options {
	struct event_base *base;
	const struct brm_instance *instance; /* NULL: every one of this user */
	enum read_path path;
	bool read_only;    /* no commands */
	bool scripts_only; /* nothing runs but what was discovered or configured */
	/* Is offered each request that is one of the protocol; true: it took it. NULL: none. For programs beside ours.
	 */
	bool (*first)(struct call *call);
};

struct server {
	struct server_options options;
	struct site *site; /* the only one; NULL: serves every instance */
	TAILQ_HEAD(, site) sites;
	size_t site_count;
	struct jobs jobs;
	struct subscriptions subscriptions;
	struct call_list calls; /* in flight, call_count of them */
	unsigned call_count;
	struct json out;     /* the message that is being written */
	struct text text;    /* the text in it */
	struct json content; /* the content of a resource in it */
	struct json tools;   /* the list, made once */
};

/* 0 or -errno. */
int server_open(const struct server_options *options, struct server **out);
void server_close(struct server *server);

/* One message has come from a peer; one that was parsed already, which is finished here. */
void server_receive(struct server *server, struct peer *peer, const char *message, size_t length);
void server_take(struct server *server, struct peer *peer, struct rpc *rpc);

/* The peer is gone: its calls and subscriptions end without a word. */
void server_forget(struct server *server, struct peer *peer);

/* Is a request of this peer still to be answered? */
bool server_busy(const struct server *server, const struct peer *peer);

/* Send what stands in server->out, and empty it. */
void server_send(struct server *server, struct peer *peer, enum message kind);

#endif
