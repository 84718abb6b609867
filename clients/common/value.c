/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/common/fields.h"
#include "clients/common/when.h"

static void json_map(struct json *json, const struct brm_strings *pairs)
{
	json_open_object(json);
	for (const char *pair = NULL; (pair = brm_strings_next(pairs, pair)) != NULL;) {
		size_t length = strcspn(pair, "=");
		char key[256];

		snprintf(key, sizeof key, "%.*s", (int)length, pair);
		json_key(json, key);
		json_put_string(json, pair[length] ? pair + length + 1 : "");
	}
	json_close_object(json);
}

static void json_list(struct json *json, enum field_type type, const struct value *value)
{
	json_open_array(json);
	if (type == FIELD_STRINGS)
		for (const char *s = NULL; (s = brm_strings_next(&value->list, s)) != NULL;)
			json_put_string(json, s);
	else
		for (uint32_t i = 0; i < value->count; i++)
			json_int(json, value->ints[i]);
	json_close_array(json);
}

void value_json(struct json *json, enum field_type type, const struct value *value)
{
	char when[WHEN_MAX];

	switch (type) {
	case FIELD_STRING:
		json_put_string(json, value->text);
		break;
	case FIELD_INT:
	case FIELD_BYTES:
		json_int(json, value->number);
		break;
	case FIELD_SECONDS:
		json_fixed(json, value->number / 1000000, 3);
		break;
	case FIELD_TIME:
		json_put_string(json, when_rfc3339((uint64_t)value->number, when));
		break;
	case FIELD_PERCENT:
		json_fixed(json, value->number, 1);
		break;
	case FIELD_BOOL:
		json_bool(json, value->number != 0);
		break;
	case FIELD_STRINGS:
	case FIELD_INTS:
		json_list(json, type, value);
		break;
	case FIELD_MAP:
		json_map(json, &value->list);
		break;
	}
}

/* Append to out, cut at a character; returns the new length. */
static size_t append(char *out, size_t used, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length > size - 1 - used) {
		length = size - 1 - used;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(out + used, text, length);
	out[used + length] = '\0';
	return used + length;
}

static size_t list_text(enum field_type type, const struct value *value, char *out, size_t size)
{
	size_t used = 0;
	char number[8];

	for (const char *s = NULL; type != FIELD_INTS && (s = brm_strings_next(&value->list, s)) != NULL;) {
		used = append(out, used, size, used ? " " : "");
		used = append(out, used, size, s);
	}
	for (uint32_t i = 0; type == FIELD_INTS && i < value->count; i++) {
		snprintf(number, sizeof number, used ? " %u" : "%u", value->ints[i]);
		used = append(out, used, size, number);
	}
	return used;
}

/* A number, or what is told by one, into room for any. */
static size_t number_text(enum field_type type, int64_t number, char out[WHEN_MAX])
{
	bool negative = number < 0;

	switch (type) {
	case FIELD_SECONDS:
		when_duration((uint64_t)number, out);
		break;
	case FIELD_TIME:
		when_rfc3339((uint64_t)number, out);
		break;
	case FIELD_PERCENT:
		snprintf(out, WHEN_MAX, "%lld.%lld%%", (long long)number / 10, (long long)number % 10);
		break;
	case FIELD_BYTES:
		when_bytes((uint64_t)number, out);
		break;
	case FIELD_BOOL:
		strcpy(out, number ? "yes" : "no");
		break;
	default:
		*out = '-';
		return negative + when_number(negative ? -(uint64_t)number : (uint64_t)number, out + negative);
	}
	return strlen(out);
}

/* The same into less room. */
static size_t short_number_text(enum field_type type, int64_t number, char *out, size_t size)
{
	char room[WHEN_MAX];

	number_text(type, number, room);
	return append(out, 0, size, room);
}

size_t value_text(enum field_type type, const struct value *value, char *out, size_t size)
{
	*out = '\0';
	if (!value->present)
		return 0;
	if (type == FIELD_STRING)
		return append(out, 0, size, value->text);
	if (type == FIELD_STRINGS || type == FIELD_INTS || type == FIELD_MAP)
		return list_text(type, value, out, size);
	return size >= WHEN_MAX ? number_text(type, value->number, out)
				: short_number_text(type, value->number, out, size);
}
