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

#define ROWS_ENOUGH 4096 /* bytes that are worth writing */

/* Before each cell that is kept. */
struct measure {
	uint16_t length; /* bytes */
	uint16_t width;
};

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
	free(table->rows);
	table->cells = table->rows = NULL;
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

static uint16_t copy_clean(const char *text, char *cell)
{
	size_t length = brm_text_clean(text, strlen(text), cell, CELL_MAX - 1);

	for (size_t i = 0; i < length; i++)
		if (cell[i] == '\t' || cell[i] == '\n')
			cell[i] = ' ';
	cell[length] = '\0';
	return (uint16_t)length;
}

/* Room for `size` bytes more behind the first `length` of memory[*room]. */
static bool reserve(struct table *table, char **memory, size_t *room, size_t length, size_t size)
{
	size_t wanted = 2 * (length + size);
	char *fresh;

	if (*room - length >= size)
		return true;
	fresh = table->failed ? NULL : realloc(*memory, wanted);
	table->failed = !fresh;
	if (table->failed)
		return false;
	*memory = fresh;
	*room = wanted;
	return true;
}

void table_cell(struct table *table, const char *text)
{
	size_t *widest = &table->widths[table->cell_count++ % table->count];
	struct measure measure;
	ssize_t length;
	char *cell;

	if (!reserve(table, &table->cells, &table->size, table->length, sizeof measure + CELL_MAX))
		return;
	cell = table->cells + table->length + sizeof measure;
	length = copy_plain(text, cell);
	measure.length = measure.width = (uint16_t)length;
	if (length < 0) {
		measure.length = copy_clean(text, cell);
		measure.width = (uint16_t)text_width(cell);
	}
	memcpy(cell - sizeof measure, &measure, sizeof measure);
	table->length += sizeof measure + measure.length + 1u;
	if (measure.width > *widest)
		*widest = measure.width;
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

struct cell {
	const char *text;
	struct measure measure;
};

/* How a cell is drawn. */
struct frame {
	const char *before; /* escape sequences, "" for none */
	const char *after;
	size_t width; /* of its column */
	bool right;
	bool last; /* nothing follows in its row: no blanks after it */
};

/* The most bytes that a cell takes beside its text: blanks, escape sequences, an ellipsis. */
#define AROUND_MAX 64

/* A few bytes each: loops are sooner done than memcpy() begins. */
static char *put(char *at, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		*at++ = text[i];
	return at;
}

static char *put_text(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *put_blanks(char *at, size_t count)
{
	for (; count > 0; count--)
		*at++ = ' ';
	return at;
}

static char *put_cell(char *at, const struct cell *cell, const struct frame *frame)
{
	bool cut = cell->measure.width > frame->width;
	size_t bytes = cut ? text_fit(cell->text, frame->width - 1) : cell->measure.length;
	size_t blanks = cut ? 0 : frame->width - cell->measure.width;

	if (frame->right)
		at = put_blanks(at, blanks);
	at = put_text(at, frame->before);
	at = put(at, cell->text, bytes);
	at = put_text(at, cut ? "…" : "");
	at = put_text(at, frame->after);
	if (frame->last)
		return at;
	return put_blanks(at, frame->right ? GAP : blanks + GAP);
}

static char *put_row(const struct table *table, const struct table_style *style, const size_t *widths,
		     const struct cell *cells, bool heading, char *at)
{
	size_t last = table->count - 1;

	while (last > 0 && (widths[last] == 0 || !*cells[last].text))
		last--;
	for (size_t i = 0; i <= last; i++) {
		struct frame frame = {.before = "", .after = "", .width = widths[i]};

		frame.right = table->columns[i].right;
		frame.last = i == last;
		if (heading)
			frame.before = style->bold;
		else if (style->color)
			frame.before = style->color(&table->columns[i], cells[i].text);
		if (*frame.before)
			frame.after = style->plain;
		at = put_cell(at, &cells[i], &frame);
	}
	return put_text(at, style->erase ? "\033[K\n" : "\n");
}

static char *put_tabbed(const struct table *table, const struct cell *cells, char *at)
{
	for (size_t i = 0; i < table->count; i++) {
		at = put(at, cells[i].text, cells[i].measure.length);
		*at++ = i + 1 < table->count ? '\t' : '\n';
	}
	return at;
}

/* Rows go out together: each writing takes some time, however little there is to write. */
static void flush(struct table *table, FILE *out)
{
	if (table->rows_length > 0)
		fwrite(table->rows, 1, table->rows_length, out);
	table->rows_length = 0;
}

static void print(struct table *table, const struct table_style *style, const size_t *widths, const struct cell *cells,
		  bool heading, FILE *out)
{
	size_t most = AROUND_MAX;
	char *end;

	for (size_t i = 0; i < table->count; i++)
		most += cells[i].measure.length + widths[i] + AROUND_MAX;
	if (!reserve(table, &table->rows, &table->rows_size, table->rows_length, most))
		return;
	end = table->rows + table->rows_length;
	end = style->tabs ? put_tabbed(table, cells, end) : put_row(table, style, widths, cells, heading, end);
	table->rows_length = (size_t)(end - table->rows);
	if (table->rows_length >= ROWS_ENOUGH)
		flush(table, out);
}

int table_print(struct table *table, const struct table_style *style, FILE *out)
{
	struct cell row[TABLE_COLUMNS_MAX];
	size_t widths[TABLE_COLUMNS_MAX];
	const char *at = table->cells;

	if (table->failed)
		return -ENOMEM;
	assert(table->cell_count % table->count == 0);
	fit(table, style->width, widths);
	for (size_t i = 0; i < table->count; i++) {
		row[i].text = table->columns[i].heading;
		row[i].measure.length = (uint16_t)strlen(row[i].text);
		row[i].measure.width = (uint16_t)text_width(row[i].text);
	}
	if (style->header && !table->headed)
		print(table, style, widths, row, true, out);
	table->headed = true;
	for (size_t done = 0; done < table->cell_count; done += table->count) {
		for (size_t i = 0; i < table->count; i++) {
			memcpy(&row[i].measure, at, sizeof row[i].measure);
			row[i].text = at + sizeof row[i].measure;
			at = row[i].text + row[i].measure.length + 1;
		}
		print(table, style, widths, row, false, out);
	}
	flush(table, out);
	table->length = 0;
	table->cell_count = 0;
	return table->failed ? -ENOMEM : 0;
}
