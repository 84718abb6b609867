/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_JSON_H
#define CLIENTS_COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * common/json.h - write JSON into a buffer that grows and is reused
 *
 * Commas and quotes are the writer's. Strings may hold any bytes: what is not UTF-8 becomes U+FFFD. Running out of
 * memory is remembered; json_text() then returns NULL.
 *
 * No name here is one of jansson's (json_string, json_null, ...), so that a file may use both.
 */

struct json {
	char *text;
	size_t length;
	size_t size;
	uint32_t comma; /* a bit a level: a value is already there */
	unsigned depth;
	bool failed;
};

void json_init(struct json *json);
void json_reset(struct json *json); /* empty, memory kept */
void json_finish(struct json *json);
const char *json_text(const struct json *json); /* NUL-terminated; NULL when memory ran out */

void json_open_object(struct json *json);
void json_close_object(struct json *json);
void json_open_array(struct json *json);
void json_close_array(struct json *json);
void json_key(struct json *json, const char *key);
void json_put_string(struct json *json, const char *text);
void json_put_string_n(struct json *json, const char *text, size_t length);
void json_pair(struct json *json, const char *key, const char *text); /* of an object: a string */
void json_int(struct json *json, int64_t value);
void json_uint(struct json *json, uint64_t value);
void json_fixed(struct json *json, int64_t value, unsigned decimals); /* value / 10^decimals, no trailing zeros */
void json_bool(struct json *json, bool value);
void json_put_null(struct json *json);
void json_raw(struct json *json, const char *text, size_t length); /* a whole value, already JSON */

#endif
