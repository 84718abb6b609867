/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "config/dotenv.h"
#include "config/explain.h"
#include "config/schema.h"

#define FILES_MAX 64u

/* Set what a file says over what is there already. */
static int set_all(struct schema_take *take, const struct yaml_node *node, const char *file, char **from, char ***env)
{
	int result = 0;

	for (size_t i = 0; from && from[i] && result == 0; i++) {
		char *equals = strchr(from[i], '=');

		*equals = '\0';
		result = env_set(env, from[i], equals + 1);
		if (result == 0 && take->explanation)
			result = explanation_add_env(take->explanation, from[i], node, file);
		*equals = '=';
	}
	return result;
}

/* The variables of one file. That it is not there is worth a warning: .env.local often is not. */
static int read_file(struct schema_take *take, const struct yaml_node *node, const char *name, char ***env)
{
	char *path = schema_path(node->folder, name);
	char **from = NULL;
	struct text text;
	int result;

	if (!path)
		return -ENOMEM;
	result = text_read(AT_FDCWD, path, DOTENV_BYTES_MAX, &text, take->report);
	if (result == -ENOENT)
		yaml_warning(take->report, node, "%s is not there", name);
	if (result == 0) {
		text.file = name;
		result = dotenv_parse(&text, &from, take->report);
		text_finish(&text);
		if (result == 0)
			result = set_all(take, node, name, from, env);
		list_free(from);
	}
	free(path);
	return result == -ENOENT ? 0 : result;
}

/* The variables of files, over those of the files before. */
static int take_env_file(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			 void *base)
{
	char ***env = (char ***)((char *)base + key->offset);
	size_t count = node->kind == YAML_LIST ? node->count : 1;
	int result = node->kind == YAML_MAP ? schema_wrong(take, node, key) : 0;

	if (count > FILES_MAX)
		return schema_too_many(take, node, key);
	for (size_t i = 0; i < count && result == 0; i++) {
		const struct yaml_node *item = node->kind == YAML_LIST ? node->items[i] : node;
		char *name;

		result = schema_text(take, item, key, &name);
		if (result != 0)
			return result;
		result = !*name                  ? schema_wrong(take, item, key)
			 : take->touches_no_file ? 0
						 : read_file(take, item, name, env);
		free(name);
	}
	return result;
}

const struct schema_type type_env_file = {"a file or a list of files",
					  "{\"anyOf\":[{\"$ref\":\"#/$defs/text\"},{\"type\":\"array\",\"items\":"
					  "{\"$ref\":\"#/$defs/text\"}}]}",
					  false, take_env_file, NULL};
