/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONTROL_CALL_H
#define SUPERVISORD_CONTROL_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <msgpack.h>

#include <brummer/control.h>

#include "control/server.h"
#include "engine/process.h"
#include "engine/reload.h"
#include "engine/select.h"

/*
 * control/call.h - a request in flight
 *
 * A call is made for each request and freed with its answer: every function here that answers says so. When its peer
 * goes it is forgotten; what it began goes on.
 */

/* One process that a call is about. */
struct call_item {
	struct waiter waiter;
	struct call *call;
	struct process *process; /* NULL: a script that was never started, or forgotten meanwhile */
	char *name;
	bool already; /* it was so before the request */
	bool known;   /* state holds: how it was when its wait ended */
	struct brm_state state;
};

struct call {
	TAILQ_ENTRY(call) link; /* of its peer's */
	struct peer *peer;
	struct engine *engine;
	uint32_t id;
	enum brm_method method;
	struct asker asker;
	struct call_item *items;
	size_t count;
	size_t waiting; /* items that wait */
	struct event *timer;
	struct reload_waiter reload;
	bool hands_over; /* waits until the supervisor has handed over */
};

/* A call of the peer's. NULL: no memory. */
struct call *call_new(struct peer *peer, uint32_t id, enum brm_method method);

/* Forget it without an answer. */
void call_free(struct call *call);

/* An answer being packed. */
struct answer {
	msgpack_sbuffer buffer;
	msgpack_packer packer;
};

/* Begin the answer: what is packed next is the result, one map. */
msgpack_packer *answer_begin(struct answer *answer, const struct call *call);
/* Send it. Frees the call. */
void answer_send(struct answer *answer, struct call *call);

/* Answer with one number; key NULL: with nothing. Frees the call. */
void answer_number(struct call *call, const char *key, uint64_t number);

/* Refuse it, in words. Frees the call. */
__attribute__((format(printf, 3, 4))) void call_refuse(struct call *call, enum brm_refusal refusal, const char *format,
						       ...);

/* Refuse it because of a parameter. Frees the call. */
void call_refuse_parameter(struct call *call, const char *key);

/* Refuse it because somebody else has the right to write to a process. Frees the call. */
void call_refuse_held(struct call *call, const char *name, struct asker holder);

/* Refuse it because of a name in a selection. Frees the call. */
void call_refuse_selected(struct call *call, enum brm_refusal refusal, const struct selection *selection);

/* Make an item of each that was selected. 0, -ENOMEM */
int call_take(struct call *call, const struct selection *selection);

/* An item's process, made from its spec if it was never started. NULL and the error in *error: it cannot be. */
struct process *call_process(struct call *call, struct call_item *item, const struct spec *spec, int *error);

/*
 * Wait until met() for all items that have a process, then answer: {processes: [...]}, or, for what was started,
 * `failed` if one could not be. timeout_ms 0: for ever; else the answer is `timeout` then. Frees the call sooner or
 * later.
 */
void call_wait(struct call *call, bool (*met)(const struct process *process), uint64_t timeout_ms);

/* Answer now, with the items as they are. Frees the call. */
void call_answer_items(struct call *call);

#endif
