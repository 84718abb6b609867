/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "clients/common/when.h"
#include "clients/mcp/lines.h"
#include "clients/mcp/pattern.h"
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/*
 * logs_search: look through whole stores, a slice a turn, so that other requests are answered meanwhile. The newest
 * matches are kept, all are counted.
 */

#define SLICE       5000 /* lines looked at in one turn */
#define CONTEXT_MAX 20

static const struct slot args[] = {
	{.name = "query",
	 .kind = KIND_STRING,
	 .required = true,
	 .least = 1,
	 .most = PATTERN_MAX,
	 .help = "The text to look for."},
	{.name = "regex", .kind = KIND_BOOL, .help = "query is a POSIX extended regular expression."},
	{.name = "name", .kind = KIND_STRING, .least = 1, .most = BRM_ID_MAX, .help = "One process; without it all."},
	{.name = "level",
	 .kind = KIND_STRING,
	 .words = "debug|info|warn|error",
	 .help = "Only lines that announce this level or a worse one."},
	{.name = "since",
	 .kind = KIND_STRING,
	 .most = 65536,
	 .help = "\"5m\" ago, an RFC 3339 time, or a cursor of logs_stream."},
	{.name = "context", .kind = KIND_INT, .most = CONTEXT_MAX, .help = "Lines shown before and after each match."},
	{.name = "limit",
	 .kind = KIND_INT,
	 .least = 1,
	 .most = LINES_MOST,
	 .absent = 50,
	 .help = "At most so many matches, the newest."},
	{.name = "count_only", .kind = KIND_BOOL, .help = "Only how many there are."},
	{0},
};

static const struct slot match_slots[] = {
	{.name = "line", .kind = KIND_OBJECT, .required = true, .members = line_slots},
	{.name = "before", .kind = KIND_OBJECTS, .members = line_slots},
	{.name = "after", .kind = KIND_OBJECTS, .members = line_slots},
	{0},
};

static const struct slot result[] = {
	{.name = "matches", .kind = KIND_OBJECTS, .required = true, .members = match_slots, .help = "Oldest first."},
	{.name = "total", .kind = KIND_INT, .required = true, .help = "Lines that match, also those not shown."},
	{.name = "truncated", .kind = KIND_BOOL, .required = true, .help = "Not all matches are shown."},
	{.name = "untrusted",
	 .kind = KIND_BOOL,
	 .required = true,
	 .help = "Always true: the text comes from processes."},
	{0},
};

struct search {
	struct stores stores;
	size_t at; /* the store that is being looked at */
	struct match pattern;
	bool compiled; /* it is to be finished */
	enum brm_level level;
	size_t limit;
	struct hits hits; /* the last `limit` of each store, round */
	size_t base;      /* hits of the stores before */
	size_t oldest;    /* of this store's, where they begin */
	uint64_t total;
};

static void search_free(void *state)
{
	struct search *search = state;

	stores_close(&search->stores);
	if (search->compiled)
		match_finish(&search->pattern);
	hits_finish(&search->hits);
	free(search);
}

static void keep(struct search *search, const struct store *store, const struct brm_log_line *line)
{
	search->total++;
	if (search->hits.count - search->base < search->limit) {
		hits_add(&search->hits, store, line);
		return;
	}
	search->hits.list[search->base + search->oldest] = (struct hit){store, *line};
	search->oldest = (search->oldest + 1) % search->limit;
}

/* Look at the next slice of the current store. False: it has no more. */
static bool look(struct search *search)
{
	struct store *store = &search->stores.list[search->at];
	struct brm_log_line batch[LINES_BATCH];
	uint64_t last = store->next + SLICE;
	char text[LINE_READ_MAX + 1];

	while (store->next < last) {
		ssize_t n = brm_log_lines(store->log, store->next, batch, LINES_BATCH);

		if (n <= 0)
			return false;
		for (ssize_t i = 0; i < n; i++) {
			store->next = batch[i].seq + 1;
			if (batch[i].level < search->level)
				continue;
			if (match_test(&search->pattern, text, line_clean(store, &batch[i], text)))
				keep(search, store, &batch[i]);
		}
	}
	return true;
}

/* The lines around a match, of the same process. Returns the bytes they take of the budget. */
static void put_around(struct json *json, struct text *text, const struct hit *hit, const char *key, uint64_t from,
		       uint64_t end)
{
	struct brm_log_line around[CONTEXT_MAX];
	ssize_t n = from < end ? brm_log_lines(hit->store->log, from, around, (size_t)(end - from)) : 0;

	json_key(json, key);
	json_open_array(json);
	for (ssize_t i = 0; i < n; i++) {
		struct hit beside = {hit->store, around[i]};

		text_puts(text, "  ");
		line_put(json, text, &beside, true);
	}
	json_close_array(json);
}

static void put_match(struct call *call, struct json *json, const struct hit *hit, uint64_t context)
{
	struct text *text = &call->server->text;
	uint64_t seq = hit->line.seq;
	uint64_t from = seq > context ? seq - context : 0;

	from = from > hit->store->first ? from : hit->store->first;
	json_open_object(json);
	if (context > 0)
		put_around(json, text, hit, "before", from, seq);
	json_key(json, "line");
	line_put(json, text, hit, true);
	if (context > 0)
		put_around(json, text, hit, "after", seq + 1, seq + 1 + context);
	json_close_object(json);
}

/* The first match to show, such that it and all after it are within limit and budget. */
static size_t fit(const struct search *search, uint64_t context)
{
	size_t first = search->hits.count, bytes = 0;

	while (first > 0 && search->hits.count - first < search->limit) {
		bytes += line_cost(&search->hits.list[first - 1].line) * (1 + 2 * context);
		if (bytes > LINES_BUDGET && first < search->hits.count)
			break;
		first--;
	}
	return first;
}

static void answer(struct call *call)
{
	struct search *search = call->state;
	uint64_t context = (uint64_t)arg_int(call->args, args, "context");
	bool count_only = arg_bool(call->args, "count_only", false);
	struct json *json = tool_begin(call);
	struct text *text = &call->server->text;
	size_t first;

	hits_sort(&search->hits);
	first = count_only ? search->hits.count : fit(search, context);
	if (first < search->hits.count)
		lines_put_heading(text);
	json_key(json, "matches");
	json_open_array(json);
	for (size_t i = first; i < search->hits.count; i++)
		put_match(call, json, &search->hits.list[i], context);
	json_close_array(json);
	json_key(json, "total");
	json_uint(json, search->total);
	json_key(json, "truncated");
	json_bool(json, search->hits.count - first < search->total);
	json_key(json, "untrusted");
	json_bool(json, true);
	text_printf(text, "-- %llu lines match, %zu shown%s\n", (unsigned long long)search->total,
		    search->hits.count - first,
		    search->hits.count - first < search->total && !count_only ? ", the newest" : "");
	tool_end(call);
}

static void step(struct call *call, enum wake wake)
{
	struct search *search = call->state;

	(void)wake;
	if (search->at < search->stores.count && !look(search)) {
		search->at++;
		search->base = search->hits.count;
		search->oldest = 0;
	}
	if (search->at < search->stores.count)
		call_yield(call, step);
	else
		answer(call);
}

static bool set_since(struct search *search, const char *since)
{
	uint64_t dropped, real_ns;

	for (size_t i = 0; i < search->stores.count; i++)
		search->stores.list[i].next = search->stores.list[i].first;
	if (!since || !*since)
		return true;
	if (when_parse_time(since, now_read(), &real_ns) != 0)
		return stores_resume(&search->stores, since, &dropped);
	for (size_t i = 0; i < search->stores.count; i++)
		brm_log_seek_time(search->stores.list[i].log, real_ns / 1000, &search->stores.list[i].next);
	return true;
}

static void run(struct call *call)
{
	const char *name = arg_string(call->args, "name");
	const char *level = arg_string(call->args, "level");
	struct search *search = call_state(call, sizeof *search, search_free);
	char why[256];
	int error;

	if (!search)
		return;
	search->limit = (size_t)arg_int(call->args, args, "limit");
	if (level)
		brm_level_parse(level, &search->level);
	view_look(&call->site->view);
	search->compiled = pattern_init(&search->pattern, arg_string(call->args, "query"),
					arg_bool(call->args, "regex", false), why, sizeof why);
	if (!search->compiled)
		tool_fail(call, "cannot search: the regular expression cannot be used: %s", why);
	else if ((error = stores_open(&search->stores, &call->site->view, name)) != 0)
		tool_fail_stores(call, name, error);
	else if (!set_since(search, arg_string(call->args, "since")))
		tool_fail(call, "cannot search: since is neither a duration (5m), nor an RFC 3339 time, nor a cursor");
	else
		step(call, WAKE_TURN);
}

const struct tool tool_logs_search = {
	.name = "logs_search",
	.title = "Search output",
	.description =
		"Find lines in the kept output of one process or of all: text or a regular expression, by level and "
		"time, with context. Shows the newest matches, counts all.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
