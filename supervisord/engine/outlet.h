/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_OUTLET_H
#define SUPERVISORD_ENGINE_OUTLET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <brummer/logstore.h>

#include "detect/detect.h"
#include "engine/recency.h"

/*
 * engine/outlet.h - where the output of one process goes, run after run
 *
 * A log store that is made by the first byte (one that is there is opened at once, so that its end is indexed), and
 * what to do while it cannot be opened or written: the bytes go to /dev/null and are counted, so that no child is ever
 * held up by a disk that is full, and the next ones are tried again.
 *
 * Descriptors are few: those stores alone have theirs that were written lately, and no more than places.held_max of
 * them. The others rest; nothing of them is lost, and the next byte wakes them.
 *
 * Threads  The capture thread's own.
 */

struct outlet_places;

struct outlet {
	struct outlet *next; /* of its bucket */
	bool moved;          /* in the list of those with output since the last mark */
	struct outlet *moved_next;
	struct brm_logstore *store; /* NULL: nothing was written yet, or it cannot be opened */
	uint64_t retry_ns;          /* when to try again */
	uint64_t lost;              /* bytes meanwhile */
	struct outlet_places *places;
	struct detect detect;   /* what the store's watch finds */
	uint64_t segment_bytes; /* of the store; 0: its default */
	uint32_t keep;
	uint32_t entry;
	uint32_t serial;            /* of the newest run that writes into it, 0 before the first */
	uint32_t runs;              /* that write into it */
	bool new_run;               /* the next line begins one */
	bool released;              /* to be closed when the last run is gone... */
	bool remove;                /* ...and to be removed */
	struct recent held;         /* the store has its descriptors */
	struct recent unflushed[2]; /* a stream has something that waits for more */
	char name[];
};

/* What the outlets share. */
struct outlet_places {
	const char *state_dir;
	int null_fd;               /* /dev/null, open for writing */
	struct patterns *patterns; /* of errors; NULL: none are looked for */
	void (*found_url)(void *outlet, const char *url);
	size_t held_max; /* stores that may have their descriptors */
	struct recency held;
	struct recency unflushed[2];
};

/* A share of the descriptors that the process may have now. */
size_t outlet_held_max(void);

uint64_t outlet_now_ns(void); /* CLOCK_MONOTONIC */

/* Make one; its store may be opened later, or fail to open. The places must outlive it. NULL: no memory. */
struct outlet *outlet_open(struct outlet_places *places, const char *name, uint64_t segment_bytes, uint32_t keep);
/* Other sizes from now on, as struct brm_logstore_options has them. */
void outlet_resize(struct outlet *outlet, uint64_t segment_bytes, uint32_t keep);
/* Flush and close; removes the files if `remove` is set. */
void outlet_close(struct outlet *outlet);

/*
 * Move up to max bytes out of a pipe. Returns how many left it, stored or lost; 0 at its end, -EAGAIN if it is empty.
 */
ssize_t outlet_take(struct outlet *outlet, int pipe_fd, enum brm_stream stream, size_t max);

/* Index what waits for its newline, and end an error that waits for more lines. */
void outlet_flush(struct outlet *outlet, enum brm_stream stream);

/* Flush what has waited long enough, as prompts do. Returns an outlet of which something was, NULL when none is left.
 */
struct outlet *outlet_flush_next(struct outlet_places *places, uint64_t now_ns);

/* Let stores rest that were not written for a while. */
void outlet_rest_quiet(struct outlet_places *places, uint64_t now_ns);

/* When one of these two has something to do; UINT64_MAX: never. */
uint64_t outlet_due_ns(const struct outlet_places *places);

void outlet_mark(const struct outlet *outlet, struct brm_log_mark *mark);

#endif
