/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tui.c - whatever a terminal sends to the screen, and whatever a process has it show
 *
 * The first byte says which: the bytes of a terminal are decoded in one piece and byte by byte, with the same events;
 * a line of a log is parsed, wrapped and drawn, and no cell may hold anything that a terminal acts on; the output of a
 * program goes through its terminal into cells, likewise.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/ansi.h"
#include "clients/tui/cells.h"
#include "clients/tui/errors.h"
#include "clients/tui/input.h"
#include "clients/tui/term.h"
#include "clients/tui/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EVENTS_MOST 8192u

static struct event events[2][EVENTS_MOST];

/* All events of the bytes, fed `piece` at a time. */
static size_t decode(const uint8_t *data, size_t size, size_t piece, struct event *out)
{
	static struct input input;
	size_t count = 0;

	memset(&input, 0, sizeof input);
	for (size_t at = 0; at < size;) {
		size_t n = size - at < piece ? size - at : piece;

		at += input_feed(&input, data + at, n);
		while (count < EVENTS_MOST && input_next(&input, false, &out[count]))
			count += out[count].kind != EVENT_NONE;
		if (count == EVENTS_MOST)
			return count;
	}
	for (unsigned i = 0; i < INPUT_MAX && count < EVENTS_MOST && input_next(&input, true, &out[count]); i++)
		count += out[count].kind != EVENT_NONE;
	return count;
}

static void fuzz_input(const uint8_t *data, size_t size)
{
	size_t whole = decode(data, size, INPUT_MAX, events[0]), pieces = decode(data, size, 1, events[1]);

	if (whole != pieces)
		abort();
	for (size_t i = 0; i < whole; i++)
		if (events[0][i].kind != events[1][i].kind || events[0][i].key != events[1][i].key ||
		    events[0][i].mods != events[1][i].mods || events[0][i].row != events[1][i].row)
			abort();
}

/* Nothing in a cell may be a control character, or half of a wide one without the other. */
static void check_cells(const struct cells *cells)
{
	for (int row = 0; row < cells->rows; row++)
		for (int col = 0; col < cells->cols; col++) {
			uint32_t code = cells_get(cells, row, col)->code;
			int width;

			if (code == 0 && col > 0 && cells_get(cells, row, col - 1)->code != 0)
				continue;
			if (code == 0 || code >= TEXT_BAD_BYTE || text_kind(code, &width) != TEXT_SHOWN)
				abort();
		}
}

static void fuzz_line(const uint8_t *data, size_t size)
{
	static struct ansi ansi;
	struct cells cells = {.rows = 0};
	struct error_frame frame;
	char kind[ERROR_KIND], message[ERROR_MESSAGE];
	size_t at = 0;

	if (cells_resize(&cells, 4, 17) != 0)
		return;
	ansi_parse((const char *)data, size, &ansi);
	for (int row = 0; row < 4; row++) {
		struct pen pen = pen_at(&cells, (struct area){0, 0, 4, 17}, row, 0);
		size_t end = ansi_wrap(&ansi, at, 16), style_end;

		if (end < at || (end == at && at < ansi.length))
			abort();
		ansi_style(&ansi, at, &style_end);
		pen_bytes(&pen, 0, ansi.text + at, end - at);
		at = end;
	}
	check_cells(&cells);
	cells_finish(&cells);
	error_split((const char *)data, size, kind, message);
	error_frame((const char *)data, size, &frame);
}

static void fuzz_program(const uint8_t *data, size_t size)
{
	struct cells cells = {.rows = 0};
	struct term *term;
	char out[64];
	int row, col;

	if (cells_resize(&cells, 6, 30) != 0 || term_open(5, 24, &term) != 0)
		return;
	term_feed(term, (const char *)data, size / 2);
	term_resize(term, 6, 30);
	term_feed(term, (const char *)data + size / 2, size - size / 2);
	term_key(term, K_UP, 0);
	while (term_take(term, out, sizeof out) > 0)
		;
	term_cursor(term, &row, &col);
	term_draw(term, &cells, (struct area){0, 0, 6, 30});
	check_cells(&cells);
	term_close(term);
	cells_finish(&cells);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *locale;

	if (!locale)
		locale = setlocale(LC_ALL, "C.UTF-8");
	if (size == 0 || size > 32768)
		return 0;
	switch (data[0] % 3) {
	case 0:
		fuzz_input(data + 1, size - 1);
		break;
	case 1:
		fuzz_line(data + 1, size - 1);
		break;
	default:
		fuzz_program(data + 1, size - 1);
		break;
	}
	return 0;
}
