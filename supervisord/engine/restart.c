/* SPDX-License-Identifier: MIT */
#include "engine/restart.h"

bool exit_is_good(const struct brm_exit *how)
{
	return !how->lost && how->signal == 0 && (how->code == 0 || how->success);
}

bool restart_wanted(enum restart_when when, const struct brm_exit *how)
{
	return when == RESTART_ALWAYS || (when == RESTART_ON_FAILURE && !exit_is_good(how));
}

uint64_t restart_delay_ns(uint64_t first_ns, uint64_t last_ns, unsigned streak)
{
	uint64_t delay = first_ns;

	for (unsigned i = 0; i < streak && delay > 0 && delay < last_ns; i++)
		delay = delay > UINT64_MAX / 2 ? UINT64_MAX : 2 * delay;
	return delay < last_ns || last_ns < first_ns ? delay : last_ns;
}
