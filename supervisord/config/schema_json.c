/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "config/check.h"
#include "config/jsonc.h"
#include "config/schema.h"
#include "config/units.h"

/* Text in which every ${ has a name and an end; with $$ for a dollar sign. */
#define FILLED "^([^$]|[$][^{]|[$][{][A-Za-z_][A-Za-z0-9_]*(:?[-?][^}]*)?[}])*[$]?$"

/* What types refer to: a value, one that is not empty, one with a variable, and a program with its arguments. */
#define DEFINITIONS                                                                                             \
	"{\"value\":{\"type\":[\"string\",\"number\",\"boolean\"],\"pattern\":\"" FILLED "\"},"                 \
	"\"text\":{\"$ref\":\"#/$defs/value\",\"minLength\":1},"                                                \
	"\"variable\":{\"type\":\"string\",\"allOf\":[{\"pattern\":\"[$][{]\"},{\"pattern\":\"" FILLED "\"}]}," \
	"\"argv\":{\"type\":\"array\",\"minItems\":1,\"prefixItems\":[{\"$ref\":\"#/$defs/text\"}],"            \
	"\"items\":{\"$ref\":\"#/$defs/value\"}}}"

static json_t *of_table(const struct schema_key *table);

/* Names of signals, in capitals or small letters, between bars. */
static void print_signals(FILE *out)
{
	char name[16];

	for (int small = 0; small < 2; small++) {
		fprintf(out, "%s(%s)?(", small ? "|" : "", small ? "sig" : "SIG");
		for (int i = 1; i < 32; i++) {
			units_print_signal(i, name, sizeof name);
			for (char *c = name; small && *c; c++)
				*c = (char)tolower((unsigned char)*c);
			fprintf(out, "%s%s", i > 1 ? "|" : "", name);
		}
		fputc(')', out);
	}
}

/* A type's own schema with the row's limits in it. */
static json_t *of_text(const struct schema_key *key)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *json;

	for (const char *at = key->type->json; out && *at; at++) {
		if (*at != '%') {
			fputc(*at, out);
			continue;
		}
		if (at[1] == 's')
			print_signals(out);
		else
			fprintf(out, "%" PRIu64, at[2] == 'i' ? key->min : key->max);
		at += strlen("min");
	}
	if (!out || fclose(out) != 0)
		return NULL;
	json = json_loads(text, 0, NULL);
	free(text);
	return json;
}

/* Add a choice to a schema's: both references are stolen. */
static json_t *either(json_t *one, json_t *other)
{
	return json_pack("{s:[o, o]}", "anyOf", one, other);
}

/* A value may have variables in it, if it is one: in a mapping or list its members have them. */
static json_t *with_variables(json_t *schema)
{
	const char *type = json_text(schema, "type");

	if (type && (strcmp(type, "object") == 0 || strcmp(type, "array") == 0))
		return schema;
	return either(schema, json_pack("{s:s}", "$ref", "#/$defs/variable"));
}

/* Of the keys that ask something one is there, and no null. */
static json_t *of_probe(const struct schema_key *key)
{
	json_t *schema = of_table(key->inner), *kinds = json_array();

	for (const char *const *kind = probe_kinds; *kind; kind++)
		if (schema_find(key->inner, *kind))
			json_array_append_new(kinds, json_pack("{s:[s], s:{s:{s:{s:s}}}}", "required", *kind,
							       "properties", *kind, "not", "type", "null"));
	if (!schema || json_object_set_new(schema, "oneOf", kinds) != 0) {
		json_decref(schema);
		return NULL;
	}
	return schema;
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
	else if (key->type == &type_probe)
		schema = of_probe(key);
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
