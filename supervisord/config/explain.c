/* SPDX-License-Identifier: MIT */
#include "config/explain.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "config/sources.h"

static_assert(offsetof(struct draft, spec) == 0, "a spec is shown as a draft");

/* The value of a key, new if there is none yet; NULL: no memory. */
static struct explained *value_of(struct explanation *to, const char *key)
{
	struct explained *grown;

	for (size_t i = 0; i < to->count; i++)
		if (strcmp(to->values[i].key, key) == 0)
			return &to->values[i];
	grown = realloc(to->values, (to->count + 1) * sizeof *grown);
	if (!grown)
		return NULL;
	to->values = grown;
	grown[to->count] = (struct explained){.key = strdup(key)};
	return grown[to->count].key ? &grown[to->count++] : NULL;
}

static int note(struct explanation *to, const char *key, const char *file, size_t line, const char *text)
{
	struct explained *value = value_of(to, key);
	char *place = NULL;

	if (!value || (line ? asprintf(&place, "%s:%zu", file, line) : asprintf(&place, "%s", file)) < 0)
		return -ENOMEM;
	free(value->place);
	value->place = place;
	free(value->text);
	value->text = strdup(text);
	return value->text ? 0 : -ENOMEM;
}

int explanation_add(struct explanation *to, const struct schema_key *outer, const struct schema_key *key,
		    const struct yaml_node *node)
{
	char path[64];

	snprintf(path, sizeof path, "%s%s%s", outer ? outer->name : "", outer ? "." : "", key->name);
	return note(to, path, node->file, node->line, node->text);
}

int explanation_add_env(struct explanation *to, const char *name, const struct yaml_node *node, const char *file)
{
	char *key;
	int result;

	if (asprintf(&key, "env.%s", name) < 0)
		return -ENOMEM;
	result = note(to, key, file ? file : node->file, file ? 0 : node->line, "");
	free(key);
	return result;
}

bool explanation_is_of(const struct explanation *explanation, const char *name)
{
	size_t length = strlen(name);

	return strncmp(explanation->name, name, length) == 0 &&
	       (explanation->name[length] == '\0' || explanation->name[length] == '.');
}

void explanation_finish(struct explanation *explanation)
{
	for (size_t i = 0; i < explanation->count; i++) {
		free(explanation->values[i].key);
		free(explanation->values[i].place);
		free(explanation->values[i].text);
	}
	free(explanation->values);
	*explanation = (struct explanation){.name = explanation->name};
}

void spec_set_place(struct spec *spec, const char *place)
{
	const char *line = strrchr(place, ':');

	while (line && line > place && isdigit((unsigned char)line[-1]))
		line--;
	spec->line = line ? (uint32_t)strtoul(line, NULL, 10) : 0;
}

bool finding_explains(const struct finding *finding)
{
	return finding->request && finding->request->explanation;
}

/* Where lines go: as text, or as members of a JSON list. */
struct sink {
	const struct explanation *explanation;
	const struct spec *spec;
	const struct spec *usual;    /* to compare with */
	char source[TEXT_PLACE_MAX]; /* the file, with the line of the entry where it is known */
	FILE *out;
	int width;    /* of the first column */
	json_t *list; /* NULL: text */
};

#define KEY_WIDTH     18
#define KEY_WIDTH_MAX 48

static const struct explained *noted(const struct explanation *explanation, const char *key)
{
	for (size_t i = 0; i < explanation->count; i++)
		if (strcmp(explanation->values[i].key, key) == 0)
			return &explanation->values[i];
	return NULL;
}

/* One line, whatever is in the value. */
static int put_line(const struct sink *sink, const char *key, const char *value, const char *source)
{
	char *line = NULL;

	if (asprintf(&line, "%-*s %-40s %s", sink->width, key, *value ? value : "-", source) < 0)
		return -ENOMEM;
	text_clean(line);
	fprintf(sink->out, "%s\n", line);
	free(line);
	return 0;
}

static int put(struct sink *sink, const char *key, const char *value, const char *source)
{
	json_t *line;

	if (!sink->list)
		return put_line(sink, key, value, source);
	line = json_pack("{s:s, s:s, s:s}", "key", key, "value", value, "source", source);
	return line && json_array_append_new(sink->list, line) == 0 ? 0 : -ENOMEM;
}

/* What a row's field of a spec holds, in words, to be freed. */
static char *print_field(const struct schema_key *key, const struct spec *spec, size_t offset)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	key->type->print(out, key, (const char *)spec + offset);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* One row that has a value of its own: where it was noted, or "default", or the file it came from. */
static int put_row(struct sink *sink, const struct schema_key *key, const char *path, size_t offset)
{
	const struct explained *at = noted(sink->explanation, path);
	char *value, *usual;
	int result;

	if (!key->type->print)
		return put(sink, path, at ? at->text : "", at ? at->place : "default");
	value = print_field(key, sink->spec, offset);
	usual = print_field(key, sink->usual, offset);
	if (!value || !usual)
		result = -ENOMEM;
	else
		result = put(sink, path, value, at ? at->place : strcmp(value, usual) == 0 ? "default" : sink->source);
	free(value);
	free(usual);
	return result;
}

static int put_env(struct sink *sink)
{
	int result = 0;

	for (size_t i = 0; sink->spec->env[i] && result == 0; i++) {
		const char *text = sink->spec->env[i], *equals = strchr(text, '=');
		const struct explained *at;
		char *key;

		if (asprintf(&key, "env.%.*s", (int)strcspn(text, "="), text) < 0)
			return -ENOMEM;
		at = noted(sink->explanation, key);
		result = put(sink, key, equals ? equals + 1 : "(unset)", at ? at->place : sink->source);
		free(key);
	}
	return result;
}

static int put_table(struct sink *sink, const struct schema_key *table, const char *outer, size_t offset)
{
	int result = 0;

	for (const struct schema_key *key = table; key->name && result == 0; key++) {
		char path[64];

		snprintf(path, sizeof path, "%s%s%s", outer, *outer ? "." : "", key->name);
		if (key->type == &type_env)
			result = put_env(sink);
		else if (key->inner)
			result = put_table(sink, key->inner, path, offset + key->offset);
		else
			result = put_row(sink, key, path, offset);
	}
	return result;
}

/* A spec that nobody changed, as it is in a configuration, with the shell that goes with the command. */
static struct spec *usual_of(const struct spec *spec)
{
	struct spec *usual = spec_new(spec->name);

	if (usual && spec->command && spec_set_command(usual, spec->command) != 0) {
		spec_free(usual);
		return NULL;
	}
	if (!usual)
		return NULL;
	usual->autostart = true;
	free(usual->command); /* that is nobody's default */
	usual->command = NULL;
	return usual;
}

static const struct spec *find(const struct explanation *explanation, const struct config *config)
{
	const struct spec *spec = config_find(config, explanation->name);

	for (size_t i = 0; !spec && i < config->count; i++)
		if (strcmp(config->specs[i]->family, explanation->name) == 0)
			spec = config->specs[i];
	return spec;
}

/* As wide as the longest name of a variable asks, within reason. */
static int key_width(const struct spec *spec)
{
	int width = KEY_WIDTH;

	for (char **env = spec->env; *env; env++) {
		int length = (int)(strlen("env.") + strcspn(*env, "="));

		width = length > width && length <= KEY_WIDTH_MAX ? length : width;
	}
	return width;
}

/* Write the list as one object, and free it. */
static int dump(const struct sink *sink)
{
	json_t *json = json_pack("{s:s, s:o}", "name", sink->spec->name, "values", sink->list);
	int result = !json ? -ENOMEM : json_dumpf(json, sink->out, JSON_COMPACT) == 0 ? 0 : -EIO;

	json_decref(json);
	fputc('\n', sink->out);
	return result;
}

int explanation_print(const struct explanation *explanation, const struct config *config, bool json, FILE *out)
{
	struct sink sink = {.explanation = explanation, .spec = find(explanation, config), .out = out};
	struct spec *usual;
	int result;

	if (!sink.spec)
		return -ENOENT;
	sink.width = key_width(sink.spec);
	snprintf(sink.source, sizeof sink.source, "%s", sink.spec->source);
	if (sink.spec->line > 0)
		snprintf(sink.source, sizeof sink.source, "%s:%u", sink.spec->source, (unsigned)sink.spec->line);
	usual = usual_of(sink.spec);
	sink.usual = usual;
	sink.list = json && usual ? json_array() : NULL;
	if (!usual || (json && !sink.list))
		result = -ENOMEM;
	else
		result = put_table(&sink, schema_process, "", 0);
	if (result == 0 && json)
		result = dump(&sink);
	else
		json_decref(sink.list);
	spec_free(usual);
	if (result == 0 && (fflush(out) != 0 || ferror(out)))
		result = -EIO;
	return result;
}
