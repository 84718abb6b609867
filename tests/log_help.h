/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LOG_HELP_H
#define TESTS_LOG_HELP_H

#include <brummer/logs.h>
#include <brummer/logstore.h>

/*
 * log_help.h - what the tests of the log store's writer and reader share
 *
 * All stores are made in test_dir(). What fails here fails the test.
 */

/* Open a store with segments of so many bytes, of which `keep` closed ones are kept. */
struct brm_logstore *help_open(const char *name, uint64_t segment_bytes, uint32_t keep);

/* Write as the capture thread does: at the place the store says. Returns what brm_logstore_wrote() does. */
int help_put_bytes(struct brm_logstore *store, enum brm_stream stream, const void *bytes, size_t length,
		   uint64_t now_us);
void help_put(struct brm_logstore *store, enum brm_stream stream, const char *text, uint64_t now_us);

/* Open for reading, up to the last whole line. */
struct brm_log *help_read(const char *name);

/* "out 0 12 hello" for a line: stream, flags, length, text. Static storage, overwritten by the next call. */
const char *help_line(struct brm_log *log, uint64_t seq);

/* The path of a store's file: kind "out", "err", "index" and its number. Static storage. */
const char *help_file(const char *name, const char *kind, uint64_t number);

/* The size of a file, -1 if there is none; the number of files of a kind; the bytes of all files. */
int64_t help_size(const char *path);
unsigned help_count(const char *name, const char *kind);
uint64_t help_total(const char *name);

/* Overwrite, cut or extend a file behind the store's back. */
void help_truncate(const char *path, int64_t size);
void help_append(const char *path, const void *bytes, size_t length);

/*
 * Check that the index is whole: numbers and times go up, and each stream's lines follow one another without gap or
 * overlap, within the text. Returns the number of lines.
 */
uint64_t help_check_index(const char *name);

#endif
