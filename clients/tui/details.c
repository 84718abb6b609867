/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/status.h"
#include "clients/tui/text.h"

/*
 * Details: what is known of one process, a line each, unknown lines left out.
 */

#define LABEL_COLS 10

struct details {
	struct tui *tui;
	const struct process *process;
	struct area area;
	int line;
};

/* Begin the next line. A pen without room when there is none. */
static struct pen begin(struct details *details, const char *label)
{
	struct pen pen = pen_at(&details->tui->cells, details->area, details->line++, 2);

	pen_cut(&pen, ROLE_DIM, label, LABEL_COLS);
	return pen;
}

/* "~/src/shop/web" */
static void short_dir(const char *dir, char *out, size_t size)
{
	const char *home = getenv("HOME");
	size_t length = home ? strlen(home) : 0;

	if (length > 1 && strncmp(dir, home, length) == 0 && (dir[length] == '/' || dir[length] == '\0'))
		snprintf(out, size, "~%s", dir + length);
	else
		snprintf(out, size, "%s", dir);
}

static void line_command(struct details *details)
{
	const struct brm_identity *identity = &details->process->identity;
	struct pen pen = begin(details, "command");
	int room = pen_left(&pen) - 1, cells;
	char text[1024], from[BRM_NAME_MAX * 2 + 8] = "";
	size_t used = (size_t)snprintf(text, sizeof text, "%s", identity->command);

	for (const char *arg = NULL; used < sizeof text && (arg = brm_strings_next(&identity->args, arg));)
		used += (size_t)snprintf(text + used, sizeof text - used, " %s", arg);
	if (identity->source[0] && identity->script[0])
		snprintf(from, sizeof from, "(%s: %s)", identity->source, identity->script);
	else if (identity->source[0])
		snprintf(from, sizeof from, "(%s)", identity->source);
	cells = text_cells(from, strlen(from));
	if (cells > 0 && cells + text_cells(text, strlen(text)) + 2 <= room) {
		pen_cut(&pen, ROLE_TEXT, text, room - cells);
		pen_text(&pen, ROLE_DIM, from);
	} else {
		pen.end--;
		pen_rest(&pen, ROLE_TEXT, text);
	}
}

static void line_dir(struct details *details)
{
	const struct brm_identity *identity = &details->process->identity;
	struct pen pen = begin(details, "dir");
	char text[PATH_MAX];
	bool first = true;

	pen.end--;
	short_dir(identity->dir, text, sizeof text);
	pen_rest(&pen, ROLE_TEXT, text);
	for (const char *name = NULL; (name = brm_strings_next(&identity->env, name));) {
		int cells = text_cells(name, strlen(name)) + 1 + (first ? 6 : 0);

		if (pen_left(&pen) < cells)
			break;
		pen_text(&pen, ROLE_DIM, first ? "   env" : "");
		pen_text(&pen, ROLE_TEXT, " ");
		pen_text(&pen, ROLE_TEXT, name);
		first = false;
	}
}

static void line_pid(struct details *details)
{
	const struct brm_state *state = &details->process->state;
	struct pen pen = begin(details, state->pid > 0 ? "pid" : "run");
	char id[BRM_ID_MAX], ago[WHEN_MAX];

	pen.end--;
	if (state->pid > 0)
		pen_format(&pen, ROLE_TEXT, "%-8d", (int)state->pid);
	if (state->run == 0) {
		pen_rest(&pen, ROLE_DIM, "never started");
		return;
	}
	if (state->pid > 0)
		pen_text(&pen, ROLE_DIM, "run ");
	pen_rest(&pen, ROLE_TEXT, brm_state_id(state, details->process->identity.name, id));
	if (state->restarts > 0) {
		pen_text(&pen, ROLE_DIM, "   restarts ");
		pen_format(&pen, ROLE_TEXT, "%u", state->restarts);
		if (state->pid > 0)
			pen_format(&pen, ROLE_DIM, ", last %s ago",
				   ticker_since_boot(&details->tui->ticker, state->start_boot_ns, ago));
	} else if (state->start_ns > 0) {
		pen_format(&pen, ROLE_DIM, "   started %s", when_clock(state->start_ns, ago));
	}
}

static void line_ready(struct details *details)
{
	const struct process *process = details->process;
	struct pen pen;
	char ago[WHEN_MAX];

	if (!process->identity.ready[0])
		return;
	pen = begin(details, "ready");
	pen.end--;
	pen_rest(&pen, ROLE_TEXT, process->identity.ready);
	if (brm_state_is_ready(&process->state) && process->state.ready_ns > 0)
		pen_format(&pen, ROLE_DIM, "   %s ago",
			   ticker_since(&details->tui->ticker, process->state.ready_ns, ago));
	else if (brm_state_status(&process->state) == BRM_STARTING)
		pen_text(&pen, ROLE_BUSY, "   not yet");
}

static void line_reason(struct details *details)
{
	const struct brm_state *state = &details->process->state;
	struct pen pen;
	char note[WHEN_MAX];

	if (!state->reason[0] && !(brm_state_is_finished(state) && state->end_ns > 0))
		return;
	pen = begin(details, "state");
	pen.end--;
	pen_text(&pen, status_look(brm_state_status(state)).word_role, status_look(brm_state_status(state)).word);
	pen_text(&pen, 0, "   ");
	if (state->reason[0])
		pen_rest(&pen, ROLE_TEXT, state->reason);
	if (brm_state_is_finished(state) && state->end_ns > 0)
		pen_format(&pen, ROLE_DIM, "   %s ago", ticker_since(&details->tui->ticker, state->end_ns, note));
}

/* "db=ready": the other's shape, its name, what is waited for. */
static void line_needs(struct details *details)
{
	const struct snapshot *snapshot = feed_snapshot(&details->tui->feed);
	const struct brm_strings *needs = &details->process->identity.depends_on;
	struct pen pen;

	if (needs->count == 0)
		return;
	pen = begin(details, "needs");
	pen.end--;
	for (const char *need = NULL; (need = brm_strings_next(needs, need));) {
		size_t length = strcspn(need, "=");
		char name[BRM_NAME_MAX];
		const struct process *other;
		struct status_look look = status_look(BRM_PENDING);

		snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), need);
		other = snapshot_find(snapshot, name);
		if (other)
			look = status_look(brm_state_status(&other->state));
		pen_text(&pen, ROLE_TEXT, name);
		pen_text(&pen, 0, " ");
		pen_text(&pen, look.role, look.shape);
		if (need[length] == '=')
			pen_format(&pen, ROLE_DIM, " %s", need + length + 1);
		pen_text(&pen, 0, "   ");
	}
}

static void line_urls(struct details *details)
{
	const struct process *process = details->process;
	struct pen pen;

	if (process->urls.count == 0 && process->port_count == 0)
		return;
	pen = begin(details, "urls");
	pen.end--;
	for (const char *url = NULL; (url = brm_strings_next(&process->urls, url));) {
		pen_rest(&pen, ROLE_LINK, url);
		pen_text(&pen, 0, "  ");
	}
	for (uint32_t i = 0; i < process->port_count; i++)
		pen_format(&pen, ROLE_TEXT, ":%u ", process->ports[i]);
}

static void line_error(struct details *details)
{
	struct pen pen;

	if (!details->process->state.last_error[0])
		return;
	pen = begin(details, "error");
	pen.end--;
	pen_rest(&pen, ROLE_BAD, details->process->state.last_error);
}

#define EVENTS_LOOKED 512u

/* The newest events of this process, newest first, as many as fit. */
static void line_events(struct details *details)
{
	struct brm_reader *reader = feed_reader(&details->tui->feed);
	uint64_t first, end;
	struct pen pen;
	bool any = false;

	if (!reader)
		return;
	brm_events_range(reader, &first, &end);
	if (end - first > EVENTS_LOOKED)
		first = end - EVENTS_LOOKED;
	for (uint64_t seq = end; seq > first; seq--) {
		uint64_t cursor = seq - 1, missed;
		struct brm_event event;
		char at[WHEN_MAX];

		if (brm_events_read(reader, &cursor, &event, 1, &missed) != 1 || event.seq != seq - 1 ||
		    event.entry != details->process->entry ||
		    event.tenant != brm_head_tenant(details->process->state.head))
			continue;
		if (!any)
			pen = begin(details, "events");
		else if (pen_left(&pen) < 24)
			return;
		any = true;
		pen_text(&pen, ROLE_DIM, when_clock(event.time_ns, at));
		pen_format(&pen, ROLE_TEXT, " %s   ", status_look(event.to).word);
	}
}

void details_draw(struct tui *tui, const struct process *process, struct area area)
{
	static void (*const lines[])(struct details * details) = {line_command, line_dir,    line_pid,
								  line_ready,   line_reason, line_needs,
								  line_urls,    line_error,  line_events};
	struct details details = {.tui = tui, .process = process, .area = area, .line = 1};

	cells_clear_area(&tui->cells, area);
	bars_rule(&tui->cells, area, 0, process ? process->identity.name : "details", "d hides");
	for (size_t i = 0; process && i < sizeof lines / sizeof *lines; i++)
		lines[i](&details);
}
