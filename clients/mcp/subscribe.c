/* SPDX-License-Identifier: MIT */
#include "clients/mcp/subscribe.h"

#include <stdlib.h>
#include <string.h>

#include "clients/mcp/resources.h"
#include "clients/mcp/server.h"
#include "clients/mcp/site.h"

#define SUBSCRIPTIONS_MAX 1000
#define URI_MAX           1024
#define SUBSCRIPTION_ID   "io.modelcontextprotocol/subscriptionId"

static const struct timeval pause_for = {.tv_usec = 250000};

struct subscription {
	TAILQ_ENTRY(subscription) link;
	struct peer *peer;
	struct site *site;
	json_t *id; /* of the request that listens; NULL in the legacy era */
	char *uri;  /* NULL: to the list of resources */
	uint64_t stamp;
};

static uint64_t stamp_of(const struct subscription *it)
{
	view_look(&it->site->view);
	return it->uri ? resource_stamp(it->site, it->uri) : resources_stamp(it->site);
}

static void remove_one(struct subscriptions *subscriptions, struct subscription *it)
{
	TAILQ_REMOVE(&subscriptions->list, it, link);
	subscriptions->count--;
	doorbell_release(&it->site->doorbell);
	json_decref(it->id);
	free(it->uri);
	free(it);
}

/* False: there are too many, or no memory. */
static bool add(struct call *call, struct site *site, const char *uri)
{
	struct subscriptions *subscriptions = &call->server->subscriptions;
	struct subscription *it = NULL;

	if (site && subscriptions->count < SUBSCRIPTIONS_MAX && (!uri || strlen(uri) <= URI_MAX))
		it = calloc(1, sizeof *it);
	if (!it)
		return false;
	it->peer = call->era == ERA_MODERN ? call->peer : peer_client(call->peer);
	it->site = site;
	it->uri = uri ? strdup(uri) : NULL;
	if (call->era == ERA_MODERN)
		it->id = json_incref(call->rpc.id);
	it->stamp = stamp_of(it);
	TAILQ_INSERT_TAIL(&subscriptions->list, it, link);
	subscriptions->count++;
	doorbell_hold(&site->doorbell);
	return true;
}

static void put_id(struct json *json, const json_t *id)
{
	if (!id)
		return;
	json_key(json, "_meta");
	json_open_object(json);
	json_key(json, SUBSCRIPTION_ID);
	rpc_put_id(json, id);
	json_close_object(json);
}

static void tell(struct server *server, const struct subscription *it)
{
	struct json *json = &server->out;

	rpc_begin_notification(json,
			       it->uri ? "notifications/resources/updated" : "notifications/resources/list_changed");
	put_id(json, it->id);
	if (it->uri) {
		json_pair(json, "uri", it->uri);
	}
	rpc_end_notification(json);
	server_send(server, it->peer, MESSAGE_NOTICE);
}

void subscriptions_look(struct subscriptions *subscriptions)
{
	struct server *server = subscriptions->server;
	struct subscription *it;
	bool told = false;

	if (subscriptions->count == 0 || evtimer_pending(subscriptions->pause, NULL))
		return;
	TAILQ_FOREACH(it, &subscriptions->list, link)
	{
		uint64_t stamp = it->peer->full ? it->stamp : stamp_of(it);

		if (stamp == it->stamp)
			continue;
		it->stamp = stamp;
		tell(server, it);
		told = true;
	}
	if (told)
		evtimer_add(subscriptions->pause, &pause_for);
}

static void pause_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	subscriptions_look(arg);
}

void subscriptions_init(struct subscriptions *subscriptions, struct server *server)
{
	*subscriptions = (struct subscriptions){.server = server};
	TAILQ_INIT(&subscriptions->list);
	subscriptions->pause = evtimer_new(server->options.base, pause_over, subscriptions);
}

void subscriptions_finish(struct subscriptions *subscriptions)
{
	struct subscription *it;

	while ((it = TAILQ_FIRST(&subscriptions->list)))
		remove_one(subscriptions, it);
	if (subscriptions->pause)
		event_free(subscriptions->pause);
}

static struct subscription *find(struct subscriptions *subscriptions, const struct peer *peer, const char *uri)
{
	struct subscription *it;

	TAILQ_FOREACH(it, &subscriptions->list, link)
	if (it->peer == peer && !it->id && (uri ? it->uri && strcmp(it->uri, uri) == 0 : !it->uri))
		return it;
	return NULL;
}

static const char *uri_of(struct call *call)
{
	const char *uri = json_string_value(json_object_get(call->rpc.params, "uri"));

	if (!uri)
		call_error(call, RPC_INVALID_PARAMS, "params must have uri");
	return uri;
}

static void answer_empty(struct call *call)
{
	call_begin(call);
	call_end(call);
}

/* Who subscribes to anything is told of changes of the list, too. */
void subscribe_legacy(struct call *call)
{
	struct subscriptions *subscriptions = &call->server->subscriptions;
	const char *uri = uri_of(call);
	struct site *site = uri ? resource_site(call->server, uri) : NULL;

	if (!uri)
		return;
	if ((find(subscriptions, peer_client(call->peer), uri) || add(call, site, uri)) &&
	    (!call->site || find(subscriptions, peer_client(call->peer), NULL) || add(call, site, NULL)))
		answer_empty(call);
	else
		call_error(call, RPC_INVALID_PARAMS, site ? "too many subscriptions" : "no such instance");
}

void unsubscribe_legacy(struct call *call)
{
	struct subscriptions *subscriptions = &call->server->subscriptions;
	const char *uri = uri_of(call);
	struct subscription *it = uri ? find(subscriptions, peer_client(call->peer), uri) : NULL;

	if (it)
		remove_one(subscriptions, it);
	if (uri)
		answer_empty(call);
}

/* What is honoured of what was asked for, in the first message of the subscription. */
static void acknowledge(struct call *call, bool list)
{
	struct subscription *it;
	struct json *json = &call->server->out;
	bool any = false;

	rpc_begin_notification(json, "notifications/subscriptions/acknowledged");
	put_id(json, call->rpc.id);
	json_key(json, "notifications");
	json_open_object(json);
	if (list) {
		json_key(json, "resourcesListChanged");
		json_bool(json, true);
	}
	TAILQ_FOREACH(it, &call->server->subscriptions.list, link)
	{
		if (it->peer != call->peer || !it->uri || !rpc_same_id(it->id, call->rpc.id))
			continue;
		if (!any) {
			json_key(json, "resourceSubscriptions");
			json_open_array(json);
		}
		any = true;
		json_put_string(json, it->uri);
	}
	if (any)
		json_close_array(json);
	json_close_object(json);
	rpc_end_notification(json);
	server_send(call->server, call->peer, MESSAGE_NOTICE);
}

void subscribe_modern(struct call *call)
{
	const json_t *wanted = json_object_get(call->rpc.params, "notifications");
	const json_t *uris = json_object_get(wanted, "resourceSubscriptions");
	bool list = json_is_true(json_object_get(wanted, "resourcesListChanged"));
	const json_t *uri;
	size_t i;

	if (!json_is_object(wanted)) {
		call_error(call, RPC_INVALID_PARAMS, "params must have notifications");
		return;
	}
	if (list)
		list = add(call, call->site, NULL);
	json_array_foreach(uris, i, uri)
	{
		const char *text = json_string_value(uri);

		if (text)
			add(call, resource_site(call->server, text), text);
	}
	acknowledge(call, list);
	/* The request stays open: it is answered by what changes, not by a result. */
	call_drop(call);
}

void subscriptions_cancel(struct subscriptions *subscriptions, const struct peer *peer, const json_t *id)
{
	struct subscription *next;

	for (struct subscription *it = TAILQ_FIRST(&subscriptions->list); it; it = next) {
		next = TAILQ_NEXT(it, link);
		if (it->peer == peer && rpc_same_id(it->id, id))
			remove_one(subscriptions, it);
	}
}

static void say_end(struct server *server, struct peer *peer, const json_t *id)
{
	struct json *json = &server->out;

	if (peer->ends) {
		rpc_begin_result(json, id);
		put_id(json, id);
		json_pair(json, "resultType", "complete");
		rpc_end_result(json);
	} else {
		rpc_begin_notification(json, "notifications/cancelled");
		json_key(json, "requestId");
		rpc_put_id(json, id);
		rpc_end_notification(json);
	}
	server_send(server, peer, peer->ends ? MESSAGE_ANSWER : MESSAGE_NOTICE);
}

void subscriptions_end(struct subscriptions *subscriptions)
{
	struct subscription *it;

	while ((it = TAILQ_FIRST(&subscriptions->list))) {
		json_t *id = json_incref(it->id);
		struct peer *peer = it->peer;

		remove_one(subscriptions, it);
		subscriptions_cancel(subscriptions, peer, id);
		if (id)
			say_end(subscriptions->server, peer, id);
		json_decref(id);
	}
}

void subscriptions_forget(struct subscriptions *subscriptions, const struct peer *peer)
{
	struct subscription *next;

	for (struct subscription *it = TAILQ_FIRST(&subscriptions->list); it; it = next) {
		next = TAILQ_NEXT(it, link);
		if (it->peer == peer)
			remove_one(subscriptions, it);
	}
}
