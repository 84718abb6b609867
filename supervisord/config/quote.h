/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_QUOTE_H
#define SUPERVISORD_CONFIG_QUOTE_H

#include <stdio.h>

/*
 * config/quote.h - words for others to read
 */

/* A word as a shell needs it to stay one. */
void quote_shell(FILE *out, const char *word);

#endif
