/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_NEAREST_H
#define SUPERVISORD_CONFIG_NEAREST_H

#include <stddef.h>

/*
 * config/nearest.h - which word did they mean?
 */

/* Beyond this many bytes a word is compared by its beginning only. */
#define NEAREST_WORD_MAX 255

/* How far `word` is from `wanted`, 0 for the same; NEAREST_NOT when nobody would take one for the other. */
#define NEAREST_NOT 1000u
unsigned nearest_distance(const char *wanted, const char *word);

#endif
