/* SPDX-License-Identifier: MIT */
#include "clients/mcp/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_FIRST 4096

void text_reset(struct text *text)
{
	text->length = 0;
	if (text->bytes)
		text->bytes[0] = '\0';
}

void text_finish(struct text *text)
{
	free(text->bytes);
	*text = (struct text){0};
}

static bool reserve(struct text *text, size_t more)
{
	size_t size = text->size ? text->size : SIZE_FIRST;
	char *bytes;

	if (text->size > text->length + more)
		return true;
	while (size <= text->length + more)
		size *= 2;
	bytes = realloc(text->bytes, size);
	if (!bytes)
		return false;
	text->bytes = bytes;
	text->size = size;
	return true;
}

void text_put(struct text *text, const char *bytes, size_t length)
{
	if (length == 0 || !reserve(text, length))
		return;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_puts(struct text *text, const char *string)
{
	text_put(text, string, strlen(string));
}

void text_replace(struct text *text, size_t at, size_t length, const char *bytes, size_t new_length)
{
	if (new_length > length && !reserve(text, new_length - length))
		return;
	/* The NUL moves, too. */
	if (new_length != length)
		memmove(text->bytes + at + new_length, text->bytes + at + length, text->length - at - length + 1);
	memcpy(text->bytes + at, bytes, new_length);
	text->length += new_length - length;
}

void text_printf(struct text *text, const char *format, ...)
{
	size_t room = text->size - text->length;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(room ? text->bytes + text->length : NULL, room, format, args);
	va_end(args);
	if (length >= 0 && (size_t)length >= room) {
		if (!reserve(text, (size_t)length)) {
			if (room)
				text->bytes[text->length] = '\0';
			return;
		}
		va_start(args, format);
		vsnprintf(text->bytes + text->length, (size_t)length + 1, format, args);
		va_end(args);
	}
	text->length += length > 0 ? (size_t)length : 0;
}
