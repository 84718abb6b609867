/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/tui/actions.h"
#include "clients/tui/overlay.h"
#include "clients/tui/settings.h"
#include "clients/tui/text.h"

/*
 * The About view: what this is, where it keeps things, and the few things that are done once.
 */

#define LABEL_COLS 16

static void add_row(struct tui *tui, const char *label, void (*act)(struct tui *tui), const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void add_row(struct tui *tui, const char *label, void (*act)(struct tui *tui), const char *format, ...)
{
	struct about_view *view = &tui->about;
	struct about_row *row = &view->rows[view->list.count];
	va_list args;

	if (view->list.count == ABOUT_ROWS)
		return;
	row->label = label;
	row->act = act;
	va_start(args, format);
	vsnprintf(row->value, sizeof row->value, format, args);
	va_end(args);
	view->list.count += rows_fit(&view->list, row->value, label);
}

/* ---- what is done from here ---- */

void act_theme(struct tui *tui)
{
	tui->theme = (enum theme)((tui->theme + 1) % THEME_COUNT);
	tui->options.theme = tui->theme;
	if (tui->screen)
		screen_theme(tui->screen, tui->theme);
	tui_say(tui, TONE_DONE, "theme %s, until you leave; \"theme = %s\" in the settings keeps it",
		theme_word(tui->theme), theme_word(tui->theme));
}

static void open_manual(struct tui *tui)
{
	static const char *const argv[] = {"man", "brummer-tui", NULL};

	run_program(tui, argv);
}

/* What brummer-mcp prints goes where agents look for it, unless there is something already. */
static void write_agents(struct tui *tui)
{
	static const char *const argv[] = {"brummer-mcp", "--print-config", "claude", NULL};
	char path[PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof path, "%s/.mcp.json", tui->instance.dir);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		tui_say(tui, TONE_FAILED, "cannot write .mcp.json: %s",
			errno == EEXIST
				? "it is there already; brummer-mcp --print-config claude says what belongs in it"
				: strerror(errno));
		return;
	}
	if (!run_quietly(argv, fd)) {
		unlink(path);
		tui_say(tui, TONE_FAILED, "cannot write .mcp.json: brummer-mcp did not say what belongs in it");
	} else {
		tui_say(tui, TONE_DONE, "wrote .mcp.json: agents that are started here see the processes");
	}
	close(fd);
}

/* ---- rows ---- */

static void collect_supervisor(struct tui *tui, const struct snapshot *snapshot)
{
	const struct brm_info *info = &snapshot->info;
	char ago[WHEN_MAX], at[WHEN_MAX], size[WHEN_MAX];

	add_row(tui, "supervisor", NULL, "brummerd %s, pid %d, its keeper %d", info->version, (int)info->engine_pid,
		(int)info->keeper_pid);
	if (info->created_ns > 0)
		add_row(tui, "since", NULL, "%s (%s)", when_rfc3339(info->created_ns, at),
			ticker_since(&tui->ticker, info->created_ns, ago));
	add_row(tui, "read by", NULL, "%s", tui->options.path == READ_RPC ? "rpc: it is asked" : "shm: its memory");
	add_row(tui, "region", NULL, "/dev/shm%s, %s", tui->instance.region, when_bytes(info->size, size));
	add_row(tui, "control", NULL, "%s", tui->instance.control);
	add_row(tui, "logs", NULL, "%s", info->state_dir);
}

static void collect(struct tui *tui)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);

	tui->about.list.count = 0;
	add_row(tui, "brummer-tui", NULL, "%s", PACKAGE_VERSION);
	add_row(tui, "project", NULL, "%s", tui->instance.dir);
	add_row(tui, "instance", NULL, "%s", tui->instance.name);
	if (snapshot)
		collect_supervisor(tui, snapshot);
	add_row(tui, "settings", NULL, "%s%s", settings_path(), settings_found() ? "" : " (there is none)");
	add_row(tui, "theme", act_theme, "%s", theme_word(tui->theme));
	add_row(tui, "agents", write_agents, "write .mcp.json, so that agents see the processes");
	add_row(tui, "manual", open_manual, "man brummer-tui");
	rows_put(&tui->about.list, tui->about.list.at);
}

const struct about_row *about_current(const struct tui *tui)
{
	return tui->about.list.count > 0 ? &tui->about.rows[tui->about.list.at] : NULL;
}

static void draw_row(struct tui *tui, struct area area, int line, const struct about_row *row, bool current)
{
	struct pen pen = pen_at(&tui->cells, area, line, 0);

	pen_text(&pen, ROLE_ACCENT, current && !tui->focus_lost ? "▌" : " ");
	pen_text(&pen, 0, " ");
	pen_cut(&pen, ROLE_DIM, row->label, LABEL_COLS);
	pen.end--;
	pen_rest(&pen, row->act ? ROLE_LINK : ROLE_TEXT, row->value);
	if (current)
		bars_mark(tui, area, line, 1, true);
}

static void draw(struct tui *tui, struct area body)
{
	struct about_view *view = &tui->about;

	collect(tui);
	drawn_set(tui, NULL);
	bars_rule(&tui->cells, body, 0, "about", "Enter does what is underlined");
	body.row++;
	body.rows--;
	rows_show(&view->list, body.rows);
	for (int i = 0; i < body.rows && view->list.top + i < view->list.count; i++)
		draw_row(tui, body, i, &view->rows[view->list.top + i], view->list.top + i == view->list.at);
	tui->log_area = body;
}

/* ---- keys ---- */

static void move(struct tui *tui, enum move move)
{
	rows_move(&tui->about.list, move);
}

void act_about_row(struct tui *tui)
{
	const struct about_row *row = about_current(tui);

	if (row && row->act)
		row->act(tui);
	else if (row)
		tui_say(tui, TONE_NEWS, "nothing is done with this; c copies it");
}

static void click(struct tui *tui, int row, int col, bool twice)
{
	if (rows_point(&tui->about.list, tui->log_area, 1, row, col) && twice)
		act_about_row(tui);
}

static void wheel(struct tui *tui, int row, int col, int rows)
{
	(void)row;
	(void)col;
	rows_put(&tui->about.list, tui->about.list.at + rows);
}

const struct view view_about = {
	.name = "About",
	.brief = "About",
	.digit = 6,
	.bit = VIEW_ABOUT,
	.draw = draw,
	.move = move,
	.click = click,
	.wheel = wheel,
	.back = view_unfilter,
	.filter = offsetof(struct tui, about.list.filter),
};
