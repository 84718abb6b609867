/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_REFRESH_H
#define CLIENTS_MCP_REFRESH_H

#include "clients/mcp/job.h"
#include "clients/mcp/view.h"

/*
 * mcp/refresh.h - looking by the rpc read path, on a thread: a supervisor that does not answer must hold up nobody
 *
 * A view of memory is looked at on the spot. One that asks the supervisor shows its last answer; whoever wants to know
 * how things are now waits here for one that was asked for afterwards.
 *
 * Threads  The thread that runs the event base; while a job runs the source and the new snapshot are the job's.
 */

struct call;
struct site;

struct refresh {
	struct job job; /* first */
	struct site *site;
	struct source *source; /* the view's, too, once it is there; the view closes it */
	struct snapshot snapshot;
	int error;
	uint64_t count; /* answers so far */
	bool running;
};

void refresh_init(struct refresh *refresh, struct site *site);
void refresh_finish(struct refresh *refresh);

/* Run this once the view of the call's site is fresh: at once, but with the rpc read path. call may have no site. */
void refresh_then(struct call *call, void (*run)(struct call *call));

/* Let the view be looked at again; what listens is told then. False: it needs no refreshing. */
bool refresh_begin(struct site *site);

#endif
