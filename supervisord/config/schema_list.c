/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/explain.h"
#include "config/schema.h"
#include "config/units.h"

#define LIST_JSON "{\"anyOf\":[{\"$ref\":\"#/$defs/text\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/text\"}}]}"

static char ***list_of(const struct schema_key *key, const void *base)
{
	return (char ***)((char *)base + key->offset);
}

static void print_words(FILE *out, char *const *list)
{
	for (size_t i = 0; list && list[i]; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", list[i]);
}

static void print_list(FILE *out, const struct schema_key *key, const void *base)
{
	print_words(out, *list_of(key, base));
}

static bool has_empty(char *const *list)
{
	for (; *list; list++)
		if (!**list)
			return true;
	return false;
}

/* Texts that are not empty. */
static int take_names(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	char ***list = list_of(key, base);
	int result = schema_list(take, node, key, list);

	return result == 0 && has_empty(*list) ? schema_wrong(take, node, key) : result;
}

const struct schema_type type_names = {"a name or a list of names", LIST_JSON, false, take_names, NULL};
const struct schema_type type_globs = {"a path or a list of paths", LIST_JSON, false, take_names, print_list};

int schema_set_command(struct spec *spec, const char *text)
{
	size_t length = strlen(text);
	char *command;

	while (length > 0 && strchr(" \t\n", text[length - 1]))
		length--;
	command = strndup(text, length);
	list_free(spec->argv);
	spec->argv = list_copy(NULL);
	free(spec->command);
	spec->command = command;
	return command && spec->argv ? 0 : -ENOMEM;
}

/* A text is the shell's, untouched; a list is argv. */
static int take_command(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	struct spec *spec = &take->draft->spec;
	char **argv = NULL;
	int result;

	(void)base;
	if (node->kind == YAML_MAP || (node->kind == YAML_SCALAR && !node->text[strspn(node->text, " \t\n")]))
		return schema_wrong(take, node, key);
	if (node->kind == YAML_SCALAR)
		return schema_set_command(spec, node->text);
	result = schema_list(take, node, key, &argv);
	if (result == 0 && (!argv[0] || !*argv[0]))
		result = schema_wrong(take, node, key);
	if (result != 0) {
		list_free(argv);
		return result;
	}
	list_free(spec->argv);
	spec->argv = argv;
	free(spec->command);
	spec->command = NULL;
	return 0;
}

static void print_command(FILE *out, const struct schema_key *key, const void *base)
{
	const struct spec *spec = &((const struct draft *)base)->spec;

	(void)key;
	if (spec->command)
		fputs(spec->command, out);
	else
		print_words(out, spec->argv);
}

#define COMMAND_JSON                                                                             \
	"{\"anyOf\":[{\"type\":[\"string\",\"number\",\"boolean\"],\"pattern\":\"[^ \\t\\n]\"}," \
	"{\"$ref\":\"#/$defs/argv\"}]}"

const struct schema_type type_command = {"a command, or a list of a program and its arguments", COMMAND_JSON, false,
					 take_command, print_command};

static int take_shell(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	int result;

	if (node->kind != YAML_LIST || node->count == 0)
		return schema_wrong(take, node, key);
	result = take_names(take, node, key, base);
	if (take->draft)
		take->draft->has_shell = take->draft->has_shell || result == 0;
	return result;
}

const struct schema_type type_shell = {"a list such as [\"/bin/bash\", \"-c\"]",
				       "{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/$defs/text\"}}",
				       false, take_shell, print_list};

bool schema_is_key(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c == '=' || (unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return *text != '\0';
}

/* One variable, or one that is unset. */
static int take_variable(struct schema_take *take, const struct yaml_pair *pair, const struct schema_key *key,
			 char ***env)
{
	char *text = NULL;
	int result = 0;

	if (!schema_is_key(pair->key->text)) {
		yaml_error(take->report, pair->key, "\"%s\" is no name, expected one without = and control characters",
			   pair->key->text);
		return -EINVAL;
	}
	if (!yaml_is_null(pair->value))
		result = schema_text(take, pair->value, key, &text);
	if (result == 0)
		result = env_set(env, pair->key->text, text);
	free(text);
	if (result == 0 && take->explanation && key->type == &type_env)
		result = explanation_add_env(take->explanation, pair->key->text, pair->value, NULL);
	return result;
}

static int take_variables(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			  void *base)
{
	int result = 0;

	if (node->kind != YAML_MAP)
		return schema_wrong(take, node, key);
	if (node->count > SCHEMA_MEMBERS_MAX)
		return schema_too_many(take, node, key);
	for (size_t i = 0; i < node->count && result != -ENOMEM; i++) {
		int rc = take_variable(take, &node->pairs[i], key, list_of(key, base));

		result = rc == -ENOMEM || result == 0 ? rc : result;
	}
	return result;
}

#define MAP_JSON                                                                                                 \
	"{\"type\":\"object\",\"propertyNames\":{\"pattern\":\"^[^=]+$\"},\"additionalProperties\":{\"anyOf\":[" \
	"{\"$ref\":\"#/$defs/value\"},{\"type\":\"null\"}]}}"

const struct schema_type type_env = {"a mapping of names to values", MAP_JSON, false, take_variables, print_list};
const struct schema_type type_labels = {"a mapping of names to values", MAP_JSON, false, take_variables, print_list};
