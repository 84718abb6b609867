/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_RESTART_H
#define SUPERVISORD_ENGINE_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/state.h>

#include "config/model.h"

/*
 * engine/restart.h - shall it be restarted, and when. Pure.
 */

/* A run that lasted this long begins a new series of back-offs. */
#define RESTART_STABLE_NS UINT64_C(10000000000)

/* Restarts since some moment. Begins as {0}. */
struct restart_count {
	uint64_t since_ns;
	uint32_t count;
};

/*
 * Count a restart at now_ns, of any clock that does not go back. False: there were `limit` of them within the window
 * already, which began with the first one. A limit of 0 is none.
 */
bool restart_permitted(struct restart_count *restarts, uint32_t limit, uint64_t window_ns, uint64_t now_ns);

bool exit_is_good(const struct brm_exit *how);
bool restart_wanted(enum restart_when when, const struct brm_exit *how);

/* The wait before restart number `streak` (0 is the first of a series): first, doubled each time, at most last. */
uint64_t restart_delay_ns(uint64_t first_ns, uint64_t last_ns, unsigned streak);

/* A delay less up to a quarter, by a random number: so that what failed together does not return together. */
uint64_t restart_jitter_ns(uint64_t delay_ns, uint32_t random);

#endif
