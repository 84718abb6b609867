/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_TOML_INNER_H
#define SUPERVISORD_CONFIG_TOML_INNER_H

#include "config/toml.h"

/*
 * config/toml_inner.h - between the files of the TOML reader: toml.c has tables and keys, toml_value.c has values
 */

/* How a table or list came to be: what may still be added to it. */
enum toml_kind {
	TOML_IMPLIED = 1, /* by a longer header: a header of its own may follow */
	TOML_HEADER,      /* by its header */
	TOML_DOTTED,      /* by a dotted key: no header may follow */
	TOML_TABLES,      /* a list of tables, by [[...]] */
	TOML_INLINE,      /* a table or list that is a value: whole as it is */
};

struct toml_kinds {
	const json_t **values;
	unsigned char *kinds;
	size_t count, size;
};

struct toml_parser {
	struct toml *out;
	struct toml_kinds kinds;
	struct report *report;
	size_t at;
	int result; /* 0 until something went wrong */
};

/* The character at `at` + ahead, or '\0' at the end. */
char toml_peek(const struct toml_parser *p, size_t ahead);
bool toml_take(struct toml_parser *p, const char *word); /* Does the text go on with it? Then it is skipped. */
void toml_skip_blanks(struct toml_parser *p);            /* blanks and tabs */
void toml_skip_comment(struct toml_parser *p);
bool toml_skip_newline(struct toml_parser *p); /* one, when there is one */

/* Report and give up: "what, expected what" at an offset. Only the first counts. Returns NULL for convenience. */
void *toml_fail(struct toml_parser *p, size_t at, const char *what);

/* Each returns a new reference or memory of its own; NULL: p->result says why. */
json_t *toml_value(struct toml_parser *p, unsigned depth);
char *toml_string(struct toml_parser *p, bool may_be_long, size_t *length);
json_t *toml_number(struct toml_parser *p);

/* "KEY.KEY = VALUE" at the cursor, into a table. */
void toml_assign(struct toml_parser *p, json_t *table, unsigned depth);

/* 0: not known. */
enum toml_kind toml_kind_of(const struct toml_parser *p, const json_t *value);
void toml_set_kind(struct toml_parser *p, const json_t *value, enum toml_kind kind);

#endif
