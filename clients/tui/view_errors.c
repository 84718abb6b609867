/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

/*
 * The Errors view: what went wrong, the same things as one, and beside it what is known of the one under the bar.
 */

#define BESIDE_COLS 72 /* from here on there is room for both */

static struct error_view *view_of(struct tui *tui)
{
	return &tui->errors;
}

static bool fits(const struct error_view *view, const struct error_group *group)
{
	return !error_is_aside(group) &&
	       (rows_fit(&view->list, group->name, group->kind) || rows_fit(&view->list, group->message, ""));
}

static bool is_bar(const struct error_view *view, const struct error_group *group)
{
	return view->has_bar && group->group == view->bar_group && group->entry == view->bar_entry;
}

/* The groups that are wanted; the bar stays with its own. */
static void choose(struct error_view *view)
{
	int at = view->list.at;

	view->list.count = 0;
	for (uint32_t i = 0; i < view->all.count; i++) {
		if (!fits(view, &view->all.list[i]))
			continue;
		if (is_bar(view, &view->all.list[i]))
			at = view->list.count;
		view->rows[view->list.count++] = (uint16_t)i;
	}
	rows_put(&view->list, at);
}

/* The one under the bar, for those who may change it. */
static struct error_group *under_bar(struct error_view *view)
{
	return view->list.count > 0 ? &view->all.list[view->rows[view->list.at]] : NULL;
}

const struct error_group *error_current(const struct tui *tui)
{
	const struct error_view *view = &tui->errors;

	return view->list.count > 0 ? &view->all.list[view->rows[view->list.at]] : NULL;
}

static void keep_bar(struct tui *tui)
{
	const struct error_group *group = error_current(tui);
	struct error_view *view = view_of(tui);

	view->has_bar = group != NULL;
	if (group) {
		view->bar_group = group->group;
		view->bar_entry = group->entry;
	}
}

void errors_refresh(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	struct brm_reader *reader = feed_reader(&tui->feed);
	bool more = false;

	if (!snapshot)
		return;
	if (errors_look(&tui->errors.all, snapshot, reader, &more))
		tui->dirty = true;
	tui->errors.all.looked_boot_ns = now_read().boot_ns;
	tui->errors.due = more;
}

/* ---- the list ---- */

/* "✗ TypeError              web     ×2" */
static void draw_group(struct tui *tui, struct area area, int line, const struct error_group *group, bool current)
{
	char count[24], ago[WHEN_MAX], text[WHEN_MAX + 8];
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	int name = area.cols >= 44 ? 14 : 9, cells;

	snprintf(count, sizeof count, "×%llu", (unsigned long long)group->count);
	cells = text_cells(count, strlen(count));
	pen_text(&pen, ROLE_ACCENT, current && !tui->focus_lost ? "▌" : " ");
	pen_text(&pen, group->is_warning ? ROLE_WARN : ROLE_BAD, group->is_warning ? "! " : "✗ ");
	pen_cut(&pen, STYLE_BOLD, group->kind, area.cols - 3 - name - cells - 3);
	pen_text(&pen, 0, " ");
	pen_cut(&pen, theme_name_role(group->name), group->name, name);
	pen_text(&pen, 0, " ");
	pen_text(&pen, ROLE_TEXT, count);
	pen = pen_at(&tui->cells, area, line + 1, 3);
	snprintf(text, sizeof text, "%s ago", ticker_since(&tui->ticker, group->last.time_us * 1000, ago));
	cells = text_cells(text, strlen(text));
	pen_cut(&pen, ROLE_DIM, group->message, pen_left(&pen) - cells - 3);
	pen_text(&pen, 0, "  ");
	pen_text(&pen, ROLE_DIM, text);
	if (current)
		bars_mark(tui, area, line, 2, true);
}

static uint64_t all_lines(const struct error_view *view)
{
	uint64_t sum = 0;

	for (int i = 0; i < view->list.count; i++)
		sum += view->all.list[view->rows[i]].count;
	return sum;
}

static void draw_list(struct tui *tui, struct area area)
{
	struct error_view *view = view_of(tui);
	struct rows *list = &view->list;
	char left[BRM_NAME_MAX + 64];
	uint64_t all = all_lines(view);

	if (list->filter[0])
		snprintf(left, sizeof left, "%d with \"%s\"", list->count, list->filter);
	else
		snprintf(left, sizeof left, "%d group%s, %llu error%s", list->count, list->count == 1 ? "" : "s",
			 (unsigned long long)all, all == 1 ? "" : "s");
	bars_rule(&tui->cells, area, 0, left, "newest ▲");
	area.row++;
	area.rows--;
	rows_show(list, area.rows / 2);
	for (int i = 0; i < list->height && list->top + i < list->count; i++)
		draw_group(tui, area, 2 * i, &view->all.list[view->rows[list->top + i]], list->top + i == list->at);
	tui->log_area = area;
	if (list->count == 0) {
		struct pen pen = pen_at(&tui->cells, area, 0, 1);

		pen_rest(&pen, ROLE_DIM,
			 list->filter[0]       ? "none like that; Esc shows all"
			 : view->all.count > 0 ? "all were set aside; X shows them again"
					       : "no error so far");
	}
}

/* The log of the process of the one under the bar is open for as long as the bar is there. */
static void open_log(struct tui *tui, const struct error_group *group)
{
	const struct process *process = group ? snapshot_find(feed_snapshot(&tui->feed), group->name) : NULL;
	struct brm_reader *reader = feed_reader(&tui->feed);

	logset_choose(&tui->errors.set, &process, process != NULL);
	if (process)
		logset_refresh(&tui->errors.set, feed_snapshot(&tui->feed), reader);
}

static void draw(struct tui *tui, struct area body)
{
	struct area list = body, detail = {body.row, 0, body.rows, 0};
	const struct error_group *group;

	errors_refresh(tui);
	choose(view_of(tui));
	keep_bar(tui);
	group = error_current(tui);
	open_log(tui, group);
	drawn_set(tui, group ? snapshot_find(feed_snapshot(&tui->feed), group->name) : NULL);
	if (body.cols >= BESIDE_COLS) {
		list.cols = body.cols * 2 / 5;
		detail.col = body.col + list.cols + 1;
		detail.cols = body.cols - list.cols - 1;
		for (int row = 0; row < body.rows; row++) {
			struct pen pen = pen_at(&tui->cells, body, row, list.cols);

			pen_text(&pen, ROLE_RULE, "│");
		}
		error_detail(tui, detail);
	}
	draw_list(tui, list);
}

/* ---- keys ---- */

static void move(struct tui *tui, enum move move)
{
	rows_move(&tui->errors.list, move);
	keep_bar(tui);
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	if (!rows_point(&tui->errors.list, tui->log_area, 2, row, col))
		return;
	keep_bar(tui);
	if (twice)
		act_error_log(tui);
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	(void)row;
	(void)col;
	move(tui, rows > 0 ? MOVE_DOWN : MOVE_UP);
}

static int count(const struct tui *tui)
{
	return (int)errors_open(&tui->errors.all);
}

void act_error_log(struct tui *tui)
{
	const struct error_group *group = error_current(tui);

	if (group)
		show_log_line(tui, group->name, group->last.seq);
}

void act_aside(struct tui *tui)
{
	struct error_view *view = view_of(tui);
	struct error_group *group = under_bar(view);

	if (!group)
		return;
	group->aside = group->last.number + 1;
	view->has_bar = false;
	tui_say(tui, TONE_DONE, "%s in %s is set aside until it happens again; X shows it", group->kind, group->name);
}

void act_unaside(struct tui *tui)
{
	for (uint32_t i = 0; i < tui->errors.all.count; i++)
		tui->errors.all.list[i].aside = 0;
}

/* The errors of the process that is meant. */
void act_process_errors(struct tui *tui)
{
	snprintf(tui->errors.list.filter, sizeof tui->errors.list.filter, "%s", tui->drawn.name);
	tui_show(tui, &view_errors);
}

const struct view view_errors = {
	.name = "Errors",
	.brief = "Err",
	.digit = 3,
	.bit = VIEW_ERRORS,
	.draw = draw,
	.move = move,
	.click = click,
	.wheel = wheel,
	.back = view_unfilter,
	.count = count,
	.filter = offsetof(struct tui, errors.list.filter),
};
