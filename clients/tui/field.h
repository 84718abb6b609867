/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_FIELD_H
#define CLIENTS_TUI_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/tui/cells.h"
#include "clients/tui/input.h"

/*
 * tui/field.h - one line of text being typed
 *
 * Threads  For one thread.
 */

#define FIELD_MAX 256

struct field {
	char text[FIELD_MAX]; /* UTF-8 */
	size_t length;
	size_t cursor; /* byte before which the next character goes */
};

void field_set(struct field *field, const char *text);

/* A key for the field, or a character that was pasted. True: it took it; *changed: the text is another one. */
bool field_event(struct field *field, const struct event *event, bool *changed);

/* Draw the text with its cursor; *col is where the hardware cursor belongs. */
void field_draw(const struct field *field, struct pen *pen, uint32_t style, int *col);

#endif
