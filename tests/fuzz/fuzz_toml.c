/* SPDX-License-Identifier: MIT */
/*
 * fuzz_toml.c - any text as TOML
 *
 * What is accepted is whole: it can be printed as JSON, and every key has its place in the text. What is refused leaves
 * one error with a place, and nothing else.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct toml *toml, const json_t *table, unsigned depth)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)table, key, value)
	{
		assert(toml_where(toml, table, key) <= toml->text.length);
		if (json_is_object(value) && depth < 8)
			look(toml, value, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {.file = "x.toml", .bytes = (const char *)data, .length = size};
	struct report report = {0};
	struct toml toml;
	int result = size < 65536 ? toml_parse(&text, &toml, &report) : -1;

	if (result == 0) {
		char *dumped = json_dumps(toml.root, JSON_COMPACT);

		assert(!report.failed);
		look(&toml, toml.root, 0);
		free(dumped);
		toml_finish(&toml);
	} else if (size < 65536) {
		assert(list_length(report.errors) == 1 && strncmp(report.errors[0], "x.toml:", 7) == 0);
	}
	report_finish(&report);
	return 0;
}
