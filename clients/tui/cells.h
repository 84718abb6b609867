/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_CELLS_H
#define CLIENTS_TUI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/tui/theme.h"

/*
 * tui/cells.h - the screen as this program wants it
 *
 * A frame is composed into cells, then each line is compared with the one shown by its hash, and only changed lines go
 * further. Every text, ours or a stranger's, enters through a pen, which knows widths and lets no control character
 * through: a name or a log line can fill its own cells and nothing else.
 *
 * Errors   cells_resize() returns -ENOMEM. Writing outside is cut.
 * Threads  One cells is for one thread.
 */

#define CELL_MARKS 3 /* combining marks kept on a cell */

struct cell {
	uint32_t code; /* 0: the right half of the wide character before */
	uint32_t mark[CELL_MARKS];
	uint32_t style;
};

struct cells {
	int rows;
	int cols;
	bool ascii; /* nothing above 0x7e may be shown */
	struct cell *at;
};

struct area {
	int row;
	int col;
	int rows;
	int cols;
};

int cells_resize(struct cells *cells, int rows, int cols);
void cells_finish(struct cells *cells);
void cells_clear(struct cells *cells);                                  /* blanks everywhere */
void cells_clear_area(struct cells *cells, struct area area);           /* blanks there */
void cells_tint(struct cells *cells, struct area area, uint32_t style); /* add style bits to what is there */
const struct cell *cells_get(const struct cells *cells, int row, int col);
uint64_t cells_hash(const struct cells *cells, int row);

/* Where the next text goes: a piece of one line. */
struct pen {
	struct cells *cells;
	int row;
	int start; /* tabs count from here */
	int col;
	int end; /* nothing is written here or beyond */
};

/* A pen at a line of an area (0 is its first), col cells to the right of its left edge. */
struct pen pen_at(struct cells *cells, struct area area, int line, int col);
bool pen_full(const struct pen *pen);
int pen_left(const struct pen *pen); /* cells left */

void pen_text(struct pen *pen, uint32_t style, const char *text);
void pen_bytes(struct pen *pen, uint32_t style, const char *text, size_t length);
void pen_code(struct pen *pen, uint32_t style, uint32_t code);
void pen_format(struct pen *pen, uint32_t style, const char *format, ...) __attribute__((format(printf, 3, 4)));
void pen_repeat(struct pen *pen, uint32_t style, const char *text, int count); /* text is one cell wide */
void pen_to(struct pen *pen, int col);                                         /* an absolute column; never back */

/* Exactly width cells: padded, or cut with an ellipsis. */
void pen_cut(struct pen *pen, uint32_t style, const char *text, int width);
/* At most the cells left, cut with an ellipsis. */
void pen_rest(struct pen *pen, uint32_t style, const char *text);
/* Right-aligned in width cells. */
void pen_right(struct pen *pen, uint32_t style, const char *text, int width);

#endif
