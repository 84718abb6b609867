/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_SIEVE_H
#define CLIENTS_CLI_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/logs.h>

#include "clients/cli/mapped.h"
#include "clients/common/match.h"

/*
 * sieve.h - which lines of a log store are wanted
 *
 * Lines are looked at in bulk: what the index can say is asked first; then pages of text are searched as one, and what
 * is found there is mapped to lines by the index. One sieve serves any number of stores; its memory is constant.
 */

/* Which lines are wanted. */
struct filter {
	uint64_t since_us;         /* 0: from the first */
	uint64_t until_us;         /* UINT64_MAX: to the last */
	int64_t last;              /* of each store, the last so many of those wanted; -1: all */
	int stream;                /* enum brm_stream; -1: both */
	enum brm_level level;      /* at least; BRM_LEVEL_NONE: any */
	const struct match *match; /* NULL: any */
	uint64_t before, after;    /* so many lines around each that is wanted are shown too */
};

#define SIEVE_LINES  16384u /* that are looked at at once, at most */
#define SIEVE_WINDOW 512u   /* records of the index that are looked at one after the other */

struct sieve {
	const struct filter *filter;
	struct brm_log_line *lines; /* that were looked at */
	bool *hits;                 /* is each wanted? */
	/* What was read last of which store, and where that begins: in the buffer, or in place. */
	const char *text;
	char *buffer;
	struct mapped mapped;
	bool copies; /* a file was cut while it was mapped: no more is */
	size_t length;
	uint64_t store, offset;
	int stream;
	/* Lines of a store one after the other, that were looked up last. */
	struct brm_log_line window[SIEVE_WINDOW];
	size_t window_count;
	size_t window_at; /* the one that was found last */
	uint64_t window_store;
	uint64_t average; /* bytes of a line, as far as is known */
	/* In this store nothing is found from this line on up to this offset. */
	uint64_t vain_store, vain_seq, vain_offset;
};

/* filter must outlive it. */
void sieve_init(struct sieve *sieve, const struct filter *filter);
void sieve_finish(struct sieve *sieve);

/*
 * Look at up to max lines (at most SIEVE_LINES) from seq on. Returns how many there were, 0 at the end, or an error of
 * brm_log_lines(). A line whose text was rotated away is not wanted where the text matters.
 */
ssize_t sieve_look(struct sieve *sieve, struct brm_log *log, uint64_t seq, size_t max);

/*
 * The text of a line, if it is of what was read last: until more is looked at. NULL: it is not. It may be put to
 * `room`, which has BRM_LOG_LINE_MAX bytes.
 */
const char *sieve_text(const struct sieve *sieve, const struct brm_log *log, const struct brm_log_line *line,
		       char *room);

/*
 * Find up to max lines from *seq on and before end that are wanted, by searching the text without a look at the index:
 * for a store with one stream, where they are seldom. Returns their number; *seq is then behind the last one, or where
 * the search ended. -ENOTSUP: there are two streams, or no text is searched for, or what
 * follows from *seq on has no newlines: that is for sieve_look().
 */
ssize_t sieve_hunt(struct sieve *sieve, struct brm_log *log, uint64_t *seq, uint64_t end, struct brm_log_line *out,
		   size_t max);

#endif
