/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_TEXT_H
#define LIBSHM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* text.h - small pure helpers for text that enters or leaves a region */

#define TEXT_ELLIPSIS       "\xe2\x80\xa6"
#define TEXT_ELLIPSIS_BYTES 3u

/*
 * How many bytes of text[length] to keep before an ellipsis so that both fit into size bytes with a NUL: whole
 * characters only. size is at least TEXT_ELLIPSIS_BYTES + 1 and at most length.
 */
size_t text_cut(const char *text, size_t length, size_t size);

/* May it be a process's name: 1 to BRM_NAME_MAX - 1 bytes of valid UTF-8 without control characters? */
bool text_is_name(const char *text, size_t length);

#endif
