/* SPDX-License-Identifier: MIT */
#include "clients/mcp/call.h"

#include <stdlib.h>
#include <time.h>

#include "clients/mcp/server.h"
#include "clients/mcp/site.h"

#define PROGRESS_MS 1000

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct peer *peer_client(struct peer *peer)
{
	return peer->client ? peer->client : peer;
}

struct call *call_create(struct server *server, struct peer *peer, struct rpc *rpc)
{
	struct call *call = calloc(1, sizeof *call);

	if (!call) {
		rpc_finish(rpc);
		return NULL;
	}
	call->server = server;
	call->peer = peer;
	call->rpc = *rpc;
	call->era = era_of(rpc, peer->declared);
	call->site = server->site;
	TAILQ_INSERT_TAIL(&server->calls, call, link);
	server->call_count++;
	return call;
}

void call_drop(struct call *call)
{
	struct server *server = call->server;

	TAILQ_REMOVE(&server->calls, call, link);
	server->call_count--;
	if (call->listens)
		doorbell_release(&call->site->doorbell);
	if (call->timer)
		event_free(call->timer);
	if (call->free_state)
		call->free_state(call->state);
	rpc_finish(&call->rpc);
	free(call);
}

void call_finish(struct call *call, enum message kind)
{
	struct server *server = call->server;
	struct peer *peer = call->peer;

	/* The peer may be gone once it has its answer. */
	call_drop(call);
	server_send(server, peer, kind);
}

struct json *call_begin(struct call *call)
{
	struct json *json = &call->server->out;

	rpc_begin_result(json, call->rpc.id);
	return json;
}

void call_end(struct call *call)
{
	struct json *json = &call->server->out;

	era_put_result_end(json, call->era);
	rpc_end_result(json);
	call_finish(call, MESSAGE_ANSWER);
}

void call_error(struct call *call, enum rpc_code code, const char *message)
{
	rpc_put_error(&call->server->out, call->rpc.id, code, message, NULL);
	call_finish(call, MESSAGE_ANSWER);
}

void *call_state(struct call *call, size_t size, void (*free_state)(void *state))
{
	call->state = calloc(1, size);
	if (call->state)
		call->free_state = free_state;
	else
		call_error(call, RPC_INTERNAL_ERROR, "out of memory");
	return call->state;
}

static const json_t *progress_token(const struct call *call)
{
	const json_t *token = json_object_get(json_object_get(call->rpc.params, "_meta"), "progressToken");

	return json_is_string(token) || json_is_integer(token) ? token : NULL;
}

static void send_progress(struct call *call)
{
	struct json *json = &call->server->out;

	rpc_begin_notification(json, "notifications/progress");
	json_key(json, "progressToken");
	rpc_put_id(json, progress_token(call));
	json_key(json, "progress");
	json_uint(json, call_waited_ms(call));
	json_key(json, "total");
	json_uint(json, call->deadline_ms - call->started_ms);
	rpc_end_notification(json);
	server_send(call->server, call->peer, MESSAGE_NOTICE);
}

static void arm(struct call *call, uint64_t ms)
{
	struct timeval after = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	evtimer_add(call->timer, &after);
}

static void arm_deadline(struct call *call)
{
	uint64_t now = clock_ms();
	uint64_t left = call->deadline_ms > now ? call->deadline_ms - now : 0;

	/* The loop's clock is coarse: a timer may come a little early, so it is remembered what it was for. */
	call->last = left <= PROGRESS_MS || !progress_token(call);
	arm(call, call->last ? left : PROGRESS_MS);
}

static void timer_rang(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd, (void)what;
	if (call->again) {
		call->again = false;
		if (call->listens)
			arm_deadline(call);
		call->step(call, WAKE_TURN);
	} else if (call->last) {
		call->step(call, WAKE_DEADLINE);
	} else {
		send_progress(call);
		arm_deadline(call);
	}
}

/* False when memory ran out; the call is answered then. */
static bool set_timer(struct call *call)
{
	if (!call->timer)
		call->timer = evtimer_new(call->server->options.base, timer_rang, call);
	if (!call->timer)
		call_error(call, RPC_INTERNAL_ERROR, "out of memory");
	return call->timer != NULL;
}

bool call_wait(struct call *call, uint64_t timeout_ms, call_step *step)
{
	if (!set_timer(call))
		return false;
	if (call->listens)
		doorbell_look(&call->site->doorbell);
	else
		doorbell_hold(&call->site->doorbell);
	call->listens = true;
	call->step = step;
	call->started_ms = clock_ms();
	call->deadline_ms = call->started_ms + timeout_ms;
	arm_deadline(call);
	refresh_begin(call->site);
	return true;
}

void call_yield(struct call *call, call_step *step)
{
	if (!set_timer(call))
		return;
	call->step = step;
	call->again = true;
	arm(call, 0);
}

uint64_t call_waited_ms(const struct call *call)
{
	return clock_ms() - call->started_ms;
}
