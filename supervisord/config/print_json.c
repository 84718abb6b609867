/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/discover.h"
#include "config/text.h"

/* Bytes that are not UTF-8, which a path may have, become '?'. */
static json_t *to_string(const char *bytes)
{
	char *text = strdup(bytes);
	json_t *string = NULL;
	size_t length, at;

	if (!text)
		return NULL;
	length = strlen(text);
	while ((at = text_utf8_length(text, length)) < length)
		text[at] = '?';
	string = json_string(text);
	free(text);
	return string;
}

static json_t *to_list(char *const *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < list_length(texts); i++) {
		if (json_array_append_new(list, to_string(texts[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The argv of a spec with blanks between, or its command: to be freed. */
static char *command_of(const struct spec *spec)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(spec->command ? spec->command : "", out);
	for (size_t i = 0; !spec->command && spec->argv[i]; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", spec->argv[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static json_t *to_script(const struct spec *spec)
{
	char *command = command_of(spec);
	json_t *script = NULL;

	if (command)
		script = json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", to_string(spec->name), "command",
				   to_string(command), "dir", to_string(spec->dir), "source", to_string(spec->source),
				   "manager", to_string(spec->manager));
	free(command);
	return script;
}

static json_t *to_scripts(const struct config *config)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < config->count; i++) {
		if (json_array_append_new(list, to_script(config->specs[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* A duplicate of the descriptor carries the stream, so that closing the stream leaves the caller's open. */
static int print(const json_t *json, int fd)
{
	int copy = dup(fd);
	FILE *out = copy >= 0 ? fdopen(copy, "w") : NULL;
	bool ok;

	if (!out) {
		int error = errno;

		if (copy >= 0)
			close(copy);
		return -error;
	}
	errno = 0;
	ok = json_dumpf(json, out, JSON_COMPACT) == 0 && fputc('\n', out) != EOF;
	ok = fclose(out) == 0 && ok;
	return ok ? 0 : errno ? -errno : -EIO;
}

int discover_print_json(const struct config *config, const struct report *report, int fd)
{
	json_t *json = json_pack("{s:o, s:o, s:o}", "scripts", to_scripts(config), "warnings",
				 to_list(report->warnings), "errors", to_list(report->errors));
	int result = json ? print(json, fd) : -ENOMEM;

	json_decref(json);
	return result;
}
