/* SPDX-License-Identifier: MIT */
#include "config/import_procfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/dotenv.h"
#include "config/import_keys.h"
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
	list_free(variables);
	text_finish(&text);
	return result;
}

/* Options of foreman's own file: "formation: web=2", "port: 3000". */
static int take_foreman(const struct finding *finding, struct procfile_settings *out)
{
	static const char *const options[][2] = {
		{"formation", "FORMATION"}, {"concurrency", "FORMATION"}, {"port", "PORT"}, {"timeout", "TIMEOUT"}};
	char line[1024];
	struct text text;
	int result = text_read(finding->dir_fd, ".foreman", DOTENV_BYTES_MAX, &text, finding->report);

	if (result != 0)
		return result == -ENOMEM ? result : 0;
	for (size_t at = 0; at < text.length && result == 0;) {
		const char *start = text.bytes + at, *end = memchr(start, '\n', text.length - at);
		size_t length = end ? (size_t)(end - start) : text.length - at;
		char *colon, *value;

		at += length + 1;
		snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line - 1), start);
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		value = colon + 1 + strspn(colon + 1, " \t\"'");
		value[strcspn(value, "\"'\r")] = '\0';
		for (size_t i = 0; i < COUNT(options) && result == 0; i++)
			if (strcmp(line, options[i][0]) == 0)
				result = env_set(&out->own, options[i][1], value);
	}
	text_finish(&text);
	return result;
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

/* In "web=2,all=1" the value of a name, else that of `all`, into out; false when there is none. */
static bool value_in(const char *list, const char *name, char *out, size_t size)
{
	bool found = false;

	for (; list && *list; list += strcspn(list, ","), list += strspn(list, ", ")) {
		size_t length = strcspn(list, ",= "), end = strcspn(list, ", ");
		bool is_it = strlen(name) == length && strncmp(list, name, length) == 0;
		bool is_all = length == 3 && strncmp(list, "all", 3) == 0;

		if (!is_it && !(is_all && !found))
			continue;
		found = found || is_it || is_all;
		length += list[length] == '=';
		snprintf(out, size, "%.*s", (int)(end - length), list + length);
		if (is_it)
			return true;
	}
	return found;
}

unsigned procfile_settings_count(const struct procfile_settings *settings, const char *name)
{
	char text[32];
	uint64_t count;

	if (!value_in(env_get(settings->own, "FORMATION"), name, text, sizeof text) ||
	    units_count(text, 0, COUNT_MAX, &count) != 0)
		return 1;
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
	if (value_in(env_get(settings->own, "STOP_SIGNALS"), spec->name, text, sizeof text) &&
	    units_signal(text, &spec->stop_signal) != 0)
		report_warning(report, "%s: the stop signal of %s is %s, expected a signal", spec->source, spec->name,
			       text);
	if (value_in(env_get(settings->own, "AUTO_RESTART"), spec->name, text, sizeof text))
		spec->restart = RESTART_ALWAYS;
	if (value_in(env_get(settings->own, "IGNORED_PROCESSES"), spec->name, text, sizeof text))
		spec->autostart = false;
}
