/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_COMMAND_H
#define CLIENTS_MCP_COMMAND_H

#include "clients/common/client.h"

#include <event2/event.h>

/*
 * mcp/command.h - commands to the supervisor, without waiting for it
 *
 * Connecting (and starting a supervisor when there is none) is done by a job; requests are sent and answers taken as
 * they come, in any order. When the supervisor is replaced under a request that may be repeated, it is asked again.
 */

struct call;
struct site;

enum command_stage {
	COMMAND_NONE,
	COMMAND_QUEUED, /* to be sent once there is a connection */
	COMMAND_SENT,
};

#define COMMAND_STARTS  0x1u /* start a supervisor when there is none */
#define COMMAND_REPEATS 0x2u /* asking twice is asking once: ask again when the supervisor went away */

/* The request of a call; embedded in it. */
struct command {
	enum command_stage stage;
	enum brm_method method;
	unsigned flags;
	unsigned tries; /* times it was sent */
	uint32_t id;
	void (*put)(struct call *call, struct client *client);
	void (*done)(struct call *call, const struct reply *reply, const char *failure);
};

struct commands {
	struct site *site;
	struct client *client; /* NULL: not connected */
	struct event *readable;
	struct event *later; /* try again */
	bool connecting;
};

void commands_init(struct commands *commands, struct site *site);
void commands_finish(struct commands *commands);

/*
 * Send a command for a call. put() writes its parameters, perhaps more than once; done() is called with the answer, or
 * with reply NULL and a sentence that says why there is none. Either may be at once, and call be gone on return.
 */
void command_send(struct call *call, enum brm_method method, unsigned flags,
		  void (*put)(struct call *call, struct client *client),
		  void (*done)(struct call *call, const struct reply *reply, const char *failure));

#endif
