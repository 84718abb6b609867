/* SPDX-License-Identifier: MIT */
#include "clients/tui/text.h"

#include <stdio.h>
#include <wchar.h>

/* What a lead byte announces: bytes of the whole, payload bits of the lead, least code that needs so many. */
static const struct lead {
	uint8_t mask;
	uint8_t value;
	uint8_t bytes;
	uint32_t least;
} leads[] = {{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};

static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
		if ((byte & leads[i].mask) == leads[i].value)
			return &leads[i];
	return NULL;
}

size_t text_next(const char *text, size_t length, uint32_t *code)
{
	const uint8_t *at = (const uint8_t *)text;
	const struct lead *lead;
	uint32_t value;

	if (length == 0)
		return 0;
	*code = TEXT_BAD_BYTE | at[0];
	lead = find_lead(at[0]);
	if (!lead || lead->bytes > length)
		return 1;
	value = at[0] & (uint8_t)~lead->mask;
	for (unsigned i = 1; i < lead->bytes; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (at[i] & 0x3f);
	}
	if (value < lead->least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 1;
	*code = value;
	return lead->bytes;
}

struct range {
	uint32_t first;
	uint32_t last;
};

/* Format characters that would act without being seen, bidirectional controls first of all. */
static const struct range invisible[] = {{0x00ad, 0x00ad},   {0x061c, 0x061c}, {0x115f, 0x1160}, {0x180e, 0x180e},
					 {0x200b, 0x200c},   {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
					 {0x3164, 0x3164},   {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
					 {0xd800, 0xf8ff},   {0xffa0, 0xffa0}, {0xfffe, 0xffff}, {0xe0000, 0xe00ff},
					 {0xe01f0, 0x10ffff}};
static const struct range dropped[] = {{0x200d, 0x200d}, {0x180b, 0x180d}, {0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}};

static bool in_ranges(uint32_t code, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

enum text_kind text_kind(uint32_t code, int *cells)
{
	int width;

	*cells = 1;
	if (code >= 0x20 && code < 0x7f)
		return TEXT_SHOWN;
	*cells = 0;
	if (code == '\t')
		return TEXT_TABULATOR;
	if (code < 0xa0 || code >= TEXT_BAD_BYTE)
		return TEXT_SPELLED;
	if (in_ranges(code, dropped, sizeof dropped / sizeof *dropped))
		return TEXT_DROPPED;
	if (in_ranges(code, invisible, sizeof invisible / sizeof *invisible))
		return TEXT_SPELLED;
	width = wcwidth((wchar_t)code);
	if (width < 0)
		width = 1; /* not known to the library: the replacement character is drawn */
	*cells = width;
	return width == 0 ? TEXT_MARK : TEXT_SHOWN;
}

char *text_spell(uint32_t code, char out[TEXT_SPELL_MAX])
{
	if (code < 0x20 || code == 0x7f)
		snprintf(out, TEXT_SPELL_MAX, "^%c", (int)(code ^ 0x40));
	else if (code < 0xa0 || code >= TEXT_BAD_BYTE)
		snprintf(out, TEXT_SPELL_MAX, "\\x%02x", (unsigned)(code & 0xff));
	else
		snprintf(out, TEXT_SPELL_MAX, "<U+%04X>", (unsigned)code);
	return out;
}

int text_cells(const char *text, size_t length)
{
	char spelled[TEXT_SPELL_MAX];
	int column = 0;

	for (size_t at = 0; at < length;) {
		uint32_t code;
		int cells;

		at += text_next(text + at, length - at, &code);
		switch (text_kind(code, &cells)) {
		case TEXT_SHOWN:
			column += cells;
			break;
		case TEXT_TABULATOR:
			column += 8 - column % 8;
			break;
		case TEXT_SPELLED:
			for (const char *c = text_spell(code, spelled); *c; c++)
				column++;
			break;
		case TEXT_MARK:
		case TEXT_DROPPED:
			break;
		}
	}
	return column;
}

/* The signs this program draws, and their stand-ins. */
static const struct stand_in {
	uint32_t code;
	char ascii;
} stand_ins[] = {{0x25cb, '.'}, {0x25d0, 'o'}, {0x25cf, '*'}, {0x25d1, 'v'}, {0x21bb, '~'}, {0x25a0, '-'},
		 {0x2717, 'X'}, {0x2713, '+'}, {0x2581, '_'}, {0x2582, '.'}, {0x2583, '-'}, {0x2584, '='},
		 {0x2585, '+'}, {0x2586, '*'}, {0x2587, '#'}, {0x2588, '@'}, {0x2500, '-'}, {0x2502, '|'},
		 {0x250c, '+'}, {0x2510, '+'}, {0x2514, '+'}, {0x2518, '+'}, {0x258c, '>'}, {0x258f, '_'},
		 {0x2026, '~'}, {0x00d7, 'x'}, {0x2191, '^'}, {0x2193, 'v'}, {0x2190, '<'}, {0x2192, '>'},
		 {0x25b2, '^'}, {0x25bc, 'v'}, {0x00b7, '.'}, {0x203a, '>'}, {0x2592, '='}, {0x2014, '-'},
		 {0x25b8, '>'}, {0x25be, 'v'}, {0x2019, '\''}};

char text_ascii(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return (char)code;
	for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
		if (stand_ins[i].code == code)
			return stand_ins[i].ascii;
	return '?';
}

size_t text_encode(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

char *text_count(uint64_t count, char out[TEXT_COUNT_MAX])
{
	char digits[TEXT_COUNT_MAX];
	int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count), used = 0;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
	return out;
}

char *text_count_brief(uint64_t count, char out[TEXT_COUNT_MAX])
{
	uint64_t unit = count < 1000000 ? 1000 : 1000000;

	if (count < 10000)
		return text_count(count, out);
	snprintf(out, TEXT_COUNT_MAX, "%llu.%llu%c", (unsigned long long)(count / unit),
		 (unsigned long long)(count % unit * 10 / unit), unit == 1000 ? 'k' : 'M');
	return out;
}
