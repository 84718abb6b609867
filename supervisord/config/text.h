/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_TEXT_H
#define SUPERVISORD_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "config/model.h"

/*
 * config/text.h - the text of a file, and how to name a place in it
 *
 * Parsers take a text and touch no file, so they can be fed from memory: {.file = "Procfile", .bytes = p, .length = n}.
 * The bytes need no terminating NUL.
 */
struct text {
	const char *file; /* as messages call it */
	const char *bytes;
	size_t length;
	char *store; /* what text_finish() frees; NULL when the bytes are someone else's */
};

/* May this user rely on such a file? Only on his own and root's. */
bool text_is_trusted(const struct stat *st);

/*
 * Read a regular file of at most max bytes, relative to the directory dir_fd. Never waits (a FIFO is refused).
 *
 *  -ENOENT  there is none; nothing is reported
 *  -EINVAL  it cannot be used; the report says why
 *  -ENOMEM
 */
int text_read(int dir_fd, const char *file, size_t max, struct text *out, struct report *report);
void text_finish(struct text *text);

/* Skip a byte order mark; -EINVAL when the rest is not UTF-8 or has NUL bytes, which is reported. */
int text_check(struct text *text, struct report *report);

/* "FILE:LINE:COLUMN" of an offset, counted from 1, columns in characters. Returns out. */
#define TEXT_PLACE_MAX 320
char *text_place(const struct text *text, size_t offset, char out[TEXT_PLACE_MAX]);

/* How many of the bytes from the first are whole, valid UTF-8. */
size_t text_utf8_length(const char *bytes, size_t length);

/* Is the character at p a control character (C0, DEL, C1)? p is valid UTF-8. */
bool text_is_control(const char *p);

/* Put '?' in the place of everything that is not printable UTF-8. */
void text_clean(char *line);

#endif
