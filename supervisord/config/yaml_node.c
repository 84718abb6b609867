/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/yaml.h"

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++)
		if (strcmp(map->pairs[i].key->text, key) == 0)
			return map->pairs[i].value;
	return NULL;
}

static bool is_one_of(const struct yaml_node *node, const char *const *words)
{
	if (node->kind != YAML_SCALAR || !node->plain)
		return false;
	while (*words && strcmp(*words, node->text) != 0)
		words++;
	return *words != NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

	return is_one_of(node, words);
}

bool yaml_is_bool(const struct yaml_node *node, bool *value)
{
	static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL};
	static const char *const no[] = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL};

	*value = is_one_of(node, yes);
	return *value || is_one_of(node, no);
}

/* "FILE:LINE:COLUMN: " and the words. */
__attribute__((format(printf, 4, 0))) static void say_at(struct report *report,
							 void (*say)(struct report *report, const char *format, ...),
							 const struct yaml_node *node, const char *format, va_list args)
{
	char *words = NULL;

	if (vasprintf(&words, format, args) < 0)
		words = NULL;
	say(report, "%s:%zu:%zu: %s", node->file, node->line, node->column, words ? words : "no memory");
	free(words);
}

void yaml_error(struct report *report, const struct yaml_node *node, const char *format, ...)
{
	va_list args;

	if (node->reported)
		return;
	((struct yaml_node *)node)->reported = true;
	va_start(args, format);
	say_at(report, report_error, node, format, args);
	va_end(args);
}

void yaml_warning(struct report *report, const struct yaml_node *node, const char *format, ...)
{
	va_list args;

	if (node->reported || node->warned)
		return;
	((struct yaml_node *)node)->warned = true;
	va_start(args, format);
	say_at(report, report_warning, node, format, args);
	va_end(args);
}
