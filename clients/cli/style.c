/* SPDX-License-Identifier: MIT */
#include "clients/cli/style.h"

#include <string.h>

static const struct {
	const char *word;
	const char *sequence;
} words[] = {
	{"running", "\033[32m"},      {"success", "\033[32m"}, {"live", "\033[32m"},       {"starting", "\033[33m"},
	{"stopping", "\033[33m"},     {"backoff", "\033[33m"}, {"restarting", "\033[33m"}, {"pending", STYLE_DIM},
	{"unresponsive", "\033[33m"}, {"stopped", STYLE_DIM},  {"closed", STYLE_DIM},      {"failed", "\033[31m"},
	{"dead", "\033[31m"},         {"error", "\033[31m"},   {"unreadable", "\033[31m"}, {"ok", "\033[32m"},
	{"note", "\033[33m"},         {"wrong", "\033[31m"},
};

static const char *const status_columns[] = {"STATUS", "STATE", "FROM", "TO"};

static const char *const names[] = {"\033[36m", "\033[33m", "\033[32m", "\033[35m", "\033[34m",
				    "\033[96m", "\033[93m", "\033[92m", "\033[95m", "\033[94m"};

const char *style_status(const char *word)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].sequence;
	return "";
}

const char *style_cell(const struct table_column *column, const char *text)
{
	for (size_t i = 0; i < sizeof status_columns / sizeof *status_columns; i++)
		if (strcmp(column->heading, status_columns[i]) == 0)
			return style_status(text);
	return "";
}

const char *style_name(size_t number)
{
	return names[number % (sizeof names / sizeof *names)];
}
