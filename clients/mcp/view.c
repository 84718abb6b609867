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

/* What a piece was made from: it holds while these stay the same. */
struct key {
	uint64_t head;
	uint64_t duration_ms;
	uint64_t sampled_ns;
	uint64_t log_lines;
	uint64_t log_bytes;
};

/* What is sent of one process. */
struct piece {
	struct key key;
	struct json json;
	struct text row;
};

/* Columns of the table that `ls` has no room for. */
static const char *const more_columns[] = {"reason", "lastError"};
#define MORE_COLUMNS (sizeof more_columns / sizeof *more_columns)

void view_init(struct view *view, const struct brm_instance *instance, enum read_path path)
{
	*view = (struct view){.instance = instance, .path = path, .error = -ENOENT};
}

void view_finish(struct view *view)
{
	for (uint32_t i = 0; i < view->room; i++) {
		json_finish(&view->pieces[i].json);
		text_finish(&view->pieces[i].row);
	}
	free(view->pieces);
	snapshot_finish(&view->snapshot);
	source_close(view->source);
}

struct source *view_source(struct view *view)
{
	if (!view->source)
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

bool view_alive(const struct view *view)
{
	return view->taken && view->snapshot.liveness != BRM_DEAD && view->snapshot.liveness != BRM_CLOSED;
}

static struct key key_of(const struct process *process, const struct snapshot *snapshot)
{
	struct key key = {
		.head = process->state.head,
		.duration_ms = brm_state_duration_ns(&process->state, snapshot->now.boot_ns) / 1000000,
	};

	if (process->has_metrics)
		key.sampled_ns = process->metrics.time_ns;
	if (process->has_log) {
		key.log_lines = process->log.lines;
		key.log_bytes = process->log.bytes[0] + process->log.bytes[1];
	}
	return key;
}

static void put_cell(struct text *text, const struct field *field, const struct process *process,
		     const struct snapshot *snapshot, bool first)
{
	char cell[1024];
	size_t length = field_text(field, process, snapshot, cell, sizeof cell);

	if (!first)
		text_put(text, "\t", 1);
	text_put(text, length ? cell : "-", length ? length : 1);
}

static void make_row(struct text *text, const struct process *process, const struct snapshot *snapshot)
{
	bool first = true;

	text_reset(text);
	for (size_t i = 0; i < field_count; i++) {
		if (!fields[i].column)
			continue;
		put_cell(text, &fields[i], process, snapshot, first);
		first = false;
	}
	for (size_t i = 0; i < MORE_COLUMNS; i++)
		put_cell(text, field_find(more_columns[i]), process, snapshot, false);
}

void view_put_heading(struct text *text)
{
	bool first = true;

	for (size_t i = 0; i < field_count; i++) {
		if (!fields[i].column)
			continue;
		text_printf(text, "%s%s", first ? "" : "\t", fields[i].column);
		first = false;
	}
	text_puts(text, "\tREASON\tLAST ERROR\n");
}

static bool make_room(struct view *view, uint32_t entry)
{
	uint32_t room = view->room ? view->room : 32;
	struct piece *pieces;

	if (entry < view->room)
		return true;
	while (room <= entry)
		room *= 2;
	pieces = realloc(view->pieces, room * sizeof *pieces);
	if (!pieces)
		return false;
	memset(pieces + view->room, 0, (room - view->room) * sizeof *pieces);
	view->pieces = pieces;
	view->room = room;
	return true;
}

/* What is to be sent of a process, made again if anything in it changed. NULL: no memory. */
static const struct piece *piece_of(struct view *view, const struct process *process)
{
	struct key key = key_of(process, &view->snapshot);
	struct piece *piece;

	if (!make_room(view, process->entry))
		return NULL;
	piece = &view->pieces[process->entry];
	if (piece->json.length > 0 && memcmp(&piece->key, &key, sizeof key) == 0)
		return piece;
	json_reset(&piece->json);
	fields_json_process(&piece->json, process, &view->snapshot);
	make_row(&piece->row, process, &view->snapshot);
	piece->key = key;
	return json_text(&piece->json) ? piece : NULL;
}

void view_put_process(struct view *view, struct json *json, const struct process *process)
{
	const struct piece *piece = piece_of(view, process);

	if (piece)
		json_raw(json, piece->json.text, piece->json.length);
	else
		fields_json_process(json, process, &view->snapshot);
}

void view_put_row(struct view *view, struct text *text, const struct process *process)
{
	const struct piece *piece = piece_of(view, process);

	if (piece)
		text_put(text, piece->row.bytes, piece->row.length);
}

char *view_unknown(const struct view *view, const char *name, char *out, size_t size)
{
	const char *nearest[NEAREST];
	size_t count = view->taken ? snapshot_nearest(&view->snapshot, name, nearest, NEAREST) : 0;
	char hint[3 * BRM_NAME_MAX + 32];

	near_hint(nearest, count, hint, sizeof hint);
	snprintf(out, size, "no process is named \"%s\"%s", name, hint);
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
