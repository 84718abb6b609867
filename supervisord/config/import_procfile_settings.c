/* SPDX-License-Identifier: MIT */
#include "config/import_procfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/dotenv.h"
#include "config/import_keys.h"
#include "config/scripts.h"
#include "config/units.h"

#define COUNT_MAX 1000u
#define S         1000000000ull

const struct import_key procfile_settings[] = {
	{"PORT", KEY_HONOURED, ""},
	{"PORT_STEP", KEY_HONOURED, ""},
	{"NO_PORT", KEY_HONOURED, ""},
	{"FORMATION", KEY_HONOURED, ""},
	{"STOP_SIGNALS", KEY_HONOURED, ""},
	{"TIMEOUT", KEY_HONOURED, ""},
	{"AUTO_RESTART", KEY_HONOURED, ""},
	{"IGNORED_PROCESSES", KEY_HONOURED, ""},
	{"CAN_DIE", KEY_APPROXIMATED, "always so: the end of one ends no other"},
	{"ANY_CAN_DIE", KEY_APPROXIMATED, "always so: the end of one ends no other"},
	{"TITLE", KEY_APPROXIMATED, "the instance has a name of its own"},
	{"SOCKET", KEY_APPROXIMATED, "the instance has a socket of its own"},
	{"SHOW_TIMESTAMPS", KEY_APPROXIMATED, "every line has its time; viewers show it"},
	{"COLORS", KEY_APPROXIMATED, "viewers choose colours"},
	{"DAEMONIZE", KEY_APPROXIMATED, "brummer-cli up -d"},
	{"PROCFILE", KEY_REFUSED, "say --config FILE"},
	{"ROOT", KEY_REFUSED, "say -C DIR"},
	{"PROCESSES", KEY_REFUSED, "say brummer-cli up NAME..."},
	{"NETWORK", KEY_REFUSED, "the socket is a local one"},
	{"SHELL", KEY_REFUSED, "commands get /bin/sh"},
	{"SKIP_ENV", KEY_REFUSED, "the .env beside a Procfile is always read"},
	{"TMUX_CONFIG", KEY_REFUSED, "there is no tmux"},
	{"FORMATION_PORT_STEP", KEY_REFUSED, "each of a formation has a PORT one higher"},
	{0},
};

static const char *const prefixes[] = {"OVERMIND_", "HIVEMIND_"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The name of a setting behind a tool's, or NULL for a variable of the processes. */
static const char *setting_of(const char *variable)
{
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
			return variable + strlen(prefixes[i]);
	return NULL;
}

/* Settings of a list of variables; `env` (NULL: not wanted) gets the others. */
static int take(struct procfile_settings *out, char *const *variables, char ***env)
{
	int result = 0;

	for (size_t i = 0; variables && variables[i] && result == 0; i++) {
		const char *setting = setting_of(variables[i]);
		char *copy = strdup(setting ? setting : variables[i]);
		char *equals = copy ? strchr(copy, '=') : NULL;

		if (equals)
			*equals = '\0';
		if (!copy)
			result = -ENOMEM;
		else if (equals && setting)
			result = env_set(&out->own, copy, equals + 1);
		else if (equals && env)
			result = env_set(env, copy, equals + 1);
		free(copy);
	}
	return result;
}

static int take_file(const struct finding *finding, const char *file, struct procfile_settings *out)
{
	char **variables = NULL;
	struct text text;
	int result = text_read(finding->dir_fd, file, DOTENV_BYTES_MAX, &text, finding->report);

	if (result != 0)
		return result == -ENOMEM ? result : 0;
	result = dotenv_parse(&text, &variables, finding->report);
	if (result != -ENOMEM)
		result = take(out, variables, &out->env);
	out->env_file = list_length(variables) > 0 ? file : out->env_file;
	list_free(variables);
	text_finish(&text);
	return result;
}

/* A line of foreman's own file, "formation: web=2": what it sets. It is cut up. 0, -EINVAL (it is none), -ENOMEM */
static int take_option(char *line, struct procfile_settings *out)
{
	static const char *const options[][2] = {
		{"formation", "FORMATION"}, {"concurrency", "FORMATION"}, {"port", "PORT"}, {"timeout", "TIMEOUT"}};
	char *value = line + strcspn(line, ":");

	if (strchr("#-", *line) || strspn(line, " \t\r") == strlen(line))
		return 0;
	if (*value) {
		*value++ = '\0';
		value += strspn(value, " \t\"'");
		value[strcspn(value, "\"'\r")] = '\0';
		for (size_t i = 0; i < COUNT(options); i++)
			if (strcmp(line, options[i][0]) == 0)
				return env_set(&out->own, options[i][1], value);
	}
	return -EINVAL;
}

static int take_foreman(const struct finding *finding, struct procfile_settings *out)
{
	struct text text;
	int result = text_read(finding->dir_fd, ".foreman", DOTENV_BYTES_MAX, &text, finding->report);

	if (result != 0)
		return result == -ENOMEM ? result : 0;
	for (size_t at = 0; at < text.length && result != -ENOMEM;) {
		char line[1024], place[TEXT_PLACE_MAX];

		size_t start = at;

		script_line(&text, &at, line, sizeof line);
		result = take_option(line, out);
		if (result == -EINVAL)
			report_warning(finding->report, "%s: %s has no effect", text_place(&text, start, place), line);
	}
	text_finish(&text);
	return result == -ENOMEM ? result : 0;
}

int procfile_settings_read(const struct finding *finding, char *const *dotenv, struct procfile_settings *out)
{
	int result = take_foreman(finding, out);
	char name[64];

	if (result == 0)
		result = take_file(finding, ".overmind.env", out);
	if (result == 0)
		result = take_file(finding, ".hivemind", out);
	if (result == 0)
		result = take(out, dotenv, NULL);
	if (result == 0)
		result = take(out, environ, NULL);
	for (size_t i = 0; out->own && out->own[i] && result == 0; i++) {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(out->own[i], "="), out->own[i]);
		import_key_is_good(procfile_settings, name, finding->source, "setting", finding->report);
	}
	return result;
}

void procfile_settings_finish(struct procfile_settings *settings)
{
	list_free(settings->own);
	list_free(settings->env);
	*settings = (struct procfile_settings){0};
}

/* An item of "web=2,all=1"; of "web,api" there are no values. */
struct item {
	char name[BRM_NAME_MAX];
	char value[32];
};

/* The item at *list, which moves behind it; false at the end. */
static bool next_item(const char **list, struct item *out)
{
	const char *item = *list ? *list + strspn(*list, ", ") : "";
	size_t length = strcspn(item, ",= "), end = strcspn(item, ", "), value = length + (item[length] == '=');

	snprintf(out->name, sizeof out->name, "%.*s", (int)length, item);
	snprintf(out->value, sizeof out->value, "%.*s", (int)(end - value), item + value);
	*list = item + end;
	return *item != '\0';
}

/* The value that a list has for a name, else for `all`, into out; false when there is none. */
static bool value_in(const char *list, const char *name, char out[32])
{
	struct item item;
	bool found = false, is_it = false;

	while (!is_it && next_item(&list, &item)) {
		is_it = strcmp(item.name, name) == 0;
		if (!is_it && (found || strcmp(item.name, "all") != 0))
			continue;
		found = true;
		memcpy(out, item.value, sizeof item.value);
	}
	return found;
}

void procfile_settings_check(const struct procfile_settings *settings, const struct config *entries,
			     const struct finding *finding)
{
	static const char *const lists[] = {"FORMATION", "STOP_SIGNALS", "AUTO_RESTART", "IGNORED_PROCESSES"};
	struct item item;

	for (size_t i = 0; i < COUNT(lists); i++)
		for (const char *list = env_get(settings->own, lists[i]); next_item(&list, &item);)
			if (strcmp(item.name, "all") != 0 && !config_find(entries, item.name))
				report_warning(finding->report, "%s: %s names %s, which is no entry", finding->source,
					       lists[i], item.name);
}

unsigned procfile_settings_count(const struct procfile_settings *settings, const char *name,
				 const struct finding *finding)
{
	char text[32];
	uint64_t count = 1;

	if (value_in(env_get(settings->own, "FORMATION"), name, text) && units_count(text, 0, COUNT_MAX, &count) != 0)
		report_warning(finding->report, "%s: FORMATION has %s of %s, expected 0 to %u", finding->source,
			       *text ? text : "no number", name, COUNT_MAX);
	return (unsigned)count;
}

void procfile_settings_apply(const struct procfile_settings *settings, struct spec *spec, struct report *report)
{
	const char *timeout = env_get(settings->own, "TIMEOUT");
	uint64_t seconds;
	char text[32];

	if (timeout && units_count(timeout, 0, 86400, &seconds) == 0)
		spec->stop_grace_ns = seconds * S;
	else if (timeout)
		report_warning(report, "%s: TIMEOUT is %s, expected seconds", spec->source, timeout);
	if (value_in(env_get(settings->own, "STOP_SIGNALS"), spec->name, text) &&
	    units_signal(text, &spec->stop_signal) != 0)
		report_warning(report, "%s: the stop signal of %s is %s, expected a signal", spec->source, spec->name,
			       text);
	if (value_in(env_get(settings->own, "AUTO_RESTART"), spec->name, text))
		spec->restart = RESTART_ALWAYS;
	if (value_in(env_get(settings->own, "IGNORED_PROCESSES"), spec->name, text))
		spec->autostart = false;
}
