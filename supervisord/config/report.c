/* SPDX-License-Identifier: MIT */
#include "config/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/text.h"

#define LINE_MAX_BYTES 1000

/* What cannot be kept for want of memory is left out: `failed` still tells that something was wrong. */
__attribute__((format(printf, 2, 0))) static void add(char ***lines, const char *format, va_list args)
{
	size_t length = list_length(*lines);
	char *line = NULL;

	if (length == REPORT_LINES_MAX)
		list_append(lines, "there is more of this kind; the rest is left out");
	if (length >= REPORT_LINES_MAX || vasprintf(&line, format, args) < 0)
		return;
	if (strlen(line) > LINE_MAX_BYTES)
		line[LINE_MAX_BYTES] = '\0';
	text_clean(line);
	list_append(lines, line);
	free(line);
}

void report_error(struct report *report, const char *format, ...)
{
	va_list args;

	report->failed = true;
	va_start(args, format);
	add(&report->errors, format, args);
	va_end(args);
}

void report_warning(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&report->warnings, format, args);
	va_end(args);
}

bool report_is_full(const struct report *report)
{
	return list_length(report->errors) > REPORT_LINES_MAX;
}

void report_finish(struct report *report)
{
	list_free(report->errors);
	list_free(report->warnings);
	*report = (struct report){0};
}
