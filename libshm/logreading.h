/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LOGREADING_H
#define LIBSHM_LOGREADING_H

#include <time.h>

#include "libshm/logfile.h"

/* logreading.h - what a reader of a log store is made of */

#define CACHE_BYTES 32768u /* of text, a stream */
#define ALONE_BYTES 2048u  /* of text around a line that stands alone */

/* Text is never rewritten, so what was read once stays true. */
struct cache {
	uint64_t offset;
	size_t length;
	char bytes[CACHE_BYTES];
};

struct file {
	int fd; /* -1: none is open */
	uint64_t first;
};

struct brm_log {
	int dir;
	uint64_t id;
	struct timespec changed; /* of the directory, at the last scan */
	bool settled;            /* a later change would have another time */
	struct brm_loglist lists[BRM_LOGKIND_COUNT];
	struct file files[BRM_LOGKIND_COUNT]; /* the last one used of each kind */
	uint64_t first;                       /* lines */
	uint64_t end;
	uint64_t text_end[2];
	uint64_t errors_first; /* the first whose lines are still there, ... */
	uint64_t errors_after; /* ...when the first line was this one */
	uint64_t errors_end;
	struct cache cache[2];
};

/* Make files[kind] the one that `number` falls into. -ERANGE: that one is gone. */
int brm_logread_use_file(struct brm_log *log, enum brm_logkind kind, uint64_t number);

/* How far the newest file of a kind reaches, in bytes. */
int brm_logread_newest_size(struct brm_log *log, enum brm_logkind kind, uint64_t *first, uint64_t *size);

/* Find which errors are to be seen, when log->first and log->end are known. 0, or a negated errno value */
int brm_logread_find_errors(struct brm_log *log);

#endif
