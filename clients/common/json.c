/* SPDX-License-Identifier: MIT */
#include "clients/common/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX  31
#define SIZE_FIRST 4096

static bool reserve(struct json *json, size_t more)
{
	size_t size = json->size ? json->size : SIZE_FIRST;
	char *text;

	if (json->failed)
		return false;
	if (json->size - json->length > more)
		return true;
	while (size - json->length <= more)
		size *= 2;
	text = realloc(json->text, size);
	if (!text) {
		json->failed = true;
		return false;
	}
	json->text = text;
	json->size = size;
	return true;
}

static void put(struct json *json, const char *text, size_t length)
{
	if (!reserve(json, length))
		return;
	memcpy(json->text + json->length, text, length);
	json->length += length;
	json->text[json->length] = '\0';
}

/* Before each value: a comma if one stands there already. */
static void separate(struct json *json)
{
	uint32_t bit = 1u << json->depth;

	if (json->comma & bit)
		put(json, ",", 1);
	json->comma |= bit;
}

static void open_level(struct json *json, const char *bracket)
{
	separate(json);
	put(json, bracket, 1);
	assert(json->depth < DEPTH_MAX);
	json->depth++;
	json->comma &= ~(1u << json->depth);
}

static void close_level(struct json *json, const char *bracket)
{
	assert(json->depth > 0);
	json->depth--;
	put(json, bracket, 1);
}

void json_init(struct json *json)
{
	memset(json, 0, sizeof *json);
}

void json_reset(struct json *json)
{
	json->length = 0;
	json->comma = 0;
	json->depth = 0;
	json->failed = false;
}

void json_finish(struct json *json)
{
	free(json->text);
	json_init(json);
}

const char *json_text(const struct json *json)
{
	if (json->failed)
		return NULL;
	return json->length ? json->text : "";
}

void json_open_object(struct json *json)
{
	open_level(json, "{");
}

void json_close_object(struct json *json)
{
	close_level(json, "}");
}

void json_open_array(struct json *json)
{
	open_level(json, "[");
}

void json_close_array(struct json *json)
{
	close_level(json, "]");
}

/*
 * Length of the UTF-8 character at text, 0 when the bytes are none (surrogates, overlong forms and values beyond
 * U+10FFFF are none).
 */
static size_t character(const unsigned char *text, size_t length)
{
	static const struct {
		unsigned char first, last; /* of the leading byte */
		unsigned char low, high;   /* of the second byte */
		size_t length;
	} forms[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].length > length)
			return 0;
		if (forms[i].length > 1 && (text[1] < forms[i].low || text[1] > forms[i].high))
			return 0;
		for (size_t j = 2; j < forms[i].length; j++)
			if ((text[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/* What stands for a byte that cannot stand for itself. */
static void put_escape(struct json *json, unsigned char byte)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char text[8];

	for (size_t i = 0; i + 1 < sizeof names; i += 2) {
		if ((unsigned char)names[i] == byte) {
			text[0] = '\\';
			text[1] = names[i + 1];
			put(json, text, 2);
			return;
		}
	}
	snprintf(text, sizeof text, "\\u%04x", byte);
	put(json, text, 6);
}

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Are eight bytes all plain? Below the first that is not, nothing borrows or carries. */
static bool are_plain(uint64_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t quotes = bytes ^ ones * '"', backslashes = bytes ^ ones * '\\';
	uint64_t odd = bytes | (bytes - ones * 0x20) | (bytes + ones) | (quotes - ones) | (backslashes - ones);

	return (odd & ones << 7) == 0;
}

/* How many of the bytes stand for themselves, up to the first that does not. */
static size_t plain_length(const unsigned char *text, size_t length)
{
	size_t done = 0;
	uint64_t bytes;

	for (; done + sizeof bytes <= length; done += sizeof bytes) {
		memcpy(&bytes, text + done, sizeof bytes);
		if (!are_plain(bytes))
			break;
	}
	while (done < length && is_plain(text[done]))
		done++;
	return done;
}

static void put_quoted(struct json *json, const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char *end = at + length;

	put(json, "\"", 1);
	while (at < end) {
		size_t bytes = plain_length(at, (size_t)(end - at));

		put(json, (const char *)at, bytes);
		at += bytes;
		if (at == end)
			break;
		bytes = character(at, (size_t)(end - at));
		if (bytes > 1)
			put(json, (const char *)at, bytes);
		else if (bytes == 1)
			put_escape(json, *at);
		else
			put(json, "\xef\xbf\xbd", 3);
		at += bytes ? bytes : 1;
	}
	put(json, "\"", 1);
}

void json_key(struct json *json, const char *key)
{
	separate(json);
	put_quoted(json, key, strlen(key));
	put(json, ":", 1);
	json->comma &= ~(1u << json->depth); /* the value after it needs none */
}

void json_put_string(struct json *json, const char *text)
{
	json_put_string_n(json, text, strlen(text));
}

void json_put_string_n(struct json *json, const char *text, size_t length)
{
	separate(json);
	put_quoted(json, text, length);
}

void json_pair(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_put_string(json, value);
}

void json_int(struct json *json, int64_t value)
{
	char text[24];

	separate(json);
	put(json, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)value));
}

void json_uint(struct json *json, uint64_t value)
{
	char text[24];

	separate(json);
	put(json, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)value));
}

void json_fixed(struct json *json, int64_t value, unsigned decimals)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t scale = 1;
	char text[48];

	for (unsigned i = 0; i < decimals; i++)
		scale *= 10;
	for (; decimals > 0 && magnitude % 10 == 0; decimals--, scale /= 10)
		magnitude /= 10;
	separate(json);
	if (value < 0)
		put(json, "-", 1);
	put(json, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)(magnitude / scale)));
	if (decimals > 0)
		put(json, text,
		    (size_t)snprintf(text, sizeof text, ".%0*llu", (int)decimals,
				     (unsigned long long)(magnitude % scale)));
}

void json_bool(struct json *json, bool value)
{
	separate(json);
	put(json, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json *json)
{
	separate(json);
	put(json, "null", 4);
}

void json_raw(struct json *json, const char *text, size_t length)
{
	separate(json);
	put(json, text, length);
}
