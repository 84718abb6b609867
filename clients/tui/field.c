/* SPDX-License-Identifier: MIT */
#include "clients/tui/field.h"

#include <stdio.h>
#include <string.h>

#include "clients/tui/text.h"

void field_set(struct field *field, const char *text)
{
	snprintf(field->text, sizeof field->text, "%s", text);
	field->length = field->cursor = strlen(field->text);
}

static bool insert(struct field *field, uint32_t code)
{
	char bytes[4];
	size_t n = text_encode(code, bytes);

	if (field->length + n >= sizeof field->text)
		return false;
	memmove(field->text + field->cursor + n, field->text + field->cursor, field->length - field->cursor + 1);
	memcpy(field->text + field->cursor, bytes, n);
	field->length += n;
	field->cursor += n;
	return true;
}

static bool erase(struct field *field, size_t from, size_t to)
{
	if (from >= to)
		return false;
	memmove(field->text + from, field->text + to, field->length - to + 1);
	field->length -= to - from;
	field->cursor = from;
	return true;
}

static size_t before(const struct field *field, size_t at)
{
	while (at > 0 && ((unsigned char)field->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t after(const struct field *field, size_t at)
{
	uint32_t code;

	return at + text_next(field->text + at, field->length - at, &code);
}

static size_t word_before(const struct field *field)
{
	size_t at = field->cursor;

	while (at > 0 && field->text[at - 1] == ' ')
		at--;
	while (at > 0 && field->text[at - 1] != ' ')
		at--;
	return at;
}

static bool control(struct field *field, uint32_t key, bool *changed)
{
	switch (key) {
	case 'a':
		field->cursor = 0;
		return true;
	case 'e':
		field->cursor = field->length;
		return true;
	case 'u':
		*changed = erase(field, 0, field->cursor);
		return true;
	case 'w':
		*changed = erase(field, word_before(field), field->cursor);
		return true;
	default:
		return false;
	}
}

bool field_event(struct field *field, const struct event *event, bool *changed)
{
	int cells;

	*changed = false;
	if (event->kind != EVENT_KEY && event->kind != EVENT_PASTE)
		return false;
	if (event->mods & MOD_CTRL)
		return control(field, event->key, changed);
	switch (event->key) {
	case K_BACKSPACE:
		*changed = erase(field, before(field, field->cursor), field->cursor);
		return true;
	case K_DELETE:
		*changed = erase(field, field->cursor, after(field, field->cursor));
		return true;
	case K_LEFT:
		field->cursor = before(field, field->cursor);
		return true;
	case K_RIGHT:
		field->cursor = after(field, field->cursor);
		return true;
	case K_HOME:
		field->cursor = 0;
		return true;
	case K_END:
		field->cursor = field->length;
		return true;
	default:
		break;
	}
	if (event->key > 0x10ffff || event->mods & MOD_ALT || text_kind(event->key, &cells) != TEXT_SHOWN)
		return false;
	*changed = insert(field, event->key);
	return true;
}

void field_draw(const struct field *field, struct pen *pen, uint32_t style, int *col)
{
	pen_bytes(pen, style, field->text, field->cursor);
	*col = pen->col;
	if (field->cursor == field->length) {
		pen_text(pen, style, "▏");
		return;
	}
	pen_bytes(pen, style | STYLE_UNDERLINE, field->text + field->cursor,
		  after(field, field->cursor) - field->cursor);
	pen_text(pen, style, field->text + after(field, field->cursor));
}
