/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_INI_H
#define SUPERVISORD_CONFIG_INI_H

#include "config/text.h"

/*
 * config/ini.h - files of [sections] and their "key = value", as supervisord writes them
 *
 * A line that begins with a blank goes on with the value before it. A comment is a line that begins with ; or #, or
 * what follows a blank and one of them.
 */

#define INI_SECTIONS_MAX 4096u
#define INI_KEYS_MAX     256u /* of one section */

struct ini_key {
	char *key; /* in small letters */
	char *value;
	size_t offset;
};

struct ini_section {
	char *name;
	size_t offset;
	struct ini_key *keys;
	size_t count;
};

struct ini {
	struct ini_section *sections;
	size_t count;
};

/*
 * Read a text; no file is touched. Lines that are wrong are reported, the rest counts. *out is to be finished in any
 * case. 0, -EINVAL, -ENOMEM.
 */
int ini_parse(struct text *text, struct ini *out, struct report *report);
void ini_finish(struct ini *ini);

/* The key of a section, the last where there are several, or NULL; and its value. */
const struct ini_key *ini_find(const struct ini_section *section, const char *key);
const char *ini_get(const struct ini_section *section, const char *key);

#endif
