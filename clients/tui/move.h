/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_MOVE_H
#define CLIENTS_TUI_MOVE_H

/*
 * tui/move.h - the ways a bar can go
 */

enum move {
	MOVE_UP,
	MOVE_DOWN,
	MOVE_LEFT,
	MOVE_RIGHT,
	MOVE_PAGE_UP,
	MOVE_PAGE_DOWN,
	MOVE_HALF_UP,
	MOVE_HALF_DOWN,
	MOVE_TOP,
	MOVE_BOTTOM,
};

/* How many rows a move goes in a pane of `height` rows, negative upwards; top and bottom go further than there are. */
static inline int move_rows(enum move move, int height)
{
	switch (move) {
	case MOVE_UP:
		return -1;
	case MOVE_DOWN:
		return 1;
	case MOVE_PAGE_UP:
		return height > 2 ? 1 - height : -1;
	case MOVE_PAGE_DOWN:
		return height > 2 ? height - 1 : 1;
	case MOVE_HALF_UP:
		return height > 2 ? -height / 2 : -1;
	case MOVE_HALF_DOWN:
		return height > 2 ? height / 2 : 1;
	case MOVE_TOP:
		return -0x40000000;
	case MOVE_BOTTOM:
		return 0x40000000;
	case MOVE_LEFT:
	case MOVE_RIGHT:
		break;
	}
	return 0;
}

#endif
