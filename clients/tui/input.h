/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_INPUT_H
#define CLIENTS_TUI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * tui/input.h - bytes of a terminal to events
 *
 * The decoder is a pure function of the bytes it was fed, in whatever pieces they came, and of whether the time for the
 * rest of an escape sequence is over. It knows the sequences in use since ECMA-48 became common; what a terminal's own
 * description has besides comes as a table.
 *
 * Errors   None: what cannot be understood is skipped, in bounded space.
 * Threads  One input is for one thread.
 */

/* Keys without a character; above every code point. */
enum key {
	K_NONE = 0,
	K_TAB = '\t',
	K_ENTER = '\r',
	K_ESC = 0x1b,
	K_SPACE = ' ',
	K_BACKSPACE = 0x7f,
	K_UP = 0x110000,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_INSERT,
	K_DELETE,
	K_F1, /* to F12 */
	K_F12 = K_F1 + 11,
	K_LAST
};

#define MOD_SHIFT 1u
#define MOD_ALT   2u
#define MOD_CTRL  4u

enum event_kind {
	EVENT_NONE,  /* bytes were skipped */
	EVENT_KEY,   /* key, mods */
	EVENT_MOUSE, /* button, mods, row, col, press */
	EVENT_PASTE, /* key: one character of pasted text */
	EVENT_PASTE_END,
	EVENT_FOCUS,      /* press: gained; else lost */
	EVENT_BACKGROUND, /* color: what the terminal's background is */
	EVENT_MODE,       /* row: number of a private mode, col: what was answered (0 unknown, 1 set, 2 reset, ...) */
	EVENT_CURSOR,     /* row, col of the cursor, from 0 */
};

enum mouse_button {
	MOUSE_LEFT,
	MOUSE_MIDDLE,
	MOUSE_RIGHT,
	MOUSE_NONE,
	MOUSE_WHEEL_UP,
	MOUSE_WHEEL_DOWN,
	MOUSE_OTHER,
};

struct event {
	enum event_kind kind;
	uint32_t key;
	unsigned mods;
	enum mouse_button button;
	bool press;
	bool drag;
	int row; /* from 0 */
	int col;
	uint16_t color[3];
};

/* A sequence that the terminal's description names. */
struct input_string {
	const char *bytes;
	uint32_t key;
};

#define INPUT_MAX 4096

struct input {
	uint8_t bytes[INPUT_MAX];
	size_t length;
	bool pasting;
	const struct input_string *strings; /* ends with bytes NULL; may be NULL */
};

/* Add bytes. Returns how many were taken: fewer than length when the buffer is full, so drain with input_next(). */
size_t input_feed(struct input *input, const void *bytes, size_t length);

/*
 * The next event. False: more bytes are needed, or there are none.
 *
 * expired: what is there will not be continued: a lone ESC is the key, ESC [ is Alt-[.
 */
bool input_next(struct input *input, bool expired, struct event *event);

/* Is an escape sequence begun, whose end decides what it is? Then call again within the escape time. */
bool input_waits(const struct input *input);

/* "q", "C-f", "S-Tab", "Up", "F1" to key and mods. False: not a key. */
bool key_parse(const char *text, size_t length, uint32_t *key, unsigned *mods);

/* How a key is written on the screen: "^F", "Shift-Tab", "↑". Returns out. */
#define KEY_TEXT_MAX 24
char *key_text(uint32_t key, unsigned mods, char out[KEY_TEXT_MAX]);

#endif
