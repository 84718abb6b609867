/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_TERM_H
#define CLIENTS_TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/tui/cells.h"

/*
 * tui/term.h - the terminal of a process, emulated
 *
 * Bytes of the process go in, cells come out; keys go in, bytes for the process come out. Nothing of it touches the
 * real terminal.
 *
 * Errors   term_open() returns -ENOTSUP where this was built without libvterm, else -ENOMEM.
 * Threads  One term is for one thread.
 */

struct term;

int term_open(int rows, int cols, struct term **out);
void term_close(struct term *term);
void term_resize(struct term *term, int rows, int cols);

/* What the process has written. */
void term_feed(struct term *term, const char *bytes, size_t length);

/* A key, pasted text's beginning and end, the mouse: what they mean for the process is taken with term_take(). */
void term_key(struct term *term, uint32_t key, unsigned mods);
void term_paste(struct term *term, bool begin);
void term_mouse(struct term *term, int row, int col, int button, bool press, unsigned mods);
/* Does the process want the mouse? */
bool term_wants_mouse(const struct term *term);

/* Bytes for the process: keys, and answers to what it asked its terminal. Returns how many; call until 0. */
size_t term_take(struct term *term, char *out, size_t size);

/* Its screen, into an area; where its cursor is in that, and whether it is to be seen. */
void term_draw(const struct term *term, struct cells *cells, struct area area);
bool term_cursor(const struct term *term, int *row, int *col);

#endif
