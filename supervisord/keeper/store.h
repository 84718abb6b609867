/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_KEEPER_STORE_H
#define SUPERVISORD_KEEPER_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper/wire.h"

/*
 * keeper/store.h - the runs a keeper has in its keeping, by serial and by pid
 *
 * A table of fixed size that lies in zeroed memory, of which only what is used is ever touched; lookups and changes
 * take constant time. A run is kept until its descriptors are dropped and its process is reaped, whichever comes last.
 *
 * Threads  One.
 */

#define STORE_RUNS (1u << 16) /* as many as a region has entries; beyond that a HOLD is refused with -ENOSPC */

/* What a run is found by. */
enum store_key { STORE_SERIAL, STORE_PID, STORE_KEYS };

struct held {
	uint32_t serial; /* 0: a free place */
	uint32_t instance;
	int32_t pid; /* 0: not born yet; -1: reaped, only descriptors are left */
	bool dropped;
	uint32_t next[STORE_KEYS]; /* place + 1 of the next in its bucket, or of the next free one */
	int fds[KEEPER_FDS];
	char id[KEEPER_ID_MAX];
};

struct store {
	struct held runs[STORE_RUNS];
	uint32_t buckets[STORE_KEYS][STORE_RUNS]; /* place + 1 of the first, 0: empty */
	uint32_t used;                            /* places that ever were in use: all others are zero */
	uint32_t free;                            /* place + 1 of the first free one below `used` */
	uint32_t unborn;                          /* runs whose pid is not known */
};

/* Take a run in, with its descriptors. -EINVAL: serial 0; -EEXIST; -ENOSPC: the table is full */
int store_hold(struct store *store, const struct keeper_message *message, const int *fds);
/* The run is that process now. -ENOENT, -EINVAL */
int store_born(struct store *store, uint32_t serial, int32_t pid);
/* Close the run's descriptors. -ENOENT */
int store_drop(struct store *store, uint32_t serial);
/* That process has been reaped. */
void store_reaped(struct store *store, int32_t pid);
/* The run was reaped before it came here: only its descriptors are left. -ENOENT */
int store_outlived(struct store *store, uint32_t serial);

/* NULL when there is none. */
struct held *store_by_serial(struct store *store, uint32_t serial);
struct held *store_by_pid(struct store *store, int32_t pid);
/* The first run in use at or after *place, which moves behind it; NULL after the last. */
const struct held *store_next(const struct store *store, uint32_t *place);

#endif
