/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_CALL_H
#define CLIENTS_MCP_CALL_H

#include <sys/queue.h>

#include "clients/mcp/command.h"
#include "clients/mcp/era.h"
#include "clients/mcp/text.h"

#include <event2/event.h>

/*
 * mcp/call.h - one request, from its arrival to its answer
 *
 * A handler either answers at once (call_begin ... call_end, or call_error), which ends the call, or makes it wait:
 * then its step runs again when the doorbell rings, when its time is over, or at once after other work had its turn.
 * The loop is never blocked. A call that was cancelled, or whose client is gone, ends without a word.
 */

struct server;
struct site;
struct call;

/* What a message is, for transports that treat them differently. */
enum message {
	MESSAGE_ANSWER,    /* of a request: its last message */
	MESSAGE_REFUSAL,   /* the same, to what is no request of the protocol */
	MESSAGE_NO_METHOD, /* the same, to a request for what there is not */
	MESSAGE_NOTICE,    /* a notification */
};

/*
 * Where messages go: one connection of a client, or one request of it where each has its own way back. Embedded in what
 * a transport keeps of it.
 */
struct peer {
	/* Send one whole message of length bytes, without newline. */
	void (*send)(struct peer *peer, enum message kind, const char *message, size_t length);
	/* A request was cancelled: it gets no answer. NULL: need not be known. */
	void (*unanswered)(struct peer *peer);
	struct peer *client;  /* whose subscriptions and requests these are; NULL: its own */
	const char *declared; /* the version that the transport says is spoken; NULL: it says none */
	bool full;            /* it has much to read still: what can be told later waits */
	bool ends;            /* a subscription that the server ends gets a result, not a notification */
};

/* The peer to which what outlives a request belongs. */
struct peer *peer_client(struct peer *peer);

enum wake {
	WAKE_BELL,     /* something changed: states or logs */
	WAKE_DEADLINE, /* the time is over: the step must end the call */
	WAKE_TURN,     /* other work had its turn */
};

typedef void call_step(struct call *call, enum wake wake);

struct call {
	TAILQ_ENTRY(call) link;
	struct server *server;
	struct peer *peer;
	struct site *site; /* what it asks about; NULL: nothing, or all instances */
	struct rpc rpc;
	enum era era;
	json_t *args; /* of a tool, in rpc; NULL for none */

	const char *resource;      /* in rpc: the tool is run to read this URI; NULL: it was called */
	const char *resource_type; /* of its content */

	call_step *step;     /* of a call that waits or yielded */
	bool listens;        /* it waits: the doorbell runs its step */
	bool last;           /* its timer is that of the deadline, not of a progress message */
	bool again;          /* it yielded */
	struct event *timer; /* made with the first wait */
	uint64_t started_ms; /* of the wait */
	uint64_t deadline_ms;

	void (*looked)(struct call *call); /* what to do once the view is fresh; see refresh.h... */
	uint64_t look_at;                  /* ...which it is after so many answers */

	struct command command;          /* to the supervisor; see command.h */
	uint64_t revision;               /* of the process, that its answer told of... */
	void (*seen)(struct call *call); /* ...and what to do once memory shows it */

	void *state; /* of the handler, freed with free_state when the call ends */
	void (*free_state)(void *state);
};
TAILQ_HEAD(call_list, call);

/* Makes the call of a request; takes rpc over. NULL when memory ran out (rpc is finished then). */
struct call *call_create(struct server *server, struct peer *peer, struct rpc *rpc);

/* The answer: what is put between call_begin() and call_end() are the members of its result. call_end() frees call. */
struct json *call_begin(struct call *call);
void call_end(struct call *call);

/* End a call with the whole message that stands in server->out. Frees call. */
void call_finish(struct call *call, enum message kind);

/* Answer a protocol error, with a sentence. Frees call. */
void call_error(struct call *call, enum rpc_code code, const char *message);

/*
 * Zeroed memory for the handler, in call->state, given to free_state (which accepts it half filled) when the call ends.
 * NULL when there is none; the call is answered then.
 */
void *call_state(struct call *call, size_t size, void (*free_state)(void *state));

/* End a call without an answer. */
void call_drop(struct call *call);

/*
 * Wait: step(call, WAKE_BELL) after changes, step(call, WAKE_DEADLINE) after timeout_ms. A client that gave a progress
 * token is told now and then that it is being waited. False: no memory; the call is answered then.
 */
bool call_wait(struct call *call, uint64_t timeout_ms, call_step *step);

/* Go on with step(call, WAKE_TURN) once other work had its turn. The deadline of a wait stays. */
void call_yield(struct call *call, call_step *step);

/* Milliseconds since the wait began. */
uint64_t call_waited_ms(const struct call *call);

#endif
