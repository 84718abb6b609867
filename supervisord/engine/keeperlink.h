/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_KEEPERLINK_H
#define SUPERVISORD_ENGINE_KEEPERLINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <brummer/state.h>

/*
 * engine/keeperlink.h - the engine's side of the socketpair to its keeper
 *
 * Calls wait for the keeper's answer (microseconds: the keeper does nothing slow; only if somebody stops it, they wait
 * until it goes on). Without a keeper (it was killed) calls return -EPIPE, and the engine goes on alone: new children
 * are then its own, and status and reap answer for those by waitid().
 *
 * Threads  Any; one call at a time is on the wire.
 */

struct keeperlink;

/* Over the inherited descriptor, which the link owns from then on; -1: there is no keeper. 0, -errno */
int keeperlink_open(int fd, struct keeperlink **out);
void keeperlink_close(struct keeperlink *link);

/* Readable when the keeper is gone, and not before; -1 without one. For the event loop. */
int keeperlink_fd(const struct keeperlink *link);

/* The keeper's pid while it lives, else 0. */
pid_t keeperlink_keeper(struct keeperlink *link);

/* A run's descriptors; -1 where there is none. See struct spawn_result for those of a tty. */
struct run_fds {
	int out;
	int err;
	int in;
	int say; /* the socket of what it says by itself; only the keeper's, for the next engine */
};

/* A run as the keeper knows it. */
struct held_run {
	uint32_t serial;
	uint32_t instance;   /* upper half of its tag */
	pid_t pid;           /* 0: not born yet; -1: it has ended and was reaped */
	char id[BRM_ID_MAX]; /* "name#run", as in BRUMMER_RUN after the slash; "" if unknown */
	struct run_fds fds;
};

/* Before its clone, with pid 0: from then on the keeper knows a zombie of that tag for a run. -ENOSPC, -EMFILE */
int keeperlink_hold(struct keeperlink *link, const struct held_run *run);
/* After it. */
int keeperlink_born(struct keeperlink *link, uint32_t serial, pid_t pid);
int keeperlink_drop(struct keeperlink *link, uint32_t serial);

/* How a run ended; *alive when it has not. -ECHILD: nobody knows. */
struct ended {
	bool alive;
	int code; /* when signal is 0 */
	int signal;
};
int keeperlink_status(struct keeperlink *link, pid_t pid, struct ended *out);
/*
 * How a process that others have reaped ended, from the kernel (Linux 6.15 on): for runs that lost their keeper. Waits
 * some milliseconds for the reap. -ECHILD: it cannot tell
 */
int keeperlink_status_of_other(int pidfd, struct ended *out);
int keeperlink_reap(struct keeperlink *link, pid_t pid);

/* The same as drop and reap, but without waiting for the keeper, which cannot but do them. */
void keeperlink_tell_drop(struct keeperlink *link, uint32_t serial);
void keeperlink_tell_reap(struct keeperlink *link, pid_t pid);

/*
 * What the keeper holds: each(run, arg) owns the descriptors. A run that was cloned when the last engine died, and that
 * nobody has heard of, is among them with its pid; one that was never born is dropped and not told.
 */
int keeperlink_held(struct keeperlink *link, void (*each)(const struct held_run *run, void *arg), void *arg);
int keeperlink_up(struct keeperlink *link);
int keeperlink_end(struct keeperlink *link);

/* This engine is about to leave for one of a new program. -EPIPE, or why the keeper cannot try that program. */
int keeperlink_baton(struct keeperlink *link);

/* The instance's lock is this descriptor's from now on; the keeper keeps a duplicate. -EPIPE, -errno */
int keeperlink_lock(struct keeperlink *link, int fd);

/* The name of number `at` of those that engines crashed on, into id[BRM_ID_MAX]. How often (0: none is there); -ENOENT
 * behind the last; -errno */
int keeperlink_suspect(struct keeperlink *link, uint32_t at, char *id);
/* Tell that it happens now. Async-signal-safe; the descriptor is the link's. */
int keeperlink_socket(const struct keeperlink *link);
void keeperlink_tell_crash(int socket, const char *name);

#endif
