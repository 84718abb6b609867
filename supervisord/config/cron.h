/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_CRON_H
#define SUPERVISORD_CONFIG_CRON_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * config/cron.h - when a schedule's time comes
 *
 * Five fields, as crontab(5) has them: minute, hour, day of the month, month, day of the week, each with lists, ranges,
 * steps and `*`, months and days also by their English names; or @hourly, @daily (@midnight), @weekly, @monthly,
 * @yearly
 * (@annually). Where both days are restricted one of them is enough. Times are local.
 *
 * When clocks are put forward, what would have come in the hour that is left out comes right after it, once. When they
 * are put back, what names its hours comes once in the hour that is there twice; what comes every hour comes in both.
 */

struct cron {
	uint64_t minutes; /* bit n: in minute n */
	uint32_t hours;
	uint32_t days;    /* 1 to 31 */
	uint16_t months;  /* 1 to 12 */
	uint8_t weekdays; /* 0 is Sunday */
	bool any_day;
	bool any_weekday;
};

int cron_parse(const char *text, struct cron *out); /* 0, -EINVAL */

/* The first time after `after`, or -1 when there is none within ten years (February 30th). */
time_t cron_next(const struct cron *cron, time_t after);

#endif
