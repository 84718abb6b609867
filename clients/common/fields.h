/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_FIELDS_H
#define CLIENTS_COMMON_FIELDS_H

#include "clients/common/json.h"
#include "clients/common/source.h"

/*
 * common/fields.h - ONE table of what can be said of a process
 *
 * Columns of `ls`, the JSON object, `show`, the schemas of the MCP tools, sorting and the columns of the screen all
 * come from it: name, type, unit, width, help, and how to get it from a process.
 */

enum field_type {
	FIELD_STRING,
	FIELD_INT,
	FIELD_SECONDS,
	FIELD_TIME,
	FIELD_PERCENT,
	FIELD_BYTES,
	FIELD_BOOL,
	FIELD_STRINGS,
	FIELD_INTS,
	FIELD_MAP /* "key=value" strings; an object in JSON */
};

/* A value, or absent: what is not known is never invented. */
struct value {
	bool present;
	uint32_t count; /* of ints */
	union {
		int64_t number;          /* INT; SECONDS and TIME in ns; PERCENT in permille; BYTES; BOOL */
		const char *text;        /* STRING: in the process, or in the caller's scratch */
		struct brm_strings list; /* STRINGS, MAP */
		const uint16_t *ints;    /* INTS */
	};
};

#define FIELD_SCRATCH 320

struct field {
	const char *key;    /* JSON key: "startTime" */
	const char *column; /* heading of the table: "UPTIME"; NULL: only in JSON and show */
	enum field_type type;
	unsigned width;   /* least width of the column */
	const char *help; /* one sentence */
	struct value (*get)(const struct process *process, const struct snapshot *snapshot,
			    char scratch[FIELD_SCRATCH]);
};

extern const struct field fields[];
extern const size_t field_count;

/* By key or by column, whatever the case; NULL when there is none. */
const struct field *field_find(const char *name);

/*
 * A value of a type, of this table or of any other: as JSON; and as a person reads it, into out, cut to size at a
 * character. value_text() returns the length; "" when absent.
 */
void value_json(struct json *json, enum field_type type, const struct value *value);
size_t value_text(enum field_type type, const struct value *value, char *out, size_t size);

/* The object of `ls --json` and scripts_status for one process; and the whole {"instance":..., "processes":[...]}. */
void fields_json_process(struct json *json, const struct process *process, const struct snapshot *snapshot);
void fields_json_instance(struct json *json, const struct snapshot *snapshot, enum read_path path);
/* The object under "instance" alone. */
void fields_json_about(struct json *json, const struct snapshot *snapshot, enum read_path path);

/* "SIGKILL" for 9, "SIGRTMIN+1", "signal 99"; static or thread storage. */
const char *signal_word(int signal);
/* The number of "KILL", "SIGKILL" or "9". -EINVAL */
int signal_parse(const char *word, int *signal);

/* The value as a person reads it ("2h14m", "418M", "38.0%"), into out; "" when absent. Returns its length. */
size_t field_text(const struct field *field, const struct process *process, const struct snapshot *snapshot, char *out,
		  size_t size);

/* The JSON Schema of a process object, from the same table. */
void fields_json_schema(struct json *json);

#endif
