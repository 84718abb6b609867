/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config/folders.h"
#include "config/ignore.h"
#include "config/npm.h"
#include "config/scripts.h"
#include "config/yaml.h"

/*
 * Workspaces of JavaScript: the packages that package.json, pnpm-workspace.yaml, lerna.json, rush.json or nx.json name,
 * each once, their scripts as PACKAGE:SCRIPT.
 */

const char *const workspaces_files[] = {"pnpm-workspace.yaml", "lerna.json", "rush.json", "nx.json", NULL};

#define MEMBERS_MAX       2048u
#define PACKAGE_BYTES_MAX (1024u * 1024u)

struct workspace {
	const struct finding *to;
	const struct text *text; /* of the project's package.json */
	struct npm_manager manager;
	struct npm_programs programs;
	char **patterns;
	char **members; /* paths that were read */
	size_t count;
	bool is_nx;
};

static int add_patterns(struct workspace *workspace, const struct finding *where, const char *key, const json_t *list)
{
	const json_t *entry;
	size_t i;
	int result = 0;

	json_array_foreach(list, i, entry)
	{
		if (!json_is_string(entry))
			script_wrong_type(where, NULL, NULL, key, entry, "patterns in the list");
		else if (result == 0)
			result = list_append(&workspace->patterns, json_string_value(entry));
	}
	return result;
}

/* "workspaces": [...] or {"packages": [...]} */
static int package_patterns(struct workspace *workspace, const json_t *json)
{
	const json_t *value = json_object_get(json, "workspaces");
	struct finding where = *workspace->to;

	where.json = workspace->text;

	if (json_is_object(value))
		value = json_object_get(value, "packages");
	if (value && !json_is_array(value))
		script_wrong_type(&where, NULL, NULL, "workspaces", value, "a list of patterns");
	return add_patterns(workspace, &where, "workspaces", value);
}

static int pnpm_patterns(struct workspace *workspace)
{
	static const char file[] = "pnpm-workspace.yaml";
	struct report report = {0};
	struct yaml_document document;
	const struct yaml_node *list;
	struct text text;
	int result = script_read_text(workspace->to, file, &text);

	if (result != 0)
		return result == -ENOENT ? 0 : result;
	result = yaml_read(&text, workspace->to->dir, &document, &report);
	report_demote(&report, workspace->to->report);
	list = document.root && document.root->kind == YAML_MAP ? yaml_get(document.root, "packages") : NULL;
	for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count && result == 0; i++)
		if (list->items[i]->kind == YAML_SCALAR)
			result = list_append(&workspace->patterns, list->items[i]->text);
	yaml_finish(&document);
	text_finish(&text);
	return result == -ENOMEM ? result : 0;
}

static int lerna_patterns(struct workspace *workspace)
{
	struct finding where = *workspace->to;
	json_t *json;
	int result = script_read_json(workspace->to, "lerna.json", &json);

	if (result != 0)
		return result == -ENOENT ? 0 : result;
	where.source = "lerna.json";
	result = add_patterns(workspace, &where, "packages", json_object_get(json, "packages"));
	json_decref(json);
	return result;
}

/* {"projects": [{"packageName": ..., "projectFolder": "apps/web"}]} */
static int rush_patterns(struct workspace *workspace)
{
	const json_t *entry;
	json_t *json;
	size_t i;
	int result = script_read_json(workspace->to, "rush.json", &json);

	if (result != 0)
		return result == -ENOENT ? 0 : result;
	json_array_foreach(json_object_get(json, "projects"), i, entry)
	{
		const char *folder = json_text(entry, "projectFolder");

		if (folder && result == 0)
			result = list_append(&workspace->patterns, folder);
	}
	json_decref(json);
	return result;
}

/* The folders of applications and libraries, where projects need no package.json. */
static int nx_patterns(struct workspace *workspace)
{
	static const char *const keys[] = {"appsDir", "libsDir"}, *const initial[] = {"apps", "libs"};
	const json_t *layout;
	char pattern[PATH_MAX];
	json_t *json;
	int result = script_read_json(workspace->to, "nx.json", &json);

	if (result != 0)
		return result == -ENOENT ? 0 : result;
	workspace->is_nx = true;
	layout = json_object_get(json, "workspaceLayout");
	for (size_t i = 0; i < 2 && result == 0; i++) {
		const char *dir = json_text(layout, keys[i]);

		snprintf(pattern, sizeof pattern, "%s/**", dir ? dir : initial[i]);
		result = list_append(&workspace->patterns, pattern);
	}
	if (result == 0)
		result = list_append(&workspace->patterns, "packages/**");
	json_decref(json);
	return result;
}

/* ---- members ---- */

/* A pattern with ! leaves out what the others named. */
static bool is_left_out(const struct workspace *workspace, const char *path)
{
	for (size_t i = 0; i < list_length(workspace->patterns); i++) {
		const char *pattern = workspace->patterns[i];

		if (*pattern == '!' && glob_match(pattern + 1 + 2 * (strncmp(pattern + 1, "./", 2) == 0), path))
			return true;
	}
	for (size_t i = 0; i < workspace->count; i++)
		if (strcmp(workspace->members[i], path) == 0)
			return true;
	return false;
}

static int add_package(struct workspace *workspace, struct text *text, const char *path, const struct finding *own)
{
	struct npm_package package;
	char dir[PATH_MAX];
	int result = npm_parse(text, &package, own->report);

	if (result != 0)
		return result;
	package.member = npm_string(&package, "name");
	package.member = package.member && *package.member ? package.member : path;
	package.manager = workspace->manager;
	if (snprintf(dir, sizeof dir, "%s/%s", workspace->to->dir, path) >= (int)sizeof dir || !package.scripts) {
		npm_package_finish(&package);
		return 0;
	}
	struct finding to = *own;
	to.dir = dir;
	result = package.manager.runs_scripts ? 0 : npm_env(&package, dir, &workspace->programs, own->report);
	if (result == 0)
		result = npm_specs(&package, &to);
	npm_package_finish(&package);
	return result;
}

/* project.json of nx: {"name": "web", "targets": {"serve": {...}}} */
static int add_project(const struct workspace *workspace, const char *file, const struct finding *own)
{
	const char *target, *name;
	json_t *json, *value;
	int result;

	if (!workspace->is_nx)
		return 0;
	result = script_read_json(own, file, &json);
	if (result != 0)
		return result == -ENOENT ? 0 : result;
	name = json_text(json, "name");
	json_object_foreach((json_t *)script_object(own, json, "targets"), target, value)
	{
		char whole[2 * BRM_NAME_MAX];
		const struct script script = {
			.name = whole, .key = target, .manager = "nx", .words = {"npx", "nx", "run", whole}};

		snprintf(whole, sizeof whole, "%s:%s", name ? name : "", target);
		if (name && result == 0)
			result = script_add(own, &script);
	}
	json_decref(json);
	return result;
}

/* package.json of a member, errors and all as warnings. */
static int read_package(struct workspace *workspace, const char *path, const char *file, const struct finding *own)
{
	struct text text;
	int result = text_read(own->dir_fd, file, PACKAGE_BYTES_MAX, &text, own->report);

	if (result != 0)
		return result;
	result = add_package(workspace, &text, path, own);
	text_finish(&text);
	return result;
}

static int add_member(void *arg, const char *path)
{
	struct workspace *workspace = arg;
	struct finding own = *workspace->to;
	struct report report = {0};
	char file[PATH_MAX];
	int result;

	if (!*path || workspace->count >= MEMBERS_MAX || is_left_out(workspace, path) ||
	    snprintf(file, sizeof file, "%s/package.json", path) >= (int)sizeof file)
		return 0;
	own.source = file;
	own.prefix = "npm";
	own.report = &report;
	result = read_package(workspace, path, file, &own);
	if (result != -ENOENT && result != -ENOMEM)
		result = list_append(&workspace->members, path);
	workspace->count += result == 0;
	if (result != -ENOMEM && snprintf(file, sizeof file, "%s/project.json", path) < (int)sizeof file)
		result = add_project(workspace, file, &own);
	report_demote(&report, workspace->to->report);
	return result == -ENOMEM ? result : 0;
}

static int find_patterns(struct workspace *workspace, const json_t *json)
{
	int result = package_patterns(workspace, json);

	if (result == 0)
		result = pnpm_patterns(workspace);
	if (result == 0)
		result = lerna_patterns(workspace);
	if (result == 0)
		result = rush_patterns(workspace);
	return result == 0 ? nx_patterns(workspace) : result;
}

static int add_members(struct workspace *workspace)
{
	int result = 0;

	npm_programs_find(workspace->manager.name, &workspace->programs);
	for (size_t i = 0; i < list_length(workspace->patterns) && result == 0; i++)
		if (*workspace->patterns[i] != '!')
			result = folders_match(workspace->to->dir_fd, workspace->patterns[i], add_member, workspace,
					       workspace->to->report);
	if (workspace->count == MEMBERS_MAX)
		report_warning(workspace->to->report, "%s: more than %u packages, the rest is left out",
			       workspace->to->source, MEMBERS_MAX);
	return result;
}

int workspaces_find(const struct finding *finding)
{
	struct finding own = *finding;
	struct text text = {0};
	struct report unseen = {0}; /* the project's own package.json is read by another, who says what is wrong */
	struct workspace workspace = {.to = &own, .text = &text, .manager = {.name = "", .runs_hooks = true}};
	struct npm_package package = {0};
	int result = text_read(finding->dir_fd, "package.json", SCRIPT_BYTES_MAX, &text, &unseen);

	own.source = "package.json";
	if (result == 0 && npm_parse(&text, &package, &unseen) == 0) {
		npm_manager_find(&package, finding->dir, &unseen);
		workspace.manager = package.manager;
	}
	result = result == -ENOMEM ? result : find_patterns(&workspace, package.json);
	if (result == 0 && workspace.patterns)
		result = add_members(&workspace);
	report_finish(&unseen);
	npm_package_finish(&package);
	text_finish(&text);
	list_free(workspace.patterns);
	list_free(workspace.members);
	return result;
}
