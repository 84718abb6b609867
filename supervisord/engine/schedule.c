/* SPDX-License-Identifier: MIT */
#include "engine/schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "config/cron.h"
#include "engine/lapse.h"
#include "engine/publish.h"
#include "say.h"

struct schedule {
	struct engine *engine;
	struct event *event;
	int fd;
	time_t armed; /* for; 0: not */
};

static const struct asker supervisor = {.kind = BRM_BY_SUPERVISOR};

static void arm(struct schedule *schedule, time_t at)
{
	struct itimerspec when = {.it_value.tv_sec = at};

	schedule->armed = at;
	timerfd_settime(schedule->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
}

/* The time of the next one of all. */
static void arm_first(struct schedule *schedule)
{
	struct process *process;
	time_t first = 0;

	for (process = NULL; (process = table_next(&schedule->engine->table, process));)
		if (process->due_s && (!first || process->due_s < first))
			first = process->due_s;
	if (first || schedule->armed)
		arm(schedule, first);
}

/* One that never ran shows when it will. */
static void show(struct process *process)
{
	struct brm_state state = publish_state_of(process);
	char text[BRM_REASON_MAX];
	struct tm tm;

	if (process->phase != PHASE_IDLE || !process->due_s)
		return;
	localtime_r(&process->due_s, &tm);
	strftime(text, sizeof text, "next at %F %R", &tm);
	state = brm_state_with_reason(&state, BRM_REASON_SCHEDULE, text);
	publish_state(process, &state);
}

static void reckon(struct process *process, time_t now)
{
	struct cron cron;
	time_t next = -1;

	if (process->spec->schedule[0] && cron_parse(process->spec->schedule, &cron) == 0)
		next = cron_next(&cron, now);
	process->due_s = next < 0 ? 0 : next;
	show(process);
}

void schedule_change(struct process *process)
{
	struct schedule *schedule = process->engine->schedule;
	time_t had = process->due_s;

	if (!schedule || (!process->spec->schedule[0] && !had))
		return;
	reckon(process, time(NULL));
	arm_first(schedule);
}

/* Its time has come. */
static void begin(struct process *process)
{
	bool waits = process->phase == PHASE_IDLE || process->phase == PHASE_BACKOFF ||
		     process->phase == PHASE_FAILED || process->phase == PHASE_SUCCESS;

	if (!waits || process->doomed || process->engine->shutdown)
		return;
	lapse_set(process, LAPSE_RENEW, BRM_REASON_SCHEDULE, "its time has come");
	process_ask(process, ON_START, supervisor);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct schedule *schedule = arg;
	struct process *process;
	uint64_t count;
	bool set = read(fd, &count, sizeof count) < 0 && errno == ECANCELED;
	time_t now = time(NULL);

	(void)what;
	engine_enter(schedule->engine);
	for (process = NULL; (process = table_next(&schedule->engine->table, process));) {
		if (!process->due_s || (!set && process->due_s > now))
			continue;
		if (!set)
			begin(process);
		reckon(process, now);
	}
	arm_first(schedule);
}

int schedule_open(struct engine *engine, struct schedule **out)
{
	struct schedule *schedule = calloc(1, sizeof *schedule);

	if (!schedule)
		return -ENOMEM;
	schedule->engine = engine;
	schedule->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (schedule->fd >= 0)
		schedule->event = event_new(engine->base, schedule->fd, EV_READ | EV_PERSIST, on_time, schedule);
	if (!schedule->event || event_add(schedule->event, NULL) != 0) {
		schedule_close(schedule);
		return -ENOMEM;
	}
	*out = schedule;
	return 0;
}

void schedule_close(struct schedule *schedule)
{
	if (!schedule)
		return;
	if (schedule->event)
		event_free(schedule->event);
	if (schedule->fd >= 0)
		close(schedule->fd);
	free(schedule);
}
