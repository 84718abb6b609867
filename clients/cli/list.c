/* SPDX-License-Identifier: MIT */
#include "clients/cli/list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clients/cli/style.h"

static bool is_number(enum field_type type)
{
	return type == FIELD_INT || type == FIELD_BYTES || type == FIELD_PERCENT || type == FIELD_SECONDS;
}

void list_init(struct list *list, const struct cli *cli, const char *key, const struct list_column *columns,
	       size_t count)
{
	size_t shown = 0;

	memset(list, 0, sizeof *list);
	list->cli = cli;
	list->key = key;
	list->columns = columns;
	list->count = count;
	while (list->first < count && !columns[list->first].heading)
		list->first++;
	for (size_t i = 0; i < count; i++) {
		/* With -o name the first alone is in the table. */
		list->shown[i] = columns[i].heading && (cli->format != FORMAT_NAME || i == list->first);
		if (list->shown[i])
			list->headings[shown++] =
				(struct table_column){columns[i].heading, columns[i].width, is_number(columns[i].type)};
	}
	table_init(&list->table, list->headings, shown);
	json_init(&list->json);
	list->is_json = cli->format == FORMAT_JSON || cli->format == FORMAT_JSONL;
}

static bool is_document(const struct list *list)
{
	return list->cli->format == FORMAT_JSON && !list->endless;
}

static void open_document(struct list *list)
{
	if (!is_document(list) || list->opened)
		return;
	if (list->json.length == 0)
		json_open_object(&list->json);
	json_key(&list->json, list->key);
	json_open_array(&list->json);
	list->opened = true;
}

void list_about(struct list *list, const struct snapshot *snapshot)
{
	if (!is_document(list))
		return;
	json_open_object(&list->json);
	json_key(&list->json, "instance");
	fields_json_about(&list->json, snapshot, list->cli->read_path);
}

static void value_as_json(struct list *list, size_t column, const struct value *value)
{
	if (column == 0) {
		open_document(list);
		json_open_object(&list->json);
	}
	if (value->present) {
		json_key(&list->json, list->columns[column].key);
		value_json(&list->json, list->columns[column].type, value);
	}
	if (column + 1 < list->count)
		return;
	json_close_object(&list->json);
	if (!list->opened) {
		/* Lines of their own: each value is the first. */
		list->json.comma = 0;
		json_raw(&list->json, "\n", 1);
		list->json.comma = 0;
	}
}

void list_value(struct list *list, size_t column, const struct value *value)
{
	char *room;

	if (list->is_json) {
		value_as_json(list, column, value);
		return;
	}
	if (!list->shown[column])
		return;
	if (!value->present) {
		table_empty(&list->table);
		return;
	}
	room = table_room(&list->table);
	if (room)
		table_put(&list->table, value_text(list->columns[column].type, value, room, TABLE_CELL_MAX));
}

void list_row(struct list *list, const struct value *values)
{
	for (size_t i = 0; i < list->count; i++)
		list_value(list, i, &values[i]);
}

static int flush_json(struct list *list)
{
	const char *text = json_text(&list->json);

	if (!text)
		return fail(EXIT_FAILED, "cannot write JSON: no memory");
	fwrite(text, 1, list->json.length, stdout);
	json_reset(&list->json);
	return EXIT_DONE;
}

static int flush_table(struct list *list)
{
	const struct cli *cli = list->cli;
	struct table_style style = {.tabs = cli->format != FORMAT_TABLE,
				    .header = cli->header && cli->format != FORMAT_NAME,
				    .width = terminal_width(cli),
				    .erase = list->redraw,
				    .bold = cli->color ? STYLE_BOLD : "",
				    .plain = STYLE_PLAIN,
				    .color = cli->color ? style_cell : NULL};

	return table_print(&list->table, &style, stdout) == 0 ? EXIT_DONE
							      : fail(EXIT_FAILED, "cannot write a table: no memory");
}

int list_flush(struct list *list)
{
	return list->is_json ? flush_json(list) : flush_table(list);
}

int list_finish(struct list *list)
{
	int status;

	if (is_document(list)) {
		open_document(list);
		json_close_array(&list->json);
		json_close_object(&list->json);
		list->json.comma = 0;
		json_raw(&list->json, "\n", 1);
	}
	status = list_flush(list);
	list_drop(list);
	return status;
}

void list_drop(struct list *list)
{
	json_finish(&list->json);
	table_finish(&list->table);
}

unsigned terminal_width(const struct cli *cli)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (!cli->terminal)
		return 0;
	if (columns && atoi(columns) > 0)
		return (unsigned)atoi(columns);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

unsigned terminal_height(const struct cli *cli)
{
	struct winsize size;

	return cli->terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

struct value value_text_of(const char *text)
{
	return (struct value){.present = text && *text, .text = text};
}

struct value value_number(bool present, int64_t number)
{
	return (struct value){.present = present, .number = number};
}
