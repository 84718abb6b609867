/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/found.h"
#include "clients/tui/overlay.h"
#include "clients/tui/text.h"

/*
 * The first run: nothing runs here yet. What was found, what would be started, and nothing is started before Enter.
 */

#define TICKS_MAX 512

static struct {
	bool chosen; /* what is ticked at first was ticked */
	bool ticked[TICKS_MAX];
	int at;
	int top;
	int height;
} first;

bool first_run_is(const struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	if (tui->view != &view_processes || (!tui->feed.known && tui->feed.error == 0))
		return false;
	return tui->feed.health == HEALTH_NONE || (tui->feed.health == HEALTH_LIVE && snapshot && snapshot->count == 0);
}

static int script_count(const struct tui *tui)
{
	size_t count = tui->found->scripts.count;

	return count < TICKS_MAX ? (int)count : TICKS_MAX;
}

static bool is_procfile(const struct script *script)
{
	return strncmp(script->source, "Procfile", 8) == 0;
}

/* The script a project of this kind is usually started with; -1: none. */
static int usual_script(const struct tui *tui)
{
	static const char *const names[] = {"dev", "start", "serve", NULL};

	for (const char *const *name = names; *name; name++)
		for (int i = 0; i < script_count(tui); i++)
			if (strcmp(tui->found->scripts.list[i].name, *name) == 0 &&
			    strcmp(tui->found->scripts.list[i].source, "package.json") == 0)
				return i;
	return -1;
}

static void tick_at_first(struct tui *tui)
{
	int usual = usual_script(tui);

	if (first.chosen || !tui->found->known)
		return;
	first.chosen = true;
	for (int i = 0; i < script_count(tui); i++)
		first.ticked[i] = is_procfile(&tui->found->scripts.list[i]) || i == usual;
}

static int ticked_count(const struct tui *tui)
{
	int count = 0;

	for (int i = 0; i < script_count(tui); i++)
		count += first.ticked[i];
	return count;
}

static void draw_script(struct tui *tui, struct area area, int line, int index)
{
	const struct script *script = &tui->found->scripts.list[index];
	struct pen pen = pen_at(&tui->cells, area, line, 1);
	int source = area.cols >= 70 ? 34 : 0;

	pen_text(&pen, ROLE_ACCENT, index == first.at ? "▌ " : "  ");
	pen_text(&pen, first.ticked[index] ? ROLE_ACCENT : ROLE_DIM, first.ticked[index] ? "[x] " : "[ ] ");
	pen_cut(&pen, STYLE_BOLD, script->name, 12);
	pen_text(&pen, 0, " ");
	pen_cut(&pen, ROLE_TEXT, script->command, pen_left(&pen) - source - 1);
	if (source > 0) {
		pen_text(&pen, 0, "  ");
		pen_rest(&pen, ROLE_DIM, script->source);
		if (index == usual_script(tui))
			pen_text(&pen, ROLE_DIM, ", usual way to start");
	}
	if (index == first.at)
		cells_tint(&tui->cells, (struct area){area.row + line, area.col, 1, area.cols}, STYLE_BAR);
}

static void draw_foot(struct tui *tui, struct area area, int line)
{
	static const char *const words[] = {"Nothing is started until you press Enter.",
					    "Leaving this screen later leaves what you started running."};
	struct pen pen = pen_at(&tui->cells, area, line++, 3);
	int count = ticked_count(tui), named = 0;

	pen_text(&pen, ROLE_ACCENT, "Enter   ");
	pen_format(&pen, ROLE_TEXT, count == 0 ? "start the one under the bar" : "start the %d ticked", count);
	for (int i = 0; count > 0 && i < script_count(tui); i++)
		if (first.ticked[i] && pen_left(&pen) > 20) {
			pen_format(&pen, ROLE_DIM, "%s%s", named++ ? " " : " (", tui->found->scripts.list[i].name);
		}
	pen_text(&pen, ROLE_DIM, named ? ")" : "");
	pen = pen_at(&tui->cells, area, line++, 3);
	pen_text(&pen, ROLE_ACCENT, "Space   ");
	pen_text(&pen, ROLE_TEXT, "tick or untick     ");
	pen_text(&pen, ROLE_ACCENT, "a");
	pen_text(&pen, ROLE_TEXT, "  all or none     ");
	pen_text(&pen, ROLE_ACCENT, "!");
	pen_text(&pen, ROLE_TEXT, "  some other command");
	pen = pen_at(&tui->cells, area, line++, 3);
	pen_text(&pen, ROLE_ACCENT, "w       ");
	pen_text(&pen, ROLE_TEXT, "write brummer.yaml with the ticked ones, to keep and edit");
	line++;
	for (size_t i = 0; i < 2; i++) {
		pen = pen_at(&tui->cells, area, line++, 3);
		pen_rest(&pen, ROLE_DIM, words[i]);
	}
}

static void draw_nothing(struct tui *tui, struct area body)
{
	struct pen pen = pen_at(&tui->cells, body, 1, 3);

	if (!tui->found->known) {
		pen_rest(&pen, ROLE_DIM, "looking what could be run here…");
		return;
	}
	pen_rest(&pen, ROLE_TEXT,
		 tui->found->why[0] ? tui->found->why : "Nothing to run was found here: no package.json, no Procfile.");
	pen = pen_at(&tui->cells, body, 3, 3);
	pen_text(&pen, ROLE_ACCENT, "!");
	pen_text(&pen, ROLE_TEXT, "  runs a command that you type");
}

void first_run_draw(struct tui *tui, struct area body)
{
	struct pen pen = pen_at(&tui->cells, body, 1, 3);
	bool foot = body.rows >= 14;
	int count;

	drawn_set(tui, NULL);
	tui->split = (struct split){.divider = -1};
	if (!tui->found->known)
		found_look(tui);
	tick_at_first(tui);
	count = script_count(tui);
	if (first.at >= count)
		first.at = count > 0 ? count - 1 : 0;
	if (count == 0) {
		draw_nothing(tui, body);
		return;
	}
	if (foot)
		pen_text(&pen, STYLE_BOLD, "Found in this directory");
	first.height = foot ? body.rows - 11 : body.rows;
	first.height = first.height < count ? first.height : count;
	overlay_scroll(count, first.height, first.at, &first.top);
	for (int i = 0; i < first.height; i++)
		draw_script(tui, body, (foot ? 3 : 0) + i, first.top + i);
	tui->cursor_row = body.row + (foot ? 3 : 0) + first.at - first.top;
	tui->cursor_col = 1;
	if (!foot)
		return;
	if (count > first.height) {
		pen = pen_at(&tui->cells, body, 3 + first.height, 7);
		pen_format(&pen, ROLE_DIM, "… %d more: / finds one", count - first.height);
	}
	draw_foot(tui, body, 3 + first.height + 1);
}

static void start_ticked(struct tui *tui)
{
	const char **names = calloc(TICKS_MAX + 1, sizeof *names);
	int count = 0;

	for (int i = 0; names && i < script_count(tui); i++)
		if (first.ticked[i])
			names[count++] = tui->found->scripts.list[i].name;
	if (names && count == 0 && script_count(tui) > 0)
		names[count++] = tui->found->scripts.list[first.at].name;
	if (count > 0) {
		tui_say(tui, TONE_NEWS, "starting %d", count);
		if (feed_commandable(&tui->feed))
			control_send_names(tui, BRM_START, names);
		else
			control_start_supervisor(tui, names);
	}
	free(names);
}

static void tick_all(const struct tui *tui)
{
	bool all = ticked_count(tui) < script_count(tui);

	for (int i = 0; i < script_count(tui); i++)
		first.ticked[i] = all;
}

/* A text as YAML takes it literally: quoted, with what would be a variable doubled. */
static void put_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '$')
			fputs("$$", out);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void put_script(FILE *out, const struct tui *tui, const struct script *script)
{
	fputs("  ", out);
	put_quoted(out, script->name);
	fputs(":\n    command: ", out);
	put_quoted(out, script->command);
	if (script->dir[0] && strcmp(script->dir, tui->instance.dir) != 0) {
		fputs("\n    dir: ", out);
		put_quoted(out, script->dir);
	}
	fputc('\n', out);
}

/* The ticked ones as a configuration to keep and edit, where there is none. */
static void write_configuration(struct tui *tui)
{
	char path[PATH_MAX + 16];
	FILE *out;
	int fd;

	if (ticked_count(tui) == 0) {
		tui_say(tui, TONE_NEWS, "nothing is ticked: Space ticks what is to be written");
		return;
	}
	snprintf(path, sizeof path, "%s/brummer.yaml", tui->instance.dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		tui_say(tui, TONE_FAILED, "cannot write brummer.yaml: %s",
			errno == EEXIST ? "it is there already" : strerror(errno));
		return;
	}
	fputs("# What Brummer runs here; brummer.yaml(5) tells what else can be said.\nprocesses:\n", out);
	for (int i = 0; i < script_count(tui); i++)
		if (first.ticked[i])
			put_script(out, tui, &tui->found->scripts.list[i]);
	if (fclose(out) != 0)
		tui_say(tui, TONE_FAILED, "cannot write brummer.yaml: %s", strerror(errno));
	else
		tui_say(tui, TONE_DONE, "wrote brummer.yaml with the %d ticked", ticked_count(tui));
}

bool first_run_event(struct tui *tui, const struct event *event)
{
	if (event->kind != EVENT_KEY || event->mods)
		return false;
	if (overlay_choose(event, script_count(tui), first.height, &first.at))
		return true;
	switch (event->key) {
	case 'j':
	case 'k':
		first.at += event->key == 'j' ? first.at + 1 < script_count(tui) : -(first.at > 0);
		return true;
	case K_SPACE:
		first.ticked[first.at] = !first.ticked[first.at] && script_count(tui) > 0;
		return true;
	case K_ENTER:
		start_ticked(tui);
		return true;
	case 'a':
		tick_all(tui);
		return true;
	case 'w':
		write_configuration(tui);
		return true;
	case '/':
		overlay_open(tui, &overlay_scripts);
		return true;
	case '!':
		tui->type_command = true;
		overlay_open(tui, &overlay_scripts);
		return true;
	default:
		return false;
	}
}

void first_run_hints(struct tui *tui, struct pen *pen)
{
	if (script_count(tui) > 0) {
		overlay_hint(pen, "↑↓", "choose");
		overlay_hint(pen, "Space", "tick");
		overlay_hint(pen, "Enter", "start");
	}
	overlay_hint(pen, "!", "some other command");
}
