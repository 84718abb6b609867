/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/when.h"
#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

/*
 * One line of a log as a whole, however long, wrapped at the screen's width.
 */

static struct {
	char *text; /* what a terminal would act on left out */
	size_t length;
	uint32_t *rows; /* where each begins */
	int count;
	int width; /* for which they were made */
	int top;
	int height;
} whole;

/* Where a row of `width` cells that begins at `at` ends. */
static size_t row_end(size_t at, int width)
{
	int used = 0;

	while (at < whole.length) {
		uint32_t code;
		size_t n = text_next(whole.text + at, whole.length - at, &code);
		int cells = text_cells(whole.text + at, n);

		if (used + cells > width && used > 0)
			break;
		used += cells;
		at += n;
	}
	return at;
}

static void wrap(int width)
{
	size_t at = 0, room = 0;

	if (width == whole.width)
		return;
	whole.width = width;
	whole.count = 0;
	do {
		if ((size_t)whole.count == room) {
			uint32_t *rows = realloc(whole.rows, (room ? room * 2 : 64) * sizeof *rows);

			if (!rows)
				return;
			whole.rows = rows;
			room = room ? room * 2 : 64;
		}
		whole.rows[whole.count++] = (uint32_t)at;
		at = row_end(at, width);
	} while (at < whole.length);
}

static void closed(struct tui *tui)
{
	(void)tui;
	free(whole.text);
	free(whole.rows);
	memset(&whole, 0, sizeof whole);
}

bool line_open(struct tui *tui)
{
	struct brm_log_line line;
	struct logplace place;
	char *raw;
	size_t length;

	if (!logpane_current(&tui->logs, &place, &line) || line.length == 0)
		return false;
	raw = malloc(line.length);
	if (!raw)
		return false;
	length = logset_text(&tui->logs.set, place, &line, raw, line.length);
	overlay_open(tui, &overlay_line);
	whole.text = malloc(length * 3 + 1);
	whole.length = whole.text ? brm_text_clean(raw, length, whole.text, length * 3) : 0;
	free(raw);
	return true;
}

static void draw(struct tui *tui, struct area body)
{
	char title[WHEN_MAX + 16], size[WHEN_MAX], foot[64];
	struct area area;

	snprintf(title, sizeof title, "one line of %s", when_bytes(whole.length, size));
	wrap(body.cols - 6 > 1 ? body.cols - 6 : 1);
	whole.height = body.rows - 2;
	overlay_scroll(whole.count, whole.height, whole.top, &whole.top);
	snprintf(foot, sizeof foot, "row %d of %d", whole.top + 1, whole.count);
	area = overlay_box(tui, body, body.rows, body.cols - 2, title, foot);
	for (int i = 0; i < area.rows && whole.top + i < whole.count; i++) {
		size_t from = whole.rows[whole.top + i];
		struct pen pen = pen_at(&tui->cells, area, i, 0);

		pen_bytes(&pen, ROLE_TEXT, whole.text + from, row_end(from, whole.width) - from);
	}
}

static bool event(struct tui *tui, const struct event *event)
{
	int at = whole.top, last = whole.count > whole.height ? whole.count - whole.height : 0;

	if (event->kind != EVENT_KEY)
		return false;
	if (event->key == K_ESC || event->key == K_ENTER || event->key == 'q')
		overlay_close(tui);
	else if (event->key == 'c')
		copy_text(tui, whole.text, whole.length, "the line");
	else if (event->key == K_HOME || event->key == 'g')
		whole.top = 0;
	else if (event->key == K_END || event->key == 'G')
		whole.top = last;
	else if (event->key == 'j' || event->key == 'k')
		whole.top += event->key == 'j' ? at < last : -(at > 0);
	else if (overlay_choose(event, last + 1, whole.height, &at))
		whole.top = at;
	else
		return false;
	return true;
}

static void hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "↑↓ PgDn", "scroll");
	overlay_hint(pen, "c", "copy");
	overlay_hint(pen, "Esc", "back");
}

const struct overlay overlay_line = {
	.draw = draw,
	.event = event,
	.hints = hints,
	.closed = closed,
};
