/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/status.h"

/*
 * Composing a frame, and taking in what is new for it: snapshots, metrics, events.
 */

#define STILL_NS  UINT64_C(1500000000) /* rows do not re-sort so soon after a key */
#define SORT_NS   UINT64_C(2000000000) /* nor so soon after the last time */
#define SAMPLE_NS UINT64_C(1000000000)

/* ---- snapshots ---- */

static bool may_sort(const struct tui *tui, uint64_t now_boot_ns)
{
	if (tui->list.sort == SORT_ORDER && !tui->list.problems)
		return true; /* that order does not change by itself */
	return !tui->overlay && !tui->asked && now_boot_ns - tui->input_boot_ns >= STILL_NS &&
	       now_boot_ns - tui->sorted_boot_ns >= SORT_NS;
}

/* The terminal's bell when more have failed than before, for those who asked for it. */
static void ring_for_failures(struct tui *tui, const struct snapshot *snapshot)
{
	uint32_t failed = 0;

	for (uint32_t i = 0; i < snapshot->count; i++)
		failed += brm_state_status(&snapshot->processes[i].state) == BRM_FAILED;
	if (tui->options.bell_failed && failed > tui->failed_count && tui->tty.entered)
		tty_print(&tui->tty, "\a");
	tui->failed_count = failed;
}

void tui_snapshot(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	uint64_t now = now_read().boot_ns;
	bool sort = may_sort(tui, now);
	char left[BRM_NAME_MAX];

	if (!snapshot)
		return;
	if (sort)
		tui->sorted_boot_ns = now;
	tui->sort_due = !sort;
	ring_for_failures(tui, snapshot);
	if (list_update(&tui->list, snapshot, !sort, left) > 0)
		tui_say(tui, TONE_NEWS, "%s has left", left);
	tui->dirty = true;
}

/* ---- metrics: they do not ring, so they are read once a second, while they can be seen ---- */

static void take_sample(struct memo *memo, const struct brm_metrics *metrics)
{
	memo->metrics = *metrics;
	if (metrics->time_ns == memo->sample_ns)
		return;
	memo->sample_ns = metrics->time_ns;
	if (memo->samples == SPARK_SAMPLES)
		memmove(memo->cpu, memo->cpu + 1, (SPARK_SAMPLES - 1) * sizeof *memo->cpu);
	else
		memo->samples++;
	memo->cpu[memo->samples - 1] = metrics->cpu_permille;
}

/* Returns whether there are any. */
static bool read_metrics(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	struct brm_reader *reader = feed_reader(&tui->feed);
	bool any = false;

	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];
		struct brm_handle handle = {process->entry, brm_head_tenant(process->state.head)};
		struct brm_metrics metrics = process->metrics;

		if (reader ? brm_reader_metrics(reader, handle, &metrics) == 0 : process->has_metrics) {
			take_sample(list_memo(&tui->list, process), &metrics);
			any = true;
		}
	}
	return any;
}

/* Is there anything whose load is shown and can change? Then also when to look again. */
static void sample_metrics(struct tui *tui)
{
	uint64_t now = tui->ticker.now.boot_ns;

	if (tui->options.no_metrics || tui->frame.shape <= SHAPE_NARROW || tui->feed.health != HEALTH_LIVE ||
	    alive_count(tui) == 0)
		return;
	if (tui->view != &view_processes && tui->frame.header.cols < 110)
		return;
	if (now - tui->sampled_boot_ns >= SAMPLE_NS) {
		tui->sampled_boot_ns = now - now % SAMPLE_NS; /* with the clock's second: one wake-up for both */
		tui->has_metrics = read_metrics(tui);
	}
	if (tui->has_metrics) /* before the first sample a run is young, and its age ticks */
		ticker_at(&tui->ticker, (now / SAMPLE_NS + 1) * SAMPLE_NS);
}

/* ---- events ---- */

bool feed_events(struct tui *tui)
{
	struct brm_reader *reader = feed_reader(&tui->feed);

	return reader && happenings_read(&tui->events.all, reader) == 0;
}

/* ---- a frame ---- */

void drawn_set(struct tui *tui, const struct process *process)
{
	tui->drawn = (struct drawn){.name = ""};
	if (!process)
		return;
	snprintf(tui->drawn.name, sizeof tui->drawn.name, "%s", process->identity.name);
	tui->drawn.entry = process->entry;
	tui->drawn.run = process->state.run;
	tui->drawn.status = brm_state_status(&process->state);
	tui->drawn.head = process->state.head;
}

static void begin_frame(struct tui *tui)
{
	struct brm_now now = now_read(), then = now;

	if (tui->feed.since_ns < now.real_ns) {
		then.real_ns = tui->feed.since_ns;
		then.boot_ns -= now.real_ns - tui->feed.since_ns < then.boot_ns ? now.real_ns - tui->feed.since_ns : 0;
	}
	ticker_begin(&tui->ticker, now);
	ticker_begin(&tui->frozen, then);
	if (feed_check(&tui->feed, now.boot_ns))
		tui->dirty = true;
	if (tui->sort_due && may_sort(tui, now.boot_ns))
		tui_snapshot(tui);
	else if (tui->sort_due)
		ticker_at(&tui->ticker, now.boot_ns + STILL_NS);
	tui->spot_count = 0;
	tui->cursor_row = tui->cells.rows - 1;
	tui->cursor_col = 0;
	tui->cursor_visible = false;
	cells_clear(&tui->cells);
}

static void draw_body(struct tui *tui)
{
	struct area body = tui->frame.body;
	struct pen pen = pen_at(&tui->cells, body, 1, 3);

	if (body.rows <= 0)
		return;
	if (first_run_is(tui)) {
		first_run_draw(tui, body);
	} else if (feed_snapshot(&tui->feed)) {
		tui->view->draw(tui, body);
	} else {
		drawn_set(tui, NULL);
		pen_rest(&pen, ROLE_DIM,
			 tui->feed.error == 0 ? "asking the supervisor…"
			 : tui->feed.health == HEALTH_UNREADABLE
				 ? ""
				 : "No supervisor runs here, and nothing is known of one.");
	}
	if (tui->overlay && tui->overlay->draw)
		tui->overlay->draw(tui, body);
}

/* The line of the hints is the view's. */
static void give_hints_away(struct frame *frame)
{
	if (frame->hints.rows == 0)
		return;
	if (frame->message.rows > 0)
		frame->message.row = frame->hints.row;
	frame->hints.rows = 0;
	frame->body.rows++;
}

void tui_compose(struct tui *tui)
{
	begin_frame(tui);
	layout_frame(tui->cells.rows, tui->cells.cols, banner_rows(tui), &tui->frame);
	if (tui->options.no_hints)
		give_hints_away(&tui->frame);
	if (feed_snapshot(&tui->feed))
		sample_metrics(tui);
	banner_draw(tui);
	draw_body(tui);
	bars_draw_header(tui);
	bars_draw_hints(tui);
	bars_draw_message(tui);
}
