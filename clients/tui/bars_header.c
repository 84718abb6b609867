/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "clients/tui/status.h"
#include "clients/tui/tui.h"

/*
 * The first line: the project, the views, and the sums that matter.
 */

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

#define HEADER_COLS 512 /* of the longest form that is measured */

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

/* What the header tells, whatever its form. */
struct sums {
	unsigned of[BRM_STATUS_COUNT];
	int views[VIEW_COUNT]; /* what each view counts */
	uint64_t cpu_permille;
	uint64_t memory;
	bool has_load;
};

static void add_up(struct tui *tui, struct sums *sums)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	*sums = (struct sums){0};
	for (int i = 0; views[i]; i++)
		sums->views[i] = views[i]->count ? views[i]->count(tui) : 0;
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

static void header_view(struct tui *tui, const struct view *view, int count, int names, struct pen *pen)
{
	uint32_t style = view == tui->view ? ROLE_ACCENT : ROLE_TEXT;
	const char *name = names == 2 ? view->name : names == 1 ? view->brief : "";
	bool current = view == tui->view;
	int col = pen->col;

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

static void header_views(struct tui *tui, const struct sums *sums, const struct header_form *form, struct pen *pen)
{
	for (int i = 0; views[i] && !form->no_views; i++)
		header_view(tui, views[i], sums->views[i], form->names, pen);
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

static void header_left(struct tui *tui, const struct sums *sums, const struct header_form *form, struct pen *pen)
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
		header_views(tui, sums, form, pen);
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
	header_left(tui, sums, form, &left);
	tui->spot_count = spots;
	return left.col + right.col + 1;
}

void bars_draw_header(struct tui *tui)
{
	const struct header_form *form = header_forms;
	struct area area = tui->frame.header;
	struct cell line[HEADER_COLS] = {{0}};
	struct cells scratch = {.rows = 1, .cols = HEADER_COLS, .ascii = tui->cells.ascii, .at = line};
	struct sums sums;
	struct pen pen;
	int right;

	add_up(tui, &sums);
	for (size_t i = 0; i + 1 < sizeof header_forms / sizeof *header_forms; i++, form++)
		if (form_cells(tui, &sums, form, &scratch) <= area.cols - 1)
			break;
	pen = scratch_pen(&scratch);
	header_right(tui, &sums, form, &pen);
	right = pen.col;
	area.cols--;
	pen = pen_at(&tui->cells, area, 0, tui->frame.shape == SHAPE_TINY ? 0 : 1);
	if (tui->frame.shape != SHAPE_TINY) {
		header_left(tui, &sums, form, &pen);
		pen_to(&pen, area.col + area.cols - right);
	} else {
		pen.end++;
	}
	header_right(tui, &sums, form, &pen);
}
