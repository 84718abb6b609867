/* SPDX-License-Identifier: MIT */
#include "clients/mcp/piece.h"

#include <assert.h>
#include <string.h>

#define MS_NS     1000000u
#define SECOND_NS 1000000000u
#define DURATION  "duration"
#define BETWEEN   "  " /* columns of the table; a tab would be two bytes, too, and costs more to write */

/* Members that change without a new version. */
static const char *const living[] = {DURATION, "cpuPercent", "memoryBytes", "logLines", "logBytes", "logLostBytes"};

/* Columns that `ls` has no room for. */
static const struct {
	const char *field, *heading;
} more_columns[] = {{"reason", "REASON"}, {"lastError", "LAST ERROR"}};

void piece_finish(struct piece *piece)
{
	json_finish(&piece->fixed);
	text_finish(&piece->object);
	text_finish(&piece->row);
}

static bool lives(const struct field *field)
{
	for (size_t i = 0; i < sizeof living / sizeof *living; i++)
		if (strcmp(field->key, living[i]) == 0)
			return true;
	return false;
}

static uint64_t duration_of(const struct process *process, const struct snapshot *snapshot, uint64_t unit_ns)
{
	return brm_state_duration_ns(&process->state, snapshot->now.boot_ns) / unit_ns;
}

static struct piece_key key_of(const struct process *process)
{
	return (struct piece_key){
		.head = process->state.head,
		.known = process->has_metrics | process->has_log << 1,
		.sampled_ns = process->has_metrics ? process->metrics.time_ns : 0,
	};
}

static void put_member(struct json *json, const struct field *field, const struct process *process,
		       const struct snapshot *snapshot)
{
	char scratch[FIELD_SCRATCH];
	struct value value = field->get(process, snapshot, scratch);

	if (!value.present)
		return;
	json_key(json, field->key);
	value_json(json, field->type, &value);
}

/* Write what belongs to the version. The first member of an object does not live. */
static void make_fixed(struct piece *piece, const struct process *process, const struct snapshot *snapshot)
{
	json_reset(&piece->fixed);
	json_open_object(&piece->fixed);
	piece->hole_count = 0;
	for (size_t i = 0; i < field_count; i++) {
		if (!lives(&fields[i])) {
			put_member(&piece->fixed, &fields[i], process, snapshot);
			continue;
		}
		assert(i > 0 && piece->hole_count < PIECE_HOLES);
		piece->holes[piece->hole_count].at = piece->fixed.length;
		piece->holes[piece->hole_count++].field = i;
	}
	json_close_object(&piece->fixed);
	piece->head = process->state.head;
}

/* The number that ends the object so far. */
static void remember_duration(struct piece *piece)
{
	const struct text *object = &piece->object;
	const char *number = memrchr(object->bytes, ':', object->length);

	piece->duration_at = (size_t)(number + 1 - object->bytes);
	piece->duration_length = object->length - piece->duration_at;
}

/* Milliseconds as value_json() writes seconds: no zeros behind the point. Returns the length. */
static size_t write_seconds(uint64_t ms, char out[32])
{
	uint64_t whole = ms / 1000;
	unsigned rest = (unsigned)(ms % 1000);
	char digits[24];
	size_t n = 0, length = 0;

	do
		digits[n++] = (char)('0' + whole % 10);
	while ((whole /= 10) > 0);
	while (n > 0)
		out[length++] = digits[--n];
	for (unsigned scale = 100, point = '.'; rest > 0; rest %= scale, scale /= 10) {
		if (point)
			out[length++] = (char)point;
		point = 0;
		out[length++] = (char)('0' + rest / scale);
	}
	return length;
}

static void update_duration(struct piece *piece, uint64_t ms)
{
	char number[32];
	size_t length;

	if (piece->duration_length == 0 || piece->duration_ms == ms)
		return;
	length = write_seconds(ms, number);
	text_replace(&piece->object, piece->duration_at, piece->duration_length, number, length);
	piece->duration_length = length;
	piece->duration_ms = ms;
}

static void make_object(struct piece *piece, const struct process *process, const struct snapshot *snapshot)
{
	struct json live;
	size_t done = 0;

	json_init(&live);
	text_reset(&piece->object);
	piece->duration_length = 0;
	for (size_t i = 0; i < piece->hole_count; i++) {
		const struct field *field = &fields[piece->holes[i].field];

		text_put(&piece->object, piece->fixed.text + done, piece->holes[i].at - done);
		done = piece->holes[i].at;
		json_reset(&live);
		json_open_object(&live);
		put_member(&live, field, process, snapshot);
		if (live.length <= 1)
			continue;
		/* A comma instead of the bracket. */
		live.text[0] = ',';
		text_put(&piece->object, live.text, live.length);
		if (strcmp(field->key, DURATION) == 0)
			remember_duration(piece);
	}
	text_put(&piece->object, piece->fixed.text + done, piece->fixed.length - done);
	json_finish(&live);
}

const struct text *piece_object(struct piece *piece, const struct process *process, const struct snapshot *snapshot)
{
	struct piece_key key = key_of(process);
	uint64_t ms = duration_of(process, snapshot, MS_NS);

	if (process->has_log) {
		key.log_lines = process->log.lines;
		key.log_bytes = process->log.bytes[0] + process->log.bytes[1];
		key.lost_bytes = process->log.lost_bytes;
	}
	if (piece->object.length > 0 && memcmp(&piece->object_key, &key, sizeof key) == 0) {
		update_duration(piece, ms);
		return &piece->object;
	}
	if (piece->fixed.length == 0 || piece->head != key.head)
		make_fixed(piece, process, snapshot);
	if (!json_text(&piece->fixed))
		return NULL;
	make_object(piece, process, snapshot);
	piece->object_key = key;
	piece->duration_ms = ms;
	return &piece->object;
}

static void put_cell(struct text *text, const struct field *field, const struct process *process,
		     const struct snapshot *snapshot)
{
	char cell[1024];
	size_t length = field_text(field, process, snapshot, cell, sizeof cell);

	text_puts(text, text->length > 0 ? BETWEEN : "");
	text_put(text, length ? cell : "-", length ? length : 1);
}

const struct text *piece_row(struct piece *piece, const struct process *process, const struct snapshot *snapshot)
{
	struct piece_key key = key_of(process);

	key.duration = duration_of(process, snapshot, SECOND_NS);
	if (piece->row.length > 0 && memcmp(&piece->row_key, &key, sizeof key) == 0)
		return &piece->row;
	text_reset(&piece->row);
	for (size_t i = 0; i < field_count; i++)
		if (fields[i].column)
			put_cell(&piece->row, &fields[i], process, snapshot);
	for (size_t i = 0; i < sizeof more_columns / sizeof *more_columns; i++)
		put_cell(&piece->row, field_find(more_columns[i].field), process, snapshot);
	text_put(&piece->row, "\n", 1);
	piece->row_key = key;
	return &piece->row;
}

void piece_put_heading(struct text *text)
{
	bool first = true;

	for (size_t i = 0; i < field_count; i++) {
		if (!fields[i].column)
			continue;
		text_puts(text, first ? "" : BETWEEN);
		text_puts(text, fields[i].column);
		first = false;
	}
	for (size_t i = 0; i < sizeof more_columns / sizeof *more_columns; i++) {
		text_puts(text, BETWEEN);
		text_puts(text, more_columns[i].heading);
	}
	text_put(text, "\n", 1);
}
