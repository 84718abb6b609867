/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/status.h"
#include "clients/tui/text.h"
#include "clients/tui/timeline.h"

/*
 * The Events view: what each process was, over the last minutes, and what happened, one line a change.
 */

#define NAME_COLS 12
#define END_COLS  22 /* what it is now, at the timeline's right */
#define SECOND    UINT64_C(1000000000)

static const unsigned scales_s[] = {1, 5, 15, 60, 300, 900}; /* seconds a cell */

static uint64_t cell_ns(const struct tui *tui)
{
	return scales_s[tui->events.scale] * SECOND;
}

/* ---- the timelines ---- */

static struct timeline history(const struct tui *tui, const struct process *process, int width, uint64_t start_ns)
{
	const struct happenings *all = &tui->events.all;
	uint32_t tenant = brm_head_tenant(process->state.head);
	struct timeline timeline;
	bool any = false;

	for (size_t i = 0; i < all->count; i++) {
		const struct brm_event *event = &all->list[i];

		if (event->entry != process->entry || event->tenant != tenant)
			continue;
		if (!any)
			timeline_begin(&timeline, width, start_ns, cell_ns(tui), (enum brm_status)event->from);
		any = true;
		timeline_event(&timeline, event->time_ns, (enum brm_status)event->to);
	}
	if (!any) { /* only what it is now is known, and since when */
		const struct brm_state *state = &process->state;
		uint64_t since_ns = brm_state_is_finished(state) ? state->end_ns : state->start_ns;

		timeline_begin(&timeline, width, start_ns, cell_ns(tui), BRM_ABSENT);
		timeline_event(&timeline, since_ns, brm_state_status(state));
	}
	timeline_end(&timeline, tui->ticker.now.real_ns);
	return timeline;
}

static void draw_cells(const struct timeline *timeline, struct pen *pen)
{
	static const struct {
		const char *sign;
		enum role role;
	} bands[BAND_COUNT] = {{" ", ROLE_TEXT}, {"·", ROLE_DIM},  {"─", ROLE_DIM}, {"█", ROLE_OK},
			       {"▒", ROLE_BUSY}, {"↻", ROLE_WARN}, {"✗", ROLE_BAD}};

	for (int i = 0; i < timeline->width; i++)
		pen_text(pen, bands[timeline->cells[i]].role, bands[timeline->cells[i]].sign);
}

/* "last 15 min   22:29:00       22:32:45 ...    a column is 15 s" */
static void draw_scale(struct tui *tui, struct area area, int width, uint64_t start_ns)
{
	unsigned cell_s = scales_s[tui->events.scale], all_s = cell_s * (unsigned)width;
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	char text[48], at[WHEN_MAX];

	snprintf(text, sizeof text, all_s >= 7200 ? "last %u h" : "last %u min",
		 all_s >= 7200 ? all_s / 3600 : all_s / 60);
	pen_cut(&pen, STYLE_BOLD, text, NAME_COLS - 1);
	for (int i = 0; i + 8 <= width; i += 15) {
		pen = pen_at(&tui->cells, area, 0, 1 + NAME_COLS + i);
		pen_text(&pen, ROLE_DIM, when_clock(start_ns + (uint64_t)i * cell_ns(tui), at));
	}
	pen = pen_at(&tui->cells, area, 0, 1 + NAME_COLS + width + 1);
	snprintf(text, sizeof text, cell_s < 60 ? "a column is %u s" : "a column is %u min",
		 cell_s < 60 ? cell_s : cell_s / 60);
	pen_rest(&pen, ROLE_DIM, text);
}

static void draw_history(struct tui *tui, struct area area, int line, const struct process *process, int width,
			 uint64_t start_ns)
{
	struct timeline timeline = history(tui, process, width, start_ns);
	struct status_look look = status_look(brm_state_status(&process->state));
	struct pen pen = pen_at(&tui->cells, area, line, 1);
	bool meant = strcmp(process->identity.name, tui->drawn.name) == 0;
	char note[WHEN_MAX];

	pen_cut(&pen, meant ? ROLE_ACCENT : ROLE_TEXT, process->identity.name, NAME_COLS - 1);
	pen_text(&pen, 0, " ");
	draw_cells(&timeline, &pen);
	pen_text(&pen, 0, " ");
	pen_text(&pen, look.word_role, look.word);
	pen_text(&pen, 0, " ");
	pen_rest(&pen, ROLE_TEXT, status_note(&tui->ticker, &process->state, note));
}

/* Returns the rows it took. The cells end at whole multiples of their time, so that all of them move at once. */
static int draw_histories(struct tui *tui, struct area body)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	uint64_t now = tui->ticker.now.real_ns, cell = cell_ns(tui), start_ns;
	int width = body.cols - 2 - NAME_COLS - END_COLS, rows = (int)snapshot->count;

	if (width < 20 || body.rows < 12)
		return 0;
	width = width < TIMELINE_MAX ? width : TIMELINE_MAX;
	rows = rows < body.rows * 2 / 5 ? rows : body.rows * 2 / 5;
	start_ns = (now / cell + 1) * cell - (uint64_t)width * cell;
	ticker_at(&tui->ticker, tui->ticker.now.boot_ns + cell - now % cell);
	draw_scale(tui, body, width, start_ns);
	for (int i = 0; i < rows; i++)
		draw_history(tui, body, 1 + i, &snapshot->processes[i], width, start_ns);
	return rows + 1;
}

/* ---- what happened ---- */

static bool name_of(const struct tui *tui, const struct brm_event *event, char name[BRM_NAME_MAX])
{
	struct brm_reader *reader = feed_reader(&tui->feed);

	name[0] = '\0';
	return event->entry < HAPPENING_MISSED && reader && brm_event_name(reader, event, name) == 0;
}

static void draw_change(const struct brm_event *event, const char *name, struct pen *pen)
{
	struct status_look from = status_look(event->from), to = status_look(event->to);
	char detail[HAPPENING_MAX];

	pen_cut(pen, theme_name_role(name), name, NAME_COLS - 1);
	pen_text(pen, 0, " ");
	if (pen_left(pen) >= 40) {
		pen_cut(pen, ROLE_DIM, from.word, 9);
		pen_text(pen, ROLE_DIM, "→ ");
	}
	pen_text(pen, to.role, to.shape);
	pen_text(pen, 0, " ");
	pen_cut(pen, to.word_role == ROLE_BAD_WORD ? ROLE_BAD : to.word_role, to.word, 10);
	pen_rest(pen, ROLE_TEXT, happening_detail(event, name, detail));
}

/* What is said of an event of no process; NULL: it is of one. */
static const char *no_process(const struct brm_event *event, char out[HAPPENING_MAX])
{
	if (event->entry == HAPPENING_MISSED)
		snprintf(out, HAPPENING_MAX, "— %llu missed", (unsigned long long)event->version);
	else if (event->entry == UINT32_MAX)
		snprintf(out, HAPPENING_MAX, "— supervisor restarted; no process was touched");
	else
		return NULL;
	return out;
}

static void draw_event(struct tui *tui, struct area area, int line, const struct brm_event *event, bool current)
{
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	char name[BRM_NAME_MAX], at[WHEN_MAX], text[HAPPENING_MAX];

	pen_text(&pen, ROLE_ACCENT, current && !tui->focus_lost ? "▌" : " ");
	pen_text(&pen, ROLE_DIM, when_clock(event->time_ns, at));
	if (area.cols >= 80)
		pen_format(&pen, ROLE_DIM, ".%03u", (unsigned)(event->time_ns / 1000000 % 1000));
	pen_text(&pen, 0, "  ");
	if (no_process(event, text))
		pen_rest(&pen, ROLE_WARN, text);
	else if (name_of(tui, event, name))
		draw_change(event, name, &pen);
	if (current)
		bars_mark(tui, area, line, 1, true);
}

static bool fits(const struct tui *tui, const struct brm_event *event)
{
	const char *filter = tui->events.filter;
	char name[BRM_NAME_MAX];

	return !filter[0] || (name_of(tui, event, name) && strcasestr(name, filter)) ||
	       strcasestr(status_look(event->to).word, filter);
}

/* The events that are wanted, and where the bar is among them. */
static void choose(struct tui *tui)
{
	struct event_view *view = &tui->events;

	view->row_count = 0;
	for (size_t i = 0; i < view->all.count && i < EVENT_ROWS; i++)
		if ((!view->problems || happening_is_trouble(&view->all.list[i])) && fits(tui, &view->all.list[i]))
			view->rows[view->row_count++] = (uint16_t)i;
	view->at = view->row_count > 0 ? view->row_count - 1 : 0;
	for (int i = 0; view->paused && i < view->row_count; i++)
		if (view->all.list[view->rows[i]].seq >= view->bar_seq) {
			view->at = i;
			break;
		}
}

static const struct brm_event *current(const struct tui *tui)
{
	const struct event_view *view = &tui->events;

	return view->row_count > 0 ? &view->all.list[view->rows[view->at]] : NULL;
}

static void draw_list(struct tui *tui, struct area area)
{
	struct event_view *view = &tui->events;
	int top;

	view->height = area.rows;
	if (view->bar_row >= area.rows)
		view->bar_row = area.rows - 1;
	top = view->paused ? view->at - view->bar_row : view->row_count - area.rows;
	if (top + area.rows > view->row_count)
		top = view->row_count - area.rows;
	top = top < 0 ? 0 : top;
	view->bar_row = view->at - top;
	tui->cursor_row = area.row + view->bar_row;
	tui->cursor_col = area.col;
	for (int i = 0; i < area.rows && top + i < view->row_count; i++)
		draw_event(tui, area, i, &view->all.list[view->rows[top + i]], view->paused && top + i == view->at);
	view->top = top;
	tui->log_area = area;
}

/* Who a command means: the process of the event under the bar, as it is now. */
static void note_drawn(struct tui *tui)
{
	const struct brm_event *event = tui->events.paused ? current(tui) : NULL;
	const struct process *process = NULL;
	char name[BRM_NAME_MAX];

	if (event && name_of(tui, event, name))
		process = snapshot_find(feed_snapshot(&tui->feed), name);
	drawn_set(tui, process);
}

static void draw(struct tui *tui, struct area body)
{
	bool known = feed_events(tui);
	char left[64];
	int used;

	choose(tui);
	note_drawn(tui);
	used = draw_histories(tui, body);
	if (tui->events.filter[0])
		snprintf(left, sizeof left, "what happened: %.40s", tui->events.filter);
	else
		snprintf(left, sizeof left, "what happened%s", tui->events.problems ? ": trouble only" : "");
	body.row += used;
	body.rows -= used;
	bars_rule(&tui->cells, body, 0, left, tui->events.paused ? "paused" : "following ▼");
	body.row++;
	body.rows--;
	draw_list(tui, body);
	if (tui->events.row_count == 0) {
		struct pen pen = pen_at(&tui->cells, body, 0, 1);

		pen_rest(&pen, ROLE_DIM,
			 !known                 ? "events are read from the supervisor's memory only"
			 : tui->events.problems ? "no trouble so far"
						: "nothing has happened yet");
	}
}

/* ---- keys ---- */

static void put_bar(struct event_view *view, int row)
{
	row = row < 0 ? 0 : row;
	if (row >= view->row_count) {
		view->paused = false;
		return;
	}
	view->bar_row += row - view->at;
	view->bar_row = view->bar_row < 0 ? 0 : view->bar_row;
	view->at = row;
	view->bar_seq = view->all.list[view->rows[row]].seq;
	view->paused = true;
}

static void move(struct tui *tui, enum move move)
{
	struct event_view *view = &tui->events;
	int by = move_rows(move, view->height);

	if (by == 0 || view->row_count == 0 || (!view->paused && by > 0))
		return;
	put_bar(view, move == MOVE_TOP ? 0 : move == MOVE_BOTTOM ? view->row_count : view->at + by);
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	int index = tui->events.top + row - tui->log_area.row;

	(void)col;
	if (row < tui->log_area.row || index >= tui->events.row_count)
		return;
	put_bar(&tui->events, index);
	if (twice)
		act_event_log(tui);
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	struct event_view *view = &tui->events;

	(void)row;
	(void)col;
	if (view->row_count > 0 && (view->paused || rows < 0))
		put_bar(view, view->at + rows);
}

static bool back(struct tui *tui)
{
	if (view_unfilter(tui))
		return true;
	if (!tui->events.problems)
		return false;
	tui->events.problems = false;
	return true;
}

void act_event_log(struct tui *tui)
{
	const struct brm_event *event = current(tui);
	char name[BRM_NAME_MAX];

	if (event && name_of(tui, event, name))
		show_log_at(tui, name, event->time_ns / 1000);
	else
		tui_say(tui, TONE_NEWS, "this event is of no process");
}

void event_copy(struct tui *tui)
{
	const struct brm_event *event = current(tui);
	char name[BRM_NAME_MAX], at[WHEN_MAX], detail[HAPPENING_MAX], line[BRM_NAME_MAX + HAPPENING_MAX + 64];

	if (!event)
		return;
	when_clock(event->time_ns, at);
	if (no_process(event, detail))
		snprintf(line, sizeof line, "%s %s", at, detail);
	else if (name_of(tui, event, name))
		snprintf(line, sizeof line, "%s %s %s → %s %s", at, name, status_look(event->from).word,
			 status_look(event->to).word, happening_detail(event, name, detail));
	else
		return;
	copy_text(tui, line, strlen(line), "the event");
}

void act_event_problems(struct tui *tui)
{
	tui->events.problems = !tui->events.problems;
}

void act_event_follow(struct tui *tui)
{
	tui->events.paused = false;
}

void act_scale_finer(struct tui *tui)
{
	tui->events.scale -= tui->events.scale > 0;
}

void act_scale_coarser(struct tui *tui)
{
	tui->events.scale += tui->events.scale + 1 < sizeof scales_s / sizeof *scales_s;
}

const struct view view_events = {
	.name = "Events",
	.brief = "Events",
	.digit = 5,
	.bit = VIEW_EVENTS,
	.draw = draw,
	.move = move,
	.click = click,
	.wheel = wheel,
	.back = back,
	.filter = offsetof(struct tui, events.filter),
};
