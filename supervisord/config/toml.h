/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_TOML_H
#define SUPERVISORD_CONFIG_TOML_H

#include <jansson.h>

#include "config/text.h"

/*
 * config/toml.h - read TOML 1.0
 *
 * A document becomes the JSON value that says the same, so that manifests are read alike in both languages: tables are
 * objects in the order of their keys, integers and floats are numbers. What JSON has no word for is a string: dates and
 * times as they were written, and "inf", "-inf" and "nan".
 *
 * Memory is bounded by the text's length; tables and lists are at most TOML_DEPTH_MAX deep in one value, and a key has
 * at most that many parts.
 */

#define TOML_DEPTH_MAX 64

struct toml {
	struct text text; /* the caller's, for positions */
	json_t *root;     /* an object; a reference */
	struct toml_place *places;
	size_t place_count;
};

/* No file is touched; the bytes must outlive the document. -EINVAL: reported, and *out is empty; -ENOMEM. */
int toml_parse(struct text *text, struct toml *out, struct report *report);
void toml_finish(struct toml *toml);

/* The offset of a key of a table in the document; 0 when there is none. */
size_t toml_where(const struct toml *toml, const json_t *table, const char *key);

#endif
