/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "clients/common/when.h"
#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"

/* events_list: what happened, from the region's ring. */

#define LIMIT_MOST 1000
#define BATCH      64

static const struct slot args[] = {
	{.name = "name", .kind = KIND_STRING, .least = 1, .most = BRM_NAME_MAX, .help = "One process; without it all."},
	{.name = "cursor",
	 .kind = KIND_STRING,
	 .most = 64,
	 .help = "next_cursor of an earlier answer: what came after it. Without it the newest."},
	{.name = "limit", .kind = KIND_INT, .least = 1, .most = LIMIT_MOST, .absent = 50, .help = "At most so many."},
	{0},
};

static const struct slot event_slots[] = {
	{.name = "seq", .kind = KIND_INT, .required = true},
	{.name = "time", .kind = KIND_STRING, .required = true},
	{.name = "name", .kind = KIND_STRING, .help = "Absent: the supervisor itself."},
	{.name = "run", .kind = KIND_INT},
	{.name = "from", .kind = KIND_STRING},
	{.name = "to", .kind = KIND_STRING},
	{.name = "exitCode", .kind = KIND_INT},
	{.name = "signal", .kind = KIND_STRING},
	{.name = "pid", .kind = KIND_INT},
	{.name = "reason", .kind = KIND_STRING},
	{.name = "by", .kind = KIND_STRING, .help = "Who asked for it."},
	{0},
};

static const struct slot result[] = {
	{.name = "events", .kind = KIND_OBJECTS, .required = true, .members = event_slots},
	{.name = "next_cursor", .kind = KIND_STRING, .required = true},
	{.name = "dropped",
	 .kind = KIND_INT,
	 .required = true,
	 .help = "Events after the cursor that were overwritten."},
	{.name = "truncated", .kind = KIND_BOOL, .required = true, .help = "There are more."},
	{0},
};

/* What is to be shown: with a cursor the first ones, without the last ones. */
struct picked {
	struct brm_event events[LIMIT_MOST];
	size_t limit;
	size_t count;  /* of them */
	size_t oldest; /* where they begin, once the last ones went round */
	bool forward;
	bool more;
	uint64_t cursor;
	uint64_t dropped;
};

/* Returns false when no more is wanted. */
static bool pick(struct picked *picked, const struct brm_event *event)
{
	if (picked->count < picked->limit) {
		picked->events[picked->count++] = *event;
		return true;
	}
	picked->more = true;
	if (picked->forward)
		return false;
	picked->events[picked->oldest] = *event;
	picked->oldest = (picked->oldest + 1) % picked->limit;
	return true;
}

static void read_ring(struct picked *picked, const struct brm_reader *reader, const char *name)
{
	struct brm_event batch[BATCH];
	char its_name[BRM_NAME_MAX];
	uint64_t missed;
	size_t n;

	while ((n = brm_events_read(reader, &picked->cursor, batch, BATCH, &missed)) > 0) {
		picked->dropped += picked->forward ? missed : 0;
		for (size_t i = 0; i < n; i++) {
			if (name && (brm_event_name(reader, &batch[i], its_name) != 0 || strcmp(name, its_name) != 0))
				continue;
			if (!pick(picked, &batch[i])) {
				picked->cursor = batch[i].seq;
				return;
			}
		}
	}
}

static void put_number(struct json *json, const char *key, int64_t value, bool known)
{
	if (!known)
		return;
	json_key(json, key);
	json_int(json, value);
}

/* What did not exist has no status. */
static const char *word_of(uint8_t status)
{
	return status == BRM_ABSENT ? "" : brm_status_word((enum brm_status)status);
}

static void put_event(struct json *json, struct text *text, const struct brm_reader *reader,
		      const struct brm_event *event)
{
	const char *from = word_of(event->from), *to = word_of(event->to);
	const char *reason = brm_reason_word((enum brm_reason)event->reason_code);
	char name[BRM_NAME_MAX] = "", time[WHEN_MAX];

	brm_event_name(reader, event, name);
	json_open_object(json);
	put_number(json, "seq", (int64_t)event->seq, true);
	json_pair(json, "time", when_rfc3339(event->time_ns, time));
	if (*name)
		json_pair(json, "name", name);
	put_number(json, "run", event->run, event->run > 0);
	if (*from)
		json_pair(json, "from", from);
	if (*to)
		json_pair(json, "to", to);
	put_number(json, "exitCode", event->exit_code, event->flags & BRM_FLAG_EXITED);
	if (event->flags & BRM_FLAG_SIGNALED)
		json_pair(json, "signal", signal_word(event->signal));
	put_number(json, "pid", event->pid, event->pid > 0);
	if (*reason)
		json_pair(json, "reason", reason);
	if (event->by_kind != BRM_BY_NOBODY)
		json_pair(json, "by", brm_by_word((enum brm_by)event->by_kind));
	json_close_object(json);
	text_printf(text, "%.12s  %s", time + 11, *name ? name : "supervisor");
	if (event->run > 0)
		text_printf(text, "#%u", event->run);
	if (*from || *to)
		text_printf(text, "  %s -> %s", *from ? from : "-", *to ? to : "-");
	if (event->flags & BRM_FLAG_EXITED)
		text_printf(text, "  exit %d", event->exit_code);
	if (event->flags & BRM_FLAG_SIGNALED)
		text_printf(text, "  %s", signal_word(event->signal));
	text_printf(text, "%s%s\n", *reason ? "  " : "", reason);
}

static void answer(struct call *call, const struct brm_reader *reader, const struct picked *picked)
{
	struct text *text = &call->server->text;
	struct json *json = tool_begin(call);
	char cursor[VIEW_MARK_MAX];

	json_key(json, "events");
	json_open_array(json);
	for (size_t i = 0; i < picked->count; i++)
		put_event(json, text, reader, &picked->events[(picked->oldest + i) % picked->limit]);
	json_close_array(json);
	json_pair(json, "next_cursor", view_mark(&call->site->view, picked->cursor, cursor));
	put_number(json, "dropped", (int64_t)picked->dropped, true);
	json_key(json, "truncated");
	json_bool(json, picked->more);
	text_printf(text, "-- %zu events%s; next_cursor %s\n", picked->count,
		    !picked->more     ? ""
		    : picked->forward ? ", more after next_cursor"
				      : ", older ones left out",
		    cursor);
	tool_end(call);
}

static void run(struct call *call)
{
	struct view *view = &call->site->view;
	const char *cursor = arg_string(call->args, "cursor");
	const struct brm_reader *reader = view_look(view) ? source_reader(view->source) : NULL;
	struct picked *picked;

	if (!reader) {
		tool_fail(call, view->taken ? "events are read from memory: start brummer-mcp with --read-path shm"
					    : "no supervisor runs here, so nothing happened; scripts_run starts one");
		return;
	}
	picked = call_state(call, sizeof *picked, free);
	if (!picked)
		return;
	picked->limit = (size_t)arg_int(call->args, args, "limit");
	picked->forward = cursor && *cursor;
	if (picked->forward && !view_read_mark(view, cursor, &picked->cursor)) {
		tool_fail(call, "cannot read from that cursor: it is not one that an earlier answer gave. Leave it out "
				"for the newest events.");
		return;
	}
	read_ring(picked, reader, arg_string(call->args, "name"));
	answer(call, reader, picked);
}

const struct tool tool_events_list = {
	.name = "events_list",
	.title = "List state changes",
	.description = "When processes started, became ready, ended, failed or were restarted, and who asked for it.",
	.flags = TOOL_READS,
	.args = args,
	.result = result,
	.run = run,
};
