/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_DETECT_DETECT_H
#define SUPERVISORD_DETECT_DETECT_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/errors.h>
#include <brummer/logstore.h>

#include "detect/patterns.h"
#include "detect/prefix.h"
#include "detect/urls.h"

/*
 * detect/detect.h - find errors and URLs in the lines of one process, while they are indexed
 *
 * An error is open from the line that begins it on, in each stream at most one; lines that belong to it are added, and
 * what does not ends it, as do the end of a run, a pause in the output, and DETECT_LINES_MAX lines. Then the store gets
 * its record. What a runner puts before each line of a program is no part of them.
 *
 * Threads  The capture thread's own.
 */

#define DETECT_LINES_MAX 500u
#define DETECT_URLS_MAX  16u /* of a run */

struct open_error {
	struct brm_log_error error; /* lines 0: none is open */
	bool told;                  /* it is known what is wrong */
	bool final;                 /* nothing but a join may follow */
	bool joins;                 /* the next one of the language goes on in it */
	uint32_t taken;             /* lines of its own stream */
	uint32_t maybe;             /* of them, the last that belong to it only if something follows */
	uint8_t prefix_length;      /* of what a runner may have put before its first line; 0: nothing */
	bool prefixed;              /* lines after it have the same */
	char prefix[PREFIX_MAX];
};

struct detect {
	struct patterns *patterns; /* NULL: nothing is found */
	void (*found_url)(void *arg, const char *url);
	void *arg;
	struct open_error open[2];
	uint32_t urls;                  /* of this run, so far */
	uint64_t seen[DETECT_URLS_MAX]; /* their hashes */
};

/* The watch of a store that feeds a detect, which must outlive the store. */
struct brm_log_watch detect_watch(struct detect *detect);

/* An error is open in that stream: it waits for a flush. */
bool detect_is_open(const struct detect *detect, enum brm_stream stream);

#endif
