/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_ERRORS_H
#define BRUMMER_ERRORS_H

#include <stdint.h>
#include <sys/types.h>

#include <brummer/logs.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/errors.h - the errors that were found in a log
 *
 * Beside the line index of a log store (brummer/logs.h) lies an index of the errors that were seen in its lines while
 * they were captured: files errors.FIRST, FIRST being the number of their first record in 20 digits, 32 bytes a record,
 * little-endian. An error is a run of lines of one stream (what was said, and its stack), told by the patterns of
 * brummer-log-patterns. Readers list errors without looking at any line, and group them by `group`: two errors that
 * differ in numbers, addresses, times or quoted text alone are of one group.
 *
 * A record is written once, after the records of all its lines. Those whose first line was rotated away are not
 * returned.
 *
 * Errors   Functions return 0, a count or a negated errno value.
 * Threads  As brummer/logs.h: one brm_log is for one thread.
 */

#define BRM_LANGUAGE_MAX 16 /* bytes of a language's word, the NUL included */

struct brm_log_error {
	uint64_t number;  /* 0, 1, ...: counts this name's errors for ever */
	uint64_t seq;     /* its first line */
	uint32_t lines;   /* sequence numbers from seq to its last line, both included; lines of the other stream may
			     lie between them */
	uint32_t message; /* lines after seq: the line that says what is wrong (last in a Python traceback) */
	uint64_t time_us; /* of its first line */
	uint64_t group;   /* equal for errors that are the same but for numbers and names of things */
	uint8_t stream;   /* enum brm_stream */
	uint8_t language; /* index into the words of brm_language_word() */
};

/*
 * Copy up to max errors from number on (0: from the oldest there is), of those that brm_log_refresh() lets be read.
 * Returns how many, 0 at the end.
 */
ssize_t brm_log_errors(struct brm_log *log, uint64_t number, struct brm_log_error *out, size_t max);

/* The errors there are: numbers [*first, *end). */
void brm_log_errors_range(const struct brm_log *log, uint64_t *first, uint64_t *end);

/* "", "javascript", "python", "go", "rust", "java", "c", ...: the language of a record. Static storage. */
const char *brm_language_word(unsigned language);

#ifdef __cplusplus
}
#endif

#endif
