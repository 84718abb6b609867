/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "config/scripts.h"

/*
 * Makefile and justfile: what stands before a colon at the beginning of a line. Neither is run, so a name that is made
 * of variables is not seen.
 */

#define LINE_BYTES_MAX  16384u
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+@"

/* A line, and those that go on with a backslash. */
static bool whole_line(const struct text *text, size_t *at, char *line, size_t size)
{
	size_t length = 0;

	if (!script_line(text, at, line, size))
		return false;
	for (length = strlen(line); length > 0 && line[length - 1] == '\\'; length = strlen(line)) {
		line[length - 1] = ' ';
		if (length + 1 >= size || !script_line(text, at, line + length, size - length))
			break;
	}
	return true;
}

/* Has a script of the name been found in this very file? */
static bool is_known(const struct finding *finding, const char *name)
{
	const struct config *config = finding->config;

	for (size_t i = config->count; i-- > 0 && strcmp(config->specs[i]->source, finding->source) == 0;)
		if (strcmp(config->specs[i]->script, name) == 0)
			return true;
	return false;
}

/* "VARIABLE = ...", ":= ...": what follows the colon of a line that is no rule. */
static bool is_assignment(const char *rest)
{
	rest += strspn(rest, ":");
	if (*rest == '=')
		return true;
	rest += strspn(rest, " \t");
	rest += strspn(rest, NAME_CHARACTERS ".");
	rest += strspn(rest, " \t");
	rest += strspn(rest, ":?+!");
	return *rest == '=';
}

/* A file that make builds is nothing to run: it has a slash, a variable, a pattern, or a dot and is not phony. */
static bool is_target(const char *word, bool is_phony)
{
	return *word != '.' && word[strspn(word, is_phony ? NAME_CHARACTERS "." : NAME_CHARACTERS)] == '\0';
}

static int add_targets(char *words, bool is_phony, const struct finding *finding)
{
	char *rest = NULL;
	int result = 0;

	for (char *word = strtok_r(words, " \t", &rest); word && result == 0; word = strtok_r(NULL, " \t", &rest))
		if (is_target(word, is_phony) && !is_known(finding, word))
			result = script_add_words(finding, word, "make", word, NULL);
	return result;
}

int make_read(struct text *text, const struct finding *finding)
{
	char line[LINE_BYTES_MAX];
	bool in_define = false;
	size_t at = 0;
	int result = 0;

	while (result == 0 && whole_line(text, &at, line, sizeof line)) {
		char *colon = strchr(line, ':');
		bool is_phony = strncmp(line, ".PHONY", 6) == 0;

		if (in_define || strncmp(line, "define ", 7) == 0) {
			in_define = strncmp(line + strspn(line, " "), "endef", 5) != 0;
			continue;
		}
		if (!colon || strchr("\t# ", *line) || strcspn(line, "=#") < (size_t)(colon - line) ||
		    is_assignment(colon + 1))
			continue;
		*colon = '\0';
		colon[1 + strcspn(colon + 1, "#")] = '\0';
		result = add_targets(is_phony ? colon + 1 : line, is_phony, finding);
	}
	return result;
}

/* ---- justfile ---- */

/* The parameters between a recipe's name and its colon: can it do without any? */
static bool needs_arguments(const char *parameters)
{
	char quote = '\0';
	bool in_word = false, has_default = true;

	for (; *parameters && (quote || *parameters != ':'); parameters++) {
		char c = *parameters;

		if (quote) {
			quote = c == quote ? '\0' : quote;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == ' ' || c == '\t') {
			if (in_word && !has_default)
				return true;
			in_word = false;
		} else if (c == '=') {
			has_default = true;
		} else if (!in_word) {
			in_word = true;
			has_default = c == '*';
		}
	}
	return in_word && !has_default;
}

/* Where the recipe of a line has its colon, or NULL when it is none. */
static const char *recipe_colon(const char *line, size_t name_length)
{
	char quote = '\0';

	for (const char *p = line + name_length; *p; p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (*p == '\'' || *p == '"')
			quote = *p;
		else if (*p == ':')
			return p[1] == '=' ? NULL : p;
		else if (*p == '#')
			return NULL;
	}
	return NULL;
}

static int take_recipe(char *line, bool is_private, const struct finding *finding)
{
	char *name = line + (*line == '@');
	size_t length = strspn(name, NAME_CHARACTERS);
	const char *colon = recipe_colon(name, length);

	if (length == 0 || *name == '_' || is_private || !colon || !strchr(" \t:", name[length]) ||
	    needs_arguments(name + length))
		return 0;
	name[length] = '\0';
	return is_known(finding, name) ? 0 : script_add_words(finding, name, "just", name, NULL);
}

int just_read(struct text *text, const struct finding *finding)
{
	char line[LINE_BYTES_MAX];
	bool is_private = false;
	size_t at = 0;
	int result = 0;

	while (result == 0 && whole_line(text, &at, line, sizeof line)) {
		if (*line == '[')
			is_private = is_private || strstr(line, "private") != NULL;
		if (!*line || strchr("[# \t", *line))
			continue;
		result = take_recipe(line, is_private, finding);
		is_private = false;
	}
	return result;
}
