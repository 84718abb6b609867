/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LOGFILE_H
#define LIBSHM_LOGFILE_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>

#include <brummer/logs.h>

/*
 * logfile.h - the files of a log store, as its writer and its readers know them
 *
 * A store is a directory of numbered files of four kinds and one small file, "store", which holds what the others
 * cannot say. A number is the offset of a segment's first byte, the sequence number of an index file's first line, or
 * the number of the first record in a file of errors.
 *
 * Errors   Functions return 0 (or a descriptor) or a negated errno value.
 * Threads  Nothing here is shared.
 */

#define BRM_LOGRECORD_BYTES 16u
#define BRM_LOGLEVEL_WINDOW 512u /* brm_log_level() looks at no more of a line */

enum brm_logkind {
	BRM_LOGKIND_OUT = BRM_OUT,
	BRM_LOGKIND_ERR = BRM_ERR,
	BRM_LOGKIND_INDEX,
	BRM_LOGKIND_ERRORS,
	BRM_LOGKIND_COUNT
};

/* The numbers of the files of one kind, ascending. */
struct brm_loglist {
	uint64_t *first;
	uint32_t count;
	uint32_t room;
};

void brm_loglist_finish(struct brm_loglist *list);

/* Make room for one more, so that the next brm_loglist_add() cannot fail. */
int brm_loglist_reserve(struct brm_loglist *list);
void brm_loglist_add(struct brm_loglist *list, uint64_t number);
void brm_loglist_drop_first(struct brm_loglist *list);

/* The place of the file that `number` falls into: the last that is not above it. -1: it lies before all of them. */
int64_t brm_loglist_find(const struct brm_loglist *list, uint64_t number);

/* Open the directory of a store; make it if asked to. Returns the descriptor. */
int brm_logdir_open(const char *state_dir, const char *name, bool create);

/* Remove the directory with all files that are a store's. -ENOTEMPTY: there were others; they are left. */
int brm_logdir_remove(const char *state_dir, const char *name);

/* Look what files there are; the lists are replaced. */
int brm_logdir_scan(int dir, struct brm_loglist lists[BRM_LOGKIND_COUNT]);

/* open(2) with `flags`, never through a link or into a child. Returns the descriptor. */
int brm_logfile_open(int dir, enum brm_logkind kind, uint64_t number, int flags);
int brm_logfile_unlink(int dir, enum brm_logkind kind, uint64_t number);

/* pread(2) until size bytes are there or the file ends. Returns the bytes read. */
ssize_t brm_logfile_read(int fd, void *buf, size_t size, uint64_t offset);

/* What "store" holds. */
struct brm_logmeta {
	uint64_t id;
	uint64_t indexed[2]; /* ends of the last lines in index files that were dropped */
	uint64_t time_us;    /* the last time in them */
	uint64_t lost_bytes; /* output that could not be stored */
	uint64_t watched;    /* all errors in the lines before this one have their records */
};

/* -ENOENT: there is none, or it is not whole. */
int brm_logmeta_read(int dir, struct brm_logmeta *out);
/* Put it in place as one, under its final name. */
int brm_logmeta_create(int dir, const struct brm_logmeta *meta);
/* Overwrite the one that is there: takes no space, so it works on a full disk. */
int brm_logmeta_update(int dir, const struct brm_logmeta *meta);
/* An index record: two words, little-endian in the file. */
struct brm_logrecord {
	uint64_t w[2];
};

static inline struct brm_logrecord brm_logrecord_pack(const struct brm_log_line *line)
{
	uint64_t place = (line->offset & 0xffffffffffffu) | (uint64_t)line->stream << 48;
	uint64_t kind = (uint64_t)line->level << 49 | (uint64_t)line->flags << 52;
	uint64_t low = place | kind | (uint64_t)(line->length & 255) << 56;
	uint64_t high = (line->time_us & 0xfffffffffffffu) | (uint64_t)(line->length >> 8) << 52;

	return (struct brm_logrecord){{htole64(low), htole64(high)}};
}

static inline struct brm_log_line brm_logrecord_unpack(const struct brm_logrecord *record, uint64_t seq)
{
	uint64_t low = le64toh(record->w[0]);
	uint64_t high = le64toh(record->w[1]);
	uint8_t level = low >> 49 & 7;

	return (struct brm_log_line){
		.seq = seq,
		.time_us = high & 0xfffffffffffffu,
		.offset = low & 0xffffffffffffu,
		.length = (uint32_t)(low >> 56 | high >> 52 << 8),
		.stream = low >> 48 & 1,
		.level = level < BRM_LEVEL_COUNT ? level : BRM_LEVEL_NONE,
		.flags = low >> 52 & 15,
	};
}

/* Where the line after this one begins in its stream. */
static inline uint64_t brm_logline_end(const struct brm_log_line *line)
{
	bool newline = !(line->flags & (BRM_LINE_CONTINUES | BRM_LINE_NO_NEWLINE));

	return line->offset + line->length + newline;
}

#endif
