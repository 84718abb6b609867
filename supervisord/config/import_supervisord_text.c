/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/import_supervisord.h"

#define EXPANDED_BYTES_MAX 131000u

static bool print_number(const char *format, int number, FILE *out)
{
	bool zeros = *format == '0';
	char *end;
	long width = strtol(format, &end, 10);

	if (width < 0 || width > 20 || end[0] != 'd' || number < 0)
		return false;
	fprintf(out, zeros ? "%0*d" : "%*d", (int)width, number);
	return true;
}

/* The value of a name in brackets; NULL: there is none of that name. */
static const char *name_value(const struct super_names *names, const char *name, char host[256])
{
	if (strcmp(name, "program_name") == 0)
		return names->program;
	if (strcmp(name, "group_name") == 0)
		return names->group;
	if (strcmp(name, "here") == 0)
		return names->here;
	if (strncmp(name, "ENV_", 4) == 0)
		return getenv(name + 4);
	if (strcmp(name, "host_node_name") == 0 && gethostname(host, 256) == 0)
		return host;
	return NULL;
}

static bool print_name(struct super_names *names, const char *name, const char *format, FILE *out)
{
	bool is_process = strcmp(name, "process_num") == 0;
	char host[256];
	const char *value;

	if (is_process || strcmp(name, "numprocs") == 0) {
		int number = is_process ? names->number : names->numprocs;

		if (*format == 's' && number >= 0)
			return fprintf(out, "%d", number) > 0;
		return print_number(format, number, out);
	}
	value = *format == 's' ? name_value(names, name, host) : NULL;
	return value && fputs(value, out) >= 0;
}

/* What begins with `%` at text: printed; the end of it, or NULL. */
static const char *expand_one(struct super_names *names, const char *text, FILE *out)
{
	const char *close, *end;
	char name[128];

	if (text[1] == '%') {
		fputc('%', out);
		return text + 2;
	}
	close = text[1] == '(' ? strchr(text, ')') : NULL;
	end = close ? close + 1 + strspn(close + 1, "0123456789") : NULL;
	if (!end || !strchr("sd", *end) || !*end || (size_t)(close - text) > sizeof name) {
		snprintf(names->wrong, sizeof names->wrong, "%%%.20s is no expansion, expected %%(NAME)s or %%%%",
			 text + 1);
		return NULL;
	}
	snprintf(name, sizeof name, "%.*s", (int)(close - text) - 2, text + 2);
	if (print_name(names, name, close + 1, out))
		return end + 1;
	snprintf(names->wrong, sizeof names->wrong, "%%(%s)%c stands for nothing, expected a name that is known", name,
		 *end);
	return NULL;
}

char *super_expand(struct super_names *names, const char *text)
{
	char *expanded = NULL;
	size_t size;
	FILE *out = open_memstream(&expanded, &size);
	int error = out ? 0 : ENOMEM;

	while (error == 0 && *text) {
		size_t plain = strcspn(text, "%");

		fwrite(text, 1, plain, out);
		text += plain;
		if (*text == '%')
			text = expand_one(names, text, out);
		if (!text || ftell(out) > (long)EXPANDED_BYTES_MAX)
			error = EINVAL;
		if (text && error)
			snprintf(names->wrong, sizeof names->wrong, "too long, expected at most %u bytes",
				 EXPANDED_BYTES_MAX);
	}
	if (out && fclose(out) != 0)
		error = ENOMEM;
	if (error == 0)
		return expanded;
	free(expanded);
	errno = error;
	return NULL;
}

/* The value at *text, which moves behind it, without its quotes. */
static void take_value(const char **text, char *out)
{
	const char *p = *text;
	char quote = '\0';

	for (; *p && (quote || !strchr(",\n", *p)); p++) {
		if (quote && *p == quote)
			quote = '\0';
		else if (!quote && strchr("'\"", *p))
			quote = *p;
		else if (*p == '\\' && quote == '"' && p[1])
			*out++ = *++p;
		else
			*out++ = *p;
	}
	*out = '\0';
	*text = p;
}

int super_environment(const char *text, char ***env)
{
	char *value = malloc(strlen(text) + 1);
	int result = value ? 0 : -ENOMEM;

	for (text += strspn(text, ", \t\n"); result == 0 && *text; text += strspn(text, ", \t\n")) {
		size_t length = strcspn(text, "=, \t\n");
		char *key = strndup(text, length);

		text += length + strspn(text + length, " \t");
		if (!key)
			result = -ENOMEM;
		else if (*text != '=' || length == 0)
			result = -EINVAL;
		if (result == 0) {
			text += 1 + strspn(text + 1, " \t");
			take_value(&text, value);
			for (size_t end = strlen(value); end > 0 && strchr(" \t", value[end - 1]); end--)
				value[end - 1] = '\0';
			result = env_set(env, key, value);
		}
		free(key);
	}
	free(value);
	return result;
}
