/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_SCHEDULE_H
#define SUPERVISORD_ENGINE_SCHEDULE_H

#include "engine/process.h"

/*
 * engine/schedule.h - start processes at their times
 *
 * A process with a schedule is started when its time comes (config/cron.h), and not before, unless somebody starts it.
 * One that still runs then is left alone; one that somebody stopped waits until somebody starts it. When the clock is
 * set the times are reckoned anew: nothing is made up for, and nothing comes twice.
 */

struct schedule;

int schedule_open(struct engine *engine, struct schedule **out); /* 0, -errno */
void schedule_close(struct schedule *schedule);                  /* NULL is accepted */

/* A process has come, or has another spec. */
void schedule_change(struct process *process);

#endif
