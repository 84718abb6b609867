/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"
#include "clients/tui/status.h"
#include "clients/tui/text.h"

/*
 * The URLs view: what the processes announced, and the ports they listen on that no URL names.
 */

static bool is_named(const struct process *process, unsigned port)
{
	char text[16];

	snprintf(text, sizeof text, ":%u", port);
	for (const char *url = NULL; (url = brm_strings_next(&process->urls, url));) {
		const char *found = strstr(url, text);

		if (found && (found[strlen(text)] < '0' || found[strlen(text)] > '9'))
			return true;
	}
	return false;
}

static bool has_room(struct url_view *view)
{
	int room = view->room > 0 ? 2 * view->room : 64;
	struct url_row *rows;

	if (view->list.count < view->room)
		return true;
	rows = realloc(view->rows, (size_t)room * sizeof *rows);
	if (!rows)
		return false;
	view->rows = rows;
	view->room = room;
	return true;
}

static void add_row(struct tui *tui, const struct process *process, const char *url, unsigned port)
{
	struct url_row *row;

	if (!has_room(&tui->urls))
		return;
	row = &tui->urls.rows[tui->urls.list.count];
	*row = (struct url_row){.process = process};
	if (url)
		snprintf(row->text, sizeof row->text, "%s", url);
	else
		snprintf(row->text, sizeof row->text, "port %u", port);
	row->opens = url && (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0);
	tui->urls.list.count += rows_fit(&tui->urls.list, process->identity.name, row->text);
}

static void collect(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	tui->urls.list.count = 0;
	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		for (const char *url = NULL; (url = brm_strings_next(&process->urls, url));)
			add_row(tui, process, url, 0);
		for (uint32_t p = 0; p < process->port_count; p++)
			if (!is_named(process, process->ports[p]))
				add_row(tui, process, NULL, process->ports[p]);
	}
	rows_put(&tui->urls.list, tui->urls.list.at);
}

static int count(const struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	uint32_t urls = 0;

	for (uint32_t i = 0; snapshot && i < snapshot->count; i++)
		urls += snapshot->processes[i].urls.count;
	return (int)urls;
}

static void draw_row(struct tui *tui, struct area area, int line, const struct url_row *row, bool current)
{
	struct status_look look = status_look(brm_state_status(&row->process->state));
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	int name = area.cols >= 60 ? 16 : 10;

	pen_text(&pen, ROLE_ACCENT, current && !tui->focus_lost ? "▌" : " ");
	pen_text(&pen, look.role, look.shape);
	pen_text(&pen, 0, " ");
	pen_cut(&pen, ROLE_TEXT, row->process->identity.name, name - 1);
	pen_text(&pen, 0, " ");
	pen.end--;
	pen_rest(&pen, row->opens ? ROLE_LINK : ROLE_TEXT, row->text);
	pen.end++;
	if (current)
		bars_mark(tui, area, line, 1, true);
}

static void draw(struct tui *tui, struct area body)
{
	struct rows *rows = &tui->urls.list;
	char left[BRM_NAME_MAX + 48];

	collect(tui);
	drawn_set(tui, rows->count > 0 ? tui->urls.rows[rows->at].process : NULL);
	if (rows->filter[0])
		snprintf(left, sizeof left, "%d with \"%s\"", rows->count, rows->filter);
	else
		snprintf(left, sizeof left, "%d announced or listened on", rows->count);
	bars_rule(&tui->cells, body, 0, left, "");
	body.row++;
	body.rows--;
	rows_show(rows, body.rows);
	for (int i = 0; i < body.rows && rows->top + i < rows->count; i++)
		draw_row(tui, body, i, &tui->urls.rows[rows->top + i], rows->top + i == rows->at);
	tui->log_area = body;
	if (rows->count == 0) {
		struct pen pen = pen_at(&tui->cells, body, 0, 1);

		pen_rest(&pen, ROLE_DIM,
			 rows->filter[0] ? "none like that; Esc shows all"
					 : "no process has announced a URL or listens on a port");
	}
}

static void move(struct tui *tui, enum move move)
{
	rows_move(&tui->urls.list, move);
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	if (rows_point(&tui->urls.list, tui->log_area, 1, row, col) && twice)
		act_open_url(tui);
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	(void)row;
	(void)col;
	rows_put(&tui->urls.list, tui->urls.list.at + rows);
}

const struct url_row *url_current(const struct tui *tui)
{
	return tui->urls.list.count > 0 ? &tui->urls.rows[tui->urls.list.at] : NULL;
}

const struct view view_urls = {
	.name = "URLs",
	.brief = "URLs",
	.digit = 4,
	.bit = VIEW_URLS,
	.draw = draw,
	.move = move,
	.click = click,
	.wheel = wheel,
	.back = view_unfilter,
	.count = count,
	.filter = offsetof(struct tui, urls.list.filter),
};
