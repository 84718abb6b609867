/* SPDX-License-Identifier: MIT */
#include "engine/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/tag.h"

/* The command as it is exec'd: its own argv, or a shell with the command as its last argument. NULL: no memory. */
static char **make_argv(const struct spec *spec)
{
	char **argv;

	if (!spec->command)
		return list_copy(spec->argv);
	argv = list_copy(spec->shell);
	if (argv && list_append(&argv, spec->command) != 0) {
		list_free(argv);
		return NULL;
	}
	return argv;
}

/* Set "KEY=value", or unset "KEY". 0, -ENOMEM */
static int apply(char ***env, const char *setting)
{
	const char *equals = strchr(setting, '=');
	char *key = strndup(setting, equals ? (size_t)(equals - setting) : strlen(setting));
	int rc = key ? env_set(env, key, equals ? equals + 1 : NULL) : -1;

	free(key);
	return rc;
}

static int add_marks(char ***env, const struct process *process, uint32_t run)
{
	const char *instance = process->engine->options->instance.name;
	char mark[BRM_INSTANCE_MAX + BRM_ID_MAX + 2];

	snprintf(mark, sizeof mark, "%s/%s#%u", instance, process->spec->name, run);
	return env_set(env, "BRUMMER_INSTANCE", instance) != 0 ? -1 : env_set(env, "BRUMMER_RUN", mark);
}

/* What env_set() left as "KEY" is unset: an environment has no such strings. */
static void drop_unset(char **env)
{
	char **to = env;

	for (char **from = env; *from; from++) {
		if (strchr(*from, '='))
			*to++ = *from;
		else
			free(*from);
	}
	*to = NULL;
}

static char **make_env(const struct process *process, uint32_t run)
{
	char **env = list_copy(process->env ? process->env : environ);
	int rc = env ? 0 : -1;

	for (char **setting = process->spec->env; rc == 0 && *setting; setting++)
		rc = apply(&env, *setting);
	if (rc != 0 || add_marks(&env, process, run) != 0) {
		list_free(env);
		return NULL;
	}
	drop_unset(env);
	return env;
}

struct spawn_request *request_make(const struct process *process, uint32_t run)
{
	struct spawn_request *request = calloc(1, sizeof *request);

	if (!request)
		return NULL;
	request->token = process->serial;
	request->serial = process->serial;
	request->tag = tag_make(process->engine->options->tag, process->serial);
	request->argv = make_argv(process->spec);
	request->env = make_env(process, run);
	request->dir = strdup(process->spec->dir);
	request->tty = process->spec->tty;
	request->stdin_pipe = process->spec->stdin_kind == BRM_STDIN_PIPE;
	if (!request->argv || !request->env || !request->dir) {
		spawn_request_free(request);
		return NULL;
	}
	return request;
}
