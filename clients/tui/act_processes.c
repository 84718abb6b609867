/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"

/*
 * What is done with processes: start, stop, restart, mark, sort.
 */

const char **marked_names(struct tui *tui)
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

/* One URL is opened; of several the URLs view lets choose. */
void act_open_process_url(struct tui *tui)
{
	const struct process *process = target_process(tui);

	if (!process || process->urls.count == 0) {
		tui_say(tui, TONE_NEWS, "%s has announced no URL", tui->drawn.name);
	} else if (process->urls.count == 1) {
		open_url(tui, process->urls.first);
	} else {
		snprintf(tui->urls.list.filter, sizeof tui->urls.list.filter, "%s", tui->drawn.name);
		tui_show(tui, &view_urls);
	}
}

void act_open_url(struct tui *tui)
{
	const struct url_row *row = url_current(tui);

	if (!row)
		return;
	if (row->opens)
		open_url(tui, row->text);
	else
		tui_say(tui, TONE_NEWS, "%s is no address of a web page", row->text);
}

void act_reload(struct tui *tui)
{
	control_reload(tui);
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

void act_group(struct tui *tui)
{
	tui->list.group_by = (enum group_by)((tui->list.group_by + 1) % GROUP_BY_COUNT);
	tui->list.group_count = 0;
	if (feed_snapshot(&tui->feed))
		sort_anew(tui);
	if (tui->list.group_by == GROUP_BY_NOTHING)
		tui_say(tui, TONE_DONE, "not grouped");
	else
		tui_say(tui, TONE_DONE, "grouped %s; ← closes a group, → opens it", group_by_word(tui->list.group_by));
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
