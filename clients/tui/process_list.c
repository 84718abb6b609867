/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/proc.h"
#include "clients/tui/status.h"
#include "clients/tui/text.h"

/*
 * The list of the Processes view: its headings, its rows, and the lines of groups.
 */

static const struct {
	const char *title;
	enum sort sort;
} headings[COLUMN_COUNT] = {
	[COLUMN_NAME] = {"NAME", SORT_NAME},       [COLUMN_PID] = {"PID", SORT_ORDER},
	[COLUMN_STATUS] = {"STATUS", SORT_STATUS}, [COLUMN_UPTIME] = {"UPTIME", SORT_UPTIME},
	[COLUMN_SPARK] = {"CPU", SORT_CPU},        [COLUMN_CPU] = {"CPU", SORT_CPU},
	[COLUMN_MEMORY] = {"MEM", SORT_MEMORY},    [COLUMN_RESTARTS] = {"RST", SORT_RESTARTS},
	[COLUMN_URL] = {"URL", SORT_ORDER},
};

/* ---- cells of a row ---- */

struct row_looks {
	const struct process *process;
	struct memo *memo;
	enum brm_status status;
	bool unsure; /* alive by the last word of a supervisor that is gone, and not to be found */
};

bool processes_are_gone(const struct tui *tui)
{
	return tui->feed.health == HEALTH_DEAD || tui->feed.health == HEALTH_ENDED;
}

static void draw_spark(struct pen *pen, const struct memo *memo)
{
	static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	uint32_t most = 100;

	for (uint32_t i = 0; i < memo->samples; i++)
		most = memo->cpu[i] > most ? memo->cpu[i] : most;
	for (uint32_t i = 0; i < memo->samples; i++)
		pen_text(pen, ROLE_OK, steps[(uint64_t)memo->cpu[i] * 7 / most]);
}

/* "http://localhost:3000/x" as ":3000/x" when it is this machine. */
static const char *short_url(const char *url)
{
	static const char *const own[] = {"http://localhost:", "http://127.0.0.1:", "http://0.0.0.0:", "http://[::1]:"};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strncmp(url, own[i], strlen(own[i])) == 0)
			return url + strlen(own[i]) - 1;
	return url;
}

static void url_text(const struct process *process, char out[256])
{
	const char *url = brm_strings_next(&process->urls, NULL);

	out[0] = '\0';
	if (url) {
		snprintf(out, 256, "%s", short_url(url));
		if (out[0] == ':' && out[strlen(out) - 1] == '/')
			out[strlen(out) - 1] = '\0';
	} else if (process->port_count > 0) {
		snprintf(out, 256, ":%u", process->ports[0]);
	}
}

static void draw_status(const struct row_looks *row, struct pen *pen, int width)
{
	char text[64];

	if (row->memo->asked && row->memo->asked_head == row->process->state.head) {
		snprintf(text, sizeof text, "→%s", row->memo->asked);
		pen_cut(pen, ROLE_DIM, text, width);
		return;
	}
	snprintf(text, sizeof text, "%s%s", status_look(row->status).word, row->unsure ? "?" : "");
	if (status_look(row->status).word_role == ROLE_BAD_WORD) {
		pen_text(pen, ROLE_BAD_WORD, text);
		return;
	}
	pen_cut(pen, row->unsure ? ROLE_UNSURE : status_look(row->status).word_role, text, width);
}

static void draw_metric(const struct row_looks *row, enum column column, struct pen *pen, struct column_place place,
			bool brief)
{
	const struct brm_metrics *metrics = &row->memo->metrics;
	unsigned permille = metrics->cpu_permille;
	char text[WHEN_MAX];

	if (metrics->time_ns == 0 || !brm_status_is_alive(row->status))
		return;
	if (column == COLUMN_SPARK) {
		draw_spark(pen, row->memo);
		return;
	}
	if (column == COLUMN_MEMORY)
		when_bytes(metrics->memory_bytes, text);
	else if (brief || permille >= 10000)
		snprintf(text, sizeof text, "%u%%", (permille + 5) / 10);
	else
		snprintf(text, sizeof text, "%u.%u%%", permille / 10, permille % 10);
	pen_right(pen, ROLE_TEXT, text, place.width);
}

/* Cells for how long it runs, or how it ended: what has ended has no load, and that room is free. */
static int note_room(const struct row_looks *row, const struct column_place *columns, const struct pen *pen)
{
	unsigned next = brm_status_is_alive(row->status) ? COLUMN_SPARK : COLUMN_RESTARTS;

	while (next < COLUMN_COUNT && columns[next].width == 0)
		next++;
	return next < COLUMN_COUNT ? columns[next].col - columns[COLUMN_UPTIME].col - 1 : pen_left(pen);
}

static void draw_column(struct tui *tui, const struct row_looks *row, enum column column,
			const struct column_place *columns, struct pen *pen)
{
	struct column_place place = columns[column];
	const struct process *process = row->process;
	char text[256];

	switch (column) {
	case COLUMN_NAME:
		pen_cut(pen, row->memo->marked ? ROLE_ACCENT : ROLE_TEXT, process->identity.name, place.width - 1);
		break;
	case COLUMN_PID:
		snprintf(text, sizeof text, "%d", (int)process->state.pid);
		pen_cut(pen, ROLE_TEXT, process->state.pid > 0 ? text : "", place.width);
		break;
	case COLUMN_STATUS:
		draw_status(row, pen, place.width);
		break;
	case COLUMN_UPTIME:
		status_note(processes_are_gone(tui) ? &tui->frozen : &tui->ticker, &process->state, text);
		pen_cut(pen,
			row->status == BRM_FAILED    ? ROLE_BAD
			: row->status == BRM_BACKOFF ? ROLE_WARN
						     : ROLE_TEXT,
			text, note_room(row, columns, pen));
		break;
	case COLUMN_SPARK:
	case COLUMN_CPU:
	case COLUMN_MEMORY:
		draw_metric(row, column, pen, place, tui->frame.shape == SHAPE_SHORT);
		break;
	case COLUMN_RESTARTS:
		snprintf(text, sizeof text, "%u", process->state.restarts);
		pen_cut(pen, ROLE_TEXT, process->state.restarts > 0 ? text : "", place.width);
		break;
	case COLUMN_URL:
		url_text(process, text);
		pen_cut(pen, ROLE_LINK, text,
			text_cells(text, strlen(text)) < place.width ? text_cells(text, strlen(text)) : place.width);
		break;
	case COLUMN_COUNT:
		break;
	}
}

static void draw_shape(const struct row_looks *row, struct pen *pen, bool current, bool focused)
{
	struct status_look look = status_look(row->status);
	uint32_t role = row->unsure ? ROLE_UNSURE : look.role;

	if (row->memo->marked)
		pen_text(pen, ROLE_ACCENT, "+");
	else
		pen_text(pen, ROLE_ACCENT, current && focused ? "▌" : " ");
	pen_text(pen, role, look.shape);
	pen_text(pen, role, row->unsure ? "?" : " ");
}

static void draw_row(struct tui *tui, struct area area, int line, uint32_t index, const struct column_place *columns)
{
	const struct process *process = tui->list.rows[index];
	struct row_looks row = {.process = process, .memo = list_memo(&tui->list, process)};
	bool current = tui->list.has_bar && index == tui->list.at;
	bool focused = !tui->panes.on_log && !tui->focus_lost;
	struct pen pen = pen_at(&tui->cells, area, line, 0);

	row.status = brm_state_status(&process->state);
	row.unsure = processes_are_gone(tui) && brm_status_is_alive(row.status) &&
		     !proc_is_still(process->state.pid, process->state.pid_start);
	draw_shape(&row, &pen, current, focused);
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (columns[i].width == 0)
			continue;
		pen_to(&pen, area.col + columns[i].col);
		draw_column(tui, &row, (enum column)i, columns, &pen);
	}
	if (current)
		bars_mark(tui, area, line, 1, !tui->panes.on_log);
}

/* ---- the list ---- */

static void sort_text(const struct tui *tui, char out[64])
{
	char at[WHEN_MAX];

	out[0] = '\0';
	if (processes_are_gone(tui))
		snprintf(out, 64, "as of %s", when_clock(tui->feed.since_ns, at));
	else if (tui->list.group_by != GROUP_BY_NOTHING)
		snprintf(out, 64, "%s%s", group_by_word(tui->list.group_by),
			 tui->list.problems ? ", problems first" : "");
	else if (tui->list.problems)
		snprintf(out, 64, "problems first");
	else if (tui->list.sort != SORT_ORDER || tui->list.reverse)
		snprintf(out, 64, "%s %s", tui->list.sort == SORT_ORDER ? "reversed" : sort_word(tui->list.sort),
			 tui->list.reverse == (tui->list.sort >= SORT_CPU) ? "▲" : "▼");
}

static void draw_headings(struct tui *tui, struct area area, int line, const struct column_place *columns,
			  const char *right)
{
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	int right_cells = text_cells(right, strlen(right));

	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (columns[i].width == 0 || (i == COLUMN_CPU && columns[COLUMN_SPARK].width > 0))
			continue;
		pen_to(&pen, area.col + columns[i].col);
		if (i == COLUMN_CPU)
			pen_right(&pen, ROLE_DIM, headings[i].title, columns[i].width);
		else
			pen_text(&pen, ROLE_DIM, headings[i].title);
		if (headings[i].sort != SORT_ORDER)
			bars_spot(tui, (struct spot){.row = pen.row,
						     .col = area.col + columns[i].col,
						     .cols = (int)strlen(headings[i].title),
						     .sort = headings[i].sort});
	}
	if (right_cells > 0 && area.col + area.cols - 1 - right_cells > pen.col) {
		pen_to(&pen, area.col + area.cols - 1 - right_cells);
		pen_text(&pen, ROLE_DIM, right);
	}
}

/* "  ↓ 3 more: migrate  storybook  e2e      9 of 12" */
static void draw_more(struct tui *tui, struct area area, int line, uint32_t shown)
{
	struct pen pen = pen_at(&tui->cells, area, line, 3);
	uint32_t next = tui->list.top + shown;
	char count[48];
	int end;

	snprintf(count, sizeof count, "%u of %u", shown, tui->list.count);
	end = area.col + area.cols - 1 - (int)strlen(count);
	if (next < tui->list.count) {
		pen_format(&pen, ROLE_DIM, "↓ %u more", tui->list.count - next);
		if (area.cols >= 60)
			pen_text(&pen, ROLE_DIM, ":");
	} else {
		pen_format(&pen, ROLE_DIM, "↑ %u more", tui->list.top);
	}
	for (uint32_t i = next; i < tui->list.count && area.cols >= 60; i++) {
		const char *name = tui->list.rows[i]->identity.name;

		if (pen.col + 2 + text_cells(name, strlen(name)) > end - 2)
			break;
		pen_text(&pen, ROLE_DIM, i == next ? " " : "  ");
		pen_text(&pen, ROLE_DIM, name);
	}
	if (area.cols >= 60) {
		pen_to(&pen, end);
		pen_text(&pen, ROLE_DIM, count);
	}
}

static int longest_name(const struct list *list)
{
	int longest = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		const char *name = list->rows[i]->identity.name;
		int cells = text_cells(name, strlen(name));

		longest = cells > longest ? cells : longest;
	}
	return longest;
}

static void draw_empty(struct tui *tui, struct area area, int line)
{
	struct pen pen = pen_at(&tui->cells, area, line, 3);

	if (tui->list.filter[0]) {
		pen_format(&pen, ROLE_DIM, "no name holds \"%s\"; Esc shows all", tui->list.filter);
		return;
	}
	pen_rest(&pen, ROLE_DIM, "nothing runs here yet; n runs something");
}

/* The title of the list, where it has a line of its own. */
static void draw_list_title(struct tui *tui, struct area area)
{
	char left[BRM_NAME_MAX + 64], right[64];

	sort_text(tui, right);
	if (tui->list.filter[0])
		snprintf(left, sizeof left, "%u of %u processes: %s", tui->list.count, tui->list.total,
			 tui->list.filter);
	else
		snprintf(left, sizeof left, "%u process%s", tui->list.total, tui->list.total == 1 ? "" : "es");
	bars_rule(&tui->cells, area, 0, left, right);
}

/* "▾ running  7" before the first row of a group. */
static void draw_heading(struct tui *tui, struct area area, int line, uint32_t index)
{
	const struct list_group *group = list_heading(&tui->list, index);
	bool bar = tui->list.has_bar && index == tui->list.at && group->closed;
	struct pen pen = pen_at(&tui->cells, area, line, 0);

	pen_text(&pen, ROLE_ACCENT, bar ? "▌" : " ");
	pen_text(&pen, ROLE_DIM, group->closed ? "▸ " : "▾ ");
	pen_text(&pen, STYLE_BOLD, group->name);
	pen_format(&pen, ROLE_DIM, "  %u", group->count);
	if (bar)
		bars_mark(tui, area, line, 1, !tui->panes.on_log);
}

/* Rows from the top on, in so many lines. Returns the rows of which something is to be seen. */
static uint32_t draw_rows(struct tui *tui, struct area area, int line, int lines, const struct column_place *columns)
{
	int used = 0;
	uint32_t i = tui->list.top;

	for (; i < tui->list.count && used < lines; i++) {
		if (list_heading(&tui->list, i))
			draw_heading(tui, area, line + used++, i);
		if (!list_is_closed(&tui->list, i) && used < lines)
			draw_row(tui, area, line + used++, i, columns);
	}
	return i - tui->list.top;
}

/* The row in a line of the list; -1: none. *heading: it is the line of its group. */
int64_t processes_row(struct tui *tui, int line, bool *heading)
{
	int used = 0;

	for (uint32_t i = tui->list.top; i < tui->list.count && used <= line; i++) {
		*heading = list_heading(&tui->list, i) && used == line;
		if (line < used + list_lines(&tui->list, i))
			return i;
		used += list_lines(&tui->list, i);
	}
	return -1;
}

static int all_lines(struct list *list)
{
	int lines = (int)list->count;

	if (list->group_by == GROUP_BY_NOTHING)
		return lines;
	lines = 0;
	for (uint32_t i = 0; i < list->count; i++)
		lines += list_lines(list, i);
	return lines;
}

void processes_draw(struct tui *tui, struct area area)
{
	bool title = tui->frame.shape == SHAPE_BESIDE, heads = tui->frame.shape >= SHAPE_SINGLE;
	struct column_place columns[COLUMN_COUNT];
	int line = title + heads, rows = area.rows - line, shown;
	uint32_t seen;
	char right[64] = "";

	if (rows <= 0)
		return;
	layout_columns(area.cols, longest_name(&tui->list), tui->frame.shape == SHAPE_NARROW, columns);
	if (title)
		draw_list_title(tui, area);
	else
		sort_text(tui, right);
	if (heads)
		draw_headings(tui, area, title, columns, right);
	if (tui->list.count == 0)
		draw_empty(tui, area, line);
	/* The last line says what does not fit, but where every line counts. */
	shown = all_lines(&tui->list) > rows && tui->frame.shape != SHAPE_NARROW && rows > 2 ? rows - 1 : rows;
	list_scroll(&tui->list, (uint32_t)shown);
	seen = draw_rows(tui, area, line, shown, columns);
	if (shown < rows)
		draw_more(tui, area, line + shown, seen);
	tui->list_area = (struct area){area.row + line, area.col, shown, area.cols};
}
