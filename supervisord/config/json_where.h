/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_JSON_WHERE_H
#define SUPERVISORD_CONFIG_JSON_WHERE_H

#include <stddef.h>

#include "config/text.h"

/*
 * config/json_where.h - where in a JSON text something stands
 *
 * jansson forgets positions once a text is read. When a value turns out wrong, these look for it again. The text must
 * be one that jansson accepted.
 */

enum json_part { JSON_KEY, JSON_VALUE };

/*
 * The offset of a member's key or value in the object that begins at `object` (0: the whole text); of the last one
 * when several have the key. `object` itself when there is no such member or no object there.
 */
size_t json_where(const struct text *text, size_t object, const char *key, enum json_part part);

/* The offset of an element, counted from 0, of the list that begins at `list`; `list` itself when there is no such. */
size_t json_where_item(const struct text *text, size_t list, size_t index);

#endif
