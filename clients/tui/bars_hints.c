/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/commands.h"
#include "clients/tui/text.h"

/*
 * The last line: what the keys do here and now, as the table of commands has it.
 */

static int by_rank(const void *a, const void *b)
{
	const struct command *p = *(const struct command *const *)a, *q = *(const struct command *const *)b;

	return p->rank - q->rank;
}

/* The commands of this view with a hint that are possible now, most useful first. */
static unsigned hinted(const struct tui *tui, const struct command **out, unsigned max)
{
	unsigned count = 0;

	for (size_t i = 0; i < command_count && count < max; i++)
		if (commands[i].hint && commands[i].views & tui->view->bit && !command_why_not(tui, &commands[i]))
			out[count++] = &commands[i];
	qsort(out, count, sizeof *out, by_rank);
	return count;
}

static void draw_hint(struct pen *pen, const char *key, const char *words)
{
	pen_text(pen, ROLE_ACCENT, key);
	pen_text(pen, 0, *words ? " " : "");
	pen_text(pen, ROLE_DIM, words);
}

/* The hints that are always there, from the right edge. Returns where they begin. */
static int draw_last_hints(struct tui *tui, struct area area)
{
	static const struct {
		const char *key;
		const char *words[4]; /* from much room to little */
		void (*act)(struct tui *tui);
	} last[] = {{"?", {"all keys", "keys", "keys", ""}, act_help},
		    {"q", {"leave, all keep running", "leave", NULL, NULL}, act_quit}};
	int form = area.cols >= 110 ? 0 : area.cols >= 60 ? 1 : area.cols >= 30 ? 2 : 3;
	int width = 0, start;
	struct pen pen;

	for (size_t i = 0; i < 2; i++)
		if (last[i].words[form])
			width += 1 + (*last[i].words[form] ? 1 : 0) + (int)strlen(last[i].words[form]) + (i ? 2 : 0);
	start = area.col + area.cols - 1 - width;
	pen = pen_at(&tui->cells, area, 0, start - area.col);
	for (size_t i = 0; i < 2; i++) {
		int col;

		if (!last[i].words[form])
			continue;
		pen_text(&pen, 0, i ? "  " : "");
		col = pen.col;
		draw_hint(&pen, last[i].key, last[i].words[form]);
		bars_spot(tui, (struct spot){.row = pen.row, .col = col, .cols = pen.col - col, .act = last[i].act});
	}
	return start;
}

static void draw_view_hints(struct tui *tui, struct pen *pen)
{
	const struct command *list[64];
	unsigned count = hinted(tui, list, 64);
	bool narrow = tui->frame.hints.cols < 30, brief = tui->frame.hints.cols < 60;
	char key[KEY_TEXT_MAX];

	for (unsigned i = 0; i < count; i++) {
		const char *words = narrow || (brief && i > 0) ? "" : list[i]->hint;
		int col = pen->col, need;

		command_key(list[i], 0, key);
		if (narrow && strlen(key) > 1)
			continue;
		need = text_cells(key, strlen(key)) + (*words ? 1 + (int)strlen(words) : 0);
		if (need + 2 > pen_left(pen))
			break;
		draw_hint(pen, key, words);
		bars_spot(tui, (struct spot){.row = pen->row, .col = col, .cols = need, .act = list[i]->run});
		pen_text(pen, 0, narrow ? " " : "  ");
	}
}

void bars_draw_hints(struct tui *tui)
{
	struct area area = tui->frame.hints;
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	int lines;

	if (area.rows == 0)
		return;
	if (tui->overlay) {
		tui->overlay->hints(tui, &pen);
		return;
	}
	pen.end = draw_last_hints(tui, area);
	if (first_run_is(tui)) {
		first_run_hints(tui, &pen);
		return;
	}
	lines = (int)tui->list.count - (int)tui->list.top - tui->split.list.rows;
	if (tui->frame.shape == SHAPE_NARROW && tui->view == &view_processes && lines > 0)
		pen_format(&pen, ROLE_DIM, "↓%d  ", lines);
	draw_view_hints(tui, &pen);
}
