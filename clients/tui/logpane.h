/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_LOGPANE_H
#define CLIENTS_TUI_LOGPANE_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/tui/ansi.h"
#include "clients/tui/cells.h"
#include "clients/tui/finder.h"
#include "clients/tui/logcount.h"
#include "clients/tui/logset.h"
#include "clients/tui/move.h"

/*
 * tui/logpane.h - a window on log lines
 *
 * It follows the newest line until the user goes up; then the line under the bar stays where it is on the screen,
 * whatever is added, rotated away or filtered. What a frame costs depends on the pane's size alone. Equal neighbours
 * are shown as one line with their number.
 *
 * Threads  For one thread.
 */

enum logtime { LOGTIME_OFF, LOGTIME_CLOCK, LOGTIME_START, LOGTIME_DATE, LOGTIME_COUNT };

enum jump { JUMP_NONE, JUMP_ERROR, JUMP_MATCH };

/* A line on the screen, or several equal ones. */
struct logshown {
	struct logplace place;    /* of the first */
	struct brm_log_line line; /* the last */
	uint32_t count;
	int row; /* of its first row in the pane; negative: above it */
	int rows;
};

#define LOGPANE_ROWS   512     /* lines on a screen at most */
#define LOGPANE_BUDGET 100000u /* records a frame, a move or a slice may pass over to find lines of a level */

#define LOGPANE_FOLDS   6000u /* lines a frame or a move may compare with their neighbours */
#define LOGPANE_OPEN    16u
#define LOGPANE_FILTERS 8u

/* Lines of a run that was unfolded. */
struct logopen {
	int source;
	uint64_t from;
	uint64_t to;
};

struct logfilter {
	struct finder finder;
	bool hide; /* else show nothing but these */
};

struct logpane {
	struct logset set;
	bool paused;
	bool no_wrap;
	bool selecting; /* from mark to the bar */
	struct logplace mark;
	struct logplace bar; /* when paused */
	int bar_row;         /* where its first row is */
	enum logtime time;
	unsigned level;    /* lines of a lesser level are not shown */
	uint64_t since_us; /* lines before are not shown */
	int sideways;      /* cells, without wrap */
	struct finder match;
	struct logcount counted; /* what matches */
	bool counting;           /* there is more to count */
	struct logfilter filters[LOGPANE_FILTERS];
	unsigned filter_count;
	unsigned filter_serial; /* counts their changes */
	bool no_fold;
	unsigned fold_budget;
	struct logopen open[LOGPANE_OPEN];
	unsigned open_count; /* ever; the newest are kept */

	enum jump jump; /* under way */
	bool jump_back;
	uint64_t jump_at[LOGSET_MAX + 1];

	/* Of the last frame: */
	struct logshown shown[LOGPANE_ROWS];
	int shown_count;
	int height;
	uint64_t below;                /* lines that come after the last one shown */
	uint64_t seen_end[LOGSET_MAX]; /* of each source, as far as new lines were counted */
	uint64_t fresh;                /* lines that came since the pause */
	uint64_t fresh_errors;         /* errors among them */
	bool unfinished;               /* the budget was not enough: draw again, and there will be more */
};

void logpane_finish(struct logpane *pane);

/* Show these processes' logs. The bar stays with its line if its process is among them. */
void logpane_choose(struct logpane *pane, const struct process *const *processes, int count);

/* Draw. focused: the bar is the user's. Sets shown, below, unfinished. */
void logpane_draw(struct logpane *pane, struct cells *cells, struct area area, bool focused);

void logpane_follow(struct logpane *pane);
/* Stop following, with the bar on the newest line. */
void logpane_pause(struct logpane *pane);
void logpane_move(struct logpane *pane, enum move move);
/* Scroll without moving the bar off the screen, as a wheel does. */
void logpane_scroll(struct logpane *pane, int rows);
/* Put the bar on the line in that row of the pane. False: there is none. */
bool logpane_point(struct logpane *pane, int row);
/* Put the bar on the line of a place in the middle of the pane. */
void logpane_show(struct logpane *pane, struct logplace place);

/* Other lines are wanted: those from a level on; those from a moment on. */
void logpane_level(struct logpane *pane, unsigned level);
void logpane_since(struct logpane *pane, uint64_t since_us);

/* Go to the next line that is an error, or that matches; back: the one before. logpane_step() does the work. */
void logpane_jump(struct logpane *pane, enum jump what, bool back);
/* A slice of a jump under way. 1: arrived; 0: more to do; -ENOENT: there is none. */
int logpane_step(struct logpane *pane);

/* Show only lines that hold a text, or all but those. -ENOSPC: there are too many such filters; -EINVAL */
int logpane_filter(struct logpane *pane, const char *text, bool hide);
/* Take one away; the last one. */
void logpane_unfilter(struct logpane *pane, unsigned index);

/* Look for something else from now on; "" for nothing. -EINVAL: not a regular expression. */
int logpane_search(struct logpane *pane, const char *text, bool is_regex);
/* A slice of counting what matches. */
void logpane_count(struct logpane *pane);

/* A line, or a run of equal ones, walked over as logset_next() and logset_previous() do. */
struct logunit {
	struct logplace place;    /* of the first */
	struct brm_log_line line; /* the last */
	uint32_t count;
};
bool logpane_next(struct logpane *pane, struct logunit *unit);
bool logpane_previous(struct logpane *pane, struct logunit *unit);
/* The first line of the run that a line belongs to. */
struct logplace logpane_first_of(struct logpane *pane, struct logplace place);
/* Show the lines of the run under the bar one by one. False: there is only one. */
bool logpane_unfold(struct logpane *pane);

/* What an event says; draw it, in the place of a line's text. Returns out. */
#define LOGEVENT_MAX 160
char *logpane_event_text(const struct logset *set, const struct brm_event *event, char out[LOGEVENT_MAX]);
void logpane_draw_event(const struct logpane *pane, struct logplace place, struct pen *pen);

/* The line under the bar, or the newest. False: there is none. */
bool logpane_current(struct logpane *pane, struct logplace *place, struct brm_log_line *line);

/*
 * The lines of the selection, or the one under the bar, as text with a newline between; `full`: with time and name.
 * At most max bytes. Returns the lines; *text is the caller's to free, NULL when out of memory.
 */
int logpane_copy(struct logpane *pane, bool full, size_t max, char **text);

/* A line's text, its colours told from its characters. */
void logpane_read(struct logpane *pane, struct logplace place, const struct brm_log_line *line, struct ansi *out);

/* "12:44:06" and such, as the pane shows times. Returns out. */
#define LOGTIME_MAX 40
char *logpane_time(const struct logpane *pane, const struct brm_log_line *line, int source, bool fine,
		   char out[LOGTIME_MAX]);

#endif
