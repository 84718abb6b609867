/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "config/scripts.h"

/* bin/rails and Rakefile. A Rakefile is a program, so only tasks that are written plainly are seen. */

#define SPACES_MAX     16u
#define LINE_BYTES_MAX 4096u

int rails_read(struct text *text, const struct finding *finding)
{
	const struct script console = {.name = "console", .words = {"bin/rails", "console"}, .tty = true};
	int result = script_add_words(finding, "server", "bin/rails", "server", NULL);

	(void)text;
	return result == 0 ? script_add(finding, &console) : result;
}

/* The namespaces that are open, by how far they are indented. */
struct spaces {
	char names[SPACES_MAX][64];
	size_t indents[SPACES_MAX];
	size_t count;
};

/* The name behind a word: `:name`, "name", 'name', or `name:` with what it depends on. "" for none. */
static void take_name(const char *rest, char *out, size_t size)
{
	size_t length;

	rest += strspn(rest, " \t(:\"'{");
	length = strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-?!");
	snprintf(out, size, "%.*s", (int)length, rest);
}

/* What follows a word of the language at the beginning of a line, or NULL. */
static const char *after(const char *line, const char *word)
{
	size_t length = strlen(word);

	return strncmp(line, word, length) == 0 && strchr(" \t(", line[length]) && line[length] ? line + length : NULL;
}

static int add_task(const struct spaces *spaces, const char *task, const struct finding *finding)
{
	bool bundled = script_has_file(finding, "Gemfile");
	char name[BRM_NAME_MAX + 1] = "";
	size_t length = 0;

	for (size_t i = 0; i < spaces->count && length < sizeof name; i++)
		length += (size_t)snprintf(name + length, sizeof name - length, "%s:", spaces->names[i]);
	if (length < sizeof name)
		snprintf(name + length, sizeof name - length, "%s", task);
	return bundled ? script_add_words(finding, name, "bundle", "exec", "rake", name, NULL)
		       : script_add_words(finding, name, "rake", name, NULL);
}

int rake_read(struct text *text, const struct finding *finding)
{
	struct spaces spaces = {0};
	char line[LINE_BYTES_MAX], name[64];
	size_t at = 0;
	int result = 0;

	while (result == 0 && script_line(text, &at, line, sizeof line)) {
		size_t indent = strspn(line, " \t");
		const char *word = line + indent, *rest;

		if (strcmp(word, "end") == 0 && spaces.count > 0 && spaces.indents[spaces.count - 1] == indent)
			spaces.count--;
		rest = after(word, "namespace");
		if (rest && spaces.count < SPACES_MAX) {
			take_name(rest, spaces.names[spaces.count], sizeof *spaces.names);
			spaces.indents[spaces.count++] = indent;
		}
		rest = after(word, "task");
		if (!rest &&
		    isupper((unsigned char)*word)) /* Rake::TestTask.new(:test), RSpec::Core::RakeTask.new(:spec) */
			rest = strstr(word, "Task.new(") ? strstr(word, "Task.new(") + 8 : NULL;
		take_name(rest ? rest : "", name, sizeof name);
		if (*name && strcmp(name, "default") != 0)
			result = add_task(&spaces, name, finding);
	}
	return result;
}
