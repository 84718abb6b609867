/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/commands.h"
#include "clients/tui/status.h"
#include "clients/tui/text.h"

#define DONE_NS UINT64_C(5000000000)

/* ---- messages ---- */

void tui_say(struct tui *tui, enum tone tone, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tui->message.text, sizeof tui->message.text, format, args);
	va_end(args);
	tui->message.tone = tone;
	tui->message.until_boot_ns = tone == TONE_FAILED ? 0 : now_read().boot_ns + DONE_NS;
	tui->asked = NULL;
	tui->dirty = true;
}

void tui_ask(struct tui *tui, uint32_t again, void (*yes)(struct tui *tui), const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tui->message.text, sizeof tui->message.text, format, args);
	va_end(args);
	tui->message.tone = TONE_NEWS;
	tui->message.until_boot_ns = 0;
	tui->asked = yes;
	tui->asked_again = again;
}

static void message_text(const struct tui *tui, struct pen *pen)
{
	const struct message *message = &tui->message;

	if (tui->asked) {
		pen_text(pen, ROLE_WARN | STYLE_BOLD, "? ");
		pen_text(pen, STYLE_BOLD, message->text);
		pen_text(pen, ROLE_ACCENT, "  y/N");
		return;
	}
	if (message->tone == TONE_DONE)
		pen_text(pen, ROLE_OK, "✓ ");
	else if (message->tone == TONE_FAILED)
		pen_text(pen, ROLE_BAD, "! ");
	pen_rest(pen, ROLE_TEXT, message->text);
}

/* The worst that is so now, for when there is no message: the newest failure, then the next restart. */
static const struct process *worst(const struct snapshot *snapshot)
{
	const struct process *found = NULL;

	for (uint32_t i = 0; snapshot && i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];
		enum brm_status status = brm_state_status(&process->state);

		if (status != BRM_FAILED && status != BRM_BACKOFF)
			continue;
		if (!found || process->state.end_ns > found->state.end_ns)
			found = process;
	}
	return found;
}

static void trouble_text(struct tui *tui, const struct process *process, struct pen *pen)
{
	const struct brm_state *state = &process->state;
	struct status_look look = status_look(brm_state_status(state));
	char note[WHEN_MAX], line[512];
	int used;

	pen_text(pen, look.role, look.shape);
	status_note(&tui->ticker, state, note);
	if (brm_state_status(state) == BRM_BACKOFF)
		used = snprintf(line, sizeof line, " %s starts again %s (%u restart%s)", process->identity.name, note,
				state->restarts, state->restarts == 1 ? "" : "s");
	else
		used = snprintf(line, sizeof line, " %s failed: %s", process->identity.name,
				note[0] ? note : state->reason);
	if (state->last_error[0] && used > 0 && (size_t)used < sizeof line)
		snprintf(line + used, sizeof line - (size_t)used, ": %s", state->last_error);
	pen_rest(pen, ROLE_TEXT, line);
}

/* "12:44:07" at the right end of the message line, when that is wanted. Returns the cells it takes. */
static int draw_clock(struct tui *tui, struct area area)
{
	char at[WHEN_MAX];
	uint64_t now = tui->ticker.now.real_ns, second = UINT64_C(1000000000);
	struct pen pen;

	if (!tui->options.clock || area.cols < 40)
		return 0;
	when_clock(now, at);
	ticker_at(&tui->ticker, tui->ticker.now.boot_ns + second - now % second);
	pen = pen_at(&tui->cells, area, 0, area.cols - (int)strlen(at));
	pen_text(&pen, ROLE_DIM, at);
	return (int)strlen(at) + 1;
}

void bars_draw_message(struct tui *tui)
{
	struct area area = tui->frame.message.rows > 0 ? tui->frame.message : tui->frame.hints;
	bool shares = tui->frame.message.rows == 0;
	const struct process *process;
	struct pen pen;

	if (area.rows == 0)
		return;
	area.cols--;
	if (!shares)
		area.cols -= draw_clock(tui, area);
	pen = pen_at(&tui->cells, area, 0, 1);
	if (tui->message.until_boot_ns && tui->ticker.now.boot_ns >= tui->message.until_boot_ns)
		tui->message.text[0] = '\0';
	if (tui->message.text[0]) {
		if (shares)
			cells_clear_area(&tui->cells, area);
		if (tui->message.until_boot_ns)
			ticker_at(&tui->ticker, tui->message.until_boot_ns);
		message_text(tui, &pen);
	} else if (!shares && feed_commandable(&tui->feed) && (process = worst(feed_snapshot(&tui->feed)))) {
		trouble_text(tui, process, &pen);
	}
}

/* ---- clicks ---- */

void bars_spot(struct tui *tui, struct spot spot)
{
	if (tui->spot_count < SPOTS_MAX)
		tui->spots[tui->spot_count++] = spot;
}

static void sort_by(struct tui *tui, enum sort sort)
{
	char left[BRM_NAME_MAX];

	tui->list.reverse = tui->list.sort == sort && !tui->list.reverse;
	tui->list.sort = sort;
	if (feed_snapshot(&tui->feed))
		list_update(&tui->list, feed_snapshot(&tui->feed), false, left);
}

bool bars_click(struct tui *tui, int row, int col)
{
	for (unsigned i = 0; i < tui->spot_count; i++) {
		const struct spot *spot = &tui->spots[i];

		if (row != spot->row || col < spot->col || col >= spot->col + spot->cols)
			continue;
		if (spot->view)
			tui_show(tui, spot->view);
		else if (spot->act)
			spot->act(tui);
		else if (spot->pick)
			spot->pick(tui, spot->arg);
		else
			sort_by(tui, spot->sort);
		return true;
	}
	return false;
}

/* ---- rules ---- */

void bars_rule(struct cells *cells, struct area area, int line, const char *left, const char *right)
{
	struct pen pen = pen_at(cells, area, line, 0);
	int right_cells = text_cells(right, strlen(right));
	int end;

	pen_text(&pen, ROLE_RULE, "──");
	if (*left) {
		pen_text(&pen, 0, " ");
		pen_cut(&pen, STYLE_BOLD, left,
			text_cells(left, strlen(left)) < pen_left(&pen) - 3 ? text_cells(left, strlen(left))
									    : pen_left(&pen) - 3);
		pen_text(&pen, 0, " ");
	}
	end = pen.end - (right_cells > 0 ? right_cells + 5 : 0);
	if (end <= pen.col + 2) {
		right_cells = 0;
		end = pen.end;
	}
	while (pen.col < end)
		pen_text(&pen, ROLE_RULE, "─");
	if (right_cells > 0) {
		pen_text(&pen, 0, " ");
		pen_text(&pen, ROLE_DIM, right);
		pen_text(&pen, 0, " ");
		pen_text(&pen, ROLE_RULE, "──");
	}
	pen_text(&pen, 0, " ");
}

/* ---- header ---- */

/* How the header is written: the first that fits is taken. */
struct header_form {
	bool program; /* "brummer" before the project */
	int names;    /* 2: the views' names, 1: brief ones, 0: digits */
	bool words;   /* "6 up" */
	bool load;    /* cpu and memory */
	bool no_project;
	bool no_views;
	bool tight; /* no blanks between the sums */
};

static const struct header_form header_forms[] = {
	{.program = true, .names = 2, .words = true, .load = true},
	{.program = true, .names = 2, .words = true},
	{.names = 2, .words = true},
	{.names = 1, .words = false},
	{.names = 0, .words = false},
	{.no_views = true},
	{.no_project = true, .no_views = true},
	{.no_project = true, .no_views = true, .tight = true},
};

static void header_view(struct tui *tui, const struct view *view, int names, struct pen *pen)
{
	uint32_t style = view == tui->view ? ROLE_ACCENT : ROLE_TEXT;
	const char *name = names == 2 ? view->name : names == 1 ? view->brief : "";
	bool current = view == tui->view;
	int col = pen->col, count = view->count ? view->count(tui) : 0;

	if (current || names > 0)
		pen_text(pen, style, current ? "[" : " ");
	pen_format(pen, style, "%d%s%s", view->digit, *name ? " " : "", name);
	if (count > 0)
		pen_format(pen, style, names == 2 ? " %d" : "·%d", count);
	if (current || names > 0)
		pen_text(pen, style, current ? "]" : " ");
	bars_spot(tui, (struct spot){.row = pen->row, .col = col, .cols = pen->col - col, .view = view});
	pen_text(pen, 0, names == 1 ? "" : " ");
}

static void header_views(struct tui *tui, const struct header_form *form, struct pen *pen)
{
	for (int i = 0; views[i] && !form->no_views; i++)
		header_view(tui, views[i], form->names, pen);
}

struct sums {
	unsigned of[BRM_STATUS_COUNT];
	uint64_t cpu_permille;
	uint64_t memory;
	bool has_load;
};

static void add_up(struct tui *tui, struct sums *sums)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	*sums = (struct sums){0};
	for (uint32_t i = 0; snapshot && i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];
		enum brm_status status = brm_state_status(&process->state);
		const struct memo *memo = list_memo(&tui->list, process);

		sums->of[status < BRM_STATUS_COUNT ? status : BRM_ABSENT]++;
		if (!brm_status_is_alive(status) || memo->metrics.time_ns == 0)
			continue;
		sums->cpu_permille += memo->metrics.cpu_permille;
		sums->memory += memo->metrics.memory_bytes;
		sums->has_load = true;
	}
}

static void header_sums(const struct sums *sums, const struct header_form *form, struct pen *pen)
{
	static const struct {
		enum brm_status status;
		const char *word;
	} shown[] = {{BRM_RUNNING, " up"}, {BRM_STARTING, ""}, {BRM_FAILED, ""}, {BRM_BACKOFF, ""}};
	const char *gap = "";
	char size[WHEN_MAX];

	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		struct status_look look = status_look(shown[i].status);

		if (sums->of[shown[i].status] == 0)
			continue;
		pen_text(pen, 0, gap);
		pen_text(pen, look.role, look.shape);
		pen_format(pen, ROLE_TEXT, "%s%u%s", form->words ? " " : "", sums->of[shown[i].status],
			   form->words ? shown[i].word : "");
		gap = form->words ? "  " : form->tight ? "" : " ";
	}
	if (form->load && sums->has_load)
		pen_format(pen, ROLE_TEXT, "%scpu %u%%  mem %s", gap, (unsigned)((sums->cpu_permille + 5) / 10),
			   when_bytes(sums->memory, size));
}

static const char *health_words(const struct tui *tui)
{
	if (first_run_is(tui))
		return "nothing runs here yet";
	switch (tui->feed.health) {
	case HEALTH_DEAD:
	case HEALTH_ENDED:
		return "✗ no supervisor";
	case HEALTH_UNREADABLE:
		return "✗ cannot be read";
	case HEALTH_NONE:
	case HEALTH_LIVE:
	case HEALTH_STUCK:
	case HEALTH_RESTART:
		break;
	}
	return "";
}

static void header_right(const struct tui *tui, const struct sums *sums, const struct header_form *form,
			 struct pen *pen)
{
	const char *words = health_words(tui);

	if (tui->frame.shape <= SHAPE_NARROW)
		words = "";
	if (*words)
		pen_text(pen, first_run_is(tui) ? ROLE_DIM : ROLE_BAD, words);
	else
		header_sums(sums, form, pen);
}

static void header_left(struct tui *tui, const struct header_form *form, struct pen *pen)
{
	bool first = first_run_is(tui);

	if (form->program || first)
		pen_text(pen, ROLE_TEXT, "brummer ");
	if (first)
		pen_text(pen, ROLE_TEXT, " ");
	if (!form->no_project || first)
		pen_text(pen, STYLE_BOLD, first ? tui->dir : tui->project);
	pen_text(pen, 0, form->program || form->no_project ? "  " : " ");
	if (!first)
		header_views(tui, form, pen);
}

/* A pen on a line of its own that is thrown away: for measuring. */
static struct pen scratch_pen(struct cells *scratch)
{
	return pen_at(scratch, (struct area){0, 0, 1, scratch->cols}, 0, 0);
}

static int form_cells(struct tui *tui, const struct sums *sums, const struct header_form *form, struct cells *scratch)
{
	struct pen left = scratch_pen(scratch), right = scratch_pen(scratch);
	unsigned spots = tui->spot_count;

	header_right(tui, sums, form, &right);
	if (tui->frame.shape == SHAPE_TINY)
		return right.col - 1;
	header_left(tui, form, &left);
	tui->spot_count = spots;
	return left.col + right.col + 1;
}

void bars_draw_header(struct tui *tui)
{
	const struct header_form *form = header_forms;
	struct area area = tui->frame.header;
	struct cells scratch = {.ascii = tui->cells.ascii};
	struct sums sums;
	struct pen pen;
	int right;

	if (cells_resize(&scratch, 1, 512) != 0)
		return;
	add_up(tui, &sums);
	for (size_t i = 0; i + 1 < sizeof header_forms / sizeof *header_forms; i++, form++)
		if (form_cells(tui, &sums, form, &scratch) <= area.cols - 1)
			break;
	pen = scratch_pen(&scratch);
	header_right(tui, &sums, form, &pen);
	right = pen.col;
	cells_finish(&scratch);
	area.cols--;
	pen = pen_at(&tui->cells, area, 0, tui->frame.shape == SHAPE_TINY ? 0 : 1);
	if (tui->frame.shape != SHAPE_TINY) {
		header_left(tui, form, &pen);
		pen_to(&pen, area.col + area.cols - right);
	} else {
		pen.end++;
	}
	header_right(tui, &sums, form, &pen);
}

/* ---- hints ---- */

static int by_rank(const void *a, const void *b)
{
	const struct command *p = *(const struct command *const *)a, *q = *(const struct command *const *)b;

	return p->rank - q->rank;
}

/* The commands of this view with a hint that are possible now, most useful first. */
static unsigned hinted(const struct tui *tui, const struct command **out, unsigned max)
{
	unsigned count = 0;

	for (size_t i = 0; i < command_count && count < max; i++)
		if (commands[i].hint && commands[i].views & tui->view->bit && !command_why_not(tui, &commands[i]))
			out[count++] = &commands[i];
	qsort(out, count, sizeof *out, by_rank);
	return count;
}

static void draw_hint(struct pen *pen, const char *key, const char *words)
{
	pen_text(pen, ROLE_ACCENT, key);
	pen_text(pen, 0, *words ? " " : "");
	pen_text(pen, ROLE_DIM, words);
}

/* The hints that are always there, from the right edge. Returns where they begin. */
static int draw_last_hints(struct tui *tui, struct area area)
{
	static const struct {
		const char *key;
		const char *words[4]; /* from much room to little */
		void (*act)(struct tui *tui);
	} last[] = {{"?", {"all keys", "keys", "keys", ""}, act_help},
		    {"q", {"leave, all keep running", "leave", NULL, NULL}, act_quit}};
	int form = area.cols >= 110 ? 0 : area.cols >= 60 ? 1 : area.cols >= 30 ? 2 : 3;
	int width = 0, start;
	struct pen pen;

	for (size_t i = 0; i < 2; i++)
		if (last[i].words[form])
			width += 1 + (*last[i].words[form] ? 1 : 0) + (int)strlen(last[i].words[form]) + (i ? 2 : 0);
	start = area.col + area.cols - 1 - width;
	pen = pen_at(&tui->cells, area, 0, start - area.col);
	for (size_t i = 0; i < 2; i++) {
		int col;

		if (!last[i].words[form])
			continue;
		pen_text(&pen, 0, i ? "  " : "");
		col = pen.col;
		draw_hint(&pen, last[i].key, last[i].words[form]);
		bars_spot(tui, (struct spot){.row = pen.row, .col = col, .cols = pen.col - col, .act = last[i].act});
	}
	return start;
}

static void draw_view_hints(struct tui *tui, struct pen *pen)
{
	const struct command *list[64];
	unsigned count = hinted(tui, list, 64);
	bool narrow = tui->frame.hints.cols < 30, brief = tui->frame.hints.cols < 60;
	char key[KEY_TEXT_MAX];

	for (unsigned i = 0; i < count; i++) {
		const char *words = narrow || (brief && i > 0) ? "" : list[i]->hint;
		int col = pen->col, need;

		command_key(list[i], 0, key);
		if (narrow && strlen(key) > 1)
			continue;
		need = text_cells(key, strlen(key)) + (*words ? 1 + (int)strlen(words) : 0);
		if (need + 2 > pen_left(pen))
			break;
		draw_hint(pen, key, words);
		bars_spot(tui, (struct spot){.row = pen->row, .col = col, .cols = need, .act = list[i]->run});
		pen_text(pen, 0, narrow ? " " : "  ");
	}
}

void bars_draw_hints(struct tui *tui)
{
	struct area area = tui->frame.hints;
	struct pen pen = pen_at(&tui->cells, area, 0, 1);
	int lines;

	if (area.rows == 0)
		return;
	if (tui->overlay) {
		tui->overlay->hints(tui, &pen);
		return;
	}
	pen.end = draw_last_hints(tui, area);
	if (first_run_is(tui)) {
		first_run_hints(tui, &pen);
		return;
	}
	lines = (int)tui->list.count - (int)tui->list.top - tui->split.list.rows;
	if (tui->frame.shape == SHAPE_NARROW && tui->view == &view_processes && lines > 0)
		pen_format(&pen, ROLE_DIM, "↓%d  ", lines);
	draw_view_hints(tui, &pen);
}
