/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_SUBSCRIBE_H
#define CLIENTS_MCP_SUBSCRIBE_H

#include "clients/mcp/call.h"

/*
 * mcp/subscribe.h - tell clients that what they subscribed to has changed
 *
 * Driven by the doorbell. Each subscription remembers the stamp of what it was last told of. In a storm of changes a
 * client is told a few times a second.
 */

struct subscription;

struct subscriptions {
	struct server *server;
	TAILQ_HEAD(, subscription) list;
	size_t count;
	struct event *pause; /* after something was told */
};

void subscriptions_init(struct subscriptions *subscriptions, struct server *server);
void subscriptions_finish(struct subscriptions *subscriptions);

/* Handlers of resources/subscribe, resources/unsubscribe and subscriptions/listen. */
void subscribe_legacy(struct call *call);
void unsubscribe_legacy(struct call *call);
void subscribe_modern(struct call *call);

/* Something may have changed. */
void subscriptions_look(struct subscriptions *subscriptions);

/* The client ends the subscription that a request of this id made. */
void subscriptions_cancel(struct subscriptions *subscriptions, const struct peer *peer, const json_t *id);
/* The server ends them all, and says so where the protocol has words for it. */
void subscriptions_end(struct subscriptions *subscriptions);
/* The peer is gone. */
void subscriptions_forget(struct subscriptions *subscriptions, const struct peer *peer);

#endif
