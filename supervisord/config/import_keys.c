/* SPDX-License-Identifier: MIT */
#include "config/import_keys.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROCESSES_MAX 4096u

bool import_key_is_good(const struct import_key *table, const char *key, const char *place, const char *name,
			struct report *report)
{
	while (table->name && strcmp(table->name, key) != 0)
		table++;
	if (!table->name)
		report_warning(report, "%s: %s: %s is not known and not used", place, name, key);
	else if (table->fate == KEY_REFUSED)
		report_warning(report, "%s: %s: %s is not honoured, %s", place, name, key, table->how);
	return table->name && table->fate != KEY_REFUSED;
}

/* One word at *text, which moves behind it, into out, which is large enough. False: a quote is not closed. */
static bool take_word(const char **text, char *out)
{
	const char *p = *text;
	char quote = '\0';

	for (; *p && (quote || !strchr(" \t\r\n", *p)); p++) {
		if (quote && *p == quote)
			quote = '\0';
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == '\\' && p[1] && (!quote || (quote == '"' && strchr("\"\\", p[1]))))
			*out++ = *++p;
		else
			*out++ = *p;
	}
	*out = '\0';
	*text = p;
	return !quote;
}

char **words_split(const char *text)
{
	char **words = list_copy(NULL);
	char *word = malloc(strlen(text) + 1);
	int result = words && word ? 0 : -ENOMEM;

	for (text += strspn(text, " \t\r\n"); result == 0 && *text; text += strspn(text, " \t\r\n")) {
		result = take_word(&text, word) ? list_append(&words, word) : -EINVAL;
	}
	free(word);
	if (result == 0)
		return words;
	list_free(words);
	errno = -result;
	return NULL;
}

int import_spec_begin(struct spec *spec, const struct finding *finding, const char *dir)
{
	char path[PATH_MAX];

	spec->autostart = true;
	if (dir && *dir == '/')
		snprintf(path, sizeof path, "%s", dir);
	else if (dir && *dir && strcmp(dir, ".") != 0 && strcmp(dir, "./") != 0)
		snprintf(path, sizeof path, "%s/%s", finding->dir, dir + 2 * (strncmp(dir, "./", 2) == 0));
	else
		snprintf(path, sizeof path, "%s", finding->dir);
	if (string_set(&spec->dir, path) != 0 || string_set(&spec->source, finding->source) != 0)
		return -ENOMEM;
	return *spec->script ? 0 : string_set(&spec->script, spec->name);
}

struct spec *import_spec_new(const char *name, const struct finding *finding, const char *place, int *result)
{
	struct spec *spec = NULL;

	*result = 0;
	if (name_check(name, NULL) != 0)
		report_error(finding->report, "%s: \"%s\" is no name, expected 1 to %d bytes of printable text", place,
			     name, BRM_NAME_MAX - 1);
	else if (finding->config->count >= PROCESSES_MAX)
		report_error(finding->report, "%s: too many processes, expected at most %u", place, PROCESSES_MAX);
	else
		*result = (spec = spec_new(name)) ? 0 : -ENOMEM;
	if (spec)
		spec_set_place(spec, place);
	return spec;
}

int import_spec_add(struct spec *spec, const struct finding *finding, const char *place)
{
	const struct spec *same = config_find(finding->config, spec->name);
	bool is_second = same && strcmp(same->source, spec->source) == 0;
	int result = is_second ? -EEXIST : config_add(finding->config, spec, finding->prefix);

	if (result == 0)
		return 0;
	if (result != -ENOMEM)
		report_error(finding->report, "%s: there is a process named %s, expected another name", place,
			     spec->name);
	spec_free(spec);
	return result == -ENOMEM ? result : 0;
}
