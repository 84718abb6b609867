/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config/scripts.h"

/* pyproject.toml and manage.py: by the manager whose lock file is there, else from the virtual environment. */

static const struct manager {
	const char *lock;
	const char *name;
	const char *tool; /* the table in pyproject.toml that says the same */
} managers[] = {
	{"uv.lock", "uv", "uv"},  {"poetry.lock", "poetry", "poetry"}, {"pdm.lock", "pdm", "pdm"},
	{NULL, "hatch", "hatch"}, {"Pipfile.lock", "pipenv", NULL},
};

static const char *const environments[] = {".venv", "venv"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *manager_of(const struct finding *finding, const json_t *tool)
{
	for (size_t i = 0; i < COUNT(managers); i++)
		if (managers[i].lock && script_has_file(finding, managers[i].lock))
			return managers[i].name;
	for (size_t i = 0; i < COUNT(managers); i++)
		if (managers[i].tool && json_object_get(tool, managers[i].tool))
			return managers[i].name;
	return NULL;
}

/* Of a program of the project: where the virtual environment has it, else the name itself. */
static const char *program(const struct finding *finding, const char *name, char out[PATH_MAX])
{
	for (size_t i = 0; i < COUNT(environments); i++)
		if (snprintf(out, PATH_MAX, "%s/bin/%s", environments[i], name) < PATH_MAX &&
		    script_has_file(finding, out))
			return out;
	return name;
}

static int add_command(const struct finding *to, const char *manager, const char *name)
{
	char path[PATH_MAX];
	struct script script = {.name = name, .manager = manager, .words = {program(to, name, path)}};

	if (manager) {
		script.words[0] = manager;
		script.words[1] = "run";
		script.words[2] = name;
	}
	return script_add(to, &script);
}

/* Every key of a table is a command; what begins with _ is the manager's own. */
static int add_commands(const struct finding *to, const char *manager, const json_t *table)
{
	const char *name;
	json_t *value;
	int result = 0;

	json_object_foreach((json_t *)table, name, value)
	{
		if (*name != '_' && result == 0)
			result = add_command(to, manager, name);
	}
	return result;
}

/* [tool.hatch.envs.ENV.scripts]: of the environment `default` by the name alone. */
static int add_hatch(const struct finding *to, const json_t *hatch)
{
	const json_t *envs = script_object(to, hatch, "envs");
	const char *env, *name;
	json_t *table, *value;
	char whole[BRM_NAME_MAX + 1];
	int result = 0;

	json_object_foreach((json_t *)envs, env, table)
	{
		bool is_default = strcmp(env, "default") == 0;

		json_object_foreach((json_t *)script_object(to, table, "scripts"), name, value)
		{
			snprintf(whole, sizeof whole, "%s%s%s", is_default ? "" : env, is_default ? "" : ":", name);
			if (*name != '_' && result == 0)
				result = add_command(to, "hatch", whole);
		}
	}
	return result;
}

/* Tasks of a program that runs them: `poe NAME` or, with a manager, `uv run poe NAME`. */
static int add_tasks(const struct finding *to, const char *manager, const json_t *table, const char *runner)
{
	char path[PATH_MAX];
	const char *name;
	json_t *value;
	int result = 0;

	json_object_foreach((json_t *)table, name, value)
	{
		struct script script = {.name = name, .manager = manager};
		size_t count = 0;

		if (manager) {
			script.words[count++] = manager;
			script.words[count++] = "run";
		}
		script.words[count++] = manager ? runner : program(to, runner, path);
		script.words[count] = name;
		if (*name != '_' && result == 0)
			result = script_add(to, &script);
	}
	return result;
}

int python_read(struct text *text, const struct finding *finding)
{
	const json_t *tool, *project;
	const char *manager;
	struct toml toml;
	struct finding own = *finding;
	int result = toml_parse(text, &toml, finding->report);

	if (result != 0)
		return result;
	own.toml = &toml;
	tool = script_object(&own, toml.root, "tool");
	project = script_object(&own, toml.root, "project");
	manager = manager_of(finding, tool);
	const struct {
		const char *manager;
		const json_t *table;
	} tables[] = {
		{manager, script_object(&own, project, "scripts")},
		{manager, script_object(&own, project, "gui-scripts")},
		{manager, script_object(&own, script_object(&own, tool, "poetry"), "scripts")},
		{"pdm", script_object(&own, script_object(&own, tool, "pdm"), "scripts")},
		{"rye", script_object(&own, script_object(&own, tool, "rye"), "scripts")},
	};
	for (size_t i = 0; i < COUNT(tables) && result == 0; i++)
		result = add_commands(finding, tables[i].manager, tables[i].table);
	if (result == 0)
		result = add_hatch(finding, script_object(&own, tool, "hatch"));
	if (result == 0)
		result = add_tasks(finding, manager, script_object(&own, script_object(&own, tool, "poe"), "tasks"),
				   "poe");
	if (result == 0)
		result = add_tasks(finding, manager, script_object(&own, script_object(&own, tool, "taskipy"), "tasks"),
				   "task");
	toml_finish(&toml);
	return result;
}

int django_read(struct text *text, const struct finding *finding)
{
	static const struct {
		const char *name;
		bool tty;
	} commands[] = {{"runserver", false}, {"migrate", false}, {"test", false}, {"shell", true}};
	const char *manager = manager_of(finding, NULL);
	char path[PATH_MAX];
	int result = 0;

	if (!memmem(text->bytes, text->length, "django", 6))
		return 0;
	for (size_t i = 0; i < COUNT(commands) && result == 0; i++) {
		struct script script = {.name = commands[i].name, .manager = manager, .tty = commands[i].tty};
		size_t count = 0;

		if (manager) {
			script.words[count++] = manager;
			script.words[count++] = "run";
		}
		script.words[count++] = manager ? "python" : program(finding, "python", path);
		if (strcmp(script.words[count - 1], "python") == 0 && !manager)
			script.words[count - 1] = "python3";
		script.words[count++] = "manage.py";
		script.words[count] = commands[i].name;
		result = script_add(finding, &script);
	}
	return result;
}
