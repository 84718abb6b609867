/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/commands.h"

/*
 * From an event to what it does: a question that is open, an overlay, the first run, then the view's commands.
 */

#define TWICE_NS UINT64_C(400000000)

void tui_show(struct tui *tui, const struct view *view)
{
	tui->view = view;
}

static void answer(struct tui *tui, const struct event *event)
{
	void (*yes)(struct tui * tui) = tui->asked;

	tui->asked = NULL;
	tui->message.text[0] = '\0';
	if (event->key == 'y' || event->key == 'Y' || (tui->asked_again && event->key == tui->asked_again))
		yes(tui);
}

/* A failure stays until a key is pressed. */
static void drop_message(struct tui *tui)
{
	if (!tui->message.until_boot_ns)
		tui->message.text[0] = '\0';
}

static void on_interrupt(struct tui *tui)
{
	if (tui->overlay)
		overlay_close(tui);
	else
		act_interrupt(tui);
}

/* No key that does something is silent elsewhere. */
static void say_where(struct tui *tui, const struct event *event)
{
	char key[KEY_TEXT_MAX];

	for (int i = 0; views[i]; i++) {
		const struct command *command = command_of_key(views[i]->bit, event->key, event->mods);

		if (!command)
			continue;
		tui_say(tui, TONE_NEWS, "%s is for %s: %s", key_text(event->key, event->mods, key), views[i]->name,
			command->help);
		return;
	}
}

static void on_key(struct tui *tui, const struct event *event);

/*
 * What the terminal sends for Alt and a key is Esc and that key: where Alt means nothing, someone was quick, or the
 * link slow. (In a field Alt may be meant: fingers know it from the shell.)
 */
static void on_quick_escape(struct tui *tui, const struct event *event)
{
	struct event escape = *event, key = *event;

	escape.key = K_ESC;
	escape.mods = 0;
	key.mods &= ~MOD_ALT;
	on_key(tui, &escape);
	if (!tui->leaving)
		on_key(tui, &key);
}

static void on_key(struct tui *tui, const struct event *event)
{
	const struct command *command;

	if (tui->asked) {
		answer(tui, event);
		return;
	}
	drop_message(tui);
	if (tui->overlay && tui->overlay->takes_all) {
		tui->overlay->event(tui, event);
		return;
	}
	if (event->mods == MOD_CTRL && event->key == 'c') {
		on_interrupt(tui);
		return;
	}
	command = command_of_key(tui->view->bit, event->key, event->mods);
	if (tui->overlay) {
		/* Nothing global works beside a text field but these. */
		if (!tui->overlay->event(tui, event) && command &&
		    (command->run == act_redraw || command->run == act_suspend))
			command_do(tui, command);
		return;
	}
	if (first_run_is(tui) && first_run_event(tui, event))
		return;
	if (command)
		command_do(tui, command);
	else if (event->mods & MOD_ALT)
		on_quick_escape(tui, event);
	else
		say_where(tui, event);
}

static void on_paste(struct tui *tui, const struct event *event)
{
	if (tui->overlay && tui->overlay->takes_all) {
		tui->overlay->event(tui, event);
		return;
	}
	if (event->kind == EVENT_PASTE_END) {
		tui->paste_over = false;
		return;
	}
	if (tui->paste_over)
		return;
	if (!tui->overlay) {
		tui_say(tui, TONE_NEWS, "nothing takes pasted text here: ^F and + open a field");
		tui->paste_over = true;
	} else if (event->key == '\r' || event->key == '\n') {
		tui->paste_over = true; /* the first line only */
	} else {
		tui->overlay->event(tui, event);
	}
}

static void on_click(struct tui *tui, const struct event *event)
{
	bool twice = tui->input_boot_ns - tui->click_boot_ns < TWICE_NS && tui->click_row == event->row;

	if (tui->overlay) {
		overlay_close(tui);
		return;
	}
	tui->click_boot_ns = twice ? 0 : tui->input_boot_ns;
	tui->click_row = event->row;
	tui->dragging = !bars_click(tui, event->row, event->col) && !first_run_is(tui);
	if (tui->dragging)
		tui->view->click(tui, event->row, event->col, twice);
}

/* The button went down on the view, and the pointer has moved or the button has come up. */
static void on_drag(struct tui *tui, const struct event *event)
{
	bool was = tui->dragged;

	tui->dragged = event->press && (tui->dragged || event->drag);
	if (tui->dragging && tui->view->drag && !tui->overlay && feed_snapshot(&tui->feed) && (event->press || was))
		tui->view->drag(tui, event->row, event->col, !event->press);
	tui->dragging = tui->dragging && event->press;
}

static void on_mouse(struct tui *tui, const struct event *event)
{
	if (event->mods & MOD_SHIFT)
		return;
	if (tui->overlay && tui->overlay->takes_all) {
		tui->overlay->event(tui, event);
		return;
	}
	if (event->button == MOUSE_LEFT && event->press && !event->drag)
		on_click(tui, event);
	else if (event->button == MOUSE_LEFT || event->button == MOUSE_NONE)
		on_drag(tui, event);
	else if (event->button == MOUSE_WHEEL_UP && !tui->overlay)
		tui->view->wheel(tui, event->row, event->col, -3);
	else if (event->button == MOUSE_WHEEL_DOWN && !tui->overlay)
		tui->view->wheel(tui, event->row, event->col, 3);
}

static void on_background(struct tui *tui, const struct event *event)
{
	if (tui->options.theme != THEME_AUTO || tui->theme == THEME_NONE)
		return;
	tui->theme = theme_is_dark(event->color[0], event->color[1], event->color[2]) ? THEME_DARK : THEME_LIGHT;
	screen_theme(tui->screen, tui->theme);
}

/* The answer to how wide an ambiguous character is: if it takes two cells here, signs are ASCII. */
static void on_cursor(struct tui *tui, const struct event *event)
{
	if (!tui->width_asked)
		return;
	tui->width_asked = false;
	if (event->col != 2)
		return;
	tui->cells.ascii = true;
	screen_redraw(tui->screen);
}

void tui_event(struct tui *tui, const struct event *event)
{
	tui->dirty = true;
	switch (event->kind) {
	case EVENT_KEY:
		tui->input_boot_ns = now_read().boot_ns;
		on_key(tui, event);
		break;
	case EVENT_MOUSE:
		tui->input_boot_ns = now_read().boot_ns;
		on_mouse(tui, event);
		break;
	case EVENT_PASTE:
	case EVENT_PASTE_END:
		on_paste(tui, event);
		break;
	case EVENT_FOCUS:
		tui->focus_lost = !event->press;
		break;
	case EVENT_BACKGROUND:
		on_background(tui, event);
		break;
	case EVENT_MODE:
		if (event->row == 2026)
			tui->tty.sync = !tui->options.no_sync && (event->col == 1 || event->col == 2);
		break;
	case EVENT_CURSOR:
		on_cursor(tui, event);
		break;
	case EVENT_NONE:
		break;
	}
}
