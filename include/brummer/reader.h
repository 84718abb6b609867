/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_READER_H
#define BRUMMER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/region.h>
#include <brummer/state.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/reader.h - read what a supervisor publishes, without asking it
 *
 * A reader maps the region read-only. A state is copied out of the slot its head points at, and copied again if the
 * supervisor published so often meanwhile that the slot was refilled; see libshm/PROTOCOL for why that is sound.
 * Nothing a region holds is trusted: indices are bounded, lengths checked, strings terminated, enums clamped, after
 * the copy was accepted.
 *
 * Reads take no lock, allocate nothing, make no system call and never wait for the supervisor. Attempts are bounded.
 *
 * Errors   Functions that can fail return 0 or a negated errno or brm_error value, and leave their outputs untouched.
 * Threads  A reader may be shared by threads; brm_reader_close() and brm_reader_refresh() must be alone.
 * Signals  Nothing here is async-signal-safe. A region truncated by its owner after attaching raises SIGBUS on access.
 */

struct brm_reader;

/*
 * Attach to the region of an instance, by the region's name ("/brummer.1000.shop-1a2b3c4d").
 *
 *  -ENOENT   there is none
 *  -BRM_E*   it cannot be read: brm_strerror() has the sentence
 *  any errno of open, fstat, mmap
 */
int brm_reader_open(const char *region, struct brm_reader **out);

/* Attach to a region by a file's path (tests, post-mortem). The same errors. */
int brm_reader_open_path(const char *path, struct brm_reader **out);

/* Detach. NULL is accepted. */
void brm_reader_close(struct brm_reader *reader);

/*
 * Attach to the region that has taken this one's place, if one has.
 *
 * Returns 1 when it attached to another region (handles and epochs of the old one still hold: versions, tenants and
 * epochs continue), 0 when this one is still the current, or an error of brm_reader_open(); then the old mapping stays.
 */
int brm_reader_refresh(struct brm_reader *reader);

/* The header as it was at attach; lives as long as the reader, until a refresh. */
const struct brm_info *brm_reader_info(const struct brm_reader *reader);

enum brm_lifecycle brm_reader_lifecycle(const struct brm_reader *reader);

/* Is the writer alive? Makes a few system calls; the only function here that does. */
enum brm_liveness brm_reader_liveness(const struct brm_reader *reader);

/* Entries there are: valid entry numbers are 0 to capacity - 1. */
uint32_t brm_reader_capacity(const struct brm_reader *reader);

/* One more than the highest entry that was ever used: where a scan may end. */
uint32_t brm_reader_used(const struct brm_reader *reader);

/* The number of the last whole batch. Sample it before a scan; see brm_reader_changed(). */
uint64_t brm_reader_epoch(const struct brm_reader *reader);

/*
 * The head word of an entry: status, "did it change?" and "is it still the same tenant?" in one load.
 *
 * 0 for an entry outside the region.
 */
inline uint64_t brm_reader_peek(const struct brm_reader *reader, uint32_t entry);

/*
 * Copy the current state of one process into *out.
 *
 * Makes a bounded number of attempts, tens of nanoseconds each; no system call, no allocation.
 *
 *  -ERANGE   entry >= brm_reader_capacity(r)
 *  -ENOENT   nothing lives in this entry
 *  -EAGAIN   the supervisor published too fast for every attempt; *out may hold anything
 */
int brm_reader_state(const struct brm_reader *reader, uint32_t entry, struct brm_state *out);

/* A process, whoever else may come to live in its entry. */
struct brm_handle {
	uint32_t entry;
	uint32_t tenant;
};

/*
 * Find a process by name. Bounded: at most one walk of the table, and again if it was rebuilt meanwhile.
 *
 *  -ENOENT   no process has that name
 *  -EAGAIN   the table was rebuilt during every attempt
 */
int brm_reader_find(const struct brm_reader *reader, const char *name, struct brm_handle *out);

/* The status of a handle's process in one load; BRM_ABSENT when it is gone. */
inline enum brm_status brm_reader_status(const struct brm_reader *reader, struct brm_handle handle);

/* What a list was. */
struct brm_cut {
	uint64_t epoch;  /* it is the list as it was after this batch... */
	bool consistent; /* ...if true; false: each state is whole, but they may be of neighbouring batches */
	uint32_t count;  /* states there were; those beyond max were not copied */
};

/*
 * Copy all states as they were at one instant, in entry order, with their entry numbers.
 *
 * states or entries may be NULL. Returns the number copied, at most max.
 */
uint32_t brm_reader_list(const struct brm_reader *reader, struct brm_state *states, uint32_t *entries, uint32_t max,
			 struct brm_cut *cut);

/*
 * The same in parts, for a program that wants little memory: the next states as they were after batch `epoch`, from
 * entry *next on, at most max. Begin with brm_reader_epoch() and entry 0; *next moves behind the last entry that was
 * looked at. Returns the number copied, 0 at the end; fewer than max only there.
 *
 *  -EAGAIN   a state of then is not there any more: begin again, or take brm_reader_list()
 */
int brm_reader_part(const struct brm_reader *reader, uint64_t epoch, uint32_t *next, struct brm_state *states,
		    uint32_t *entries, uint32_t max);

/*
 * The entries that changed after epoch `since` (0: all that are in use), ascending; freed ones are among them.
 *
 * An entry may be reported twice over calls, never missed. *epoch is what to pass as `since` next time. Returns the
 * number of entries that changed; those beyond max are not stored, and *epoch is then `since` again.
 */
uint32_t brm_reader_changed(const struct brm_reader *reader, uint64_t since, uint32_t *entries, uint32_t max,
			    uint64_t *epoch);

/*
 * Copy a state's identity into buf and decode it; *out points into buf.
 *
 *  -ENOSPC   buf is smaller than state->identity.length (at most BRM_IDENTITY_MAX)
 *  -ENOENT   the state has none
 *  -EBADMSG  the bytes are not an identity
 */
int brm_reader_identity(const struct brm_reader *reader, const struct brm_state *state, void *buf, size_t size,
			struct brm_identity *out);

/* The name alone, into out[BRM_NAME_MAX]. Errors as above. */
int brm_reader_name(const struct brm_reader *reader, const struct brm_state *state, char out[BRM_NAME_MAX]);

/* The URLs its output announced, copied into buf; *out points into buf. An empty list is not an error. */
int brm_reader_urls(const struct brm_reader *reader, const struct brm_state *state, void *buf, size_t size,
		    struct brm_strings *out);

/* The TCP ports its processes listen on, ascending. Returns their number; those beyond max are not stored. */
uint32_t brm_reader_ports(const struct brm_reader *reader, const struct brm_state *state, uint16_t *ports,
			  uint32_t max);

/* A sample of a run's whole process tree. Sampling neither makes versions nor rings. */
struct brm_metrics {
	uint64_t time_ns;      /* when, CLOCK_REALTIME; 0: never sampled */
	uint64_t memory_bytes; /* resident */
	uint32_t cpu_permille; /* 1000 = one core */
	uint32_t threads;
	uint32_t files; /* open descriptors */
	uint32_t processes;
};

/*  -ENOENT  never sampled, or another tenant */
int brm_reader_metrics(const struct brm_reader *reader, struct brm_handle handle, struct brm_metrics *out);

/* How far a process's log store is written: what lies before is whole and may be read with pread (brummer/logs.h). */
struct brm_log_mark {
	uint64_t lines;      /* sequence number of the next line */
	uint64_t bytes[2];   /* offsets of the ends of out and err in their endless streams */
	uint64_t lost_bytes; /* output that could not be stored (disk full, I/O error) */
};

/*  -ENOENT  another tenant, or nothing was ever logged */
int brm_reader_log_mark(const struct brm_reader *reader, struct brm_handle handle, struct brm_log_mark *out);

/*
 * How the two questions that are asked most are answered without a call: a reader begins with this. Nothing else of it
 * is promised, and nobody else may look at it.
 */
struct brm_heads {
	const uint64_t *words;
	uint32_t count;
};

inline uint64_t brm_reader_peek(const struct brm_reader *reader, uint32_t entry)
{
	const struct brm_heads *heads = (const struct brm_heads *)(const void *)reader;

	/* acquire: who acts on it may read what was published before */
	return entry < heads->count ? __atomic_load_n(&heads->words[entry], __ATOMIC_ACQUIRE) : 0;
}

inline enum brm_status brm_reader_status(const struct brm_reader *reader, struct brm_handle handle)
{
	uint64_t head = brm_reader_peek(reader, handle.entry);
	unsigned status = head & 0xff;

	return (head >> 8 & 0xfff) == handle.tenant && status < BRM_STATUS_COUNT ? (enum brm_status)status : BRM_ABSENT;
}

#ifdef __cplusplus
}
#endif

#endif
