/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/status.h"
#include "clients/tui/text.h"

#define DONE_NS UINT64_C(5000000000)

/* ---- messages ---- */

void tui_say(struct tui *tui, enum tone tone, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tui->message.text, sizeof tui->message.text, format, args);
	va_end(args);
	tui->message.tone = tone;
	tui->message.until_boot_ns = tone == TONE_FAILED ? 0 : now_read().boot_ns + DONE_NS;
	tui->asked = NULL;
	tui->dirty = true;
}

void tui_ask(struct tui *tui, uint32_t again, void (*yes)(struct tui *tui), const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tui->message.text, sizeof tui->message.text, format, args);
	va_end(args);
	tui->message.tone = TONE_NEWS;
	tui->message.until_boot_ns = 0;
	tui->asked = yes;
	tui->asked_again = again;
}

static void message_text(const struct tui *tui, struct pen *pen)
{
	const struct message *message = &tui->message;

	if (tui->asked) {
		pen_text(pen, ROLE_WARN | STYLE_BOLD, "? ");
		pen_text(pen, STYLE_BOLD, message->text);
		pen_text(pen, ROLE_ACCENT, "  y/N");
		return;
	}
	if (message->tone == TONE_DONE)
		pen_text(pen, ROLE_OK, "✓ ");
	else if (message->tone == TONE_FAILED)
		pen_text(pen, ROLE_BAD, "! ");
	pen_rest(pen, ROLE_TEXT, message->text);
}

/* The worst that is so now, for when there is no message: the newest failure, then the next restart. */
static const struct process *worst(const struct snapshot *snapshot)
{
	const struct process *found = NULL;

	for (uint32_t i = 0; snapshot && i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];
		enum brm_status status = brm_state_status(&process->state);

		if (status != BRM_FAILED && status != BRM_BACKOFF)
			continue;
		if (!found || process->state.end_ns > found->state.end_ns)
			found = process;
	}
	return found;
}

static void trouble_text(struct tui *tui, const struct process *process, struct pen *pen)
{
	const struct brm_state *state = &process->state;
	struct status_look look = status_look(brm_state_status(state));
	char note[WHEN_MAX], line[512];
	int used;

	pen_text(pen, look.role, look.shape);
	status_note(&tui->ticker, state, note);
	if (brm_state_status(state) == BRM_BACKOFF)
		used = snprintf(line, sizeof line, " %s starts again %s (%u restart%s)", process->identity.name, note,
				state->restarts, state->restarts == 1 ? "" : "s");
	else
		used = snprintf(line, sizeof line, " %s failed: %s", process->identity.name,
				note[0] ? note : state->reason);
	if (state->last_error[0] && used > 0 && (size_t)used < sizeof line)
		snprintf(line + used, sizeof line - (size_t)used, ": %s", state->last_error);
	pen_rest(pen, ROLE_TEXT, line);
}

/* "12:44:07" at the right end of the message line, when that is wanted. Returns the cells it takes. */
static int draw_clock(struct tui *tui, struct area area)
{
	char at[WHEN_MAX];
	uint64_t now = tui->ticker.now.real_ns, second = UINT64_C(1000000000);
	struct pen pen;

	if (!tui->options.clock || area.cols < 40)
		return 0;
	when_clock(now, at);
	ticker_at(&tui->ticker, tui->ticker.now.boot_ns + second - now % second);
	pen = pen_at(&tui->cells, area, 0, area.cols - (int)strlen(at));
	pen_text(&pen, ROLE_DIM, at);
	return (int)strlen(at) + 1;
}

void bars_draw_message(struct tui *tui)
{
	struct area area = tui->frame.message.rows > 0 ? tui->frame.message : tui->frame.hints;
	bool shares = tui->frame.message.rows == 0;
	const struct process *process;
	struct pen pen;

	if (area.rows == 0)
		return;
	area.cols--;
	if (!shares)
		area.cols -= draw_clock(tui, area);
	pen = pen_at(&tui->cells, area, 0, 1);
	if (tui->message.until_boot_ns && tui->ticker.now.boot_ns >= tui->message.until_boot_ns)
		tui->message.text[0] = '\0';
	if (tui->message.text[0]) {
		if (shares)
			cells_clear_area(&tui->cells, area);
		if (tui->message.until_boot_ns)
			ticker_at(&tui->ticker, tui->message.until_boot_ns);
		message_text(tui, &pen);
	} else if (!shares && feed_commandable(&tui->feed) && (process = worst(feed_snapshot(&tui->feed)))) {
		trouble_text(tui, process, &pen);
	}
}

/* ---- clicks ---- */

void bars_spot(struct tui *tui, struct spot spot)
{
	if (tui->spot_count < SPOTS_MAX)
		tui->spots[tui->spot_count++] = spot;
}

static void sort_by(struct tui *tui, enum sort sort)
{
	char left[BRM_NAME_MAX];

	tui->list.reverse = tui->list.sort == sort && !tui->list.reverse;
	tui->list.sort = sort;
	if (feed_snapshot(&tui->feed))
		list_update(&tui->list, feed_snapshot(&tui->feed), false, left);
}

bool bars_click(struct tui *tui, int row, int col)
{
	for (unsigned i = 0; i < tui->spot_count; i++) {
		const struct spot *spot = &tui->spots[i];

		if (row != spot->row || col < spot->col || col >= spot->col + spot->cols)
			continue;
		if (spot->view)
			tui_show(tui, spot->view);
		else if (spot->act)
			spot->act(tui);
		else if (spot->pick)
			spot->pick(tui, spot->arg);
		else
			sort_by(tui, spot->sort);
		return true;
	}
	return false;
}

/* ---- the bar, and rules ---- */

void bars_mark(struct tui *tui, struct area area, int line, int lines, bool focused)
{
	cells_tint(&tui->cells, (struct area){area.row + line, area.col, lines, area.cols},
		   focused && !tui->focus_lost ? STYLE_BAR : STYLE_BAR_IDLE);
	tui->cursor_row = area.row + line;
	tui->cursor_col = area.col;
}

void bars_rule(struct cells *cells, struct area area, int line, const char *left, const char *right)
{
	struct pen pen = pen_at(cells, area, line, 0);
	int right_cells = text_cells(right, strlen(right));
	int end;

	pen_text(&pen, ROLE_RULE, "──");
	if (*left) {
		pen_text(&pen, 0, " ");
		pen_cut(&pen, STYLE_BOLD, left,
			text_cells(left, strlen(left)) < pen_left(&pen) - 3 ? text_cells(left, strlen(left))
									    : pen_left(&pen) - 3);
		pen_text(&pen, 0, " ");
	}
	end = pen.end - (right_cells > 0 ? right_cells + 5 : 0);
	if (end <= pen.col + 2) {
		right_cells = 0;
		end = pen.end;
	}
	while (pen.col < end)
		pen_text(&pen, ROLE_RULE, "─");
	if (right_cells > 0) {
		pen_text(&pen, 0, " ");
		pen_text(&pen, ROLE_DIM, right);
		pen_text(&pen, 0, " ");
		pen_text(&pen, ROLE_RULE, "──");
	}
	pen_text(&pen, 0, " ");
}
