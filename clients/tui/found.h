/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_FOUND_H
#define CLIENTS_TUI_FOUND_H

#include "clients/common/discover.h"
#include "clients/tui/tui.h"

/*
 * tui/found.h - what could be run here, as discovery finds it
 *
 * Discovery runs a program of its own, so it is a job; until it is done the list is what it was before.
 */

struct found {
	struct scripts scripts;
	bool looking;
	bool known;    /* it has been looked at least once */
	char why[256]; /* why nothing was found, "" for no reason */
};

/* Look again, if that is not being done. */
void found_look(struct tui *tui);
void found_finish(struct tui *tui);

/* How well a name answers what was typed: 0 not at all, 1 has its letters in order, 2 a word starts so, 3 it starts so.
 */
int found_rank(const char *name, const char *typed);

/* The process of a script, if it has one. */
const struct process *found_process(const struct tui *tui, const struct script *script);

#endif
