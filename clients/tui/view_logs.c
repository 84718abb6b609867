/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/text.h"

/*
 * The Logs view: the lines of one, some or all processes in the order of time.
 */

static const struct process *find_shown(const struct tui *tui, unsigned i)
{
	return snapshot_find(feed_snapshot(&tui->feed), tui->shown_names[i]);
}

/* The processes whose lines are shown, in the configuration's order; returns how many. */
static int choose(const struct tui *tui, const struct process **out)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	int count = 0;

	for (uint32_t i = 0; i < snapshot->count && count < LOGSET_MAX && tui->shown_name_count == 0; i++)
		out[count++] = &snapshot->processes[i];
	for (unsigned i = 0; i < tui->shown_name_count && count < LOGSET_MAX; i++)
		if ((out[count] = find_shown(tui, i)))
			count++;
	return count;
}

/* What is shown how: "level warn   wrap off". */
static void state_text(const struct tui *tui, char out[96])
{
	static const char *const levels[BRM_LEVEL_COUNT] = {
		[BRM_LEVEL_NONE] = "all", [BRM_LEVEL_WARN] = "warn", [BRM_LEVEL_ERROR] = "error"};

	snprintf(out, 96, "%s%slevel %s   wrap %s", tui->logs.unfinished ? "reading…   " : "",
		 tui->logs.since_us ? "cleared   " : "", levels[tui->logs.level], tui->logs.no_wrap ? "off" : "on");
}

/* "web api worker.1 (7 of 12)          level all   wrap on" */
static void draw_title(struct tui *tui, struct area area)
{
	const struct logset *set = &tui->logs.set;
	uint32_t total = feed_snapshot(&tui->feed)->count;
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	char state[96] = "", count[48] = "";
	int end;

	if (area.cols >= 60)
		state_text(tui, state);
	if (set->count > 1)
		snprintf(count, sizeof count, " (%d of %u)", set->count, total);
	end = pen.end - 1 - text_cells(state, strlen(state)) - 2;
	for (int i = 0; i < set->count; i++) {
		const char *name = set->sources[i].name;

		if (pen.col + text_cells(name, strlen(name)) + (int)strlen(count) + 2 > end) {
			pen_text(&pen, ROLE_DIM, "…");
			break;
		}
		pen_text(&pen, (set->count > 1 ? (uint32_t)theme_name_role(name) : ROLE_TEXT) | STYLE_BOLD, name);
		pen_text(&pen, 0, i + 1 < set->count ? " " : "");
	}
	pen_text(&pen, ROLE_DIM, count);
	pen_to(&pen, end + 2);
	pen_text(&pen, ROLE_DIM, state);
}

/* " ── paused at 12:44:06 ─ 318 new lines below ─ f or End follows" */
static void draw_pause(struct tui *tui, struct area area)
{
	struct logpane *pane = &tui->logs;
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	struct brm_log_line line;
	struct logplace place;
	char at[WHEN_MAX];

	pen_text(&pen, ROLE_RULE, "── ");
	if (pane->selecting)
		pen_text(&pen, ROLE_ACCENT, "selecting lines ─ c copies ─ Esc drops");
	else if (pane->jump != JUMP_NONE)
		pen_text(&pen, ROLE_ACCENT, "looking for it");
	else if (logpane_current(pane, &place, &line)) {
		pen_format(&pen, ROLE_WARN, "paused at %s", when_clock(line.time_us * 1000, at));
		if (pane->below > 0 && pane->level == BRM_LEVEL_NONE)
			pen_format(&pen, ROLE_TEXT, " ─ %llu%s below", (unsigned long long)pane->below,
				   area.cols < 60     ? ""
				   : pane->below == 1 ? " line"
						      : " lines");
		pen_text(&pen, ROLE_DIM, area.cols < 60 ? " ─ f" : " ─ f or End follows");
	}
}

static void draw_search(struct tui *tui, struct area area)
{
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	bool open = tui->overlay == &overlay_search;

	pen_text(&pen, ROLE_ACCENT, "search: ");
	if (open) {
		tui->cursor_row = pen.row;
		field_draw(&tui->field, &pen, ROLE_TEXT, &tui->cursor_col);
		tui->cursor_visible = true;
	} else {
		pen_text(&pen, ROLE_TEXT, tui->logs.match.text);
	}
	pen_text(&pen, ROLE_DIM, tui->logs.match.is_regex ? "    regex" : "    literal");
	if (open)
		pen_text(&pen, ROLE_DIM, "   Tab changes that");
}

/* The thumb is by position among the lines there are, however many. */
static void draw_scroll_bar(struct tui *tui, struct area area)
{
	uint64_t total = logset_total(&tui->logs.set);
	uint64_t seen = (uint64_t)tui->logs.shown_count;
	int thumb, top;

	if (total <= seen || area.rows < 2)
		return;
	thumb = (int)((uint64_t)area.rows * seen / total);
	thumb = thumb < 1 ? 1 : thumb;
	top = (int)((uint64_t)(area.rows - thumb) * (total - tui->logs.below - seen) / (total - seen));
	for (int row = 0; row < area.rows; row++) {
		struct pen pen = pen_at(&tui->cells, area, row, area.cols - 1);

		pen_text(&pen, ROLE_RULE, row >= top && row < top + thumb ? "█" : "│");
	}
}

/* Who a command means here: the process of the line under the bar, or the only one. */
static void note_drawn(struct tui *tui)
{
	const struct process *process = NULL;
	struct logpane *pane = &tui->logs;
	int source = pane->paused ? pane->bar.source : pane->set.count == 1 ? 0 : -1;

	if (source >= 0 && source < pane->set.count)
		process = snapshot_find(feed_snapshot(&tui->feed), pane->set.sources[source].name);
	drawn_set(tui, process);
}

static void draw(struct tui *tui, struct area body)
{
	const struct process *processes[LOGSET_MAX];
	bool searching = tui->overlay == &overlay_search || tui->logs.match.text[0];
	bool title = body.rows >= 4;
	struct area lines = {body.row + title, body.col, body.rows - title, body.cols};
	struct area search = {body.row + body.rows - 1, body.col, 1, body.cols}, pause = search;

	if (searching && lines.rows > 1)
		lines.rows--;
	pause.row -= searching;
	if (tui->logs.paused && lines.rows > 2)
		lines.rows--;
	tui->log_area = (struct area){lines.row, lines.col, lines.rows, lines.cols - 1};
	logpane_choose(&tui->logs, processes, choose(tui, processes));
	logset_refresh(&tui->logs.set, feed_snapshot(&tui->feed), source_reader(tui->feed.source));
	logpane_draw(&tui->logs, &tui->cells, tui->log_area, !tui->focus_lost);
	note_drawn(tui);
	tui->cursor_row = lines.row + (tui->logs.paused ? tui->logs.bar_row : tui->logs.height - 1);
	tui->cursor_col = lines.col;
	draw_scroll_bar(tui, lines);
	if (title)
		draw_title(tui, body);
	if (searching)
		draw_search(tui, search);
	if (tui->logs.paused && pause.row >= lines.row + lines.rows)
		draw_pause(tui, pause);
	if (tui->logs.shown_count == 0) {
		struct pen pen = pen_at(&tui->cells, lines, 0, 1);

		pen_rest(&pen, ROLE_DIM,
			 tui->logs.unfinished                    ? "reading…"
			 : tui->logs.level || tui->logs.since_us ? "no such line"
								 : "nothing logged yet");
	}
}

static void move(struct tui *tui, enum move move)
{
	logpane_move(&tui->logs, move);
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	(void)col;
	(void)twice;
	if (row >= tui->log_area.row && row < tui->log_area.row + tui->log_area.rows)
		logpane_point(&tui->logs, row - tui->log_area.row);
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	(void)row;
	(void)col;
	logpane_scroll(&tui->logs, rows);
}

static bool back(struct tui *tui)
{
	struct logpane *pane = &tui->logs;

	if (pane->jump != JUMP_NONE)
		pane->jump = JUMP_NONE;
	else if (pane->selecting)
		pane->selecting = false;
	else if (pane->match.text[0])
		finder_finish(&pane->match);
	else if (pane->level != BRM_LEVEL_NONE)
		pane->level = BRM_LEVEL_NONE;
	else
		return false;
	return true;
}

const struct view view_logs = {
	.name = "Logs",
	.brief = "Logs",
	.digit = 2,
	.bit = VIEW_LOGS,
	.draw = draw,
	.move = move,
	.click = click,
	.wheel = wheel,
	.back = back,
};

/* ---- the search's field ---- */

static void search_text(struct tui *tui)
{
	if (finder_set(&tui->logs.match, tui->field.text, tui->search_regex) != 0)
		tui_say(tui, TONE_FAILED, "not a regular expression: %s", tui->field.text);
	else if (tui->message.tone == TONE_FAILED)
		tui->message.text[0] = '\0';
}

static void search_begins(struct tui *tui)
{
	field_set(&tui->field, tui->logs.match.text);
	tui->search_regex = tui->logs.match.is_regex;
}

static bool search_event(struct tui *tui, const struct event *event)
{
	bool changed;

	if (event->kind == EVENT_KEY && event->key == K_ENTER) {
		overlay_close(tui);
		if (tui->logs.match.text[0])
			logpane_jump(&tui->logs, JUMP_MATCH, true);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_ESC) {
		finder_finish(&tui->logs.match);
		overlay_close(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_TAB) {
		tui->search_regex = !tui->search_regex;
		search_text(tui);
		return true;
	}
	if (!field_event(&tui->field, event, &changed))
		return false;
	if (changed)
		search_text(tui);
	return true;
}

static void search_hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	pen_text(pen, ROLE_ACCENT, "Enter");
	pen_text(pen, ROLE_DIM, " keep   ");
	pen_text(pen, ROLE_ACCENT, "Esc");
	pen_text(pen, ROLE_DIM, " drop   ");
	pen_text(pen, ROLE_ACCENT, "Tab");
	pen_text(pen, ROLE_DIM, " literal or regex");
}

const struct overlay overlay_search = {
	.opened = search_begins,
	.event = search_event,
	.hints = search_hints,
};
