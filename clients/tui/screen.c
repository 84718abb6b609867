/* SPDX-License-Identifier: MIT */
#define NCURSES_WIDECHAR 1
#include "clients/tui/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <curses.h>

#define SYNC_BEGIN "\033[?2026h"
#define SYNC_END   "\033[?2026l"

struct screen {
	struct tty *tty;
	SCREEN *curses;
	FILE *out; /* the file in memory */
	FILE *in;  /* never read */
	int memory;
	int colors;
	enum theme theme;
	int rows;
	int cols;
	uint64_t *shown; /* hash of each line as the terminal has it */
	cchar_t *line;
	char *bytes;
	size_t bytes_size;
	bool cursor_visible;
	int cursor_row;
	int cursor_col;
};

/* What curses has written since the last call is dropped. */
static void rewind_memory(struct screen *screen)
{
	lseek(screen->memory, 0, SEEK_SET);
}

/* Set a variable, or take it away. Returns what it was, the caller's to free; NULL: nothing. */
static char *exchange(const char *name, const char *value)
{
	const char *old = getenv(name);
	char *kept = old ? strdup(old) : NULL;

	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
	return kept;
}

/* Curses asks the file for the terminal's size, which it has not; some descriptions have none either. */
static SCREEN *new_terminal(struct screen *screen)
{
	char *lines = exchange("LINES", "24"), *columns = exchange("COLUMNS", "80");
	SCREEN *curses = newterm(screen->tty->name, screen->out, screen->in);

	free(exchange("LINES", lines));
	free(exchange("COLUMNS", columns));
	free(lines);
	free(columns);
	return curses;
}

static int start_curses(struct screen *screen)
{
	screen->memory = memfd_create("brummer-tui", MFD_CLOEXEC);
	screen->out = screen->memory < 0 ? NULL : fdopen(screen->memory, "w");
	screen->in = fopen("/dev/null", "r");
	if (!screen->out || !screen->in)
		return -errno;
	screen->curses = new_terminal(screen);
	if (!screen->curses)
		return -ENOTSUP;
	if (start_color() == OK && use_default_colors() == OK && COLORS >= 8)
		screen->colors = COLORS;
	leaveok(stdscr, FALSE);
	idlok(stdscr, FALSE);
	typeahead(-1); /* a frame is never left half done because a key is waiting */
	curs_set(0);
	doupdate();
	rewind_memory(screen);
	clearok(curscr, TRUE);
	return 0;
}

int screen_open(struct tty *tty, struct screen **out)
{
	struct screen *screen = calloc(1, sizeof *screen);
	int error;

	if (!screen)
		return -ENOMEM;
	screen->tty = tty;
	screen->memory = -1;
	error = start_curses(screen);
	if (error) {
		screen_close(screen);
		return error;
	}
	*out = screen;
	return 0;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	if (screen->curses)
		delscreen(screen->curses);
	if (screen->out)
		fclose(screen->out);
	else if (screen->memory >= 0)
		close(screen->memory);
	if (screen->in)
		fclose(screen->in);
	free(screen->shown);
	free(screen->line);
	free(screen->bytes);
	free(screen);
}

void screen_redraw(struct screen *screen)
{
	if (screen->shown)
		memset(screen->shown, 0, (size_t)screen->rows * sizeof *screen->shown);
	clearok(curscr, TRUE);
}

void screen_resize(struct screen *screen, int rows, int cols)
{
	uint64_t *shown = realloc(screen->shown, (size_t)rows * sizeof *shown);
	cchar_t *line;

	if (shown)
		screen->shown = shown;
	line = realloc(screen->line, (size_t)cols * sizeof *line);
	if (line)
		screen->line = line;
	if (!shown || !line)
		return;
	screen->rows = rows;
	screen->cols = cols;
	resizeterm(rows, cols);
	screen_redraw(screen);
}

void screen_theme(struct screen *screen, enum theme theme)
{
	screen->theme = theme;
	screen_redraw(screen);
}

static attr_t attributes_of(unsigned style)
{
	return (style & STYLE_BOLD ? A_BOLD : 0) | (style & STYLE_UNDERLINE ? A_UNDERLINE : 0) |
	       (style & STYLE_REVERSE ? A_REVERSE : 0) | (style & STYLE_ITALIC ? A_ITALIC : 0);
}

static void set_cell(const struct screen *screen, const struct cell *cell, cchar_t *out)
{
	struct look look = theme_look(screen->theme, screen->colors, cell->style);
	wchar_t text[CELL_MARKS + 2] = {(wchar_t)cell->code};
	int pair = look.fg < 0 && look.bg < 0 ? 0 : alloc_pair(look.fg, look.bg);

	for (unsigned i = 0; i < CELL_MARKS && cell->mark[i]; i++)
		text[i + 1] = (wchar_t)cell->mark[i];
	if (pair < 0)
		pair = 0;
	if (setcchar(out, text, attributes_of(look.attributes), 0, &pair) != OK)
		setcchar(out, L"?", 0, 0, NULL);
}

static void draw_line(struct screen *screen, const struct cells *cells, int row)
{
	int count = 0;

	for (int col = 0; col < cells->cols; col++)
		if (cells_get(cells, row, col)->code != 0)
			set_cell(screen, cells_get(cells, row, col), &screen->line[count++]);
	mvadd_wchnstr(row, 0, screen->line, count);
}

static bool draw_lines(struct screen *screen, const struct cells *cells)
{
	bool changed = false;

	for (int row = 0; row < cells->rows; row++) {
		uint64_t hash = cells_hash(cells, row);

		if (hash == screen->shown[row])
			continue;
		draw_line(screen, cells, row);
		screen->shown[row] = hash;
		changed = true;
	}
	return changed;
}

/* One frame from the file in memory to the terminal's bytes. */
static void send_frame(struct screen *screen)
{
	off_t length = lseek(screen->memory, 0, SEEK_CUR);

	rewind_memory(screen);
	if (length <= 0)
		return;
	if ((size_t)length > screen->bytes_size) {
		char *bytes = realloc(screen->bytes, (size_t)length);

		if (!bytes)
			return;
		screen->bytes = bytes;
		screen->bytes_size = (size_t)length;
	}
	if (pread(screen->memory, screen->bytes, (size_t)length, 0) != length)
		return;
	if (screen->tty->sync)
		tty_print(screen->tty, SYNC_BEGIN);
	tty_put(screen->tty, screen->bytes, (size_t)length);
	if (screen->tty->sync)
		tty_print(screen->tty, SYNC_END);
}

bool screen_draw(struct screen *screen, const struct cells *cells, int row, int col, bool visible)
{
	bool changed;

	if (!screen->shown || !screen->line || cells->rows != screen->rows || cells->cols != screen->cols)
		return false;
	changed = draw_lines(screen, cells);
	if (!changed && row == screen->cursor_row && col == screen->cursor_col && visible == screen->cursor_visible)
		return false;
	if (visible != screen->cursor_visible)
		curs_set(visible);
	move(row, col);
	wnoutrefresh(stdscr);
	doupdate();
	screen->cursor_row = row;
	screen->cursor_col = col;
	screen->cursor_visible = visible;
	send_frame(screen);
	return true;
}
