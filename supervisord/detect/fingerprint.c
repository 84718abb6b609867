/* SPDX-License-Identifier: MIT */
#include "detect/fingerprint.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define FNV_FIRST  UINT64_C(14695981039346656037)
#define FNV_PRIME  UINT64_C(1099511628211)
#define QUOTED_MAX 200u /* a quote that ends later is an apostrophe */
#define HEX_LEAST  6u   /* letters a to f and digits, so many and a digit among them, are a number */

static uint64_t add(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * FNV_PRIME;
}

static bool is_in_word(const char *text, size_t at)
{
	return at > 0 && isalnum((unsigned char)text[at - 1]);
}

/* The length of what is quoted at `at`, the quotes included; 0 if nothing is. */
static size_t quoted(const char *text, size_t at, size_t length)
{
	size_t left = length - at < QUOTED_MAX ? length - at : QUOTED_MAX;
	const char *end;

	if (!strchr("'\"`", text[at]) || !text[at] || left < 2 || is_in_word(text, at))
		return 0;
	end = memchr(text + at + 1, text[at] == '`' && memchr(text + at + 1, '\'', left - 1) ? '\'' : text[at],
		     left - 1);
	return end ? (size_t)(end - (text + at)) + 1 : 0;
}

/* The length of a number at `at`; 0 if none begins there. */
static size_t number(const char *text, size_t at, size_t length)
{
	size_t hex = at, digits = at;
	bool has_digit = false;

	if (length - at > 2 && text[at] == '0' && (text[at + 1] | 0x20) == 'x')
		hex = digits = at + 2;
	for (; hex < length && isxdigit((unsigned char)text[hex]); hex++)
		has_digit |= isdigit((unsigned char)text[hex]) != 0;
	if (has_digit && (hex - at >= HEX_LEAST || digits > at) && !is_in_word(text, at) &&
	    !(hex < length && isalnum((unsigned char)text[hex])))
		return hex - at;
	while (digits < length && isdigit((unsigned char)text[digits]))
		digits++;
	return digits - at;
}

uint64_t fingerprint(uint8_t language, const char *text, size_t length)
{
	uint64_t hash = add(FNV_FIRST, language);
	size_t at = 0;

	while (at < length) {
		unsigned char byte = (unsigned char)text[at];
		size_t quote = quoted(text, at, length);
		size_t digits = quote ? 0 : number(text, at, length);

		if (quote || digits) {
			hash = add(hash, quote ? '"' : '0');
			at += quote + digits;
			continue;
		}
		at++;
		if (byte != ' ' && byte != '\t')
			hash = add(hash, byte);
	}
	return hash;
}
