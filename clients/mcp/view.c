/* SPDX-License-Identifier: MIT */
#include "clients/mcp/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/near.h"
#include "clients/common/when.h"

/* How old what is said of the supervisor's health may be; looking at it takes system calls. */
#define HEALTH_NS 50000000u

#define NEAREST 3

void view_init(struct view *view, const struct brm_instance *instance, enum read_path path)
{
	*view = (struct view){.instance = instance, .path = path, .error = -ENOENT};
}

void view_finish(struct view *view)
{
	for (uint32_t i = 0; i < view->room; i++)
		piece_finish(&view->pieces[i]);
	free(view->pieces);
	snapshot_finish(&view->snapshot);
	source_close(view->source);
}

struct source *view_source(struct view *view)
{
	if (!view->source && view->path != READ_RPC)
		view->error = source_open(view->instance, view->path, &view->source);
	return view->source;
}

/* The states are those of the snapshot still: bring up to date what changes without a new version. */
static void refresh_samples(struct view *view)
{
	const struct brm_reader *reader = source_reader(view->source);

	for (uint32_t i = 0; i < view->snapshot.count; i++) {
		struct process *process = &view->snapshot.processes[i];
		struct brm_handle handle = {process->entry, brm_head_tenant(process->state.head)};

		process->has_metrics = brm_reader_metrics(reader, handle, &process->metrics) == 0;
		process->has_log = brm_reader_log_mark(reader, handle, &process->log) == 0;
	}
}

const struct snapshot *view_look(struct view *view)
{
	struct brm_now now = now_read();

	if (view->path == READ_RPC)
		return view->taken ? &view->snapshot : NULL;
	if (!view_source(view))
		return NULL;
	if (view->taken && now.boot_ns - view->checked_ns < HEALTH_NS &&
	    !source_changed(view->source, &view->snapshot)) {
		view->snapshot.now = now;
		refresh_samples(view);
		return &view->snapshot;
	}
	view->error = source_snapshot(view->source, &view->snapshot);
	view->taken = view->error == 0;
	view->checked_ns = now.boot_ns;
	/* After an orderly end, and without another one at its place, there is nothing to see. */
	if (view->taken && view->snapshot.liveness == BRM_CLOSED) {
		view->taken = false;
		view->error = -ENOENT;
	}
	return view->taken ? &view->snapshot : NULL;
}

void view_take(struct view *view, struct source *source, int error, struct snapshot *snapshot)
{
	struct snapshot last = view->snapshot;

	view->source = source;
	view->error = error;
	view->taken = error == 0;
	view->snapshot = *snapshot;
	*snapshot = last;
}

bool view_alive(const struct view *view)
{
	return view->taken && view->snapshot.liveness != BRM_DEAD && view->snapshot.liveness != BRM_CLOSED;
}

/* The piece of an entry. NULL: no memory. */
static struct piece *piece_of(struct view *view, uint32_t entry)
{
	uint32_t room = view->room ? view->room : 32;
	struct piece *pieces;

	if (entry < view->room)
		return &view->pieces[entry];
	while (room <= entry)
		room *= 2;
	pieces = realloc(view->pieces, room * sizeof *pieces);
	if (!pieces)
		return NULL;
	memset(pieces + view->room, 0, (room - view->room) * sizeof *pieces);
	view->pieces = pieces;
	view->room = room;
	return &view->pieces[entry];
}

void view_put_process(struct view *view, struct json *json, const struct process *process)
{
	struct piece *piece = piece_of(view, process->entry);
	const struct text *object = piece ? piece_object(piece, process, &view->snapshot) : NULL;

	if (object)
		json_raw(json, object->bytes, object->length);
	else
		fields_json_process(json, process, &view->snapshot);
}

void view_put_row(struct view *view, struct text *text, const struct process *process)
{
	struct piece *piece = piece_of(view, process->entry);
	const struct text *row = piece ? piece_row(piece, process, &view->snapshot) : NULL;

	if (row)
		text_put(text, row->bytes, row->length);
}

char *view_unknown(const struct view *view, const char *name, char *out, size_t size)
{
	const char *nearest[NEAREST];
	size_t count = view->taken ? snapshot_nearest(&view->snapshot, name, nearest, NEAREST) : 0;
	char hint[3 * BRM_NAME_MAX + 32];

	near_hint(nearest, count, hint, sizeof hint);
	snprintf(out, size, "no process is named \"%s\"%s", name, *hint ? hint : ".");
	return out;
}

static uint32_t life(const struct view *view)
{
	uint32_t id;

	memcpy(&id, view->snapshot.info.uuid, sizeof id);
	return id;
}

char *view_mark(const struct view *view, uint64_t number, char out[VIEW_MARK_MAX])
{
	snprintf(out, VIEW_MARK_MAX, "%08x.%llx", life(view), (unsigned long long)number);
	return out;
}

bool view_read_mark(const struct view *view, const char *text, uint64_t *number)
{
	unsigned id;
	unsigned long long value;
	int end = 0;

	if (sscanf(text, "%8x.%16llx%n", &id, &value, &end) != 2 || text[end])
		return false;
	*number = id == life(view) ? value : 0;
	return true;
}
