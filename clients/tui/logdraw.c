/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clients/common/when.h"
#include "clients/tui/logpane.h"
#include "clients/tui/text.h"

/*
 * Which lines a log pane shows, in which rows, and how they are drawn.
 */

#define NAME_MOST 16  /* cells of the name's column */
#define FINE_COLS 100 /* panes of this width show milliseconds */

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

void logpane_read(struct logpane *pane, struct logplace place, const struct brm_log_line *line, struct ansi *out)
{
	char bytes[ANSI_TEXT * 2]; /* room for what colours it */
	const struct brm_event *event = logset_event(&pane->set, place);
	size_t length;

	if (event)
		length = strlen(logpane_event_text(&pane->set, event, bytes));
	else
		length = logset_text(&pane->set, place, line, bytes, sizeof bytes);
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

	if (pane->no_wrap || logset_event(&pane->set, place) || line->length <= (uint32_t)m->width / 4)
		return 1;
	logpane_read(pane, place, line, &text);
	do {
		at = ansi_wrap(&text, at, row_width(m, rows == 0));
		rows++;
	} while (at < text.length && rows < pane->height);
	return rows;
}

/* ---- which lines ---- */

static void add_shown(struct logpane *pane, const struct logunit *unit, int rows)
{
	pane->shown[pane->shown_count++] =
		(struct logshown){.place = unit->place, .line = unit->line, .count = unit->count, .rows = rows};
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
	struct logunit unit;
	int sum = 0;

	pane->shown_count = 0;
	while (sum < rows && pane->shown_count < LOGPANE_ROWS && logpane_previous(pane, &unit)) {
		int take = count_rows(pane, unit.place, &unit.line, m);

		add_shown(pane, &unit, take);
		sum += take;
	}
	reverse_shown(pane);
	return sum;
}

static int collect_forward(struct logpane *pane, const struct margins *m, int rows)
{
	struct logunit unit;
	int sum = 0;

	while (sum < rows && pane->shown_count < LOGPANE_ROWS && logpane_next(pane, &unit)) {
		int take = count_rows(pane, unit.place, &unit.line, m);

		add_shown(pane, &unit, take);
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

	if (pane->bar.source < 0 || pane->bar.source >= pane->set.walked)
		return false;
	logset_from(&pane->set, pane->bar);
	if (!logset_next(&pane->set, &place, &line)) {
		if (pane->set.budget == 0)
			return true;
		logset_from_end(&pane->set);
		if (!logset_previous(&pane->set, &place, &line))
			return false;
	}
	pane->bar = pane->no_fold ? place : logpane_first_of(pane, place);
	return true;
}

/* The text that decides on a line: a stack's lines go with the first line of their error. */
static void read_head(struct logpane *pane, struct logplace place, const struct brm_log_line *line, struct ansi *text)
{
	struct logplace head = {place.source, logset_head(&pane->set, place, line)};
	struct brm_log_line first;

	if (head.seq == place.seq || brm_log_lines(pane->set.sources[head.source].log, head.seq, &first, 1) != 1)
		first = *line;
	logpane_read(pane, head, &first, text);
}

/* Does a line pass all filters? */
static bool passes(void *arg, struct logplace place, const struct brm_log_line *line)
{
	static struct ansi text;
	struct logpane *pane = arg;
	size_t begin, end;

	for (unsigned i = 0; i < pane->filter_count; i++) {
		const struct logfilter *filter = &pane->filters[i];
		bool is_event = logset_event(&pane->set, place) != NULL;

		if (i == 0 && !is_event)
			read_head(pane, place, line, &text);
		if (is_event ? !filter->hide
			     : finder_next(&filter->finder, text.text, text.length, 0, &begin, &end) == filter->hide)
			return false;
	}
	return true;
}

/* What has come since the pause, as far as the frame may look at it. */
static void count_fresh(struct logpane *pane)
{
	struct brm_log_line line;

	for (int i = 0; i < pane->set.count && pane->paused; i++) {
		struct logsource *source = &pane->set.sources[i];

		if (pane->seen_end[i] < source->first)
			pane->seen_end[i] = source->first;
		for (unsigned n = 0; pane->seen_end[i] < source->end && n < LOGPANE_BUDGET / 4; n++) {
			if (logset_line(&pane->set, (struct logplace){i, pane->seen_end[i]}, &line) != 0)
				break;
			pane->fresh++;
			pane->fresh_errors += line.level == BRM_LEVEL_ERROR;
			pane->seen_end[i]++;
		}
	}
}

static void fill(struct logpane *pane, const struct margins *m)
{
	struct logwant want = {.least = pane->level,
			       .since_us = pane->since_us,
			       .text = pane->filter_count > 0 ? passes : NULL,
			       .arg = pane,
			       .serial = pane->filter_serial};

	logset_want(&pane->set, &want);
	pane->set.budget = LOGPANE_BUDGET;
	pane->fold_budget = LOGPANE_FOLDS;
	count_fresh(pane);
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
		uint64_t start_ns = source >= 0 ? pane->set.sources[source].start_ns : 0;
		uint64_t since_ms = minus(line->time_us / 1000, start_ns / 1000000);

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
	int owner = logset_owner(&pane->set, shown->place);
	const char *name = owner >= 0 ? pane->set.sources[owner].name : "";
	char time[LOGTIME_MAX];

	if (m->time > 0)
		pen_cut(pen, ROLE_DIM, logpane_time(pane, &shown->line, owner, m->fine, time), m->time);
	if (m->name > 0) {
		pen_cut(pen, theme_name_role(name), name, m->name - 1);
		pen_text(pen, 0, " ");
	}
	if (logset_event(&pane->set, shown->place))
		return;
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

/* A line of which only the first `end` bytes are shown says how much more there is, at the end of its last row. */
static void draw_rest(const struct logshown *shown, const struct ansi *text, size_t end, struct pen *pen)
{
	uint32_t more = (uint32_t)(text->length - end);
	char size[WHEN_MAX], words[WHEN_MAX + 8];
	int cells;

	if (text->length == ANSI_TEXT && shown->line.length > ANSI_TEXT)
		more += shown->line.length - ANSI_TEXT;
	if (more == 0)
		return;
	snprintf(words, sizeof words, "… +%s", when_bytes(more, size));
	cells = text_cells(words, strlen(words));
	if (pen_left(pen) < cells)
		pen->col = pen->end - cells > pen->start ? pen->end - cells : pen->start;
	pen_text(pen, ROLE_DIM, words);
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
		draw_rest(shown, text, text->length, pen);
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
			if (i == shown->rows - 1)
				draw_rest(shown, text, end, &pen);
		}
		at = end;
	}
}

/* Is a shown line within the selection? Shown lines are in order, so its ends are looked for among them. */
static bool is_selected(const struct logpane *pane, int index)
{
	int bar = -1, mark = -1;

	if (!pane->paused)
		return false;
	for (int i = 0; i < pane->shown_count; i++) {
		if (logplace_is(pane->shown[i].place, pane->bar))
			bar = i;
		if (logplace_is(pane->shown[i].place, pane->mark))
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

/* "×48" at the end of the first row of what stands for so many lines. */
static void draw_count(struct cells *cells, struct area area, const struct logshown *shown)
{
	char text[24];
	int width;

	if (shown->count < 2 || shown->row < 0)
		return;
	snprintf(text, sizeof text, "  ×%u", shown->count);
	width = text_cells(text, strlen(text));
	if (width + 1 < area.cols / 2) {
		struct pen pen = pen_at(cells, area, shown->row, area.cols - 1 - width);

		pen_text(&pen, ROLE_ACCENT, text);
	}
}

static void draw_line(struct logpane *pane, struct cells *cells, struct area area, int index, const struct margins *m,
		      bool focused)
{
	const struct logshown *shown = &pane->shown[index];
	bool selected = is_selected(pane, index);
	struct ansi text;

	logpane_read(pane, shown->place, &shown->line, &text);
	if (shown->row >= 0) {
		struct pen pen = pen_at(cells, area, shown->row, 0);

		pen_text(&pen, ROLE_ACCENT, selected && focused ? "▌" : " ");
		draw_margins(pane, shown, m, &pen);
		if (logset_event(&pane->set, shown->place))
			logpane_draw_event(pane, shown->place, &pen);
		else if (pane->no_wrap)
			draw_straight(pane, shown, &text, selected, &pen);
	}
	if (!pane->no_wrap && !logset_event(&pane->set, shown->place))
		draw_wrapped(pane, cells, area, shown, &text, m, selected);
	draw_count(cells, area, shown);
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
