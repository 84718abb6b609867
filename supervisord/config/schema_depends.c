/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"
#include "config/units.h"

static const char *const conditions[] = {
	[CONDITION_STARTED] = "started",
	[CONDITION_READY] = "ready",
	[CONDITION_SUCCESS] = "success",
	[CONDITION_EXIT] = "exit",
};

#define CONDITIONS (sizeof conditions / sizeof *conditions)

struct dependency *schema_dependency(struct spec *spec, const struct yaml_node *node)
{
	struct dependency *grown;
	char *place;
	size_t i = 0;

	while (i < spec->depends_count && strcmp(spec->depends_on[i].name, node->text) != 0)
		i++;
	if (i == spec->depends_count) {
		grown = realloc(spec->depends_on, (i + 1) * sizeof *grown);
		if (!grown)
			return NULL;
		spec->depends_on = grown;
		grown[i] = (struct dependency){.name = strdup(node->text)};
		if (!grown[i].name)
			return NULL;
		spec->depends_count++;
	}
	if (asprintf(&place, "%s:%zu:%zu", node->file, node->line, node->column) < 0)
		return NULL;
	free(spec->depends_on[i].place);
	spec->depends_on[i].place = place;
	return &spec->depends_on[i];
}

static void forget_all(struct spec *spec)
{
	for (size_t i = 0; i < spec->depends_count; i++) {
		free(spec->depends_on[i].name);
		free(spec->depends_on[i].place);
	}
	spec->depends_count = 0;
}

static int take_condition(struct schema_take *take, const struct yaml_node *node, struct dependency *to)
{
	size_t i = 0;

	while (i < CONDITIONS && (node->kind != YAML_SCALAR || strcmp(conditions[i], node->text) != 0))
		i++;
	if (i == CONDITIONS) {
		yaml_error(take->report, node, "\"%.40s\" is no condition, expected started, ready, success or exit",
			   node->text);
		return -EINVAL;
	}
	to->condition = (enum condition)i;
	return 0;
}

/* {condition, follow} */
static int take_details(struct schema_take *take, const struct yaml_node *map, struct dependency *to)
{
	int result = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_node *key = map->pairs[i].key, *value = map->pairs[i].value;
		int rc = 0;

		if (strcmp(key->text, "condition") == 0) {
			rc = take_condition(take, value, to);
		} else if (strcmp(key->text, "follow") != 0) {
			yaml_error(take->report, key, "there is no key %s, expected condition or follow", key->text);
			rc = -EINVAL;
		} else if (!yaml_is_bool(value, &to->follow)) {
			yaml_error(take->report, value, "follow is \"%.40s\", expected true or false", value->text);
			rc = -EINVAL;
		}
		result = rc != 0 ? rc : result;
	}
	return result;
}

static int take_one(struct schema_take *take, const struct yaml_node *name, const struct yaml_node *value,
		    const struct schema_key *key)
{
	struct dependency *to;

	if (name->kind != YAML_SCALAR || !*name->text)
		return schema_wrong(take, name, key);
	to = schema_dependency(&take->draft->spec, name);
	if (!to || !value || yaml_is_null(value))
		return to ? 0 : -ENOMEM;
	return value->kind == YAML_MAP ? take_details(take, value, to) : take_condition(take, value, to);
}

/* A mapping changes and adds; a list replaces. */
static int take_depends(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	int result = 0;

	(void)base;
	if (node->kind == YAML_SCALAR)
		return take_one(take, node, NULL, key);
	if (node->count > SCHEMA_MEMBERS_MAX)
		return schema_too_many(take, node, key);
	if (node->kind == YAML_LIST)
		forget_all(&take->draft->spec);
	for (size_t i = 0; i < node->count && result != -ENOMEM; i++) {
		int rc = node->kind == YAML_LIST ? take_one(take, node->items[i], NULL, key)
						 : take_one(take, node->pairs[i].key, node->pairs[i].value, key);

		result = rc == -ENOMEM || result == 0 ? rc : result;
	}
	return result;
}

static void print_depends(FILE *out, const struct schema_key *key, const void *base)
{
	const struct spec *spec = &((const struct draft *)base)->spec;

	(void)key;
	for (size_t i = 0; i < spec->depends_count; i++)
		fprintf(out, "%s%s: %s%s", i > 0 ? ", " : "", spec->depends_on[i].name,
			conditions[spec->depends_on[i].condition], spec->depends_on[i].follow ? " (follow)" : "");
}

#define CONDITION_JSON "{\"enum\":[\"started\",\"ready\",\"success\",\"exit\"]}"

const struct schema_type type_depends = {
	"a name, a list of names, or a mapping of names to conditions",
	"{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},{\"type\":\"array\",\"items\":{\"type\":\"string\","
	"\"minLength\":1}},{\"type\":\"object\",\"propertyNames\":{\"minLength\":1},\"additionalProperties\":"
	"{\"anyOf\":[{\"type\":\"null\"}," CONDITION_JSON ",{\"type\":\"object\",\"additionalProperties\":false,"
	"\"properties\":{\"condition\":" CONDITION_JSON ",\"follow\":{\"type\":\"boolean\"}}}]}}]}",
	true, take_depends, print_depends};

static int take_code(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
		     uint32_t *codes)
{
	uint64_t code;
	int result = schema_number(take, node, key, key->min, key->max, &code);

	if (result == 0)
		codes[code / 32] |= 1u << (code % 32);
	return result;
}

static int take_codes(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	uint32_t *codes = (uint32_t *)((char *)base + key->offset);
	int result = 0;

	if (node->kind == YAML_MAP)
		return schema_wrong(take, node, key);
	memset(codes, 0, sizeof take->draft->spec.success_codes);
	if (node->kind == YAML_SCALAR)
		return take_code(take, node, key, codes);
	for (size_t i = 0; i < node->count && result == 0; i++)
		result = take_code(take, node->items[i], key, codes);
	return result;
}

static void print_codes(FILE *out, const struct schema_key *key, const void *base)
{
	const uint32_t *codes = (const uint32_t *)((const char *)base + key->offset);

	fputs("0", out);
	for (unsigned i = 1; i < 256; i++)
		if (codes[i / 32] >> (i % 32) & 1)
			fprintf(out, " %u", i);
}

#define CODE_JSON                                                           \
	"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0,\"maximum\":255}," \
	"{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"}]}"

const struct schema_type type_codes = {"an exit code of 0 to 255, or a list of them",
				       "{\"anyOf\":[" CODE_JSON ",{\"type\":\"array\",\"items\":" CODE_JSON "}]}",
				       false, take_codes, print_codes};
