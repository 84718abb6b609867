/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

/*
 * The Errors view: what went wrong, the same things as one, and beside it what is known of the one under the bar.
 */

#define BESIDE_COLS 72 /* from here on there is room for both */
#define AROUND      1  /* lines shown before and after it, at least */

static struct error_view *view_of(struct tui *tui)
{
	return &tui->errors;
}

static bool fits(const struct error_view *view, const struct error_group *group)
{
	return !error_is_aside(group) &&
	       (!view->filter[0] || strcasestr(group->name, view->filter) || strcasestr(group->kind, view->filter) ||
		strcasestr(group->message, view->filter));
}

static bool is_bar(const struct error_view *view, const struct error_group *group)
{
	return view->has_bar && group->group == view->bar_group && group->entry == view->bar_entry;
}

/* The groups that are wanted; the bar stays with its own. */
static void choose(struct error_view *view)
{
	int before = view->at;
	bool found = false;

	view->row_count = 0;
	for (uint32_t i = 0; i < view->all.count; i++) {
		if (!fits(view, &view->all.list[i]))
			continue;
		if (is_bar(view, &view->all.list[i])) {
			view->at = view->row_count;
			found = true;
		}
		view->rows[view->row_count++] = (uint16_t)i;
	}
	if (!found)
		view->at = before < view->row_count ? before : view->row_count - 1;
	if (view->at < 0)
		view->at = 0;
}

const struct error_group *error_current(const struct tui *tui)
{
	const struct error_view *view = &tui->errors;

	return view->row_count > 0 && view->at < view->row_count ? &view->all.list[view->rows[view->at]] : NULL;
}

static void keep_bar(struct tui *tui)
{
	const struct error_group *group = error_current(tui);
	struct error_view *view = view_of(tui);

	view->has_bar = group != NULL;
	if (group) {
		view->bar_group = group->group;
		view->bar_entry = group->entry;
	}
}

void errors_refresh(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	struct brm_reader *reader = tui->feed.source && !tui->feed.asking ? source_reader(tui->feed.source) : NULL;
	bool more = false;

	if (!snapshot)
		return;
	if (errors_look(&tui->errors.all, snapshot, reader, &more))
		tui->dirty = true;
	tui->errors.all.looked_boot_ns = now_read().boot_ns;
	tui->errors.due = more;
}

/* ---- the list ---- */

/* "✗ TypeError              web     ×2" */
static void draw_group(struct tui *tui, struct area area, int line, const struct error_group *group, bool current)
{
	char count[24], ago[WHEN_MAX], text[WHEN_MAX + 8];
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	int name = area.cols >= 44 ? 14 : 9, cells;

	snprintf(count, sizeof count, "×%llu", (unsigned long long)group->count);
	cells = text_cells(count, strlen(count));
	pen_text(&pen, ROLE_ACCENT, current && !tui->focus_lost ? "▌" : " ");
	pen_text(&pen, group->is_warning ? ROLE_WARN : ROLE_BAD, group->is_warning ? "! " : "✗ ");
	pen_cut(&pen, STYLE_BOLD, group->kind, area.cols - 3 - name - cells - 3);
	pen_text(&pen, 0, " ");
	pen_cut(&pen, theme_name_role(group->name), group->name, name);
	pen_text(&pen, 0, " ");
	pen_text(&pen, ROLE_TEXT, count);
	pen = pen_at(&tui->cells, area, line + 1, 3);
	snprintf(text, sizeof text, "%s ago", ticker_since(&tui->ticker, group->last.time_us * 1000, ago));
	cells = text_cells(text, strlen(text));
	pen_cut(&pen, ROLE_DIM, group->message, pen_left(&pen) - cells - 3);
	pen_text(&pen, 0, "  ");
	pen_text(&pen, ROLE_DIM, text);
	if (!current)
		return;
	cells_tint(&tui->cells, (struct area){area.row + line, area.col, 2, area.cols},
		   tui->focus_lost ? STYLE_BAR_IDLE : STYLE_BAR);
	tui->cursor_row = area.row + line;
	tui->cursor_col = area.col;
}

static uint64_t all_lines(const struct error_view *view)
{
	uint64_t sum = 0;

	for (int i = 0; i < view->row_count; i++)
		sum += view->all.list[view->rows[i]].count;
	return sum;
}

static void draw_list(struct tui *tui, struct area area)
{
	struct error_view *view = view_of(tui);
	char left[BRM_NAME_MAX + 64];
	uint64_t all = all_lines(view);

	if (view->filter[0])
		snprintf(left, sizeof left, "%d with \"%s\"", view->row_count, view->filter);
	else
		snprintf(left, sizeof left, "%d group%s, %llu error%s", view->row_count,
			 view->row_count == 1 ? "" : "s", (unsigned long long)all, all == 1 ? "" : "s");
	bars_rule(&tui->cells, area, 0, left, "newest ▲");
	area.row++;
	area.rows--;
	view->height = area.rows / 2;
	overlay_scroll(view->row_count, view->height, view->at, &view->top);
	for (int i = 0; i < view->height && view->top + i < view->row_count; i++)
		draw_group(tui, area, 2 * i, &view->all.list[view->rows[view->top + i]], view->top + i == view->at);
	tui->log_area = area;
	if (view->row_count == 0) {
		struct pen pen = pen_at(&tui->cells, area, 0, 1);

		pen_rest(&pen, ROLE_DIM,
			 view->filter[0]       ? "none like that; Esc shows all"
			 : view->all.count > 0 ? "all were set aside; X shows them again"
					       : "no error so far");
	}
}

/* ---- the one under the bar ---- */

struct detail {
	struct tui *tui;
	struct area area;
	int line;
	const struct error_group *group;
};

static struct pen begin(struct detail *detail, int col)
{
	return pen_at(&detail->tui->cells, detail->area, detail->line++, col);
}

/* A line of the log as text. False: it is gone. */
static bool read_line(struct detail *detail, uint64_t seq, struct brm_log_line *line, char *text, size_t size,
		      size_t *length)
{
	struct logset *set = &detail->tui->errors.set;
	struct logplace place = {0, seq};

	if (set->count == 0 || logset_line(set, place, line) != 0)
		return false;
	*length = logset_text(set, place, line, text, size);
	return true;
}

/* What it says, over as many rows as it takes, four at most. */
static void draw_message(struct detail *detail)
{
	static struct ansi text; /* of the loop's thread */
	const char *words = detail->group->message;
	size_t at = 0;

	ansi_parse(words, strlen(words), &text);
	for (int i = 0; i < 4 && (i == 0 || at < text.length); i++) {
		size_t end = ansi_wrap(&text, at, detail->area.cols - 2);
		struct pen pen = begin(detail, 1);

		pen_bytes(&pen, ROLE_TEXT, text.text + at, end - at);
		at = end;
	}
}

static void draw_times(struct detail *detail)
{
	const struct error_group *group = detail->group;
	const char *language = brm_language_word(group->last.language);
	char at[WHEN_MAX];
	struct pen pen;

	detail->line++;
	pen = begin(detail, 1);
	pen_text(&pen, ROLE_DIM, "first ");
	pen_text(&pen, ROLE_TEXT, when_clock(group->first_us * 1000, at));
	pen_text(&pen, ROLE_DIM, "   last ");
	pen_text(&pen, ROLE_TEXT, when_clock(group->last.time_us * 1000, at));
	pen_text(&pen, ROLE_DIM, "   stream ");
	pen_text(&pen, ROLE_TEXT, brm_stream_word((enum brm_stream)group->last.stream));
	if (*language)
		pen_format(&pen, ROLE_DIM, "   %s", language);
}

static void draw_frame_line(struct detail *detail, const struct error_frame *frame, bool own)
{
	struct pen pen = begin(detail, 2);
	int function = detail->area.cols >= 60 ? 20 : 14;

	pen_text(&pen, ROLE_ACCENT, own ? "▸ " : "  ");
	if (!frame->place[0]) {
		pen_rest(&pen, ROLE_DIM, frame->function);
		return;
	}
	pen_cut(&pen, own ? STYLE_BOLD : ROLE_TEXT, frame->function, function - 1);
	pen_text(&pen, 0, " ");
	pen.end--;
	pen_rest(&pen, own ? ROLE_TEXT : ROLE_DIM, frame->place);
}

static void draw_folded(struct detail *detail, unsigned folded)
{
	struct pen pen;

	if (folded == 0)
		return;
	pen = begin(detail, 4);
	pen_format(&pen, ROLE_DIM, "… %u frame%s in dependencies", folded, folded == 1 ? "" : "s");
}

/* Lines of it that are kept for the stack at most. */
#define STACK_MOST 200u

static void draw_stack(struct detail *detail, int rows)
{
	const struct brm_log_error *error = &detail->group->last;
	unsigned folded = 0;
	bool any = false, own = false;
	struct pen pen;

	for (uint32_t i = 0; i < error->lines && i < STACK_MOST && detail->line < rows; i++) {
		struct brm_log_line line;
		struct error_frame frame;
		char text[512];
		size_t length;

		if (i == error->message || !read_line(detail, error->seq + i, &line, text, sizeof text, &length) ||
		    line.stream != error->stream)
			continue;
		if (!any) {
			detail->line++;
			pen = begin(detail, 1);
			pen_text(&pen, STYLE_BOLD, "stack");
		}
		any = true;
		error_frame(text, length, &frame);
		if (frame.is_dependency && own) {
			folded++;
			continue;
		}
		draw_folded(detail, folded);
		folded = 0;
		draw_frame_line(detail, &frame, frame.place[0] && !frame.is_dependency && !own);
		own = own || (frame.place[0] && !frame.is_dependency);
	}
	draw_folded(detail, folded);
}

static void draw_log_line(struct detail *detail, uint64_t seq, bool here)
{
	static struct ansi parsed;
	struct brm_log_line line;
	char text[1024], at[WHEN_MAX];
	size_t length;
	struct pen pen;

	if (!read_line(detail, seq, &line, text, sizeof text, &length))
		return;
	ansi_parse(text, length, &parsed);
	pen = begin(detail, 2);
	pen_text(&pen, ROLE_DIM, when_clock(line.time_us * 1000, at));
	pen_text(&pen, line.level == BRM_LEVEL_ERROR ? ROLE_BAD : ROLE_WARN,
		 line.level == BRM_LEVEL_ERROR  ? " ✗ "
		 : line.level == BRM_LEVEL_WARN ? " ! "
						: "   ");
	parsed.text[parsed.length < ANSI_TEXT ? parsed.length : ANSI_TEXT - 1] = '\0';
	pen.end--;
	pen_rest(&pen, here ? STYLE_BOLD : ROLE_TEXT, parsed.text);
}

/* The lines before and after it, as many as there is room for. */
static void draw_around(struct detail *detail)
{
	const struct brm_log_error *error = &detail->group->last;
	int room = detail->area.rows - detail->line - 2, before;
	struct pen pen;

	if (room < 2 * AROUND + 1)
		return;
	detail->line++;
	pen = begin(detail, 1);
	pen_text(&pen, STYLE_BOLD, "around it");
	room = detail->area.rows - detail->line;
	before = room / 3 > 8 ? 8 : room / 3;
	for (uint64_t seq = error->seq > (uint64_t)before ? error->seq - (uint64_t)before : 0; seq < error->seq; seq++)
		draw_log_line(detail, seq, false);
	draw_log_line(detail, error->seq, true);
	for (uint64_t seq = error->seq + error->lines; detail->line < detail->area.rows && room-- > 0; seq++)
		draw_log_line(detail, seq, false);
}

/* The log of the process of the one under the bar is open for as long as the bar is there. */
static void open_log(struct tui *tui, const struct error_group *group)
{
	const struct process *process = group ? snapshot_find(feed_snapshot(&tui->feed), group->name) : NULL;
	struct brm_reader *reader = tui->feed.source && !tui->feed.asking ? source_reader(tui->feed.source) : NULL;

	logset_choose(&tui->errors.set, &process, process != NULL);
	if (process)
		logset_refresh(&tui->errors.set, feed_snapshot(&tui->feed), reader);
}

static void draw_detail(struct tui *tui, struct area area)
{
	const struct error_group *group = error_current(tui);
	char left[ERROR_KIND + BRM_NAME_MAX + 8], right[64];
	struct detail detail = {.tui = tui, .area = area, .group = group};

	if (!group)
		return;
	snprintf(left, sizeof left, "%s in %s", group->kind, group->name);
	snprintf(right, sizeof right, "%llu time%s", (unsigned long long)group->count, group->count == 1 ? "" : "s");
	bars_rule(&tui->cells, area, 0, left, right);
	detail.area.row++;
	detail.area.rows--;
	draw_message(&detail);
	draw_times(&detail);
	draw_stack(&detail, area.rows * 2 / 3);
	draw_around(&detail);
}

static void draw(struct tui *tui, struct area body)
{
	struct area list = body, detail = {body.row, 0, body.rows, 0};
	const struct error_group *group;

	errors_refresh(tui);
	choose(view_of(tui));
	keep_bar(tui);
	group = error_current(tui);
	open_log(tui, group);
	drawn_set(tui, group ? snapshot_find(feed_snapshot(&tui->feed), group->name) : NULL);
	if (body.cols >= BESIDE_COLS) {
		list.cols = body.cols * 2 / 5;
		detail.col = body.col + list.cols + 1;
		detail.cols = body.cols - list.cols - 1;
		for (int row = 0; row < body.rows; row++) {
			struct pen pen = pen_at(&tui->cells, body, row, list.cols);

			pen_text(&pen, ROLE_RULE, "│");
		}
		draw_detail(tui, detail);
	}
	draw_list(tui, list);
}

/* ---- keys ---- */

static void put_bar(struct tui *tui, int at)
{
	struct error_view *view = view_of(tui);

	at = at >= view->row_count ? view->row_count - 1 : at;
	view->at = at < 0 ? 0 : at;
	keep_bar(tui);
}

static void move(struct tui *tui, enum move move)
{
	put_bar(tui, tui->errors.at + move_rows(move, tui->errors.height));
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	int index = tui->errors.top + (row - tui->log_area.row) / 2;

	if (row < tui->log_area.row || col >= tui->log_area.col + tui->log_area.cols || index >= tui->errors.row_count)
		return;
	put_bar(tui, index);
	if (twice)
		act_error_log(tui);
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	(void)row;
	(void)col;
	put_bar(tui, tui->errors.at + (rows > 0) - (rows < 0));
}

static bool back(struct tui *tui)
{
	if (!tui->errors.filter[0])
		return false;
	tui->errors.filter[0] = '\0';
	return true;
}

static int count(const struct tui *tui)
{
	return (int)errors_open(&tui->errors.all);
}

void act_error_log(struct tui *tui)
{
	const struct error_group *group = error_current(tui);

	if (group)
		show_log_line(tui, group->name, group->last.seq);
}

void act_aside(struct tui *tui)
{
	struct error_view *view = view_of(tui);
	struct error_group *group =
		view->row_count > 0 && view->at < view->row_count ? &view->all.list[view->rows[view->at]] : NULL;

	if (!group)
		return;
	group->aside = group->last.number + 1;
	view->has_bar = false;
	tui_say(tui, TONE_DONE, "%s in %s is set aside until it happens again; X shows it", group->kind, group->name);
}

void act_unaside(struct tui *tui)
{
	for (uint32_t i = 0; i < tui->errors.all.count; i++)
		tui->errors.all.list[i].aside = 0;
}

/* The errors of the process that is meant. */
void act_process_errors(struct tui *tui)
{
	snprintf(tui->errors.filter, sizeof tui->errors.filter, "%s", tui->drawn.name);
	tui_show(tui, &view_errors);
}

/* ---- copying ---- */

#define COPY_AROUND 20u
#define COPY_MOST   (64u << 10)

static void copy_range(struct tui *tui, uint64_t from, uint64_t to, FILE *out)
{
	struct detail detail = {.tui = tui};

	for (uint64_t seq = from; seq < to; seq++) {
		struct brm_log_line line;
		char text[4096], clean[4096];
		size_t length;

		if (!read_line(&detail, seq, &line, text, sizeof text, &length))
			continue;
		length = brm_text_clean(text, length, clean, sizeof clean);
		fwrite(clean, 1, length, out);
		fputc('\n', out);
		if (ftell(out) > (long)COPY_MOST)
			return;
	}
}

/* Every occurrence of a group, as far as they are in the index still. */
static void copy_every(struct tui *tui, const struct error_group *group, FILE *out)
{
	struct brm_log *log = tui->errors.set.count > 0 ? tui->errors.set.sources[0].log : NULL;
	struct brm_log_error error;

	for (uint64_t number = 0; log && brm_log_errors(log, number, &error, 1) == 1; number = error.number + 1)
		if (error.group == group->group)
			copy_range(tui, error.seq, error.seq + error.lines, out);
}

void error_copy(struct tui *tui, bool all)
{
	const struct error_group *group = error_current(tui);
	char *text = NULL, what[96], bytes[WHEN_MAX];
	size_t length = 0;
	FILE *out = group ? open_memstream(&text, &length) : NULL;
	uint64_t from;

	if (!out)
		return;
	from = group->last.seq > COPY_AROUND ? group->last.seq - COPY_AROUND : 0;
	fprintf(out, "%s in %s: %s\n", group->kind, group->name, group->message);
	if (all)
		copy_every(tui, group, out);
	else
		copy_range(tui, from, group->last.seq + group->last.lines + COPY_AROUND, out);
	fclose(out);
	snprintf(what, sizeof what,
		 all ? "every occurrence (%s)" : "the error with its stack and the lines around it (%s)",
		 when_bytes(length, bytes));
	copy_text(tui, text, length, what);
	free(text);
}

const struct view view_errors = {
	.name = "Errors",
	.brief = "Err",
	.digit = 3,
	.bit = VIEW_ERRORS,
	.draw = draw,
	.move = move,
	.click = click,
	.wheel = wheel,
	.back = back,
	.count = count,
};
