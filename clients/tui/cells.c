/* SPDX-License-Identifier: MIT */
#include "clients/tui/cells.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/text.h"

static const struct cell blank = {.code = ' '};

int cells_resize(struct cells *cells, int rows, int cols)
{
	size_t count = (size_t)rows * (size_t)cols;
	struct cell *at = realloc(cells->at, (count ? count : 1) * sizeof *at);

	if (!at)
		return -ENOMEM;
	cells->at = at;
	cells->rows = rows;
	cells->cols = cols;
	cells_clear(cells);
	return 0;
}

void cells_finish(struct cells *cells)
{
	free(cells->at);
	*cells = (struct cells){0};
}

static struct area whole(const struct cells *cells)
{
	return (struct area){0, 0, cells->rows, cells->cols};
}

/* The part of an area that is on the screen. */
static struct area clip(const struct cells *cells, struct area area)
{
	int bottom = area.row + area.rows;
	int right = area.col + area.cols;

	if (area.row < 0)
		area.row = 0;
	if (area.col < 0)
		area.col = 0;
	area.rows = (bottom > cells->rows ? cells->rows : bottom) - area.row;
	area.cols = (right > cells->cols ? cells->cols : right) - area.col;
	return area;
}

static struct cell *cell_at(const struct cells *cells, int row, int col)
{
	return &cells->at[(size_t)row * (size_t)cells->cols + (size_t)col];
}

const struct cell *cells_get(const struct cells *cells, int row, int col)
{
	return cell_at(cells, row, col);
}

void cells_clear(struct cells *cells)
{
	cells_clear_area(cells, whole(cells));
}

void cells_clear_area(struct cells *cells, struct area area)
{
	area = clip(cells, area);
	for (int row = 0; row < area.rows; row++)
		for (int col = 0; col < area.cols; col++)
			*cell_at(cells, area.row + row, area.col + col) = blank;
}

void cells_tint(struct cells *cells, struct area area, uint32_t style)
{
	area = clip(cells, area);
	for (int row = 0; row < area.rows; row++)
		for (int col = 0; col < area.cols; col++)
			cell_at(cells, area.row + row, area.col + col)->style |= style;
}

/* FNV-1a over the words of a line: a cell is five of them, without padding. */
uint64_t cells_hash(const struct cells *cells, int row)
{
	const uint32_t *word = (const uint32_t *)cell_at(cells, row, 0);
	size_t words = (size_t)cells->cols * (sizeof(struct cell) / sizeof *word);
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < words; i++)
		hash = (hash ^ word[i]) * 1099511628211u;
	return hash;
}

struct pen pen_at(struct cells *cells, struct area area, int line, int col)
{
	struct area seen = clip(cells, area);
	struct pen pen = {.cells = cells, .row = area.row + line, .col = area.col + col};

	pen.start = pen.col;
	pen.end = seen.col + seen.cols;
	if (line < 0 || line >= area.rows || pen.row < 0 || pen.row >= cells->rows || pen.col < 0)
		pen.end = pen.col;
	return pen;
}

bool pen_full(const struct pen *pen)
{
	return pen->col >= pen->end;
}

int pen_left(const struct pen *pen)
{
	return pen->end > pen->col ? pen->end - pen->col : 0;
}

/* Overwriting one half of a wide character leaves a blank in the place of the other. */
static void unpair(struct cells *cells, int row, int col)
{
	if (cell_at(cells, row, col)->code == 0 && col > 0)
		cell_at(cells, row, col - 1)->code = ' ';
	if (col + 1 < cells->cols && cell_at(cells, row, col + 1)->code == 0)
		cell_at(cells, row, col + 1)->code = ' ';
}

static void put_cell(struct pen *pen, uint32_t style, uint32_t code)
{
	unpair(pen->cells, pen->row, pen->col);
	*cell_at(pen->cells, pen->row, pen->col++) = (struct cell){.code = code, .style = style};
}

static void put_shown(struct pen *pen, uint32_t style, uint32_t code, int cells)
{
	if (pen->cells->ascii && code > 0x7e)
		code = (uint32_t)text_ascii(code);
	if (pen->col + cells > pen->end) {
		while (!pen_full(pen))
			put_cell(pen, style, ' ');
		return;
	}
	put_cell(pen, style, code);
	if (cells == 2)
		put_cell(pen, style, pen->cells->ascii ? '?' : 0);
}

/* A combining mark goes to the character before, if that is within this pen's text and has room. */
static void put_mark(struct pen *pen, uint32_t code)
{
	struct cell *cell;
	int col = pen->col - 1;

	if (pen->cells->ascii || col < pen->start || col >= pen->end)
		return;
	if (cell_at(pen->cells, pen->row, col)->code == 0 && col > pen->start)
		col--;
	cell = cell_at(pen->cells, pen->row, col);
	for (unsigned i = 0; i < CELL_MARKS; i++)
		if (cell->mark[i] == 0) {
			cell->mark[i] = code;
			return;
		}
}

static void put_spelled(struct pen *pen, uint32_t style, uint32_t code)
{
	uint32_t dim = (style & ~STYLE_ROLE) | ROLE_DIM;
	char spelled[TEXT_SPELL_MAX];

	text_spell(code, spelled);
	for (const char *c = spelled; *c && !pen_full(pen); c++)
		put_cell(pen, dim, (uint32_t)*c);
}

void pen_code(struct pen *pen, uint32_t style, uint32_t code)
{
	int cells;

	switch (text_kind(code, &cells)) {
	case TEXT_SHOWN:
		put_shown(pen, style, code, cells);
		break;
	case TEXT_MARK:
		put_mark(pen, code);
		break;
	case TEXT_SPELLED:
		put_spelled(pen, style, code);
		break;
	case TEXT_TABULATOR:
		for (int n = 8 - (pen->col - pen->start) % 8; n > 0 && !pen_full(pen); n--)
			put_cell(pen, style, ' ');
		break;
	case TEXT_DROPPED:
		break;
	}
}

void pen_bytes(struct pen *pen, uint32_t style, const char *text, size_t length)
{
	for (size_t at = 0; at < length && !pen_full(pen);) {
		uint32_t code;

		at += text_next(text + at, length - at, &code);
		pen_code(pen, style, code);
	}
}

void pen_text(struct pen *pen, uint32_t style, const char *text)
{
	pen_bytes(pen, style, text, strlen(text));
}

void pen_format(struct pen *pen, uint32_t style, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	pen_text(pen, style, text);
}

void pen_repeat(struct pen *pen, uint32_t style, const char *text, int count)
{
	while (count-- > 0 && !pen_full(pen))
		pen_text(pen, style, text);
}

void pen_to(struct pen *pen, int col)
{
	while (pen->col < col && !pen_full(pen))
		put_cell(pen, 0, ' ');
}

void pen_cut(struct pen *pen, uint32_t style, const char *text, int width)
{
	size_t length = strlen(text);
	struct pen part = *pen;

	if (width > pen_left(pen))
		width = pen_left(pen);
	part.end = part.start = part.col;
	part.end += width;
	if (text_cells(text, length) > width && width > 0) {
		part.end--;
		pen_bytes(&part, style, text, length);
		part.end++;
		pen_text(&part, style, "…");
	} else {
		pen_bytes(&part, style, text, length);
	}
	while (!pen_full(&part))
		put_cell(&part, style & (STYLE_BAR | STYLE_BAR_IDLE), ' ');
	pen->col += width;
}

void pen_rest(struct pen *pen, uint32_t style, const char *text)
{
	int cells = text_cells(text, strlen(text));

	pen_cut(pen, style, text, cells < pen_left(pen) ? cells : pen_left(pen));
}

void pen_right(struct pen *pen, uint32_t style, const char *text, int width)
{
	int cells = text_cells(text, strlen(text));
	int gap = width > cells ? width - cells : 0;

	pen_repeat(pen, 0, " ", gap);
	pen_cut(pen, style, text, width - gap);
}
