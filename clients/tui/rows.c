/* SPDX-License-Identifier: MIT */
#include "clients/tui/rows.h"

#include <string.h>

#include "clients/tui/overlay.h"

bool rows_fit(const struct rows *rows, const char *text, const char *other)
{
	return !rows->filter[0] || strcasestr(text, rows->filter) || strcasestr(other, rows->filter);
}

void rows_put(struct rows *rows, int row)
{
	row = row < rows->count ? row : rows->count - 1;
	rows->at = row > 0 ? row : 0;
}

void rows_move(struct rows *rows, enum move move)
{
	rows_put(rows, rows->at + move_rows(move, rows->height));
}

bool rows_point(struct rows *rows, struct area area, int lines, int row, int col)
{
	int index = rows->top + (row - area.row) / lines;

	if (row < area.row || col < area.col || col >= area.col + area.cols || index >= rows->count)
		return false;
	rows->at = index;
	return true;
}

void rows_show(struct rows *rows, int height)
{
	rows->height = height;
	overlay_scroll(rows->count, height, rows->at, &rows->top);
}
