/* SPDX-License-Identifier: MIT */
#include "clients/mcp/waiting.h"
#include "clients/mcp/site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 5000 /* looked at in one turn */

static const char *const until_words[] = {[UNTIL_READY] = "ready", [UNTIL_EXIT] = "exit", [UNTIL_LOG] = "log"};

static enum until until_of(const char *word)
{
	for (int until = UNTIL_READY; until <= UNTIL_LOG; until++)
		if (strcmp(until_words[until], word) == 0)
			return (enum until)until;
	return UNTIL_NOTHING;
}

bool waiting_init(struct waiting *waiting, const json_t *args, char *why, size_t size)
{
	const char *pattern = arg_string(args, "pattern");
	static const struct slot slots[] = {WAITING_ARGS, {0}};
	enum until until = until_of(arg_string(args, "until"));
	char reason[256];

	waiting->timeout_ms = (uint64_t)arg_int(args, slots, "timeout_ms");
	if (until == UNTIL_LOG && !pattern) {
		snprintf(why, size, "until \"log\" needs a pattern");
		return false;
	}
	if (until == UNTIL_LOG && !pattern_init(&waiting->pattern, pattern, true, reason, sizeof reason)) {
		snprintf(why, size, "the pattern cannot be used: %s", reason);
		return false;
	}
	waiting->until = until;
	return true;
}

void waiting_finish(struct waiting *waiting)
{
	if (waiting->until == UNTIL_LOG)
		match_finish(&waiting->pattern);
	stores_close(&waiting->stores);
}

/* The first line of the run: what was printed before it started does not count. */
static bool find_start(struct waiting *waiting, struct view *view, const struct process *process)
{
	const struct store *store;

	if (waiting->stores.count == 0)
		stores_open(&waiting->stores, view, process->identity.name);
	if (waiting->stores.count == 0 || process->state.start_ns == 0)
		return false;
	store = waiting->stores.list;
	waiting->started = brm_log_seek_time(store->log, process->state.start_ns / 1000, &waiting->seq) == 0;
	return waiting->started;
}

/* Look at lines that were not looked at yet, for one turn. */
static enum verdict look_at_lines(struct waiting *waiting, struct view *view, const struct process *process)
{
	struct brm_log_line batch[LINES_BATCH];
	struct store *store;
	uint64_t last;

	if (!waiting->started && !find_start(waiting, view, process))
		return VERDICT_OPEN;
	stores_refresh(&waiting->stores, view);
	store = waiting->stores.list;
	waiting->seq = waiting->seq < store->first ? store->first : waiting->seq;
	last = waiting->seq + LINES_MAX;
	while (waiting->seq < last) {
		ssize_t n = brm_log_lines(store->log, waiting->seq, batch, LINES_BATCH);

		if (n <= 0)
			return VERDICT_OPEN;
		for (ssize_t i = 0; i < n; i++) {
			line_read(store, &batch[i], &waiting->line);
			waiting->seq = batch[i].seq + 1;
			if (match_test(&waiting->pattern, waiting->line.bytes, waiting->line.length))
				return VERDICT_MATCHED;
		}
	}
	return VERDICT_MORE;
}

static enum verdict look(const struct waiting *waiting, const struct process *process)
{
	enum brm_status status = brm_state_status(&process->state);
	bool ended = brm_status_is_finished(status) || status == BRM_BACKOFF;

	if (waiting->until == UNTIL_EXIT)
		return ended || (waiting->run > 0 && process->state.run > waiting->run) ? VERDICT_MATCHED
											: VERDICT_OPEN;
	if (waiting->until == UNTIL_READY && process_is_ready(process))
		return VERDICT_MATCHED;
	return brm_status_is_finished(status) ? VERDICT_IMPOSSIBLE : VERDICT_OPEN;
}

static enum verdict look_at_all(struct waiting *waiting, struct view *view)
{
	const struct snapshot *snapshot = view_look(view);
	const struct process *process = snapshot ? snapshot_find(snapshot, waiting->name) : NULL;
	enum verdict lines;

	/* A supervisor that is being replaced comes back, and its processes with it. */
	if (!snapshot || !view_alive(view))
		return VERDICT_OPEN;
	if (!process)
		return VERDICT_IMPOSSIBLE;
	if (process->state.run < waiting->run)
		return VERDICT_OPEN;
	if (waiting->run == 0)
		waiting->run = process->state.run;
	if (waiting->until != UNTIL_LOG)
		return look(waiting, process);
	lines = look_at_lines(waiting, view, process);
	return lines == VERDICT_OPEN ? look(waiting, process) : lines;
}

static void step(struct call *call, enum wake wake)
{
	struct waiting *waiting = call->state;
	enum verdict verdict = look_at_all(waiting, &call->site->view);

	if (verdict == VERDICT_MATCHED || verdict == VERDICT_IMPOSSIBLE || wake == WAKE_DEADLINE)
		waiting->done(call, verdict);
	else if (verdict == VERDICT_MORE)
		call_yield(call, step);
}

void waiting_begin(struct call *call)
{
	const struct waiting *waiting = call->state;

	if (call_wait(call, waiting->timeout_ms, step))
		step(call, WAKE_BELL);
}

void waiting_put(struct json *json, const struct call *call, enum verdict verdict)
{
	const struct waiting *waiting = call->state;
	bool matched = verdict == VERDICT_MATCHED;
	char cursor[BRM_CURSOR_MAX];

	json_pair(json, "until", until_words[waiting->until]);
	json_key(json, "matched");
	json_bool(json, matched);
	json_key(json, "timed_out");
	json_bool(json, !matched && verdict != VERDICT_IMPOSSIBLE);
	json_key(json, "waited_ms");
	json_uint(json, call_waited_ms(call));
	if (matched && waiting->until == UNTIL_LOG) {
		json_key(json, "line");
		json_put_string_n(json, waiting->line.bytes, waiting->line.length);
	}
	if (waiting->started) {
		json_pair(json, "cursor", brm_log_cursor(waiting->stores.list->log, waiting->seq, cursor));
	}
}

void waiting_put_text(struct text *text, const struct call *call, enum verdict verdict)
{
	static const char *const came_true[] = {
		[UNTIL_READY] = "ready", [UNTIL_EXIT] = "ended", [UNTIL_LOG] = "the line came"};
	const struct waiting *waiting = call->state;
	double seconds = (double)call_waited_ms(call) / 1000;

	if (verdict == VERDICT_MATCHED)
		text_printf(text, "-- %s after %.1f s\n", came_true[waiting->until], seconds);
	else if (verdict == VERDICT_IMPOSSIBLE)
		text_printf(text, "-- it ended before %s\n",
			    waiting->until == UNTIL_LOG ? "such a line came" : "it was ready");
	else
		text_printf(text, "-- not yet after %.1f s; scripts_wait waits on\n", seconds);
	if (verdict == VERDICT_MATCHED && waiting->until == UNTIL_LOG)
		text_printf(text, "-- line (untrusted): %s\n", waiting->line.bytes);
}
