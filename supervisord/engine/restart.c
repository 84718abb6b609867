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

uint64_t restart_jitter_ns(uint64_t delay_ns, uint32_t random)
{
	return delay_ns - delay_ns / 4 / UINT32_MAX * random - delay_ns / 4 % UINT32_MAX * random / UINT32_MAX;
}

bool restart_permitted(struct restart_count *restarts, uint32_t limit, uint64_t window_ns, uint64_t now_ns)
{
	if (restarts->count == 0 || now_ns - restarts->since_ns >= window_ns)
		*restarts = (struct restart_count){.since_ns = now_ns};
	if (limit > 0 && restarts->count >= limit)
		return false;
	restarts->count++;
	return true;
}
