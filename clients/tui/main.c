/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/region.h>

#include "clients/common/find.h"
#include "clients/tui/actions.h"
#include "clients/tui/found.h"
#include "clients/tui/settings.h"

/*
 * brummer-tui: look at a project's processes and their logs, and steer them.
 */

#define INSTEAD "brummer-cli ls -w, brummer-cli logs -f"

static const char usage[] =
	"usage: brummer-tui [-C DIR] [--instance NAME] [--read-path shm|rpc] [--theme THEME] [--ascii] [--no-mouse]\n"
	"                   [--plain]\n"
	"\n"
	"  -C DIR             the project's directory; else found from here upwards\n"
	"  --instance NAME    the instance by its name (also BRUMMER_INSTANCE)\n"
	"  --read-path PATH   shm: read the supervisor's memory; rpc: ask it (also BRUMMER_READ_PATH)\n"
	"  --theme THEME      auto, dark, light, contrast or none\n"
	"  --ascii            draw nothing but ASCII\n"
	"  --no-mouse         leave the mouse to the terminal\n"
	"  --plain            no screen: what happens as lines, commands as lines\n"
	"  --help, --version\n"
	"\n"
	"Inside, ? shows what the keys do, and q leaves: everything keeps running.\n";

enum { OPT_INSTANCE = 256, OPT_READ_PATH, OPT_THEME, OPT_ASCII, OPT_NO_MOUSE, OPT_PLAIN, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {{"instance", required_argument, NULL, OPT_INSTANCE},
					     {"read-path", required_argument, NULL, OPT_READ_PATH},
					     {"theme", required_argument, NULL, OPT_THEME},
					     {"ascii", no_argument, NULL, OPT_ASCII},
					     {"no-mouse", no_argument, NULL, OPT_NO_MOUSE},
					     {"plain", no_argument, NULL, OPT_PLAIN},
					     {"help", no_argument, NULL, OPT_HELP},
					     {"version", no_argument, NULL, OPT_VERSION},
					     {NULL, 0, NULL, 0}};

struct arguments {
	struct where where;
	const char *read_path;
	struct tui_options options;
};

static int wrong_usage(const char *what, const char *value)
{
	fprintf(stderr, "brummer-tui: cannot understand %s %s; brummer-tui --help says more\n", what, value);
	return 2;
}

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct arguments *out)
{
	int option;

	while ((option = getopt_long(argc, argv, "C:", long_options, NULL)) != -1) {
		switch (option) {
		case 'C':
			out->where.dir = optarg;
			break;
		case OPT_INSTANCE:
			out->where.instance = optarg;
			break;
		case OPT_READ_PATH:
			out->read_path = optarg;
			break;
		case OPT_THEME:
			if (theme_parse(optarg, &out->options.theme) != 0)
				return wrong_usage("the theme", optarg);
			out->options.theme_given = true;
			break;
		case OPT_ASCII:
			out->options.ascii = true;
			break;
		case OPT_NO_MOUSE:
			out->options.no_mouse = true;
			break;
		case OPT_PLAIN:
			out->options.plain = true;
			break;
		case OPT_HELP:
			fputs(usage, stdout);
			return 0;
		case OPT_VERSION:
			puts("brummer-tui " PACKAGE_VERSION);
			return 0;
		default:
			fputs("brummer-tui --help says more\n", stderr);
			return 2;
		}
	}
	if (optind < argc)
		return wrong_usage("the argument", argv[optind]);
	if (read_path_parse(out->read_path, &out->options.path) != 0)
		return wrong_usage("the read path", out->read_path ? out->read_path : getenv("BRUMMER_READ_PATH"));
	return -1;
}

/* No screen is possible here: say why, and what does it without one. */
static int no_screen(int error, const char *why)
{
	if (error == -ENOTTY)
		fprintf(stderr, "brummer-tui: %s is not a terminal: " INSTEAD "\n", why);
	else if (error == -ENOENT)
		fprintf(stderr,
			"brummer-tui: TERM=%s is not known here; most terminals are like xterm-256color, else " INSTEAD
			"\n",
			why);
	else if (strncmp(why, "TERM ", 5) == 0)
		fprintf(stderr, "brummer-tui: %s no screen can be shown: " INSTEAD "\n", why);
	else
		fprintf(stderr, "brummer-tui: TERM=%s cannot show a screen: " INSTEAD "\n", why);
	return 1;
}

static void name_project(struct tui *tui)
{
	const char *slash = strrchr(tui->instance.dir, '/'), *home = getenv("HOME");
	size_t length = home ? strlen(home) : 0;

	if (slash && slash[1])
		snprintf(tui->project, sizeof tui->project, "%s", slash + 1);
	else
		snprintf(tui->project, sizeof tui->project, "%s", tui->instance.name);
	if (length > 1 && strncmp(tui->instance.dir, home, length) == 0 && tui->instance.dir[length] == '/')
		snprintf(tui->dir, sizeof tui->dir, "~%s", tui->instance.dir + length);
	else
		snprintf(tui->dir, sizeof tui->dir, "%s",
			 tui->instance.dir[0] ? tui->instance.dir : tui->instance.name);
}

/* What stays behind, in one line. */
static void say_goodbye(const struct tui *tui)
{
	unsigned alive = alive_count(tui);

	if (tui->silent || !feed_commandable(&tui->feed))
		return;
	if (alive == 0)
		printf("Nothing runs in %s. brummer-cli down ends its supervisor.\n", tui->project);
	else
		printf("%u process%s running in %s. brummer-tui returns, brummer-cli down stops %s.\n", alive,
		       alive == 1 ? " keeps" : "es keep", tui->project, alive == 1 ? "it" : "them");
}

static enum theme first_theme(const struct tui_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	if (!options->theme_given && no_color && *no_color)
		return THEME_NONE;
	return options->theme;
}

static int start_plain(struct tui *tui)
{
	int status = plain_run(tui);

	say_goodbye(tui);
	jobs_settle(tui->jobs, 500, tui);
	return status;
}

static int start(struct tui *tui)
{
	static struct found found;
	const char *why = "";
	int error = tui->options.plain ? 0 : tty_open(&tui->tty, &why);

	if (error)
		return no_screen(error, why);
	error = jobs_open(&tui->jobs);
	tui->found = &found;
	tui->view = &view_processes;
	tui->logs.time = tui->side.time = LOGTIME_CLOCK;
	tui->events.scale = 2; /* 15 s a column */
	tui->theme = first_theme(&tui->options);
	tui->cells.ascii = tui->options.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (error == 0) {
		feed_open(&tui->feed, &tui->instance, tui->options.path);
		if (tui->options.plain)
			return start_plain(tui);
		error = tui_run(tui);
	}
	if (error) {
		tty_close(&tui->tty);
		if (error == -ENOTSUP)
			return no_screen(error, tui->tty.name);
		fprintf(stderr, "brummer-tui: cannot show the screen: %s\n", brm_strerror(error));
		return 1;
	}
	say_goodbye(tui);
	jobs_settle(tui->jobs, 500, tui); /* a command that was just given is still sent */
	return 0;
}

static void finish(struct tui *tui)
{
	if (!tui->options.plain)
		tty_close(&tui->tty);
	logpane_finish(&tui->side);
	logpane_finish(&tui->logs);
	list_finish(&tui->list);
	feed_close(&tui->feed);
	cells_finish(&tui->cells);
	if (tui->found)
		found_finish(tui);
	happenings_finish(&tui->events.all);
	errors_finish(&tui->errors.all);
	logset_finish(&tui->errors.set);
	free(tui->urls.rows);
	free(tui->shown_names);
}

int main(int argc, char **argv)
{
	static struct tui tui;
	struct arguments arguments = {.where = {.dir = NULL}};
	char why[SETTINGS_WHY];
	int status, error;

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	error = settings_read(&arguments.options, why);
	if (error) {
		fprintf(stderr, "brummer-tui: cannot read %s: %s\n", settings_path(), why);
		return 2;
	}
	status = parse(argc, argv, &arguments);
	if (status >= 0)
		return status;
	tui.options = arguments.options;
	error = find_instance(&arguments.where, &tui.instance);
	if (error) {
		fprintf(stderr, "brummer-tui: cannot find the project: %s\n", brm_strerror(error));
		return 1;
	}
	name_project(&tui);
	status = start(&tui);
	finish(&tui);
	return status;
}
