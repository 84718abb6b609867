/* SPDX-License-Identifier: MIT */
#include "clients/common/table.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <wchar.h>

#include <brummer/logs.h>

#define GAP        2 /* columns between two columns */
#define SHORTEST   4 /* a name is cut to no less */
#define CELL_MAX   4096
#define NEVER_DROP 2 /* the first columns: who it is, and how it is */

/* Widths are asked of the C library, whose tables come with a locale: any that knows UTF-8. */
static void need_locale(void)
{
	static bool done;

	if (!done && !setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
	done = true;
}

/* The next character: its bytes and, in *columns, its width. */
static size_t character(const char *text, size_t *columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t bytes;
	int width;

	*columns = 1;
	if ((unsigned char)*text < 0x80)
		return 1;
	need_locale();
	bytes = mbrtowc(&wide, text, strlen(text), &state);
	if (bytes == 0 || bytes > 6)
		return 1;
	width = wcwidth(wide);
	*columns = width < 0 ? 1 : (size_t)width;
	return bytes;
}

size_t text_width(const char *text)
{
	size_t width = 0, columns;

	while (*text) {
		if ((unsigned char)*text < 0x80) {
			text++;
			width++;
			continue;
		}
		text += character(text, &columns);
		width += columns;
	}
	return width;
}

size_t text_fit(const char *text, size_t width)
{
	const char *at = text;
	size_t columns;

	while (*at) {
		size_t bytes = character(at, &columns);

		if (columns > width)
			break;
		width -= columns;
		at += bytes;
	}
	return (size_t)(at - text);
}

void table_init(struct table *table, const struct table_column *columns, size_t count)
{
	assert(count > 0 && count <= TABLE_COLUMNS_MAX);
	*table = (struct table){.columns = columns, .count = count};
	for (size_t i = 0; i < count; i++) {
		size_t width = text_width(columns[i].heading);

		table->widths[i] = width > columns[i].width ? width : columns[i].width;
	}
}

void table_finish(struct table *table)
{
	free(table->cells);
	free(table->row);
	table->cells = table->row = NULL;
}

/* A cell that can be shown as it is: copied, its length; -1 when there is more to it. */
static ssize_t copy_plain(const char *text, char *cell)
{
	ssize_t length = 0;

	for (; text[length] >= 0x20 && text[length] < 0x7f && length < CELL_MAX - 1; length++)
		cell[length] = text[length];
	cell[length] = '\0';
	return text[length] ? -1 : length;
}

void table_cell(struct table *table, const char *text)
{
	size_t *widest = &table->widths[table->cell_count++ % table->count];
	size_t width;
	ssize_t length;
	char *cell;

	if (table->size - table->length < CELL_MAX) {
		size_t size = table->size ? table->size * 2 : 4 * CELL_MAX;
		char *cells = table->failed ? NULL : realloc(table->cells, size);

		table->failed = !cells;
		if (table->failed)
			return;
		table->cells = cells;
		table->size = size;
	}
	cell = table->cells + table->length;
	length = copy_plain(text, cell);
	width = (size_t)length;
	if (length < 0) {
		length = (ssize_t)brm_text_clean(text, strlen(text), cell, CELL_MAX - 1);
		for (ssize_t i = 0; i < length; i++)
			if (cell[i] == '\t' || cell[i] == '\n')
				cell[i] = ' ';
		cell[length] = '\0';
		width = text_width(cell);
	}
	table->length += (size_t)length + 1;
	if (width > *widest)
		*widest = width;
}

/* How the columns are drawn: 0 for one that has no room. */
static void fit(const struct table *table, size_t room, size_t *widths)
{
	size_t last = table->count - 1;
	size_t sum = GAP * last;

	memcpy(widths, table->widths, table->count * sizeof *widths);
	for (size_t i = 0; i <= last; i++)
		sum += widths[i];
	if (room == 0 || sum <= room)
		return;
	/* The last column is the one that may be long: it is cut first... */
	if (sum - room <= widths[last] - text_width(table->columns[last].heading)) {
		widths[last] -= sum - room;
		return;
	}
	/* ...then columns leave, from the right... */
	for (; last >= NEVER_DROP && sum > room; last--) {
		sum -= widths[last] + GAP;
		widths[last] = 0;
	}
	/* ...and what stays is cut. */
	for (size_t i = 0; i <= last && sum > room; i++) {
		size_t cut = widths[i] > SHORTEST ? widths[i] - SHORTEST : 0;

		cut = cut < sum - room ? cut : sum - room;
		widths[i] -= cut;
		sum -= cut;
	}
}

/* Append to the row that is being made. */
static void put(struct table *table, const char *text, size_t length)
{
	if (table->row_size - table->row_length < length) {
		size_t size = 2 * (table->row_size + length) + 1024;
		char *row = table->failed ? NULL : realloc(table->row, size);

		table->failed = !row;
		if (table->failed)
			return;
		table->row = row;
		table->row_size = size;
	}
	/* A few bytes: a loop is sooner done than memcpy() begins. */
	for (size_t i = 0; i < length; i++)
		table->row[table->row_length + i] = text[i];
	table->row_length += length;
}

static void put_text(struct table *table, const char *text)
{
	put(table, text, strlen(text));
}

static void put_blanks(struct table *table, size_t count)
{
	static const char blanks[] = "                                ";

	for (; count >= sizeof blanks; count -= sizeof blanks - 1)
		put(table, blanks, sizeof blanks - 1);
	put(table, blanks, count);
}

struct cell {
	const char *text;
	const char *before; /* escape sequences, "" for none */
	const char *after;
	size_t width; /* of its column */
	bool right;
	bool last; /* nothing follows in its row: no blanks after it */
};

static void put_cell(struct table *table, const struct cell *cell)
{
	size_t width = text_width(cell->text);
	bool cut = width > cell->width;
	size_t bytes = cut ? text_fit(cell->text, cell->width - 1) : strlen(cell->text);
	size_t blanks = cut ? 0 : cell->width - width;

	if (cell->right)
		put_blanks(table, blanks);
	put_text(table, cell->before);
	put(table, cell->text, bytes);
	if (cut)
		put_text(table, "…");
	put_text(table, cell->after);
	if (!cell->right && !cell->last)
		put_blanks(table, blanks);
	if (!cell->last)
		put_blanks(table, GAP);
}

static void put_row(struct table *table, const struct table_style *style, const size_t *widths, const char **cells,
		    bool heading)
{
	size_t last = table->count - 1;

	while (last > 0 && (widths[last] == 0 || !*cells[last]))
		last--;
	for (size_t i = 0; i <= last; i++) {
		struct cell cell = {.text = cells[i], .before = "", .after = "", .width = widths[i]};

		cell.right = table->columns[i].right;
		cell.last = i == last;
		if (heading)
			cell.before = style->bold;
		else if (style->color)
			cell.before = style->color(&table->columns[i], cells[i]);
		if (*cell.before)
			cell.after = style->plain;
		put_cell(table, &cell);
	}
	put_text(table, style->erase ? "\033[K\n" : "\n");
}

static void put_tabbed(struct table *table, const char **cells)
{
	for (size_t i = 0; i < table->count; i++) {
		put_text(table, cells[i]);
		put_text(table, i + 1 < table->count ? "\t" : "\n");
	}
}

static void print(struct table *table, const struct table_style *style, const size_t *widths, const char **cells,
		  bool heading, FILE *out)
{
	table->row_length = 0;
	if (style->tabs)
		put_tabbed(table, cells);
	else
		put_row(table, style, widths, cells, heading);
	fwrite(table->row, 1, table->failed ? 0 : table->row_length, out);
}

int table_print(struct table *table, const struct table_style *style, FILE *out)
{
	const char *row[TABLE_COLUMNS_MAX];
	size_t widths[TABLE_COLUMNS_MAX];
	const char *cell = table->cells;

	if (table->failed)
		return -ENOMEM;
	assert(table->cell_count % table->count == 0);
	fit(table, style->width, widths);
	for (size_t i = 0; i < table->count; i++)
		row[i] = table->columns[i].heading;
	if (style->header && !table->headed)
		print(table, style, widths, row, true, out);
	table->headed = true;
	for (size_t done = 0; done < table->cell_count; done += table->count) {
		for (size_t i = 0; i < table->count; i++, cell += strlen(cell) + 1)
			row[i] = cell;
		print(table, style, widths, row, false, out);
	}
	table->length = 0;
	table->cell_count = 0;
	return 0;
}
