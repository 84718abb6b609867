/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_SOURCE_H
#define CLIENTS_COMMON_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/events.h>
#include <brummer/instance.h>
#include <brummer/reader.h>
#include <brummer/state.h>

/*
 * common/source.h - snapshots of an instance, from the region (shm) or, as the way back, from the supervisor (rpc)
 *
 * BRUMMER_READ_PATH=shm|rpc or --read-path chooses; shm is the default, and there is no silent fall-back: a region that
 * cannot be read is an error whose message names the switch. A snapshot is reused: filling it again allocates only when
 * it must grow.
 */

enum read_path { READ_SHM = 0, READ_RPC };

/* "shm", "rpc". -EINVAL for another word; NULL: BRUMMER_READ_PATH, else shm. */
int read_path_parse(const char *word, enum read_path *out);
const char *read_path_word(enum read_path path);

/* One process, whole. Pointers live as long as the snapshot, until it is filled again. */
struct process {
	uint32_t entry;
	struct brm_state state;
	struct brm_identity identity;
	struct brm_strings urls;
	const uint16_t *ports;
	uint32_t port_count;
	bool has_metrics;
	struct brm_metrics metrics;
	bool has_log;
	struct brm_log_mark log;
};

/* It runs, and its readiness check, if it has one, has succeeded. */
bool process_is_ready(const struct process *process);

struct snapshot {
	enum brm_liveness liveness;
	struct process *processes; /* count of them, in configuration order (state.order, then entry) */
	uint32_t count;
	uint64_t epoch; /* of the cut; pass to source_changed() */
	bool consistent;
	struct brm_now now; /* when it was taken */
	void *store;        /* private */
	struct brm_info info;
};

struct source;

/*
 * Attach. *out is to be closed with source_close(); NULL is accepted there.
 *
 *  -ENOENT   no supervisor runs here (no region, no socket)
 *  -BRM_E*   see brummer/region.h
 */
int source_open(const struct brm_instance *instance, enum read_path path, struct source **out);
void source_close(struct source *source);

/*
 * Take a snapshot of all processes as they were at one instant. Follows a superseding region by itself, and goes back
 * to the last states of a region whose supervisor is gone: snapshot->liveness says so.
 *
 *  -BRM_ECORRUPT  an identity cannot be read
 *  -ENOMEM, errors of source_open()
 */
int source_snapshot(struct source *source, struct snapshot *snapshot);
void snapshot_finish(struct snapshot *snapshot);
/* An empty one: as zeros, but for its info, which is large and stays as it is. */
void snapshot_init(struct snapshot *snapshot);

/* How much of each process a walk takes. */
enum source_depth {
	SOURCE_WHOLE,
	SOURCE_BRIEF /* its state, name, URLs and metrics: what a row of a table shows; the rest may be as if empty */
};

/*
 * Take a snapshot in parts: each() is called with some processes at a time, in their order, as they all were at one
 * instant; it takes less memory, whose pages are most of what a long list costs. It is called at least once. When the
 * parts cannot be brought together it is called with NULL, as to forget what it was given, and then with all at once.
 * Errors of source_snapshot()
 */
typedef void source_part(const struct snapshot *part, void *arg);
int source_walk(struct source *source, struct snapshot *snapshot, enum source_depth depth, source_part *each,
		void *arg);

/* Has anything changed since the snapshot? (one load with shm; always true with rpc) */
bool source_changed(const struct source *source, const struct snapshot *snapshot);

/* The process of a name, or of an id ("name#N" when N is its current run); NULL when there is none. */
const struct process *snapshot_find(const struct snapshot *snapshot, const char *name);
/* Up to max names near to a wrong one, nearest first. Returns their number. */
size_t snapshot_nearest(const struct snapshot *snapshot, const char *name, const char **out, size_t max);

/*
 * A descriptor for poll() that becomes readable when something may have changed: states, events, life cycle
 * (BRM_WAIT_STATES), log marks (BRM_WAIT_LOGS). It goes on over superseding and returning supervisors; after a death it
 * looks now and then for the next region, until a snapshot finds it. With rpc it is a clock of half a second. Call
 * source_bell_clear() before looking. Made by the first call, which alone says `what`, and readable at once then;
 * closed with the source.
 */
int source_bell(struct source *source, unsigned what);
void source_bell_clear(struct source *source);

/* The reader below, for waiting, events and log marks; NULL with rpc. */
struct brm_reader *source_reader(struct source *source);
enum read_path source_path(const struct source *source);

#endif
