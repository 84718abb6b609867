/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_DOORBELL_H
#define CLIENTS_MCP_DOORBELL_H

#include "clients/mcp/view.h"

#include <event2/event.h>

/*
 * mcp/doorbell.h - the supervisor's doorbell, in the event loop, while somebody listens
 *
 * While no supervisor has ever been seen there is no bell to hear; then a look is taken every second.
 */

struct doorbell {
	struct view *view;
	struct event_base *base;
	struct event *bell;  /* made once there is a source */
	struct event *clock; /* until then */
	unsigned listeners;
	void (*ring)(void *arg);
	void *arg;
};

void doorbell_init(struct doorbell *doorbell, struct event_base *base, struct view *view, void (*ring)(void *arg),
		   void *arg);
void doorbell_finish(struct doorbell *doorbell);

/* One listener more, one less. */
void doorbell_hold(struct doorbell *doorbell);
/* For a listener: there may be a supervisor by now. */
void doorbell_look(struct doorbell *doorbell);
void doorbell_release(struct doorbell *doorbell);

#endif
