/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_ERRORS_H
#define CLIENTS_TUI_ERRORS_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/errors.h>

#include "clients/common/source.h"

/*
 * tui/errors.h - the errors in the processes' logs, those that are the same as one
 *
 * What the supervisor found is read from the index beside each log, as far as it is new; a log is opened for that alone
 * and closed again. Groups are by process and by what was said but for numbers and names.
 *
 * Errors   What cannot be read is not there.
 * Threads  For one thread.
 */

#define ERROR_GROUPS  256u /* the newest are kept */
#define ERROR_KIND    48
#define ERROR_MESSAGE 256

struct error_group {
	uint64_t group;
	uint32_t entry;
	uint32_t tenant;
	char name[BRM_NAME_MAX]; /* of the process */
	uint64_t count;
	uint64_t first_us;
	struct brm_log_error last; /* the newest of them */
	uint64_t aside;            /* those with a lesser number were set aside; 0: none */
	bool is_warning;
	char kind[ERROR_KIND];       /* "TypeError" */
	char message[ERROR_MESSAGE]; /* what it says besides */
};

struct errors {
	struct error_group *list; /* the newest first */
	uint32_t count;
	struct errors_seen {
		uint32_t tenant;
		uint64_t lines; /* of the log when it was last looked at */
		uint64_t next;  /* error */
	} * seen;               /* by entry */
	uint32_t seen_count;
	uint64_t looked_boot_ns;
};

void errors_finish(struct errors *errors);

/* Read what is new. True: something was. *more: there is more to read; call again soon. */
bool errors_look(struct errors *errors, const struct snapshot *snapshot, struct brm_reader *reader, bool *more);

/* Groups that were not set aside, or that came again. */
uint32_t errors_open(const struct errors *errors);
bool error_is_aside(const struct error_group *group);

/* "TypeError: reading 'id'" to its kind and the rest; a time stamp before it is left out. */
void error_split(const char *text, size_t length, char kind[ERROR_KIND], char message[ERROR_MESSAGE]);

/* A line of a stack. */
struct error_frame {
	char function[64];
	char place[128];    /* "src/cart.ts:41:23"; "" when the line is none of a stack */
	bool is_dependency; /* not the project's own */
};
void error_frame(const char *text, size_t length, struct error_frame *out);

#endif
