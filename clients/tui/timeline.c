/* SPDX-License-Identifier: MIT */
#include "clients/tui/timeline.h"

#include <string.h>

/* A failure is the moment of it; what follows is being finished, or waiting. */
static enum band lasting(enum brm_status status)
{
	static const enum band bands[BRM_STATUS_COUNT] = {
		[BRM_ABSENT] = BAND_NONE,      [BRM_PENDING] = BAND_PENDING, [BRM_STARTING] = BAND_BUSY,
		[BRM_RUNNING] = BAND_RUNNING,  [BRM_STOPPING] = BAND_BUSY,   [BRM_BACKOFF] = BAND_BACKOFF,
		[BRM_STOPPED] = BAND_FINISHED, [BRM_FAILED] = BAND_FINISHED, [BRM_SUCCESS] = BAND_FINISHED};

	return status < BRM_STATUS_COUNT ? bands[status] : BAND_RUNNING;
}

static int cell_of(const struct timeline *timeline, uint64_t time_ns)
{
	uint64_t cell = (time_ns - timeline->start_ns) / timeline->cell_ns;

	return cell < (uint64_t)timeline->width ? (int)cell : timeline->width - 1;
}

static void paint(struct timeline *timeline, int from, int to, enum band band)
{
	for (int i = from; i <= to; i++)
		if (timeline->cells[i] < band)
			timeline->cells[i] = (uint8_t)band;
}

void timeline_begin(struct timeline *timeline, int width, uint64_t start_ns, uint64_t cell_ns, enum brm_status before)
{
	timeline->width = width < TIMELINE_MAX ? width : TIMELINE_MAX;
	timeline->start_ns = timeline->at_ns = start_ns;
	timeline->cell_ns = cell_ns;
	timeline->band = lasting(before);
	memset(timeline->cells, BAND_NONE, sizeof timeline->cells);
}

void timeline_event(struct timeline *timeline, uint64_t time_ns, enum brm_status status)
{
	if (time_ns >= timeline->start_ns && timeline->width > 0) {
		timeline_end(timeline, time_ns);
		if (status == BRM_FAILED || status == BRM_BACKOFF)
			paint(timeline, cell_of(timeline, time_ns), cell_of(timeline, time_ns), BAND_FAILED);
	}
	timeline->band = lasting(status);
}

void timeline_end(struct timeline *timeline, uint64_t now_ns)
{
	if (now_ns < timeline->at_ns || timeline->width <= 0)
		return;
	paint(timeline, cell_of(timeline, timeline->at_ns), cell_of(timeline, now_ns), timeline->band);
	timeline->at_ns = now_ns;
}
