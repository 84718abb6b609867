/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/quote.h"
#include "config/scripts.h"

/*
 * .vscode/tasks.json and launch.json. Both have comments, and variables: ${workspaceFolder} and ${env:NAME} are known,
 * what asks for another one is left out with a warning, for only the editor can answer.
 */

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* One task or configuration on its way to a script. */
struct item {
	const struct finding *to;
	const char *name;
	char **argv;
	char **env;
	char *dir;
	char *unknown; /* a variable that is not known, or NULL */
	int result;    /* 0, -ENOMEM */
};

/* Print a variable's value; false when it is not known. `name` is what stands between the braces. */
static bool print_variable(const struct item *item, const char *name, FILE *out)
{
	const char *value = NULL;

	if (strcmp(name, "workspaceFolder") == 0 || strcmp(name, "workspaceRoot") == 0 || strcmp(name, "cwd") == 0)
		value = item->to->dir;
	else if (strcmp(name, "workspaceFolderBasename") == 0)
		value = strrchr(item->to->dir, '/') + 1;
	else if (strncmp(name, "env:", 4) == 0)
		value = getenv(name + 4) ? getenv(name + 4) : "";
	else if (strcmp(name, "pathSeparator") == 0 || strcmp(name, "/") == 0)
		value = "/";
	if (value)
		fputs(value, out);
	return value != NULL;
}

static void expand_to(struct item *item, const char *text, FILE *out)
{
	while (*text) {
		const char *end = strncmp(text, "${", 2) == 0 ? strchr(text, '}') : NULL;
		char *name;

		if (!end) {
			fputc(*text++, out);
			continue;
		}
		name = strndup(text + 2, (size_t)(end - text) - 2);
		if (!name)
			item->result = -ENOMEM;
		if (name && !print_variable(item, name, out) && !item->unknown)
			item->unknown = name;
		else
			free(name);
		text = end + 1;
	}
}

/* A text with its variables, to be freed; NULL: no memory, which item->result has. */
static char *expand(struct item *item, const char *text)
{
	char *expanded = NULL;
	size_t size;
	FILE *out = open_memstream(&expanded, &size);

	if (out)
		expand_to(item, text, out);
	if (!out || fclose(out) != 0)
		item->result = -ENOMEM;
	return expanded;
}

static void add_word(struct item *item, const char *text)
{
	char *word = text && item->result == 0 ? expand(item, text) : NULL;

	if (word && list_append(&item->argv, word) != 0)
		item->result = -ENOMEM;
	free(word);
}

/* Words that may be written as {"value": "...", "quoting": "..."}. */
static const char *word_of(const json_t *value)
{
	return json_is_object(value) ? json_text(value, "value") : json_string_value(value);
}

static void add_words(struct item *item, const json_t *list)
{
	const json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
	{
		add_word(item, word_of(value));
	}
}

static void set_dir(struct item *item, const char *cwd)
{
	if (!cwd)
		return;
	free(item->dir);
	item->dir = expand(item, cwd);
}

static void set_env(struct item *item, const json_t *env)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)env, name, value)
	{
		char *text = json_is_string(value) ? expand(item, json_string_value(value)) : NULL;

		if (*name && !strchr(name, '=') && (text || json_is_null(value)) && item->result == 0)
			item->result = env_set(&item->env, name, text);
		free(text);
	}
}

static void item_finish(struct item *item)
{
	list_free(item->argv);
	list_free(item->env);
	free(item->dir);
	free(item->unknown);
}

/* Append what the item became; `command` (NULL: its words) is for the shell. */
static int add_item(struct item *item, const char *command)
{
	const struct script script = {
		.name = item->name, .dir = item->dir, .command = command, .argv = item->argv, .env = item->env};

	if (item->result == 0 && item->unknown)
		report_warning(item->to->report, "%s: %s is left out, ${%s} is known to the editor alone",
			       item->to->source, item->name, item->unknown);
	else if (item->result == 0 && item->argv && *item->argv[0])
		item->result = script_add(item->to, &script);
	return item->result;
}

/* The first word is a command line of its own, the others are its arguments. */
static int add_shell(struct item *item)
{
	char *command = NULL;
	size_t size;
	FILE *out = open_memstream(&command, &size);
	int result;

	for (size_t i = 0; out && item->argv && item->argv[i]; i++) {
		if (i == 0) {
			fputs(item->argv[i], out);
			continue;
		}
		fputc(' ', out);
		quote_shell(out, item->argv[i]);
	}
	if (!out || fclose(out) != 0)
		item->result = -ENOMEM;
	result = add_item(item, command);
	free(command);
	return result;
}

/* A member of a task, of its part for this system first. */
static const json_t *task_member(const json_t *task, const char *key)
{
	const json_t *own = json_object_get(json_object_get(task, "linux"), key);

	return own ? own : json_object_get(task, key);
}

static int add_task(const struct finding *finding, const json_t *task, const json_t *defaults)
{
	const char *type = json_string_value(json_object_get(task, "type"));
	const char *label = json_text(task, "label");
	const json_t *options[] = {json_object_get(defaults, "options"), task_member(task, "options")};
	struct item item = {.to = finding, .name = label ? label : json_text(task, "taskName")};
	const char *command = word_of(task_member(task, "command"));
	bool is_shell = !type || strcmp(type, "shell") == 0;
	int result;

	if (!command || (!is_shell && strcmp(type, "process") != 0))
		return 0; /* a task of an extension, or of others only */
	item.name = item.name ? item.name : command;
	add_word(&item, command);
	add_words(&item, task_member(task, "args"));
	for (size_t i = 0; i < COUNT(options); i++) {
		set_dir(&item, json_text(options[i], "cwd"));
		set_env(&item, json_object_get(options[i], "env"));
	}
	result = is_shell ? add_shell(&item) : add_item(&item, NULL);
	item_finish(&item);
	return result;
}

/* Call fn for every object of a list in the file; what else is in it is a warning. */
static int each(struct text *text, const struct finding *finding, const char *key,
		int (*fn)(const struct finding *finding, const json_t *entry, const json_t *root))
{
	const json_t *list, *entry;
	struct text plain;
	json_t *root;
	size_t i;
	struct finding own = *finding;
	int result = jsonc_read(text, &plain, &root, finding->report);

	if (result != 0)
		return result;
	own.json = &plain;
	list = json_object_get(root, key);
	if (list && !json_is_array(list))
		script_wrong_type(&own, NULL, NULL, key, list, "a list");
	json_array_foreach(list, i, entry)
	{
		if (!json_is_object(entry))
			script_wrong_type(&own, NULL, NULL, key, entry, "objects in the list");
		else if (result == 0)
			result = fn(finding, entry, root);
	}
	json_decref(root);
	text_finish(&plain);
	return result;
}

int vscode_tasks_read(struct text *text, const struct finding *finding)
{
	return each(text, finding, "tasks", add_task);
}

/* ---- launch.json: what a debugger would start, without it ---- */

/* How a type of configuration runs its program. */
static const struct launcher {
	const char *type;
	const char *words[2]; /* before the program */
	const char *runtime;  /* the key that names another first word; NULL: none */
	const char *module;   /* the key for a module instead of a program, which -m goes before */
} launchers[] = {
	{"node", {"node"}, "runtimeExecutable", NULL},
	{"pwa-node", {"node"}, "runtimeExecutable", NULL},
	{"bun", {"bun"}, "runtime", NULL},
	{"python", {"python3"}, "python", "module"},
	{"debugpy", {"python3"}, "python", "module"},
	{"go", {"go", "run"}, NULL, NULL},
	{"php", {"php"}, "runtimeExecutable", NULL},
	{"dart", {"dart", "run"}, NULL, NULL},
	{"coreclr", {"dotnet"}, NULL, NULL},
	{"cppdbg", {NULL}, NULL, NULL},
	{"lldb", {NULL}, NULL, NULL},
	{"gdb", {NULL}, NULL, NULL},
	{"bashdb", {"bash"}, NULL, NULL},
};

static const struct launcher *launcher_of(const char *type)
{
	for (size_t i = 0; type && i < COUNT(launchers); i++)
		if (strcmp(launchers[i].type, type) == 0)
			return &launchers[i];
	return NULL;
}

static void add_launch_words(struct item *item, const struct launcher *launcher, const json_t *entry)
{
	const char *runtime = launcher->runtime ? json_text(entry, launcher->runtime) : NULL;
	const char *module = launcher->module ? json_text(entry, launcher->module) : NULL;

	add_word(item, runtime ? runtime : launcher->words[0]);
	add_word(item, runtime ? NULL : launcher->words[1]);
	add_words(item, json_object_get(entry, "runtimeArgs"));
	if (module) {
		add_word(item, "-m");
		add_word(item, module);
	} else {
		add_word(item, json_text(entry, "program"));
	}
	add_words(item, json_object_get(entry, "args"));
}

static int add_launch(const struct finding *finding, const json_t *entry, const json_t *root)
{
	const char *request = json_text(entry, "request");
	const struct launcher *launcher = launcher_of(json_text(entry, "type"));
	struct item item = {.to = finding, .name = json_text(entry, "name")};
	int result;

	(void)root;
	if (!launcher || !item.name || !request || strcmp(request, "launch") != 0 ||
	    !(json_text(entry, "program") || json_text(entry, "module") || json_text(entry, "runtimeExecutable")))
		return 0; /* a browser, or a program that runs already */
	add_launch_words(&item, launcher, entry);
	set_dir(&item, json_text(entry, "cwd"));
	set_env(&item, json_object_get(entry, "env"));
	result = add_item(&item, NULL);
	item_finish(&item);
	return result;
}

int vscode_launch_read(struct text *text, const struct finding *finding)
{
	return each(text, finding, "configurations", add_launch);
}
