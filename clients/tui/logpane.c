/* SPDX-License-Identifier: MIT */
#include "clients/tui/logpane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/common/when.h"
#include "clients/tui/text.h"

#define BUDGET    100000u /* records a frame looks at to find lines of a level */
#define NAME_MOST 16      /* cells of the name's column */
#define FINE_COLS 100     /* panes of this width show milliseconds */

void logpane_finish(struct logpane *pane)
{
	logset_finish(&pane->set);
	finder_finish(&pane->match);
}

void logpane_choose(struct logpane *pane, const struct process *const *processes, int count)
{
	uint32_t entry = 0, tenant = 0;
	int source = pane->bar.source;
	bool had = pane->paused && source >= 0 && source < pane->set.count;

	if (had) {
		entry = pane->set.sources[source].entry;
		tenant = pane->set.sources[source].tenant;
	}
	if (!logset_choose(&pane->set, processes, count))
		return;
	pane->jump = JUMP_NONE;
	pane->selecting = false;
	pane->bar.source = had ? logset_find(&pane->set, entry, tenant) : -1;
	if (pane->bar.source < 0)
		pane->paused = false;
}

void logpane_level(struct logpane *pane, unsigned level)
{
	pane->level = level;
}

void logpane_since(struct logpane *pane, uint64_t since_us)
{
	pane->since_us = since_us;
}

void logpane_follow(struct logpane *pane)
{
	pane->paused = false;
	pane->selecting = false;
	pane->jump = JUMP_NONE;
}

/* ---- geometry ---- */

/* What stands before a line's text. */
struct margins {
	int time;
	int name;
	int text;  /* where the text begins */
	int width; /* cells for the text */
	bool fine;
};

static int time_width(const struct logpane *pane, bool fine)
{
	static const int widths[LOGTIME_COUNT] = {
		[LOGTIME_OFF] = 0, [LOGTIME_CLOCK] = 9, [LOGTIME_START] = 11, [LOGTIME_DATE] = 20};

	return widths[pane->time] + (fine && (pane->time == LOGTIME_CLOCK || pane->time == LOGTIME_DATE) ? 4 : 0);
}

static struct margins margins_of(const struct logpane *pane, int cols)
{
	struct margins m = {.fine = cols >= FINE_COLS};

	m.time = time_width(pane, m.fine);
	if (cols - m.time < 24)
		m.time = 0;
	for (int i = 0; i < pane->set.count && pane->set.count > 1; i++) {
		const char *name = pane->set.sources[i].name;
		int cells = text_cells(name, strlen(name)) + 1;

		m.name = cells > m.name ? cells : m.name;
	}
	if (m.name > NAME_MOST + 1)
		m.name = NAME_MOST + 1;
	m.text = 1 + m.time + m.name + 2;
	m.width = cols - m.text;
	if (m.width < 1)
		m.width = 1;
	return m;
}

static void read_line(struct logpane *pane, struct logplace place, const struct brm_log_line *line, struct ansi *out)
{
	char bytes[ANSI_TEXT * 2]; /* room for what colours it */
	size_t length = logset_text(&pane->set, place, line, bytes, sizeof bytes);

	ansi_parse(bytes, length, out);
}

/* Continuation rows are indented by two cells under the text. */
static int row_width(const struct margins *m, bool first)
{
	return first || m->width < 12 ? m->width : m->width - 2;
}

static int count_rows(struct logpane *pane, struct logplace place, const struct brm_log_line *line,
		      const struct margins *m)
{
	struct ansi text;
	size_t at = 0;
	int rows = 0;

	if (pane->no_wrap || line->length <= (uint32_t)m->width / 4)
		return 1;
	read_line(pane, place, line, &text);
	do {
		at = ansi_wrap(&text, at, row_width(m, rows == 0));
		rows++;
	} while (at < text.length && rows < pane->height);
	return rows;
}

/* ---- which lines ---- */

static void add_shown(struct logpane *pane, struct logplace place, const struct brm_log_line *line, int rows)
{
	pane->shown[pane->shown_count++] = (struct logshown){.place = place, .line = *line, .rows = rows};
}

static void reverse_shown(struct logpane *pane)
{
	for (int i = 0, j = pane->shown_count - 1; i < j; i++, j--) {
		struct logshown kept = pane->shown[i];

		pane->shown[i] = pane->shown[j];
		pane->shown[j] = kept;
	}
}

/* Lines before the walk's position until they take `rows` rows, in shown, oldest first. Returns the rows they take. */
static int collect_back(struct logpane *pane, const struct margins *m, int rows)
{
	struct brm_log_line line;
	struct logplace place;
	int sum = 0;

	pane->shown_count = 0;
	while (sum < rows && pane->shown_count < LOGPANE_ROWS && logset_previous(&pane->set, &place, &line)) {
		int take = count_rows(pane, place, &line, m);

		add_shown(pane, place, &line, take);
		sum += take;
	}
	reverse_shown(pane);
	return sum;
}

static int collect_forward(struct logpane *pane, const struct margins *m, int rows)
{
	struct brm_log_line line;
	struct logplace place;
	int sum = 0;

	while (sum < rows && pane->shown_count < LOGPANE_ROWS && logset_next(&pane->set, &place, &line)) {
		int take = count_rows(pane, place, &line, m);

		add_shown(pane, place, &line, take);
		sum += take;
	}
	return sum;
}

static void place_rows(struct logpane *pane, int row)
{
	for (int i = 0; i < pane->shown_count; i++) {
		pane->shown[i].row = row;
		row += pane->shown[i].rows;
	}
}

static void fill_newest(struct logpane *pane, const struct margins *m)
{
	int sum;

	logset_from_end(&pane->set);
	sum = collect_back(pane, m, pane->height);
	place_rows(pane, sum < pane->height ? 0 : pane->height - sum);
	pane->below = 0;
}

/* The bar's line keeps its row, unless that would leave rows empty that have lines. */
static void fill_around_bar(struct logpane *pane, const struct margins *m)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		int above, below;

		logset_from(&pane->set, pane->bar);
		above = collect_back(pane, m, pane->bar_row);
		if (above < pane->bar_row)
			pane->bar_row = above;
		logset_from(&pane->set, pane->bar);
		below = collect_forward(pane, m, pane->height - pane->bar_row);
		place_rows(pane, pane->bar_row - above);
		pane->below = logset_behind(&pane->set);
		if (pane->bar_row + below >= pane->height || attempt > 0)
			return;
		pane->bar_row = pane->height - below; /* as far down as there are lines above */
	}
}

/* The bar's line may have been rotated away, or may not be of the wanted level any more. */
static bool settle_bar(struct logpane *pane)
{
	struct brm_log_line line;
	struct logplace place;

	if (pane->bar.source < 0 || pane->bar.source >= pane->set.count)
		return false;
	logset_from(&pane->set, pane->bar);
	if (!logset_next(&pane->set, &place, &line)) {
		if (pane->set.budget == 0)
			return true;
		logset_from_end(&pane->set);
		if (!logset_previous(&pane->set, &place, &line))
			return false;
	}
	pane->bar = place;
	return true;
}

static void fill(struct logpane *pane, const struct margins *m)
{
	logset_want(&pane->set, pane->level, pane->since_us);
	pane->set.budget = BUDGET;
	pane->shown_count = 0;
	if (pane->paused && !settle_bar(pane))
		pane->paused = false;
	if (pane->bar_row >= pane->height)
		pane->bar_row = pane->height - 1;
	if (pane->paused)
		fill_around_bar(pane, m);
	else
		fill_newest(pane, m);
	pane->unfinished = pane->set.budget == 0;
}

/* ---- drawing ---- */

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

char *logpane_time(const struct logpane *pane, const struct brm_log_line *line, int source, bool fine,
		   char out[LOGTIME_MAX])
{
	time_t seconds = (time_t)(line->time_us / 1000000);
	unsigned ms = (unsigned)(line->time_us / 1000 % 1000);
	struct tm tm;
	size_t length = 0;

	out[0] = '\0';
	if (pane->time == LOGTIME_START) {
		uint64_t since_ms = minus(line->time_us / 1000, pane->set.sources[source].start_ns / 1000000);

		snprintf(out, LOGTIME_MAX, "%6llu.%03u", (unsigned long long)(since_ms / 1000),
			 (unsigned)(since_ms % 1000));
		return out;
	}
	if (pane->time != LOGTIME_OFF && localtime_r(&seconds, &tm))
		length = strftime(out, LOGTIME_MAX, pane->time == LOGTIME_DATE ? "%F %T" : "%T", &tm);
	if (fine && length > 0)
		snprintf(out + length, LOGTIME_MAX - length, ".%03u", ms);
	return out;
}

static void draw_margins(const struct logpane *pane, const struct logshown *shown, const struct margins *m,
			 struct pen *pen)
{
	const char *name = pane->set.sources[shown->place.source].name;
	char time[LOGTIME_MAX];

	if (m->time > 0)
		pen_cut(pen, ROLE_DIM, logpane_time(pane, &shown->line, shown->place.source, m->fine, time), m->time);
	if (m->name > 0) {
		pen_cut(pen, theme_name_role(name), name, m->name - 1);
		pen_text(pen, 0, " ");
	}
	if (shown->line.level == BRM_LEVEL_ERROR)
		pen_text(pen, ROLE_BAD, "✗ ");
	else if (shown->line.level == BRM_LEVEL_WARN)
		pen_text(pen, ROLE_WARN, "! ");
	else
		pen_text(pen, 0, "  ");
}

static uint32_t level_style(const struct brm_log_line *line)
{
	return line->level == BRM_LEVEL_DEBUG ? ROLE_DIM : ROLE_TEXT;
}

/* A piece of a line's text in one style of its own, hits marked. */
static void draw_piece(const struct logpane *pane, const struct ansi *text, size_t from, size_t to, uint32_t style,
		       uint32_t match, struct pen *pen)
{
	size_t begin, end;

	for (size_t look = 0; from < to && finder_next(&pane->match, text->text, text->length, look, &begin, &end);) {
		look = end;
		if (end <= from)
			continue;
		if (begin >= to)
			break;
		if (begin > from)
			pen_bytes(pen, style, text->text + from, begin - from);
		from = begin > from ? begin : from;
		end = end < to ? end : to;
		pen_bytes(pen, match, text->text + from, end - from);
		from = end;
	}
	if (from < to)
		pen_bytes(pen, style, text->text + from, to - from);
}

static void draw_text(const struct logpane *pane, const struct ansi *text, size_t from, size_t to, uint32_t base,
		      bool here, struct pen *pen)
{
	while (from < to) {
		size_t end;
		uint32_t style = base | ansi_style(text, from, &end);

		end = end < to ? end : to;
		draw_piece(pane, text, from, end, style, here ? ROLE_MATCH_HERE : ROLE_MATCH, pen);
		from = end;
	}
}

/* A line that is longer than what is shown says by how much. */
static void draw_rest(const struct logshown *shown, const struct ansi *text, struct pen *pen)
{
	char size[WHEN_MAX];

	if (text->length == ANSI_TEXT && shown->line.length > ANSI_TEXT)
		pen_format(pen, ROLE_DIM, "… +%s", when_bytes(shown->line.length - ANSI_TEXT, size));
}

/* Without wrap: the cells from `sideways` on, and a sign at the right edge where it goes on. */
static void draw_straight(const struct logpane *pane, const struct logshown *shown, const struct ansi *text, bool here,
			  struct pen *pen)
{
	size_t from = 0, end;
	uint32_t last = level_style(&shown->line);

	if (pane->sideways > 0)
		from = ansi_wrap(text, 0, pane->sideways);
	end = ansi_wrap(text, from, pen_left(pen));
	end = text_cells(text->text + from, text->length - from) > pen_left(pen) ? end : text->length;
	draw_text(pane, text, from, text->length, last, here, pen);
	if (end < text->length && pen->col > 0) {
		pen->col = pen->end - 1;
		pen_text(pen, ROLE_DIM, "›");
	} else {
		draw_rest(shown, text, pen);
	}
}

static void draw_wrapped(const struct logpane *pane, struct cells *cells, struct area area,
			 const struct logshown *shown, const struct ansi *text, const struct margins *m, bool here)
{
	size_t at = 0;

	for (int i = 0; i < shown->rows; i++) {
		size_t end = ansi_wrap(text, at, row_width(m, i == 0));
		int indent = m->width - row_width(m, i == 0);

		if (shown->row + i >= 0 && shown->row + i < area.rows) {
			struct pen pen = pen_at(cells, area, shown->row + i, m->text + indent);

			draw_text(pane, text, at, end, level_style(&shown->line), here, &pen);
			if (end == text->length)
				draw_rest(shown, text, &pen);
		}
		at = end;
	}
}

static bool is_at(struct logplace a, struct logplace b)
{
	return a.source == b.source && a.seq == b.seq;
}

/* Is a shown line within the selection? Shown lines are in order, so its ends are looked for among them. */
static bool is_selected(const struct logpane *pane, int index)
{
	int bar = -1, mark = -1;

	if (!pane->paused)
		return false;
	for (int i = 0; i < pane->shown_count; i++) {
		if (is_at(pane->shown[i].place, pane->bar))
			bar = i;
		if (is_at(pane->shown[i].place, pane->mark))
			mark = i;
	}
	if (!pane->selecting)
		return index == bar;
	if (mark < 0) { /* off the screen: is it before or after what is shown? */
		struct logplace first = pane->shown[0].place;

		mark = pane->mark.source == first.source && pane->mark.seq < first.seq ? -1 : pane->shown_count;
	}
	return (index >= bar && index <= mark) || (index >= mark && index <= bar);
}

static void draw_line(struct logpane *pane, struct cells *cells, struct area area, int index, const struct margins *m,
		      bool focused)
{
	const struct logshown *shown = &pane->shown[index];
	bool selected = is_selected(pane, index);
	struct ansi text;

	read_line(pane, shown->place, &shown->line, &text);
	if (shown->row >= 0) {
		struct pen pen = pen_at(cells, area, shown->row, 0);

		pen_text(&pen, ROLE_ACCENT, selected && focused ? "▌" : " ");
		draw_margins(pane, shown, m, &pen);
		if (pane->no_wrap)
			draw_straight(pane, shown, &text, selected, &pen);
	}
	if (!pane->no_wrap)
		draw_wrapped(pane, cells, area, shown, &text, m, selected);
	if (selected) {
		int top = shown->row < 0 ? 0 : shown->row;
		struct area row = {area.row + top, area.col, shown->row + shown->rows - top, area.cols};

		if (row.row + row.rows > area.row + area.rows)
			row.rows = area.row + area.rows - row.row;
		cells_tint(cells, row, focused ? STYLE_BAR : STYLE_BAR_IDLE);
	}
}

void logpane_draw(struct logpane *pane, struct cells *cells, struct area area, bool focused)
{
	struct margins m = margins_of(pane, area.cols);

	pane->height = area.rows < LOGPANE_ROWS ? area.rows : LOGPANE_ROWS;
	pane->shown_count = 0;
	if (area.rows <= 0)
		return;
	fill(pane, &m);
	for (int i = 0; i < pane->shown_count; i++)
		draw_line(pane, cells, area, i, &m, focused);
}

/* ---- moving ---- */

static struct logshown *shown_at(struct logpane *pane, struct logplace place)
{
	for (int i = 0; i < pane->shown_count; i++)
		if (is_at(pane->shown[i].place, place))
			return &pane->shown[i];
	return NULL;
}

void logpane_pause(struct logpane *pane)
{
	const struct logshown *last;

	if (pane->paused || pane->shown_count == 0)
		return;
	last = &pane->shown[pane->shown_count - 1];
	pane->paused = true;
	pane->bar = last->place;
	pane->bar_row = last->row < 0 ? 0 : last->row;
}

bool logpane_point(struct logpane *pane, int row)
{
	for (int i = 0; i < pane->shown_count; i++) {
		const struct logshown *shown = &pane->shown[i];

		if (row < shown->row || row >= shown->row + shown->rows)
			continue;
		pane->paused = true;
		pane->bar = shown->place;
		pane->bar_row = shown->row < 0 ? 0 : shown->row;
		return true;
	}
	return false;
}

void logpane_show(struct logpane *pane, struct logplace place)
{
	const struct logshown *shown = shown_at(pane, place);

	pane->paused = true;
	pane->bar = place;
	pane->bar_row = shown && shown->row >= 0 ? shown->row : pane->height / 2;
}

/* Put the bar on that line; its row on the screen goes along as far as the pane reaches. */
static void put_bar(struct logpane *pane, struct logplace place, int by)
{
	const struct logshown *shown = shown_at(pane, place);

	pane->bar = place;
	if (shown && shown->row >= 0 && shown->row + shown->rows <= pane->height)
		pane->bar_row = shown->row;
	else
		pane->bar_row = by < 0 ? 0 : pane->height - 1;
}

static void move_rows_by(struct logpane *pane, int by)
{
	struct brm_log_line line;
	struct logplace place, last = pane->bar;
	int moved = 0;

	pane->set.budget = BUDGET;
	logset_from(&pane->set, pane->bar);
	if (by > 0)
		logset_next(&pane->set, &place, &line); /* the bar's own */
	while (moved < abs(by) &&
	       (by < 0 ? logset_previous(&pane->set, &place, &line) : logset_next(&pane->set, &place, &line))) {
		last = place;
		moved++;
	}
	if (by > 0 && moved < by && pane->set.budget > 0 && !pane->selecting) {
		logpane_follow(pane);
		return;
	}
	if (abs(by) == 1)
		put_bar(pane, last, by);
	else
		pane->bar = last; /* a page turns around the bar's row */
}

static void move_to_top(struct logpane *pane)
{
	struct brm_log_line line;
	struct logplace place;

	pane->set.budget = BUDGET;
	logset_from_start(&pane->set);
	if (!logset_next(&pane->set, &place, &line))
		return;
	pane->bar = place;
	pane->bar_row = 0;
}

void logpane_move(struct logpane *pane, enum move move)
{
	if (move == MOVE_LEFT || move == MOVE_RIGHT) {
		pane->sideways += move == MOVE_RIGHT ? 8 : -8;
		if (pane->sideways < 0 || !pane->no_wrap)
			pane->sideways = 0;
		return;
	}
	pane->jump = JUMP_NONE;
	if (move == MOVE_BOTTOM) {
		if (!pane->selecting) {
			logpane_follow(pane);
			return;
		}
	}
	if (!pane->paused && move_rows(move, pane->height) > 0)
		return;
	logpane_pause(pane);
	if (!pane->paused)
		return;
	if (move == MOVE_TOP)
		move_to_top(pane);
	else
		move_rows_by(pane, move == MOVE_BOTTOM ? 1000000 : move_rows(move, pane->height));
}

void logpane_scroll(struct logpane *pane, int rows)
{
	if (!pane->paused && rows > 0)
		return;
	logpane_pause(pane);
	if (!pane->paused)
		return;
	if (rows > 0 && pane->below == 0 && pane->shown_count > 0) {
		const struct logshown *last = &pane->shown[pane->shown_count - 1];

		if (last->row + last->rows <= pane->height) {
			logpane_follow(pane);
			return;
		}
	}
	pane->bar_row -= rows;
	if (pane->bar_row >= 0 && pane->bar_row < pane->height)
		return;
	/* The bar would leave the pane: it goes to the line at the edge. */
	rows = pane->bar_row < 0 ? pane->bar_row : pane->bar_row - pane->height + 1;
	pane->bar_row -= rows;
	move_rows_by(pane, -rows);
	pane->bar_row = rows < 0 ? 0 : pane->height - 1;
}

/* ---- jumps ---- */

static void save_walk(struct logpane *pane)
{
	for (int i = 0; i < pane->set.count; i++)
		pane->jump_at[i] = pane->set.sources[i].at;
}

static void resume_walk(struct logpane *pane)
{
	for (int i = 0; i < pane->set.count; i++)
		pane->set.sources[i].at = pane->jump_at[i];
}

void logpane_jump(struct logpane *pane, enum jump what, bool back)
{
	struct brm_log_line line;
	struct logplace place;

	if (!pane->paused && !back)
		return; /* there is nothing below the newest */
	pane->set.budget = BUDGET;
	if (pane->paused) {
		logset_from(&pane->set, pane->bar);
		if (!back)
			logset_next(&pane->set, &place, &line);
	} else {
		logset_from_end(&pane->set);
	}
	save_walk(pane);
	pane->jump = what;
	pane->jump_back = back;
}

static bool is_wanted(struct logpane *pane, struct logplace place, const struct brm_log_line *line)
{
	struct ansi text;
	size_t begin, end;

	if (pane->jump == JUMP_ERROR)
		return line->level == BRM_LEVEL_ERROR;
	read_line(pane, place, line, &text);
	return finder_next(&pane->match, text.text, text.length, 0, &begin, &end);
}

int logpane_step(struct logpane *pane)
{
	unsigned lines = pane->jump == JUMP_ERROR ? 50000 : 5000;
	struct brm_log_line line;
	struct logplace place;

	pane->set.budget = BUDGET;
	resume_walk(pane);
	for (unsigned i = 0; i < lines; i++) {
		bool more = pane->jump_back ? logset_previous(&pane->set, &place, &line)
					    : logset_next(&pane->set, &place, &line);

		if (!more && pane->set.budget > 0) {
			pane->jump = JUMP_NONE;
			return -ENOENT;
		}
		if (!more)
			break;
		if (is_wanted(pane, place, &line)) {
			pane->jump = JUMP_NONE;
			logpane_show(pane, place);
			return 1;
		}
	}
	save_walk(pane);
	return 0;
}

/* ---- copying ---- */

bool logpane_current(struct logpane *pane, struct logplace *place, struct brm_log_line *line)
{
	if (pane->paused) {
		*place = pane->bar;
		return logset_line(&pane->set, pane->bar, line) == 0;
	}
	pane->set.budget = BUDGET;
	logset_from_end(&pane->set);
	return logset_previous(&pane->set, place, line);
}

/* Is a before b in the merged order? */
static bool is_before(struct logpane *pane, struct logplace a, struct logplace b)
{
	struct brm_log_line first, second;

	if (a.source == b.source)
		return a.seq < b.seq;
	if (logset_line(&pane->set, a, &first) != 0 || logset_line(&pane->set, b, &second) != 0)
		return false;
	return first.time_us < second.time_us || (first.time_us == second.time_us && a.source < b.source);
}

/* Text without what a terminal would act on. */
static size_t put_clean(char *out, size_t room, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t at = 0; at < length;) {
		uint32_t code;
		size_t n = text_next(text + at, length - at, &code);
		int cells;

		if (text_kind(code, &cells) != TEXT_SPELLED && used + n <= room) {
			memcpy(out + used, text + at, n);
			used += n;
		}
		at += n;
	}
	return used;
}

static size_t copy_line(struct logpane *pane, struct logplace place, const struct brm_log_line *line, bool full,
			char *out, size_t room)
{
	struct ansi text;
	char time[LOGTIME_MAX];
	size_t used = 0;

	read_line(pane, place, line, &text);
	if (full) {
		used = (size_t)snprintf(out, room, "%s %s ", logpane_time(pane, line, place.source, true, time),
					pane->set.sources[place.source].name);
		used = used < room ? used : room;
	}
	used += put_clean(out + used, room - used, text.text, text.length);
	if (used < room)
		out[used++] = '\n';
	return used;
}

int logpane_copy(struct logpane *pane, bool full, size_t max, char **text)
{
	struct brm_log_line line;
	struct logplace place, last;
	size_t used = 0;
	int lines = 0;
	bool more;

	*text = NULL;
	if (!logpane_current(pane, &place, &line))
		return 0;
	last = place;
	if (pane->selecting && pane->paused) {
		place = is_before(pane, pane->mark, pane->bar) ? pane->mark : pane->bar;
		last = is_before(pane, pane->mark, pane->bar) ? pane->bar : pane->mark;
	}
	*text = malloc(max + 1);
	if (!*text)
		return 0;
	pane->set.budget = BUDGET;
	logset_from(&pane->set, place);
	do {
		more = logset_next(&pane->set, &place, &line);
		if (more) {
			used += copy_line(pane, place, &line, full, *text + used, max - used);
			lines++;
		}
	} while (more && used < max && !is_at(place, last));
	if (used > 0 && (*text)[used - 1] == '\n')
		used--;
	(*text)[used] = '\0';
	return lines;
}
