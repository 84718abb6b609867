/* SPDX-License-Identifier: MIT */
#include "clients/common/table.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
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
	table->cells = NULL;
}

void table_cell(struct table *table, const char *text)
{
	size_t *widest = &table->widths[table->cell_count++ % table->count];
	size_t length, width;
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
	length = brm_text_clean(text, strlen(text), cell, CELL_MAX - 1);
	for (size_t i = 0; i < length; i++)
		if (cell[i] == '\t' || cell[i] == '\n')
			cell[i] = ' ';
	cell[length] = '\0';
	table->length += length + 1;
	width = text_width(cell);
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

static void put_blanks(size_t count, FILE *out)
{
	for (; count > 0; count--)
		putc_unlocked(' ', out);
}

struct cell {
	const char *text;
	const char *before; /* escape sequences, "" for none */
	const char *after;
	size_t width; /* of its column */
	bool right;
	bool last; /* nothing follows in its row: no blanks after it */
};

static void put_cell(const struct cell *cell, FILE *out)
{
	size_t width = text_width(cell->text);
	bool cut = width > cell->width;
	size_t bytes = cut ? text_fit(cell->text, cell->width - 1) : strlen(cell->text);
	size_t blanks = cut ? 0 : cell->width - width;

	if (cell->right)
		put_blanks(blanks, out);
	fputs(cell->before, out);
	fwrite(cell->text, 1, bytes, out);
	if (cut)
		fputs("…", out);
	fputs(cell->after, out);
	if (!cell->right && !cell->last)
		put_blanks(blanks, out);
	if (!cell->last)
		put_blanks(GAP, out);
}

static void put_row(const struct table *table, const struct table_style *style, const size_t *widths,
		    const char **cells, bool heading, FILE *out)
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
		put_cell(&cell, out);
	}
	fputs(style->erase ? "\033[K\n" : "\n", out);
}

static void put_tabbed(const struct table *table, const char **cells, FILE *out)
{
	for (size_t i = 0; i < table->count; i++) {
		fputs(cells[i], out);
		putc_unlocked(i + 1 < table->count ? '\t' : '\n', out);
	}
}

static void print(const struct table *table, const struct table_style *style, const size_t *widths, const char **cells,
		  bool heading, FILE *out)
{
	if (style->tabs)
		put_tabbed(table, cells, out);
	else
		put_row(table, style, widths, cells, heading, out);
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
