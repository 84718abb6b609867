/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_RELOAD_H
#define SUPERVISORD_ENGINE_RELOAD_H

#include <stdint.h>
#include <sys/queue.h>

#include "engine/engine.h"

/*
 * engine/reload.h - read the configuration again, and change only what has changed
 *
 * Files are read on a thread of its own; what they say is applied in the loop. A configuration with errors changes
 * nothing. Entries that are new appear (and start, if the supervisor starts things by itself), changed ones that run
 * are restarted, removed ones are stopped and forgotten. What was started ad hoc is not touched.
 */

struct reloaded {
	const struct report *report; /* has errors: nothing was changed */
	uint32_t added;
	uint32_t changed;
	uint32_t removed;
};

/* Somebody who waits for a reload that begins no earlier than now. The memory is the caller's; done() may free it. */
struct reload_waiter {
	TAILQ_ENTRY(reload_waiter) link;
	bool waits;
	void (*done)(struct reload_waiter *waiter, const struct reloaded *result);
};

struct reload;

int reload_open(struct engine *engine, struct reload **out); /* 0, -errno */
void reload_close(struct reload *reload);                    /* waits for the thread; NULL is accepted */

/* Read it all again. waiter NULL: nobody waits. 0, -errno (then the waiter does not wait) */
int reload_ask(struct reload *reload, struct reload_waiter *waiter);
void reload_cancel(struct reload *reload, struct reload_waiter *waiter);

/* Say what a report holds, a line each. */
void reload_say(const struct report *report);

#endif
