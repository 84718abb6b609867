/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_TICKER_H
#define CLIENTS_TUI_TICKER_H

#include <stdint.h>

#include <brummer/state.h>

#include "clients/common/when.h"

/*
 * tui/ticker.h - times that pass on the screen, and when the next of them changes
 *
 * A frame asks for every relative time it shows ("12s", "in 3s") here, and the ticker remembers the earliest instant at
 * which one of them reads differently. Nothing else wakes the screen for a clock's sake. Below ten minutes all times
 * change together on the whole second, above on the whole minute.
 *
 * Threads  Pure: the moment is given at the beginning of a frame.
 */

struct ticker {
	struct brm_now now;
	uint64_t next_boot_ns; /* 0: no text changes by itself */
};

/* A frame begins. */
void ticker_begin(struct ticker *ticker, struct brm_now now);

/* The time since a moment of CLOCK_BOOTTIME; of CLOCK_REALTIME. Returns out. */
char *ticker_since_boot(struct ticker *ticker, uint64_t boot_ns, char out[WHEN_MAX]);
char *ticker_since(struct ticker *ticker, uint64_t real_ns, char out[WHEN_MAX]);

/* The seconds until a moment of CLOCK_REALTIME, 0 when it has passed. */
uint64_t ticker_until(struct ticker *ticker, uint64_t real_ns);

/* Something else on the screen changes at that moment of CLOCK_BOOTTIME. */
void ticker_at(struct ticker *ticker, uint64_t boot_ns);

#endif
