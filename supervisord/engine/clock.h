/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_CLOCK_H
#define SUPERVISORD_ENGINE_CLOCK_H

#include <stdint.h>
#include <time.h>

/*
 * engine/clock.h - a clock as one number of nanoseconds
 */

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
