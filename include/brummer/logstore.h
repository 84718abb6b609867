/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_LOGSTORE_H
#define BRUMMER_LOGSTORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <brummer/logs.h>

/*
 * brummer/logstore.h - write a process's log store
 *
 * Used by the supervisor's capture thread. The bytes of a stream go from a pipe into the store's segment by splice at
 * an explicit offset, one system call and no copy, so that an engine killed at any instruction loses none; then the
 * new text is indexed by reading it back. A store that is opened again goes on where the files end, and indexes
 * whatever its predecessor did not reach.
 *
 * After a failure the store is consistent: the index never says more than the text holds, and text that could not be
 * indexed is indexed with the next call that can. Memory and stack are bounded (some 100 KiB of stack, some KiB a
 * store), whatever comes.
 *
 * Errors   Functions return 0 or a negated errno value. ENOSPC and EIO are the caller's to count: brm_logstore_lose().
 * Threads  One store is for one thread.
 * Signals  The program ignores SIGXFSZ, so that a file size limit is -EFBIG and not its end.
 */

struct brm_logstore;
struct brm_log_error;

/*
 * Somebody who sees the lines as they are indexed, to find errors in them: once each, in their common order, but for
 * the later parts of one that was split. After a crash of the supervisor the last ones are shown again.
 */
#define BRM_LOG_SHOWN_MAX    512u                             /* bytes of a line's beginning that are shown */
#define BRM_LOG_MARKED       64u                              /* bytes that a mark of a sieve is of */
#define BRM_LOG_MARKS(bytes) ((bytes) / BRM_LOG_MARKED / 64u) /* words of marks for a text */

struct brm_log_watch {
	/* `plain`: it was in a text that went through the sieve, which marked none of it. */
	void (*line)(void *arg, struct brm_logstore *store, const struct brm_log_line *line, const char *text,
		     size_t length, bool plain);
	/*
	 * Look at many lines at once, which is cheaper, before they are shown: bit n of marks is to say whether
	 * something may matter of which the first byte is in text[64n..64n+63]. All bits are set anew for the text's
	 * length; 64 bytes behind it can be read, and are 0. NULL: no line is plain.
	 */
	void (*sieve)(void *arg, const char *text, size_t length, uint64_t *marks);
	/* No more lines of that stream for now: a flush. */
	void (*quiet)(void *arg, struct brm_logstore *store, enum brm_stream stream);
	/* Lines that were shown could not be indexed, and are shown again later. */
	void (*forget)(void *arg);
	void *arg;
};

/*
 * What is kept of each stream is one open segment and `keep` closed ones. A segment is closed when it and its lines'
 * index records have reached segment_bytes, so a flood of newlines takes no more room than long lines do. A file of the
 * index goes when the text of all its lines has gone, and the oldest also when the index alone exceeds the room of one
 * stream: a line of a quiet stream is then no longer among the lines, but still among the bytes.
 */
struct brm_logstore_options {
	uint64_t segment_bytes;     /* 0: 16 MiB */
	uint32_t keep;              /* 0: 4 */
	struct brm_log_watch watch; /* line NULL: nobody */
};

/*
 * Open or create STATE_DIR/NAME (the name encoded by brm_name_to_path()), 0700, its files 0600.
 *
 * Recovers: cuts the index to whole records within the text, and indexes the text behind it, with the time the file was
 * last written. Where records of whole lines had to be cut, or the index was lost, the store gets another id, so that
 * no cursor means another line than it did.
 *
 *  -EPERM  the directory belongs to another user
 *  -EIO    a file of the store is not a regular one
 */
int brm_logstore_open(const char *state_dir, const char *name, const struct brm_logstore_options *options,
		      struct brm_logstore **out);
void brm_logstore_close(struct brm_logstore *store);

/*
 * Give the descriptors of a store back that is not written for a while, some five of them; nothing else changes. Until
 * it is woken only close, resize, new_run, is_pending, last_error and mark may be called.
 */
void brm_logstore_rest(struct brm_logstore *store);

/*
 * Open its files again, if it rests. What was not indexed is indexed with the next call that can, as ever.
 *
 *  -EMFILE, -ENFILE, -ENOMEM  try again later
 *  any other                  its files are no more what they were: close it, and open it again
 */
int brm_logstore_wake(struct brm_logstore *store);

/* Other sizes from now on; the watch stays. */
void brm_logstore_resize(struct brm_logstore *store, uint64_t segment_bytes, uint32_t keep);

/*
 * Where the next bytes of a stream belong: splice to fd at *offset, then call brm_logstore_wrote().
 *
 * The descriptor belongs to the store and is valid until the next call on it. Opens the next segment when the current
 * one is full, and drops the oldest first.
 */
int brm_logstore_target(struct brm_logstore *store, enum brm_stream stream, int *fd, off_t *offset);

/* The bytes, behind a target's, until the segment is full. More may be written: then it is larger than it should be. */
uint64_t brm_logstore_room(const struct brm_logstore *store, enum brm_stream stream);

/*
 * `bytes` more bytes of a stream are in the store: index the lines that are whole now. now_us is CLOCK_REALTIME.
 *
 * Lines without an end stay pending up to BRM_LOG_LINE_MAX; brm_logstore_flush() ends them.
 */
int brm_logstore_wrote(struct brm_logstore *store, enum brm_stream stream, size_t bytes, uint64_t now_us);

/* Index what is pending as a line without newline: at the end of a run, or when a prompt has waited long enough. */
int brm_logstore_flush(struct brm_logstore *store, enum brm_stream stream, uint64_t now_us);

/* Is there text that is no line yet: that ends without a newline, or could not be indexed? */
bool brm_logstore_is_pending(const struct brm_logstore *store, enum brm_stream stream);

/* The next line begins a new run. */
void brm_logstore_new_run(struct brm_logstore *store);

/* Output that could not be stored. Kept over a reopening. */
void brm_logstore_lose(struct brm_logstore *store, uint64_t bytes);

/* What to publish with brm_writer_log_mark(). */
void brm_logstore_mark(const struct brm_logstore *store, struct brm_log_mark *out);

/*
 * An error was found in lines that were shown: for the watch, to be called from within its functions. It gets the next
 * number, and its record is written after those of its lines.
 */
void brm_logstore_error(struct brm_logstore *store, const struct brm_log_error *error);

/* The newest line whose level is error since the last call, cleaned, into out[size]; returns its length, 0 for none. */
size_t brm_logstore_last_error(struct brm_logstore *store, char *out, size_t size);

/* The level a line's text announces ("error:", "WARN", "[debug]", JSON "level":...). Pure; stderr is not an error. */
enum brm_level brm_log_level(const char *text, size_t length);

/* Remove a store and all its files. -ENOENT; -ENOTEMPTY: there were others, which are left. */
int brm_logstore_remove(const char *state_dir, const char *name);

#endif
