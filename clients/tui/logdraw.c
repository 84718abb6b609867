/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clients/common/when.h"
#include "clients/tui/logfill.h"
#include "clients/tui/text.h"

/*
 * How the lines of a log pane are drawn.
 */

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

static void draw_margins(const struct logpane *pane, const struct logshown *shown, const struct logmargins *m,
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
			 const struct logshown *shown, const struct ansi *text, const struct logmargins *m, bool here)
{
	size_t at = 0;

	for (int i = 0; i < shown->rows; i++) {
		size_t end = ansi_wrap(text, at, logrow_width(m, i == 0));
		int indent = m->width - logrow_width(m, i == 0);

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

static void draw_line(struct logpane *pane, struct cells *cells, struct area area, int index,
		      const struct logmargins *m, bool focused)
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
	struct logmargins m = logmargins_of(pane, area.cols);

	pane->height = area.rows < LOGPANE_ROWS ? area.rows : LOGPANE_ROWS;
	pane->shown_count = 0;
	if (area.rows <= 0)
		return;
	logpane_fill(pane, &m);
	for (int i = 0; i < pane->shown_count; i++)
		draw_line(pane, cells, area, i, &m, focused);
}
