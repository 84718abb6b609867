/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/tui.h"

/*
 * What is known of one error: what it says, its stack, the lines around it; and the same as text to be copied.
 */

#define AROUND 1 /* lines shown before and after it, at least */

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
	if (frame->function[0]) {
		pen_cut(&pen, own ? STYLE_BOLD : ROLE_TEXT, frame->function, function - 1);
		pen_text(&pen, 0, " ");
	}
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

/* Blanks at the beginning of a text. */
static size_t leading_blanks(const char *text, size_t length)
{
	size_t blanks = 0;

	while (blanks < length && (text[blanks] == ' ' || text[blanks] == '\t' || text[blanks] == '\r'))
		blanks++;
	return blanks;
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
		    line.stream != error->stream || length == leading_blanks(text, length))
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

void error_detail(struct tui *tui, struct area area)
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
