/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/discover.h"
#include "config/text.h"

/* A list of thousands is printed as it goes: made as one value first, it took as long as finding it all. */

/* Bytes that are not UTF-8, which a path may have, become '?'. */
static void print_odd(const char *bytes, FILE *out)
{
	char *text = strdup(bytes);
	size_t length = text ? strlen(text) : 0, at;
	json_t *string;

	while (text && (at = text_utf8_length(text, length)) < length)
		text[at] = '?';
	string = text ? json_string(text) : NULL;
	if (!string || json_dumpf(string, out, JSON_ENCODE_ANY) != 0)
		fputs("\"\"", out);
	json_decref(string);
	free(text);
}

static void print_string(const char *bytes, FILE *out)
{
	const char *p = bytes;

	while (*p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\')
		p++;
	if (*p) {
		print_odd(bytes, out);
		return;
	}
	putc_unlocked('"', out);
	fwrite_unlocked(bytes, 1, (size_t)(p - bytes), out);
	putc_unlocked('"', out);
}

static void print_list(const char *key, char *const *texts, FILE *out)
{
	fprintf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < list_length(texts); i++) {
		fputs(i > 0 ? "," : "", out);
		print_string(texts[i], out);
	}
	fputc(']', out);
}

/* The argv of a spec with blanks between: to be freed. */
static char *words_of(const struct spec *spec)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; spec->argv[i]; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", spec->argv[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int print_script(const struct spec *spec, FILE *out)
{
	char *argv = spec->command ? NULL : words_of(spec);
	const char *const members[][2] = {{"{\"name\":", spec->name},
					  {",\"command\":", spec->command ? spec->command : argv},
					  {",\"dir\":", spec->dir},
					  {",\"source\":", spec->source},
					  {",\"manager\":", spec->manager}};

	if (!spec->command && !argv)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		fputs(members[i][0], out);
		print_string(members[i][1], out);
	}
	fputc('}', out);
	free(argv);
	return 0;
}

/* A duplicate of the descriptor carries the stream, so that closing the stream leaves the caller's open. */
int discover_print_json(const struct config *config, const struct report *report, int fd)
{
	int copy = dup(fd), result = 0;
	FILE *out = copy >= 0 ? fdopen(copy, "w") : NULL;
	bool ok;

	if (!out) {
		int error = errno;

		if (copy >= 0)
			close(copy);
		return -error;
	}
	errno = 0;
	fputs("{\"scripts\":[", out);
	for (size_t i = 0; i < config->count && result == 0; i++) {
		fputs(i > 0 ? "," : "", out);
		result = print_script(config->specs[i], out);
	}
	fputc(']', out);
	print_list("warnings", report->warnings, out);
	print_list("errors", report->errors, out);
	ok = fputs("}\n", out) >= 0 && !ferror(out);
	ok = fclose(out) == 0 && ok;
	return result != 0 || ok ? result : errno ? -errno : -EIO;
}
