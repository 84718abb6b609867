/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"
#include "clients/tui/session.h"
#include "clients/tui/term.h"

/*
 * The terminal of a process, in the place of the view. Its output is read from the log store, so any number of viewers
 * can look; keys go by a session. Ctrl-] is the one key that stays here.
 */

#define REPLAY_BYTES (256u << 10) /* of the stream, on entering and after falling behind */
#define FRAME_BYTES  (1u << 20)   /* read for a frame at most */
#define AT_ONCE      (32u << 10)

static struct {
	char name[BRM_NAME_MAX];
	struct term *term;
	struct session *session;
	struct brm_log *log;
	uint64_t at; /* next byte of the stream */
	bool replaying;
	bool prefix; /* Ctrl-] was pressed */
	bool pasting;
	int rows;
	int cols;
	struct area area;
} inside;

const char *why_not_terminal(const struct tui *tui)
{
	const struct process *process = target_process(tui);
	const char *reason = why_not_restart(tui);

	if (reason)
		return reason;
	if (process && !process->identity.tty)
		return "it has no terminal; tty: true in brummer.yaml gives it one";
	return brm_status_is_alive(tui->drawn.status) ? NULL : "it is not running";
}

/* ---- its output ---- */

static bool open_log(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	return snapshot && (inside.log || brm_log_open(snapshot->info.state_dir, inside.name, &inside.log) == 0);
}

/* Begin anew with the last of the stream. */
static void start_over(uint64_t first, uint64_t end)
{
	inside.at = end - first > REPLAY_BYTES ? end - REPLAY_BYTES : first;
	inside.replaying = true;
	term_close(inside.term);
	inside.term = NULL;
	if (term_open(inside.rows, inside.cols, &inside.term) != 0)
		inside.term = NULL;
}

/* Answers to questions in what is replayed were given long ago. */
static void pass_on(void)
{
	char bytes[512];
	size_t n;

	while (inside.term && (n = term_take(inside.term, bytes, sizeof bytes)) > 0)
		if (!inside.replaying && inside.session)
			session_send(inside.session, bytes, n);
}

static void read_stream(uint64_t end)
{
	static char bytes[AT_ONCE];
	size_t sum = 0;
	ssize_t n = 1;

	while (inside.term && n > 0 && inside.at < end && sum < FRAME_BYTES) {
		n = brm_log_bytes(inside.log, BRM_OUT, inside.at, bytes, sizeof bytes);
		if (n <= 0)
			break;
		term_feed(inside.term, bytes, (size_t)n);
		inside.at += (uint64_t)n;
		sum += (size_t)n;
	}
	pass_on();
	inside.replaying = inside.replaying && inside.at < end;
}

/* True: there is more than a frame's worth. */
static bool take_output(struct tui *tui)
{
	const struct process *process = snapshot_find(feed_snapshot(&tui->feed), inside.name);
	struct brm_reader *reader = feed_reader(&tui->feed);
	struct brm_log_mark mark;
	uint64_t first, end;

	if (!process || !open_log(tui))
		return false;
	mark = process->log;
	if (reader) {
		struct brm_handle handle = {process->entry, brm_head_tenant(process->state.head)};

		if (brm_reader_log_mark(reader, handle, &mark) != 0)
			return false;
	}
	if (brm_log_refresh(inside.log, &mark) != 0)
		return false;
	brm_log_stream_range(inside.log, BRM_OUT, &first, &end);
	if (!inside.term || inside.at < first || (!inside.replaying && end - inside.at > FRAME_BYTES))
		start_over(first, end);
	read_stream(end);
	return inside.at < end;
}

/* ---- coming and going ---- */

static void open_session(struct tui *tui, bool steal)
{
	session_close(inside.session);
	inside.session = NULL;
	if (session_open(tui->jobs, &tui->instance, inside.name, inside.rows, inside.cols, steal, &inside.session) != 0)
		inside.session = NULL;
}

void act_terminal(struct tui *tui)
{
	const char *argv[] = {"brummer-cli", "-C", tui->instance.dir, "attach", tui->drawn.name, NULL};
	struct term *term;

	if (term_open(1, 1, &term) == -ENOTSUP) {
		run_program(tui, argv);
		return;
	}
	term_close(term);
	overlay_open(tui, &overlay_terminal);
	memset(&inside, 0, sizeof inside);
	snprintf(inside.name, sizeof inside.name, "%s", tui->drawn.name);
	inside.rows = tui->frame.body.rows > 1 ? tui->frame.body.rows - 1 : 1;
	inside.cols = tui->frame.body.cols;
	open_session(tui, false);
}

static void closed(struct tui *tui)
{
	(void)tui;
	session_close(inside.session);
	term_close(inside.term);
	brm_log_close(inside.log);
	inside.session = NULL;
	inside.term = NULL;
	inside.log = NULL;
}

/* ---- drawing ---- */

static void draw_title(struct tui *tui, struct area body)
{
	char left[BRM_NAME_MAX + 400], who[80];
	struct session_state state = {.over = true};

	if (inside.session)
		session_state(inside.session, &state);
	if (state.over)
		snprintf(left, sizeof left, "%s: %s", inside.name, state.why[0] ? state.why : "cannot be typed into");
	else if (!state.answered)
		snprintf(left, sizeof left, "%s: asking the supervisor", inside.name);
	else if (!state.write) {
		snprintf(who, sizeof who, "%s", state.holder);
		snprintf(left, sizeof left, "%s: %s types, Ctrl-] s takes over", inside.name, who);
	} else
		snprintf(left, sizeof left, "%s", inside.name);
	bars_rule(&tui->cells, body, 0, left,
		  inside.prefix ? "d leaves  [ scrolls back  Ctrl-] sends it"
				: "Ctrl-] d leaves  Ctrl-] [ scrolls back");
}

static void draw(struct tui *tui, struct area body)
{
	struct area area = {body.row + 1, body.col, body.rows - 1, body.cols};
	int row, col;

	cells_clear_area(&tui->cells, body);
	if (area.rows < 1)
		return;
	if (area.rows != inside.rows || area.cols != inside.cols) {
		inside.rows = area.rows;
		inside.cols = area.cols;
		if (inside.term)
			term_resize(inside.term, area.rows, area.cols);
		if (inside.session)
			session_resize(inside.session, area.rows, area.cols);
	}
	inside.area = area;
	if (take_output(tui))
		tui->redraw_soon = true;
	draw_title(tui, body);
	if (!inside.term)
		return;
	term_draw(inside.term, &tui->cells, area);
	if (term_cursor(inside.term, &row, &col) && row < area.rows && col < area.cols) {
		tui->cursor_row = area.row + row;
		tui->cursor_col = area.col + col;
		tui->cursor_visible = true;
	}
}

/* ---- keys ---- */

static void on_prefixed(struct tui *tui, const struct event *event)
{
	char name[BRM_NAME_MAX];

	inside.prefix = false;
	if (event->key == ']' && event->mods == MOD_CTRL) {
		if (inside.session)
			session_send(inside.session, "\x1d", 1);
	} else if (event->key == 'd') {
		overlay_close(tui);
	} else if (event->key == '[') {
		snprintf(name, sizeof name, "%s", inside.name);
		overlay_close(tui);
		show_log_at(tui, name, UINT64_MAX);
		logpane_move(&tui->logs, MOVE_UP);
	} else if (event->key == 's') {
		open_session(tui, true);
	}
}

static void on_mouse(const struct event *event)
{
	static const int buttons[] = {[MOUSE_LEFT] = 1,     [MOUSE_MIDDLE] = 2,     [MOUSE_RIGHT] = 3, [MOUSE_NONE] = 0,
				      [MOUSE_WHEEL_UP] = 4, [MOUSE_WHEEL_DOWN] = 5, [MOUSE_OTHER] = 0};

	if (term_wants_mouse(inside.term))
		term_mouse(inside.term, event->row - inside.area.row, event->col - inside.area.col,
			   event->drag ? 0 : buttons[event->button], event->press, event->mods);
}

static void on_paste(const struct event *event)
{
	if (event->kind == EVENT_PASTE && !inside.pasting)
		term_paste(inside.term, true);
	if (event->kind == EVENT_PASTE)
		term_key(inside.term, event->key == '\n' ? K_ENTER : event->key, 0);
	else
		term_paste(inside.term, false);
	inside.pasting = event->kind == EVENT_PASTE;
}

static bool event(struct tui *tui, const struct event *event)
{
	if (event->kind == EVENT_KEY && inside.prefix) {
		on_prefixed(tui, event);
		return true;
	}
	inside.prefix = event->kind == EVENT_KEY && event->key == ']' && event->mods == MOD_CTRL;
	if (inside.prefix || !inside.term)
		return true;
	if (event->kind == EVENT_KEY)
		term_key(inside.term, event->key, event->mods);
	else if (event->kind == EVENT_MOUSE)
		on_mouse(event);
	else if (event->kind == EVENT_PASTE || event->kind == EVENT_PASTE_END)
		on_paste(event);
	inside.replaying = false; /* who types is not looking at the past */
	pass_on();
	return true;
}

static void hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "Ctrl-] d", "leaves");
	overlay_hint(pen, "Ctrl-] [", "scrolls back");
	overlay_hint(pen, "Ctrl-] Ctrl-]", "sends one");
}

const struct overlay overlay_terminal = {
	.draw = draw,
	.event = event,
	.hints = hints,
	.closed = closed,
	.takes_all = true,
};
