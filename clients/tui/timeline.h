/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_TIMELINE_H
#define CLIENTS_TUI_TIMELINE_H

#include <stdint.h>

#include <brummer/state.h>

/*
 * tui/timeline.h - what a process was, cell by cell of time
 *
 * A cell is the worst state within its time, so a crash of 100 ms cannot hide. Begin with what the process was before
 * the first cell, give the events in their order, and end with now.
 *
 * Threads  Pure.
 */

#define TIMELINE_MAX 400

/* From harmless to worst. */
enum band { BAND_NONE, BAND_PENDING, BAND_FINISHED, BAND_RUNNING, BAND_BUSY, BAND_BACKOFF, BAND_FAILED, BAND_COUNT };

struct timeline {
	uint8_t cells[TIMELINE_MAX]; /* enum band */
	int width;
	uint64_t start_ns; /* of the first cell */
	uint64_t cell_ns;
	enum band band; /* since at_ns */
	uint64_t at_ns;
};

/* width: cells, at most TIMELINE_MAX. */
void timeline_begin(struct timeline *timeline, int width, uint64_t start_ns, uint64_t cell_ns, enum brm_status before);
/* It became this. Events before the first cell only set what it was then. */
void timeline_event(struct timeline *timeline, uint64_t time_ns, enum brm_status status);
void timeline_end(struct timeline *timeline, uint64_t now_ns);

#endif
