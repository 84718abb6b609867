/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "clients/tui/logpane.h"

/*
 * Walking over what a pane shows: lines, and runs of equal lines as one.
 *
 * Two lines are equal when they are of one process and level and say the same but for a time stamp at the beginning.
 */

#define RUN_MOST  2000u /* lines that are counted as one */
#define FOLD_MOST 4096u /* bytes of a line that can be one of several */

/* Where a line's text begins behind a time stamp, if it begins with one. */
static size_t after_stamp(const struct ansi *text)
{
	size_t at = 0, digits = 0, colons = 0;

	while (at < text->length && strchr("0123456789-:/.,TZ+[]() ", text->text[at]) && text->text[at]) {
		digits += isdigit((unsigned char)text->text[at]) != 0;
		colons += text->text[at] == ':';
		at++;
	}
	return digits >= 4 && colons > 0 && at < text->length ? at : 0;
}

static bool is_open(const struct logpane *pane, struct logplace place)
{
	for (unsigned i = 0; i < pane->open_count && i < LOGPANE_OPEN; i++)
		if (pane->open[i].source == place.source && place.seq >= pane->open[i].from &&
		    place.seq <= pane->open[i].to)
			return true;
	return false;
}

/* Can it be one of several? */
static bool folds(const struct logpane *pane, struct logplace place, const struct brm_log_line *line)
{
	return !pane->no_fold && line->length > 0 && line->length < FOLD_MOST && place.source < pane->set.count &&
	       !is_open(pane, place);
}

static bool is_alike(const struct brm_log_line *a, const struct brm_log_line *b)
{
	uint32_t longer = a->length > b->length ? a->length - b->length : b->length - a->length;

	return a->level == b->level && a->stream == b->stream && longer <= 64;
}

/* Does this line say what `text` says? Counts against the frame's budget. */
static bool is_equal(struct logpane *pane, const struct ansi *text, struct logplace place,
		     const struct brm_log_line *line)
{
	static struct ansi other; /* of the loop's thread, as everything here */
	size_t from = after_stamp(text), other_from;

	pane->fold_budget -= pane->fold_budget > 0;
	logpane_read(pane, place, line, &other);
	other_from = after_stamp(&other);
	return text->length - from == other.length - other_from &&
	       memcmp(text->text + from, other.text + other_from, text->length - from) == 0;
}

static bool is_more(struct logpane *pane, const struct ansi *text, const struct logunit *unit, struct logplace place,
		    const struct brm_log_line *line)
{
	return place.source == unit->place.source && is_alike(&unit->line, line) && folds(pane, place, line) &&
	       is_equal(pane, text, place, line);
}

bool logpane_next(struct logpane *pane, struct logunit *unit)
{
	static struct ansi text;
	struct logplace place;
	struct brm_log_line line;

	if (!logset_next(&pane->set, &unit->place, &unit->line))
		return false;
	unit->count = 1;
	if (!folds(pane, unit->place, &unit->line))
		return true;
	logpane_read(pane, unit->place, &unit->line, &text);
	while (unit->count < RUN_MOST && pane->fold_budget > 0 && logset_next(&pane->set, &place, &line)) {
		if (!is_more(pane, &text, unit, place, &line)) {
			pane->set.sources[place.source].at = place.seq;
			break;
		}
		unit->line = line;
		unit->count++;
	}
	return true;
}

bool logpane_previous(struct logpane *pane, struct logunit *unit)
{
	static struct ansi text;
	struct logplace place;
	struct brm_log_line line;

	if (!logset_previous(&pane->set, &unit->place, &unit->line))
		return false;
	unit->count = 1;
	if (!folds(pane, unit->place, &unit->line))
		return true;
	logpane_read(pane, unit->place, &unit->line, &text);
	while (unit->count < RUN_MOST && pane->fold_budget > 0 && logset_previous(&pane->set, &place, &line)) {
		if (!is_more(pane, &text, unit, place, &line)) {
			pane->set.sources[place.source].at = place.seq + 1;
			break;
		}
		unit->place = place;
		unit->count++;
	}
	return true;
}

struct logplace logpane_first_of(struct logpane *pane, struct logplace place)
{
	struct logunit unit;

	logset_from(&pane->set, place);
	if (!logset_next(&pane->set, &unit.place, &unit.line) || !folds(pane, unit.place, &unit.line))
		return place;
	/* What a walk back from behind the line begins with is the line itself. */
	return logpane_previous(pane, &unit) ? unit.place : place;
}

bool logpane_unfold(struct logpane *pane)
{
	struct logunit unit;

	if (!pane->paused)
		return false;
	pane->set.budget = LOGPANE_BUDGET;
	pane->fold_budget = LOGPANE_FOLDS;
	logset_from(&pane->set, pane->bar);
	if (!logpane_next(pane, &unit) || unit.count < 2)
		return false;
	pane->open[pane->open_count++ % LOGPANE_OPEN] =
		(struct logopen){unit.place.source, unit.place.seq, unit.line.seq};
	return true;
}
