/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_SCREEN_H
#define CLIENTS_TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/tui/cells.h"
#include "clients/tui/tty.h"

/*
 * tui/screen.h - from cells to bytes
 *
 * ncurses decides which bytes change what the terminal shows into what the cells say. It would send each changed line
 * with a write of its own, so a frame could be seen half done; here it draws into a file in memory, and the frame goes
 * out whole: one write, between begin and end of a synchronized update.
 *
 * Errors   screen_open() returns 0 or a negated errno value; -ENOTSUP: ncurses cannot drive this terminal.
 * Threads  One a process.
 */

struct screen;

int screen_open(struct tty *tty, struct screen **out);
void screen_close(struct screen *screen);

/* The terminal has this size now; everything will be drawn again. */
void screen_resize(struct screen *screen, int rows, int cols);
/* Nothing is known of what the terminal shows: draw all with the next frame. */
void screen_redraw(struct screen *screen);
/* Colours have changed. */
void screen_theme(struct screen *screen, enum theme theme);

/*
 * Put a frame on its way to the terminal, with the cursor where it belongs; visible: in a text field.
 *
 * Returns true when there was something to send.
 */
bool screen_draw(struct screen *screen, const struct cells *cells, int row, int col, bool visible);

#endif
