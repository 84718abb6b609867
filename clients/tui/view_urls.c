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

static bool fits(const struct tui *tui, const struct process *process, const char *text)
{
	const char *filter = tui->urls.filter;

	return !filter[0] || strcasestr(process->identity.name, filter) || strcasestr(text, filter);
}

static void add_row(struct tui *tui, const struct process *process, const char *url, unsigned port)
{
	struct url_row *row = &tui->urls.rows[tui->urls.count];

	*row = (struct url_row){.process = process};
	if (url)
		snprintf(row->text, sizeof row->text, "%s", url);
	else
		snprintf(row->text, sizeof row->text, "port %u", port);
	row->opens = url && (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0);
	tui->urls.count += fits(tui, process, row->text);
}

static void collect(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	tui->urls.count = 0;
	if (!tui->urls.rows)
		tui->urls.rows = calloc(URL_ROWS + 1, sizeof *tui->urls.rows);
	for (uint32_t i = 0; tui->urls.rows && i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		for (const char *url = NULL;
		     tui->urls.count < URL_ROWS && (url = brm_strings_next(&process->urls, url));)
			add_row(tui, process, url, 0);
		for (uint32_t p = 0; p < process->port_count && tui->urls.count < URL_ROWS; p++)
			if (!is_named(process, process->ports[p]))
				add_row(tui, process, NULL, process->ports[p]);
	}
	if (tui->urls.at >= tui->urls.count)
		tui->urls.at = tui->urls.count > 0 ? tui->urls.count - 1 : 0;
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
	if (current) {
		cells_tint(&tui->cells, (struct area){area.row + line, area.col, 1, area.cols},
			   tui->focus_lost ? STYLE_BAR_IDLE : STYLE_BAR);
		tui->cursor_row = area.row + line;
		tui->cursor_col = area.col;
	}
}

static void draw(struct tui *tui, struct area body)
{
	struct url_view *view = &tui->urls;
	char left[BRM_NAME_MAX + 48];

	collect(tui);
	drawn_set(tui, view->count > 0 ? view->rows[view->at].process : NULL);
	if (view->filter[0])
		snprintf(left, sizeof left, "%d with \"%s\"", view->count, view->filter);
	else
		snprintf(left, sizeof left, "%d announced or listened on", view->count);
	bars_rule(&tui->cells, body, 0, left, "");
	body.row++;
	body.rows--;
	view->height = body.rows;
	overlay_scroll(view->count, view->height, view->at, &view->top);
	for (int i = 0; i < view->height && view->top + i < view->count; i++)
		draw_row(tui, body, i, &view->rows[view->top + i], view->top + i == view->at);
	tui->log_area = body;
	if (view->count == 0) {
		struct pen pen = pen_at(&tui->cells, body, 0, 1);

		pen_rest(&pen, ROLE_DIM,
			 view->filter[0] ? "none like that; Esc shows all"
					 : "no process has announced a URL or listens on a port");
	}
}

static void move(struct tui *tui, enum move move)
{
	int at = tui->urls.at + move_rows(move, tui->urls.height);

	at = at >= tui->urls.count ? tui->urls.count - 1 : at;
	tui->urls.at = at < 0 ? 0 : at;
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	int index = tui->urls.top + row - tui->log_area.row;

	(void)col;
	if (row < tui->log_area.row || index >= tui->urls.count)
		return;
	tui->urls.at = index;
	if (twice)
		act_open_url(tui);
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	(void)row;
	(void)col;
	tui->urls.at += rows;
	move(tui, MOVE_LEFT); /* back into bounds */
}

static bool back(struct tui *tui)
{
	if (!tui->urls.filter[0])
		return false;
	tui->urls.filter[0] = '\0';
	return true;
}

const struct url_row *url_current(const struct tui *tui)
{
	return tui->urls.count > 0 ? &tui->urls.rows[tui->urls.at] : NULL;
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
	.back = back,
	.count = count,
};
