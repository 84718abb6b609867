/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_LOGFILL_H
#define CLIENTS_TUI_LOGFILL_H

#include "clients/tui/logpane.h"

/*
 * tui/logfill.h - which lines a log pane shows, and in which rows: between the pane and its drawing
 */

/* What stands before a line's text. */
struct logmargins {
	int time;
	int name;
	int text;  /* where the text begins */
	int width; /* cells for the text */
	bool fine; /* times with milliseconds */
};

struct logmargins logmargins_of(const struct logpane *pane, int cols);
/* Cells for the text in a row of a line. Continuation rows are indented by two cells under the text. */
int logrow_width(const struct logmargins *m, bool first);
/* Set shown, below and unfinished for a pane of its height. */
void logpane_fill(struct logpane *pane, const struct logmargins *m);

#endif
