/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"

/*
 * What is sent to a process: a line for its standard input, or a signal.
 */

/* Who it is for: as it was drawn when the key was pressed. */
static struct {
	char name[BRM_NAME_MAX];
	uint32_t run;
	int at; /* among the signals */
} target;

static void aim(const struct tui *tui)
{
	snprintf(target.name, sizeof target.name, "%s", tui->drawn.name);
	target.run = tui->drawn.run;
	target.at = 0;
}

/* ---- a line ---- */

void act_input(struct tui *tui)
{
	aim(tui);
	overlay_open(tui, &overlay_input);
}

const char *why_not_input(const struct tui *tui)
{
	const struct process *process = target_process(tui);
	const char *reason = why_not_restart(tui);

	if (reason)
		return reason;
	if (!brm_status_is_alive(tui->drawn.status))
		return "it is not running";
	if (process && process->identity.stdin_kind == BRM_STDIN_NULL && !process->identity.tty)
		return "it has no input; stdin: pipe or tty: true in brummer.yaml gives it one";
	return NULL;
}

static void input_draw(struct tui *tui, struct area body)
{
	struct area line = {body.row + body.rows - 1, body.col, 1, body.cols};
	char label[BRM_NAME_MAX + 16];

	cells_clear_area(&tui->cells, line);
	snprintf(label, sizeof label, " line for %s: ", target.name);
	overlay_field(tui, line, 0, label, "");
}

static bool input_event(struct tui *tui, const struct event *event)
{
	char text[FIELD_MAX];
	bool changed;

	if (event->kind == EVENT_KEY && event->key == K_ESC) {
		overlay_close(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_ENTER) {
		snprintf(text, sizeof text, "%s", tui->field.text);
		overlay_close(tui);
		control_send_line(tui, target.name, target.run, text);
		return true;
	}
	return field_event(&tui->field, event, &changed);
}

static void input_hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "Enter", "send it with a newline");
	overlay_hint(pen, "Esc", "back");
}

const struct overlay overlay_input = {
	.draw = input_draw,
	.event = input_event,
	.hints = input_hints,
};

/* ---- a signal ---- */

static const struct {
	int number;
	const char *name;
	const char *help;
} signals[] = {
	{SIGHUP, "HUP", "often: read the configuration again"},
	{SIGINT, "INT", "as Ctrl-C does"},
	{SIGTERM, "TERM", "end, please"},
	{SIGUSR1, "USR1", "its own meaning"},
	{SIGUSR2, "USR2", "its own meaning"},
	{SIGWINCH, "WINCH", "the window has another size"},
	{SIGQUIT, "QUIT", "end, and say where it was"},
	{SIGSTOP, "STOP", "stand still"},
	{SIGCONT, "CONT", "go on"},
	{SIGKILL, "KILL", "end at once, without a word"},
};
#define SIGNALS ((int)(sizeof signals / sizeof *signals))

void act_signal(struct tui *tui)
{
	aim(tui);
	overlay_open(tui, &overlay_signals);
}

const char *why_not_signal(const struct tui *tui)
{
	const char *reason = why_not_restart(tui);

	return reason ? reason : brm_status_is_alive(tui->drawn.status) ? NULL : "it is not running";
}

static void signals_draw(struct tui *tui, struct area body)
{
	char title[BRM_NAME_MAX + 24];
	struct area area;
	int top = 0;

	snprintf(title, sizeof title, "signal for %s#%u", target.name, target.run);
	area = overlay_box(tui, body, SIGNALS + 2, 56, title, "Enter send   Esc back");
	overlay_scroll(SIGNALS, area.rows, target.at, &top);
	for (int i = 0; i < area.rows && top + i < SIGNALS; i++) {
		struct pen pen = pen_at(&tui->cells, area, i, 0);
		bool current = top + i == target.at;

		pen_text(&pen, ROLE_ACCENT, current ? "▌" : " ");
		pen_cut(&pen, STYLE_BOLD, signals[top + i].name, 7);
		pen_rest(&pen, ROLE_DIM, signals[top + i].help);
		if (current) {
			cells_tint(&tui->cells, (struct area){area.row + i, area.col, 1, area.cols}, STYLE_BAR);
			tui->cursor_row = area.row + i;
			tui->cursor_col = area.col;
		}
	}
}

static bool signals_event(struct tui *tui, const struct event *event)
{
	int last = SIGNALS - 1;

	if (event->kind != EVENT_KEY)
		return false;
	if (event->key == K_ESC || event->key == 'q') {
		overlay_close(tui);
	} else if (event->key == K_ENTER) {
		overlay_close(tui);
		control_signal(tui, target.name, target.run, signals[target.at].number);
	} else if (event->key == 'j' || event->key == 'k') {
		target.at += event->key == 'j' ? target.at < last : -(target.at > 0);
	} else {
		return overlay_choose(event, SIGNALS, SIGNALS, &target.at);
	}
	return true;
}

static void signals_hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "↑↓", "choose");
	overlay_hint(pen, "Enter", "send");
	overlay_hint(pen, "Esc", "back");
}

const struct overlay overlay_signals = {
	.draw = signals_draw,
	.event = signals_event,
	.hints = signals_hints,
};
