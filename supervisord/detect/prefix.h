/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_DETECT_PREFIX_H
#define SUPERVISORD_DETECT_PREFIX_H

#include <stddef.h>

/*
 * detect/prefix.h - what runners of several programs put before each line of one
 *
 * "web:dev: " (turbo), "[web] " (concurrently), "web-1  | " (docker compose). Whether it is one shows with the next
 * line, which begins with the same.
 */

#define PREFIX_MAX 48u /* longer ones are none */

/* The length of what may be one at the line's start, the blanks behind it included as far as it has them; 0: none. */
size_t prefix_length(const char *text, size_t length);

#endif
