/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_ROWS_H
#define CLIENTS_TUI_ROWS_H

#include <stdbool.h>

#include <brummer/state.h>

#include "clients/tui/cells.h"
#include "clients/tui/move.h"

/*
 * tui/rows.h - a plain list of a view: how many rows there are, which has the bar, which are on the screen
 *
 * Threads  Pure, for one thread.
 */

struct rows {
	int count;
	int at; /* the bar's; 0 when there is none */
	int top;
	int height;                /* rows on the screen */
	char filter[BRM_NAME_MAX]; /* what a row must hold; "": anything */
};

/* Does any of two texts hold what is looked for? */
bool rows_fit(const struct rows *rows, const char *text, const char *other);
/* Put the bar on a row, or the nearest there is. */
void rows_put(struct rows *rows, int row);
void rows_move(struct rows *rows, enum move move);
/* Put it on the row at a place of the screen, where the list is in an area with so many lines a row. False: none is. */
bool rows_point(struct rows *rows, struct area area, int lines, int row, int col);
/* So many rows are on the screen, the bar's among them. */
void rows_show(struct rows *rows, int height);

#endif
