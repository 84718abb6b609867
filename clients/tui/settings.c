/* SPDX-License-Identifier: MIT */
#include "clients/tui/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/commands.h"

#define LINE_MOST 512

static char path[PATH_MAX];
static bool found;

const char *settings_path(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (!path[0] && config && config[0] == '/')
		snprintf(path, sizeof path, "%s/brummer/tui.conf", config);
	else if (!path[0])
		snprintf(path, sizeof path, "%s/.config/brummer/tui.conf", home ? home : "");
	return path;
}

bool settings_found(void)
{
	return found;
}

/* A setting that is one of two words. */
static const struct choice {
	const char *name;
	const char *words[2]; /* no, yes */
	size_t offset;        /* of a bool in struct tui_options */
} choices[] = {
	{"mouse", {"on", "off"}, offsetof(struct tui_options, no_mouse)},
	{"ascii", {"off", "on"}, offsetof(struct tui_options, ascii)},
	{"clock", {"off", "on"}, offsetof(struct tui_options, clock)},
	{"hints", {"on", "off"}, offsetof(struct tui_options, no_hints)},
	{"metrics", {"on", "off"}, offsetof(struct tui_options, no_metrics)},
	{"sync", {"on", "off"}, offsetof(struct tui_options, no_sync)},
	{"cursor", {"hidden", "visible"}, offsetof(struct tui_options, cursor_visible)},
	{"bell", {"off", "failed"}, offsetof(struct tui_options, bell_failed)},
	{"copy", {"terminal", "command"}, offsetof(struct tui_options, copy_by_program)},
};

static int set_choice(struct tui_options *options, const struct choice *choice, const char *value)
{
	bool yes = strcmp(value, choice->words[1]) == 0;

	if (!yes && strcmp(value, choice->words[0]) != 0)
		return -EINVAL;
	*(bool *)((char *)options + choice->offset) = yes;
	return 0;
}

static int set_one(struct tui_options *options, const char *name, const char *value, unsigned line,
		   char why[SETTINGS_WHY])
{
	if (strncmp(name, "key.", 4) == 0)
		return command_set_keys(name + 4, value, line, why, SETTINGS_WHY);
	if (strcmp(name, "theme") == 0) {
		if (theme_parse(value, &options->theme) == 0) {
			options->theme_given = options->theme != THEME_AUTO;
			return 0;
		}
		snprintf(why, SETTINGS_WHY, "%s is no theme", value);
		return -EINVAL;
	}
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		if (strcmp(choices[i].name, name) != 0)
			continue;
		if (set_choice(options, &choices[i], value) == 0)
			return 0;
		snprintf(why, SETTINGS_WHY, "%s is %s or %s", name, choices[i].words[0], choices[i].words[1]);
		return -EINVAL;
	}
	snprintf(why, SETTINGS_WHY, "there is no setting %s", name);
	return -EINVAL;
}

/* Cut the blanks around a text, in place. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static int read_line(struct tui_options *options, char *text, unsigned line, char why[SETTINGS_WHY])
{
	char *name = trim(text), *equal = strchr(name, '=');

	if (!*name || *name == '#')
		return 0;
	if (!equal) {
		snprintf(why, SETTINGS_WHY, "NAME = VALUE is expected");
		return -EINVAL;
	}
	*equal = '\0';
	return set_one(options, trim(name), trim(equal + 1), line, why);
}

int settings_read(struct tui_options *options, char why[SETTINGS_WHY])
{
	FILE *file = fopen(settings_path(), "re");
	char text[LINE_MOST], reason[SETTINGS_WHY] = "";
	unsigned line = 0;
	int error = 0;

	if (!file) {
		error = errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
		if (error)
			snprintf(why, SETTINGS_WHY, "%s", strerror(-error));
		return error;
	}
	found = true;
	while (error == 0 && fgets(text, sizeof text, file))
		error = read_line(options, text, ++line, reason);
	fclose(file);
	if (error)
		snprintf(why, SETTINGS_WHY, "line %u: %.400s", line, reason);
	else
		commands_settle();
	return error;
}
