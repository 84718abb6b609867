/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_OVERLAY_H
#define CLIENTS_TUI_OVERLAY_H

#include "clients/tui/tui.h"

/*
 * tui/overlay.h - what overlays are made of: a frame, a field, a list to choose from
 */

/* Draw a frame in the middle of the body and clear it. Returns the room inside. */
struct area overlay_box(struct tui *tui, struct area body, int rows, int cols, const char *title, const char *foot);

/* The overlay's field on a line, with something at the right edge if there is room. */
void overlay_field(struct tui *tui, struct area area, int line, const char *label, const char *right);

/* Keep row `at` of count within height rows from *top. */
void overlay_scroll(int count, int height, int at, int *top);

/* A key that chooses among count rows. False: it is another key. */
bool overlay_choose(const struct event *event, int count, int height, int *at);

/* "Enter run   " in the hint line, if it fits. */
void overlay_hint(struct pen *pen, const char *key, const char *words);

#endif
