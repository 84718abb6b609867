/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "config/check.h"
#include "config/schema.h"

#define DEFINITIONS                                                                 \
	"{\"text\":{\"type\":[\"string\",\"number\",\"boolean\"],\"minLength\":1}," \
	"\"variable\":{\"type\":\"string\",\"pattern\":\"[$]\"}}"

static json_t *of_table(const struct schema_key *table);

/* A type's own schema with the row's limits in it. */
static json_t *of_text(const struct schema_key *key)
{
	char text[1024], *out = text;

	for (const char *at = key->type->json; *at && out < text + sizeof text - 24;) {
		bool min = strncmp(at, "%min", 4) == 0, max = strncmp(at, "%max", 4) == 0;

		if (min || max)
			out += sprintf(out, "%" PRIu64, min ? key->min : key->max);
		else
			*out++ = *at;
		at += min || max ? 4 : 1;
	}
	*out = '\0';
	return json_loads(text, 0, NULL);
}

/* Add a choice to a schema's: both references are stolen. */
static json_t *either(json_t *one, json_t *other)
{
	return json_pack("{s:[o, o]}", "anyOf", one, other);
}

/* Values may have variables in them. */
static json_t *with_variables(json_t *schema)
{
	return either(schema, json_pack("{s:s}", "$ref", "#/$defs/variable"));
}

static json_t *of_processes(const struct schema_key *key)
{
	json_t *process = either(of_table(key->inner), of_text(schema_find(key->inner, "command")));

	process = process ? either(process, json_pack("{s:s}", "type", "null")) : NULL;
	return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", process);
}

static json_t *of_key(const struct schema_key *key)
{
	const struct schema_key *brief = key->brief ? schema_find(key->inner, key->brief) : NULL;
	json_t *schema;

	if (key->type == &type_processes)
		schema = of_processes(key);
	else if (key->inner)
		schema = brief ? either(of_table(key->inner), of_key(brief)) : of_table(key->inner);
	else
		schema = key->type->literal ? of_text(key) : with_variables(of_text(key));
	schema = schema ? either(schema, json_pack("{s:s}", "type", "null")) : NULL;
	if (schema)
		json_object_set_new(schema, "description", json_string(key->help));
	return schema;
}

/* A mapping of a table's keys, and of nothing else but those that begin with "x-". */
static json_t *of_table(const struct schema_key *table)
{
	json_t *properties = json_object();

	for (const struct schema_key *key = table; properties && key->name; key++) {
		if (json_object_set_new(properties, key->name, of_key(key)) != 0) {
			json_decref(properties);
			return NULL;
		}
	}
	return json_pack("{s:s, s:b, s:{s:{}}, s:o}", "type", "object", "additionalProperties", 0, "patternProperties",
			 "^x-", "properties", properties);
}

int schema_print_json(FILE *out)
{
	json_t *json = of_table(schema_file), *definitions = json_loads(DEFINITIONS, 0, NULL);
	int result = -ENOMEM;

	if (json && definitions) {
		json_object_set_new(json, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
		json_object_set_new(json, "title", json_string("brummer.yaml"));
		json_object_set(json, "$defs", definitions);
		result = json_dumpf(json, out, JSON_INDENT(2)) == 0 ? 0 : -EIO;
	}
	json_decref(json);
	json_decref(definitions);
	if (result == 0 && (fputc('\n', out) == EOF || fflush(out) != 0))
		result = -errno;
	return result;
}
