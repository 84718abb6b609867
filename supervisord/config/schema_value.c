/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/interpolate.h"
#include "config/schema.h"
#include "config/units.h"

#define SHOWN_MAX 60                         /* bytes of a wrong value in a message */
#define TEXTS_MAX ((size_t)64 * 1024 * 1024) /* variables can make much of little */

int schema_wrong(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key)
{
	const char *outer = take->outer ? take->outer->name : "", *dot = take->outer ? "." : "";
	const char *expected = key->type->expected;
	char range[64] = "";

	if (key->type == &type_count || key->type == &type_files || key->type == &type_replicas)
		snprintf(range, sizeof range, " of %llu to %llu", (unsigned long long)key->min,
			 (unsigned long long)key->max);
	if (node->kind != YAML_SCALAR)
		yaml_error(take->report, node, "%s%s%s is a %s, expected %s%s", outer, dot, key->name,
			   node->kind == YAML_LIST ? "list" : "mapping", expected, range);
	else
		yaml_error(take->report, node, "%s%s%s is \"%.*s\", expected %s%s", outer, dot, key->name, SHOWN_MAX,
			   node->text, expected, range);
	return -EINVAL;
}

int schema_too_many(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key)
{
	yaml_error(take->report, node, "%s has %zu members, expected less", key->name, node->count);
	return -EINVAL;
}

/* A variable's value: of the file's env, the supervisor's environment, the file's env_file. */
static const char *variable(const void *arg, const char *name)
{
	const struct schema_take *take = arg;
	const char *value = env_get(take->env, name);

	value = value ? value : getenv(name);
	return value ? value : env_get(take->file_env, name);
}

/* A text with its variables replaced. */
static int make_text(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, char **out)
{
	struct interpolation with = {.value = variable, .arg = take};

	*out = key->type->literal ? strdup(node->text) : interpolate(&with, node->text);
	if (!*out && errno == EINVAL)
		yaml_error(take->report, node, "%s", with.error);
	if (!*out)
		return errno == EINVAL ? -EINVAL : -ENOMEM;
	if (*with.unknown)
		yaml_warning(take->report, node, "%s is not set, and is taken as empty", with.unknown);
	return 0;
}

int schema_text(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, char **out)
{
	char *text;
	int result;

	if (node->kind != YAML_SCALAR || yaml_is_null(node))
		return schema_wrong(take, node, key);
	result = take->text ? take->text(take, node, &text) : make_text(take, node, key, &text);
	if (result != 0)
		return result;
	take->bytes += strlen(text);
	if (take->bytes <= TEXTS_MAX) {
		*out = text;
		return 0;
	}
	free(text);
	yaml_error(take->report, node, "too much text in all values together, expected at most 64 MiB");
	return -EINVAL;
}

int schema_number(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, uint64_t min,
		  uint64_t max, uint64_t *out)
{
	char *text;
	int result = schema_text(take, node, key, &text);

	if (result != 0)
		return result;
	result = units_count(text, min, max, out);
	free(text);
	return result != 0 ? schema_wrong(take, node, key) : 0;
}

int schema_list(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, char ***out)
{
	size_t count = node->kind == YAML_LIST ? node->count : 1;
	char **list;
	int result = 0;

	if (node->kind == YAML_MAP)
		return schema_wrong(take, node, key);
	list = calloc(count + 1, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count && result == 0; i++)
		result = schema_text(take, node->kind == YAML_LIST ? node->items[i] : node, key, &list[i]);
	if (result != 0) {
		list_free(list);
		return result;
	}
	list_free(*out);
	*out = list;
	return 0;
}

char *schema_path(const char *folder, const char *path)
{
	char *whole = NULL;

	while (path[0] == '.' && path[1] == '/')
		path += 2;
	if (*path == '/')
		return strdup(path);
	if (strcmp(path, ".") == 0 || !*path)
		return strdup(folder);
	return asprintf(&whole, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path) < 0 ? NULL : whole;
}

static int take_nothing(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	(void)take, (void)node, (void)key, (void)base;
	return 0;
}

static int take_refused(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	const char *outer = take->outer ? take->outer->name : "", *dot = take->outer ? "." : "";
	bool value = true;

	(void)base;
	if (!yaml_is_bool(node, &value) || value)
		yaml_warning(take->report, node, "%s%s%s has no effect: %s", outer, dot, key->name, key->help);
	return 0;
}

const struct schema_type type_refused = {"anything", "{}", false, take_refused, NULL};
const struct schema_type type_passed = {"anything", "{}", false, take_nothing, NULL};
const struct schema_type type_processes = {"a mapping of names to processes", "", false, take_nothing, NULL};
const struct schema_type type_include = {"a file or a list of files",
					 "{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},{\"type\":\"array\","
					 "\"items\":{\"type\":\"string\",\"minLength\":1}}]}",
					 false, take_nothing, NULL};
const struct schema_type type_ignored = {"anything", "{}", false, take_nothing, NULL};
