/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SOAK_VERIFIED_H
#define TESTS_SOAK_VERIFIED_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/state.h>

/*
 * verified.h - states whose every field follows from one number, so that a torn copy gives itself away
 */

/* The n-th state, n >= 1; its number is in start_ns. */
struct brm_state verified_state(uint64_t n);

/* Is it exactly the state of its number? What the writer sets (epoch, head's version and tenant) does not count. */
bool verified_is_whole(const struct brm_state *state);

/* The number of a state. */
uint64_t verified_number(const struct brm_state *state);

#endif
