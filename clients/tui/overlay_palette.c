/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/select.h"
#include "clients/tui/actions.h"
#include "clients/tui/commands.h"
#include "clients/tui/found.h"
#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

/*
 * The command palette: the table of commands by their names, what can be done to processes by name, and, at the end, a
 * search for what was typed, so that fingers that expect `/` to search lose nothing.
 */

#define ROWS_MAX 256

enum row_kind { ROW_COMMAND, ROW_VERB, ROW_LOGS, ROW_SHOW, ROW_HIDE, ROW_SCALE, ROW_SEARCH, ROW_FILTER };

struct row {
	enum row_kind kind;
	const struct command *command;
	enum brm_method method;
	char text[FIELD_MAX];   /* what stands there, and what Tab takes */
	char object[FIELD_MAX]; /* of a verb: a name or a glob; of a search: the text */
	char words[64];         /* beside it; "": the command's help */
	int rank;
	int order; /* among those of one rank */
};

static struct {
	struct row rows[ROWS_MAX];
	int count;
	int at;
	int top;
	int height;
} palette;

static const struct {
	const char *word;
	enum brm_method method;
	const char *words;
} verbs[] = {{"restart", BRM_RESTART, "restart it"},
	     {"start", BRM_START, "start it"},
	     {"stop", BRM_STOP, "stop it"},
	     {"logs", BRM_METHOD_COUNT, "show its log"}};

static struct row *add_row(enum row_kind kind, int rank)
{
	struct row *row = &palette.rows[palette.count];

	if (palette.count == ROWS_MAX)
		return NULL;
	*row = (struct row){.kind = kind, .rank = rank, .order = palette.count};
	palette.count++;
	return row;
}

static void add_verb(size_t verb, const char *object, const char *words, int rank)
{
	struct row *row = add_row(verbs[verb].method == BRM_METHOD_COUNT ? ROW_LOGS : ROW_VERB, rank);

	if (!row)
		return;
	row->method = verbs[verb].method;
	snprintf(row->object, sizeof row->object, "%s", object);
	snprintf(row->text, sizeof row->text, "%s %.*s", verbs[verb].word, FIELD_MAX - 10, object);
	snprintf(row->words, sizeof row->words, "%s", words);
}

/* "restart worker.*": how many that would be. */
static void add_glob(struct tui *tui, size_t verb, const char *object)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	unsigned fits = 0;
	char words[64];

	for (uint32_t i = 0; i < snapshot->count; i++)
		fits += select_matches(object, snapshot->processes[i].identity.name);
	snprintf(words, sizeof words, "%u match%s", fits, fits == 1 ? "es" : "");
	if (fits > 0 && verbs[verb].method != BRM_METHOD_COUNT)
		add_verb(verb, object, words, 9);
}

/* Verbs: for the bar's process as long as no name is begun, then for all whose name answers it. */
static void add_verbs(struct tui *tui, const char *typed)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	const char *blank = strchr(typed, ' ');

	for (size_t v = 0; v < sizeof verbs / sizeof *verbs && snapshot; v++) {
		size_t length = strlen(verbs[v].word);

		if (!blank && tui->drawn.name[0] && found_rank(verbs[v].word, typed) >= 2 && *typed)
			add_verb(v, tui->drawn.name, verbs[v].words, 8);
		if (!blank || (size_t)(blank - typed) != length || strncmp(typed, verbs[v].word, length) != 0)
			continue;
		for (uint32_t i = 0; i < snapshot->count; i++) {
			int rank = found_rank(snapshot->processes[i].identity.name, blank + 1);

			if (rank > 0)
				add_verb(v, snapshot->processes[i].identity.name, verbs[v].words, 4 + rank);
		}
		if (strpbrk(blank + 1, "*?["))
			add_glob(tui, v, blank + 1);
	}
}

/* What takes a text: "hide /health", "scale worker 3". */
static void add_texts(const char *typed)
{
	static const struct {
		enum row_kind kind;
		const char *word;
		const char *form;
		const char *words;
	} texts[] = {{ROW_SHOW, "show", "show TEXT", "only log lines that hold it; /TEXT/ is an expression"},
		     {ROW_HIDE, "hide", "hide TEXT", "no log lines that hold it; /TEXT/ is an expression"},
		     {ROW_SCALE, "scale", "scale NAME COUNT", "so many replicas of it"}};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		size_t length = strlen(texts[i].word);
		bool begun = strncmp(typed, texts[i].word, length) == 0 && typed[length] == ' ' && typed[length + 1];
		struct row *row = NULL;

		if (begun)
			row = add_row(texts[i].kind, 20);
		else if (*typed && strncmp(texts[i].form, typed, strlen(typed)) == 0)
			row = add_row(texts[i].kind, 7);
		if (!row)
			continue;
		if (begun)
			snprintf(row->object, sizeof row->object, "%s", typed + length + 1);
		snprintf(row->text, sizeof row->text, "%s", begun ? typed : texts[i].form);
		snprintf(row->words, sizeof row->words, "%s", texts[i].words);
	}
}

static void add_commands(const struct tui *tui, const char *typed)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		int rank = *typed ? found_rank(command->name, typed) : 1;
		struct row *row;

		if (!(command->views & tui->view->bit) || command->run == act_palette)
			continue;
		if (rank < 2 && *typed)
			continue;
		row = add_row(ROW_COMMAND, rank * 2);
		if (!row)
			return;
		row->command = command;
		snprintf(row->text, sizeof row->text, "%s", command->name);
	}
}

static void add_searches(const char *typed)
{
	static const struct {
		enum row_kind kind;
		const char *start;
		const char *words;
	} last[] = {{ROW_SEARCH, "search logs for", "as ^F in Logs"},
		    {ROW_FILTER, "filter processes by", "as ^F in Processes"}};

	for (size_t i = 0; *typed && i < 2; i++) {
		struct row *row = add_row(last[i].kind, 0);

		if (!row)
			return;
		snprintf(row->text, sizeof row->text, "%s \"%.*s\"", last[i].start, FIELD_MAX - 30, typed);
		snprintf(row->object, sizeof row->object, "%s", typed);
		snprintf(row->words, sizeof row->words, "%s", last[i].words);
	}
}

static int by_rank(const void *a, const void *b)
{
	const struct row *p = a, *q = b;

	return q->rank != p->rank ? q->rank - p->rank : p->order - q->order;
}

static void choose_rows(struct tui *tui)
{
	const char *typed = tui->field.text;

	palette.count = 0;
	if (typed[0] != '/') {
		add_verbs(tui, typed);
		add_commands(tui, typed);
		add_texts(typed);
		if (*typed)
			qsort(palette.rows, (size_t)palette.count, sizeof *palette.rows, by_rank);
	}
	add_searches(typed + (typed[0] == '/'));
	if (palette.at >= palette.count)
		palette.at = palette.count > 0 ? palette.count - 1 : 0;
}

/* ---- earlier commands ---- */

#define EARLIER 16

static struct {
	char list[EARLIER][FIELD_MAX]; /* newest first */
	int count;
	int at; /* -1: none of them is in the field */
} earlier = {.at = -1};

static void opened(struct tui *tui)
{
	(void)tui;
	palette.at = palette.top = 0;
	earlier.at = -1;
}

static void draw_row(struct tui *tui, struct area area, int line, int index)
{
	const struct row *row = &palette.rows[index];
	const char *why = row->command ? command_why_not(tui, row->command) : NULL;
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	int name = area.cols >= 70 ? 34 : area.cols - 2;
	char key[KEY_TEXT_MAX] = "";

	pen_text(&pen, ROLE_ACCENT, index == palette.at ? " ▌" : "  ");
	pen_cut(&pen, why ? ROLE_DIM : ROLE_TEXT, row->text, name - 2);
	if (area.cols >= 70) {
		if (row->command)
			command_key(row->command, 0, key);
		pen_text(&pen, 0, "  ");
		pen_cut(&pen, ROLE_DIM,
			why            ? why
			: row->command ? row->command->help
				       : row->words,
			pen_left(&pen) - 11);
		pen_text(&pen, 0, " ");
		pen_text(&pen, ROLE_ACCENT, key);
	}
	if (index == palette.at)
		cells_tint(&tui->cells, (struct area){area.row + line, area.col, 1, area.cols}, STYLE_BAR);
}

/* What Tab would add, behind what is typed. */
static void draw_ghost(struct tui *tui, struct area area, int line)
{
	const struct row *row = palette.count > 0 ? &palette.rows[palette.at] : NULL;
	const char *typed = tui->field.text;
	struct pen pen = pen_at(&tui->cells, area, line, tui->cursor_col - area.col + 1);

	if (row && row->kind < ROW_SEARCH && *typed && tui->field.cursor == tui->field.length &&
	    strncmp(row->text, typed, strlen(typed)) == 0)
		pen_rest(&pen, ROLE_DIM, row->text + strlen(typed));
}

/* At the bottom of the body: a rule, the rows, the field. */
static void draw(struct tui *tui, struct area body)
{
	int rows, want;
	char count[48];
	struct area area = body;

	choose_rows(tui);
	want = palette.count < 10 ? palette.count : 10;
	rows = want + 2 < body.rows ? want : body.rows - 2;
	rows = rows > 0 ? rows : 0;
	palette.height = rows;
	area.row = body.row + body.rows - rows - 2;
	area.rows = rows + 2;
	cells_clear_area(&tui->cells, area);
	snprintf(count, sizeof count, "%d of %d", palette.count > 0 ? palette.at + 1 : 0, palette.count);
	bars_rule(&tui->cells, area, 0, "commands", count);
	overlay_scroll(palette.count, rows, palette.at, &palette.top);
	for (int i = 0; i < rows && palette.top + i < palette.count; i++)
		draw_row(tui, area, 1 + i, palette.top + i);
	overlay_field(tui, area, rows + 1, " / ", "");
	draw_ghost(tui, area, rows + 1);
}

/* ---- doing it ---- */

static void search_for(struct tui *tui, const char *text)
{
	tui_show(tui, &view_logs);
	logpane_search(&tui->logs, text, false);
	tui_compose(tui); /* the lines that are searched are those of the view */
	logpane_jump(&tui->logs, JUMP_MATCH, true);
}

static void filter_by(struct tui *tui, const char *text)
{
	char left[BRM_NAME_MAX];

	tui_show(tui, &view_processes);
	snprintf(tui->list.filter, sizeof tui->list.filter, "%s", text);
	if (feed_snapshot(&tui->feed))
		list_update(&tui->list, feed_snapshot(&tui->feed), false, left);
}

static void send_verb(struct tui *tui, const struct row *row)
{
	const char *reason = why_no_supervisor(tui), *names[] = {row->object, NULL};
	const struct process *process = snapshot_find(feed_snapshot(&tui->feed), row->object);

	if (reason)
		tui_say(tui, TONE_FAILED, "cannot %s: %s", row->text, reason);
	else if (process)
		control_send(tui, row->method, row->object, row->method == BRM_START ? 0 : process->state.run);
	else
		control_send_names(tui, row->method, names);
}

static void filter_logs(struct tui *tui, const char *text, bool hide)
{
	int error;

	if (!*text)
		return;
	tui_show(tui, &view_logs);
	error = logpane_filter(&tui->logs, text, hide);
	if (error)
		tui_say(tui, TONE_FAILED, "cannot %s %s: %s", hide ? "hide" : "show", text,
			error == -ENOSPC ? "there are too many filters" : "it is no regular expression");
}

/* "worker 3" */
static void scale(struct tui *tui, const char *text)
{
	const char *blank = strrchr(text, ' '), *reason = why_no_supervisor(tui);
	char name[BRM_NAME_MAX], *end = NULL;
	unsigned long replicas = blank ? strtoul(blank + 1, &end, 10) : 0;

	if (!blank || end == blank + 1 || *end || replicas > 1000 || (size_t)(blank - text) >= sizeof name) {
		tui_say(tui, TONE_FAILED, "cannot scale: write a name and a number up to 1000, as in scale worker 3");
		return;
	}
	if (reason) {
		tui_say(tui, TONE_FAILED, "cannot scale: %s", reason);
		return;
	}
	snprintf(name, sizeof name, "%.*s", (int)(blank - text), text);
	control_scale(tui, name, (unsigned)replicas);
}

static void do_row(struct tui *tui)
{
	struct row row;

	if (palette.count == 0) {
		overlay_close(tui);
		return;
	}
	row = palette.rows[palette.at];
	overlay_close(tui);
	switch (row.kind) {
	case ROW_COMMAND:
		command_do(tui, row.command);
		break;
	case ROW_VERB:
		send_verb(tui, &row);
		break;
	case ROW_LOGS:
		show_log_at(tui, row.object, UINT64_MAX);
		break;
	case ROW_SHOW:
	case ROW_HIDE:
		filter_logs(tui, row.object, row.kind == ROW_HIDE);
		break;
	case ROW_SCALE:
		scale(tui, row.object);
		break;
	case ROW_SEARCH:
		search_for(tui, row.object);
		break;
	case ROW_FILTER:
		filter_by(tui, row.object);
		break;
	}
}

/* Up to the first word that is to be filled in. */
static void complete(struct tui *tui)
{
	const struct row *row = &palette.rows[palette.at];
	char text[FIELD_MAX];

	if (palette.count == 0 || row->kind >= ROW_SEARCH)
		return;
	snprintf(text, sizeof text, "%s", row->text);
	if (row->kind >= ROW_SHOW && !row->object[0])
		text[strcspn(text, " ") + 1] = '\0';
	field_set(&tui->field, text);
}

static void remember(const char *text)
{
	if (!*text || (earlier.count > 0 && strcmp(earlier.list[0], text) == 0))
		return;
	memmove(earlier.list[1], earlier.list[0], (EARLIER - 1) * sizeof earlier.list[0]);
	snprintf(earlier.list[0], sizeof earlier.list[0], "%s", text);
	earlier.count += earlier.count < EARLIER;
}

static bool step_earlier(struct tui *tui, const struct event *event)
{
	int by = event->key == 'p' ? 1 : -1;

	if (event->kind != EVENT_KEY || event->mods != MOD_CTRL || (event->key != 'p' && event->key != 'n'))
		return false;
	if (earlier.at + by < -1 || earlier.at + by >= earlier.count)
		return true;
	earlier.at += by;
	field_set(&tui->field, earlier.at < 0 ? "" : earlier.list[earlier.at]);
	palette.at = palette.top = 0;
	return true;
}

static bool event(struct tui *tui, const struct event *event)
{
	bool changed;

	if (event->kind == EVENT_KEY && (event->key == K_ENTER || event->key == K_ESC)) {
		if (event->key == K_ENTER) {
			remember(tui->field.text);
			do_row(tui);
		} else
			overlay_close(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_TAB) {
		complete(tui);
		return true;
	}
	if (step_earlier(tui, event))
		return true;
	if (event->kind == EVENT_KEY && event->key == K_RIGHT && tui->field.cursor == tui->field.length) {
		complete(tui);
		return true;
	}
	if (overlay_choose(event, palette.count, palette.height, &palette.at))
		return true;
	if (!field_event(&tui->field, event, &changed))
		return false;
	if (changed)
		palette.at = palette.top = 0;
	return true;
}

static void hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "Tab", "complete");
	overlay_hint(pen, "↑↓", "choose");
	overlay_hint(pen, "Enter", "run");
	overlay_hint(pen, "^P ^N", "earlier commands");
	overlay_hint(pen, "Esc", "back");
}

const struct overlay overlay_palette = {
	.opened = opened,
	.draw = draw,
	.event = event,
	.hints = hints,
};
