/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LOGERRORS_H
#define LIBSHM_LOGERRORS_H

#include <brummer/errors.h>

#include "libshm/logfile.h"

/*
 * logerrors.h - the index of errors of a log store, as its writer keeps it
 *
 * Records are appended and never changed, in files of BRM_ERRORS_FILE_RECORDS; of the full ones the newest
 * BRM_ERRORS_FILES - 1 are kept.
 *
 *   w0 = first line (48 bits) | stream << 48 | language << 49
 *   w1 = microseconds since 1970 (52 bits)
 *   w2 = group
 *   w3 = lines | line of the message << 32
 *
 * Errors   Functions return 0 or a negated errno value; the files then end with a whole record.
 */

#define BRM_ERRORRECORD_BYTES   32u
#define BRM_ERRORS_FILE_RECORDS 2048u
#define BRM_ERRORS_FILES        16u

struct brm_errorrecord {
	uint64_t w[4];
};

struct brm_errorrecord brm_errorrecord_pack(const struct brm_log_error *error);
struct brm_log_error brm_errorrecord_unpack(const struct brm_errorrecord *record, uint64_t number);

struct brm_logerrors {
	int dir; /* the store's; not owned */
	int fd;  /* of the newest file; -1: there is none yet */
	struct brm_loglist files;
	uint64_t next; /* number of the next record */
};

/* Take over the files there are; the list moves into *errors. Cuts records that name lines from lines_end on. */
int brm_logerrors_open(struct brm_logerrors *errors, int dir, struct brm_loglist *files, uint64_t lines_end);
void brm_logerrors_finish(struct brm_logerrors *errors);

/* Give the descriptor back; have it again, of the newest file. */
void brm_logerrors_rest(struct brm_logerrors *errors);
int brm_logerrors_wake(struct brm_logerrors *errors, int dir);

/* Append records; *done says how many are in the files, also on failure. */
int brm_logerrors_append(struct brm_logerrors *errors, const struct brm_errorrecord *records, uint32_t count,
			 uint32_t *done);

/* Is there a record, among the newest of one file's length, of an error that begins with that line? */
bool brm_logerrors_has(const struct brm_logerrors *errors, uint64_t seq);

/* The files name lines that are no more: remove them all. Numbers go on. */
int brm_logerrors_clear(struct brm_logerrors *errors);

#endif
