/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/dotenv.h"
#include "config/sources.h"

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

static int add_entry(const char *name, const char *command, const struct finding *finding)
{
	struct spec *spec = spec_new(name);
	bool ok = spec && string_set(&spec->script, name) == 0 && spec_set_command(spec, command) == 0 &&
		  string_set(&spec->dir, finding->dir) == 0 && string_set(&spec->source, finding->source) == 0;

	if (ok)
		spec->autostart = true;
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
	if (!wrong)
		return add_entry(copy, command, finding);
	report_error(finding->report, "%s: %s", text_place(text, at, place), wrong);
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

/* The port of the first entry, from the environment or .env; 0 when a PORT that is no number must stay as it is. */
static int base_port(char *const *dotenv, const struct finding *finding)
{
	const char *value = getenv("PORT");
	char *end;
	long port;

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

/* What foreman gives the process number index: .env, below the supervisor's own environment, PORT and PS. */
static int set_environment(struct spec *spec, char *const *dotenv, int port)
{
	char text[BRM_NAME_MAX + 8];
	int result = 0;

	for (size_t i = 0; dotenv && dotenv[i] && result == 0; i++) {
		snprintf(text, sizeof text, "%.*s", (int)strcspn(dotenv[i], "="), dotenv[i]);
		if (!getenv(text))
			result = list_append(&spec->env, dotenv[i]);
	}
	if (result == 0 && port > 0) {
		snprintf(text, sizeof text, "%d", port);
		result = env_set(&spec->env, "PORT", text);
	}
	if (result != 0)
		return result;
	snprintf(text, sizeof text, "%s.1", spec->name);
	return env_set(&spec->env, "PS", text);
}

static int set_environments(const struct finding *finding, size_t first, char *const *dotenv)
{
	struct config *config = finding->config;
	int base = base_port(dotenv, finding);
	int result = 0;

	for (size_t i = first; i < config->count && result == 0; i++) {
		int port = base > 0 ? base + PORT_STEP * (int)(i - first) : 0;

		if (port > PORT_MAX) {
			report_warning(finding->report, "%s: no PORT is left for %s, expected at most %d",
				       finding->source, config->specs[i]->name, PORT_MAX);
			port = 0;
		}
		result = set_environment(config->specs[i], dotenv, port);
	}
	return result;
}

int procfile_read(struct text *text, const struct finding *finding)
{
	size_t first = finding->config->count;
	char **dotenv = NULL;
	int result = procfile_parse(text, finding);

	if (result == 0)
		result = read_dotenv(finding, &dotenv);
	if (result == 0)
		result = set_environments(finding, first, dotenv);
	list_free(dotenv);
	return result;
}
