/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_TEXT_H
#define CLIENTS_MCP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * mcp/text.h - the text of a reply, in a buffer that grows and is reused
 *
 * Running out of memory leaves the text as it was.
 */

struct text {
	char *bytes; /* length of them, and a NUL; NULL when nothing was ever put */
	size_t length;
	size_t size;
};

void text_reset(struct text *text); /* empty, memory kept */
void text_finish(struct text *text);
void text_put(struct text *text, const char *bytes, size_t length);
void text_puts(struct text *text, const char *string);
/* Put other bytes, not of the text itself, in the place of length bytes at `at`. */
void text_replace(struct text *text, size_t at, size_t length, const char *bytes, size_t new_length);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
