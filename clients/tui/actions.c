/* SPDX-License-Identifier: MIT */
#include "clients/tui/actions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/commands.h"

#define INTERRUPT_NS UINT64_C(2000000000)

/* ---- who and what is meant ---- */

const struct process *target_process(const struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	for (uint32_t i = 0; snapshot && tui->drawn.name[0] && i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		if (process->entry == tui->drawn.entry &&
		    brm_head_tenant(process->state.head) == brm_head_tenant(tui->drawn.head))
			return process;
	}
	return NULL;
}

struct logpane *current_pane(struct tui *tui)
{
	return tui->view == &view_logs ? &tui->logs : &tui->side;
}

unsigned alive_count(const struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	unsigned alive = 0;

	for (uint32_t i = 0; snapshot && i < snapshot->count; i++)
		alive += brm_status_is_alive(brm_state_status(&snapshot->processes[i].state));
	return alive;
}

const char *why_no_supervisor(const struct tui *tui)
{
	return feed_commandable(&tui->feed) ? NULL : "no supervisor runs here; u starts one";
}

const char *why_not_restart(const struct tui *tui)
{
	return tui->drawn.name[0] ? why_no_supervisor(tui) : "there is no process";
}

const char *why_not_start(const struct tui *tui)
{
	const char *reason = why_not_restart(tui);

	if (reason || list_marked(&tui->list) > 0)
		return reason;
	return brm_status_is_alive(tui->drawn.status) ? "it is running" : NULL;
}

const char *why_not_stop(const struct tui *tui)
{
	const char *reason = why_not_restart(tui);

	if (reason || list_marked(&tui->list) > 0)
		return reason;
	return brm_status_is_finished(tui->drawn.status) ? "it is not running" : NULL;
}

const char *why_no_process(const struct tui *tui)
{
	return tui->list.total > 0 ? NULL : "there is no process";
}

const char *why_not_open(const struct tui *tui)
{
	return tui->list.count > 0 ? NULL : "there is no process";
}

const char *why_supervisor(const struct tui *tui)
{
	return feed_commandable(&tui->feed) ? "a supervisor runs here" : NULL;
}

const char *why_no_search(const struct tui *tui)
{
	return tui->logs.match.text[0] ? NULL : "no search: ^F searches, + runs";
}

const char *why_no_filter(const struct tui *tui)
{
	const char *filter = (const char *)tui + tui->view->filter;

	return filter[0] ? NULL : "no search: ^F searches, + runs";
}

/* ---- moving ---- */

void act_processes(struct tui *tui)
{
	tui_show(tui, &view_processes);
}

void act_logs_view(struct tui *tui)
{
	tui_show(tui, &view_logs);
}

void act_errors(struct tui *tui)
{
	tui_show(tui, &view_errors);
}

void act_about(struct tui *tui)
{
	tui_show(tui, &view_about);
}

void act_urls(struct tui *tui)
{
	tui_show(tui, &view_urls);
}

void act_events(struct tui *tui)
{
	tui_show(tui, &view_events);
}

static void step_view(struct tui *tui, int by)
{
	int count = 0, at = 0;

	for (; views[count]; count++)
		if (views[count] == tui->view)
			at = count;
	tui_show(tui, views[(at + by + count) % count]);
}

void act_next_view(struct tui *tui)
{
	step_view(tui, 1);
}

void act_previous_view(struct tui *tui)
{
	step_view(tui, -1);
}

void act_down(struct tui *tui)
{
	tui->view->move(tui, MOVE_DOWN);
}

void act_up(struct tui *tui)
{
	tui->view->move(tui, MOVE_UP);
}

void act_left(struct tui *tui)
{
	tui->view->move(tui, MOVE_LEFT);
}

void act_right(struct tui *tui)
{
	tui->view->move(tui, MOVE_RIGHT);
}

void act_top(struct tui *tui)
{
	tui->view->move(tui, MOVE_TOP);
}

void act_bottom(struct tui *tui)
{
	tui->view->move(tui, MOVE_BOTTOM);
}

void act_page_up(struct tui *tui)
{
	tui->view->move(tui, MOVE_PAGE_UP);
}

void act_page_down(struct tui *tui)
{
	tui->view->move(tui, MOVE_PAGE_DOWN);
}

void act_half_up(struct tui *tui)
{
	tui->view->move(tui, MOVE_HALF_UP);
}

void act_half_down(struct tui *tui)
{
	tui->view->move(tui, MOVE_HALF_DOWN);
}

void act_back(struct tui *tui)
{
	if (!tui->view->back(tui) && tui->view != &view_processes)
		tui_show(tui, &view_processes);
}

void act_zoom(struct tui *tui)
{
	bool single = tui->frame.shape < SHAPE_STACKED;

	if (single)
		tui->panes.on_log = !tui->panes.on_log;
	else
		tui->panes.zoom = !tui->panes.zoom;
}

void act_details(struct tui *tui)
{
	if (tui->frame.shape == SHAPE_BESIDE && tui->frame.body.rows >= 25)
		tui->panes.no_details = !tui->panes.no_details;
	else
		tui->panes.details = !tui->panes.details;
}

void act_narrower(struct tui *tui)
{
	bool beside = tui->frame.shape == SHAPE_BESIDE;

	tui->panes.moved[beside] -= 1 + beside;
}

void act_wider(struct tui *tui)
{
	bool beside = tui->frame.shape == SHAPE_BESIDE;

	tui->panes.moved[beside] += 1 + beside;
}

/* ---- everywhere ---- */

static void copy_lines(struct tui *tui, bool full)
{
	char *text, what[40];
	int lines = logpane_copy(&tui->logs, full, 1u << 20, &text);

	snprintf(what, sizeof what, "%d line%s", lines, lines == 1 ? "" : "s");
	if (lines > 0)
		copy_text(tui, text, strlen(text), what);
	free(text);
	tui->logs.selecting = false;
}

void act_copy(struct tui *tui)
{
	const struct url_row *url = tui->view == &view_urls ? url_current(tui) : NULL;
	const struct about_row *about = tui->view == &view_about ? about_current(tui) : NULL;

	if (tui->view == &view_logs)
		copy_lines(tui, false);
	else if (tui->view == &view_errors)
		error_copy(tui, false);
	else if (tui->view == &view_events)
		event_copy(tui);
	else if (about)
		copy_text(tui, about->value, strlen(about->value), about->label);
	else if (url)
		copy_text(tui, url->text, strlen(url->text), "the URL");
	else if (tui->drawn.name[0])
		copy_text(tui, tui->drawn.name, strlen(tui->drawn.name), tui->drawn.name);
}

/* The command as the configuration has it: a string, or words. */
static size_t command_line(const struct process *process, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "%s", process->identity.command);

	for (const char *arg = NULL; used < size && (arg = brm_strings_next(&process->identity.args, arg));)
		used += (size_t)snprintf(out + used, size - used, " %s", arg);
	return used < size ? used : size - 1;
}

void act_copy_all(struct tui *tui)
{
	const struct process *process = target_process(tui);
	char command[8192];

	if (tui->view == &view_logs)
		copy_lines(tui, true);
	else if (tui->view == &view_errors)
		error_copy(tui, true);
	else if (process)
		copy_text(tui, command, command_line(process, command, sizeof command), "the command line");
}

void act_mouse(struct tui *tui)
{
	tty_mouse(&tui->tty, !tui->tty.mouse);
	tui_say(tui, TONE_DONE,
		tui->tty.mouse ? "the mouse is used here; M gives it back to the terminal"
			       : "the mouse is the terminal's; M takes it back");
}

void act_start_supervisor(struct tui *tui)
{
	tui_say(tui, TONE_NEWS, "starting a supervisor");
	control_start_supervisor(tui, NULL);
}

void act_help(struct tui *tui)
{
	overlay_open(tui, &overlay_help);
}

void act_palette(struct tui *tui)
{
	overlay_open(tui, &overlay_palette);
}

void act_redraw(struct tui *tui)
{
	screen_redraw(tui->screen);
}

void act_suspend(struct tui *tui)
{
	tty_suspend(&tui->tty);
	screen_redraw(tui->screen);
}

void act_quit(struct tui *tui)
{
	tui->leaving = true;
}

static void stop_everything(struct tui *tui)
{
	tui->leave_when_stopped = true;
	tui_say(tui, TONE_NEWS, "stopping everything");
	control_send_names(tui, BRM_SHUTDOWN, NULL);
}

void act_stop_and_quit(struct tui *tui)
{
	unsigned alive = alive_count(tui);

	if (!feed_commandable(&tui->feed))
		tui->leaving = true;
	else
		tui_ask(tui, 'Q', stop_everything, "Stop %u process%s and leave?", alive, alive == 1 ? "" : "es");
}

void act_interrupt(struct tui *tui)
{
	uint64_t now = tui->input_boot_ns;

	if (tui->interrupt_boot_ns && now - tui->interrupt_boot_ns < INTERRUPT_NS)
		tui->leaving = true;
	tui->interrupt_boot_ns = now;
	tui_say(tui, TONE_NEWS, "q leaves (all keep running), Q stops all");
}
