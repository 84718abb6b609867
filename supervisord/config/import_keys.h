/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_IMPORT_KEYS_H
#define SUPERVISORD_CONFIG_IMPORT_KEYS_H

#include <jansson.h>

#include "config/model.h"
#include "config/sources.h"

/*
 * config/import_keys.h - what becomes of every key of another tool's file
 *
 * One table a tool; brummer-import(7) says the same, which a test compares. A key that is refused, or that is in no
 * table, is a warning that names it.
 */

enum key_fate { KEY_HONOURED = 0, KEY_APPROXIMATED, KEY_REFUSED };

struct import_key {
	const char *name; /* NULL ends a table */
	enum key_fate fate;
	const char *how; /* approximated: what it becomes; refused: why; "" else */
};

extern const struct import_key supervisord_keys[];    /* of [program:x] */
extern const struct import_key supervisord_globals[]; /* of [supervisord] */
extern const struct import_key pm2_keys[];            /* of an app */
extern const struct import_key procfile_settings[];   /* of .overmind.env, without OVERMIND_ */
extern const struct import_key brum_keys[];

/* What the value of an app's key should be instead, in words; NULL: nothing is wrong with its type. Static storage. */
const char *pm2_wrong_type(const char *key, const json_t *value);

/*
 * May this key be used? Of one that is refused or unknown a warning says so, at a place ("FILE:LINE:COLUMN" or a file)
 * and about a name.
 */
bool import_key_is_good(const struct import_key *table, const char *key, const char *place, const char *name,
			struct report *report);

/*
 * Words as a shell splits them, quotes and backslashes understood: a list to be freed. NULL with errno: EINVAL (a quote
 * is not closed), ENOMEM.
 */
char **words_split(const char *text);

/* Give a spec what these sources share: dir relative to the project (NULL: the project's), source, autostart. */
int import_spec_begin(struct spec *spec, const struct finding *finding, const char *dir);

/* Append it, or say in an error at the place why not. The spec is taken in any case. 0, -ENOMEM. */
int import_spec_add(struct spec *spec, const struct finding *finding, const char *place);

/* A spec of a name that a file gives; NULL with a report (then *result is 0) or for want of memory (-ENOMEM). */
struct spec *import_spec_new(const char *name, const struct finding *finding, const char *place, int *result);

#endif
