/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/dotenv.h"
#include "config/explain.h"
#include "config/import_procfile.h"
#include "config/sources.h"
#include "config/units.h"

#define ENTRIES_MAX     1024u
#define COMMAND_MAX     131000u /* the kernel's limit for one argument, and some room */
#define PORT_BASE       5000
#define PORT_STEP       100
#define PORT_MAX        65535
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

/* A line without the blanks at its end, inside the text. */
struct line {
	const char *start;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The line at *at, which moves behind it; false at the end. */
static bool next_line(const struct text *text, size_t *at, struct line *out)
{
	const char *start = text->bytes + *at, *end;

	if (*at >= text->length)
		return false;
	end = memchr(start, '\n', text->length - *at);
	end = end ? end : text->bytes + text->length;
	*at = (size_t)(end - text->bytes) + 1;
	while (end > start && is_blank(end[-1]))
		end--;
	*out = (struct line){start, (size_t)(end - start)};
	return true;
}

/* What is wrong with an entry in words, or NULL. */
static const char *problem(const char *name, size_t name_length, const char *command, const struct finding *finding)
{
	const struct spec *same = config_find(finding->config, name);

	if (name_length == 0 || name_length >= BRM_NAME_MAX)
		return "not an entry, expected NAME: COMMAND with letters, digits, _ and - in the name";
	if (!*command)
		return "an entry without a command, expected NAME: COMMAND";
	if (strlen(command) > COMMAND_MAX)
		return "the command is too long, expected at most 131000 bytes";
	if (same && strcmp(same->source, finding->source) == 0)
		return "the second entry of this name, expected another";
	return finding->config->count >= ENTRIES_MAX ? "too many entries, expected at most 1024" : NULL;
}

static int add_entry(const char *name, const char *command, const char *place, const struct finding *finding)
{
	struct spec *spec = spec_new(name);
	bool ok = spec && string_set(&spec->script, name) == 0 && spec_set_command(spec, command) == 0 &&
		  string_set(&spec->dir, finding->dir) == 0 && string_set(&spec->source, finding->source) == 0;

	if (ok) {
		spec->autostart = true;
		spec_set_place(spec, place);
	}
	if (ok && config_add(finding->config, spec, finding->prefix) == 0)
		return 0;
	spec_free(spec);
	return -ENOMEM;
}

/* copy is the line as a string, to be cut into name and command; at is its offset. */
static int take_entry(char *copy, size_t at, const struct text *text, const struct finding *finding)
{
	size_t name_length = strspn(copy, NAME_CHARACTERS);
	const char *command = copy + name_length, *wrong;
	char place[TEXT_PLACE_MAX];

	if (copy[name_length] == ':')
		command += 1 + strspn(command + 1, " \t");
	else
		name_length = 0;
	copy[name_length] = '\0';
	wrong = problem(copy, name_length, command, finding);
	*place = '\0';
	if (wrong || finding_explains(finding))
		text_place(text, at, place);
	if (!wrong)
		return add_entry(copy, command, place, finding);
	report_error(finding->report, "%s: %s", place, wrong);
	return 0;
}

int procfile_parse(struct text *text, const struct finding *finding)
{
	struct line line;
	size_t at = 0;
	int result = 0;

	if (text_check(text, finding->report) != 0)
		return -EINVAL;
	while (result == 0 && !report_is_full(finding->report) && next_line(text, &at, &line)) {
		size_t blanks = 0;
		char *copy;

		while (blanks < line.length && is_blank(line.start[blanks]))
			blanks++;
		if (blanks == line.length || line.start[blanks] == '#')
			continue;
		copy = strndup(line.start, line.length);
		result = copy ? take_entry(copy, (size_t)(line.start - text->bytes), text, finding) : -ENOMEM;
		free(copy);
	}
	return result;
}

/* The variables of the .env beside it. Errors are reported, and what is good in it counts. 0, -ENOMEM. */
static int read_dotenv(const struct finding *finding, char ***env)
{
	struct text text;
	int result = text_read(finding->dir_fd, ".env", DOTENV_BYTES_MAX, &text, finding->report);

	if (result == 0) {
		result = dotenv_parse(&text, env, finding->report);
		text_finish(&text);
	}
	return result == -ENOMEM ? result : 0;
}

/* The port of the first entry; 0 when a PORT that is no number must stay as it is, or there is to be none. */
static int base_port(const struct procfile_settings *settings, char *const *dotenv, const struct finding *finding)
{
	const char *value = env_get(settings->own, "PORT");
	char *end;
	long port;

	if (env_get(settings->own, "NO_PORT"))
		return 0;
	value = value ? value : getenv("PORT");
	value = value ? value : env_get(dotenv, "PORT");
	if (!value || !*value)
		return PORT_BASE;
	port = strtol(value, &end, 10);
	if (*end == '\0' && port > 0 && port <= PORT_MAX)
		return (int)port;
	report_warning(finding->report, "PORT is %s, the same for every entry; expected 1 to %d to count up from",
		       value, PORT_MAX);
	return 0;
}

static int port_step(const struct procfile_settings *settings)
{
	const char *value = env_get(settings->own, "PORT_STEP");
	uint64_t step = PORT_STEP;

	if (value)
		units_count(value, 0, PORT_MAX, &step);
	return (int)step;
}

/* Variables of a file, below the supervisor's own environment. */
static int add_environment(struct spec *spec, char *const *variables, const char *file, const struct finding *finding)
{
	struct explanation *explanation = finding_explains(finding) ? finding->request->explanation : NULL;

	char name[BRM_NAME_MAX + 8];
	int result = 0;

	for (size_t i = 0; variables && variables[i] && result == 0; i++) {
		size_t length = strcspn(variables[i], "=");

		if (length >= sizeof name)
			continue;
		memcpy(name, variables[i], length);
		name[length] = '\0';
		if (!getenv(name) && variables[i][length])
			result = env_set(&spec->env, name, variables[i] + length + 1);
		if (result == 0 && explanation && explanation_is_of(explanation, spec->name) &&
		    env_get(spec->env, name))
			result = explanation_add_env(explanation, name, NULL, file);
	}
	return result;
}

/* What foreman gives a process: .env and the like, and PORT. */
static int set_environment(struct spec *spec, const struct procfile_settings *settings, char *const *dotenv, int port,
			   const struct finding *finding)
{
	char text[16];
	int result = add_environment(spec, dotenv, ".env", finding);

	if (result == 0)
		result = add_environment(spec, settings->env, settings->env_file, finding);
	snprintf(text, sizeof text, "%d", port);
	return result == 0 && port > 0 ? env_set(&spec->env, "PORT", text) : result;
}

/* Number n of a process, with the PS that foreman gives it. The spec is taken. */
static int add_one(struct spec *spec, unsigned n, const struct finding *finding)
{
	char text[BRM_NAME_MAX + 16];
	int result;

	snprintf(text, sizeof text, "%s.%u", *spec->family ? spec->family : spec->name, n);
	result = env_set(&spec->env, "PS", text);
	if (result == 0)
		result = config_add(finding->config, spec, finding->prefix);
	if (result != 0)
		spec_free(spec);
	return result == -ENAMETOOLONG ? 0 : result;
}

/* All of a process that the formation has; `spec` is the only one, or the pattern of several. */
static int add_all(const struct spec *spec, const struct procfile_settings *settings, const struct finding *finding)
{
	unsigned count = procfile_settings_count(settings, spec->name, finding);
	int result = 0;

	if (count < 2) {
		struct spec *copy = spec_copy(spec);

		if (!copy)
			return -ENOMEM;
		copy->autostart = copy->autostart && count > 0;
		return add_one(copy, 1, finding);
	}
	for (unsigned n = 1; n <= count && result == 0 && finding->config->count < ENTRIES_MAX; n++) {
		struct spec *replica = spec_replica(spec, spec->name, n);

		if (!replica)
			report_error(finding->report, "%s: there can be no %s.%u, expected a shorter name, or fewer",
				     finding->source, spec->name, n);
		result = replica ? add_one(replica, n, finding) : 0;
		if (!replica)
			break;
	}
	return result;
}

/* From entries to processes. */
static int add_processes(const struct config *entries, const struct finding *finding, char *const *dotenv)
{
	struct procfile_settings settings = {0};
	int result = procfile_settings_read(finding, dotenv, &settings);
	int base = base_port(&settings, dotenv, finding), step = port_step(&settings);

	procfile_settings_check(&settings, entries, finding);
	for (size_t i = 0; i < entries->count && result == 0; i++) {
		struct spec *spec = entries->specs[i];
		int port = base > 0 ? base + step * (int)i : 0;

		if (port > PORT_MAX) {
			report_warning(finding->report, "%s: no PORT is left for %s, expected at most %d",
				       finding->source, spec->name, PORT_MAX);
			port = 0;
		}
		procfile_settings_apply(&settings, spec, finding->report);
		result = set_environment(spec, &settings, dotenv, port, finding);
		if (result == 0)
			result = add_all(spec, &settings, finding);
	}
	procfile_settings_finish(&settings);
	return result;
}

int procfile_read(struct text *text, const struct finding *finding)
{
	struct config entries = {0};
	struct finding own = *finding;
	char **dotenv = NULL;
	int result;

	own.config = &entries;
	result = procfile_parse(text, &own);
	if (result == 0)
		result = read_dotenv(finding, &dotenv);
	if (result == 0)
		result = add_processes(&entries, finding, dotenv);
	config_finish(&entries);
	list_free(dotenv);
	return result;
}
