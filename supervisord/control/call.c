/* SPDX-License-Identifier: MIT */
#include "control/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/rpc.h"
#include "engine/publish.h"

#define MESSAGE_MAX 512
#define NEAREST_MAX 5

struct call *call_new(struct peer *peer, uint32_t id, enum brm_method method)
{
	struct call *call = calloc(1, sizeof *call);

	if (!call)
		return NULL;
	call->peer = peer;
	call->engine = server_engine(peer_server(peer));
	call->id = id;
	call->method = method;
	call->asker = *peer_asker(peer);
	peer_hold(peer, call);
	return call;
}

void call_free(struct call *call)
{
	for (size_t i = 0; i < call->count; i++) {
		waiter_cancel(&call->items[i].waiter);
		free(call->items[i].name);
	}
	free(call->items);
	if (call->timer)
		event_free(call->timer);
	reload_cancel(call->engine->reload, &call->reload);
	peer_release(call->peer, call);
	free(call);
}

static msgpack_packer *begin(struct answer *answer)
{
	msgpack_sbuffer_init(&answer->buffer);
	msgpack_packer_init(&answer->packer, &answer->buffer, msgpack_sbuffer_write);
	return &answer->packer;
}

msgpack_packer *answer_begin(struct answer *answer, const struct call *call)
{
	rpc_result(begin(answer), call->id);
	return &answer->packer;
}

void answer_send(struct answer *answer, struct call *call)
{
	peer_send(call->peer, &answer->buffer);
	msgpack_sbuffer_destroy(&answer->buffer);
	call_free(call);
}

static void refuse(struct call *call, enum brm_refusal refusal, const char *message, const msgpack_sbuffer *data)
{
	struct answer answer;

	rpc_error(begin(&answer), call->id, refusal, message, data);
	answer_send(&answer, call);
}

void answer_number(struct call *call, const char *key, uint64_t number)
{
	struct answer answer;
	msgpack_packer *packer = answer_begin(&answer, call);

	msgpack_pack_map(packer, key ? 1 : 0);
	if (key)
		rpc_put_uint(packer, key, number);
	answer_send(&answer, call);
}

void call_refuse(struct call *call, enum brm_refusal refusal, const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	refuse(call, refusal, message, NULL);
}

void call_refuse_parameter(struct call *call, const char *key)
{
	call_refuse(call, BRM_USAGE, "parameter \"%s\" is missing, of the wrong type, or not possible", key);
}

void call_refuse_held(struct call *call, const char *name, struct asker holder)
{
	char message[MESSAGE_MAX];
	struct answer data; /* but no answer by itself */
	msgpack_packer *packer = begin(&data);

	msgpack_pack_map(packer, 2);
	rpc_put_string(packer, "kind", brm_by_word(holder.kind));
	rpc_put_int(packer, "pid", holder.pid);
	snprintf(message, sizeof message, "%s (pid %d) writes to %s", brm_by_word(holder.kind), (int)holder.pid, name);
	refuse(call, BRM_CONFLICT, message, &data.buffer);
	msgpack_sbuffer_destroy(&data.buffer);
}

static void refuse_unknown(struct call *call, const char *wrong)
{
	const char *nearest[NEAREST_MAX];
	size_t count = select_nearest(call->engine, wrong, nearest, NEAREST_MAX);
	char message[MESSAGE_MAX];
	struct answer data; /* but no answer by itself */
	msgpack_packer *packer = begin(&data);

	msgpack_pack_map(packer, 2);
	rpc_put_string(packer, "name", wrong);
	rpc_put_text(packer, "nearest");
	msgpack_pack_array(packer, count);
	for (size_t i = 0; i < count; i++)
		rpc_put_text(packer, nearest[i]);
	snprintf(message, sizeof message, "no process or script is called \"%.256s\"", wrong);
	refuse(call, BRM_UNKNOWN, message, &data.buffer);
	msgpack_sbuffer_destroy(&data.buffer);
}

void call_refuse_selected(struct call *call, enum brm_refusal refusal, const struct selection *selection)
{
	if (refusal == BRM_UNKNOWN)
		refuse_unknown(call, selection->wrong);
	else if (refusal == BRM_MOVED_ON)
		call_refuse(call, refusal, "%.256s is not current any more: it is run %u now", selection->wrong,
			    selection->current);
	else
		call_refuse(call, refusal, "no memory");
}

int call_take(struct call *call, const struct selection *selection)
{
	call->items = calloc(selection->count ? selection->count : 1, sizeof *call->items);
	if (!call->items)
		return -ENOMEM;
	for (size_t i = 0; i < selection->count; i++) {
		struct call_item *item = &call->items[i];

		item->call = call;
		item->process = selection->list[i].process;
		item->name = strdup(selection->list[i].spec->name);
		call->count++;
		if (!item->name)
			return -ENOMEM;
	}
	return 0;
}

struct process *call_process(struct call *call, struct call_item *item, const struct spec *spec, int *error)
{
	struct spec *copy;

	if (item->process)
		return item->process;
	copy = spec_copy(spec);
	*error = copy ? process_create(call->engine, copy, &item->process) : -ENOMEM;
	if (*error == 0)
		return item->process;
	spec_free(copy);
	item->process = NULL;
	return NULL;
}

static size_t field_count(const struct call_item *item)
{
	const struct brm_state *state = &item->state;

	if (!item->known)
		return 2;
	return 4 + (state->run != 0) + (state->pid != 0) + !!(state->flags & BRM_FLAG_EXITED) +
	       !!(state->flags & BRM_FLAG_SIGNALED) + (state->reason[0] != '\0');
}

static void pack_item(msgpack_packer *packer, const struct call_item *item)
{
	const struct brm_state *state = &item->state;

	msgpack_pack_map(packer, field_count(item));
	rpc_put_string(packer, "name", item->name);
	rpc_put_bool(packer, "already", item->already);
	if (!item->known)
		return;
	rpc_put_string(packer, "status", brm_status_word(brm_state_status(state)));
	rpc_put_uint(packer, "revision", brm_head_version(state->head));
	if (state->run)
		rpc_put_uint(packer, "run", state->run);
	if (state->pid)
		rpc_put_int(packer, "pid", state->pid);
	if (state->flags & BRM_FLAG_EXITED)
		rpc_put_int(packer, "exitCode", state->exit_code);
	if (state->flags & BRM_FLAG_SIGNALED)
		rpc_put_int(packer, "signal", state->signal);
	if (state->reason[0])
		rpc_put_string(packer, "reason", state->reason);
}

static void pack_items(msgpack_packer *packer, const struct call *call)
{
	msgpack_pack_map(packer, 1);
	rpc_put_text(packer, "processes");
	msgpack_pack_array(packer, call->count);
	for (size_t i = 0; i < call->count; i++)
		pack_item(packer, &call->items[i]);
}

/* How it is now, for those that still wait or never had to. */
static void look(struct call_item *item)
{
	if (!item->process || item->known)
		return;
	item->state = publish_state_of(item->process);
	item->known = true;
}

static const struct call_item *find_failed(const struct call *call)
{
	bool starts = call->method == BRM_START || call->method == BRM_RESTART || call->method == BRM_RUN;

	for (size_t i = 0; starts && i < call->count; i++) {
		const struct call_item *item = &call->items[i];

		if (!item->known)
			continue;
		if (brm_state_status(&item->state) == BRM_FAILED && item->state.reason_code == BRM_REASON_SPAWN)
			return item;
		if (brm_state_status(&item->state) == BRM_PENDING && item->state.reason_code == BRM_REASON_DEPENDENCY)
			return item;
	}
	return NULL;
}

static void refuse_items(struct call *call, enum brm_refusal refusal, const char *message)
{
	struct answer data;

	pack_items(begin(&data), call);
	refuse(call, refusal, message, &data.buffer);
	msgpack_sbuffer_destroy(&data.buffer);
}

void call_answer_items(struct call *call)
{
	const struct call_item *failed;
	char message[MESSAGE_MAX];
	struct answer answer;

	for (size_t i = 0; i < call->count; i++)
		look(&call->items[i]);
	failed = find_failed(call);
	if (failed) {
		snprintf(message, sizeof message, "cannot start %s: %s", failed->name, failed->state.reason);
		refuse_items(call, BRM_FAILED_TO_START, message);
		return;
	}
	pack_items(answer_begin(&answer, call), call);
	answer_send(&answer, call);
}

/* The wait of one item is over; its process may be gone right after. */
static void on_item(struct waiter *waiter)
{
	struct call_item *item = (struct call_item *)waiter;
	struct call *call = item->call;

	look(item);
	item->process = NULL;
	if (--call->waiting == 0)
		call_answer_items(call);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd, (void)what;
	engine_enter(call->engine);
	for (size_t i = 0; i < call->count; i++)
		look(&call->items[i]);
	refuse_items(call, BRM_TIMED_OUT, "not done in time; it goes on");
}

void call_wait(struct call *call, bool (*met)(const struct process *process), uint64_t timeout_ms)
{
	struct timeval after = {(time_t)(timeout_ms / 1000), (suseconds_t)(timeout_ms % 1000 * 1000)};

	for (size_t i = 0; i < call->count; i++) {
		struct call_item *item = &call->items[i];

		if (!item->process)
			continue;
		item->waiter.met = met;
		item->waiter.done = on_item;
		process_wait(item->process, &item->waiter);
		call->waiting++;
	}
	if (call->waiting == 0) {
		call_answer_items(call);
		return;
	}
	if (timeout_ms)
		call->timer = evtimer_new(call->engine->base, on_timeout, call);
	if (call->timer)
		evtimer_add(call->timer, &after);
}
