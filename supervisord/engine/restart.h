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

bool exit_is_good(const struct brm_exit *how);
bool restart_wanted(enum restart_when when, const struct brm_exit *how);

/* The wait before restart number `streak` (0 is the first of a series): first, doubled each time, at most last. */
uint64_t restart_delay_ns(uint64_t first_ns, uint64_t last_ns, unsigned streak);

#endif
