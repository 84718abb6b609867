/* SPDX-License-Identifier: MIT */
#include "clients/tui/happenings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/fields.h"

#define BATCH 64u
#define MOST  (BRM_EVENTS_CAPACITY + BATCH + 1) /* kept, and read before the oldest are dropped */

void happenings_finish(struct happenings *happenings)
{
	free(happenings->list);
	*happenings = (struct happenings){0};
}

static void make_room(struct happenings *happenings)
{
	size_t extra = happenings->count > BRM_EVENTS_CAPACITY ? happenings->count - BRM_EVENTS_CAPACITY : 0;

	memmove(happenings->list, happenings->list + extra, (happenings->count - extra) * sizeof *happenings->list);
	happenings->count -= extra;
}

/* The first read starts with the oldest there is: nothing was missed by somebody who was not there. */
static void note_missed(struct happenings *happenings, const struct brm_event *next, uint64_t missed)
{
	struct brm_event *last = happenings->count > 0 ? &happenings->list[happenings->count - 1] : NULL;

	if (missed == 0 || !last)
		return;
	if (last->entry == HAPPENING_MISSED) {
		last->version += missed;
		return;
	}
	happenings->list[happenings->count++] = (struct brm_event){
		.seq = next->seq - 1, .entry = HAPPENING_MISSED, .time_ns = next->time_ns, .version = missed};
}

int happenings_read(struct happenings *happenings, const struct brm_reader *reader)
{
	struct brm_event batch[BATCH];
	uint64_t first, end, missed;
	size_t n;

	if (!happenings->list)
		happenings->list = calloc(MOST, sizeof *happenings->list);
	if (!happenings->list)
		return -ENOMEM;
	brm_events_range(reader, &first, &end);
	if (end < happenings->cursor) /* another instance's numbers */
		happenings->cursor = happenings->count = 0;
	while ((n = brm_events_read(reader, &happenings->cursor, batch, BATCH, &missed)) > 0) {
		note_missed(happenings, &batch[0], missed);
		memcpy(happenings->list + happenings->count, batch, n * sizeof *batch);
		happenings->count += n;
		make_room(happenings);
	}
	return 0;
}

bool happening_is_trouble(const struct brm_event *event)
{
	return event->entry == HAPPENING_MISSED || event->entry == UINT32_MAX || event->to == BRM_FAILED ||
	       event->to == BRM_BACKOFF;
}

static size_t add(char *out, size_t used, const char *text)
{
	int n = snprintf(out + used, HAPPENING_MAX - used, "%s%s", used > 0 ? ", " : "", text);

	used += n > 0 ? (size_t)n : 0;
	return used < HAPPENING_MAX ? used : HAPPENING_MAX - 1;
}

static size_t add_end(char *out, size_t used, const struct brm_event *event)
{
	char text[32];

	if (event->flags & BRM_FLAG_SIGNALED)
		return add(out, used, signal_word(event->signal));
	if (!(event->flags & BRM_FLAG_EXITED))
		return used;
	snprintf(text, sizeof text, "exit %d", (int)event->exit_code);
	return add(out, used, text);
}

/* Reasons in words, where the states do not say it already. */
static const char *reason_text(enum brm_reason reason)
{
	static const char *const texts[BRM_REASON_COUNT] = {[BRM_REASON_SPAWN] = "could not be started",
							    [BRM_REASON_DEPENDENCY] = "for what it depends on",
							    [BRM_REASON_READY] = "ready",
							    [BRM_REASON_NOT_READY] = "not ready in time",
							    [BRM_REASON_LIMIT] = "restarted too often",
							    [BRM_REASON_MEMORY] = "over its memory limit",
							    [BRM_REASON_WATCH] = "a watched file changed",
							    [BRM_REASON_SCHEDULE] = "its time has come",
							    [BRM_REASON_RECOVERED] = "supervisor restarted",
							    [BRM_REASON_SHUTDOWN] = "the supervisor ends",
							    [BRM_REASON_UPGRADED] = "supervisor upgraded",
							    [BRM_REASON_NOT_UPGRADED] =
								    "the new supervisor did not come up",
							    [BRM_REASON_KEEPER_LOST] = "the keeper was killed",
							    [BRM_REASON_SET_ASIDE] = "made the supervisor crash"};

	return reason < BRM_REASON_COUNT ? texts[reason] : NULL;
}

char *happening_detail(const struct brm_event *event, const char *name, char out[HAPPENING_MAX])
{
	const char *reason = reason_text((enum brm_reason)event->reason_code);
	char text[BRM_NAME_MAX + 64];
	size_t used = 0;

	out[0] = '\0';
	if (brm_status_is_finished((enum brm_status)event->to) || event->to == BRM_BACKOFF)
		used = add_end(out, used, event);
	if (reason)
		used = add(out, used, reason);
	if (event->to == BRM_STARTING || (event->to == BRM_RUNNING && event->from != BRM_STARTING)) {
		snprintf(text, sizeof text, "run %s#%u, pid %d", name, event->run, (int)event->pid);
		used = add(out, used, text);
	}
	if (event->by_kind != BRM_BY_NOBODY && event->by_kind != BRM_BY_SUPERVISOR && event->by_pid > 0) {
		snprintf(text, sizeof text, "asked by %s (pid %d)", brm_by_word((enum brm_by)event->by_kind),
			 (int)event->by_pid);
		add(out, used, text);
	}
	return out;
}
