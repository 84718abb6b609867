/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

void overlay_open(struct tui *tui, const struct overlay *overlay)
{
	overlay_close(tui);
	tui->overlay = overlay;
	field_set(&tui->field, "");
	if (overlay->opened)
		overlay->opened(tui);
}

void overlay_close(struct tui *tui)
{
	const struct overlay *overlay = tui->overlay;

	tui->overlay = NULL;
	if (overlay && overlay->closed)
		overlay->closed(tui);
}

#define FRAME_ROWS 6 /* fewer are better given to what would be in the frame */

struct area overlay_box(struct tui *tui, struct area body, int rows, int cols, const char *title, const char *foot)
{
	struct area box = {0, 0, rows < body.rows ? rows : body.rows, cols < body.cols - 2 ? cols : body.cols};

	if (body.rows < FRAME_ROWS) {
		cells_clear_area(&tui->cells, body);
		return (struct area){body.row, body.col + 1, body.rows, body.cols - 2};
	}
	box.row = body.row + (body.rows - box.rows) / 2;
	box.col = body.col + (body.cols - box.cols) / 2;
	cells_clear_area(&tui->cells, box);
	for (int row = 0; row < box.rows; row++) {
		bool first = row == 0, last = row == box.rows - 1;
		struct pen pen = pen_at(&tui->cells, box, row, 0);

		pen_text(&pen, ROLE_RULE, first ? "┌" : last ? "└" : "│");
		if (first || last) {
			const char *text = first ? title : foot;

			pen_text(&pen, ROLE_RULE, "─");
			pen_text(&pen, 0, *text ? " " : "");
			pen.end -= 2;
			pen_rest(&pen, first ? STYLE_BOLD : ROLE_DIM, text);
			pen.end += 2;
			pen_text(&pen, 0, *text ? " " : "");
			while (pen_left(&pen) > 1)
				pen_text(&pen, ROLE_RULE, "─");
		}
		pen.col = box.col + box.cols - 1;
		pen_text(&pen, ROLE_RULE, first ? "┐" : last ? "┘" : "│");
	}
	return (struct area){box.row + 1, box.col + 2, box.rows - 2, box.cols - 4};
}

void overlay_field(struct tui *tui, struct area area, int line, const char *label, const char *right)
{
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	int right_cells = text_cells(right, strlen(right));

	pen_text(&pen, ROLE_ACCENT, label);
	tui->cursor_row = pen.row;
	tui->cursor_visible = true;
	field_draw(&tui->field, &pen, ROLE_TEXT, &tui->cursor_col);
	if (pen.col + right_cells + 2 < pen.end) {
		pen_to(&pen, pen.end - right_cells - 1);
		pen_text(&pen, ROLE_DIM, right);
	}
}

void overlay_scroll(int count, int height, int at, int *top)
{
	if (at < *top)
		*top = at;
	if (at >= *top + height)
		*top = at - height + 1;
	if (*top + height > count)
		*top = count > height ? count - height : 0;
}

bool overlay_choose(const struct event *event, int count, int height, int *at)
{
	int by;

	if (event->kind != EVENT_KEY)
		return false;
	if (event->key == K_UP || (event->key == 'p' && event->mods == MOD_CTRL))
		by = -1;
	else if (event->key == K_DOWN || (event->key == 'n' && event->mods == MOD_CTRL))
		by = 1;
	else if (event->key == K_PAGE_UP)
		by = -height;
	else if (event->key == K_PAGE_DOWN)
		by = height;
	else
		return false;
	*at += by;
	if (*at >= count)
		*at = count - 1;
	if (*at < 0)
		*at = 0;
	return true;
}

void overlay_hint(struct pen *pen, const char *key, const char *words)
{
	int need = text_cells(key, strlen(key)) + 1 + text_cells(words, strlen(words));

	if (need > pen_left(pen))
		return;
	pen_text(pen, ROLE_ACCENT, key);
	pen_text(pen, 0, " ");
	pen_text(pen, ROLE_DIM, words);
	pen_text(pen, 0, "   ");
}

/* ---- the filter of a list ---- */

static void filter_rows(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	char left[BRM_NAME_MAX];

	snprintf(view_filter(tui), BRM_NAME_MAX, "%s", tui->field.text);
	if (snapshot)
		list_update(&tui->list, snapshot, false, left);
}

static void filter_begins(struct tui *tui)
{
	field_set(&tui->field, view_filter(tui));
}

static bool filter_event(struct tui *tui, const struct event *event)
{
	bool changed;

	if (event->kind == EVENT_KEY && event->key == K_ENTER) {
		overlay_close(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_ESC) {
		field_set(&tui->field, "");
		filter_rows(tui);
		overlay_close(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && (event->key == K_UP || event->key == K_DOWN)) {
		tui->view->move(tui, event->key == K_UP ? MOVE_UP : MOVE_DOWN);
		return true;
	}
	if (!field_event(&tui->field, event, &changed))
		return false;
	if (changed)
		filter_rows(tui);
	return true;
}

static void filter_draw(struct tui *tui, struct area body)
{
	struct area line = {body.row + body.rows - 1, body.col, 1, body.cols};
	bool processes = tui->view == &view_processes;
	char count[64] = "";

	if (processes && tui->split.list.rows > 0) {
		line = tui->split.list;
		line.row += line.rows - 1;
		line.rows = 1;
	}
	if (processes)
		snprintf(count, sizeof count, "%u of %u", tui->list.count, tui->list.total);
	cells_clear_area(&tui->cells, line);
	overlay_field(tui, line, 0, " filter: ", count);
}

static void filter_hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "Enter", "keep");
	overlay_hint(pen, "↑↓", "choose");
	overlay_hint(pen, "Esc", "show all");
}

const struct overlay overlay_filter = {
	.opened = filter_begins,
	.draw = filter_draw,
	.event = filter_event,
	.hints = filter_hints,
};
