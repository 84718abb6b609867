/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/found.h"
#include "clients/tui/overlay.h"
#include "clients/tui/status.h"

/*
 * The script selector: what could be run here, filtered by what is typed; "!" begins any other command.
 */

#define ROWS_MAX 512

static struct {
	uint32_t rows[ROWS_MAX]; /* indices of the scripts that fit, best first */
	int count;
	int at;
	int top;
	int height;
} selector;

static void choose_rows(struct tui *tui)
{
	const struct scripts *scripts = &tui->found->scripts;

	selector.count = 0;
	for (int rank = 3; rank > 0; rank--)
		for (uint32_t i = 0; i < scripts->count && selector.count < ROWS_MAX; i++)
			if (found_rank(scripts->list[i].name, tui->field.text) == rank)
				selector.rows[selector.count++] = i;
	if (selector.at >= selector.count)
		selector.at = selector.count > 0 ? selector.count - 1 : 0;
}

static void opened(struct tui *tui)
{
	selector.at = selector.top = 0;
	found_look(tui);
	field_set(&tui->field, tui->type_command ? "!" : "");
	tui->type_command = false;
}

static const struct script *selected(const struct tui *tui)
{
	return selector.count > 0 ? &tui->found->scripts.list[selector.rows[selector.at]] : NULL;
}

static void draw_script(struct tui *tui, struct area area, int line, int index)
{
	const struct script *script = &tui->found->scripts.list[selector.rows[index]];
	const struct process *process = found_process(tui, script);
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	int name = area.cols >= 50 ? 16 : area.cols / 3, source = area.cols >= 50 ? 18 : 0;

	pen_text(&pen, ROLE_ACCENT, index == selector.at ? "▌" : " ");
	if (process && brm_status_is_alive(brm_state_status(&process->state))) {
		struct status_look look = status_look(brm_state_status(&process->state));

		pen_text(&pen, look.role, look.shape);
	} else {
		pen_text(&pen, 0, " ");
	}
	pen_text(&pen, 0, " ");
	pen_cut(&pen, STYLE_BOLD, script->name, name - 1);
	pen_text(&pen, 0, " ");
	pen_cut(&pen, ROLE_TEXT, script->command, pen_left(&pen) - source);
	if (source > 0) {
		pen_text(&pen, 0, "  ");
		pen_rest(&pen, ROLE_DIM, script->source);
	}
	if (index == selector.at)
		cells_tint(&tui->cells, (struct area){area.row + line, area.col, 1, area.cols}, STYLE_BAR);
}

static void draw_foot(struct tui *tui, struct area area)
{
	const struct script *script = selected(tui);
	struct pen pen = pen_at(&tui->cells, area, area.rows - 3, 0);

	pen_repeat(&pen, ROLE_RULE, "─", area.cols);
	pen = pen_at(&tui->cells, area, area.rows - 2, 0);
	if (tui->field.text[0] == '!')
		pen_rest(&pen, ROLE_TEXT, tui->field.text + 1);
	else if (script)
		pen_rest(&pen, ROLE_TEXT, script->command);
	pen = pen_at(&tui->cells, area, area.rows - 1, 0);
	pen_rest(&pen, ROLE_DIM, "any other command: type it after a !   e.g. !redis-cli monitor");
}

static void draw(struct tui *tui, struct area body)
{
	int want = 7 + (selector.count > 6 ? selector.count : 6);
	struct area area = overlay_box(tui, body, want < 22 ? want : 22, 72, "run what?", "");
	bool foot = area.rows >= 9;
	char count[48];

	choose_rows(tui);
	snprintf(count, sizeof count, "%d of %zu", selector.count, tui->found->scripts.count);
	overlay_field(tui, area, 0, "> ", tui->found->looking ? "looking…" : count);
	selector.height = area.rows - 2 - (foot ? 3 : 0);
	overlay_scroll(selector.count, selector.height, selector.at, &selector.top);
	for (int i = 0; i < selector.height && selector.top + i < selector.count; i++)
		draw_script(tui, area, 2 + i, selector.top + i);
	if (selector.count == 0 && tui->found->known && tui->field.text[0] != '!') {
		struct pen pen = pen_at(&tui->cells, area, 2, 1);

		pen_rest(&pen, ROLE_DIM,
			 tui->found->why[0]              ? tui->found->why
			 : tui->found->scripts.count > 0 ? "no script has such a name"
							 : "no script was found here");
	}
	if (foot)
		draw_foot(tui, area);
}

static void show_log(struct tui *tui, const struct process *process)
{
	for (uint32_t i = 0; i < tui->list.count; i++)
		if (tui->list.rows[i]->entry == process->entry) {
			list_unmark(&tui->list);
			list_put_bar(&tui->list, i);
			act_open_logs(tui);
			return;
		}
}

static void run_selected(struct tui *tui)
{
	const struct script *script = selected(tui);
	const struct process *process = script ? found_process(tui, script) : NULL;
	const char *names[] = {script ? script->name : NULL, NULL};
	char command[FIELD_MAX];

	snprintf(command, sizeof command, "%s", tui->field.text);
	overlay_close(tui);
	if (command[0] == '!' && command[1])
		control_run_command(tui, command + 1 + strspn(command + 1, " "));
	else if (process && brm_status_is_alive(brm_state_status(&process->state)))
		show_log(tui, process);
	else if (script && feed_commandable(&tui->feed))
		control_send_names(tui, BRM_START, names);
	else if (script)
		control_start_supervisor(tui, names);
}

/* The command of the script under the bar, to be changed before it is run. */
static void change_first(struct tui *tui)
{
	const struct script *script = selected(tui);
	char text[FIELD_MAX];

	if (!script || tui->field.text[0] == '!')
		return;
	snprintf(text, sizeof text, "!%s", script->command);
	field_set(&tui->field, text);
}

static bool event(struct tui *tui, const struct event *event)
{
	bool changed;

	if (event->kind == EVENT_KEY && event->key == K_ENTER) {
		run_selected(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_ESC) {
		overlay_close(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_TAB) {
		change_first(tui);
		return true;
	}
	if (overlay_choose(event, selector.count, selector.height, &selector.at))
		return true;
	if (!field_event(&tui->field, event, &changed))
		return false;
	if (changed)
		selector.at = selector.top = 0;
	return true;
}

static void hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "type", "to filter");
	overlay_hint(pen, "↑↓", "choose");
	overlay_hint(pen, "Enter", "run");
	overlay_hint(pen, "Tab", "change first");
	overlay_hint(pen, "Esc", "back");
}

const struct overlay overlay_scripts = {
	.opened = opened,
	.draw = draw,
	.event = event,
	.hints = hints,
};
