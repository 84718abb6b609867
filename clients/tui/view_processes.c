/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/text.h"

/*
 * The Processes view: the list, and the details and the log of the process under the bar.
 */

/* ---- the log beside it ---- */

static void log_state(const struct tui *tui, const struct logpane *pane, char out[64])
{
	char count[TEXT_COUNT_MAX];

	if (processes_are_gone(tui))
		snprintf(out, 64, "end of what was captured ■");
	else if (pane->paused && pane->below > 0)
		snprintf(out, 64, "paused, %s below", text_count_brief(pane->below, count));
	else
		snprintf(out, 64, "%s", pane->paused ? "paused" : "following ▼");
}

static void draw_log(struct tui *tui, struct area area)
{
	const struct process *process = list_current(&tui->list);
	bool focused = tui->panes.on_log && !tui->focus_lost;
	char title[BRM_NAME_MAX + 8] = "log", right[64];
	struct area lines = {area.row + 1, area.col, area.rows - 1, area.cols};

	if (area.rows <= 0)
		return;
	if (process)
		snprintf(title, sizeof title, "%s log", process->identity.name);
	log_draw(tui, &tui->side, &process, process != NULL, lines, focused);
	log_state(tui, &tui->side, right);
	bars_rule(&tui->cells, area, 0, title, right);
	if (tui->side.shown_count == 0 && process) {
		struct pen pen = pen_at(&tui->cells, lines, 0, 1);

		pen_rest(&pen, ROLE_DIM, "nothing logged yet");
	}
	if (tui->panes.on_log) {
		tui->cursor_row = lines.row + (tui->side.paused ? tui->side.bar_row : tui->side.height - 1);
		tui->cursor_col = lines.col;
	}
}

/* ---- the view ---- */

static void draw(struct tui *tui, struct area body)
{
	struct split *split = &tui->split;

	(void)body;
	layout_split(&tui->frame, &tui->panes, (int)tui->list.count, split);
	drawn_set(tui, list_is_closed(&tui->list, tui->list.at) ? NULL : list_current(&tui->list));
	if (split->list.rows > 0)
		processes_draw(tui, split->list);
	for (int row = 0; split->divider >= 0 && row < tui->frame.body.rows; row++) {
		struct pen pen = pen_at(&tui->cells, tui->frame.body, row, split->divider - tui->frame.body.col);

		pen_text(&pen, ROLE_RULE, "│");
	}
	draw_log(tui, split->log);
	if (split->details.rows > 0)
		details_draw(tui, list_current(&tui->list), split->details);
}

static void move(struct tui *tui, enum move move)
{
	char left[BRM_NAME_MAX];

	if (move == MOVE_LEFT || move == MOVE_RIGHT) {
		if (!tui->panes.on_log && list_close(&tui->list, move == MOVE_LEFT))
			list_update(&tui->list, feed_snapshot(&tui->feed), false, left);
		else if (tui->frame.shape != SHAPE_NARROW)
			tui->panes.on_log = move == MOVE_RIGHT;
		return;
	}
	if (tui->panes.on_log && tui->split.log.rows > 0)
		logpane_move(&tui->side, move);
	else
		list_move(&tui->list, move_rows(move, tui->list_area.rows));
}

static bool is_in(struct area area, int row, int col)
{
	return row >= area.row && row < area.row + area.rows && col >= area.col && col < area.col + area.cols;
}

/* A click on the line of a group closes or opens it. */
static void click_list(struct tui *tui, int line, bool twice)
{
	bool heading = false;
	int64_t row = processes_row(tui, line, &heading);
	char left[BRM_NAME_MAX];

	tui->panes.on_log = false;
	if (row < 0)
		return;
	list_put_bar(&tui->list, (uint32_t)row);
	if (heading && list_close(&tui->list, !list_is_closed(&tui->list, (uint32_t)row)))
		list_update(&tui->list, feed_snapshot(&tui->feed), false, left);
	else if (twice)
		act_open_logs(tui);
}

/* The line between the list and the log: a column beside it, or the log's title below it. */
static bool is_divider(const struct tui *tui, int row, int col)
{
	const struct split *split = &tui->split;

	if (split->divider >= 0)
		return col == split->divider;
	return split->list.rows > 0 && split->log.rows > 0 && row == split->log.row;
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	tui->drag_bar = is_divider(tui, row, col);
	if (tui->drag_bar)
		return;
	if (is_in(tui->list_area, row, col)) {
		click_list(tui, row - tui->list_area.row, twice);
	} else if (is_in(tui->split.log, row, col)) {
		tui->panes.on_log = true;
		logpane_point(&tui->side, row - tui->split.log.row - 1);
	}
}

static void drag(struct tui *tui, int row, int col, bool end)
{
	const struct split *split = &tui->split;

	if (tui->drag_bar && split->divider >= 0)
		tui->panes.moved[tui->frame.shape == SHAPE_BESIDE] += col - split->divider;
	else if (tui->drag_bar && split->log.rows > 0)
		tui->panes.moved[tui->frame.shape == SHAPE_BESIDE] += row - split->log.row;
	tui->drag_bar = tui->drag_bar && !end;
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	if (is_in(tui->split.log, row, col)) {
		logpane_scroll(&tui->side, rows);
	} else if (is_in(tui->list_area, row, col)) {
		list_slide(&tui->list, rows, (uint32_t)tui->list_area.rows);
	}
}

static bool back(struct tui *tui)
{
	char left[BRM_NAME_MAX];

	if (tui->panes.on_log && tui->side.paused) {
		logpane_follow(&tui->side);
	} else if (tui->panes.on_log) {
		tui->panes.on_log = false;
	} else if (view_unfilter(tui)) {
		list_update(&tui->list, feed_snapshot(&tui->feed), false, left);
	} else if (tui->panes.zoom) {
		tui->panes.zoom = false;
	} else if (tui->panes.details) {
		tui->panes.details = false;
	} else if (list_marked(&tui->list) > 0) {
		list_unmark(&tui->list);
	} else {
		return false;
	}
	return true;
}

const struct view view_processes = {
	.name = "Processes",
	.brief = "Proc",
	.digit = 1,
	.bit = VIEW_PROCESSES,
	.draw = draw,
	.move = move,
	.click = click,
	.drag = drag,
	.wheel = wheel,
	.back = back,
	.filter = offsetof(struct tui, list.filter),
};
