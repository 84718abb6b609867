/* SPDX-License-Identifier: MIT */
#include "tests/json_schema.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "config/yaml.h"
#include "tests/check_main.h"
#include "tests/config_help.h"

static bool is_type(const char *type, const json_t *value)
{
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(value);
	if (strcmp(type, "boolean") == 0)
		return json_is_boolean(value);
	if (strcmp(type, "null") == 0)
		return json_is_null(value);
	if (strcmp(type, "array") == 0)
		return json_is_array(value);
	ck_assert_str_eq(type, "object");
	return json_is_object(value);
}

static bool check_type(const json_t *types, const json_t *value)
{
	if (json_is_string(types))
		return is_type(json_string_value(types), value);
	for (size_t i = 0; i < json_array_size(types); i++)
		if (is_type(json_string_value(json_array_get(types, i)), value))
			return true;
	return false;
}

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	bool found;

	ck_assert_int_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

static bool check_enum(const json_t *words, const json_t *value)
{
	for (size_t i = 0; i < json_array_size(words); i++)
		if (json_equal(json_array_get(words, i), value))
			return true;
	return false;
}

static bool check_items(const json_t *whole, const json_t *schema, const json_t *value)
{
	const json_t *first = json_object_get(schema, "prefixItems"), *others = json_object_get(schema, "items");

	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *own = i < json_array_size(first) ? json_array_get(first, i) : others;

		if (own && !schema_allows(whole, own, json_array_get(value, i)))
			return false;
	}
	return true;
}

static bool check_member(const json_t *whole, const json_t *schema, const char *name, const json_t *member)
{
	const json_t *names = json_object_get(schema, "propertyNames"), *own, *others;
	json_t *word = json_string(name);
	bool named = !names || schema_allows(whole, names, word);
	const char *pattern;
	json_t *patterned;

	json_decref(word);
	if (!named)
		return false;
	own = json_object_get(json_object_get(schema, "properties"), name);
	if (own)
		return schema_allows(whole, own, member);
	json_object_foreach(json_object_get(schema, "patternProperties"), pattern, patterned)
	{
		if (matches(pattern, name))
			return schema_allows(whole, patterned, member);
	}
	others = json_object_get(schema, "additionalProperties");
	return !others || json_is_true(others) || (json_is_object(others) && schema_allows(whole, others, member));
}

static bool check_object(const json_t *whole, const json_t *schema, const json_t *value)
{
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)value, name, member)
	{
		if (!check_member(whole, schema, name, member))
			return false;
	}
	return true;
}

static bool check_required(const json_t *names, const json_t *value)
{
	for (size_t i = 0; json_is_object(value) && i < json_array_size(names); i++)
		if (!json_object_get(value, json_string_value(json_array_get(names, i))))
			return false;
	return true;
}

static bool check_named(const json_t *whole, const char *reference, const json_t *value)
{
	const json_t *named = json_object_get(json_object_get(whole, "$defs"), strrchr(reference, '/') + 1);

	ck_assert_ptr_nonnull(named);
	return schema_allows(whole, named, value);
}

/* How many of the schemas allow it. */
static size_t count_good(const json_t *whole, const json_t *choices, const json_t *value)
{
	size_t good = 0;

	for (size_t i = 0; i < json_array_size(choices); i++)
		good += schema_allows(whole, json_array_get(choices, i), value);
	return good;
}

/* Words that hold other schemas: 1 or 0, or -1 when it is none of them. */
static int check_inner(const json_t *whole, const json_t *schema, const char *word, const json_t *of,
		       const json_t *value)
{
	if (strcmp(word, "anyOf") == 0)
		return count_good(whole, of, value) > 0;
	if (strcmp(word, "oneOf") == 0)
		return count_good(whole, of, value) == 1;
	if (strcmp(word, "allOf") == 0)
		return count_good(whole, of, value) == json_array_size(of);
	if (strcmp(word, "not") == 0)
		return !schema_allows(whole, of, value);
	if (strcmp(word, "$ref") == 0)
		return check_named(whole, json_string_value(of), value);
	if (strcmp(word, "prefixItems") == 0 || strcmp(word, "items") == 0)
		return check_items(whole, schema, value);
	if (strcmp(word, "properties") == 0 || strcmp(word, "additionalProperties") == 0)
		return !json_is_object(value) || check_object(whole, schema, value);
	return -1;
}

/* One word of a schema. */
static bool check_word(const json_t *whole, const json_t *schema, const char *word, const json_t *of,
		       const json_t *value)
{
	int inner = check_inner(whole, schema, word, of, value);

	if (inner >= 0)
		return inner;
	if (strcmp(word, "type") == 0)
		return check_type(of, value);
	if (strcmp(word, "enum") == 0)
		return check_enum(of, value);
	if (strcmp(word, "required") == 0)
		return check_required(of, value);
	if (strcmp(word, "pattern") == 0)
		return !json_is_string(value) || matches(json_string_value(of), json_string_value(value));
	if (strcmp(word, "minLength") == 0)
		return !json_is_string(value) || json_string_length(value) >= (size_t)json_integer_value(of);
	if (strcmp(word, "minimum") == 0)
		return !json_is_number(value) || json_number_value(value) >= json_number_value(of);
	if (strcmp(word, "exclusiveMinimum") == 0)
		return !json_is_number(value) || json_number_value(value) > json_number_value(of);
	if (strcmp(word, "maximum") == 0)
		return !json_is_number(value) || json_number_value(value) <= json_number_value(of);
	if (strcmp(word, "minItems") == 0)
		return !json_is_array(value) || json_array_size(value) >= (size_t)json_integer_value(of);
	ck_assert_msg(strcmp(word, "description") == 0 || word[0] == '$' || strcmp(word, "title") == 0 ||
			      strcmp(word, "patternProperties") == 0 || strcmp(word, "propertyNames") == 0,
		      "not known: %s", word);
	return true;
}

bool schema_allows(const json_t *whole, const json_t *schema, const json_t *value)
{
	const char *word;
	json_t *of;

	json_object_foreach((json_t *)schema, word, of)
	{
		if (!check_word(whole, schema, word, of, value))
			return false;
	}
	return true;
}

const json_t *schema_properties(const json_t *schema)
{
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *choices = json_object_get(schema, "anyOf"), *others;

	for (size_t i = 0; !properties && i < json_array_size(choices); i++)
		properties = schema_properties(json_array_get(choices, i));
	others = json_object_get(schema, "additionalProperties");
	return properties || !json_is_object(others) ? properties : schema_properties(others);
}

static bool is_number(const struct yaml_node *node)
{
	const char *digits = node->text + strspn(node->text, "+-");
	char *end;

	if (node->kind != YAML_SCALAR || !node->plain || digits[strspn(digits, "0123456789.eE+-")] || !*digits)
		return false;
	(void)strtod(node->text, &end);
	return *end == '\0';
}

static json_t *of_node(const struct yaml_node *node)
{
	json_t *json;
	bool value;

	if (node->kind == YAML_LIST) {
		json = json_array();
		for (size_t i = 0; i < node->count; i++)
			json_array_append_new(json, of_node(node->items[i]));
		return json;
	}
	if (node->kind == YAML_MAP) {
		json = json_object();
		for (size_t i = 0; i < node->count; i++)
			json_object_set_new(json, node->pairs[i].key->text, of_node(node->pairs[i].value));
		return json;
	}
	if (yaml_is_null(node))
		return json_null();
	if (yaml_is_bool(node, &value))
		return json_boolean(value);
	if (!is_number(node))
		return json_string(node->text);
	return strpbrk(node->text, ".eE") ? json_real(strtod(node->text, NULL))
					  : json_integer(strtoll(node->text, NULL, 10));
}

json_t *schema_json_of_yaml(const char *bytes)
{
	struct text text = help_text("schema.yaml", bytes);
	struct yaml_document document;
	struct report report = {0};
	json_t *json;

	ck_assert_int_eq(yaml_read(&text, "/", &document, &report), 0);
	json = of_node(document.root);
	yaml_finish(&document);
	report_finish(&report);
	return json;
}
