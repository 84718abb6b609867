/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_THEME_H
#define CLIENTS_TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * tui/theme.h - colours are roles
 *
 * Nothing on the screen names a colour: a cell has a role, and the theme says what that looks like. Text and
 * background are always the terminal's own, and every role can be told without its colour.
 *
 * Threads  Pure.
 */

enum role {
	ROLE_TEXT,
	ROLE_DIM,        /* secondary, stopped, time stamps */
	ROLE_OK,         /* running, success */
	ROLE_BUSY,       /* starting, stopping */
	ROLE_WARN,       /* backoff, warnings */
	ROLE_BAD,        /* failed, errors */
	ROLE_BAD_WORD,   /* the same, where colour is missing: reversed */
	ROLE_UNSURE,     /* not vouched for */
	ROLE_ACCENT,     /* the current view, keys in hints */
	ROLE_LINK,       /* something that opens */
	ROLE_MATCH,      /* a search hit */
	ROLE_MATCH_HERE, /* the current one */
	ROLE_BANNER_WARN,
	ROLE_BANNER_BAD,
	ROLE_RULE,  /* dividers, scroll bar */
	ROLE_NAME0, /* eight for process names in merged logs */
	ROLE_NAME7 = ROLE_NAME0 + 7,
	ROLE_COUNT
};

/*
 * A cell's style: a role, with these. The colours of a log line's own, from the 256, take the place of the role's
 * foreground and the terminal's background.
 */
#define STYLE_ROLE      0x3fu
#define STYLE_BAR       0x40u /* on the selected row */
#define STYLE_BAR_IDLE  0x80u /* on the selected row of a pane without the focus */
#define STYLE_BOLD      0x100u
#define STYLE_UNDERLINE 0x200u
#define STYLE_REVERSE   0x400u
#define STYLE_ITALIC    0x800u
#define STYLE_HAS_FG    0x1000u
#define STYLE_HAS_BG    0x2000u
#define STYLE_FG(c)     (STYLE_HAS_FG | (uint32_t)(uint8_t)(c) << 16)
#define STYLE_BG(c)     (STYLE_HAS_BG | (uint32_t)(uint8_t)(c) << 24)

enum theme {
	THEME_AUTO = 0, /* the sixteen colours of the terminal, until its background is known */
	THEME_DARK,
	THEME_LIGHT,
	THEME_CONTRAST,
	THEME_NONE, /* no colour */
	THEME_COUNT
};

/* "auto", "dark", "light", "contrast", "none". -EINVAL for another word. */
int theme_parse(const char *word, enum theme *out);
const char *theme_word(enum theme theme);

/* What a style looks like: colours as curses numbers them, -1 for the terminal's own, and STYLE_* attributes. */
struct look {
	int16_t fg;
	int16_t bg;
	uint16_t attributes;
};

/* colors: how many the terminal has, 0 for none. */
struct look theme_look(enum theme theme, int colors, uint32_t style);

/* The role of a process's name: a hash of it, so that it is the same on each start and in each viewer. */
enum role theme_name_role(const char *name);

/* Is a background of these 16-bit components a dark one? */
bool theme_is_dark(unsigned red, unsigned green, unsigned blue);

#endif
