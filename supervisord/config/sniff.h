/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_SNIFF_H
#define SUPERVISORD_CONFIG_SNIFF_H

#include "config/text.h"

/*
 * config/sniff.h - what kind of configuration is a file that somebody names?
 */

/*
 * The name of the source (as in discover.c's table: "brummer.yaml", "process-compose.yaml", "Procfile", ...) that reads
 * such a file: by its name, else by what is in it. NULL: none is likely. Static storage.
 */
const char *sniff(const struct text *text);

#endif
