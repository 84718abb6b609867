/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_LOGCOUNT_H
#define CLIENTS_TUI_LOGCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/tui/logset.h"

/*
 * tui/logcount.h - how many lines match a search, and which of them is the one under the bar
 *
 * Counted in slices between events. What was found is kept as sequence numbers, a million at most.
 *
 * Errors   Without memory counting ends, as if that were all.
 * Threads  For one thread.
 */

#define LOGCOUNT_MOST 1000000u

struct logcount {
	struct {
		uint64_t next; /* the line to be looked at next */
		uint64_t *seqs;
		size_t count;
		size_t room;
	} of[LOGSET_MAX];
	uint64_t found;
	bool over; /* there are more than are kept */
	struct brm_log_line block[LOGSET_BLOCK];
};

void logcount_finish(struct logcount *count);

/* Does a line match? */
typedef bool logcount_test(void *arg, struct logplace place, const struct brm_log_line *line);

/* A slice of at most limit_ns. True: there is more to do. */
bool logcount_step(struct logcount *count, struct logset *set, logcount_test *test, void *arg, uint64_t limit_ns);

/* Matches up to a place, that one included. */
uint64_t logcount_before(const struct logcount *count, struct logset *set, struct logplace place);

/* How much of all lines was looked at, in percent. */
unsigned logcount_percent(const struct logcount *count, const struct logset *set);

#endif
