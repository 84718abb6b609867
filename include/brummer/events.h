/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_EVENTS_H
#define BRUMMER_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include <brummer/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/events.h - the ring of state changes
 *
 * The supervisor appends one event for every change of a status. The ring has BRM_EVENTS_CAPACITY places, of which one
 * is always being written; a reader keeps its own cursor, is never waited for, and is told exactly how many events it
 * missed.
 *
 * Errors   Functions that can fail return a negated errno value and leave their outputs untouched.
 * Threads  As of a reader: any number. A cursor is the caller's.
 */

#define BRM_EVENTS_CAPACITY 4096u

/* brm_event.by_kind: who asked */
enum brm_by { BRM_BY_NOBODY = 0, BRM_BY_CLI, BRM_BY_TUI, BRM_BY_MCP, BRM_BY_OTHER, BRM_BY_SUPERVISOR };

/* One change of a status; 64 bytes, the region's layout. */
struct brm_event {
	uint64_t seq;     /* 1, 2, ...: never reset while the instance lives, also over restarts of the engine */
	uint64_t time_ns; /* CLOCK_REALTIME */
	uint64_t version; /* the version of the entry it made */
	uint32_t entry;   /* UINT32_MAX: it concerns the supervisor itself */
	uint32_t run;
	int32_t exit_code; /* with BRM_FLAG_EXITED in flags */
	int32_t pid;
	int32_t by_pid; /* the client that asked, 0 for none */
	uint16_t tenant;
	uint8_t from;        /* enum brm_status */
	uint8_t to;          /* enum brm_status */
	uint8_t signal;      /* with BRM_FLAG_SIGNALED in flags */
	uint8_t reason_code; /* enum brm_reason */
	uint8_t by_kind;     /* enum brm_by */
	uint8_t flags;       /* BRM_FLAG_EXITED, BRM_FLAG_SIGNALED, ... */
	struct brm_extent identity;
};

/* The sequence numbers that can be read now are [*first, *end). */
void brm_events_range(const struct brm_reader *reader, uint64_t *first, uint64_t *end);

/*
 * Copy events from *cursor on into out[max], oldest first, and move the cursor behind the last one copied.
 *
 * A cursor of 0 starts with the oldest there is. *missed is how many events before the first one copied were
 * overwritten since the cursor. Returns the count copied; 0 when there is nothing new, or when all that was copied was
 * overwritten meanwhile, many times over: the cursor then stays.
 */
size_t brm_events_read(const struct brm_reader *reader, uint64_t *cursor, struct brm_event *out, size_t max,
		       uint64_t *missed);

/*
 * The name of the process an event concerns (also when it is gone), into out[BRM_NAME_MAX]; "" for the supervisor.
 *
 *  -EBADMSG  the extent holds no identity
 */
int brm_event_name(const struct brm_reader *reader, const struct brm_event *event, char out[BRM_NAME_MAX]);

/* "nobody", "brummer-cli", "brummer-tui", "brummer-mcp", "another program", "supervisor". Static storage. */
const char *brm_by_word(enum brm_by by);

#ifdef __cplusplus
}
#endif

#endif
