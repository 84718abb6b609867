/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_TABLE_H
#define CLIENTS_COMMON_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * common/table.h - rows of cells, aligned in columns for people, or separated by tabs for programs
 *
 * Cells are cleaned (no control characters, no escape sequences). Widths are those of the characters on a terminal.
 * Running out of memory is remembered; table_print() then prints nothing and returns -ENOMEM.
 */

/* Columns a text takes on a terminal; bytes that are no characters take one each. */
size_t text_width(const char *text);

/* The bytes of text that fit into width columns, at a character's end. */
size_t text_fit(const char *text, size_t width);

struct table_column {
	const char *heading;
	unsigned width; /* at least */
	bool right;     /* numbers stand on the right */
};

#define TABLE_COLUMNS_MAX 40
#define TABLE_CELL_MAX    4096 /* bytes of a cell, NUL included */

struct table {
	const struct table_column *columns;
	size_t count;
	size_t widths[TABLE_COLUMNS_MAX]; /* of what was seen so far */
	char *cells;                      /* measured and NUL-terminated, row after row */
	size_t length, size;
	size_t column; /* of the next cell */
	char *rows;    /* that are being printed */
	size_t rows_length, rows_size;
	bool headed; /* the headings were printed */
	bool failed;
};

/* columns must outlive the table. */
void table_init(struct table *table, const struct table_column *columns, size_t count);
void table_finish(struct table *table);

/*
 * The next cell, left to right, row after row: write up to TABLE_CELL_MAX bytes of text where table_room() says, then
 * say how many they are. NULL: there is no memory; then there is nothing to be said.
 */
char *table_room(struct table *table);
void table_put(struct table *table, size_t length);
/* Both for nothing. */
void table_empty(struct table *table);
/* Both for a text that is there. */
void table_cell(struct table *table, const char *text);

struct table_style {
	bool tabs;         /* separated by tabs, not aligned */
	bool header;       /* with headings */
	unsigned width;    /* fit into so many columns; 0: as wide as it is */
	bool erase;        /* end each line with "erase to its end", for drawing over an older table */
	const char *bold;  /* before a heading, "" for none */
	const char *plain; /* after it */
	/* The escape sequence before a cell, "" for none; NULL: no colours. */
	const char *(*color)(const struct table_column *column, const char *text);
};

/* Print the rows and forget them; widths and "headings were printed" are kept for the next ones. 0, -ENOMEM */
int table_print(struct table *table, const struct table_style *style, FILE *out);

#endif
