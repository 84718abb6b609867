/* SPDX-License-Identifier: MIT */
#include "detect/prefix.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_of_name(char byte)
{
	return byte && (isalnum((unsigned char)byte) || strchr("@/.#_-", byte));
}

static size_t name_length(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && is_of_name(text[n]))
		n++;
	return n;
}

/* "[web] " */
static size_t bracketed(const char *text, size_t length)
{
	size_t n = 1;

	while (n < length && text[n] != ']' && text[n] != ' ')
		n++;
	return n > 1 && n + 1 < length && text[n] == ']' && text[n + 1] == ' ' ? n + 2 : 0;
}

/* "web-1  | ", from behind the name on; its last blank may be missing where nothing follows. */
static size_t before_bar(const char *text, size_t length, size_t n)
{
	while (n < length && text[n] == ' ')
		n++;
	return n + 1 < length && text[n] == '|' && text[n + 1] == ' ' ? n + 2 : 0;
}

/* "web:dev: ", from behind the first name on */
static size_t of_names(const char *text, size_t length, size_t n)
{
	while (n + 1 < length && text[n] == ':' && is_of_name(text[n + 1]))
		n += 1 + name_length(text + n + 1, length - n - 1);
	return n + 1 < length && text[n] == ':' && text[n + 1] == ' ' && memchr(text, ':', n) ? n + 2 : 0;
}

size_t prefix_length(const char *text, size_t length)
{
	size_t seen = length < PREFIX_MAX ? length : PREFIX_MAX;
	size_t n;

	if (seen > 0 && *text == '[')
		return bracketed(text, seen);
	if (seen == 0 || !(isalpha((unsigned char)*text) || *text == '@'))
		return 0;
	n = name_length(text, seen);
	return n < seen && text[n] == ':' ? of_names(text, seen, n) : before_bar(text, seen, n);
}
