/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_VIEW_H
#define CLIENTS_MCP_VIEW_H

#include "clients/common/fields.h"
#include "clients/common/source.h"
#include "clients/mcp/piece.h"

/*
 * mcp/view.h - what can be seen of the instance, kept ready to be sent
 *
 * Looking costs one load while nothing changes. What is written of each process is kept (mcp/piece.h). Nothing here
 * asks the supervisor.
 */

struct view {
	const struct brm_instance *instance;
	enum read_path path;
	struct source *source; /* NULL until a supervisor was seen */
	struct snapshot snapshot;
	bool taken;           /* snapshot holds */
	uint64_t checked_ns;  /* when the supervisor's health was looked at, CLOCK_BOOTTIME */
	int error;            /* why view_look() gave nothing: -ENOENT, -BRM_E*, ... */
	struct piece *pieces; /* by entry */
	uint32_t room;        /* pieces there are */
};

void view_init(struct view *view, const struct brm_instance *instance, enum read_path path);
void view_finish(struct view *view);

/*
 * All processes as they are now, or, with the rpc read path, as the last answer has them (mcp/refresh.h); NULL when no
 * supervisor has published anything here, or it cannot be read.
 */
const struct snapshot *view_look(struct view *view);

/* With the rpc read path: the answer to show from now on; the snapshots are exchanged. */
void view_take(struct view *view, struct source *source, int error, struct snapshot *snapshot);

/* Is somebody there to take commands? Of the last look. */
bool view_alive(const struct view *view);

/* The source, made if there was none; NULL while there is no region, or no answer by the rpc read path. */
struct source *view_source(struct view *view);

/* One process of the last look: its object, and its line of the table. */
void view_put_process(struct view *view, struct json *json, const struct process *process);
void view_put_row(struct view *view, struct text *text, const struct process *process);

/*
 * An opaque mark of a number that grows with the instance: an epoch, an event. It is known again; a mark of an earlier
 * life of the instance reads as 0, the beginning. False: it is no mark.
 */
#define VIEW_MARK_MAX 32
char *view_mark(const struct view *view, uint64_t number, char out[VIEW_MARK_MAX]);
bool view_read_mark(const struct view *view, const char *text, uint64_t *number);

/* "no process is named X; did you mean A or B?", a whole sentence, into out. Returns out. */
char *view_unknown(const struct view *view, const char *name, char *out, size_t size);

#endif
