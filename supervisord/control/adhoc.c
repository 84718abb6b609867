/* SPDX-License-Identifier: MIT */
#include "control/adhoc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/region.h>

#define NAMES_TRIED 1000

/* Replace a string of a spec by a parameter, if it is there. */
static void take_string(const msgpack_object_map *params, const char *key, char **text, const char **wrong)
{
	char *value;

	if (!rpc_string(params, key, &value, wrong))
		return;
	free(*text);
	*text = value;
}

static void take_command(const msgpack_object_map *params, struct spec *spec, const char **wrong)
{
	char *command;

	if (!rpc_string(params, "command", &command, wrong))
		return;
	if (spec_set_command(spec, command) != 0)
		*wrong = "command";
	free(command);
}

static void take_list(const msgpack_object_map *params, const char *key, char ***list, const char **wrong)
{
	char **value;

	if (!rpc_list(params, key, &value, wrong))
		return;
	list_free(*list);
	*list = value;
}

static void take_restart(const msgpack_object_map *params, struct spec *spec, const char **wrong)
{
	static const char *const words[] = {
		[RESTART_NEVER] = "never", [RESTART_ON_FAILURE] = "on-failure", [RESTART_ALWAYS] = "always"};
	char *word;

	if (!rpc_string(params, "restart", &word, wrong))
		return;
	*wrong = "restart";
	for (int when = RESTART_NEVER; when <= RESTART_ALWAYS; when++) {
		if (strcmp(word, words[when]) == 0) {
			spec->restart = (enum restart_when)when;
			*wrong = NULL;
		}
	}
	free(word);
}

/* Every "KEY=value" has a key. */
static bool is_environment(char *const *list)
{
	for (; *list; list++)
		if (!strchr(*list, '=') || **list == '=')
			return false;
	return true;
}

/* Fill a spec from the parameters. NULL, or the key of the one that is wrong. */
static const char *fill(const msgpack_object_map *params, struct spec *spec, char ***env)
{
	const char *wrong = NULL;
	bool pipe = false;

	take_command(params, spec, &wrong);
	take_list(params, "argv", &spec->argv, &wrong);
	take_string(params, "dir", &spec->dir, &wrong);
	take_string(params, "script", &spec->script, &wrong);
	take_string(params, "source", &spec->source, &wrong);
	take_list(params, "labels", &spec->labels, &wrong);
	take_list(params, "env", env, &wrong);
	rpc_bool(params, "tty", &spec->tty, &wrong);
	rpc_bool(params, "stdin", &pipe, &wrong);
	if (wrong)
		return wrong;
	take_restart(params, spec, &wrong);
	if (wrong)
		return wrong;
	spec->stdin_kind = spec->tty ? BRM_STDIN_TTY : pipe ? BRM_STDIN_PIPE : BRM_STDIN_NULL;
	if (spec->command ? spec->argv[0] != NULL || !spec->command[0] : !spec->argv[0] || !spec->argv[0][0])
		return "command";
	if (!spec->dir || spec->dir[0] != '/')
		return "dir";
	if (*env && !is_environment(*env))
		return "env";
	return NULL;
}

/* The name of a command that has none: its program's, with a number if that is taken. */
static void invent_name(const struct engine *engine, const struct spec *spec, char out[BRM_NAME_MAX])
{
	const char *program = spec->command ? spec->command : spec->argv[0];
	size_t length = strcspn(program, spec->command ? " \t\n;|&<>()" : "");
	const char *slash = memrchr(program, '/', length);
	const char *base = slash ? slash + 1 : program;
	int width = (int)(length - (size_t)(base - program));

	if (width > BRM_NAME_MAX - 16)
		width = BRM_NAME_MAX - 16;
	snprintf(out, BRM_NAME_MAX, "%.*s", width, base);
	if (name_check(out, NULL) != 0) {
		base = "command";
		width = 7;
		snprintf(out, BRM_NAME_MAX, "%s", base);
	}
	for (int i = 2; i < NAMES_TRIED && (table_find(&engine->table, out) || config_find(&engine->config, out)); i++)
		snprintf(out, BRM_NAME_MAX, "%.*s-%d", width, base, i);
}

static enum brm_refusal check_name(const struct engine *engine, const char *name, char *message, size_t size)
{
	const struct process *process = table_find(&engine->table, name);
	const struct spec *known = config_find(&engine->config, name);

	if (name_check(name, NULL) != 0) {
		snprintf(message, size, "not a name: 1 to %d printable bytes are", BRM_NAME_MAX - 1);
		return BRM_USAGE;
	}
	if (known) {
		snprintf(message, size, "%s is the name of an entry of %s", name, known->source);
		return BRM_CONFLICT;
	}
	if (process && (!process_is_at_rest(process) || process->doomed)) {
		snprintf(message, size, "%s is running already", name);
		return BRM_CONFLICT;
	}
	return BRM_REFUSED_NOT;
}

/* Make the process, or give a finished one its new spec and environment. Takes both over if it returns 0. */
static int install(struct engine *engine, struct spec *spec, char **env, struct process **out)
{
	struct process *process = table_find(&engine->table, spec->name);
	int rc = process ? process_set_spec(process, spec) : process_create(engine, spec, &process);

	if (rc != 0)
		return rc;
	list_free(process->env);
	process->env = env;
	process->adhoc = true;
	*out = process;
	return 0;
}

/* With the request's name, or one that is invented, an empty spec. NULL: no memory, or *wrong. */
static struct spec *make_spec(const msgpack_object_map *params, const char **wrong)
{
	struct spec *spec;
	char *name;

	if (!rpc_string(params, "name", &name, wrong))
		return *wrong ? NULL : spec_new("");
	spec = spec_new(name);
	free(name);
	return spec;
}

enum brm_refusal adhoc_make(struct engine *engine, const msgpack_object_map *params, struct process **out,
			    char *message, size_t size)
{
	enum brm_refusal refused = BRM_REFUSED_NOT;
	char invented[BRM_NAME_MAX];
	const char *wrong = NULL;
	struct spec *spec = make_spec(params, &wrong);
	char **env = NULL;
	int rc = 0;

	if (spec && !wrong)
		wrong = fill(params, spec, &env);
	if (spec && !wrong && !spec->name[0]) {
		invent_name(engine, spec, invented);
		free(spec->name);
		spec->name = strdup(invented);
	}
	if (wrong) {
		snprintf(message, size, "parameter \"%s\" is missing, of the wrong type, or not possible", wrong);
		refused = BRM_USAGE;
	} else if (!spec || !spec->name) {
		rc = -ENOMEM;
	} else {
		spec->order = UINT32_MAX; /* after all that is configured */
		refused = check_name(engine, spec->name, message, size);
	}
	if (!refused && rc == 0)
		rc = install(engine, spec, env, out);
	if (rc != 0) {
		snprintf(message, size, "cannot run %s: %s", spec && spec->name ? spec->name : "it", brm_strerror(rc));
		refused = BRM_LIMIT;
	}
	if (refused) {
		spec_free(spec);
		list_free(env);
	}
	return refused;
}
