/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_BACKEND_H
#define CLIENTS_COMMON_BACKEND_H

#include "clients/common/source.h"

/*
 * common/backend.h - the two ways of reading behind common/source.h
 *
 * A source begins with this; each backend embeds it as the first member of its own.
 */

struct backend {
	void (*close)(struct source *source);
	int (*snapshot)(struct source *source, struct snapshot *snapshot);
	/* NULL: there is no cheaper way than a snapshot. -EAGAIN: the parts do not fit together. */
	int (*walk)(struct source *source, struct snapshot *snapshot, enum source_depth depth, source_part *each,
		    void *arg);
	bool (*changed)(const struct source *source, const struct snapshot *snapshot);
	struct brm_reader *(*reader)(struct source *source);
	int (*bell)(struct source *source, unsigned what);
	void (*bell_clear)(struct source *source);
};

struct source {
	const struct backend *backend;
	enum read_path path;
};

typedef int source_opener(const struct brm_instance *instance, struct source **out);
source_opener source_open_shm;
source_opener source_open_rpc;

/*
 * By enum read_path. In a file of its own (paths.c), so that a program that does without the supervisor's socket can
 * link its own table, and with it neither the client nor msgpack.
 */
extern source_opener *const source_openers[];

/*
 * Filling a snapshot: reserve, then fill processes[0..count) and take bytes for what they point at, then order.
 */

/* Room for count processes and their bytes; what was filled before is forgotten. 0, -ENOMEM */
int snapshot_reserve(struct snapshot *snapshot, uint32_t count, size_t bytes);
/*
 * Room for count states and entries, for a list. The states lie at the end of the processes' memory, which is fewer
 * pages to touch: process i must be filled after those before it, and its state moved first. 0, -ENOMEM
 */
int snapshot_reserve_states(struct snapshot *snapshot, uint32_t count, struct brm_state **states, uint32_t **entries);
/* size bytes, aligned for uint64_t, of those that were reserved (each taking is rounded up to 8); NULL: none left. */
void *snapshot_take(struct snapshot *snapshot, size_t size);
/* Sort by configuration order, then entry. */
void snapshot_order(struct snapshot *snapshot);
/* Where a process stands there. */
uint64_t snapshot_place(const struct process *process);

#endif
