/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/import_process_compose.h"
#include "config/units.h"

#define SPEC(field)  offsetof(struct draft, spec.field)
#define DRAFT(field) offsetof(struct draft, field)
#define EVER_NS      (1000u * 86400000000000ull)
#define S            1000000000ull

/* A word of several: its place in the list, which NULL ends; -EINVAL was reported. */
static int take_word(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
		     const char *const *words, int *out)
{
	char *text;
	int result = schema_text(take, node, key, &text), i = 0;

	if (result != 0)
		return result;
	while (words[i] && strcmp(words[i], text) != 0)
		i++;
	free(text);
	if (!words[i])
		return schema_wrong(take, node, key);
	*out = i;
	return 0;
}

static int take_restart(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	static const char *const words[] = {"no", "false", "never", "always", "on_failure", "exit_on_failure", NULL};
	struct spec *spec = &take->draft->spec;
	int word, result = take_word(take, node, key, words, &word);

	(void)base;
	if (result != 0)
		return result;
	spec->restart = word == 3 ? RESTART_ALWAYS : word == 4 ? RESTART_ON_FAILURE : RESTART_NEVER;
	spec->essential = spec->essential || word == 5;
	return 0;
}

static const struct schema_type type_pc_restart = {"no, always, on_failure or exit_on_failure", "", false, take_restart,
						   NULL};

/* Whole seconds, into a duration. */
static int take_seconds(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	uint64_t value;
	int result = schema_number(take, node, key, 0, 86400000, &value);

	if (result == 0)
		*(uint64_t *)((char *)base + key->offset) = (value < key->min ? key->min : value) * S;
	return result;
}

const struct schema_type type_seconds = {"a number of seconds", "", false, take_seconds, NULL};

/* The wait before a restart stays the same. */
static int take_backoff(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	struct spec *spec = &take->draft->spec;
	int result = take_seconds(take, node, key, base);

	spec->backoff_last_ns = spec->backoff_first_ns;
	return result;
}

static const struct schema_type type_backoff_seconds = {"a number of seconds", "", false, take_backoff, NULL};

static int take_restarts(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			 void *base)
{
	int result = type_count.take(take, node, key, base);

	take->draft->spec.restart_window_ns = EVER_NS;
	return result;
}

static const struct schema_type type_restarts = {"a number", "", false, take_restarts, NULL};

static int take_exit_on_end(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			    void *base)
{
	int result = type_bool.take(take, node, key, base);

	if (result == 0 && take->draft->spec.essential)
		yaml_warning(take->report, node, "exit_on_end is taken for a failure alone: %s", key->help);
	return result;
}

static const struct schema_type type_exit_on_end = {"true or false", "", false, take_exit_on_end, NULL};

static const struct schema_key availability_keys[] = {
	{"restart", &type_pc_restart, 0, HONOURED, "exit_on_failure is essential", NULL, NULL, 0, 0},
	{"backoff_seconds", &type_backoff_seconds, SPEC(backoff_first_ns), HONOURED, "", NULL, NULL, 1, 0},
	{"max_restarts", &type_restarts, SPEC(restart_limit), HONOURED, "", NULL, NULL, 0, 1000000},
	{"exit_on_end", &type_exit_on_end, SPEC(essential), APPROXIMATED,
	 "a failure ends everything, an end with success does not.", NULL, NULL, 0, 0},
	{"exit_on_skipped", &type_refused, 0, REFUSED, "there is no such end of everything.", NULL, NULL, 0, 0},
	{0},
};

int compose_take_name(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, char **out)
{
	int result = schema_text(take, node, key, out);

	if (result == 0 && !**out) {
		free(*out);
		result = schema_wrong(take, node, key);
	}
	return result;
}

/* {name: {condition: process_...}}, or a list of names. */
static int take_condition(struct schema_take *take, const struct yaml_node *value, const struct schema_key *key,
			  struct dependency *to)
{
	static const char *const words[] = {"process_started",   "process_healthy",
					    "process_log_ready", "process_completed_successfully",
					    "process_completed", NULL};
	static const enum condition conditions[] = {CONDITION_STARTED, CONDITION_READY, CONDITION_READY,
						    CONDITION_SUCCESS, CONDITION_EXIT};
	const struct yaml_node *condition = value->kind == YAML_MAP ? yaml_get(value, "condition") : value;
	int word, result;

	if (!condition || yaml_is_null(condition))
		return 0;
	result = take_word(take, condition, key, words, &word);
	if (result == 0)
		to->condition = conditions[word];
	return result;
}

static int take_depends(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	int result = 0;

	(void)base;
	if (node->kind == YAML_SCALAR)
		return schema_wrong(take, node, key);
	if (node->count > SCHEMA_MEMBERS_MAX)
		return schema_too_many(take, node, key);
	for (size_t i = 0; i < node->count && result == 0; i++) {
		const struct yaml_node *name = node->kind == YAML_MAP ? node->pairs[i].key : node->items[i];
		struct dependency *to;

		if (name->kind != YAML_SCALAR || !*name->text)
			return schema_wrong(take, name, key);
		to = schema_dependency(&take->draft->spec, name);
		result = !to                      ? -ENOMEM
			 : node->kind == YAML_MAP ? take_condition(take, node->pairs[i].value, key, to)
						  : 0;
	}
	return result;
}

static const struct schema_type type_pc_depends = {
	"a mapping of names to a condition: process_started, process_healthy, process_log_ready, process_completed or "
	"process_completed_successfully",
	"", false, take_depends, NULL};

/* "KEY=value" in a list, or a mapping. */
static int take_environment(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			    void *base)
{
	char ***env = (char ***)((char *)base + key->offset);
	int result = 0;

	if (node->kind == YAML_MAP)
		return type_env.take(take, node, key, base);
	if (node->kind != YAML_LIST)
		return schema_wrong(take, node, key);
	if (node->count > SCHEMA_MEMBERS_MAX)
		return schema_too_many(take, node, key);
	for (size_t i = 0; i < node->count && result == 0; i++) {
		char *text, *equals;

		result = schema_text(take, node->items[i], key, &text);
		if (result != 0)
			return result;
		equals = strchr(text, '=');
		if (equals)
			*equals = '\0';
		if (!schema_is_key(text))
			result = schema_wrong(take, node->items[i], key);
		else if (equals)
			result = env_set(env, text, equals + 1);
		free(text);
	}
	return result;
}

static const struct schema_type type_environment = {"a list of NAME=VALUE, or a mapping", "", false, take_environment,
						    NULL};

static int take_entrypoint(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			   void *base)
{
	if (node->kind != YAML_LIST)
		return schema_wrong(take, node, key);
	return type_command.take(take, node, key, base);
}

static const struct schema_type type_entrypoint = {"a list of a program and its arguments", "", false, take_entrypoint,
						   NULL};

static int take_command(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			void *base)
{
	struct spec *spec = &take->draft->spec;
	char *text;
	int result = compose_take_name(take, node, key, &text);

	(void)base;
	if (result != 0)
		return result;
	result = schema_set_command(spec, text);
	free(text);
	return result;
}

static const struct schema_type type_pc_command = {"a command", "", false, take_command, NULL};

static int take_namespace(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			  void *base)
{
	char **names = NULL, *text = NULL;
	int result = schema_list(take, node, key, &names);
	size_t size;
	FILE *out = result == 0 ? open_memstream(&text, &size) : NULL;

	(void)base;
	for (size_t i = 0; out && names[i]; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", names[i]);
	if (result == 0 && (!out || fclose(out) != 0))
		result = -ENOMEM;
	if (result == 0)
		result = *text ? env_set(&take->draft->spec.labels, "namespace", text) : schema_wrong(take, node, key);
	list_free(names);
	free(text);
	return result;
}

static const struct schema_type type_namespace = {"a name or a list of names", "", false, take_namespace, NULL};

static int take_disabled(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			 void *base)
{
	bool disabled = false;
	struct schema_key own = *key;
	int result;

	(void)base;
	own.offset = 0;
	result = type_bool.take(take, node, &own, &disabled);
	if (result == 0)
		take->draft->spec.autostart = !disabled;
	return result;
}

static const struct schema_type type_disabled = {"true or false", "", false, take_disabled, NULL};

static const struct schema_key shutdown_keys[] = {
	{"command", &type_text, SPEC(stop_command), HONOURED, "", NULL, NULL, 0, 0},
	{"timeout_seconds", &type_seconds, SPEC(stop_grace_ns), HONOURED, "", NULL, NULL, 0, 0},
	{"signal", &type_signal, SPEC(stop_signal), HONOURED, "", NULL, NULL, 0, 0},
	{"parent_only", &type_refused, 0, REFUSED, "the whole process group is told.", NULL, NULL, 0, 0},
	{"send_keys", &type_refused, 0, REFUSED, "a signal or a command stops it.", NULL, NULL, 0, 0},
	{0},
};

static const struct schema_key schedule_keys[] = {
	{"cron", &type_schedule, SPEC(schedule), HONOURED, "", NULL, NULL, 0, 0},
	{"interval", &type_refused, 0, REFUSED, "write it as cron fields.", NULL, NULL, 0, 0},
	{"timezone", &type_refused, 0, REFUSED, "the supervisor's local time counts.", NULL, NULL, 0, 0},
	{"run_on_start", &type_refused, 0, REFUSED, "it starts at its times.", NULL, NULL, 0, 0},
	{"max_concurrent", &type_refused, 0, REFUSED, "one runs at a time.", NULL, NULL, 0, 0},
	{0},
};

/* Append what a text or a list has. */
static int take_more(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	char ***list = (char ***)((char *)base + key->offset), **more = NULL;
	int result = schema_list(take, node, key, &more);

	for (size_t i = 0; result == 0 && more[i]; i++)
		result = *more[i] ? list_append(list, more[i]) : schema_wrong(take, node, key);
	list_free(more);
	return result;
}

static const struct schema_type type_more = {"a text or a list of texts", "", false, take_more, NULL};

static const struct schema_key watch_path_keys[] = {
	{"path", &type_more, SPEC(watch_paths), HONOURED, "", NULL, NULL, 0, 0},
	{"exclude", &type_more, SPEC(watch_ignore), HONOURED, "", NULL, NULL, 0, 0},
	{"include", &type_refused, 0, REFUSED, "all that is not excluded counts.", NULL, NULL, 0, 0},
	{0},
};

/* Paths, or mappings with a path. */
static int take_watch_paths(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			    void *base)
{
	char ***paths = (char ***)((char *)base + key->offset);
	size_t count = node->kind == YAML_LIST ? node->count : 1;
	int result = 0;

	list_free(*paths);
	*paths = list_copy(NULL);
	if (!*paths)
		return -ENOMEM;
	for (size_t i = 0; i < count && result == 0; i++) {
		const struct yaml_node *item = node->kind == YAML_LIST ? node->items[i] : node;

		result = item->kind == YAML_MAP ? schema_take_map(take, item, watch_path_keys, base)
						: take_more(take, item, key, base);
	}
	return result;
}

static const struct schema_type type_watch_paths = {"a path, {path: ...} or a list of them", "", false,
						    take_watch_paths, NULL};

static const struct schema_key compose_watch_keys[] = {
	{"paths", &type_watch_paths, SPEC(watch_paths), APPROXIMATED,
	 "what one of them excludes is excluded from all of them, and none includes.", NULL, NULL, 0, 0},
	{"exclude", &type_globs, SPEC(watch_ignore), HONOURED, "", NULL, NULL, 0, 0},
	{"debounce", &type_duration, SPEC(watch_debounce_ns), HONOURED, "", NULL, NULL, 0, 0},
	{"cascade", &type_refused, 0, REFUSED, "what depends on it goes on.", NULL, NULL, 0, 0},
	{"disable_default_excludes", &type_passed, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"max_entries", &type_passed, 0, HONOURED, "passed over", NULL, NULL, 0, 0},
	{"buffer_size", &type_passed, 0, HONOURED, "passed over", NULL, NULL, 0, 0},
	{0},
};

/* With what is excluded unless the file says otherwise. */
static int take_watch(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	static const char *const usual[] = {
		".git",  ".hg",   ".svn",       ".idea",   ".vscode", "node_modules", "vendor",      "target",
		"dist",  "build", "bin",        ".venv",   "venv",    "__pycache__",  ".mypy_cache", ".pytest_cache",
		".next", ".nuxt", ".terraform", ".gradle", ".direnv", "result",       "*.log",       "*.log.gz",
		"*.swp", "*.swx", "*~",         ".#*",     "#*#",     "4913",         ".DS_Store",   "*.tmp",
	};
	const struct yaml_node *off = yaml_get(node, "disable_default_excludes");
	char ***ignore = &take->draft->spec.watch_ignore;
	int result = type_group.take(take, node, key, base);
	bool none = false;

	if (off)
		yaml_is_bool(off, &none);
	for (size_t i = 0; result == 0 && !none && i < sizeof usual / sizeof *usual; i++)
		result = list_append(ignore, usual[i]);
	return result;
}

static const struct schema_type type_watch = {"a mapping", "", false, take_watch, NULL};

#define LOGS "use brummer-cli logs: the log store keeps all output."

const struct schema_key compose_process[] = {
	{"command", &type_pc_command, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"entrypoint", &type_entrypoint, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"working_dir", &type_path, SPEC(dir), HONOURED, "", NULL, NULL, 0, 0},
	{"environment", &type_environment, SPEC(env), HONOURED, "", NULL, NULL, 0, 0},
	{"env_file", &type_env_file, DRAFT(file_env), HONOURED, "", NULL, NULL, 0, 0},
	{"depends_on", &type_pc_depends, 0, HONOURED, "process_log_ready is ready", NULL, NULL, 0, 0},
	{"availability", &type_group, 0, HONOURED, "", availability_keys, NULL, 0, 0},
	{"readiness_probe", &type_pc_probe, SPEC(ready), HONOURED, "", compose_probe, NULL, 0, 0},
	{"liveness_probe", &type_pc_probe, SPEC(alive), HONOURED, "", compose_probe, NULL, 0, 0},
	{"ready_log_line", &type_ready_line, 0, HONOURED, "as a pattern", NULL, NULL, 0, 0},
	{"shutdown", &type_group, 0, HONOURED, "", shutdown_keys, NULL, 0, 0},
	{"replicas", &type_replicas, DRAFT(replicas), APPROXIMATED,
	 "they are called NAME.1, NAME.2, ...; PORT counts up.", NULL, NULL, 1, 1000},
	{"namespace", &type_namespace, 0, APPROXIMATED, "a label", NULL, NULL, 0, 0},
	{"disabled", &type_disabled, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"is_tty", &type_bool, SPEC(tty), HONOURED, "", NULL, NULL, 0, 0},
	{"is_interactive", &type_bool, SPEC(tty), APPROXIMATED, "a terminal of its own, for attach", NULL, NULL, 0, 0},
	{"is_foreground", &type_bool, SPEC(tty), APPROXIMATED, "a terminal of its own, for attach", NULL, NULL, 0, 0},
	{"is_daemon", &type_refused, 0, REFUSED, "let it stay in front.", NULL, NULL, 0, 0},
	{"is_elevated", &type_refused, 0, REFUSED, "it runs with the supervisor's rights.", NULL, NULL, 0, 0},
	{"launch_timeout_seconds", &type_refused, 0, REFUSED, "it goes with is_daemon.", NULL, NULL, 0, 0},
	{"schedule", &type_group, 0, APPROXIMATED, "cron alone.", schedule_keys, NULL, 0, 0},
	{"watch", &type_watch, 0, HONOURED, "", compose_watch_keys, "paths", 0, 0},
	{"success_exit_codes", &type_codes, SPEC(success_codes), HONOURED, "", NULL, NULL, 0, 255},
	{"log_location", &type_refused, 0, REFUSED, LOGS, NULL, NULL, 0, 0},
	{"log_configuration", &type_refused, 0, REFUSED, LOGS, NULL, NULL, 0, 0},
	{"vars", &type_passed, 0, HONOURED, "{{.NAME}} alone, no other templates.", NULL, NULL, 0, 0},
	{"description", &type_passed, 0, HONOURED, "passed over", NULL, NULL, 0, 0},
	{"disable_ansi_colors", &type_passed, 0, HONOURED, "passed over, colours are the viewer's.", NULL, NULL, 0, 0},
	{"is_dotenv_disabled", &type_refused, 0, REFUSED, "is_dotenv_disabled of the project is honoured.", NULL, NULL,
	 0, 0},
	{"is_template_disabled", &type_passed, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"extends", &type_refused, 0, REFUSED, "use anchors and merge keys.", NULL, NULL, 0, 0},
	{0},
};

const struct schema_key compose_project[] = {
	{"processes", &type_processes, 0, HONOURED, "", compose_process, NULL, 0, 0},
	{"environment", &type_environment, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"vars", &type_passed, 0, HONOURED, "{{.NAME}} alone, no other templates.", NULL, NULL, 0, 0},
	{"extends", &type_passed, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"shell", &type_passed, 0, HONOURED, "shell_command and shell_argument", NULL, NULL, 0, 0},
	{"disable_env_expansion", &type_passed, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"is_dotenv_disabled", &type_passed, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"env_cmds", &type_refused, 0, REFUSED, "nothing is run while a configuration is read.", NULL, NULL, 0, 0},
	{"version", &type_passed, 0, HONOURED, "passed over", NULL, NULL, 0, 0},
	{"is_strict", &type_passed, 0, HONOURED, "passed over, unknown keys are warnings.", NULL, NULL, 0, 0},
	{"ordered_shutdown", &type_passed, 0, HONOURED, "always so", NULL, NULL, 0, 0},
	{"is_tui_disabled", &type_passed, 0, HONOURED, "passed over", NULL, NULL, 0, 0},
	{"log_location", &type_refused, 0, REFUSED, LOGS, NULL, NULL, 0, 0},
	{"log_configuration", &type_refused, 0, REFUSED, LOGS, NULL, NULL, 0, 0},
	{"log_format", &type_refused, 0, REFUSED, LOGS, NULL, NULL, 0, 0},
	{"log_level", &type_passed, 0, HONOURED, "passed over", NULL, NULL, 0, 0},
	{"log_length", &type_passed, 0, HONOURED, "passed over, the log store keeps more.", NULL, NULL, 0, 0},
	{"mcp_server", &type_refused, 0, REFUSED, "use brummer-mcp.", NULL, NULL, 0, 0},
	{0},
};
