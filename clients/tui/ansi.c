/* SPDX-License-Identifier: MIT */
#include "clients/tui/ansi.h"

#include <stdbool.h>
#include <string.h>

#include "clients/tui/text.h"
#include "clients/tui/theme.h"

#define ESC 0x1b

/* ---- SGR ---- */

unsigned ansi_nearest(unsigned r, unsigned g, unsigned b)
{
	static const uint8_t steps[] = {0, 95, 135, 175, 215, 255};
	const unsigned wanted[3] = {r, g, b};
	unsigned place[3];

	if (r == g && g == b && r >= 8 && r <= 238)
		return 232 + (r - 8) / 10;
	for (int i = 0; i < 3; i++) {
		place[i] = 0;
		while (place[i] < 5 && wanted[i] > (unsigned)(steps[place[i]] + steps[place[i] + 1]) / 2)
			place[i]++;
	}
	return 16 + 36 * place[0] + 6 * place[1] + place[2];
}

static uint32_t with_fg(uint32_t style, unsigned color)
{
	return (style & ~STYLE_FG(0xff)) | STYLE_FG(color);
}

static uint32_t with_bg(uint32_t style, unsigned color)
{
	return (style & ~STYLE_BG(0xff)) | STYLE_BG(color);
}

/* 38;5;N or 38;2;R;G;B at params[0]. Returns how many of them it took. */
static unsigned long_color(const unsigned *params, unsigned count, uint32_t *style)
{
	bool front = params[0] == 38;
	unsigned color, used;

	if (count >= 3 && params[1] == 5) {
		color = params[2] & 0xff;
		used = 3;
	} else if (count >= 5 && params[1] == 2) {
		color = ansi_nearest(params[2] & 0xff, params[3] & 0xff, params[4] & 0xff);
		used = 5;
	} else {
		return count;
	}
	*style = front ? with_fg(*style, color) : with_bg(*style, color);
	return used;
}

/* Hidden, blinking and faint text is shown as any other. */
static uint32_t apply_one(uint32_t style, unsigned code)
{
	if (code == 0)
		return 0;
	if (code == 1)
		return style | STYLE_BOLD;
	if (code == 3)
		return style | STYLE_ITALIC;
	if (code == 4)
		return style | STYLE_UNDERLINE;
	if (code == 7)
		return style | STYLE_REVERSE;
	if (code >= 22 && code <= 27) {
		static const uint32_t off[] = {STYLE_BOLD, STYLE_ITALIC, STYLE_UNDERLINE, 0, 0, STYLE_REVERSE};

		return style & ~off[code - 22];
	}
	if (code >= 30 && code <= 37)
		return with_fg(style, code - 30);
	if (code >= 90 && code <= 97)
		return with_fg(style, code - 90 + 8);
	if (code >= 40 && code <= 47)
		return with_bg(style, code - 40);
	if (code >= 100 && code <= 107)
		return with_bg(style, code - 100 + 8);
	if (code == 39)
		return style & ~STYLE_FG(0xff);
	if (code == 49)
		return style & ~STYLE_BG(0xff);
	return style;
}

/* The parameters between ESC [ and m. */
static uint32_t apply_sgr(uint32_t style, const char *text, size_t length)
{
	unsigned params[16] = {0}, count = 1;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == ';' || text[i] == ':')
			count += count < 16;
		else if (params[count - 1] < 1000)
			params[count - 1] = params[count - 1] * 10 + (unsigned)(text[i] - '0');
	}
	for (unsigned i = 0; i < count;) {
		if (params[i] == 38 || params[i] == 48) {
			i += long_color(params + i, count - i, &style);
		} else {
			style = apply_one(style, params[i++]);
		}
	}
	/* Black on black could not be read. */
	if ((style & STYLE_HAS_FG) && (style & STYLE_HAS_BG) && (style >> 16 & 0xff) == style >> 24)
		style &= ~(STYLE_FG(0xff) | STYLE_BG(0xff));
	return style;
}

/* ---- sequences ---- */

/* Length of the control string (OSC, DCS, ...) at bytes, its terminator included; all there is without one. */
static size_t string_length(const char *bytes, size_t length)
{
	for (size_t i = 2; i < length; i++) {
		if (bytes[i] == 0x07)
			return i + 1;
		if (bytes[i] == ESC && i + 1 < length && bytes[i + 1] == '\\')
			return i + 2;
	}
	return length;
}

/* Length of ESC [ ... with its final byte; *plain: only digits and separators lie between. */
static size_t csi_length(const char *bytes, size_t length, bool *plain)
{
	*plain = true;
	for (size_t i = 2; i < length; i++) {
		uint8_t c = (uint8_t)bytes[i];

		if (c >= 0x40 && c <= 0x7e)
			return i + 1;
		if (c < 0x20 || c > 0x7e)
			return i;
		*plain = *plain && ((c >= '0' && c <= '9') || c == ';' || c == ':');
	}
	*plain = false;
	return length;
}

static size_t skip_escape(const char *bytes, size_t length, uint32_t *style)
{
	size_t used = 2;
	bool plain;

	if (length < 2)
		return length;
	switch (bytes[1]) {
	case '[':
		used = csi_length(bytes, length, &plain);
		if (plain && bytes[used - 1] == 'm')
			*style = apply_sgr(*style, bytes + 2, used - 3);
		return used;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return string_length(bytes, length);
	default:
		while (used - 1 < length && bytes[used - 1] >= 0x20 && bytes[used - 1] <= 0x2f)
			used++; /* intermediate bytes, as in ESC ( B */
		return used < length ? used : length;
	}
}

static void set_style(struct ansi *out, uint32_t style)
{
	uint16_t at = (uint16_t)out->length;

	if (out->run_count > 0 && out->runs[out->run_count - 1].at == at)
		out->run_count--;
	if (out->run_count < ANSI_RUNS)
		out->runs[out->run_count++] = (struct ansi_run){at, style};
}

void ansi_parse(const char *bytes, size_t length, struct ansi *out)
{
	uint32_t style = 0, before;

	out->length = 0;
	out->run_count = 0;
	while (length > 0 && bytes[length - 1] == '\r')
		length--;
	for (size_t i = 0; i < length && out->length < sizeof out->text;) {
		if (bytes[i] == ESC) {
			before = style;
			i += skip_escape(bytes + i, length - i, &style);
			if (style != before)
				set_style(out, style);
		} else if (bytes[i] == '\r') {
			out->length = 0;
			out->run_count = 0;
			if (style)
				set_style(out, style);
			i++;
		} else {
			out->text[out->length++] = bytes[i++];
		}
	}
}

uint32_t ansi_style(const struct ansi *ansi, size_t at, size_t *end)
{
	uint32_t style = 0;

	*end = ansi->length;
	for (unsigned i = 0; i < ansi->run_count; i++) {
		if (ansi->runs[i].at > at) {
			*end = ansi->runs[i].at;
			break;
		}
		style = ansi->runs[i].style;
	}
	return style;
}

static int cells_of(const char *text, size_t length, int column, uint32_t *code, size_t *used)
{
	char spelled[TEXT_SPELL_MAX];
	int cells;

	*used = text_next(text, length, code);
	switch (text_kind(*code, &cells)) {
	case TEXT_TABULATOR:
		return 8 - column % 8;
	case TEXT_SPELLED:
		return (int)strlen(text_spell(*code, spelled));
	case TEXT_SHOWN:
	case TEXT_MARK:
	case TEXT_DROPPED:
		break;
	}
	return cells;
}

size_t ansi_wrap(const struct ansi *ansi, size_t at, int width)
{
	size_t blank = 0;
	int column = 0, blank_column = 0;

	for (size_t i = at; i < ansi->length;) {
		uint32_t code;
		size_t used;
		int cells = cells_of(ansi->text + i, ansi->length - i, column, &code, &used);

		if (column + cells > width && i > at)
			return blank_column * 2 > width ? blank : i;
		column += cells;
		i += used;
		if (code == ' ') {
			blank = i;
			blank_column = column;
		}
	}
	return ansi->length;
}
