/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/common/fields.h"
#include "clients/common/when.h"
#include "clients/tui/logpane.h"
#include "clients/tui/status.h"

/*
 * What happened to a process, as a line among those it wrote: cause and effect in one place.
 */

/* When the run of an event began, as far as the events tell; 0: they do not. */
static uint64_t began_us(const struct logset *set, const struct brm_event *event)
{
	const struct logsource *source = &set->sources[set->count];

	for (uint64_t i = 0; i < source->end - source->first; i++)
		if (source->events[i].entry == event->entry && source->events[i].tenant == event->tenant &&
		    source->events[i].run == event->run && source->events[i].to == BRM_STARTING)
			return source->events[i].time_ns / 1000;
	return 0;
}

static void add_lasted(const struct logset *set, const struct brm_event *event, char *out, size_t size)
{
	uint64_t from_us = began_us(set, event), us = event->time_ns / 1000;
	size_t used = strlen(out);
	char text[WHEN_MAX];

	if (from_us == 0 || us < from_us)
		return;
	us -= from_us;
	if (us < 60000000)
		snprintf(out + used, size - used, " after %u.%u s", (unsigned)(us / 1000000),
			 (unsigned)(us / 100000 % 10));
	else
		snprintf(out + used, size - used, " after %s", when_duration(us * 1000, text));
}

static void add_asker(const struct brm_event *event, char *out, size_t size)
{
	size_t used = strlen(out);

	if (event->by_kind == BRM_BY_NOBODY || event->by_kind == BRM_BY_SUPERVISOR || event->by_pid <= 0)
		return;
	snprintf(out + used, size - used, ", asked by %s (pid %d)", brm_by_word((enum brm_by)event->by_kind),
		 (int)event->by_pid);
}

static void end_text(const struct logset *set, const struct brm_event *event, char *out, size_t size)
{
	if (event->flags & BRM_FLAG_SIGNALED)
		snprintf(out, size, "ended by %s", signal_word(event->signal));
	else if (event->flags & BRM_FLAG_EXITED)
		snprintf(out, size, "exited with %d", (int)event->exit_code);
	else
		snprintf(out, size, event->reason_code == BRM_REASON_SPAWN ? "could not be started" : "ended");
	add_lasted(set, event, out, size);
	if (event->to == BRM_BACKOFF)
		snprintf(out + strlen(out), size - strlen(out), ", starts again");
}

char *logpane_event_text(const struct logset *set, const struct brm_event *event, char out[LOGEVENT_MAX])
{
	out[0] = '\0';
	if (event->to == BRM_STARTING) {
		snprintf(out, LOGEVENT_MAX, "starts, pid %d", (int)event->pid);
	} else if (event->to == BRM_RUNNING) {
		snprintf(out, LOGEVENT_MAX, "ready");
		add_lasted(set, event, out, LOGEVENT_MAX);
	} else if (event->to == BRM_STOPPED && event->from != BRM_STOPPING && event->from != BRM_RUNNING &&
		   event->from != BRM_STARTING) {
		snprintf(out, LOGEVENT_MAX, "stopped");
	} else {
		end_text(set, event, out, LOGEVENT_MAX);
	}
	add_asker(event, out, LOGEVENT_MAX);
	return out;
}

/* "─ exited with 1 after 0.4 s, starts again ──────── run mailer#7" */
void logpane_draw_event(const struct logpane *pane, struct logplace place, struct pen *pen)
{
	const struct brm_event *event = logset_event(&pane->set, place);
	int owner = logset_owner(&pane->set, place), cells;
	char text[LOGEVENT_MAX], run[48] = "";
	enum role role;

	if (!event || owner < 0)
		return;
	role = event->to == BRM_FAILED ? ROLE_BAD : event->to == BRM_BACKOFF ? ROLE_WARN : ROLE_DIM;
	logpane_event_text(&pane->set, event, text);
	snprintf(run, sizeof run, " run %.30s#%u", pane->set.sources[owner].name, event->run);
	cells = (int)strlen(run);
	pen_text(pen, ROLE_RULE, "─ ");
	pen_rest(pen, role, text);
	pen_text(pen, 0, " ");
	if (pen_left(pen) < cells + 4)
		return;
	pen_repeat(pen, ROLE_RULE, "─", pen_left(pen) - cells);
	pen_text(pen, ROLE_DIM, run);
}
