/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_JSONC_H
#define SUPERVISORD_CONFIG_JSONC_H

#include <jansson.h>

#include "config/text.h"

/*
 * config/jsonc.h - JSON files, also those with comments
 */

/*
 * The object that a text is; a new reference. Numbers are doubles, whatever their size. -EINVAL: it is none, which is
 * reported; -ENOMEM.
 */
int json_read(struct text *text, json_t **out, struct report *report);

/*
 * The same of a text that may have comments and commas before a closing bracket, as editors allow it. *plain gets the
 * text that was read instead, of the same length and with blanks in their place: for positions; text_finish() it.
 */
int jsonc_read(struct text *text, struct text *plain, json_t **out, struct report *report);

/* What a JSON value is, for messages: "an object", "a string", ... Static storage. */
const char *json_kind(const json_t *value);

/* Conveniences: NULL when there is no such string. */
const char *json_text(const json_t *object, const char *key);

#endif
