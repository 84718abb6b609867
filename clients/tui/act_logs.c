/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"

/*
 * What is done with logs: choose, search, filter, select.
 */

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

/* Show one log. Its source; NULL: it has none. */
static struct logsource *show_log(struct tui *tui, const char *name)
{
	const char *names[] = {name, NULL};
	const struct process *process = snapshot_find(feed_snapshot(&tui->feed), name);

	show_names(tui, names);
	logpane_follow(&tui->logs);
	tui_show(tui, &view_logs);
	if (!process)
		return NULL;
	logpane_choose(&tui->logs, &process, 1);
	logset_refresh(&tui->logs.set, feed_snapshot(&tui->feed), feed_reader(&tui->feed));
	return &tui->logs.set.sources[0];
}

void show_log_line(struct tui *tui, const char *name, uint64_t seq)
{
	struct logsource *source = show_log(tui, name);

	if (source && seq >= source->first && seq < source->end)
		logpane_show(&tui->logs, (struct logplace){0, seq});
	else
		tui_say(tui, TONE_NEWS, "that line of %s is not kept any more", name);
}

void show_log_at(struct tui *tui, const char *name, uint64_t time_us)
{
	struct logsource *source = show_log(tui, name);
	uint64_t seq;

	if (source && source->log && brm_log_seek_time(source->log, time_us, &seq) == 0 && seq < source->end)
		logpane_show(&tui->logs, (struct logplace){0, seq});
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

void act_fold(struct tui *tui)
{
	tui->logs.no_fold = !tui->logs.no_fold;
	tui->logs.open_count = 0;
}

/* Equal lines become several; a line that is cut is shown as a whole. */
void act_open_line(struct tui *tui)
{
	if (!logpane_unfold(&tui->logs) && !line_open(tui))
		tui_say(tui, TONE_NEWS, "this is no line of a log");
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
