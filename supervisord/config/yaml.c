/* SPDX-License-Identifier: MIT */
#include "config/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#define ANCHORS_MAX 1024u
#define MERGED_MAX  512u /* keys of a mapping that merges another */

struct anchor {
	char *name;
	struct yaml_node *node;
};

struct builder {
	yaml_parser_t parser;
	struct yaml_document *document;
	struct report *report;
	struct anchor anchors[ANCHORS_MAX];
	size_t anchor_count;
	size_t nodes; /* that a walk would visit */
};

static int read_node(struct builder *b, yaml_event_t *event, unsigned depth, struct yaml_node **out);

static int fail(struct builder *b, const yaml_mark_t *at, const char *what)
{
	report_error(b->report, "%s:%zu:%zu: %s", b->document->file, at->line + 1, at->column + 1, what);
	return -EINVAL;
}

/* What libyaml found wrong. */
static int syntax_error(struct builder *b)
{
	const yaml_parser_t *parser = &b->parser;
	char what[512];

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	snprintf(what, sizeof what, "%s%s%s, expected YAML", parser->problem ? parser->problem : "not readable",
		 parser->context ? " " : "", parser->context ? parser->context : "");
	return fail(b, &parser->problem_mark, what);
}

static int next_event(struct builder *b, yaml_event_t *event)
{
	return yaml_parser_parse(&b->parser, event) ? 0 : syntax_error(b);
}

static struct yaml_node *new_node(struct builder *b, enum yaml_kind kind, const yaml_mark_t *at)
{
	struct yaml_node *node = calloc(1, sizeof *node);

	if (!node)
		return NULL;
	*node = (struct yaml_node){.kind = kind,
				   .open = true,
				   .height = 1,
				   .weight = 1,
				   .line = at->line + 1,
				   .column = at->column + 1,
				   .file = b->document->file,
				   .folder = b->document->folder,
				   .text = "",
				   .next = b->document->all};
	b->document->all = node;
	return node;
}

/* Count what a walk would visit again. */
static int count_nodes(struct builder *b, size_t count, const yaml_mark_t *at)
{
	b->nodes += count;
	return b->nodes <= YAML_NODES_MAX ? 0 : fail(b, at, "too much in one file, expected at most 1000000 values");
}

static int keep_anchor(struct builder *b, const yaml_char_t *name, struct yaml_node *node, const yaml_mark_t *at)
{
	char *copy;

	if (!name)
		return 0;
	if (b->anchor_count == ANCHORS_MAX)
		return fail(b, at, "too many anchors, expected at most 1024");
	copy = strdup((const char *)name);
	if (!copy)
		return -ENOMEM;
	b->anchors[b->anchor_count++] = (struct anchor){copy, node};
	return 0;
}

/* The node an alias stands for; a later anchor of the same name wins. */
static int read_alias(struct builder *b, const yaml_event_t *event, unsigned depth, struct yaml_node **out)
{
	const char *name = (const char *)event->data.alias.anchor;
	size_t i = b->anchor_count;

	while (i > 0 && strcmp(b->anchors[i - 1].name, name) != 0)
		i--;
	if (i == 0)
		return fail(b, &event->start_mark, "an alias of nothing, expected one of an anchor before it");
	if (b->anchors[i - 1].node->open)
		return fail(b, &event->start_mark, "an alias inside what it stands for, expected it after its end");
	if (depth + b->anchors[i - 1].node->height > YAML_DEPTH_MAX)
		return fail(b, &event->start_mark, "nested too deeply, expected at most 40 levels");
	*out = b->anchors[i - 1].node;
	return count_nodes(b, (*out)->weight, &event->start_mark);
}

/* A tag changes nothing but that !!str makes text of a number. */
static int check_tag(struct builder *b, const yaml_event_t *event, const yaml_char_t *tag)
{
	static const char core[] = "tag:yaml.org,2002:";

	if (!tag || strcmp((const char *)tag, "!") == 0 || strncmp((const char *)tag, core, sizeof core - 1) == 0)
		return 0;
	return fail(b, &event->start_mark, "a tag that says nothing here, expected none");
}

static int read_scalar(struct builder *b, const yaml_event_t *event, struct yaml_node **out)
{
	struct yaml_node *node = new_node(b, YAML_SCALAR, &event->start_mark);
	char *text = NULL;

	if (!node)
		return -ENOMEM;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.plain_implicit;
	node->open = false;
	if (memchr(event->data.scalar.value, '\0', event->data.scalar.length))
		return fail(b, &event->start_mark, "a NUL character, expected text");
	if (event->data.scalar.length > 0) {
		text = strndup((const char *)event->data.scalar.value, event->data.scalar.length);
		if (!text)
			return -ENOMEM;
		node->text = text;
	}
	*out = node;
	return check_tag(b, event, event->data.scalar.tag);
}

/* Make room for one more member of `size` bytes: doubles. */
static void *grow(void *members, size_t count, size_t size)
{
	if (count & (count - 1) || (count > 0 && count < 4))
		return members;
	return realloc(members, (count < 4 ? 4 : 2 * count) * size);
}

static void enclose(struct yaml_node *outer, const struct yaml_node *inner)
{
	outer->weight += inner->weight;
	if (outer->height <= inner->height)
		outer->height = inner->height + 1;
}

static int read_items(struct builder *b, struct yaml_node *list, unsigned depth)
{
	yaml_event_t event;
	int result;

	while ((result = next_event(b, &event)) == 0 && event.type != YAML_SEQUENCE_END_EVENT) {
		struct yaml_node *item;
		struct yaml_node **grown;

		result = read_node(b, &event, depth, &item);
		yaml_event_delete(&event);
		if (result != 0)
			return result;
		grown = grow(list->items, list->count, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		list->items = grown;
		list->items[list->count++] = item;
		enclose(list, item);
	}
	if (result == 0)
		yaml_event_delete(&event);
	return result;
}

static int add_pair(struct yaml_node *map, struct yaml_node *key, struct yaml_node *value)
{
	struct yaml_pair *grown = grow(map->pairs, map->count, sizeof *grown);

	if (!grown)
		return -ENOMEM;
	map->pairs = grown;
	map->pairs[map->count++] = (struct yaml_pair){key, value};
	enclose(map, value);
	return 0;
}

/* One key and its value. */
static int read_pair(struct builder *b, const yaml_event_t *first, unsigned depth, struct yaml_node *map)
{
	yaml_event_t event;
	struct yaml_node *key, *value;
	int result;

	if (first->type != YAML_SCALAR_EVENT)
		return fail(b, &first->start_mark, "a key that is no word, expected KEY: VALUE");
	result = read_node(b, (yaml_event_t *)first, depth, &key);
	if (result == 0)
		result = next_event(b, &event);
	if (result != 0)
		return result;
	result = read_node(b, &event, depth, &value);
	yaml_event_delete(&event);
	return result == 0 ? add_pair(map, key, value) : result;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct yaml_node *one = ((const struct yaml_pair *)a)->key, *other = ((const struct yaml_pair *)b)->key;
	int order = strcmp(one->text, other->text);

	if (order != 0)
		return order;
	if (one->line != other->line)
		return one->line < other->line ? -1 : 1;
	return one->column < other->column ? -1 : one->column > other->column;
}

/* Every key once. All the others are reported; the file can be read on. */
static int check_duplicates(struct builder *b, const struct yaml_node *map)
{
	struct yaml_pair *sorted = map->count > 1 ? malloc(map->count * sizeof *sorted) : NULL;

	if (map->count <= 1)
		return 0;
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, map->pairs, map->count * sizeof *sorted);
	qsort(sorted, map->count, sizeof *sorted, compare_pairs);
	for (size_t i = 1; i < map->count; i++)
		if (strcmp(sorted[i - 1].key->text, sorted[i].key->text) == 0)
			yaml_error(b->report, sorted[i].key, "%s is there already (line %zu), expected another key",
				   sorted[i].key->text, sorted[i - 1].key->line);
	free(sorted);
	return 0;
}

/* Take over what the mapping does not have itself. */
static int merge_from(struct builder *b, struct yaml_node *map, const struct yaml_node *from, const yaml_mark_t *at)
{
	if (from->kind != YAML_MAP) {
		yaml_error(b->report, from, "nothing to merge, expected an alias of a mapping");
		return 0;
	}
	if (map->count + from->count > MERGED_MAX)
		return fail(b, at, "too much to merge, expected at most 512 keys");
	for (size_t i = 0; i < from->count; i++) {
		const struct yaml_pair *pair = &from->pairs[i];
		int result = 0;

		if (yaml_get(map, pair->key->text))
			continue;
		result = count_nodes(b, pair->value->weight, at);
		result = result == 0 ? add_pair(map, pair->key, pair->value) : result;
		if (result != 0)
			return result;
	}
	return 0;
}

/* Put what `<<` names into the mapping, in place of it. */
static int merge(struct builder *b, struct yaml_node *map, const yaml_mark_t *at)
{
	struct yaml_node *from = NULL;
	int result = 0;

	for (size_t i = 0; i < map->count && !from; i++) {
		if (strcmp(map->pairs[i].key->text, "<<") != 0 || !map->pairs[i].key->plain)
			continue;
		from = map->pairs[i].value;
		memmove(map->pairs + i, map->pairs + i + 1, (map->count - i - 1) * sizeof *map->pairs);
		map->count--;
	}
	if (!from)
		return 0;
	if (from->kind != YAML_LIST)
		return merge_from(b, map, from, at);
	for (size_t i = 0; i < from->count && result == 0; i++)
		result = merge_from(b, map, from->items[i], at);
	return result;
}

static int read_pairs(struct builder *b, struct yaml_node *map, unsigned depth)
{
	yaml_event_t event;
	yaml_mark_t at;
	int result;

	while ((result = next_event(b, &event)) == 0 && event.type != YAML_MAPPING_END_EVENT) {
		result = read_pair(b, &event, depth, map);
		yaml_event_delete(&event);
		if (result != 0)
			return result;
	}
	if (result != 0)
		return result;
	at = event.start_mark;
	yaml_event_delete(&event);
	result = check_duplicates(b, map);
	return result == 0 ? merge(b, map, &at) : result;
}

static int read_collection(struct builder *b, yaml_event_t *event, unsigned depth, struct yaml_node **out)
{
	bool is_map = event->type == YAML_MAPPING_START_EVENT;
	struct yaml_node *node = new_node(b, is_map ? YAML_MAP : YAML_LIST, &event->start_mark);
	const yaml_char_t *anchor = is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
	const yaml_char_t *tag = is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
	int result = node ? keep_anchor(b, anchor, node, &event->start_mark) : -ENOMEM;

	if (result == 0 && depth >= YAML_DEPTH_MAX)
		result = fail(b, &event->start_mark, "nested too deeply, expected at most 40 levels");
	if (result == 0)
		result = check_tag(b, event, tag);
	if (result == 0)
		result = is_map ? read_pairs(b, node, depth + 1) : read_items(b, node, depth + 1);
	if (result != 0)
		return result;
	node->open = false;
	*out = node;
	return 0;
}

/* What begins with an event, which stays the caller's. Recursion ends at YAML_DEPTH_MAX. */
static int read_node(struct builder *b, yaml_event_t *event, unsigned depth, struct yaml_node **out)
{
	int result = count_nodes(b, 1, &event->start_mark);

	if (result != 0)
		return result;
	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(b, event, depth, out);
	if (event->type != YAML_SCALAR_EVENT)
		return read_collection(b, event, depth, out);
	result = read_scalar(b, event, out);
	return result == 0 ? keep_anchor(b, event->data.scalar.anchor, *out, &event->start_mark) : result;
}

/* The one document of a stream, up to its end. */
static int read_stream(struct builder *b)
{
	bool done = false;
	int result = 0;

	while (result == 0 && !done) {
		yaml_event_t event;

		result = next_event(b, &event);
		if (result != 0)
			return result;
		done = event.type == YAML_STREAM_END_EVENT;
		if (event.type == YAML_DOCUMENT_START_EVENT && b->document->root)
			result = fail(b, &event.start_mark, "a second document, expected one in a file");
		else if (event.type >= YAML_ALIAS_EVENT && event.type != YAML_SEQUENCE_END_EVENT &&
			 event.type != YAML_MAPPING_END_EVENT)
			result = read_node(b, &event, 0, &b->document->root);
		yaml_event_delete(&event);
	}
	return result;
}

int yaml_read(struct text *text, const char *folder, struct yaml_document *out, struct report *report)
{
	struct builder *b = calloc(1, sizeof *b);
	int result;

	*out = (struct yaml_document){.file = strdup(text->file), .folder = strdup(folder)};
	if (!b || !out->file || !out->folder || !yaml_parser_initialize(&b->parser)) {
		free(b);
		return -ENOMEM;
	}
	b->document = out;
	b->report = report;
	result = text_check(text, report);
	if (result == 0) {
		yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&b->parser, (const unsigned char *)text->bytes, text->length);
		result = read_stream(b);
	}
	if (result != 0)
		out->root = NULL;
	for (size_t i = 0; i < b->anchor_count; i++)
		free(b->anchors[i].name);
	yaml_parser_delete(&b->parser);
	free(b);
	return result;
}

void yaml_finish(struct yaml_document *document)
{
	struct yaml_node *next;

	for (struct yaml_node *node = document->all; node; node = next) {
		next = node->next;
		if (node->kind == YAML_SCALAR && *node->text)
			free((char *)node->text);
		free(node->items);
		free(node->pairs);
		free(node);
	}
	free(document->file);
	free(document->folder);
	*document = (struct yaml_document){0};
}
