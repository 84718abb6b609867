/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_WRITER_H
#define BRUMMER_WRITER_H

#include <stdint.h>

#include <brummer/events.h>
#include <brummer/reader.h>
#include <brummer/region.h>
#include <brummer/state.h>

/*
 * brummer/writer.h - publish states to whoever reads
 *
 * There is one writer a region: the supervisor's engine. It works in batches: brm_writer_publish() any number of
 * states, then brm_writer_commit() once, which makes the batch's epoch visible and rings the doorbell. Versions,
 * tenants and epochs live in the writer's private memory; nothing is ever read back from the region.
 *
 * Errors   Functions that can fail return 0 or a negated errno or brm_error value, and leave the region as it was.
 * Threads  One thread, the one that called brm_writer_create(), does everything but this: brm_writer_update() and
 *          brm_writer_metrics() may be called from any thread, brm_writer_log_mark() and brm_writer_ring_logs() from
 *          one other, the capture thread.
 * Owner    The kernel tells readers of the writer's death by a robust-futex list of the creating thread's, in place of
 *          the one the C library registered for it: that thread must neither end before the region is closed nor use
 *          robust mutexes, and after an exec a new region is made. Programs are single in this: one region a thread.
 * Forks    A forked child that does not exec shares the lock that says the writer lives; it calls
 *          brm_writer_abandon() and touches nothing else.
 * Signals  Nothing here is async-signal-safe.
 */

struct brm_writer;

#define BRM_NO_REST UINT32_MAX

struct brm_writer_options {
	const struct brm_instance *instance;
	uint32_t capacity;  /* entries, rounded up to a power of two; 0: BRM_CAPACITY_FIRST */
	int32_t keeper_pid; /* 0: none */
	uint32_t tag;       /* of the instance */
	uint8_t uuid[16];
	uint64_t started_ns; /* of the instance, CLOCK_REALTIME */
	const char *version; /* of the supervisor */
	uint32_t rest_ms; /* how long a freed entry rests before it is used again; 0: 2000, BRM_NO_REST: not at all */
	/* A region that this one continues (its versions, tenants, epochs, event numbers and entries), or NULL. */
	const struct brm_reader *previous;
};

/*
 * Make a region aside, filled with what `previous` holds, and rename it into place; the old one, if any, is marked
 * SUPERSEDED and rung once the new one can be found.
 *
 * `previous` is not trusted: what is not sound in it (a name twice, an extent outside) is left behind, as freed.
 *
 *  -ENOSPC          /dev/shm is full: nothing has changed
 *  -EPERM           the name belongs to another user's object and so do its alternatives
 *  -BRM_ECAPACITY   more than BRM_CAPACITY_LAST
 */
int brm_writer_create(const struct brm_writer_options *options, struct brm_writer **out);

/*
 * Grow, or start a fresh arena: a new region of `capacity` entries (0: as many as now) takes this one's place with all
 * that is in it. The writer goes on with the new one; entries keep their numbers.
 *
 *  -ENOSPC, -BRM_ECAPACITY  nothing has changed
 */
int brm_writer_supersede(struct brm_writer *writer, uint32_t capacity);

/* The keeper has died: supersede the region by one that names none. Errors as of brm_writer_supersede(). */
int brm_writer_alone(struct brm_writer *writer);

/* The final states are published: mark CLOSED, ring, unlink, free. NULL is accepted. */
void brm_writer_close(struct brm_writer *writer);

/* Free without a word to readers or the name: for a forked child, and for tests that play a crash. */
void brm_writer_abandon(struct brm_writer *writer);

/* Between brm_writer_create() and brm_writer_close(): say that a shutdown has begun. Rings. */
void brm_writer_closing(struct brm_writer *writer);

/*
 * Give a process an entry. Its name must not be in use. *state is published as its first version, with the identity.
 *
 *  -EEXIST         the name is in use
 *  -EINVAL         the name is empty, too long or not printable
 *  -BRM_ECAPACITY, -BRM_EARENA  supersede first, then try again
 */
int brm_writer_add(struct brm_writer *writer, const struct brm_identity *identity, const struct brm_state *state,
		   uint32_t *entry);

/* Free an entry, if it is in use: its tenant number moves on, its name is forgotten; the entry rests a while before it
 * is used again. */
void brm_writer_remove(struct brm_writer *writer, uint32_t entry);

/*
 * Write bytes to the arena, for an identity, URLs or ports of a state that will be published; *out is what to put in
 * it.
 *
 *  -BRM_EARENA  supersede first: every extent then has a new place, in brm_writer_state()
 */
int brm_writer_identity(struct brm_writer *writer, const struct brm_identity *identity, struct brm_extent *out);
int brm_writer_urls(struct brm_writer *writer, const struct brm_strings *urls, struct brm_extent *out);
int brm_writer_ports(struct brm_writer *writer, const uint16_t *ports, uint32_t count, struct brm_extent *out);

/* The newest state of an entry, from private memory. -ENOENT, -ERANGE */
int brm_writer_state(const struct brm_writer *writer, uint32_t entry, struct brm_state *out);

/*
 * Publish the next version of an entry. Visible to readers at once; a part of the batch that the next commit closes.
 *
 * Bounded, no system call, no allocation. *state's epoch and head but for the status are set by the writer.
 */
int brm_writer_publish(struct brm_writer *writer, uint32_t entry, const struct brm_state *state);

/*
 * Publish update(newest state, arg), from any thread, by compare-and-swap on the entry's version: no update is lost.
 *
 * update must be pure: it is called again with the newer state whenever another thread was faster. Returns 0 and, if
 * retries is not NULL, adds the number of lost races to *retries.
 */
typedef struct brm_state brm_update_fn(const struct brm_state *state, void *arg);
int brm_writer_update(struct brm_writer *writer, uint32_t entry, brm_update_fn *update, void *arg, uint64_t *retries);

/* Append an event; seq and, when 0, time_ns are set by the writer. A part of the batch. Returns its seq. */
uint64_t brm_writer_event(struct brm_writer *writer, const struct brm_event *event);

/* Is there anything to be committed? One load. */
bool brm_writer_has_batch(const struct brm_writer *writer);

/*
 * Close the batch: epoch, bell, wake. A batch in which nothing was published does nothing.
 *
 * Call it once an event-loop turn, after all publishes, and at most once a millisecond in a storm, by a timer that
 * makes up for what was held back: a ring costs a third of a microsecond with nobody waiting, and some 5 microseconds a
 * waiter.
 */
void brm_writer_commit(struct brm_writer *writer);

/* The engine's loop begins (true) or ends (false) a turn; readers tell a busy engine from a sleeping one by it. */
void brm_writer_busy(struct brm_writer *writer, bool busy);

void brm_writer_metrics(struct brm_writer *writer, uint32_t entry, const struct brm_metrics *metrics);

/*
 * Publish how far a log store is written: by the capture thread alone. Ring afterwards; every call rings, so pace them
 * (at once after quiet, then every 10 ms).
 */
void brm_writer_log_mark(struct brm_writer *writer, uint32_t entry, const struct brm_log_mark *mark);
void brm_writer_ring_logs(struct brm_writer *writer);

uint32_t brm_writer_capacity(const struct brm_writer *writer);
const struct brm_info *brm_writer_info(const struct brm_writer *writer);

#endif
