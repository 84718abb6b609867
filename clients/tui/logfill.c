/* SPDX-License-Identifier: MIT */
#include "clients/tui/logfill.h"

#include <string.h>

#include "clients/tui/text.h"

#define NAME_MOST 16  /* cells of the name's column */
#define FINE_COLS 100 /* panes of this width show milliseconds */

/* ---- geometry ---- */

static int time_width(const struct logpane *pane, bool fine)
{
	static const int widths[LOGTIME_COUNT] = {
		[LOGTIME_OFF] = 0, [LOGTIME_CLOCK] = 9, [LOGTIME_START] = 11, [LOGTIME_DATE] = 20};

	return widths[pane->time] + (fine && (pane->time == LOGTIME_CLOCK || pane->time == LOGTIME_DATE) ? 4 : 0);
}

struct logmargins logmargins_of(const struct logpane *pane, int cols)
{
	struct logmargins m = {.fine = cols >= FINE_COLS};

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

int logrow_width(const struct logmargins *m, bool first)
{
	return first || m->width < 12 ? m->width : m->width - 2;
}

static int count_rows(struct logpane *pane, struct logplace place, const struct brm_log_line *line,
		      const struct logmargins *m)
{
	struct ansi text;
	size_t at = 0;
	int rows = 0;

	if (pane->no_wrap || logset_event(&pane->set, place) || line->length <= (uint32_t)m->width / 4)
		return 1;
	logpane_read(pane, place, line, &text);
	do {
		at = ansi_wrap(&text, at, logrow_width(m, rows == 0));
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
static int collect_back(struct logpane *pane, const struct logmargins *m, int rows)
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

static int collect_forward(struct logpane *pane, const struct logmargins *m, int rows)
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

static void fill_newest(struct logpane *pane, const struct logmargins *m)
{
	int sum;

	logset_from_end(&pane->set);
	sum = collect_back(pane, m, pane->height);
	place_rows(pane, sum < pane->height ? 0 : pane->height - sum);
	pane->below = 0;
}

/* The bar's line keeps its row, unless that would leave rows empty that have lines. */
static void fill_around_bar(struct logpane *pane, const struct logmargins *m)
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

void logpane_fill(struct logpane *pane, const struct logmargins *m)
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
