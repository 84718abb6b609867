/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "clients/tui/term.h"

#include <errno.h>
#include <stdlib.h>

#ifdef HAVE_VTERM

#include <vterm.h>

#include "clients/tui/ansi.h"
#include "clients/tui/input.h"

/* libvterm does not bear less: a wide character in one column ends the program. */
#define LEAST_ROWS 2
#define LEAST_COLS 8

struct term {
	VTerm *vt;
	VTermScreen *screen;
	int rows;
	int cols;
	VTermPos cursor;
	bool cursor_visible;
	bool wants_mouse;
};

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *arg)
{
	struct term *term = arg;

	(void)old;
	(void)visible;
	term->cursor = pos;
	return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *arg)
{
	struct term *term = arg;

	if (property == VTERM_PROP_CURSORVISIBLE)
		term->cursor_visible = value->boolean;
	else if (property == VTERM_PROP_MOUSE)
		term->wants_mouse = value->number != VTERM_PROP_MOUSE_NONE;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.movecursor = on_cursor, .settermprop = on_property};

int term_open(int rows, int cols, struct term **out)
{
	struct term *term = calloc(1, sizeof *term);

	if (!term)
		return -ENOMEM;
	term->rows = rows < LEAST_ROWS ? LEAST_ROWS : rows;
	term->cols = cols < LEAST_COLS ? LEAST_COLS : cols;
	term->vt = vterm_new(term->rows, term->cols);
	if (!term->vt) {
		free(term);
		return -ENOMEM;
	}
	term->cursor_visible = true;
	vterm_set_utf8(term->vt, 1);
	term->screen = vterm_obtain_screen(term->vt);
	vterm_screen_set_callbacks(term->screen, &callbacks, term);
	vterm_screen_set_damage_merge(term->screen, VTERM_DAMAGE_SCROLL);
	vterm_screen_enable_altscreen(term->screen, 1);
	vterm_screen_reset(term->screen, 1);
	*out = term;
	return 0;
}

void term_close(struct term *term)
{
	if (term)
		vterm_free(term->vt);
	free(term);
}

void term_resize(struct term *term, int rows, int cols)
{
	rows = rows < LEAST_ROWS ? LEAST_ROWS : rows;
	cols = cols < LEAST_COLS ? LEAST_COLS : cols;
	if (rows == term->rows && cols == term->cols)
		return;
	term->rows = rows;
	term->cols = cols;
	vterm_set_size(term->vt, rows, cols);
}

void term_feed(struct term *term, const char *bytes, size_t length)
{
	vterm_input_write(term->vt, bytes, length);
	vterm_screen_flush_damage(term->screen);
}

static VTermModifier modifier(unsigned mods)
{
	return (VTermModifier)((mods & MOD_SHIFT ? VTERM_MOD_SHIFT : 0) | (mods & MOD_ALT ? VTERM_MOD_ALT : 0) |
			       (mods & MOD_CTRL ? VTERM_MOD_CTRL : 0));
}

void term_key(struct term *term, uint32_t key, unsigned mods)
{
	static const struct {
		uint32_t key;
		VTermKey code;
	} keys[] = {{K_ENTER, VTERM_KEY_ENTER}, {K_TAB, VTERM_KEY_TAB},        {K_BACKSPACE, VTERM_KEY_BACKSPACE},
		    {K_ESC, VTERM_KEY_ESCAPE},  {K_UP, VTERM_KEY_UP},          {K_DOWN, VTERM_KEY_DOWN},
		    {K_LEFT, VTERM_KEY_LEFT},   {K_RIGHT, VTERM_KEY_RIGHT},    {K_HOME, VTERM_KEY_HOME},
		    {K_END, VTERM_KEY_END},     {K_PAGE_UP, VTERM_KEY_PAGEUP}, {K_PAGE_DOWN, VTERM_KEY_PAGEDOWN},
		    {K_INSERT, VTERM_KEY_INS},  {K_DELETE, VTERM_KEY_DEL}};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].key == key) {
			vterm_keyboard_key(term->vt, keys[i].code, modifier(mods));
			return;
		}
	if (key >= K_F1 && key <= K_F12)
		vterm_keyboard_key(term->vt, (VTermKey)(VTERM_KEY_FUNCTION_0 + 1 + (int)(key - K_F1)), modifier(mods));
	else if (key <= 0x10ffff)
		vterm_keyboard_unichar(term->vt, key, modifier(mods));
}

void term_paste(struct term *term, bool begin)
{
	if (begin)
		vterm_keyboard_start_paste(term->vt);
	else
		vterm_keyboard_end_paste(term->vt);
}

void term_mouse(struct term *term, int row, int col, int button, bool press, unsigned mods)
{
	vterm_mouse_move(term->vt, row, col, modifier(mods));
	if (button > 0)
		vterm_mouse_button(term->vt, button, press, modifier(mods));
}

bool term_wants_mouse(const struct term *term)
{
	return term->wants_mouse;
}

size_t term_take(struct term *term, char *out, size_t size)
{
	return vterm_output_read(term->vt, out, size);
}

static int color_of(const VTermColor *color)
{
	if (VTERM_COLOR_IS_INDEXED(color))
		return color->indexed.idx;
	return (int)ansi_nearest(color->rgb.red, color->rgb.green, color->rgb.blue);
}

static uint32_t style_of(const VTermScreenCell *cell)
{
	uint32_t style = ROLE_TEXT;

	if (!VTERM_COLOR_IS_DEFAULT_FG(&cell->fg))
		style |= STYLE_FG(color_of(&cell->fg));
	if (!VTERM_COLOR_IS_DEFAULT_BG(&cell->bg))
		style |= STYLE_BG(color_of(&cell->bg));
	style |= cell->attrs.bold ? STYLE_BOLD : 0;
	style |= cell->attrs.underline ? STYLE_UNDERLINE : 0;
	style |= cell->attrs.italic ? STYLE_ITALIC : 0;
	style |= cell->attrs.reverse ? STYLE_REVERSE : 0;
	return style;
}

/* A cell is put at its own column, so that a width we see otherwise moves nothing else. */
static int draw_cell(const struct term *term, struct cells *cells, struct area area, int row, int col)
{
	struct pen pen = pen_at(cells, area, row, col);
	VTermScreenCell cell;
	uint32_t style;

	if (!vterm_screen_get_cell(term->screen, (VTermPos){row, col}, &cell))
		return 1;
	style = style_of(&cell);
	pen_code(&pen, style, cell.chars[0] ? cell.chars[0] : ' ');
	for (int i = 1; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[0] && cell.chars[i]; i++)
		pen_code(&pen, style, cell.chars[i]);
	return cell.width > 1 ? cell.width : 1;
}

void term_draw(const struct term *term, struct cells *cells, struct area area)
{
	for (int row = 0; row < area.rows && row < term->rows; row++)
		for (int col = 0; col < area.cols && col < term->cols;)
			col += draw_cell(term, cells, area, row, col);
}

bool term_cursor(const struct term *term, int *row, int *col)
{
	*row = term->cursor.row;
	*col = term->cursor.col;
	return term->cursor_visible;
}

#else

int term_open(int rows, int cols, struct term **out)
{
	(void)rows;
	(void)cols;
	(void)out;
	return -ENOTSUP;
}

void term_close(struct term *term)
{
	(void)term;
}

void term_resize(struct term *term, int rows, int cols)
{
	(void)term;
	(void)rows;
	(void)cols;
}

void term_feed(struct term *term, const char *bytes, size_t length)
{
	(void)term;
	(void)bytes;
	(void)length;
}

void term_key(struct term *term, uint32_t key, unsigned mods)
{
	(void)term;
	(void)key;
	(void)mods;
}

void term_paste(struct term *term, bool begin)
{
	(void)term;
	(void)begin;
}

void term_mouse(struct term *term, int row, int col, int button, bool press, unsigned mods)
{
	(void)term;
	(void)row;
	(void)col;
	(void)button;
	(void)press;
	(void)mods;
}

bool term_wants_mouse(const struct term *term)
{
	(void)term;
	return false;
}

size_t term_take(struct term *term, char *out, size_t size)
{
	(void)term;
	(void)out;
	(void)size;
	return 0;
}

void term_draw(const struct term *term, struct cells *cells, struct area area)
{
	(void)term;
	(void)cells;
	(void)area;
}

bool term_cursor(const struct term *term, int *row, int *col)
{
	(void)term;
	*row = *col = 0;
	return false;
}

#endif
