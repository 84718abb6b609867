/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/explain.h"
#include "config/schema.h"
#include "config/sources.h"
#include "config/yaml_files.h"

#define PROCESSES_MAX 20000u

/* What all files together say, while they are read. */
struct reading {
	const struct finding *finding;
	struct schema_take take;
	struct yaml_files files;
	struct config drafts; /* each spec is the first member of a struct draft */
	char **env;
	char **file_env;
	char **shell;
	char **common; /* variables that every process gets */
};

/* Errors are reported; what can be read is read on. */
static int go_on(int rc, int result)
{
	return rc == -ENOMEM || result == 0 ? rc : result;
}

/* Take a key of the file itself, of all files in order, into *field. */
static int take_top(struct reading *r, const char *name, void *field)
{
	const struct schema_key *row = schema_find(schema_file, name);
	int result = 0;

	for (size_t i = 0; i < r->files.count && result != -ENOMEM; i++) {
		const struct yaml_node *value = yaml_get(r->files.documents[i].root, name);

		if (value && !yaml_is_null(value))
			result = go_on(schema_take_row(&r->take, value, row, field), result);
	}
	return result;
}

static void check_keys(struct reading *r)
{
	for (size_t i = 0; i < r->files.count; i++) {
		const struct yaml_node *root = r->files.documents[i].root;

		for (size_t k = 0; root && k < root->count; k++) {
			const struct yaml_node *key = root->pairs[k].key;

			if (!schema_find(schema_file, key->text) && strncmp(key->text, "x-", 2) != 0)
				schema_unknown(&r->take, key, schema_file);
		}
	}
}

/* The draft of a name, new if there is none yet. 0, -EINVAL (reported), -ENOMEM */
static int draft_of(struct reading *r, const struct yaml_node *key, struct draft **out)
{
	struct report *report = r->finding->report;
	size_t at;

	*out = (struct draft *)config_find(&r->drafts, key->text);
	if (*out)
		return 0;
	if (name_check(key->text, &at) != 0)
		yaml_error(report, key, "\"%s\" is no name, expected 1 to %d bytes of printable UTF-8", key->text,
			   BRM_NAME_MAX - 1);
	else if (r->drafts.count >= PROCESSES_MAX)
		yaml_error(report, key, "too many processes, expected at most %u", PROCESSES_MAX);
	else
		*out = draft_new(key->text);
	if (!*out)
		return key->reported ? -EINVAL : -ENOMEM;
	(*out)->name = key;
	if (string_set(&(*out)->spec.dir, key->folder) == 0 && config_add(&r->drafts, &(*out)->spec, "") == 0)
		return 0;
	draft_free(*out);
	return -ENOMEM;
}

static int take_process(struct reading *r, const struct yaml_pair *pair)
{
	struct explanation *explanation = r->finding->request->explanation;
	struct draft *draft;
	int result = draft_of(r, pair->key, &draft);

	if (result != 0 || yaml_is_null(pair->value))
		return result;
	r->take.draft = draft;
	r->take.explanation = explanation && explanation_is_of(explanation, pair->key->text) ? explanation : NULL;
	if (pair->value->kind == YAML_MAP)
		return schema_take_map(&r->take, pair->value, schema_process, draft);
	return schema_take_row(&r->take, pair->value, schema_find(schema_process, "command"), draft);
}

static int take_processes(struct reading *r)
{
	int result = 0;

	for (size_t i = 0; i < r->files.count; i++) {
		const struct yaml_node *all = yaml_get(r->files.documents[i].root, "processes");

		if (all && !yaml_is_null(all) && all->kind != YAML_MAP)
			result = go_on(schema_wrong(&r->take, all, schema_find(schema_file, "processes")), result);
		for (size_t p = 0; all && all->kind == YAML_MAP && p < all->count; p++) {
			result = go_on(take_process(r, &all->pairs[p]), result);
			if (result == -ENOMEM || report_is_full(r->finding->report))
				return result;
		}
	}
	return result;
}

/* Set variables of env files: the supervisor's own and those in `over` win. */
static int set_file_env(char ***env, char **from, char *const *over)
{
	int result = 0;

	for (size_t i = 0; from && from[i] && result == 0; i++) {
		char *equals = strchr(from[i], '=');

		*equals = '\0';
		if (!getenv(from[i]) && !env_get(over, from[i]))
			result = env_set(env, from[i], equals + 1);
		*equals = '=';
	}
	return result;
}

/* Set "KEY=value" and "KEY" over what is there. */
static int set_env(char ***env, char **from)
{
	int result = 0;

	for (size_t i = 0; from && from[i] && result == 0; i++) {
		char *equals = strchr(from[i], '=');

		if (equals)
			*equals = '\0';
		result = env_set(env, from[i], equals ? equals + 1 : NULL);
		if (equals)
			*equals = '=';
	}
	return result;
}

static int finish_env(struct reading *r, struct draft *draft)
{
	char **env = list_copy(r->common);
	int result = env ? set_file_env(&env, draft->file_env, r->env) : -ENOMEM;

	if (result == 0)
		result = set_env(&env, draft->spec.env);
	if (result != 0) {
		list_free(env);
		return result;
	}
	list_free(draft->spec.env);
	draft->spec.env = env;
	return 0;
}

/* The shell in front of a command: its own, the file's, or the one with the guard. */
static int finish_shell(struct reading *r, struct draft *draft)
{
	char *command = draft->spec.command;
	char **shell;
	int result;

	if (!command || draft->has_shell)
		return 0;
	if (list_length(r->shell) > 0) {
		shell = list_copy(r->shell);
		if (!shell)
			return -ENOMEM;
		list_free(draft->spec.shell);
		draft->spec.shell = shell;
		return 0;
	}
	draft->spec.command = NULL;
	result = spec_set_command(&draft->spec, command);
	free(command);
	return result;
}

/* What is watched is relative to where it runs. */
static int finish_watch(struct draft *draft)
{
	for (char **path = draft->spec.watch_paths; path && *path; path++) {
		char *whole = schema_path(draft->spec.dir, *path);

		if (!whole)
			return -ENOMEM;
		free(*path);
		*path = whole;
	}
	return 0;
}

/* Is one of the profiles of an entry chosen? Of one without profiles, always. */
static bool is_chosen(char *const *profiles, char *const *chosen)
{
	if (list_length(profiles) == 0)
		return true;
	for (; *profiles; profiles++)
		for (size_t i = 0; chosen && chosen[i]; i++)
			if (strcmp(chosen[i], *profiles) == 0 || strcmp(chosen[i], "*") == 0)
				return true;
	return false;
}

static int finish_draft(struct reading *r, struct draft *draft)
{
	struct spec *spec = &draft->spec;

	if (!spec->command && !spec->argv[0]) {
		yaml_error(r->finding->report, draft->name, "%s has no command, expected one", spec->name);
		return -EINVAL;
	}
	spec->autostart = spec->autostart && is_chosen(draft->profiles, r->finding->request->profiles);
	if (string_set(&spec->script, spec->name) != 0 || string_set(&spec->source, draft->name->file) != 0 ||
	    finish_env(r, draft) != 0 || finish_shell(r, draft) != 0 || finish_watch(draft) != 0)
		return -ENOMEM;
	return 0;
}

/* Append one, or one of a family. The spec becomes the configuration's in any case. */
static int add(struct reading *r, const struct draft *draft, struct spec *spec)
{
	int result;

	if (config_find(r->finding->config, spec->name)) {
		yaml_error(r->finding->report, draft->name, "%s is there twice, expected another name", spec->name);
		spec_free(spec);
		return -EINVAL;
	}
	result = config_add(r->finding->config, spec, r->finding->prefix);
	if (result != 0)
		spec_free(spec);
	return result;
}

static int add_family(struct reading *r, const struct draft *draft)
{
	const char *name = draft->spec.name;
	int result = 0;

	for (uint32_t n = 1; n <= draft->replicas && result == 0; n++) {
		struct spec *spec = spec_replica(&draft->spec, name, n);

		if (!spec && (strlen(name) + 12 > BRM_NAME_MAX || env_get(draft->spec.env, "PORT"))) {
			yaml_error(r->finding->report, draft->name,
				   "%s has no name or port for replica %" PRIu32 ", expected less of them", name, n);
			return -EINVAL;
		}
		if (r->finding->config->count >= PROCESSES_MAX) {
			spec_free(spec);
			yaml_error(r->finding->report, draft->name, "too many processes, expected at most %u",
				   PROCESSES_MAX);
			return -EINVAL;
		}
		result = spec ? add(r, draft, spec) : -ENOMEM;
	}
	return result;
}

/* Turn all drafts into specs of the configuration. */
static int finish_all(struct reading *r)
{
	int result = 0;

	for (size_t i = 0; i < r->drafts.count && result != -ENOMEM; i++)
		result = go_on(finish_draft(r, (struct draft *)r->drafts.specs[i]), result);
	for (size_t i = 0; i < r->drafts.count && result == 0; i++) {
		struct draft *draft = (struct draft *)r->drafts.specs[i];
		struct spec *spec = draft->has_replicas ? NULL : spec_copy(&draft->spec);

		if (draft->has_replicas)
			result = add_family(r, draft);
		else
			result = spec ? add(r, draft, spec) : -ENOMEM;
	}
	return result;
}

/* Variables first: values of everything else may refer to them. */
static int take_all(struct reading *r)
{
	int result = take_top(r, "env_file", &r->file_env);

	r->take.file_env = r->file_env;
	result = go_on(take_top(r, "env", &r->env), result);
	r->take.env = r->env;
	result = go_on(take_top(r, "shell", &r->shell), result);
	if (result == -ENOMEM || set_file_env(&r->common, r->file_env, r->env) != 0 || set_env(&r->common, r->env) != 0)
		return -ENOMEM;
	check_keys(r);
	return go_on(take_processes(r), result);
}

static void finish(struct reading *r)
{
	for (size_t i = 0; i < r->drafts.count; i++)
		draft_free((struct draft *)r->drafts.specs[i]);
	r->drafts.count = 0;
	config_finish(&r->drafts);
	list_free(r->env);
	list_free(r->file_env);
	list_free(r->shell);
	list_free(r->common);
	yaml_files_finish(&r->files);
}

int brummer_read(struct text *text, const struct finding *finding)
{
	struct report *report = finding->report;
	struct reading r = {.finding = finding};
	bool failed = report->failed;
	int result;

	report->failed = false;
	r.take = (struct schema_take){
		.report = report, .explanation = finding->request->explanation, .touches_no_file = finding->dir_fd < 0};
	result = yaml_files_read(&r.files, text, finding);
	if (result != -ENOMEM)
		result = go_on(take_all(&r), result);
	if (result != -ENOMEM && !report->failed)
		result = finish_all(&r);
	finish(&r);
	if (result == 0 && report->failed)
		result = -EINVAL;
	report->failed = report->failed || failed;
	return result;
}
