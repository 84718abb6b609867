/* SPDX-License-Identifier: MIT */
#include "clients/tui/logpane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/common/when.h"
#include "clients/tui/text.h"

void logpane_finish(struct logpane *pane)
{
	logset_finish(&pane->set);
	finder_finish(&pane->match);
	logcount_finish(&pane->counted);
	while (pane->filter_count > 0)
		logpane_unfilter(pane, pane->filter_count - 1);
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
	pane->open_count = 0;
	logcount_finish(&pane->counted);
	pane->counting = true;
	pane->bar.source = had ? logset_find(&pane->set, entry, tenant) : -1;
	if (pane->bar.source < 0)
		pane->paused = false;
}

/* ---- filters and search ---- */

static void filters_changed(struct logpane *pane)
{
	pane->filter_serial++;
	logcount_finish(&pane->counted);
	pane->counting = pane->match.text[0] != '\0';
}

int logpane_filter(struct logpane *pane, const char *text, bool hide)
{
	struct logfilter *filter = &pane->filters[pane->filter_count];
	size_t length = strlen(text);
	char expression[FINDER_MAX];
	bool is_regex = length > 2 && text[0] == '/' && text[length - 1] == '/';

	if (pane->filter_count == LOGPANE_FILTERS)
		return -ENOSPC;
	snprintf(expression, sizeof expression, "%.*s", is_regex ? (int)length - 2 : (int)length, text + is_regex);
	*filter = (struct logfilter){.hide = hide};
	if (finder_set(&filter->finder, expression, is_regex) != 0)
		return -EINVAL;
	pane->filter_count++;
	filters_changed(pane);
	return 0;
}

void logpane_unfilter(struct logpane *pane, unsigned index)
{
	if (index >= pane->filter_count)
		return;
	finder_finish(&pane->filters[index].finder);
	memmove(&pane->filters[index], &pane->filters[index + 1],
		(pane->filter_count - index - 1) * sizeof *pane->filters);
	pane->filter_count--;
	filters_changed(pane);
}

int logpane_search(struct logpane *pane, const char *text, bool is_regex)
{
	if (strcmp(text, pane->match.text) == 0 && is_regex == pane->match.is_regex)
		return 0;
	if (finder_set(&pane->match, text, is_regex) != 0)
		return -EINVAL;
	logcount_finish(&pane->counted);
	pane->counting = *text != '\0';
	return 0;
}

#define COUNT_NS UINT64_C(4000000) /* a slice between events */

static bool is_match(void *arg, struct logplace place, const struct brm_log_line *line)
{
	static struct ansi text;
	struct logpane *pane = arg;
	size_t begin, end;

	if (line->level < pane->level || line->time_us < pane->since_us)
		return false;
	if (pane->set.want.text && !pane->set.want.text(pane, place, line))
		return false;
	logpane_read(pane, place, line, &text);
	return finder_next(&pane->match, text.text, text.length, 0, &begin, &end);
}

void logpane_count(struct logpane *pane)
{
	pane->counting = pane->match.text[0] && logcount_step(&pane->counted, &pane->set, is_match, pane, COUNT_NS);
}

void logpane_level(struct logpane *pane, unsigned level)
{
	pane->level = level;
	filters_changed(pane);
}

void logpane_since(struct logpane *pane, uint64_t since_us)
{
	pane->since_us = since_us;
	filters_changed(pane);
}

void logpane_follow(struct logpane *pane)
{
	pane->paused = false;
	pane->selecting = false;
	pane->jump = JUMP_NONE;
}

/* ---- moving ---- */

static struct logshown *shown_at(struct logpane *pane, struct logplace place)
{
	for (int i = 0; i < pane->shown_count; i++)
		if (logplace_is(pane->shown[i].place, place))
			return &pane->shown[i];
	return NULL;
}

/* From here on new lines are counted. */
static void begin_pause(struct logpane *pane)
{
	if (!pane->paused) {
		pane->fresh = pane->fresh_errors = 0;
		for (int i = 0; i < pane->set.count; i++)
			pane->seen_end[i] = pane->set.sources[i].end;
	}
	pane->paused = true;
}

void logpane_pause(struct logpane *pane)
{
	const struct logshown *last;

	if (pane->paused || pane->shown_count == 0)
		return;
	last = &pane->shown[pane->shown_count - 1];
	begin_pause(pane);
	pane->bar = last->place;
	pane->bar_row = last->row < 0 ? 0 : last->row;
}

bool logpane_point(struct logpane *pane, int row)
{
	for (int i = 0; i < pane->shown_count; i++) {
		const struct logshown *shown = &pane->shown[i];

		if (row < shown->row || row >= shown->row + shown->rows)
			continue;
		begin_pause(pane);
		pane->bar = shown->place;
		pane->bar_row = shown->row < 0 ? 0 : shown->row;
		return true;
	}
	return false;
}

void logpane_show(struct logpane *pane, struct logplace place)
{
	const struct logshown *shown = shown_at(pane, place);

	begin_pause(pane);
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
	struct logunit unit;
	struct logplace last = pane->bar;
	int moved = 0;

	pane->set.budget = LOGPANE_BUDGET;
	pane->fold_budget = LOGPANE_FOLDS;
	logset_from(&pane->set, pane->bar);
	if (by > 0)
		logpane_next(pane, &unit); /* the bar's own */
	while (moved < abs(by) && (by < 0 ? logpane_previous(pane, &unit) : logpane_next(pane, &unit))) {
		last = unit.place;
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

	pane->set.budget = LOGPANE_BUDGET;
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
	for (int i = 0; i < pane->set.walked; i++)
		pane->jump_at[i] = pane->set.sources[i].at;
}

static void resume_walk(struct logpane *pane)
{
	for (int i = 0; i < pane->set.walked; i++)
		pane->set.sources[i].at = pane->jump_at[i];
}

void logpane_jump(struct logpane *pane, enum jump what, bool back)
{
	struct logunit unit;

	if (!pane->paused && !back)
		return; /* there is nothing below the newest */
	pane->set.budget = LOGPANE_BUDGET;
	pane->fold_budget = LOGPANE_FOLDS;
	if (pane->paused) {
		logset_from(&pane->set, pane->bar);
		if (!back)
			logpane_next(pane, &unit);
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
	if (logset_event(&pane->set, place))
		return false; /* only lines are searched, and counted */
	logpane_read(pane, place, line, &text);
	return finder_next(&pane->match, text.text, text.length, 0, &begin, &end);
}

int logpane_step(struct logpane *pane)
{
	unsigned lines = pane->jump == JUMP_ERROR ? 50000 : 5000;
	struct brm_log_line line;
	struct logplace place;

	pane->set.budget = LOGPANE_BUDGET;
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
	pane->set.budget = LOGPANE_BUDGET;
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

static const char *source_name(const struct logpane *pane, struct logplace place)
{
	int owner = logset_owner(&pane->set, place);

	return owner >= 0 ? pane->set.sources[owner].name : "";
}

static size_t copy_line(struct logpane *pane, struct logplace place, const struct brm_log_line *line, bool full,
			char *out, size_t room)
{
	struct ansi text;
	char time[LOGTIME_MAX];
	size_t used = 0;

	logpane_read(pane, place, line, &text);
	if (full) {
		used = (size_t)snprintf(out, room, "%s %s ", logpane_time(pane, line, place.source, true, time),
					source_name(pane, place));
		used = used < room ? used : room;
	}
	used += put_clean(out + used, room - used, text.text, text.length);
	if (used < room)
		out[used++] = '\n';
	return used;
}

int logpane_copy(struct logpane *pane, bool full, size_t max, char **text)
{
	struct logunit unit;
	struct logplace place, last;
	size_t used = 0;
	int lines = 0;
	bool more;

	*text = NULL;
	if (!logpane_current(pane, &place, &unit.line))
		return 0;
	last = place;
	if (pane->selecting && pane->paused) {
		place = is_before(pane, pane->mark, pane->bar) ? pane->mark : pane->bar;
		last = is_before(pane, pane->mark, pane->bar) ? pane->bar : pane->mark;
	}
	*text = malloc(max + 1);
	if (!*text)
		return 0;
	pane->set.budget = LOGPANE_BUDGET;
	pane->fold_budget = LOGPANE_FOLDS;
	logset_from(&pane->set, place);
	do {
		more = logpane_next(pane, &unit);
		if (more) {
			used += copy_line(pane, unit.place, &unit.line, full, *text + used, max - used);
			lines++;
		}
	} while (more && used < max && !logplace_is(unit.place, last));
	if (used > 0 && (*text)[used - 1] == '\n')
		used--;
	(*text)[used] = '\0';
	return lines;
}
