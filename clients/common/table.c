/* SPDX-License-Identifier: MIT */
#include "clients/common/table.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <brummer/logs.h>

#define HEADING_MAX 64 /* bytes */

#define GAP        2 /* columns between two columns */
#define SHORTEST   4 /* a name is cut to no less */
#define NEVER_DROP 2 /* the first columns: who it is, and how it is */

#define ROWS_ENOUGH 16384 /* bytes that are worth writing */

#define WORD 16 /* bytes that are copied together; behind a text is room for so many */

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

/* Can it be shown as it is, being ASCII without control characters? Looks at eight bytes at a time; what lies behind
 * the text is blank. */
static bool is_plain(const char *cell, size_t length)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t wrong = 0, word;

	for (size_t i = 0; i < length; i += sizeof word) {
		memcpy(&word, cell + i, sizeof word);
		/* Of a byte below 0x80 adding 0x60 makes one above, unless it is a control character, and 1 if it is
		 * DEL. */
		wrong |= word | ~((word & ~high) + 0x60 * ones) | ((word & ~high) + ones);
	}
	return (wrong & high) == 0;
}

/* The text of a cell without what must not be shown; its length and, for characters, its width. */
static __attribute__((noinline)) struct measure clean(char *cell, size_t length)
{
	char text[TABLE_CELL_MAX];

	memcpy(text, cell, length);
	length = brm_text_clean(text, length, cell, TABLE_CELL_MAX - 1);
	for (size_t i = 0; i < length; i++)
		if (cell[i] == '\t' || cell[i] == '\n')
			cell[i] = ' ';
	cell[length] = '\0';
	return (struct measure){(uint16_t)length, (uint16_t)text_width(cell)};
}

/* Make memory[*room] longer, for `size` bytes more behind the first `length`. */
static __attribute__((noinline)) bool grow(struct table *table, char **memory, size_t *room, size_t length, size_t size)
{
	size_t wanted = 2 * (length + size);
	char *fresh = table->failed ? NULL : realloc(*memory, wanted);

	table->failed = !fresh;
	if (table->failed)
		return false;
	*memory = fresh;
	*room = wanted;
	return true;
}

char *table_room(struct table *table)
{
	size_t most = sizeof(struct measure) + TABLE_CELL_MAX + WORD;

	if (table->size - table->length < most && !grow(table, &table->cells, &table->size, table->length, most))
		return NULL;
	return table->cells + table->length + sizeof(struct measure);
}

/* The next cell was written and is as wide as that. */
static inline void finish_cell(struct table *table, char *cell, struct measure measure)
{
	size_t *widest = &table->widths[table->column];

	cell[measure.length] = '\0';
	memcpy(cell - sizeof measure, &measure, sizeof measure);
	table->length += sizeof measure + measure.length + 1u;
	if (measure.width > *widest)
		*widest = measure.width;
	if (++table->column == table->count)
		table->column = 0;
}

void table_put(struct table *table, size_t length)
{
	char *cell = table->cells + table->length + sizeof(struct measure);
	struct measure measure = {(uint16_t)length, (uint16_t)length};

	assert(length < TABLE_CELL_MAX);
	memset(cell + length, ' ', WORD);
	if (!is_plain(cell, length))
		measure = clean(cell, length);
	finish_cell(table, cell, measure);
}

void table_empty(struct table *table)
{
	char *cell = table_room(table);

	if (cell)
		finish_cell(table, cell, (struct measure){0, 0});
}

void table_cell(struct table *table, const char *text)
{
	size_t length = strnlen(text, TABLE_CELL_MAX);
	char *room = table_room(table);

	if (!room)
		return;
	/* What is too long is cut before a character. */
	if (length == TABLE_CELL_MAX)
		while (((unsigned char)text[--length] & 0xc0) == 0x80 && length > 0)
			;
	memcpy(room, text, length);
	table_put(table, length);
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
	const char *text; /* behind it may be read up to a whole word */
	struct measure measure;
};

/* The most bytes that a cell takes beside its text: blanks, escape sequences, an ellipsis. */
#define AROUND_MAX 64

/* Whole words: what is too much is written over by what comes next. */
static inline char *put_words(char *at, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i += WORD)
		memcpy(at + i, text + i, WORD);
	return at + length;
}

static inline char *put_text(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static inline char *put_blanks(char *at, size_t count)
{
	for (size_t i = 0; i < count; i += WORD)
		memset(at + i, ' ', WORD);
	return at + count;
}

/* What does not fit into a column. */
static char *put_cut(char *at, const struct cell *cell, size_t width)
{
	at = put_words(at, cell->text, text_fit(cell->text, width - 1));
	return put_text(at, "…");
}

static char *put_row(const struct table *table, const struct table_style *style, const size_t *widths,
		     const struct cell *cells, bool heading, char *at)
{
	size_t last = table->count - 1, blanks = 0;

	while (last > 0 && (widths[last] == 0 || cells[last].measure.length == 0))
		last--;
	for (size_t i = 0; i <= last; i++) {
		const struct cell *cell = &cells[i];
		const char *color = heading        ? style->bold
				    : style->color ? style->color(&table->columns[i], cell->text)
						   : NULL;
		bool cut = cell->measure.width > widths[i];
		size_t room = cut ? 0 : widths[i] - cell->measure.width;
		size_t before = table->columns[i].right ? room : 0;

		at = put_blanks(at, blanks + before);
		if (color)
			at = put_text(at, color);
		at = cut ? put_cut(at, cell, widths[i]) : put_words(at, cell->text, cell->measure.length);
		if (color && *color)
			at = put_text(at, style->plain);
		blanks = GAP + room - before;
	}
	return put_text(at, style->erase ? "\033[K\n" : "\n");
}

static char *put_tabbed(const struct table *table, const struct cell *cells, char *at)
{
	for (size_t i = 0; i < table->count; i++) {
		at = put_words(at, cells[i].text, cells[i].measure.length);
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

/* What a row takes beside the texts of its cells, at most. */
static size_t around(const struct table *table, const size_t *widths)
{
	size_t most = (table->count + 1) * AROUND_MAX;

	for (size_t i = 0; i < table->count; i++)
		most += widths[i];
	return most;
}

/* A row that takes so many bytes at most. */
static void print(struct table *table, const struct table_style *style, const size_t *widths, const struct cell *cells,
		  bool heading, size_t most, FILE *out)
{
	char *end;

	if (table->rows_size - table->rows_length < most &&
	    !grow(table, &table->rows, &table->rows_size, table->rows_length, most))
		return;
	end = table->rows + table->rows_length;
	end = style->tabs ? put_tabbed(table, cells, end) : put_row(table, style, widths, cells, heading, end);
	table->rows_length = (size_t)(end - table->rows);
	if (table->rows_length >= ROWS_ENOUGH)
		flush(table, out);
}

static void print_headings(struct table *table, const struct table_style *style, const size_t *widths, FILE *out)
{
	char text[TABLE_COLUMNS_MAX][HEADING_MAX];
	struct cell row[TABLE_COLUMNS_MAX];
	size_t bytes = around(table, widths);

	for (size_t i = 0; i < table->count; i++) {
		size_t length = strlen(table->columns[i].heading);

		assert(length + WORD <= HEADING_MAX);
		memcpy(text[i], table->columns[i].heading, length + 1);
		memset(text[i] + length + 1, 0, WORD - 1);
		row[i].text = text[i];
		row[i].measure = (struct measure){(uint16_t)length, (uint16_t)text_width(text[i])};
		bytes += length;
	}
	print(table, style, widths, row, true, bytes, out);
}

int table_print(struct table *table, const struct table_style *style, FILE *out)
{
	struct cell row[TABLE_COLUMNS_MAX];
	size_t widths[TABLE_COLUMNS_MAX], most;
	const char *at = table->cells, *end = at + table->length;

	if (table->failed)
		return -ENOMEM;
	assert(table->column == 0);
	fit(table, style->width, widths);
	if (style->header && !table->headed)
		print_headings(table, style, widths, out);
	table->headed = true;
	most = around(table, widths);
	while (at < end) {
		const char *first = at;

		for (size_t i = 0; i < table->count; i++) {
			memcpy(&row[i].measure, at, sizeof row[i].measure);
			row[i].text = at + sizeof row[i].measure;
			at = row[i].text + row[i].measure.length + 1;
		}
		print(table, style, widths, row, false, most + (size_t)(at - first), out);
	}
	flush(table, out);
	table->length = 0;
	return table->failed ? -ENOMEM : 0;
}
