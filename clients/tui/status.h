/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_STATUS_H
#define CLIENTS_TUI_STATUS_H

#include <stdbool.h>

#include <brummer/state.h>

#include "clients/tui/theme.h"
#include "clients/tui/ticker.h"

/*
 * tui/status.h - how a state looks: shape, word, role, in this order
 */

struct status_look {
	const char *shape;
	const char *word;
	enum role role;      /* of the shape */
	enum role word_role; /* of the word */
};

/* Of a number outside the enum too: a newer supervisor's state. */
struct status_look status_look(unsigned status);

/* What stands beside the word: "2h14m", "in 3s", "exit 2", "SIGSEGV", "done", or "". Returns out. */
char *status_note(struct ticker *ticker, const struct brm_state *state, char out[WHEN_MAX]);

/* Trouble first: failed, backoff, starting and stopping, then all others. */
unsigned status_trouble(enum brm_status status);

#endif
