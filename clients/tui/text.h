/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_TEXT_H
#define CLIENTS_TUI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * tui/text.h - from bytes to characters, and how many cells each takes
 *
 * Widths are those of the C library, which ncurses asks too, so that both always agree.
 *
 * Threads  Pure, but for the locale.
 */

/* Code of a byte that is not UTF-8: TEXT_BAD_BYTE | the byte. Above every code point. */
#define TEXT_BAD_BYTE 0x200000u

/* The character at the start of text: its code to *code. Returns the bytes it takes, at least 1; 0 when length is 0. */
size_t text_next(const char *text, size_t length, uint32_t *code);

enum text_kind {
	TEXT_SHOWN,     /* one or two cells */
	TEXT_MARK,      /* combines with the cell before */
	TEXT_DROPPED,   /* joiners and variation selectors: gone without a trace */
	TEXT_SPELLED,   /* control, invisible format, not UTF-8: text_spell() writes it out */
	TEXT_TABULATOR, /* to the next multiple of 8 */
};
enum text_kind text_kind(uint32_t code, int *cells);

/* "^X", "\x9b", "<U+202E>". Returns out. */
#define TEXT_SPELL_MAX 16
char *text_spell(uint32_t code, char out[TEXT_SPELL_MAX]);

/* Cells that text takes on a line of its own, tabs and spelled characters included. */
int text_cells(const char *text, size_t length);

/* The one-cell stand-in of a character where only ASCII can be shown; '?' for those without. */
char text_ascii(uint32_t code);

/* Code as UTF-8 into out; returns the bytes written, 1 to 4. */
size_t text_encode(uint32_t code, char out[4]);

/* A number with its thousands told apart: "1,204". Returns out. */
#define TEXT_COUNT_MAX 32
char *text_count(uint64_t count, char out[TEXT_COUNT_MAX]);
/* The same in a few cells: "1,204", "98.4k", "20.0M". Returns out. */
char *text_count_brief(uint64_t count, char out[TEXT_COUNT_MAX]);

#endif
