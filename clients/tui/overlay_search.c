/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

/*
 * The search of the logs: its line, while it is typed and while it is kept.
 */

#define KEPT 16 /* earlier searches */

static struct {
	char kept[KEPT][FINDER_MAX]; /* newest first */
	int count;
	int at;     /* which of them is in the field; -1: none */
	bool wrong; /* what is typed is no expression */
} history = {.at = -1};

static void keep(const char *text)
{
	int same = 0;

	if (!*text)
		return;
	while (same < history.count && strcmp(history.kept[same], text) != 0)
		same++;
	if (same == history.count && history.count < KEPT)
		history.count++;
	same = same < KEPT ? same : KEPT - 1;
	memmove(history.kept[1], history.kept[0], (size_t)same * sizeof history.kept[0]);
	snprintf(history.kept[0], sizeof history.kept[0], "%.*s", FINDER_MAX - 1, text);
}

/* "3 of 128", or "3 of 128+" as long as it is counted. */
static void count_text(struct tui *tui, char out[80])
{
	struct logpane *pane = &tui->logs;
	const struct logcount *counted = &pane->counted;
	uint64_t at = pane->paused ? logcount_before(counted, &pane->set, pane->bar) : counted->found;
	char number[TEXT_COUNT_MAX], all[TEXT_COUNT_MAX];

	out[0] = '\0';
	if (!pane->match.text[0])
		return;
	if (counted->found == 0)
		snprintf(out, 80, pane->counting ? "none yet" : "no match");
	else
		snprintf(out, 80, "%s of %s%s", text_count(at, number), text_count(counted->found, all),
			 counted->over || pane->counting ? "+" : "");
}

static void draw_field(struct tui *tui, struct pen *pen)
{
	tui->cursor_row = pen->row;
	field_draw(&tui->field, pen, history.wrong ? ROLE_BAD | STYLE_UNDERLINE : ROLE_TEXT, &tui->cursor_col);
	tui->cursor_visible = true;
}

/* "search: timeout    3 of 128    literal   Tab regex           read 62%" */
void search_draw(struct tui *tui, struct area area)
{
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	bool open = tui->overlay == &overlay_search;
	char count[80], done[24] = "";

	count_text(tui, count);
	pen_text(&pen, ROLE_ACCENT, "search: ");
	if (open)
		draw_field(tui, &pen);
	else
		pen_text(&pen, ROLE_TEXT, tui->logs.match.text);
	pen_text(&pen, 0, "    ");
	pen_text(&pen, STYLE_BOLD, history.wrong && open ? "not an expression yet" : count);
	pen_text(&pen, ROLE_DIM, tui->logs.match.is_regex ? "    regex" : "    literal");
	if (open)
		pen_text(&pen, ROLE_DIM, tui->search_regex ? "   Tab literal" : "   Tab regex");
	if (tui->logs.counting)
		snprintf(done, sizeof done, "read %u%%", logcount_percent(&tui->logs.counted, &tui->logs.set));
	if (pen_left(&pen) > (int)strlen(done) + 2) {
		pen_to(&pen, pen.end - (int)strlen(done) - 1);
		pen_text(&pen, ROLE_DIM, done);
	}
}

static void search_text(struct tui *tui)
{
	history.wrong = logpane_search(&tui->logs, tui->field.text, tui->search_regex) != 0;
}

static void opened(struct tui *tui)
{
	field_set(&tui->field, tui->logs.match.text);
	tui->search_regex = tui->logs.match.is_regex;
	history.at = -1;
	history.wrong = false;
}

static void step_history(struct tui *tui, int by)
{
	int at = history.at + by;

	if (at < -1 || at >= history.count)
		return;
	history.at = at;
	field_set(&tui->field, at < 0 ? "" : history.kept[at]);
	search_text(tui);
}

static bool on_key(struct tui *tui, uint32_t key)
{
	switch (key) {
	case K_ENTER:
		keep(tui->logs.match.text);
		overlay_close(tui);
		if (tui->logs.match.text[0])
			logpane_jump(&tui->logs, JUMP_MATCH, true);
		return true;
	case K_ESC:
		logpane_search(&tui->logs, "", false);
		overlay_close(tui);
		return true;
	case K_TAB:
		tui->search_regex = !tui->search_regex;
		search_text(tui);
		return true;
	case K_UP:
	case K_DOWN:
		step_history(tui, key == K_UP ? 1 : -1);
		return true;
	default:
		return false;
	}
}

static bool event(struct tui *tui, const struct event *event)
{
	bool changed;

	if (event->kind == EVENT_KEY && !event->mods && on_key(tui, event->key))
		return true;
	if (!field_event(&tui->field, event, &changed))
		return false;
	if (changed)
		search_text(tui);
	return true;
}

static void hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "Enter", "keep");
	overlay_hint(pen, "Esc", "drop");
	overlay_hint(pen, "Tab", "literal or regex");
	overlay_hint(pen, "↑↓", "earlier ones");
}

const struct overlay overlay_search = {
	.opened = opened,
	.event = event,
	.hints = hints,
};
