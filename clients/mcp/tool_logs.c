/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/mcp/lines.h"
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/*
 * logs_stream: the newest lines, or those after a cursor, perhaps after waiting for some.
 *
 * It is a tail with an explicit cursor: nothing is kept between calls, so that any client may go on where another was.
 */

#define WAIT_MOST_MS 30000

static const struct slot args[] = {
	{.name = "name",
	 .kind = KIND_STRING,
	 .least = 1,
	 .most = BRM_ID_MAX,
	 .help = "The process; without it all, merged by time."},
	{.name = "cursor",
	 .kind = KIND_STRING,
	 .most = 65536,
	 .help = "next_cursor of an earlier answer: what came after it. Without it the newest lines."},
	{.name = "limit",
	 .kind = KIND_INT,
	 .least = 1,
	 .most = LINES_MOST,
	 .absent = 100,
	 .help = "At most so many lines."},
	{.name = "level",
	 .kind = KIND_STRING,
	 .words = "debug|info|warn|error",
	 .help = "Only lines that announce this level or a worse one."},
	{.name = "wait_ms",
	 .kind = KIND_INT,
	 .most = WAIT_MOST_MS,
	 .help = "With a cursor: wait so long for a first line when there is none yet."},
	{0},
};

static const struct slot result[] = {
	{.name = "lines", .kind = KIND_OBJECTS, .required = true, .members = line_slots},
	{.name = "next_cursor",
	 .kind = KIND_STRING,
	 .required = true,
	 .help = "Pass it as cursor for what comes next."},
	{.name = "dropped",
	 .kind = KIND_INT,
	 .required = true,
	 .help = "Lines after the cursor that were rotated away unread."},
	{.name = "truncated",
	 .kind = KIND_BOOL,
	 .required = true,
	 .help = "There are more: without a cursor, older ones; with one, those that next_cursor gives."},
	{.name = "untrusted",
	 .kind = KIND_BOOL,
	 .required = true,
	 .help = "Always true: the text comes from processes."},
	{0},
};

struct stream {
	struct stores stores;
	struct hits hits;
	enum brm_level level;
	size_t limit;
	bool forward; /* from a cursor */
	bool more;    /* what was found is not all there is */
	uint64_t dropped;
};

static void stream_free(void *state)
{
	struct stream *stream = state;

	stores_close(&stream->stores);
	hits_finish(&stream->hits);
	free(stream);
}

static void find_after(struct stream *stream, struct store *store)
{
	if (store->next < store->first) {
		stream->dropped += store->first - store->next;
		store->next = store->first;
	}
	stream->more |= hits_after(&stream->hits, store, stream->level, stream->limit);
}

static void find_newest(struct stream *stream, struct store *store)
{
	stream->more |= hits_newest(&stream->hits, store, stream->level, stream->limit);
	store->next = store->end;
}

static void find(struct stream *stream)
{
	stream->hits.count = 0;
	stream->more = false;
	for (size_t i = 0; i < stream->stores.count; i++) {
		if (stream->forward)
			find_after(stream, &stream->stores.list[i]);
		else
			find_newest(stream, &stream->stores.list[i]);
	}
	hits_sort(&stream->hits);
}

/* Forward: how many of the hits from the first on fit; the stores go on where they do not. */
static size_t fit_after(struct stream *stream)
{
	struct hits *hits = &stream->hits;
	size_t count = 0, bytes = 0;

	while (count < hits->count && count < stream->limit) {
		bytes += line_cost(&hits->list[count].line);
		if (bytes > LINES_BUDGET && count > 0)
			break;
		count++;
	}
	for (size_t i = hits->count; i > count; i--) {
		const struct hit *cut = &hits->list[i - 1];

		stream->stores.list[cut->store - stream->stores.list].next = cut->line.seq;
	}
	stream->more |= count < hits->count;
	return count;
}

/* Backwards: the first of the hits such that it and all after it fit. */
static size_t fit_newest(struct stream *stream)
{
	size_t first = stream->hits.count, bytes = 0;

	while (first > 0 && stream->hits.count - first < stream->limit) {
		bytes += line_cost(&stream->hits.list[first - 1].line);
		if (bytes > LINES_BUDGET && first < stream->hits.count)
			break;
		first--;
	}
	stream->more |= first > 0;
	return first;
}

static void put_text_member(struct json *json, const char *key, const struct text *text)
{
	json_key(json, key);
	json_put_string_n(json, text->bytes ? text->bytes : "", text->length);
}

static void put_footer(struct call *call, struct json *json, const struct stream *stream, size_t shown)
{
	struct text *text = &call->server->text;
	struct text cursor = {0};

	stores_cursor(&stream->stores, &cursor);
	put_text_member(json, "next_cursor", &cursor);
	json_key(json, "dropped");
	json_uint(json, stream->dropped);
	json_key(json, "truncated");
	json_bool(json, stream->more);
	json_key(json, "untrusted");
	json_bool(json, true);
	text_printf(text, "-- %zu lines", shown);
	if (stream->dropped)
		text_printf(text, ", %llu rotated away unread", (unsigned long long)stream->dropped);
	if (stream->more)
		text_puts(text, stream->forward ? ", more after next_cursor" : ", older ones left out");
	text_printf(text, "; next_cursor %s\n", cursor.length ? cursor.bytes : "(none: nothing was ever printed)");
	text_finish(&cursor);
}

static void answer(struct call *call, struct stream *stream)
{
	size_t first = stream->forward ? 0 : fit_newest(stream);
	size_t end = stream->forward ? fit_after(stream) : stream->hits.count;
	struct json *json = tool_begin(call);

	if (end > first)
		lines_put_heading(&call->server->text);
	json_key(json, "lines");
	json_open_array(json);
	for (size_t i = first; i < end; i++)
		line_put(json, &call->server->text, &stream->hits.list[i], stream->stores.count > 1);
	json_close_array(json);
	put_footer(call, json, stream, end - first);
	tool_end(call);
}

static void look_again(struct call *call, enum wake wake)
{
	struct stream *stream = call->state;

	view_look(&call->site->view);
	/* Before its first line a process has no store. */
	if (stream->stores.count == 0 &&
	    stores_open(&stream->stores, &call->site->view, arg_string(call->args, "name")) == 0)
		stores_resume(&stream->stores, arg_string(call->args, "cursor"), &stream->dropped);
	stores_refresh(&stream->stores, &call->site->view);
	find(stream);
	if (stream->hits.count > 0 || wake == WAKE_DEADLINE)
		answer(call, stream);
}

static void start(struct call *call, struct stream *stream)
{
	const char *cursor = arg_string(call->args, "cursor");
	uint64_t wait_ms = (uint64_t)arg_int(call->args, args, "wait_ms");

	stream->forward = cursor != NULL;
	if (cursor && !stores_resume(&stream->stores, cursor, &stream->dropped)) {
		tool_fail(call, "cannot read from that cursor: it is not one that an earlier answer gave. Leave it out "
				"for the newest lines.");
		return;
	}
	find(stream);
	if (stream->hits.count == 0 && wait_ms > 0 && cursor)
		call_wait(call, wait_ms, look_again);
	else
		answer(call, stream);
}

static void run(struct call *call)
{
	const char *name = arg_string(call->args, "name");
	const char *level = arg_string(call->args, "level");
	struct stream *stream = call_state(call, sizeof *stream, stream_free);
	int error;

	if (!stream)
		return;
	view_look(&call->site->view);
	error = stores_open(&stream->stores, &call->site->view, name);
	if (error) {
		tool_fail_stores(call, name, error);
		return;
	}
	if (level)
		brm_level_parse(level, &stream->level);
	stream->limit = (size_t)arg_int(call->args, args, "limit");
	start(call, stream);
}

const struct tool tool_logs_stream = {
	.name = "logs_stream",
	.title = "Read output",
	.description =
		"The newest output of one process or of all; with `cursor` what came since, with `wait_ms` waiting "
		"for it. At most about 20 KB an answer, 2000 bytes a line.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
