/* SPDX-License-Identifier: MIT */
#include "config/jsonc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *json_kind(const json_t *value)
{
	static const char *const words[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",  [JSON_STRING] = "a string",
		[JSON_INTEGER] = "a number", [JSON_REAL] = "a number", [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",      [JSON_NULL] = "null",
	};

	return words[json_typeof(value)];
}

const char *json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* The text as a JSON object. 0, -EINVAL, -ENOMEM. */
static int load_object(struct text *text, json_t **out, struct report *report)
{
	char place[TEXT_PLACE_MAX];
	json_error_t error;
	/* Numbers are doubles, as they are to node: one that fits no integer is no reason to refuse a file. */
	json_t *json = json_loadb(text->bytes, text->length, JSON_DECODE_INT_AS_REAL, &error);

	if (json_is_object(json)) {
		*out = json;
		return 0;
	}
	if (json)
		report_error(report, "%s: %s, expected an object", text_place(text, 0, place), json_kind(json));
	else if (json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	else
		report_error(report, "%s:%d:%d: %s, expected JSON", text->file, error.line,
			     error.column > 0 ? error.column : 1,
			     json_error_code(&error) == json_error_null_character ? "\\u0000" : error.text);
	json_decref(json);
	return -EINVAL;
}

int json_read(struct text *text, json_t **out, struct report *report)
{
	int result = text_check(text, report);

	return result == 0 ? load_object(text, out, report) : result;
}

/* Behind the string that begins at `at`. */
static size_t skip_string(const char *bytes, size_t length, size_t at)
{
	for (at++; at < length && bytes[at] != '"' && bytes[at] != '\n'; at++)
		at += bytes[at] == '\\';
	return at < length ? at + 1 : length;
}

/* Blanks in the place of the comment at `at`; lines stay. Returns its end, or `at` when there is none. */
static size_t blank_comment(char *bytes, size_t length, size_t at)
{
	bool is_line = at + 1 < length && bytes[at + 1] == '/';
	bool is_block = at + 1 < length && bytes[at + 1] == '*';
	size_t end = at + 2;

	if (!is_line && !is_block)
		return at;
	while (end < length &&
	       (is_line ? bytes[end] != '\n' : !(bytes[end] == '*' && end + 1 < length && bytes[end + 1] == '/')))
		end++;
	end += is_block && end < length ? 2 : 0;
	for (size_t i = at; i < end; i++)
		bytes[i] = bytes[i] == '\n' ? '\n' : ' ';
	return end;
}

static void blank_comments(char *bytes, size_t length)
{
	size_t comma = length, at = 0;

	while (at < length) {
		char c = bytes[at];
		size_t end = c == '/' ? blank_comment(bytes, length, at) : at;

		if (end > at) {
			at = end;
			continue;
		}
		if ((c == ']' || c == '}') && comma < length)
			bytes[comma] = ' ';
		if (!strchr(" \t\r\n", c))
			comma = c == ',' ? at : length;
		at = c == '"' ? skip_string(bytes, length, at) : at + 1;
	}
}

int jsonc_read(struct text *text, struct text *plain, json_t **out, struct report *report)
{
	int result = text_check(text, report);
	char *copy = result == 0 ? malloc(text->length + 1) : NULL;

	*plain = (struct text){.file = text->file, .bytes = copy, .length = text->length, .store = copy};
	if (result != 0)
		return result;
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text->bytes, text->length);
	blank_comments(copy, text->length);
	result = load_object(plain, out, report);
	if (result != 0)
		text_finish(plain);
	return result;
}
