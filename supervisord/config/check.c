/* SPDX-License-Identifier: MIT */
#include "config/check.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void check_print(const struct report *report, FILE *out)
{
	for (char **line = report->errors; line && *line; line++)
		fprintf(out, "%s\n", *line);
	for (char **line = report->warnings; line && *line; line++)
		fprintf(out, "warning: %s\n", *line);
}

static void print_count(FILE *out, const char *before, size_t number, const char *one, const char *many)
{
	fprintf(out, "%s%zu %s", before, number, number == 1 ? one : many);
}

int check_print_good(const struct config *config, const struct report *report, FILE *out)
{
	size_t entries = 0, warnings = list_length(report->warnings);

	for (size_t i = 0; i < config->count; i++)
		entries += config->specs[i]->configured;
	if (*config->file) {
		fprintf(out, "%s: ", config->file);
		print_count(out, "", entries, "process", "processes");
	}
	if (!*config->file || config->count > entries)
		print_count(out, *config->file ? ", " : "", config->count - entries, "script", "scripts");
	fputs(", no errors", out);
	if (warnings > 0)
		print_count(out, ", ", warnings, "warning", "warnings");
	return fputc('\n', out) == EOF || fflush(out) != 0 ? -errno : 0;
}

/* The number that ends before `end` and begins after a colon; *start becomes that colon. -1: there is none. */
static long number_before(const char *line, const char *end, const char **start)
{
	const char *at = end;

	while (at > line && isdigit((unsigned char)at[-1]))
		at--;
	if (at == end || at == line || at[-1] != ':' || end - at > 9)
		return -1;
	*start = at - 1;
	return strtol(at, NULL, 10);
}

/* "FILE:LINE:COLUMN: MESSAGE" in parts; "FILE: MESSAGE" where there is no position. */
static json_t *to_object(const char *line)
{
	for (const char *colon = strstr(line, ": "); colon; colon = strstr(colon + 1, ": ")) {
		const char *before, *file_end;
		long column = number_before(line, colon, &before), row;

		row = column < 0 ? -1 : number_before(line, before, &file_end);
		if (row >= 0)
			return json_pack("{s:s%, s:I, s:I, s:s}", "file", line, (size_t)(file_end - line), "line",
					 (json_int_t)row, "column", (json_int_t)column, "message", colon + 2);
	}
	if (strstr(line, ": "))
		return json_pack("{s:s%, s:s}", "file", line, (size_t)(strstr(line, ": ") - line), "message",
				 strstr(line, ": ") + 2);
	return json_pack("{s:s}", "message", line);
}

static json_t *to_list(char *const *lines)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < list_length(lines); i++) {
		if (json_array_append_new(list, to_object(lines[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

int check_print_json(const struct report *report, FILE *out)
{
	json_t *json = json_pack("{s:b, s:o, s:o}", "ok", !report->failed, "errors", to_list(report->errors),
				 "warnings", to_list(report->warnings));
	int result = !json ? -ENOMEM : json_dumpf(json, out, JSON_COMPACT) == 0 ? 0 : -EIO;

	json_decref(json);
	if (result == 0 && (fputc('\n', out) == EOF || fflush(out) != 0))
		result = -errno;
	return result;
}
