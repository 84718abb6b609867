/* SPDX-License-Identifier: MIT */
#include "clients/mcp/schema.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clients/common/fields.h"

#define LIST_MAX 1000 /* elements of a list or a map in arguments */

static void put_slot(struct json *json, const struct slot *slot);

static void put_words(struct json *json, const char *words)
{
	json_key(json, "enum");
	json_open_array(json);
	while (*words) {
		size_t length = strcspn(words, "|");

		json_put_string_n(json, words, length);
		words += length + (words[length] == '|');
	}
	json_close_array(json);
}

static void put_bound(struct json *json, const char *key, int64_t value)
{
	if (value == 0)
		return;
	json_key(json, key);
	json_int(json, value);
}

static void put_type(struct json *json, const char *type)
{
	json_pair(json, "type", type);
}

static void put_string(struct json *json, const struct slot *slot)
{
	put_type(json, "string");
	if (slot->words) {
		put_words(json, slot->words);
		return;
	}
	put_bound(json, "minLength", slot->least);
	put_bound(json, "maxLength", slot->most);
}

static void put_int(struct json *json, const struct slot *slot)
{
	put_type(json, "integer");
	if (slot->most == 0)
		return;
	json_key(json, "minimum");
	json_int(json, slot->least);
	json_key(json, "maximum");
	json_int(json, slot->most);
	json_key(json, "default");
	json_int(json, slot->absent);
}

static void put_items(struct json *json, const struct slot *slot)
{
	put_type(json, "array");
	put_bound(json, "maxItems", slot->kind == KIND_STRINGS ? slot->most : 0);
	json_key(json, "items");
	if (slot->kind == KIND_OBJECTS)
		schema_put(json, slot->members);
	else if (slot->kind == KIND_PROCESSES)
		fields_json_schema(json);
	else if (slot->kind == KIND_INTS)
		json_raw(json, "{\"type\":\"integer\"}", 18);
	else
		json_raw(json, "{\"type\":\"string\"}", 17);
}

static void put_slot(struct json *json, const struct slot *slot)
{
	if (slot->kind == KIND_PROCESS) {
		fields_json_schema(json);
		return;
	}
	if (slot->kind == KIND_OBJECT) {
		schema_put(json, slot->members);
		return;
	}
	json_open_object(json);
	switch (slot->kind) {
	case KIND_STRING:
		put_string(json, slot);
		break;
	case KIND_INT:
		put_int(json, slot);
		break;
	case KIND_BOOL:
		put_type(json, "boolean");
		break;
	case KIND_MAP:
		put_type(json, "object");
		json_key(json, "additionalProperties");
		json_raw(json, "{\"type\":\"string\"}", 17);
		break;
	default:
		put_items(json, slot);
	}
	if (slot->help) {
		json_pair(json, "description", slot->help);
	}
	json_close_object(json);
}

void schema_put(struct json *json, const struct slot *slots)
{
	bool any = false;

	json_open_object(json);
	put_type(json, "object");
	json_key(json, "properties");
	json_open_object(json);
	for (const struct slot *slot = slots; slot->name; slot++) {
		json_key(json, slot->name);
		put_slot(json, slot);
		any = any || slot->required;
	}
	json_close_object(json);
	if (any) {
		json_key(json, "required");
		json_open_array(json);
		for (const struct slot *slot = slots; slot->name; slot++)
			if (slot->required)
				json_put_string(json, slot->name);
		json_close_array(json);
	}
	json_key(json, "additionalProperties");
	json_bool(json, false);
	json_close_object(json);
}

struct why {
	char *text;
	size_t size;
};

static bool refuse(const struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(const struct why *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, why->size, format, args);
	va_end(args);
	return false;
}

static const struct slot *slot_find(const struct slot *slots, const char *name)
{
	for (; slots->name; slots++)
		if (strcmp(slots->name, name) == 0)
			return slots;
	return NULL;
}

static bool is_word(const char *words, const char *value)
{
	size_t length = strlen(value);

	for (; *words; words += strcspn(words, "|"), words += *words == '|')
		if (strcspn(words, "|") == length && strncmp(words, value, length) == 0)
			return true;
	return false;
}

static bool check_string(const json_t *value, const struct slot *slot, const struct why *why)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (!text)
		return refuse(why, "\"%s\" must be a string", slot->name);
	if (strlen(text) != length)
		return refuse(why, "\"%s\" must not hold a NUL character", slot->name);
	if (slot->words && !is_word(slot->words, text))
		return refuse(why, "\"%s\" must be one of %s", slot->name, slot->words);
	if (slot->least && length < (size_t)slot->least)
		return refuse(why, "\"%s\" must not be empty", slot->name);
	if (slot->most && length > (size_t)slot->most)
		return refuse(why, "\"%s\" is longer than %lld bytes", slot->name, (long long)slot->most);
	return true;
}

/* An integer, also one that is written as 100.0. */
static bool int_of(const json_t *value, int64_t *out)
{
	double real = json_number_value(value);

	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return true;
	}
	if (!json_is_real(value) || real < -1e15 || real > 1e15 || real != (double)(int64_t)real)
		return false;
	*out = (int64_t)real;
	return true;
}

static bool check_int(const json_t *value, const struct slot *slot, const struct why *why)
{
	int64_t number;

	if (!int_of(value, &number))
		return refuse(why, "\"%s\" must be an integer", slot->name);
	if (number < slot->least || number > slot->most)
		return refuse(why, "\"%s\" must be between %lld and %lld", slot->name, (long long)slot->least,
			      (long long)slot->most);
	return true;
}

static bool check_list(const json_t *value, const struct slot *slot, const struct why *why)
{
	struct slot element = {.name = slot->name};
	const json_t *one;
	size_t i;

	if (!json_is_array(value))
		return refuse(why, "\"%s\" must be a list of strings", slot->name);
	if (json_array_size(value) > LIST_MAX)
		return refuse(why, "\"%s\" has more than %d elements", slot->name, LIST_MAX);
	json_array_foreach(value, i, one) if (!check_string(one, &element, why)) return false;
	return true;
}

static bool check_map(json_t *value, const struct slot *slot, const struct why *why)
{
	struct slot element = {.name = slot->name};
	const char *key;
	json_t *one;

	if (!json_is_object(value))
		return refuse(why, "\"%s\" must be an object of strings", slot->name);
	if (json_object_size(value) > LIST_MAX)
		return refuse(why, "\"%s\" has more than %d members", slot->name, LIST_MAX);
	json_object_foreach(value, key, one) if (!check_string(one, &element, why)) return false;
	return true;
}

static bool check_value(json_t *value, const struct slot *slot, const struct why *why)
{
	switch (slot->kind) {
	case KIND_STRING:
		return check_string(value, slot, why);
	case KIND_INT:
		return check_int(value, slot, why);
	case KIND_BOOL:
		return json_is_boolean(value) || refuse(why, "\"%s\" must be true or false", slot->name);
	case KIND_STRINGS:
		return check_list(value, slot, why);
	case KIND_MAP:
		return check_map(value, slot, why);
	default:
		assert(slot->kind == KIND_OBJECT);
		if (!json_is_object(value))
			return refuse(why, "\"%s\" must be an object", slot->name);
		return args_check(value, slot->members, why->text, why->size);
	}
}

static bool refuse_name(const char *name, const struct slot *slots, const struct why *why)
{
	size_t length;

	if (!slots->name)
		return refuse(why, "no argument \"%.64s\"; there are none", name);
	length = (size_t)snprintf(why->text, why->size, "no argument \"%.64s\"; there are", name);
	for (const struct slot *slot = slots; slot->name && length < why->size; slot++)
		length += (size_t)snprintf(why->text + length, why->size - length, "%s %s", slot == slots ? "" : ",",
					   slot->name);
	return false;
}

/* A null is as good as nothing: some clients send one for every argument they do not use. */
static const json_t *given(const json_t *args, const char *name)
{
	const json_t *value = json_object_get(args, name);

	return json_is_null(value) ? NULL : value;
}

bool args_check(const json_t *args, const struct slot *slots, char *why_text, size_t size)
{
	struct why why = {why_text, size};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)args, key, value)
	{
		const struct slot *slot = slot_find(slots, key);

		if (!slot)
			return refuse_name(key, slots, &why);
		if (!json_is_null(value) && !check_value(value, slot, &why))
			return false;
	}
	for (const struct slot *slot = slots; slot->name; slot++)
		if (slot->required && !given(args, slot->name))
			return refuse(&why, "\"%s\" is missing%s%s", slot->name, slot->help ? ": " : "",
				      slot->help ? slot->help : "");
	return true;
}

const char *arg_string(const json_t *args, const char *name)
{
	return json_string_value(json_object_get(args, name));
}

int64_t arg_int(const json_t *args, const struct slot *slots, const char *name)
{
	const json_t *value = given(args, name);
	const struct slot *slot = slot_find(slots, name);
	int64_t number;

	assert(slot);
	return value && int_of(value, &number) ? number : slot->absent;
}

bool arg_bool(const json_t *args, const char *name, bool absent)
{
	const json_t *value = given(args, name);

	return value ? json_is_true(value) : absent;
}
