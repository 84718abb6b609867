/* SPDX-License-Identifier: MIT */
#include "clients/tui/input.h"

#include <stdio.h>
#include <string.h>

#include "clients/tui/text.h"

#define ESC        0x1b
#define BEL        0x07
#define PARAMS_MAX 8

size_t input_feed(struct input *input, const void *bytes, size_t length)
{
	size_t room = sizeof input->bytes - input->length;

	if (length > room)
		length = room;
	memcpy(input->bytes + input->length, bytes, length);
	input->length += length;
	return length;
}

static void take(struct input *input, size_t count)
{
	memmove(input->bytes, input->bytes + count, input->length - count);
	input->length -= count;
}

/* ---- CSI ---- */

struct csi {
	char mark;   /* '<', '?', '>' or 0 */
	char middle; /* an intermediate byte, or 0 */
	char last;
	unsigned params[PARAMS_MAX];
	unsigned count;
};

static void add_digit(struct csi *csi, uint8_t digit)
{
	unsigned *param = &csi->params[csi->count - 1];

	if (*param < 100000)
		*param = *param * 10 + digit - '0';
}

/* Parse ESC [ ... at bytes. Returns its length; 0: not whole yet. A byte that does not belong ends it, skipped. */
static size_t csi_parse(const uint8_t *bytes, size_t length, struct csi *csi)
{
	*csi = (struct csi){.count = 1};
	for (size_t i = 2; i < length; i++) {
		uint8_t c = bytes[i];

		if (c >= '0' && c <= '9') {
			add_digit(csi, c);
		} else if (c == ';' || c == ':') {
			csi->count += csi->count < PARAMS_MAX;
		} else if (c >= 0x3c && c <= 0x3f) {
			csi->mark = (char)c;
		} else if (c >= 0x20 && c <= 0x2f) {
			csi->middle = (char)c;
		} else if (c >= 0x40 && c <= 0x7e) {
			csi->last = (char)c;
			return i + 1;
		} else {
			return c == ESC ? i : i + 1;
		}
	}
	return 0;
}

static unsigned csi_mods(const struct csi *csi)
{
	unsigned value = csi->count > 1 && csi->params[1] > 0 ? csi->params[1] - 1 : 0;

	return (value & 1 ? MOD_SHIFT : 0) | (value & 2 || value & 8 ? MOD_ALT : 0) | (value & 4 ? MOD_CTRL : 0);
}

static const struct {
	char last;
	uint32_t key;
} letter_keys[] = {{'A', K_UP}, {'B', K_DOWN},   {'C', K_RIGHT},  {'D', K_LEFT},   {'H', K_HOME},  {'F', K_END},
		   {'P', K_F1}, {'Q', K_F1 + 1}, {'R', K_F1 + 2}, {'S', K_F1 + 3}, {'M', K_ENTER}, {'j', '*'},
		   {'k', '+'},  {'m', '-'},      {'o', '/'},      {'E', K_NONE}};

static uint32_t letter_key(char last)
{
	for (size_t i = 0; i < sizeof letter_keys / sizeof *letter_keys; i++)
		if (letter_keys[i].last == last)
			return letter_keys[i].key;
	return K_NONE;
}

static const struct {
	unsigned number;
	uint32_t key;
} tilde_keys[] = {{1, K_HOME},      {2, K_INSERT},  {3, K_DELETE},  {4, K_END},      {5, K_PAGE_UP},
		  {6, K_PAGE_DOWN}, {7, K_HOME},    {8, K_END},     {11, K_F1},      {12, K_F1 + 1},
		  {13, K_F1 + 2},   {14, K_F1 + 3}, {15, K_F1 + 4}, {17, K_F1 + 5},  {18, K_F1 + 6},
		  {19, K_F1 + 7},   {20, K_F1 + 8}, {21, K_F1 + 9}, {23, K_F1 + 10}, {24, K_F12}};

static uint32_t tilde_key(unsigned number)
{
	for (size_t i = 0; i < sizeof tilde_keys / sizeof *tilde_keys; i++)
		if (tilde_keys[i].number == number)
			return tilde_keys[i].key;
	return K_NONE;
}

static void set_key(struct event *event, uint32_t key, unsigned mods)
{
	if (key == K_NONE)
		return;
	event->kind = EVENT_KEY;
	event->key = key;
	event->mods = mods;
}

static enum mouse_button button_of(unsigned code)
{
	static const enum mouse_button plain[] = {MOUSE_LEFT, MOUSE_MIDDLE, MOUSE_RIGHT, MOUSE_NONE};

	if (code & 128)
		return MOUSE_OTHER;
	if (code & 64)
		return (code & 3) == 0 ? MOUSE_WHEEL_UP : (code & 3) == 1 ? MOUSE_WHEEL_DOWN : MOUSE_OTHER;
	return plain[code & 3];
}

static void set_mouse(struct event *event, unsigned code, unsigned col, unsigned row, bool press)
{
	if (row < 1 || col < 1)
		return;
	event->kind = EVENT_MOUSE;
	event->button = button_of(code);
	event->mods = (code & 4 ? MOD_SHIFT : 0) | (code & 8 ? MOD_ALT : 0) | (code & 16 ? MOD_CTRL : 0);
	event->drag = (code & 32) != 0;
	event->press = press;
	event->row = (int)row - 1;
	event->col = (int)col - 1;
}

static void csi_event(const struct csi *csi, struct input *input, struct event *event)
{
	if (csi->mark == '<' && (csi->last == 'M' || csi->last == 'm')) {
		if (csi->count >= 3)
			set_mouse(event, csi->params[0], csi->params[1], csi->params[2], csi->last == 'M');
	} else if (csi->mark == '?' && csi->middle == '$' && csi->last == 'y') {
		event->kind = EVENT_MODE;
		event->row = (int)csi->params[0];
		event->col = (int)csi->params[1];
	} else if (csi->mark || csi->middle) {
		return;
	} else if (csi->last == '~' && csi->params[0] == 200) {
		input->pasting = true;
	} else if (csi->last == '~' && csi->params[0] == 27 && csi->count == 3) {
		set_key(event, csi->params[2], csi_mods(csi));
	} else if (csi->last == '~') {
		set_key(event, tilde_key(csi->params[0]), csi_mods(csi));
	} else if (csi->last == 'u') {
		set_key(event, csi->params[0], csi_mods(csi));
	} else if (csi->last == 'Z') {
		set_key(event, K_TAB, MOD_SHIFT);
	} else if (csi->last == 'R' && csi->params[0] > 0 && csi->count == 2) {
		event->kind = EVENT_CURSOR;
		event->row = (int)csi->params[0] - 1;
		event->col = (int)csi->params[1] - 1;
	} else if (csi->last == 'I' || csi->last == 'O') {
		event->kind = EVENT_FOCUS;
		event->press = csi->last == 'I';
	} else {
		set_key(event, letter_key(csi->last), csi_mods(csi));
	}
}

/* The old mouse report: ESC [ M and three bytes, each 32 more than what it means. */
static size_t old_mouse(const uint8_t *bytes, size_t length, struct event *event)
{
	unsigned code;

	if (length < 6)
		return 0;
	if (bytes[3] < 32 || bytes[4] < 33 || bytes[5] < 33)
		return 6;
	code = bytes[3] - 32u;
	set_mouse(event, code, bytes[4] - 32u, bytes[5] - 32u, (code & 3) != 3 || code & 64);
	return 6;
}

static size_t decode_csi(struct input *input, struct event *event)
{
	struct csi csi;
	size_t used;

	if (input->length > 2 && input->bytes[2] == 'M')
		return old_mouse(input->bytes, input->length, event);
	if (input->length > 3 && input->bytes[2] == '[') /* the Linux console's F1 to F5: ESC [ [ A */
		return input->bytes[3] < 'A' || input->bytes[3] > 'E'
			       ? 4
			       : (set_key(event, K_F1 + input->bytes[3] - 'A', 0), 4);
	if (input->length == 3 && input->bytes[2] == '[')
		return 0;
	used = csi_parse(input->bytes, input->length, &csi);
	if (used > 0 && csi.last)
		csi_event(&csi, input, event);
	return used;
}

/* ---- strings: OSC, DCS, APC, PM, SOS ---- */

/* Length of the string with its terminator (BEL, or ESC \), *text_end where its text ends; 0: not whole yet. */
static size_t string_length(const uint8_t *bytes, size_t length, size_t *text_end)
{
	for (size_t i = 2; i < length; i++) {
		*text_end = i;
		if (bytes[i] == BEL)
			return i + 1;
		if (bytes[i] != ESC)
			continue;
		if (i + 1 == length)
			return 0;
		return bytes[i + 1] == '\\' ? i + 2 : i; /* another escape sequence ends it too */
	}
	return 0;
}

/* One to four hexadecimal digits, scaled to 16 bits. */
static bool parse_component(const char **at, const char *end, uint16_t *out)
{
	unsigned value = 0, digits = 0;

	for (; *at < end && digits < 4; ++*at, digits++) {
		const char *hex = "0123456789abcdefABCDEF";
		const char *found = **at ? strchr(hex, **at) : NULL;

		if (!found)
			break;
		value = value << 4 | (unsigned)(found - hex - (found - hex > 15 ? 6 : 0));
	}
	if (digits == 0)
		return false;
	*out = (uint16_t)(value * 0xffffu / ((1u << 4 * digits) - 1));
	return true;
}

/* "11;rgb:1e1e/1e1e/1e1e" */
static void parse_background(const char *at, const char *end, struct event *event)
{
	static const char start[] = "11;rgb";

	if (end - at < (ptrdiff_t)sizeof start || memcmp(at, start, sizeof start - 1) != 0)
		return;
	at += sizeof start - 1;
	at += *at == 'a';
	for (int i = 0; i < 3; i++) {
		if (at == end || *at != (i ? '/' : ':'))
			return;
		at++;
		if (!parse_component(&at, end, &event->color[i]))
			return;
	}
	event->kind = EVENT_BACKGROUND;
}

static size_t decode_string(struct input *input, struct event *event)
{
	size_t end = 2;
	size_t used = string_length(input->bytes, input->length, &end);
	const char *text = (const char *)input->bytes;

	if (used > 0 && input->bytes[1] == ']')
		parse_background(text + 2, text + end, event);
	return used;
}

/* ---- the rest ---- */

/* A sequence of the terminal's description. Longest first is not needed: none is the start of another. */
static size_t decode_described(struct input *input, struct event *event)
{
	for (const struct input_string *s = input->strings; s && s->bytes; s++) {
		size_t length = strlen(s->bytes);

		if (input->length >= length && memcmp(input->bytes, s->bytes, length) == 0) {
			set_key(event, s->key, 0);
			return length;
		}
	}
	return 0;
}

static uint32_t control_key(uint8_t byte, unsigned *mods)
{
	*mods = 0;
	if (byte == '\t' || byte == '\r' || byte == ESC)
		return byte;
	if (byte == '\n')
		return K_ENTER;
	if (byte == 0x08 || byte == 0x7f)
		return K_BACKSPACE;
	*mods = MOD_CTRL;
	if (byte == 0)
		return K_SPACE;
	return byte + (byte < 0x1b ? 'a' - 1u : '@' + 0u);
}

/* One character or control byte at offset. 0: an incomplete character. */
static size_t decode_plain(const struct input *input, size_t offset, bool expired, struct event *event)
{
	const char *text = (const char *)input->bytes + offset;
	size_t length = input->length - offset;
	uint8_t byte = input->bytes[offset];
	uint32_t code;
	size_t used;
	unsigned mods;

	if (byte < 0x20 || byte == 0x7f) {
		code = control_key(byte, &mods);
		set_key(event, code, mods);
		return 1;
	}
	used = text_next(text, length, &code);
	if (code < TEXT_BAD_BYTE) {
		set_key(event, code, 0);
		return used;
	}
	return byte >= 0xc2 && length < 4 && !expired && (length == 1 || (uint8_t)text[length - 1] >= 0x80) ? 0 : 1;
}

static size_t decode_ss3(struct input *input, struct event *event)
{
	if (input->length < 3)
		return 0;
	set_key(event, letter_key((char)input->bytes[2]), 0);
	return 3;
}

static size_t decode_alt(struct input *input, bool expired, struct event *event)
{
	size_t used = decode_plain(input, 1, expired, event);

	if (used == 0)
		return 0;
	if (event->kind == EVENT_KEY)
		event->mods |= MOD_ALT;
	return used + 1;
}

static size_t decode_escape(struct input *input, bool expired, struct event *event)
{
	size_t used = decode_described(input, event);

	if (used > 0)
		return used;
	if (input->length == 1) {
		if (expired)
			set_key(event, K_ESC, 0);
		return expired;
	}
	if (expired && input->length == 2 && input->bytes[1] != ESC)
		return decode_alt(input, expired, event);
	switch (input->bytes[1]) {
	case '[':
		return decode_csi(input, event);
	case 'O':
		return decode_ss3(input, event);
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return decode_string(input, event);
	case ESC:
		set_key(event, K_ESC, 0);
		return 1;
	default:
		return decode_alt(input, expired, event);
	}
}

static size_t decode_paste(struct input *input, bool expired, struct event *event)
{
	static const char end[] = "\033[201~";
	size_t compared = input->length < sizeof end - 1 ? input->length : sizeof end - 1;
	size_t used;

	if (memcmp(input->bytes, end, compared) == 0) {
		if (compared < sizeof end - 1)
			return 0;
		input->pasting = false;
		event->kind = EVENT_PASTE_END;
		return compared;
	}
	if (input->bytes[0] < 0x20) {
		event->kind = EVENT_PASTE;
		event->key = input->bytes[0];
		return 1;
	}
	used = decode_plain(input, 0, expired, event);
	if (event->kind == EVENT_KEY)
		event->kind = EVENT_PASTE;
	return used;
}

static size_t decode(struct input *input, bool expired, struct event *event)
{
	if (input->pasting)
		return decode_paste(input, expired, event);
	if (input->bytes[0] == ESC)
		return decode_escape(input, expired, event);
	return decode_plain(input, 0, expired, event);
}

bool input_next(struct input *input, bool expired, struct event *event)
{
	size_t used;

	*event = (struct event){.kind = EVENT_NONE};
	if (input->length == 0)
		return false;
	used = decode(input, expired, event);
	if (used == 0 && input->length == sizeof input->bytes)
		used = input->length; /* a sequence without end */
	take(input, used);
	return used > 0;
}

bool input_waits(const struct input *input)
{
	return input->length > 0 && !input->pasting;
}

/* ---- names ---- */

static const struct key_name {
	uint32_t key;
	const char *name;
	const char *shown;
} key_names[] = {
	{K_UP, "Up", "↑"},           {K_DOWN, "Down", "↓"},         {K_LEFT, "Left", "←"},
	{K_RIGHT, "Right", "→"},     {K_HOME, "Home", "Home"},      {K_END, "End", "End"},
	{K_PAGE_UP, "PgUp", "PgUp"}, {K_PAGE_DOWN, "PgDn", "PgDn"}, {K_INSERT, "Ins", "Ins"},
	{K_DELETE, "Del", "Del"},    {K_TAB, "Tab", "Tab"},         {K_ENTER, "Enter", "Enter"},
	{K_ESC, "Esc", "Esc"},       {K_SPACE, "Space", "Space"},   {K_BACKSPACE, "BS", "Backspace"},
};

static bool parse_name(const char *text, size_t length, uint32_t *key)
{
	unsigned number = 0;

	for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++)
		if (strlen(key_names[i].name) == length && memcmp(key_names[i].name, text, length) == 0) {
			*key = key_names[i].key;
			return true;
		}
	if (text[0] == 'F' && length > 1 && length < 4) {
		for (size_t i = 1; i < length; i++)
			number = number * 10 + (unsigned)(text[i] - '0');
		*key = K_F1 + number - 1;
		return number >= 1 && number <= 12;
	}
	return text_next(text, length, key) == length && *key < TEXT_BAD_BYTE;
}

bool key_parse(const char *text, size_t length, uint32_t *key, unsigned *mods)
{
	*mods = 0;
	while (length > 2 && text[1] == '-') {
		*mods |= text[0] == 'C' ? MOD_CTRL : text[0] == 'S' ? MOD_SHIFT : text[0] == 'M' ? MOD_ALT : 0;
		text += 2;
		length -= 2;
	}
	return length > 0 && parse_name(text, length, key);
}

char *key_text(uint32_t key, unsigned mods, char out[KEY_TEXT_MAX])
{
	const char *prefix = mods & MOD_SHIFT ? "Shift-" : mods & MOD_ALT ? "Alt-" : "";
	char code[5] = "";

	for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++)
		if (key_names[i].key == key) {
			snprintf(out, KEY_TEXT_MAX, "%s%s%s", prefix, mods & MOD_CTRL ? "^" : "", key_names[i].shown);
			return out;
		}
	if (key >= K_F1 && key <= K_F12) {
		snprintf(out, KEY_TEXT_MAX, "%sF%u", prefix, (unsigned)(key - K_F1 + 1));
		return out;
	}
	if (mods & MOD_CTRL && key >= 'a' && key <= 'z')
		key -= 'a' - 'A';
	text_encode(key, code);
	snprintf(out, KEY_TEXT_MAX, "%s%s%s", prefix, mods & MOD_CTRL ? "^" : "", code);
	return out;
}
