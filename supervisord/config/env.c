/* SPDX-License-Identifier: MIT */
#include "config/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int string_set(char **string, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*string);
	*string = copy;
	return 0;
}

size_t list_length(char *const *list)
{
	size_t length = 0;

	while (list && list[length])
		length++;
	return length;
}

static int append_owned(char ***list, char *text)
{
	size_t length = list_length(*list);
	char **grown = text ? realloc(*list, (length + 2) * sizeof *grown) : NULL;

	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	grown[length] = text;
	grown[length + 1] = NULL;
	*list = grown;
	return 0;
}

int list_append(char ***list, const char *text)
{
	return append_owned(list, strdup(text));
}

void list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

char **list_copy(char *const *list)
{
	size_t length = list_length(list);
	char **copy = calloc(length + 1, sizeof *copy);

	for (size_t i = 0; copy && i < length; i++) {
		copy[i] = strdup(list[i]);
		if (!copy[i]) {
			list_free(copy);
			return NULL;
		}
	}
	return copy;
}

/* The entry of a key of length bytes, or NULL. */
static char **env_entry(char *const *list, const char *key, size_t length)
{
	for (size_t i = 0; list && list[i]; i++)
		if (strncmp(list[i], key, length) == 0 && (list[i][length] == '=' || list[i][length] == '\0'))
			return (char **)&list[i];
	return NULL;
}

const char *env_get(char *const *list, const char *key)
{
	size_t length = strlen(key);
	char **entry = env_entry(list, key, length);

	return entry && (*entry)[length] == '=' ? *entry + length + 1 : NULL;
}

int env_set(char ***list, const char *key, const char *value)
{
	char **entry = env_entry(*list, key, strlen(key));
	char *text = NULL;

	if (asprintf(&text, "%s%s%s", key, value ? "=" : "", value ? value : "") < 0)
		return -ENOMEM;
	if (!entry)
		return append_owned(list, text);
	free(*entry);
	*entry = text;
	return 0;
}
