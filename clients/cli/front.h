/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_FRONT_H
#define CLIENTS_CLI_FRONT_H

#include "clients/cli/control.h"

/*
 * front.h - `up` in front: follow the logs of what it starts, and stop that with it
 */

struct front_wish {
	bool alone; /* this `up` has started the supervisor, and ends it when nothing runs any more */
	bool abort; /* at the first failure stop all, and exit as it did */
};

/*
 * The request has been sent on control->client as `id` and is not answered yet. since_ns: when `up` began.
 *
 * Ctrl-C, SIGTERM, the end of the terminal: stop what was started, in order; once more: at once. Returns the exit
 * status: EXIT_FAILED when something that was started failed.
 */
int front_run(struct control *control, uint32_t id, uint64_t since_ns, struct front_wish wish);

/* Block the signals that front_run() takes, before anything is started. */
void front_prepare(void);

#endif
