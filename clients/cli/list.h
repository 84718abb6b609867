/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_LIST_H
#define CLIENTS_CLI_LIST_H

#include "clients/cli/cli.h"
#include "clients/common/fields.h"
#include "clients/common/table.h"

/*
 * list.h - what a command has found, in the form that -o asks for
 *
 * A list has columns; each row is a value for every column. As a table, tsv or name the columns with a heading are
 * written; as JSON every value that is present, an object a row, under the list's key; as jsonl the objects alone.
 */

struct list_column {
	const char *key;     /* in JSON */
	const char *heading; /* NULL: JSON only */
	enum field_type type;
	unsigned width; /* at least */
};

struct list {
	const struct cli *cli;
	const char *key;
	const struct list_column *columns;
	size_t count;
	size_t first; /* column with a heading */
	struct table_column headings[TABLE_COLUMNS_MAX];
	struct table table;
	struct json json;
	bool shown[TABLE_COLUMNS_MAX]; /* in the table */
	bool is_json;
	bool opened;  /* the JSON array is */
	bool endless; /* rows come for ever: JSON is written as jsonl */
	bool redraw;  /* over what was drawn before */
};

void list_init(struct list *list, const struct cli *cli, const char *key, const struct list_column *columns,
	       size_t count);
/* "instance":... before the rows, in JSON alone. */
void list_about(struct list *list, const struct snapshot *snapshot);
void list_row(struct list *list, const struct value *values);
/* The same value by value: of all columns from 0 on. */
void list_value(struct list *list, size_t column, const struct value *value);
/* Write the rows so far; the list goes on. 0, or EXIT_FAILED when memory ran out, which was said. */
int list_flush(struct list *list);
/* Write all and free it. */
int list_finish(struct list *list);
/* Free it; what was not written is forgotten. */
void list_drop(struct list *list);

/* The columns of the terminal; 0: standard output is none. */
unsigned terminal_width(const struct cli *cli);

/* Its lines; 0: standard output is none. */
unsigned terminal_height(const struct cli *cli);

/* Values, for rows. */
struct value value_text_of(const char *text); /* absent when NULL or "" */
struct value value_number(bool present, int64_t number);

#endif
