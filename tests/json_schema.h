/* SPDX-License-Identifier: MIT */
#ifndef TESTS_JSON_SCHEMA_H
#define TESTS_JSON_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

/*
 * json_schema.h - as much of JSON Schema as brummer.yaml's own needs
 */

/* Does a schema, of a whole that has its $defs, allow a value? Fails the test for a word it does not know. */
bool schema_allows(const json_t *whole, const json_t *schema, const json_t *value);

/* The properties of the mapping that a schema allows, maybe among others; NULL: it allows none. */
const json_t *schema_properties(const json_t *schema);

/* A YAML text as JSON, to be freed: plain words may be null, true, false and numbers. */
json_t *schema_json_of_yaml(const char *text);

#endif
