/* SPDX-License-Identifier: MIT */
#include "config/json_where.h"

#include <jansson.h>
#include <string.h>

static char at(const struct text *text, size_t offset)
{
	return offset < text->length ? text->bytes[offset] : '\0';
}

static size_t skip_blanks(const struct text *text, size_t offset)
{
	for (char c = at(text, offset); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = at(text, offset))
		offset++;
	return offset;
}

/* From the opening quote to behind the closing one. */
static size_t skip_string(const struct text *text, size_t offset)
{
	for (offset++; at(text, offset) && at(text, offset) != '"'; offset++)
		offset += at(text, offset) == '\\';
	return offset + 1;
}

/* Behind the value at offset: to the ',' or the closing bracket that belongs to what is around it. */
static size_t skip_value(const struct text *text, size_t offset)
{
	size_t depth = 0;

	while (at(text, offset)) {
		char c = at(text, offset);
		bool closes = c == ']' || c == '}';

		if (depth == 0 && (closes || c == ','))
			break;
		if (c == '"') {
			offset = skip_string(text, offset);
			continue;
		}
		depth += c == '[' || c == '{';
		depth -= closes;
		offset++;
	}
	return offset;
}

/* Does the string token [from, to) say `key`? Only one that is written with escapes is decoded. */
static bool token_is(const struct text *text, size_t from, size_t to, const char *key)
{
	const char *bytes = text->bytes + from;
	size_t length = strlen(key);
	json_t *token;
	bool is;

	if (!memchr(bytes, '\\', to - from))
		return to - from == length + 2 && memcmp(bytes + 1, key, length) == 0;
	token = json_loadb(bytes, to - from, JSON_DECODE_ANY, NULL);
	is = token && strcmp(json_string_value(token), key) == 0;
	json_decref(token);
	return is;
}

size_t json_where(const struct text *text, size_t object, const char *key, enum json_part part)
{
	size_t found = object;
	size_t offset = skip_blanks(text, object);

	if (at(text, offset) != '{')
		return object;
	for (offset = skip_blanks(text, offset + 1); at(text, offset) == '"';
	     offset = skip_blanks(text, offset + (at(text, offset) == ','))) {
		size_t from = offset, to = skip_string(text, offset);
		size_t value = skip_blanks(text, skip_blanks(text, to) + 1);

		if (token_is(text, from, to, key))
			found = part == JSON_KEY ? from : value;
		offset = skip_blanks(text, skip_value(text, value));
	}
	return found;
}

size_t json_where_item(const struct text *text, size_t list, size_t index)
{
	size_t offset = skip_blanks(text, list);

	if (at(text, offset) != '[')
		return list;
	for (offset = skip_blanks(text, offset + 1); index > 0; index--) {
		offset = skip_value(text, offset);
		if (at(text, offset) != ',')
			return list;
		offset = skip_blanks(text, offset + 1);
	}
	return at(text, offset) == ']' ? list : offset;
}
