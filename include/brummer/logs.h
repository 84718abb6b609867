/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_LOGS_H
#define BRUMMER_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <brummer/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/logs.h - read a process's log store
 *
 * The store of a process is a directory: STATE_DIR/NAME/ with the bytes as they were written, in segment files
 * {out,err}.OFFSET named by the offset of their first byte in the endless stream, and the line index index.FIRSTSEQ,
 * 16 bytes a line, little-endian, over both streams in their common order:
 *
 *   w0 = offset (48 bits) | stream << 48 | level << 49 (3 bits) | flags << 52 (4 bits) | (length & 255) << 56
 *   w1 = microseconds since 1970 (52 bits, never decreasing) | (length >> 8) << 52
 *
 * Text is written before its index record and the record before the mark in the region is published, so everything
 * before the mark is whole. Rotation opens the next segment; nothing is ever renamed or rewritten. Names of files are
 * decimal, 20 digits. A store is read with plain files: no supervisor is needed.
 *
 * Errors   Functions that can fail return 0 or a negated errno value and leave their outputs untouched.
 * Threads  One brm_log is for one thread; any number may be open on one store.
 */

/* Bytes of one line, as many as 20 bits can say; a longer one is split, the parts but the last marked CONTINUES. */
#define BRM_LOG_LINE_MAX ((1u << 20) - 1)

enum brm_stream { BRM_OUT = 0, BRM_ERR = 1 };
enum brm_level {
	BRM_LEVEL_NONE = 0,
	BRM_LEVEL_DEBUG,
	BRM_LEVEL_INFO,
	BRM_LEVEL_WARN,
	BRM_LEVEL_ERROR,
	BRM_LEVEL_COUNT
};

/* brm_log_line.flags */
#define BRM_LINE_CONTINUES  0x1u /* the line goes on in the next record of this stream */
#define BRM_LINE_NO_NEWLINE 0x2u /* it ended without a newline */
#define BRM_LINE_NEW_RUN    0x4u /* the first line of a run */

struct brm_log_line {
	uint64_t seq;     /* 0, 1, ...: counts this name's lines for ever */
	uint64_t time_us; /* when it was captured, CLOCK_REALTIME; never less than the line's before, never 0 */
	uint64_t offset;  /* of its first byte in its endless stream */
	uint32_t length;  /* bytes, without the newline */
	uint8_t stream;   /* enum brm_stream */
	uint8_t level;    /* enum brm_level */
	uint8_t flags;
};

struct brm_log;

/*
 * Open the store of a process for reading.
 *
 *  -ENOENT  nothing was ever logged under that name
 */
int brm_log_open(const char *state_dir, const char *name, struct brm_log **out);
void brm_log_close(struct brm_log *log);

/* Identifies the store: another one under the same name (removed, made anew) has another id. Part of cursors. */
uint64_t brm_log_id(const struct brm_log *log);

/*
 * Look again at the files, and let reads go up to the mark (NULL: up to the last whole record, for a store whose
 * supervisor is gone). Cheap when nothing was rotated. No lines beyond are ever returned.
 *
 *  -ESTALE  the store was removed, or made anew: close this and open it again
 */
int brm_log_refresh(struct brm_log *log, const struct brm_log_mark *mark);

/* The lines there are: sequence numbers [*first, *end). Those before first were rotated away. */
void brm_log_range(const struct brm_log *log, uint64_t *first, uint64_t *end);

/*
 * Copy the index records of up to max lines from seq on. Returns their number, 0 at the end.
 *
 *  -ERANGE  seq was rotated away: begin again with brm_log_range()
 */
ssize_t brm_log_lines(struct brm_log *log, uint64_t seq, struct brm_log_line *out, size_t max);

/*
 * Copy a line's text, without its newline and not terminated, at most size bytes. Returns the bytes copied.
 *
 *  -ERANGE  its segment was rotated away
 *  -EIO     the segment is shorter than its index says
 */
ssize_t brm_log_text(struct brm_log *log, const struct brm_log_line *line, char *buf, size_t size);

/* The first line at or after a time; the end when there is none. Binary search. */
int brm_log_seek_time(struct brm_log *log, uint64_t time_us, uint64_t *seq);

/*
 * Raw bytes of one stream's endless offset range, as written. Returns bytes copied, 0 at the end.
 *
 *  -ERANGE  offset was rotated away
 */
ssize_t brm_log_bytes(struct brm_log *log, enum brm_stream stream, uint64_t offset, void *buf, size_t size);

/*
 * The file that holds a byte of one stream: its descriptor, which stays the log's and is good until the next call, and
 * the byte's place in it. Returns how many bytes of the stream follow there, 0 at the end. They may be mapped: they are
 * never rewritten, though who maps them must expect that somebody truncates the file.
 *
 *  -ERANGE  offset was rotated away
 */
ssize_t brm_log_file(struct brm_log *log, enum brm_stream stream, uint64_t offset, int *fd, uint64_t *at);

/* The bytes there are of one stream: [*first, *end). */
void brm_log_stream_range(const struct brm_log *log, enum brm_stream stream, uint64_t *first, uint64_t *end);

/* A cursor names the next line to read: "16 hex digits of the store's id:seq". */
#define BRM_CURSOR_MAX 40
char *brm_log_cursor(const struct brm_log *log, uint64_t seq, char out[BRM_CURSOR_MAX]);

/*
 * Where to go on: the seq of a cursor and how many lines before it were rotated away unread (0 if none).
 * A cursor of another store starts at the first line with *dropped 0 and *other true.
 *
 *  -EINVAL  not a cursor
 */
int brm_log_resume(const struct brm_log *log, const char *cursor, uint64_t *seq, uint64_t *dropped, bool *other);

/* "", "debug", "info", "warn", "error" / "out", "err". Static storage. */
const char *brm_level_word(enum brm_level level);
const char *brm_stream_word(enum brm_stream stream);
int brm_level_parse(const char *word, enum brm_level *out);

/*
 * Copy text so that it can be shown anywhere: escape sequences and control characters dropped (a tab stays),
 * a carriage return keeps what follows the last one, invalid UTF-8 becomes U+FFFD. Returns the length written, at most
 * size; cut at a character. Pure.
 */
size_t brm_text_clean(const char *text, size_t length, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
