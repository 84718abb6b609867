/* SPDX-License-Identifier: MIT */
#include "clients/tui/layout.h"

#include <string.h>

#define DETAILS_ROWS 11 /* its title and ten lines */
#define NAME_COL     3  /* bar, shape, blank */

static enum shape shape_of(int rows, int cols)
{
	if (cols < 20 || rows < 5)
		return SHAPE_TINY;
	if (cols < 30)
		return SHAPE_NARROW;
	if (cols < 60)
		return SHAPE_SHORT;
	if (rows < 16)
		return SHAPE_SINGLE;
	return cols >= 110 && rows >= 20 ? SHAPE_BESIDE : SHAPE_STACKED;
}

void layout_frame(int rows, int cols, int banner, struct frame *out)
{
	int top = 1, bottom = rows;

	*out = (struct frame){.shape = shape_of(rows, cols)};
	out->header = (struct area){0, 0, 1, cols};
	if (out->shape == SHAPE_TINY)
		return;
	out->hints = (struct area){--bottom, 0, 1, cols};
	if (rows >= 8)
		out->message = (struct area){--bottom, 0, 1, cols};
	if (banner > bottom - top - 3)
		banner = bottom - top > 3;
	if (banner > 0) {
		out->banner = (struct area){top, 0, banner, cols};
		top += banner;
	}
	out->body = (struct area){top, 0, bottom - top, cols};
}

static int clamp(int value, int least, int most)
{
	if (value > most)
		value = most;
	return value < least ? least : value;
}

static void split_beside(const struct area *body, const struct panes *panes, struct split *out)
{
	int width = clamp(58 + (body->cols - 120) / 3 + panes->moved[1], 30, body->cols - 40);
	bool details = !panes->no_details && body->rows >= DETAILS_ROWS + 14;

	out->divider = body->col + width;
	out->list = (struct area){body->row, body->col, body->rows, width};
	out->log = (struct area){body->row, out->divider + 1, body->rows, body->cols - width - 1};
	if (!details)
		return;
	out->list.rows -= DETAILS_ROWS;
	out->details = (struct area){body->row + out->list.rows, body->col, DETAILS_ROWS, width};
}

/* The list is as high as it needs, up to a half and a little; then the log. */
static void split_stacked(const struct area *body, const struct panes *panes, int count, struct split *out)
{
	int most = (body->rows + 1) / 2;
	int rows = clamp((count + 1 > most ? most : clamp(count + 1, 4, most)) + panes->moved[0], 3, body->rows - 3);

	out->list = (struct area){body->row, body->col, rows, body->cols};
	out->log = (struct area){body->row + rows, body->col, body->rows - rows, body->cols};
	if (panes->details) {
		out->details = out->log;
		out->log = (struct area){0};
	}
}

void layout_split(const struct frame *frame, const struct panes *panes, int count, struct split *out)
{
	bool two = frame->shape == SHAPE_BESIDE || frame->shape == SHAPE_STACKED;

	*out = (struct split){.divider = -1};
	if (frame->body.rows <= 0)
		return;
	if (two && !panes->zoom) {
		if (frame->shape == SHAPE_BESIDE)
			split_beside(&frame->body, panes, out);
		else
			split_stacked(&frame->body, panes, count, out);
	} else if (panes->on_log && frame->shape != SHAPE_NARROW) {
		*(panes->details ? &out->details : &out->log) = frame->body;
	} else {
		out->list = frame->body;
	}
}

#define NAME_LEAST 20 /* cells of a long name, before load is worth more than the rest of it */
#define LOAD_COLS  36 /* status, time and load */

static const struct width {
	enum column column;
	int width; /* with the blank after it */
} widths[] = {{COLUMN_STATUS, 10}, {COLUMN_UPTIME, 8},   {COLUMN_CPU, 6},  {COLUMN_MEMORY, 5},
	      {COLUMN_SPARK, 7},   {COLUMN_RESTARTS, 4}, {COLUMN_URL, 10}, {COLUMN_PID, 8}};

/* Widths are given in the order in which columns come as there is more room; they leave in the reverse order. */
void layout_columns(int width, int name, bool narrow, struct column_place out[COLUMN_COUNT])
{
	int cols = clamp(name + 1, narrow ? 8 : 12, 41), col = NAME_COL, left;

	memset(out, 0, COLUMN_COUNT * sizeof *out);
	if (narrow) {
		out[COLUMN_UPTIME].width = 7;
		out[COLUMN_NAME].width = clamp(width - NAME_COL - 8, 4, clamp(cols, 8, 40));
	} else {
		/* A long name gives way to the load, a longer part of it to status and time. */
		cols = clamp(cols, 6, clamp(width - NAME_COL - LOAD_COLS, NAME_LEAST, 41));
		out[COLUMN_NAME].width = clamp(cols, 6, clamp(width - NAME_COL - 18, 12, 41));
	}
	left = width - NAME_COL - out[COLUMN_NAME].width;
	for (unsigned i = 0; !narrow && i < sizeof widths / sizeof *widths; i++) {
		int need = widths[i].column == COLUMN_PID ? 8 + 64 : widths[i].width;

		if (left < need - (widths[i].column != COLUMN_URL))
			break;
		out[widths[i].column].width = widths[i].width - 1;
		left -= widths[i].width;
	}
	if (out[COLUMN_URL].width > 0) /* the last on the line takes what is left */
		out[COLUMN_URL].width += left;
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		out[i].col = col;
		if (out[i].width > 0)
			col += out[i].width + (i != COLUMN_NAME || narrow);
	}
}
