/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
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

/* ---- the title ---- */

#define STATES_MAX (LOGPANE_FILTERS + 6u)

/* Pieces of the title's right side, each of which can be clicked. */
struct state {
	char text[FINDER_MAX + 16];
	void (*act)(struct tui *tui);
	int filter; /* -1: none */
};

struct states {
	struct state list[STATES_MAX];
	unsigned count;
	int cells;
};

static void add_state(struct states *states, void (*act)(struct tui *tui), int filter, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void add_state(struct states *states, void (*act)(struct tui *tui), int filter, const char *format, ...)
{
	struct state *state = &states->list[states->count];
	va_list args;

	if (states->count == STATES_MAX)
		return;
	va_start(args, format);
	vsnprintf(state->text, sizeof state->text, format, args);
	va_end(args);
	state->act = act;
	state->filter = filter;
	states->cells += text_cells(state->text, strlen(state->text)) + 3;
	states->count++;
}

#define RATE_LEAST 100u /* lines a second that are worth telling */

/* Lines a second, measured over the last whole second or so. */
static uint64_t rate_of(struct tui *tui)
{
	uint64_t now = tui->ticker.now.boot_ns, lines = 0, since = now - tui->rate.boot_ns;

	for (int i = 0; i < tui->logs.set.count; i++)
		lines += tui->logs.set.sources[i].end;
	if (since >= UINT64_C(1000000000)) {
		bool known = tui->rate.boot_ns > 0 && since < UINT64_C(3000000000) && lines >= tui->rate.lines;

		tui->rate.per_s = known ? (lines - tui->rate.lines) * UINT64_C(1000000000) / since : 0;
		tui->rate.lines = lines;
		tui->rate.boot_ns = now;
	}
	if (tui->rate.per_s >= RATE_LEAST)
		ticker_at(&tui->ticker, tui->rate.boot_ns + UINT64_C(1000000000));
	return tui->rate.per_s;
}

/* Lines before the first one that is shown, when it is the first there is. */
static uint64_t dropped(const struct tui *tui)
{
	const struct logpane *pane = &tui->logs;
	const struct logshown *first = &pane->shown[0];
	uint64_t sum = 0;

	if (!pane->paused || pane->shown_count == 0 || first->place.source >= pane->set.count ||
	    first->place.seq > pane->set.sources[first->place.source].first)
		return 0;
	for (int i = 0; i < pane->set.count; i++)
		sum += pane->set.sources[i].first;
	return sum;
}

static void collect_states(struct tui *tui, struct states *states)
{
	static const char *const levels[BRM_LEVEL_COUNT] = {
		[BRM_LEVEL_NONE] = "all", [BRM_LEVEL_WARN] = "warn", [BRM_LEVEL_ERROR] = "error"};
	const struct logpane *pane = &tui->logs;
	uint64_t rate = rate_of(tui), gone = dropped(tui);
	char count[TEXT_COUNT_MAX];

	if (gone > 0)
		add_state(states, NULL, -1, "%s older line%s dropped", text_count(gone, count),
			  gone == 1 ? " was" : "s were");
	if (rate >= RATE_LEAST)
		add_state(states, NULL, -1, "%s lines/s", text_count_brief(rate, count));
	if (pane->unfinished)
		add_state(states, NULL, -1, "reading…");
	if (pane->since_us)
		add_state(states, act_unclear, -1, "cleared");
	add_state(states, act_level, -1, "level %s", levels[pane->level]);
	for (unsigned i = 0; i < pane->filter_count; i++)
		add_state(states, NULL, (int)i, pane->filters[i].finder.is_regex ? "%s /%s/" : "%s %s",
			  pane->filters[i].hide ? "hide" : "show", pane->filters[i].finder.text);
	add_state(states, act_fold, -1, "fold %s", pane->no_fold ? "off" : "on");
	add_state(states, act_wrap, -1, "wrap %s", pane->no_wrap ? "off" : "on");
}

static void drop_filter(struct tui *tui, int filter)
{
	logpane_unfilter(&tui->logs, (unsigned)filter);
}

static void draw_states(struct tui *tui, const struct states *states, struct pen *pen)
{
	for (unsigned i = 0; i < states->count; i++) {
		const struct state *state = &states->list[i];
		int col = pen->col;

		pen_text(pen, state->filter >= 0 ? ROLE_ACCENT : ROLE_DIM, state->text);
		if (state->act || state->filter >= 0)
			bars_spot(tui, (struct spot){.row = pen->row,
						     .col = col,
						     .cols = pen->col - col,
						     .act = state->act,
						     .pick = drop_filter,
						     .arg = state->filter});
		pen_text(pen, 0, i + 1 < states->count ? "   " : "");
	}
}

/* "web api worker.1 (7 of 12)          level all   hide /health   fold on   wrap on" */
static void draw_title(struct tui *tui, struct area area)
{
	const struct logset *set = &tui->logs.set;
	uint32_t total = feed_snapshot(&tui->feed)->count;
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	struct states states = {.count = 0};
	char count[48] = "";
	int end, width, room;

	if (area.cols >= 60)
		collect_states(tui, &states);
	if (set->count > 1)
		snprintf(count, sizeof count, " (%d of %u)", set->count, total);
	end = pen.end - 1 - states.cells;
	for (int i = 0; i < set->count; i++) {
		const char *name = set->sources[i].name;

		if (pen.col + text_cells(name, strlen(name)) + (int)strlen(count) + 2 > end && i > 0) {
			pen_text(&pen, ROLE_DIM, "…");
			break;
		}
		width = text_cells(name, strlen(name));
		room = end - pen.col - 1 > 8 ? end - pen.col - 1 : 8;
		pen_cut(&pen, (set->count > 1 ? (uint32_t)theme_name_role(name) : ROLE_TEXT) | STYLE_BOLD, name,
			width < room ? width : room);
		pen_text(&pen, 0, i + 1 < set->count ? " " : "");
	}
	pen_text(&pen, ROLE_DIM, count);
	pen_text(&pen, 0, "  ");
	pen_to(&pen, end + 3);
	draw_states(tui, &states, &pen);
}

/* " ─ 318 new lines below, 2 errors" */
static void draw_below(const struct logpane *pane, bool brief, struct pen *pen)
{
	uint64_t lines = pane->fresh > 0 ? pane->fresh : pane->below;
	bool all = pane->level == BRM_LEVEL_NONE && pane->filter_count == 0;
	char count[TEXT_COUNT_MAX];

	if (lines > 0 && (all || pane->fresh > 0))
		pen_format(pen, ROLE_TEXT, " ─ %s%s%s below",
			   brief ? text_count_brief(lines, count) : text_count(lines, count),
			   pane->fresh > 0 ? " new" : "",
			   brief        ? ""
			   : lines == 1 ? " line"
					: " lines");
	if (pane->fresh_errors > 0)
		pen_format(pen, ROLE_BAD, ", %s error%s", text_count_brief(pane->fresh_errors, count),
			   pane->fresh_errors == 1 ? "" : "s");
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
		draw_below(pane, area.cols < 60, &pen);
		pen_text(&pen, ROLE_DIM, area.cols < 60 ? " ─ f" : " ─ f or End follows");
	}
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
	int source = pane->paused ? logset_owner(&pane->set, pane->bar) : pane->set.count == 1 ? 0 : -1;

	if (source >= 0)
		process = snapshot_find(feed_snapshot(&tui->feed), pane->set.sources[source].name);
	drawn_set(tui, process);
}

void log_draw(struct tui *tui, struct logpane *pane, const struct process *const *processes, int count,
	      struct area area, bool focused)
{
	logpane_choose(pane, processes, count);
	logset_refresh(&pane->set, feed_snapshot(&tui->feed), feed_reader(&tui->feed));
	if (count > 0 && feed_events(tui))
		logset_take_events(&pane->set, &tui->events.all);
	logpane_draw(pane, &tui->cells, area, focused);
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
	log_draw(tui, &tui->logs, processes, choose(tui, processes), tui->log_area, !tui->focus_lost);
	note_drawn(tui);
	tui->cursor_row = lines.row + (tui->logs.paused ? tui->logs.bar_row : tui->logs.height - 1);
	tui->cursor_col = lines.col;
	draw_scroll_bar(tui, lines);
	if (title)
		draw_title(tui, body);
	if (searching)
		search_draw(tui, search);
	if (tui->logs.paused && pause.row >= lines.row + lines.rows)
		draw_pause(tui, pause);
	if (tui->logs.shown_count == 0) {
		struct pen pen = pen_at(&tui->cells, lines, 0, 1);

		pen_rest(&pen, ROLE_DIM,
			 tui->logs.unfinished ? "reading…"
			 : tui->logs.level || tui->logs.since_us || tui->logs.filter_count > 0
				 ? "no such line; Esc shows more"
				 : "nothing logged yet");
	}
}

static void move(struct tui *tui, enum move move)
{
	logpane_move(&tui->logs, move);
}

/* A place of the scroll bar stands for a share of all lines. */
static void scroll_to(struct tui *tui, int row)
{
	struct logpane *pane = &tui->logs;
	struct area area = tui->log_area;
	int at = row - area.row, source = 0;
	struct logsource *first = &pane->set.sources[0];
	uint64_t seq;

	if (pane->set.count == 0 || area.rows < 2)
		return;
	at = at < 0 ? 0 : at >= area.rows ? area.rows - 1 : at;
	if (at == area.rows - 1) {
		logpane_follow(pane);
		return;
	}
	for (int i = 1; i < pane->set.count; i++) /* that of the longest decides */
		if (pane->set.sources[i].end - pane->set.sources[i].first > first->end - first->first)
			first = &pane->set.sources[source = i];
	seq = first->first + (first->end - first->first) * (uint64_t)at / (uint64_t)area.rows;
	if (seq < first->end)
		logpane_show(pane, (struct logplace){source, seq});
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	(void)twice;
	tui->drag_bar = col > tui->log_area.col + tui->log_area.cols - 1 && row >= tui->log_area.row;
	if (tui->drag_bar)
		scroll_to(tui, row);
	else if (row >= tui->log_area.row && row < tui->log_area.row + tui->log_area.rows)
		logpane_point(&tui->logs, row - tui->log_area.row);
}

/* Whole lines are selected; at the edges it scrolls. */
static void drag(struct tui *tui, int row, int col, bool end)
{
	struct logpane *pane = &tui->logs;
	int at = row - tui->log_area.row;

	(void)col;
	if (tui->drag_bar) {
		scroll_to(tui, row);
		tui->drag_bar = !end;
	} else if (end) {
		if (pane->selecting)
			act_copy(tui);
	} else if (pane->paused) {
		if (!pane->selecting)
			pane->mark = pane->bar;
		pane->selecting = true;
		if (at < 0 || at >= tui->log_area.rows)
			logpane_move(pane, at < 0 ? MOVE_UP : MOVE_DOWN);
		else
			logpane_point(pane, at);
	}
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
		logpane_search(pane, "", false);
	else if (pane->filter_count > 0)
		logpane_unfilter(pane, pane->filter_count - 1);
	else if (pane->level != BRM_LEVEL_NONE)
		logpane_level(pane, BRM_LEVEL_NONE);
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
	.drag = drag,
	.wheel = wheel,
	.back = back,
};
