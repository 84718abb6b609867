/* SPDX-License-Identifier: MIT */
#include "tests/soak/verified.h"

#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ (x >> 29);
}

struct brm_state verified_state(uint64_t n)
{
	struct brm_state state = {
		.head = brm_head_make(0, 0, BRM_PENDING + (enum brm_status)(n % 8)),
		.start_ns = n,
		.end_ns = mix(n),
		.start_boot_ns = mix(n + 1),
		.ready_ns = mix(n + 2),
		.next_ns = mix(n + 3),
		.pid_start = mix(n + 4),
		.run = (uint32_t)n,
		.pid = (int32_t)(n % 100000) + 1,
		.exit_code = (int32_t)(n % 256),
		.signal = (int32_t)(n % 64),
		.restarts = (uint32_t)mix(n + 5),
		.flags = (uint16_t)(n % 2 ? BRM_FLAG_READY : BRM_FLAG_STOP_REQUESTED),
		.reason_code = (uint16_t)(n % BRM_REASON_COUNT),
	};

	snprintf(state.reason, sizeof state.reason, "reason %016llx", (unsigned long long)mix(n + 6));
	snprintf(state.last_error, sizeof state.last_error, "error %016llx, and %016llx, of %llu",
		 (unsigned long long)mix(n + 7), (unsigned long long)mix(n + 8), (unsigned long long)n);
	return state;
}

uint64_t verified_number(const struct brm_state *state)
{
	return state->start_ns;
}

bool verified_is_whole(const struct brm_state *state)
{
	struct brm_state want = verified_state(verified_number(state));

	if (brm_head_status(state->head) != brm_head_status(want.head))
		return false;
	want.epoch = state->epoch;
	want.head = state->head;
	want.order = state->order;
	want.identity = state->identity;
	return memcmp(state, &want, sizeof want) == 0;
}
