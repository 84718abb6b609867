/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "clients/tui/commands.h"
#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

/*
 * Help: the command table, in columns, or, as soon as something is typed, as a list of what fits; Enter does it.
 */

#define LINES_MAX 128

static struct {
	const struct command *rows[LINES_MAX];
	int count;
	int at;
	int top;
	int height;
	bool list; /* not in columns */
} help;

#define KEYS_COLS 9 /* cells for the keys of a line */

/* "1" and 2 are "1-2", and 3 makes that "1-3". */
static void join_digit(char *out, size_t size, char digit)
{
	size_t used = strlen(out);

	if (used >= 3 && out[used - 2] == '-')
		out[used - 1] = digit;
	else if (used + 3 < size)
		snprintf(out + used, size - used, "-%c", digit);
}

/* Add a key to a list of them, if there is room and it is not among them. */
static void join_key(char *out, size_t size, const char *key)
{
	size_t used = strlen(out), length = strlen(key);

	if (length == 1 && used > 0 && isdigit((unsigned char)*key) && out[used - 1] == *key - 1) {
		join_digit(out, size, *key);
		return;
	}
	for (const char *at = out; (at = strstr(at, key)); at += length)
		if ((at == out || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return;
	if (used > 0 && text_cells(out, used) + 1 + text_cells(key, length) > KEYS_COLS)
		return;
	if (used + length + 2 < size)
		snprintf(out + used, size - used, "%s%s", used ? " " : "", key);
}

/* "j k ↓ ↑": the keys of neighbours that share a label, first keys first. Returns the commands taken. */
static size_t join_keys(size_t from, char *out, size_t size)
{
	const struct command *first = &commands[from];
	char key[KEY_TEXT_MAX];
	size_t many = 1;
	bool more = true;

	while (from + many < command_count && first->label && commands[from + many].label &&
	       commands[from + many].group == first->group && strcmp(commands[from + many].label, first->label) == 0)
		many++;
	out[0] = '\0';
	for (unsigned n = 0; more; n++) {
		more = false;
		for (size_t i = from; i < from + many; i++)
			if (command_key(&commands[i], n, key)) {
				join_key(out, size, key);
				more = true;
			}
	}
	return many;
}

static void choose_rows(struct tui *tui)
{
	help.count = 0;
	for (size_t i = 0; i < command_count && help.count < LINES_MAX; i++) {
		const struct command *command = &commands[i];
		bool fits = !tui->field.text[0] || strcasestr(command->name, tui->field.text) ||
			    strcasestr(command->help, tui->field.text);
		char key[KEY_TEXT_MAX];

		for (unsigned n = 0; !fits && command_key(command, n, key); n++)
			fits = strcasecmp(key, tui->field.text) == 0;
		if (fits && command->views & tui->view->bit)
			help.rows[help.count++] = command;
	}
	if (help.at >= help.count)
		help.at = help.count > 0 ? help.count - 1 : 0;
}

static void opened(struct tui *tui)
{
	(void)tui;
	help.at = help.top = 0;
}

/* One group as a column of "key  label" lines; returns the lines it took. */
static int draw_group(struct tui *tui, struct area area, enum group group)
{
	struct pen pen = pen_at(&tui->cells, area, 0, 0);
	int line = 1;

	pen_text(&pen, STYLE_BOLD, group_titles[group]);
	for (size_t i = 0, many; i < command_count; i += many) {
		const struct command *command = &commands[i];
		bool here = command->views & tui->view->bit && !command_why_not(tui, command);
		char keys[64];

		many = join_keys(i, keys, sizeof keys);
		if (command->group != group || !command->label)
			continue;
		pen = pen_at(&tui->cells, area, line++, 0);
		pen_cut(&pen, here ? ROLE_ACCENT : ROLE_DIM, keys, KEYS_COLS);
		pen_text(&pen, 0, " ");
		pen_cut(&pen, here ? ROLE_TEXT : ROLE_DIM, command->label, pen_left(&pen) - 1);
	}
	return line;
}

static int group_lines(enum group group)
{
	int lines = 1;
	char keys[64];

	for (size_t i = 0, many; i < command_count; i += many) {
		many = join_keys(i, keys, sizeof keys);
		lines += commands[i].group == group && commands[i].label;
	}
	return lines;
}

/* The groups beside each other: moving, processes, what is special here; the last is that of everywhere. */
static enum group group_of(const struct tui *tui, int column)
{
	static const enum group fixed[] = {GROUP_MOVE, GROUP_PROCESSES, GROUP_LOGS, GROUP_EVERYWHERE};

	const struct {
		const struct view *view;
		enum group group;
	} own[] = {{&view_errors, GROUP_ERRORS},
		   {&view_urls, GROUP_URLS},
		   {&view_events, GROUP_EVENTS},
		   {&view_about, GROUP_ABOUT}};

	for (size_t i = 0; column == 2 && i < sizeof own / sizeof *own; i++)
		if (tui->view == own[i].view)
			return own[i].group;
	return fixed[column];
}

static int columns_height(const struct tui *tui, int columns)
{
	int height = 0, last = group_lines(GROUP_EVERYWHERE);

	for (int i = 0; i < 3; i++)
		height = group_lines(group_of(tui, i)) > height ? group_lines(group_of(tui, i)) : height;
	if (columns == 4)
		return height > last ? height : last;
	return height + 1 + (last - 1 + columns - 1) / columns;
}

/* The last group below the others, without a title, its lines spread over their columns. */
static void draw_everywhere(struct tui *tui, struct area area, int columns, int width)
{
	int each = (group_lines(GROUP_EVERYWHERE) - 1 + columns - 1) / columns, n = 0;
	struct pen pen;

	for (size_t i = 0, many; i < command_count; i += many) {
		bool here = !command_why_not(tui, &commands[i]);
		char keys[64];

		many = join_keys(i, keys, sizeof keys);
		if (commands[i].group != GROUP_EVERYWHERE || !commands[i].label)
			continue;
		pen = pen_at(&tui->cells, area, n % each, n / each * width);
		pen_cut(&pen, here ? ROLE_ACCENT : ROLE_DIM, keys, KEYS_COLS);
		pen_text(&pen, 0, " ");
		pen_cut(&pen, here ? ROLE_TEXT : ROLE_DIM, commands[i].label, width - KEYS_COLS - 2);
		n++;
	}
}

static void draw_columns(struct tui *tui, struct area area, int columns)
{
	int width = area.cols / columns, height = 0;

	for (int i = 0; i < columns; i++) {
		struct area column = {area.row, area.col + i * width, area.rows, width};
		int lines = draw_group(tui, column, group_of(tui, i));

		height = lines > height ? lines : height;
	}
	if (columns < 4) {
		area.row += height + 1;
		area.rows -= height + 1;
		draw_everywhere(tui, area, columns, width);
	}
}

static void draw_command(struct tui *tui, struct area area, int line, int index)
{
	const struct command *command = help.rows[index];
	const char *why = command_why_not(tui, command);
	uint32_t role = why ? ROLE_DIM : ROLE_TEXT;
	struct pen pen = pen_at(&tui->cells, area, line, 0);
	char key[KEY_TEXT_MAX] = "";

	command_key(command, 0, key);
	pen_text(&pen, ROLE_ACCENT, index == help.at ? "▌" : " ");
	pen_cut(&pen, why ? ROLE_DIM : ROLE_ACCENT, key, area.cols >= 30 ? 10 : 6);
	if (area.cols >= 60) {
		pen_cut(&pen, role, command->name, 26);
		pen_rest(&pen, ROLE_DIM, why ? why : command->help);
	} else {
		pen_rest(&pen, role, command->name);
	}
	if (index == help.at)
		cells_tint(&tui->cells, (struct area){area.row + line, area.col, 1, area.cols}, STYLE_BAR);
}

static void draw_list(struct tui *tui, struct area area)
{
	help.height = area.rows;
	overlay_scroll(help.count, help.height, help.at, &help.top);
	for (int i = 0; i < help.height && help.top + i < help.count; i++)
		draw_command(tui, area, i, help.top + i);
	if (help.count == 0) {
		struct pen pen = pen_at(&tui->cells, area, 0, 1);

		pen_rest(&pen, ROLE_DIM, "no key and no command is called that");
	}
}

static void draw(struct tui *tui, struct area body)
{
	int columns = body.cols >= 108 ? 4 : 3, height = columns_height(tui, columns) + 3, gap = body.rows > height;
	char title[64];
	struct area area;

	choose_rows(tui);
	help.list = tui->field.text[0] || body.cols < 76 || body.rows < height;
	if (body.cols < 76 || body.rows < height)
		height = body.rows;
	snprintf(title, sizeof title, "keys in %s", tui->view->name);
	area = overlay_box(tui, body, height + gap, columns == 4 ? 112 : 80, title,
			   help.list ? "Enter does it   Esc back" : "Esc back");
	overlay_field(tui, area, 0, area.cols >= 50 ? "type to find a key or a command: " : "> ", "");
	area.row += 1 + gap;
	area.rows -= 1 + gap;
	if (help.list)
		draw_list(tui, area);
	else
		draw_columns(tui, area, columns);
}

static bool event(struct tui *tui, const struct event *event)
{
	const struct command *command = help.list && help.count > 0 ? help.rows[help.at] : NULL;
	bool changed;

	if (event->kind == EVENT_KEY && (event->key == K_ESC || event->key == K_F1)) {
		overlay_close(tui);
		return true;
	}
	if (event->kind == EVENT_KEY && event->key == K_ENTER) {
		overlay_close(tui);
		if (command)
			command_do(tui, command);
		return true;
	}
	if (overlay_choose(event, help.count, help.height, &help.at))
		return true;
	if (!field_event(&tui->field, event, &changed))
		return false;
	if (changed)
		help.at = help.top = 0;
	return true;
}

static void hints(struct tui *tui, struct pen *pen)
{
	(void)tui;
	overlay_hint(pen, "type", "to find");
	if (help.list) {
		overlay_hint(pen, "↑↓", "choose");
		overlay_hint(pen, "Enter", "do it");
	}
	overlay_hint(pen, "Esc", "back");
}

const struct overlay overlay_help = {
	.opened = opened,
	.draw = draw,
	.event = event,
	.hints = hints,
};
