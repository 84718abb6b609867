/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_SCHEMA_H
#define CLIENTS_MCP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/common/json.h"

#include <jansson.h>

/*
 * mcp/schema.h - the members of arguments and of results: one table for their check and for their JSON Schema
 */

enum kind {
	KIND_STRING,
	KIND_INT,
	KIND_BOOL,
	KIND_STRINGS,   /* a list of strings */
	KIND_INTS,      /* results only: a list of integers */
	KIND_MAP,       /* an object whose values are strings */
	KIND_OBJECT,    /* of `members` */
	KIND_OBJECTS,   /* a list of those */
	KIND_PROCESS,   /* results only: the object of the field table */
	KIND_PROCESSES, /* results only: a list of those */
};

/* One member of an object. A list of them ends with a NULL name. */
struct slot {
	const char *name;
	enum kind kind;
	bool required;
	int64_t least;     /* INT: bounds; strings and lists: bounds of the length, in bytes and elements */
	int64_t most;      /* 0: no bound */
	int64_t absent;    /* INT: the value when it is not given */
	const char *words; /* STRING: the only values, as in "ready|exit|log"; NULL: any */
	const char *help;
	const struct slot *members;
};

/* {"type":"object","properties":{...},"required":[...],"additionalProperties":false} */
void schema_put(struct json *json, const struct slot *slots);

/*
 * Do the arguments (an object, or NULL for none) fit the slots? True, or false with a sentence that says what to change
 * in why[size].
 */
bool args_check(const json_t *args, const struct slot *slots, char *why, size_t size);

/* Values of checked arguments. Strings live as long as args; NULL when it was not given. */
const char *arg_string(const json_t *args, const char *name);
int64_t arg_int(const json_t *args, const struct slot *slots, const char *name);
bool arg_bool(const json_t *args, const char *name, bool absent);

#endif
