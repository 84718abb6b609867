/* SPDX-License-Identifier: MIT */
#include "config/scripts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/json_where.h"

void report_demote(struct report *from, struct report *to)
{
	for (size_t i = 0; i < list_length(from->errors); i++)
		report_warning(to, "%s", from->errors[i]);
	for (size_t i = 0; i < list_length(from->warnings); i++)
		report_warning(to, "%s", from->warnings[i]);
	report_finish(from);
}

static int set_dir(struct spec *spec, const struct finding *to, const char *dir)
{
	char path[PATH_MAX];

	if (!dir || !*dir || strcmp(dir, ".") == 0)
		return string_set(&spec->dir, to->dir);
	if (*dir == '/')
		return string_set(&spec->dir, dir);
	if (snprintf(path, sizeof path, "%s/%s", to->dir, dir) >= (int)sizeof path)
		return string_set(&spec->dir, to->dir);
	return string_set(&spec->dir, path);
}

static struct spec *make_spec(const struct finding *to, const struct script *script)
{
	struct spec *spec = spec_new(script->name);
	const char *const *words = script->argv ? (const char *const *)script->argv : script->words;
	bool ok = spec && string_set(&spec->script, script->key ? script->key : script->name) == 0 &&
		  string_set(&spec->source, to->source) == 0 && set_dir(spec, to, script->dir) == 0 &&
		  string_set(&spec->manager, script->manager ? script->manager : "") == 0;

	if (ok && script->command)
		ok = spec_set_command(spec, script->command) == 0;
	for (size_t i = 0; ok && !script->command && words[i]; i++)
		ok = list_append(&spec->argv, words[i]) == 0;
	for (size_t i = 0; ok && script->env && script->env[i]; i++)
		ok = list_append(&spec->env, script->env[i]) == 0;
	if (ok) {
		spec->tty = script->tty;
		spec->line = script->line;
		return spec;
	}
	spec_free(spec);
	return NULL;
}

int script_add(const struct finding *to, const struct script *script)
{
	struct spec *spec;
	int result;

	if (to->config->count >= SCRIPTS_MAX) {
		report_warning(to->report, "%s: %s is left out, there are %u scripts already", to->source, script->name,
			       SCRIPTS_MAX);
		return 0;
	}
	if (name_check(script->name, NULL) != 0) {
		report_warning(to->report, "%s: %s is left out, expected a printable name of 1 to %d bytes", to->source,
			       script->name, BRM_NAME_MAX - 1);
		return 0;
	}
	spec = make_spec(to, script);
	result = spec ? config_add(to->config, spec, to->prefix) : -ENOMEM;
	if (result == 0)
		return 0;
	spec_free(spec);
	if (result == -ENAMETOOLONG)
		report_warning(to->report, "%s: %s is left out, there is a process of this name", to->source,
			       script->name);
	return result == -ENAMETOOLONG ? 0 : result;
}

int script_add_words(const struct finding *to, const char *name, ...)
{
	struct script script = {.name = name};
	va_list args;

	va_start(args, name);
	for (size_t i = 0; i < SCRIPT_WORDS_MAX && (i == 0 || script.words[i - 1]); i++)
		script.words[i] = va_arg(args, const char *);
	va_end(args);
	return script_add(to, &script);
}

bool script_has_file(const struct finding *finding, const char *file)
{
	struct stat st;

	return fstatat(finding->dir_fd, file, &st, 0) == 0;
}

int script_read_text(const struct finding *finding, const char *file, struct text *out)
{
	struct report own = {0};
	int result = text_read(finding->dir_fd, file, SCRIPT_BYTES_MAX, out, &own);

	report_demote(&own, finding->report);
	return result == -EINVAL ? -ENOENT : result;
}

int script_read_toml(const struct finding *finding, const char *file, struct text *text, struct toml *out)
{
	struct report own = {0};
	int result = script_read_text(finding, file, text);

	if (result != 0)
		return result;
	result = toml_parse(text, out, &own);
	report_demote(&own, finding->report);
	if (result != 0)
		text_finish(text);
	return result == -EINVAL ? -ENOENT : result;
}

int script_read_json(const struct finding *finding, const char *file, json_t **out)
{
	struct report own = {0};
	struct text text, plain;
	int result = script_read_text(finding, file, &text);

	if (result != 0)
		return result;
	result = jsonc_read(&text, &plain, out, &own);
	report_demote(&own, finding->report);
	if (result == 0)
		text_finish(&plain);
	text_finish(&text);
	return result == -EINVAL ? -ENOENT : result;
}

void script_wrong_type(const struct finding *finding, const json_t *table, const char *outer, const char *key,
		       const json_t *value, const char *wanted)
{
	const struct text *text = finding->toml ? &finding->toml->text : finding->json;
	char place[TEXT_PLACE_MAX];
	size_t offset = 0;

	snprintf(place, sizeof place, "%s", finding->source);
	if (finding->toml)
		offset = toml_where(finding->toml, table, key);
	else if (text)
		offset = json_where(text, outer ? json_where(text, 0, outer, JSON_VALUE) : 0, key, JSON_VALUE);
	if (text)
		text_place(text, offset, place);
	report_warning(finding->report, "%s: %s is %s, expected %s", place, key, json_kind(value), wanted);
}

const json_t *script_object(const struct finding *finding, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_object(value))
		return value;
	script_wrong_type(finding, object, NULL, key, value, "a table");
	return NULL;
}

bool script_line(const struct text *text, size_t *at, char *line, size_t size)
{
	const char *start = text->bytes + *at, *end;
	size_t length;

	if (*at >= text->length)
		return false;
	end = memchr(start, '\n', text->length - *at);
	length = end ? (size_t)(end - start) : text->length - *at;
	*at += length + 1;
	while (length > 0 && start[length - 1] == '\r')
		length--;
	length = length < size ? length : size - 1;
	memcpy(line, start, length);
	line[length] = '\0';
	return true;
}
