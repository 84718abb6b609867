/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LOGWRITING_H
#define LIBSHM_LOGWRITING_H

#include <brummer/logstore.h>

#include "libshm/logerrors.h"
#include "libshm/logindex.h"

/*
 * logwriting.h - what the writer of a log store is made of
 *
 * The text of a stream is on its way through three offsets: [.., indexed) has its index records, [indexed, scanned) is
 * the beginning of a line and has no newline, [scanned, end) was not looked at yet. A failure sets scanned back to
 * indexed, and the next call goes on from there.
 */

struct text {
	struct brm_loglist segments;
	int fd; /* of the newest segment; -1: there is none yet */
	uint64_t end;
	uint64_t indexed;
	uint64_t scanned;
	uint64_t lines;  /* records made since the newest segment was opened */
	bool continues;  /* the pending text continues a line that was split */
	uint8_t level;   /* of that line */
	uint32_t headed; /* bytes of the pending line's beginning in head */
	char head[BRM_LOGLEVEL_WINDOW];
};

#define ERRORS_PENDING 16u

_Static_assert(BRM_LOG_SHOWN_MAX <= BRM_LOGLEVEL_WINDOW, "what is kept of a line's beginning can be shown");

struct brm_logstore {
	int dir; /* -1: it rests */
	uint64_t segment_bytes;
	uint32_t keep;
	struct brm_logmeta meta;
	struct brm_logindex index;
	struct text text[2];
	uint64_t time_us; /* of the newest line */
	bool new_run;
	bool has_error;
	struct brm_log_line error;
	struct brm_log_watch watch;
	struct brm_logerrors errors;
	uint64_t unsure;   /* errors that begin before this line were not seen whole */
	uint64_t replayed; /* the records of those that begin before this line may be there already */
	uint32_t pending_count;
	struct brm_errorrecord pending[ERRORS_PENDING]; /* of errors whose lines are on their way into the index */
	const char *name;
	char state_dir[]; /* and the name */
};

static inline uint64_t newest_start(const struct text *text)
{
	return text->segments.count ? text->segments.first[text->segments.count - 1] : text->end;
}

static inline uint64_t oldest_start(const struct text *text)
{
	return text->segments.count ? text->segments.first[0] : text->end;
}

static inline void forget_pending(struct text *text)
{
	text->scanned = text->indexed;
	text->headed = 0;
}

/* Read back text that lies in one segment. Returns the bytes read, or a negated errno value. */
int brm_logpass_read(const struct brm_logstore *store, uint8_t stream, void *buf, size_t size, uint64_t offset);

/* Index a stream's text that was not yet, with `flush` also what has no end. Returns 0 or a negated errno value. */
int brm_logpass_run(struct brm_logstore *store, uint8_t stream, uint64_t now_us, bool flush);

/* Show the watch the newest lines again, as far as their errors may have no records. For a store being opened. */
void brm_logwatch_replay(struct brm_logstore *store);

/* Write the pending records: the records of their lines are in the index. What cannot be written is tried again. */
void brm_logwatch_write(struct brm_logstore *store);

/* The store is being closed: no error is open any more, and all have been written if there was room. */
void brm_logwatch_close(struct brm_logstore *store);

#endif
