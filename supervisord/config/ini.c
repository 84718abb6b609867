/* SPDX-License-Identifier: MIT */
#include "config/ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_BYTES_MAX 65536u

void ini_finish(struct ini *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		struct ini_section *section = &ini->sections[i];

		for (size_t j = 0; j < section->count; j++) {
			free(section->keys[j].key);
			free(section->keys[j].value);
		}
		free(section->keys);
		free(section->name);
	}
	free(ini->sections);
	*ini = (struct ini){0};
}

const struct ini_key *ini_find(const struct ini_section *section, const char *key)
{
	for (size_t i = section ? section->count : 0; i-- > 0;)
		if (strcmp(section->keys[i].key, key) == 0)
			return &section->keys[i];
	return NULL;
}

const char *ini_get(const struct ini_section *section, const char *key)
{
	const struct ini_key *found = ini_find(section, key);

	return found ? found->value : NULL;
}

static int wrong(const struct text *text, size_t at, const char *what, struct report *report)
{
	char place[TEXT_PLACE_MAX];

	report_error(report, "%s: %s", text_place(text, at, place), what);
	return -EINVAL;
}

/* Without the blanks around it and, behind a blank, a comment; in place. */
static char *trim(char *line)
{
	size_t length;

	for (char *p = line; *p; p++) {
		if ((*p == ';' || *p == '#') && (p == line || isspace((unsigned char)p[-1]))) {
			*p = '\0';
			break;
		}
	}
	line += strspn(line, " \t\r");
	for (length = strlen(line); length > 0 && isspace((unsigned char)line[length - 1]); length--)
		line[length - 1] = '\0';
	return line;
}

static int add_section(struct ini *ini, const char *name, size_t offset)
{
	struct ini_section *grown = realloc(ini->sections, (ini->count + 1) * sizeof *grown);

	if (!grown)
		return -ENOMEM;
	ini->sections = grown;
	grown[ini->count] = (struct ini_section){.name = strdup(name), .offset = offset};
	return grown[ini->count++].name ? 0 : -ENOMEM;
}

static int take_section(struct ini *ini, const struct text *text, char *line, size_t at, struct report *report)
{
	char *end = strrchr(line, ']');

	if (!end || end == line + 1)
		return wrong(text, at, "the section is not closed, expected [NAME]", report);
	if (ini->count == INI_SECTIONS_MAX)
		return wrong(text, at, "too many sections, expected at most 4096", report);
	*end = '\0';
	return add_section(ini, line + 1, at);
}

/* The last of several settings counts, as Python has it. */
static void warn_of_another(const struct ini_section *section, const struct ini_key *last, const struct text *text,
			    struct report *report)
{
	char place[TEXT_PLACE_MAX];

	for (const struct ini_key *key = section->keys; key < last; key++) {
		if (strcmp(key->key, last->key) != 0)
			continue;
		text_place(text, key->offset, place);
		report_warning(report, "%s: %s is set again further down, which counts", place, key->key);
	}
}

static int take_key(struct ini *ini, const struct text *text, char *line, size_t at, struct report *report)
{
	struct ini_section *section = ini->count > 0 ? &ini->sections[ini->count - 1] : NULL;
	char *equals = line + strcspn(line, "=:");
	struct ini_key *grown;

	if (!section || !*equals || equals == line)
		return wrong(text, at,
			     section ? "not a setting, expected KEY = VALUE"
				     : "a setting before any section, expected [NAME]",
			     report);
	if (section->count == INI_KEYS_MAX)
		return wrong(text, at, "too many settings in a section, expected at most 256", report);
	grown = realloc(section->keys, (section->count + 1) * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	section->keys = grown;
	*equals = '\0';
	grown += section->count++;
	*grown = (struct ini_key){.key = strdup(trim(line)), .value = strdup(trim(equals + 1)), .offset = at};
	for (char *p = grown->key; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (!grown->key || !grown->value)
		return -ENOMEM;
	warn_of_another(section, grown, text, report);
	return 0;
}

/* A line that begins with a blank. */
static int continue_value(struct ini *ini, const struct text *text, const char *line, size_t at, struct report *report)
{
	struct ini_section *section = ini->count > 0 ? &ini->sections[ini->count - 1] : NULL;
	struct ini_key *key = section && section->count > 0 ? &section->keys[section->count - 1] : NULL;
	char *whole;

	if (!key)
		return wrong(text, at, "a line that goes on with nothing, expected KEY = VALUE", report);
	if (strlen(key->value) + strlen(line) > VALUE_BYTES_MAX)
		return wrong(text, at, "the value is too long, expected at most 65536 bytes", report);
	if (asprintf(&whole, "%s\n%s", key->value, line) < 0)
		return -ENOMEM;
	free(key->value);
	key->value = whole;
	return 0;
}

static int take_line(struct ini *ini, const struct text *text, char *line, size_t at, struct report *report)
{
	bool goes_on = isspace((unsigned char)*line);
	char *trimmed = trim(line);

	if (!*trimmed)
		return 0;
	if (goes_on)
		return continue_value(ini, text, trimmed, at, report);
	if (*trimmed == '[')
		return take_section(ini, text, trimmed, at, report);
	return take_key(ini, text, trimmed, at, report);
}

int ini_parse(struct text *text, struct ini *out, struct report *report)
{
	int result = text_check(text, report), taken;
	size_t at = 0;

	*out = (struct ini){0};
	if (result != 0)
		return result;
	while (result != -ENOMEM && at < text->length && !report_is_full(report)) {
		const char *start = text->bytes + at, *end = memchr(start, '\n', text->length - at);
		size_t length = end ? (size_t)(end - start) : text->length - at;
		char *line = strndup(start, length);

		taken = line ? take_line(out, text, line, at, report) : -ENOMEM;
		result = taken != 0 && result != -ENOMEM ? taken : result;
		free(line);
		at += length + 1;
	}
	return result;
}
