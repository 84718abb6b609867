/* SPDX-License-Identifier: MIT */
#include "config/drafts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROCESSES_MAX 20000u
#define BYTES_MAX     ((size_t)256 * 1024 * 1024)
#define COMMAND_MAX   131000u /* the kernel's limit for one argument, and some room */

int worse(int one, int other)
{
	return one == -ENOMEM || other == 0 ? one : other;
}

int drafts_get(struct drafts *r, const struct yaml_node *key, struct draft **out)
{
	struct report *report = r->finding->report;
	size_t at;

	*out = (struct draft *)config_find(&r->all, key->text);
	if (*out)
		return 0;
	if (name_check(key->text, &at) != 0)
		yaml_error(report, key, "\"%s\" is no name, expected 1 to %d bytes of printable UTF-8", key->text,
			   BRM_NAME_MAX - 1);
	else if (r->all.count >= PROCESSES_MAX)
		yaml_error(report, key, "too many processes, expected at most %u", PROCESSES_MAX);
	else
		*out = draft_new(key->text);
	if (!*out)
		return key->reported ? -EINVAL : -ENOMEM;
	(*out)->name = key;
	if (string_set(&(*out)->spec.dir, key->folder) == 0 && config_add(&r->all, &(*out)->spec, "") == 0)
		return 0;
	draft_free(*out);
	return -ENOMEM;
}

int drafts_take(struct drafts *r, const struct yaml_node *value, const struct schema_key *table)
{
	struct draft *draft = r->take.draft;
	int result = value->kind == YAML_MAP
			     ? schema_take_map(&r->take, value, table, draft)
			     : schema_take_row(&r->take, value, schema_find(schema_process, "command"), draft);

	draft->is_wrong = draft->is_wrong || result != 0;
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

static int finish_env(struct drafts *r, struct draft *draft, char **common)
{
	char **env = list_copy(common);
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
static int finish_shell(struct drafts *r, struct draft *draft)
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
	return result == 0 && r->program ? string_set(&draft->spec.shell[0], r->program) : result;
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

static bool has_profile(const struct drafts *r, const char *profile)
{
	for (size_t i = 0; i < r->all.count; i++) {
		char *const *own = ((const struct draft *)r->all.specs[i])->profiles;

		for (; own && *own; own++)
			if (strcmp(*own, profile) == 0)
				return true;
	}
	return strcmp(profile, "*") == 0;
}

/* A profile that is chosen and that no entry has is a slip, mostly. */
static void check_profiles(const struct drafts *r)
{
	char *const *chosen = r->finding->request->profiles;

	for (; chosen && *chosen; chosen++)
		if (!has_profile(r, *chosen))
			report_warning(r->finding->report, "%s: no process has the profile %s", r->finding->source,
				       *chosen);
}

static int finish_draft(struct drafts *r, struct draft *draft, char **common)
{
	struct spec *spec = &draft->spec;

	if (!spec->command && !spec->argv[0] && draft->is_wrong)
		return -EINVAL; /* it may have one when that is mended */
	if (!spec->command && !spec->argv[0]) {
		yaml_error(r->finding->report, draft->name, "%s has no command, expected one", spec->name);
		return -EINVAL;
	}
	if (spec->command && strlen(spec->command) > COMMAND_MAX) {
		yaml_error(r->finding->report, draft->name, "the command of %s is too long, expected at most %u bytes",
			   spec->name, COMMAND_MAX);
		return -EINVAL;
	}
	spec->line = (uint32_t)draft->name->line;
	spec->autostart = spec->autostart && is_chosen(draft->profiles, r->finding->request->profiles);
	if (string_set(&spec->script, spec->name) != 0 || string_set(&spec->source, draft->name->file) != 0 ||
	    finish_env(r, draft, common) != 0 || finish_shell(r, draft) != 0 || finish_watch(draft) != 0)
		return -ENOMEM;
	return 0;
}

/* Append one, or one of a family. The spec becomes the configuration's in any case. */
static int add(struct drafts *r, const struct draft *draft, struct spec *spec)
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

static int add_family(struct drafts *r, const struct draft *draft)
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

/* Stop before copies take all memory. */
static int count_bytes(struct drafts *r, const struct draft *draft)
{
	r->bytes += spec_bytes(&draft->spec) * draft->replicas;
	if (r->bytes <= BYTES_MAX)
		return 0;
	yaml_error(r->finding->report, draft->name, "too much in all processes together, expected at most 256 MiB");
	return -EINVAL;
}

static int add_draft(struct drafts *r, const struct draft *draft)
{
	struct spec *spec;

	if (draft->has_replicas)
		return add_family(r, draft);
	spec = spec_copy(&draft->spec);
	return spec ? add(r, draft, spec) : -ENOMEM;
}

int drafts_add(struct drafts *r)
{
	char **common = NULL; /* variables that every process gets */
	int result = set_file_env(&common, r->file_env, r->env);

	result = result == 0 ? set_env(&common, r->env) : result;
	for (size_t i = 0; i < r->all.count && result != -ENOMEM && r->bytes <= BYTES_MAX; i++) {
		struct draft *draft = (struct draft *)r->all.specs[i];

		result = worse(finish_draft(r, draft, common), result);
		result = worse(count_bytes(r, draft), result);
	}
	for (size_t i = 0; i < r->all.count && result != -ENOMEM && r->bytes <= BYTES_MAX; i++)
		result = worse(add_draft(r, (const struct draft *)r->all.specs[i]), result);
	list_free(common);
	check_profiles(r);
	return result;
}

void drafts_init(struct drafts *drafts, const struct finding *finding)
{
	*drafts = (struct drafts){.finding = finding};
	drafts->take = (struct schema_take){.report = finding->report,
					    .explanation = finding->request->explanation,
					    .touches_no_file = finding->dir_fd < 0};
}

void drafts_finish(struct drafts *drafts)
{
	for (size_t i = 0; i < drafts->all.count; i++)
		draft_free((struct draft *)drafts->all.specs[i]);
	drafts->all.count = 0;
	config_finish(&drafts->all);
	list_free(drafts->env);
	list_free(drafts->file_env);
	list_free(drafts->shell);
}
