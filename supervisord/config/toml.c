/* SPDX-License-Identifier: MIT */
#include "config/toml.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/toml_inner.h"

/* Where a key stands; the pointer is the one the table has. */
struct toml_place {
	const char *key;
	size_t offset;
};

/* A key, maybe of several parts. */
struct key {
	char *parts[TOML_DEPTH_MAX];
	size_t lengths[TOML_DEPTH_MAX];
	size_t offsets[TOML_DEPTH_MAX];
	size_t count;
};

char toml_peek(const struct toml_parser *p, size_t ahead)
{
	const struct text *text = &p->out->text;

	return ahead < text->length - p->at ? text->bytes[p->at + ahead] : '\0';
}

bool toml_take(struct toml_parser *p, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i < length; i++)
		if (toml_peek(p, i) != word[i])
			return false;
	p->at += length;
	return true;
}

void toml_skip_blanks(struct toml_parser *p)
{
	while (toml_peek(p, 0) == ' ' || toml_peek(p, 0) == '\t')
		p->at++;
}

bool toml_skip_newline(struct toml_parser *p)
{
	return toml_take(p, "\n") || toml_take(p, "\r\n");
}

void toml_skip_comment(struct toml_parser *p)
{
	if (toml_peek(p, 0) != '#')
		return;
	for (char c; (c = toml_peek(p, 0)) != '\0' && c != '\n' && !(c == '\r' && toml_peek(p, 1) == '\n'); p->at++) {
		if (c != '\t' && text_is_control(p->out->text.bytes + p->at) && (unsigned char)c < 0x80) {
			toml_fail(p, p->at, "a control character in a comment, expected printable text");
			return;
		}
	}
}

void *toml_fail(struct toml_parser *p, size_t at, const char *what)
{
	char place[TEXT_PLACE_MAX];

	if (p->result == 0)
		report_error(p->report, "%s: %s", text_place(&p->out->text, at, place), what);
	if (p->result == 0)
		p->result = -EINVAL;
	return NULL;
}

/* ---- kinds: a hash of pointers ---- */

static size_t slot_of(const struct toml_kinds *kinds, const json_t *value)
{
	size_t at = ((uintptr_t)value >> 4) * 0x9e3779b97f4a7c15ull >> 20;

	for (at &= kinds->size - 1; kinds->values[at] && kinds->values[at] != value; at = (at + 1) & (kinds->size - 1))
		continue;
	return at;
}

enum toml_kind toml_kind_of(const struct toml_parser *p, const json_t *value)
{
	const struct toml_kinds *kinds = &p->kinds;

	return kinds->size > 0 ? (enum toml_kind)kinds->kinds[slot_of(kinds, value)] : 0;
}

static bool grow_kinds(struct toml_kinds *kinds)
{
	struct toml_kinds grown = {.count = kinds->count, .size = kinds->size > 0 ? 2 * kinds->size : 64};

	grown.values = calloc(grown.size, sizeof *grown.values);
	grown.kinds = calloc(grown.size, sizeof *grown.kinds);
	if (!grown.values || !grown.kinds) {
		free(grown.values);
		free(grown.kinds);
		return false;
	}
	for (size_t i = 0; i < kinds->size; i++) {
		size_t at = kinds->values[i] ? slot_of(&grown, kinds->values[i]) : 0;

		if (!kinds->values[i])
			continue;
		grown.values[at] = kinds->values[i];
		grown.kinds[at] = kinds->kinds[i];
	}
	free(kinds->values);
	free(kinds->kinds);
	*kinds = grown;
	return true;
}

void toml_set_kind(struct toml_parser *p, const json_t *value, enum toml_kind kind)
{
	struct toml_kinds *kinds = &p->kinds;
	size_t at;

	if (2 * kinds->count >= kinds->size && !grow_kinds(kinds)) {
		p->result = -ENOMEM;
		return;
	}
	at = slot_of(kinds, value);
	kinds->count += !kinds->values[at];
	kinds->values[at] = value;
	kinds->kinds[at] = (unsigned char)kind;
}

/* ---- keys ---- */

static void key_finish(struct key *key)
{
	for (size_t i = 0; i < key->count; i++)
		free(key->parts[i]);
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static char *bare_part(struct toml_parser *p, size_t *length)
{
	const char *start = p->out->text.bytes + p->at;
	char *copy;

	for (*length = 0; is_bare(toml_peek(p, 0)); p->at++)
		++*length;
	if (*length == 0)
		return toml_fail(p, p->at, "no key, expected NAME = VALUE or [NAME]");
	copy = strndup(start, *length);
	if (!copy)
		p->result = -ENOMEM;
	return copy;
}

/* PART.PART... at the cursor, with the blanks behind it. */
static bool take_key(struct toml_parser *p, struct key *key)
{
	key->count = 0;
	do {
		char **part = &key->parts[key->count];

		toml_skip_blanks(p);
		if (key->count == TOML_DEPTH_MAX)
			return toml_fail(p, p->at, "a key of too many parts, expected at most 64");
		key->offsets[key->count] = p->at;
		if (toml_peek(p, 0) == '"' || toml_peek(p, 0) == '\'')
			*part = toml_string(p, false, &key->lengths[key->count]);
		else
			*part = bare_part(p, &key->lengths[key->count]);
		if (!*part)
			return false;
		key->count++;
		toml_skip_blanks(p);
	} while (toml_take(p, "."));
	return true;
}

static const char *pointer_of(const json_t *table, const char *key, size_t length)
{
	/* The iterator knows the key as the table has it. */
	void *at = json_object_iter_at((json_t *)table, key);

	return at && strlen(key) == length ? json_object_iter_key(at) : NULL;
}

/* The table gets a value for a key that it has not; the reference is taken. */
static json_t *put(struct toml_parser *p, json_t *table, const struct key *key, size_t i, json_t *value)
{
	struct toml *toml = p->out;
	struct toml_place *grown = toml->places;

	if (value && (toml->place_count & (toml->place_count - 1)) == 0) {
		grown = realloc(toml->places, (2 * toml->place_count + 1) * sizeof *grown);
		toml->places = grown ? grown : toml->places;
	}
	if (!value || !grown ||
	    json_object_setn_new_nocheck(table, key->parts[i], key->lengths[i], json_incref(value)) != 0) {
		json_decref(value);
		if (p->result == 0)
			p->result = -ENOMEM;
		return NULL;
	}
	json_decref(value); /* the table's own is left */
	toml->places[toml->place_count].key = pointer_of(table, key->parts[i], key->lengths[i]);
	toml->places[toml->place_count++].offset = key->offsets[i];
	return value;
}

static json_t *put_table(struct toml_parser *p, json_t *table, const struct key *key, size_t i, enum toml_kind kind)
{
	json_t *made = put(p, table, key, i, json_object());

	if (made)
		toml_set_kind(p, made, kind);
	return p->result == 0 ? made : NULL;
}

/* The table that a part of a header but the last is about. */
static json_t *step_header(struct toml_parser *p, json_t *table, const struct key *key, size_t i)
{
	json_t *next = json_object_getn(table, key->parts[i], key->lengths[i]);
	enum toml_kind kind = next ? toml_kind_of(p, next) : 0;

	if (!next)
		return put_table(p, table, key, i, TOML_IMPLIED);
	if (kind == TOML_TABLES)
		return json_array_get(next, json_array_size(next) - 1);
	if (kind == 0 || kind == TOML_INLINE)
		return toml_fail(p, key->offsets[i], "the key has a value already, expected a table");
	return next;
}

static json_t *open_table(struct toml_parser *p, json_t *parent, const struct key *key)
{
	size_t last = key->count - 1;
	json_t *table = json_object_getn(parent, key->parts[last], key->lengths[last]);

	if (!table)
		return put_table(p, parent, key, last, TOML_HEADER);
	if (toml_kind_of(p, table) != TOML_IMPLIED)
		return toml_fail(p, key->offsets[last], "the second of this name, expected another");
	toml_set_kind(p, table, TOML_HEADER);
	return table;
}

static json_t *open_element(struct toml_parser *p, json_t *parent, const struct key *key)
{
	size_t last = key->count - 1;
	json_t *list = json_object_getn(parent, key->parts[last], key->lengths[last]);
	json_t *table;

	if (list && toml_kind_of(p, list) != TOML_TABLES)
		return toml_fail(p, key->offsets[last], "the second of this name, expected another");
	if (!list) {
		list = put(p, parent, key, last, json_array());
		if (list)
			toml_set_kind(p, list, TOML_TABLES);
	}
	table = list ? json_object() : NULL;
	if (!table || json_array_append_new(list, table) != 0) {
		p->result = p->result == 0 ? -ENOMEM : p->result;
		return NULL;
	}
	toml_set_kind(p, table, TOML_HEADER);
	return table;
}

/* [a.b] or [[a.b]] at the cursor: the table that what follows belongs to. */
static json_t *take_header(struct toml_parser *p)
{
	bool is_element = toml_take(p, "[[");
	json_t *table = p->out->root;
	struct key key;

	if (!is_element)
		toml_take(p, "[");
	if (take_key(p, &key) && !toml_take(p, is_element ? "]]" : "]"))
		toml_fail(p, p->at,
			  is_element ? "the header is not closed, expected ]]"
				     : "the header is not closed, expected ]");
	for (size_t i = 0; p->result == 0 && i + 1 < key.count && table; i++)
		table = step_header(p, table, &key, i);
	if (p->result == 0 && table)
		table = is_element ? open_element(p, table, &key) : open_table(p, table, &key);
	key_finish(&key);
	return p->result == 0 ? table : NULL;
}

/* The table that a part of a dotted key but the last is about. */
static json_t *step_dotted(struct toml_parser *p, json_t *table, const struct key *key, size_t i)
{
	json_t *next = json_object_getn(table, key->parts[i], key->lengths[i]);

	if (!next)
		return put_table(p, table, key, i, TOML_DOTTED);
	if (toml_kind_of(p, next) != TOML_DOTTED)
		return toml_fail(p, key->offsets[i], "the key has a value already, expected a new one");
	return next;
}

void toml_assign(struct toml_parser *p, json_t *table, unsigned depth)
{
	struct key key;
	json_t *value;

	if (take_key(p, &key) && !toml_take(p, "="))
		toml_fail(p, p->at, "no =, expected NAME = VALUE");
	for (size_t i = 0; p->result == 0 && i + 1 < key.count && table; i++)
		table = step_dotted(p, table, &key, i);
	if (p->result == 0 && json_object_getn(table, key.parts[key.count - 1], key.lengths[key.count - 1]))
		toml_fail(p, key.offsets[key.count - 1], "the second of this name, expected another");
	toml_skip_blanks(p);
	value = p->result == 0 ? toml_value(p, depth) : NULL;
	if (value)
		put(p, table, &key, key.count - 1, value);
	key_finish(&key);
}

static void take_lines(struct toml_parser *p)
{
	json_t *table = p->out->root;

	while (p->result == 0 && p->at < p->out->text.length) {
		toml_skip_blanks(p);
		if (toml_peek(p, 0) == '[')
			table = take_header(p);
		else if (!strchr("#\r\n", toml_peek(p, 0)))
			toml_assign(p, table, 0);
		if (p->result != 0)
			return;
		toml_skip_blanks(p);
		toml_skip_comment(p);
		if (p->at < p->out->text.length && !toml_skip_newline(p))
			toml_fail(p, p->at, "more text in the line, expected its end");
	}
}

int toml_parse(struct text *text, struct toml *out, struct report *report)
{
	struct toml_parser p = {.out = out, .report = report};
	int result = text_check(text, report);

	*out = (struct toml){.text = *text};
	if (result != 0)
		return result;
	out->root = json_object();
	if (out->root)
		take_lines(&p);
	else
		p.result = -ENOMEM;
	free(p.kinds.values);
	free(p.kinds.kinds);
	if (p.result != 0)
		toml_finish(out);
	return p.result;
}

void toml_finish(struct toml *toml)
{
	json_decref(toml->root);
	free(toml->places);
	*toml = (struct toml){0};
}

size_t toml_where(const struct toml *toml, const json_t *table, const char *key)
{
	const char *pointer = pointer_of(table, key, strlen(key));

	for (size_t i = 0; pointer && i < toml->place_count; i++)
		if (toml->places[i].key == pointer)
			return toml->places[i].offset;
	return 0;
}
