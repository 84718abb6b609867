/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_HAPPENINGS_H
#define CLIENTS_TUI_HAPPENINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/events.h>

/*
 * tui/happenings.h - the events of the ring, as far back as it went while this viewer looked
 *
 * Errors   happenings_read() returns -ENOMEM and keeps what there was.
 * Threads  For one thread.
 */

/* What was overwritten before it could be read stands as an event of its own; its version is how many. */
#define HAPPENING_MISSED (UINT32_MAX - 1)

struct happenings {
	struct brm_event *list; /* oldest first */
	size_t count;
	uint64_t cursor;
};

void happenings_finish(struct happenings *happenings);

/* Read what is new; the newest BRM_EVENTS_CAPACITY are kept. */
int happenings_read(struct happenings *happenings, const struct brm_reader *reader);

/* Does it tell of trouble: a failure, a wait for a restart? */
bool happening_is_trouble(const struct brm_event *event);

/* "exit 2, asked by brummer-cli (pid 50110)", into out. Returns out. */
#define HAPPENING_MAX 640
char *happening_detail(const struct brm_event *event, const char *name, char out[HAPPENING_MAX]);

#endif
