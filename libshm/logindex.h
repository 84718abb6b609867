/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LOGINDEX_H
#define LIBSHM_LOGINDEX_H

#include "libshm/logfile.h"

/*
 * logindex.h - the line index of a log store, as its writer keeps it
 *
 * Records are appended in batches and never changed. A file of the index is closed when it has reached file_bytes; the
 * oldest is dropped when none of its lines has text any more, or when the whole index exceeds budget_bytes.
 *
 * Errors   Functions return 0 or a negated errno value; the index then ends with a whole record.
 */

struct brm_logindex {
	int dir; /* the store's; not owned */
	int fd;  /* of the newest file; -1: there is none yet */
	struct brm_loglist files;
	uint64_t next; /* sequence number of the next line */
	uint64_t file_bytes;
	uint64_t budget_bytes;
	uint64_t oldest_ends[2]; /* ends of the last lines of the oldest file, if oldest_known */
	bool oldest_known;
};

/* What is found at the end of an index. */
struct brm_logtail {
	struct brm_log_line last[2]; /* the newest line of each stream, if found */
	bool found[2];
	uint64_t time_us; /* of the newest line */
};

/* Take over the files there are; the list moves into *index. Cuts what is not a whole record. */
int brm_logindex_open(struct brm_logindex *index, int dir, struct brm_loglist *files);
void brm_logindex_finish(struct brm_logindex *index);

/* Give the descriptor back; have it again, of the newest file. */
void brm_logindex_rest(struct brm_logindex *index);
int brm_logindex_wake(struct brm_logindex *index, int dir);

/*
 * Find the newest line of each stream, and cut the index before the first line that ends beyond text_end[its stream].
 * Returns 1 if lines were cut, 0 if none.
 */
int brm_logindex_recover(struct brm_logindex *index, const uint64_t text_end[2], struct brm_logtail *tail);

/* Append records, as many as there is room for; *done says how many are in the file, also on failure. */
int brm_logindex_append(struct brm_logindex *index, const struct brm_logrecord *records, uint32_t count,
			uint32_t *done);

/* Read up to max records from seq on that are in one file. Returns how many, 0 if there are none. */
int brm_logindex_read(const struct brm_logindex *index, uint64_t seq, struct brm_logrecord *out, uint32_t max);

/*
 * Drop the oldest files that are not needed, where the text there is begins at text_first. meta is brought up to date
 * first, so that a recovery knows what the files said.
 */
int brm_logindex_retain(struct brm_logindex *index, const uint64_t text_first[2], struct brm_logmeta *meta);

#endif
