/* SPDX-License-Identifier: MIT */
#include "clients/cli/printer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/style.h"
#include "clients/common/table.h"
#include "clients/common/when.h"

#define PREFIX_MAX 24 /* columns a name is given at most */

void printer_init(struct printer *printer, const struct cli *cli)
{
	*printer = (struct printer){.cli = cli};
	printer->clean = must(malloc(BRM_LOG_LINE_MAX));
	json_init(&printer->json);
}

void printer_finish(struct printer *printer)
{
	free(printer->clean);
	json_finish(&printer->json);
}

void printer_name(struct printer *printer, const char *name)
{
	size_t width = text_width(name);

	if (width > PREFIX_MAX)
		width = PREFIX_MAX;
	if (width > printer->width)
		printer->width = width;
}

static void put_prefix(const struct printer *printer, const struct track *track)
{
	bool color = printer->cli->color;
	size_t width = text_width(track->name);

	if (color)
		fputs(style_name(track->number), stdout);
	fputs(track->name, stdout);
	for (; width < printer->width; width++)
		putc_unlocked(' ', stdout);
	fputs(color ? " |" STYLE_PLAIN " " : " | ", stdout);
}

/* The text with what matches in it marked. */
static void put_marked(const struct printer *printer, const char *text, size_t length)
{
	size_t done = 0, begin, end;

	for (size_t from = 0; from <= length && match_span(printer->match, text, length, from, &begin, &end);
	     from = end + (begin == end)) {
		if (begin == end)
			continue;
		fwrite_unlocked(text + done, 1, begin - done, stdout);
		fputs(STYLE_HIT, stdout);
		fwrite_unlocked(text + begin, 1, end - begin, stdout);
		fputs(STYLE_PLAIN, stdout);
		done = end;
	}
	fwrite_unlocked(text + done, 1, length - done, stdout);
}

static void put_text(const struct printer *printer, const struct merged *line)
{
	const char *text = line->text;
	size_t length = line->length;

	/* Nothing that a process writes may steer the terminal. */
	if (printer->cli->terminal && !printer->raw) {
		length = brm_text_clean(text, length, printer->clean, BRM_LOG_LINE_MAX);
		text = printer->clean;
	}
	if (printer->match && printer->cli->color && !printer->raw)
		put_marked(printer, text, length);
	else
		fwrite_unlocked(text, 1, length, stdout);
}

/* A line that was split for its length is put together again where nothing can come between. */
static bool ends_here(const struct printer *printer, const struct brm_log_line *line)
{
	if (printer->raw)
		return !(line->flags & (BRM_LINE_CONTINUES | BRM_LINE_NO_NEWLINE));
	return printer->prefix || !(line->flags & BRM_LINE_CONTINUES);
}

static void put_key_string(struct json *json, const char *key, const char *text)
{
	if (!*text)
		return;
	json_key(json, key);
	json_put_string(json, text);
}

/* {seq,time,name,run,stream,level,text} */
static void put_json(struct printer *printer, const struct merged *line)
{
	struct json *json = &printer->json;
	char time[WHEN_MAX];

	json_reset(json);
	json_open_object(json);
	json_key(json, "seq");
	json_uint(json, line->line.seq);
	put_key_string(json, "time", when_rfc3339(line->line.time_us * 1000, time));
	put_key_string(json, "name", line->track->name);
	if (line->track->run > 0 && line->line.time_us >= line->track->run_us) {
		json_key(json, "run");
		json_uint(json, line->track->run);
	}
	put_key_string(json, "stream", brm_stream_word((enum brm_stream)line->line.stream));
	put_key_string(json, "level", brm_level_word((enum brm_level)line->line.level));
	json_key(json, "text");
	json_put_string_n(json, line->text, line->length);
	json_close_object(json);
	if (json_text(json))
		puts(json_text(json));
}

void printer_line(struct printer *printer, const struct merged *line)
{
	char time[WHEN_MAX];

	if (printer->cli->format != FORMAT_TABLE) {
		put_json(printer, line);
		return;
	}
	if (printer->parts && printer->last &&
	    (printer->last != line->track || printer->last_seq + 1 != line->line.seq))
		puts("--");
	printer->last = line->track;
	printer->last_seq = line->line.seq;
	if (printer->prefix)
		put_prefix(printer, line->track);
	if (printer->timestamps)
		printf("%s ", when_rfc3339(line->line.time_us * 1000, time));
	put_text(printer, line);
	if (ends_here(printer, &line->line))
		putc_unlocked('\n', stdout);
}
