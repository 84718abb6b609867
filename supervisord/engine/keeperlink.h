/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_KEEPERLINK_H
#define SUPERVISORD_ENGINE_KEEPERLINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * engine/keeperlink.h - the engine's side of the socketpair to its keeper
 *
 * Calls wait for the keeper's answer (microseconds: the keeper does nothing slow). Threads: all calls may come from any
 * thread, one at a time is on the wire. Without a keeper (it was killed) calls return -EPIPE, and the engine goes on
 * alone: children are then its own.
 */

struct keeperlink;

/* Over the inherited descriptor. 0, -errno */
int keeperlink_open(int fd, struct keeperlink **out);
void keeperlink_close(struct keeperlink *link);

/* Readable or hung up when the keeper is gone; for the event loop. */
int keeperlink_fd(const struct keeperlink *link);

/* A run's descriptors; -1 where there is none. */
struct run_fds {
	int out;
	int err;
	int in;
};

int keeperlink_hold(struct keeperlink *link, uint32_t serial, const struct run_fds *fds);
int keeperlink_drop(struct keeperlink *link, uint32_t serial);

/* How a run ended; *alive when it has not. -ECHILD: nobody knows. */
struct ended {
	bool alive;
	int code; /* when signal is 0 */
	int signal;
};
int keeperlink_status(struct keeperlink *link, pid_t pid, struct ended *out);
int keeperlink_reap(struct keeperlink *link, pid_t pid);

/* What the keeper holds: each(serial, fds, arg) owns the descriptors. */
int keeperlink_inventory(struct keeperlink *link, void (*each)(uint32_t serial, struct run_fds fds, void *arg),
			 void *arg);
int keeperlink_up(struct keeperlink *link);
int keeperlink_end(struct keeperlink *link);

#endif
