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

/* ---- moving ---- */

void act_processes(struct tui *tui)
{
	tui_show(tui, &view_processes);
}

void act_logs_view(struct tui *tui)
{
	tui_show(tui, &view_logs);
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
	tui->panes.moved -= tui->frame.shape == SHAPE_BESIDE ? 2 : 1;
}

void act_wider(struct tui *tui)
{
	tui->panes.moved += tui->frame.shape == SHAPE_BESIDE ? 2 : 1;
}

/* ---- processes ---- */

/* The names of the marked, in their order on the screen; NULL-terminated, the caller's to free. */
static const char **marked_names(struct tui *tui)
{
	const char **names = calloc(tui->list.count + 1u, sizeof *names);
	size_t count = 0;

	for (uint32_t i = 0; names && i < tui->list.count; i++)
		if (list_memo(&tui->list, tui->list.rows[i])->marked)
			names[count++] = tui->list.rows[i]->identity.name;
	return names;
}

/* Show at once that it was asked for; what is published then takes its place. */
static void note_asked(struct tui *tui, const struct process *process, enum brm_method method)
{
	struct memo *memo = list_memo(&tui->list, process);

	memo->asked = method == BRM_STOP ? "stopping" : "starting";
	memo->asked_head = process->state.head;
}

static void send_marked(struct tui *tui, enum brm_method method)
{
	const char **names = marked_names(tui);

	if (!names)
		return;
	for (uint32_t i = 0; i < tui->list.count; i++)
		if (list_memo(&tui->list, tui->list.rows[i])->marked)
			note_asked(tui, tui->list.rows[i], method);
	control_send_names(tui, method, names);
	free(names);
	list_unmark(&tui->list);
}

static void restart_marked(struct tui *tui)
{
	send_marked(tui, BRM_RESTART);
}

static void stop_marked(struct tui *tui)
{
	send_marked(tui, BRM_STOP);
}

static void start_marked(struct tui *tui)
{
	send_marked(tui, BRM_START);
}

/* One process as it was drawn, or all that are marked, after asking. */
static void send(struct tui *tui, enum brm_method method, const char *verb, void (*marked)(struct tui *tui))
{
	unsigned count = tui->view == &view_processes ? list_marked(&tui->list) : 0;
	const struct process *process = target_process(tui);

	if (count > 1) {
		tui_ask(tui, 0, marked, "%s %u marked processes?", verb, count);
		return;
	}
	if (count == 1) {
		marked(tui);
		return;
	}
	if (!process) {
		tui_say(tui, TONE_FAILED, "%s has left meanwhile", tui->drawn.name);
		return;
	}
	note_asked(tui, process, method);
	control_send(tui, method, tui->drawn.name, method == BRM_START ? 0 : tui->drawn.run);
}

void act_restart(struct tui *tui)
{
	if (brm_status_is_alive(tui->drawn.status) || list_marked(&tui->list) > 0)
		send(tui, BRM_RESTART, "Restart", restart_marked);
	else
		send(tui, BRM_START, "Start", start_marked);
}

void act_start(struct tui *tui)
{
	send(tui, BRM_START, "Start", start_marked);
}

void act_stop(struct tui *tui)
{
	send(tui, BRM_STOP, "Stop", stop_marked);
}

static void restart_everything(struct tui *tui)
{
	static const char *const all[] = {"all", NULL};

	control_send_names(tui, BRM_RESTART, all);
}

void act_restart_all(struct tui *tui)
{
	unsigned alive = alive_count(tui);

	if (alive == 0)
		tui_say(tui, TONE_FAILED, "cannot restart all: nothing is running");
	else
		tui_ask(tui, 0, restart_everything, "Restart all %u processes?", alive);
}

void act_run(struct tui *tui)
{
	overlay_open(tui, &overlay_scripts);
}

void act_filter(struct tui *tui)
{
	overlay_open(tui, &overlay_filter);
}

void act_mark(struct tui *tui)
{
	const struct process *process = list_current(&tui->list);
	struct memo *memo;

	if (!process)
		return;
	memo = list_memo(&tui->list, process);
	memo->marked = !memo->marked;
	list_move(&tui->list, 1);
}

void act_mark_all(struct tui *tui)
{
	bool mark = list_marked(&tui->list) < tui->list.count;

	for (uint32_t i = 0; i < tui->list.count; i++)
		list_memo(&tui->list, tui->list.rows[i])->marked = mark;
}

static void sort_anew(struct tui *tui)
{
	char left[BRM_NAME_MAX];

	list_update(&tui->list, feed_snapshot(&tui->feed), false, left);
}

void act_problems(struct tui *tui)
{
	tui->list.problems = !tui->list.problems;
	if (feed_snapshot(&tui->feed))
		sort_anew(tui);
}

static void step_sort(struct tui *tui, int by)
{
	tui->list.sort = (enum sort)(((int)tui->list.sort + by + SORT_COUNT) % SORT_COUNT);
	tui->list.reverse = false;
	if (feed_snapshot(&tui->feed))
		sort_anew(tui);
	if (tui->list.sort == SORT_ORDER)
		tui_say(tui, TONE_DONE, "sorted as in the configuration");
	else
		tui_say(tui, TONE_DONE, "sorted %s", sort_word(tui->list.sort));
}

void act_sort_next(struct tui *tui)
{
	step_sort(tui, 1);
}

void act_sort_previous(struct tui *tui)
{
	step_sort(tui, -1);
}

void act_reverse(struct tui *tui)
{
	tui->list.reverse = !tui->list.reverse;
	if (feed_snapshot(&tui->feed))
		sort_anew(tui);
}

/* ---- logs ---- */

/* Show the logs of these processes, NULL-terminated; NULL: of all. */
static void show_names(struct tui *tui, const char *const *names)
{
	unsigned count = 0;

	while (names && names[count] && count < LOGSET_MAX)
		count++;
	free(tui->shown_names);
	tui->shown_names = count > 0 ? calloc(count, sizeof *tui->shown_names) : NULL;
	tui->shown_name_count = tui->shown_names ? count : 0;
	for (unsigned i = 0; i < tui->shown_name_count; i++)
		strncpy(tui->shown_names[i], names[i], BRM_NAME_MAX - 1);
}

void act_open_logs(struct tui *tui)
{
	const struct process *process = list_current(&tui->list);
	const char *one[] = {process ? process->identity.name : NULL, NULL};
	const char **marked;

	if (list_marked(&tui->list) == 0) {
		show_names(tui, one);
	} else {
		marked = marked_names(tui);
		show_names(tui, marked);
		free(marked);
	}
	logpane_follow(&tui->logs);
	tui_show(tui, &view_logs);
}

static void step_process(struct tui *tui, int by)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	const char *names[] = {NULL, NULL};
	int64_t at = by > 0 ? -1 : 0;

	if (!snapshot || snapshot->count == 0)
		return;
	for (uint32_t i = 0; i < snapshot->count && tui->shown_name_count > 0; i++)
		if (strcmp(snapshot->processes[i].identity.name, tui->shown_names[0]) == 0)
			at = i;
	names[0] = snapshot->processes[(uint64_t)(at + by + snapshot->count) % snapshot->count].identity.name;
	show_names(tui, names);
	logpane_follow(&tui->logs);
}

void act_previous_process(struct tui *tui)
{
	step_process(tui, -1);
}

void act_next_process(struct tui *tui)
{
	step_process(tui, 1);
}

void act_all_processes(struct tui *tui)
{
	show_names(tui, NULL);
}

void act_search(struct tui *tui)
{
	overlay_open(tui, &overlay_search);
}

void act_next_match(struct tui *tui)
{
	logpane_jump(&tui->logs, JUMP_MATCH, false);
}

void act_previous_match(struct tui *tui)
{
	logpane_jump(&tui->logs, JUMP_MATCH, true);
}

void act_next_error(struct tui *tui)
{
	logpane_jump(&tui->logs, JUMP_ERROR, false);
}

void act_previous_error(struct tui *tui)
{
	logpane_jump(&tui->logs, JUMP_ERROR, true);
}

void act_follow(struct tui *tui)
{
	logpane_follow(current_pane(tui));
}

void act_level(struct tui *tui)
{
	static const unsigned next[BRM_LEVEL_COUNT] = {
		[BRM_LEVEL_NONE] = BRM_LEVEL_WARN, [BRM_LEVEL_WARN] = BRM_LEVEL_ERROR};

	logpane_level(&tui->logs, next[tui->logs.level]);
}

void act_wrap(struct tui *tui)
{
	tui->logs.no_wrap = !tui->logs.no_wrap;
	tui->logs.sideways = 0;
}

void act_time(struct tui *tui)
{
	tui->logs.time = (enum logtime)((tui->logs.time + 1) % LOGTIME_COUNT);
}

void act_select(struct tui *tui)
{
	struct logpane *pane = &tui->logs;

	logpane_pause(pane);
	pane->selecting = pane->paused && !pane->selecting;
	pane->mark = pane->bar;
}

void act_clear(struct tui *tui)
{
	struct logplace place;
	struct brm_log_line line;

	logpane_follow(&tui->logs);
	logpane_since(&tui->logs, tui->ticker.now.real_ns / 1000);
	if (logpane_current(&tui->logs, &place, &line))
		logpane_since(&tui->logs, line.time_us + 1);
	tui_say(tui, TONE_DONE, "cleared this view; nothing is deleted, X shows it again");
}

void act_unclear(struct tui *tui)
{
	logpane_since(&tui->logs, 0);
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
	if (tui->view == &view_logs)
		copy_lines(tui, false);
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
