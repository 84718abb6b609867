/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_MERGE_H
#define CLIENTS_CLI_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/logs.h>

#include "clients/cli/sieve.h"
#include "clients/common/source.h"

/*
 * merge.h - the lines of several log stores as one stream, by time
 *
 * Each store is a track. Memory is constant: a few index records a track, one line's text. What has been taken once
 * never comes again, whatever is rotated, superseded or removed and made anew meanwhile.
 */

#define TRACK_RECORDS 128

struct track {
	char *name;
	size_t number; /* in the order they were added */
	uint32_t run;  /* of lines since run_us; 0: not known */
	uint64_t run_us;
	uint64_t lost_bytes; /* output that could not be stored, as far as that was told */
	struct brm_log *log; /* NULL: nothing was logged yet */
	uint64_t next;       /* seq after those in records: nothing before it comes any more */
	uint64_t scan;       /* lines before it were looked at; those from next on are wanted by none so far */
	uint64_t after;      /* lines before it are wanted because they follow one that is */
	uint64_t end;
	size_t stride; /* lines to look at at once */
	bool dense;    /* many of the last that were looked at were wanted */
	bool positioned;
	struct brm_log_line records[TRACK_RECORDS];
	size_t at, count;
};

struct merge {
	struct filter filter;
	char *state_dir;
	struct track **tracks; /* count of them, in the order they were added */
	size_t count;
	struct track **heap; /* those with a line, the earliest first */
	size_t heap_count;
	bool taken; /* the earliest was, and is done with when the next one is */
	char *text; /* BRM_LOG_LINE_MAX bytes, for a line that is not among what was searched last */
	struct sieve sieve;
	uint64_t lost; /* lines that were rotated away before they could be read */
};

void merge_init(struct merge *merge, const struct filter *filter, const char *state_dir);
void merge_finish(struct merge *merge);

/* The track of a name; it is added if there is none. */
struct track *merge_track(struct merge *merge, const char *name);

/*
 * Lines up to the mark may be read from now on (NULL: up to the last whole one). 0; -ENOENT: nothing was ever logged;
 * or an error of brm_log_open() and brm_log_refresh().
 */
int merge_extend(struct merge *merge, struct track *track, const struct brm_log_mark *mark);

/* The same with what a process's state says: its run, and its mark if its supervisor lives. */
int merge_process(struct merge *merge, const struct process *process, bool live);

/* A line, and whose it is. */
struct merged {
	const struct track *track;
	struct brm_log_line line;
	const char *text; /* length bytes, until the next call */
	size_t length;
};

/* The next line, by time; false: there is none for now. */
bool merge_next(struct merge *merge, struct merged *out);

#endif
