/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_LAYOUT_H
#define CLIENTS_TUI_LAYOUT_H

#include <stdbool.h>

#include "clients/tui/cells.h"

/*
 * tui/layout.h - which piece of the screen is for what
 *
 * Pure functions of the size and of what the user chose.
 */

enum shape {
	SHAPE_TINY,    /* one line of counts */
	SHAPE_NARROW,  /* shape, name, time */
	SHAPE_SHORT,   /* short columns, one pane */
	SHAPE_SINGLE,  /* wide and low: one pane */
	SHAPE_STACKED, /* the list above the log */
	SHAPE_BESIDE,  /* the list beside the log */
};

/* An area with rows 0 is not there. */
struct frame {
	enum shape shape;
	struct area header;
	struct area banner;
	struct area body;
	struct area message;
	struct area hints;
};

/* banner: lines it would like. */
void layout_frame(int rows, int cols, int banner, struct frame *out);

/* What the user chose for the panes. */
struct panes {
	bool zoom;   /* the pane with the focus alone */
	bool on_log; /* that is the log */
	bool no_details;
	bool details; /* details in the log's place, where they have none of their own */
	int moved[2]; /* cells the divider was moved: down where stacked, to the right where beside */
};

struct split {
	struct area list; /* with its headings */
	struct area details;
	struct area log;
	int divider; /* column of the line between list and log; -1: none */
};

/* How the Processes view is divided. count: processes there are. */
void layout_split(const struct frame *frame, const struct panes *panes, int count, struct split *out);

/* Columns of the list, in their order on the screen. */
enum column {
	COLUMN_NAME,
	COLUMN_PID,
	COLUMN_STATUS,
	COLUMN_UPTIME,
	COLUMN_SPARK,
	COLUMN_CPU,
	COLUMN_MEMORY,
	COLUMN_RESTARTS,
	COLUMN_URL,
	COLUMN_COUNT
};

/* Where each column starts, counted from the list's left edge, and its cells; width 0: not shown. */
struct column_place {
	int col;
	int width;
};

/* name: cells of the longest name. */
void layout_columns(int width, int name, bool narrow, struct column_place out[COLUMN_COUNT]);

#endif
