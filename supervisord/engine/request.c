/* SPDX-License-Identifier: MIT */
#include "engine/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/publish.h"
#include "engine/tag.h"

/* A command as it is exec'd: argv, or a shell with the command as its last argument. NULL: no memory. */
static char **make_argv(char *const *shell, const char *command, char *const *as_it_is)
{
	char **argv;

	if (!command)
		return list_copy(as_it_is);
	argv = list_copy(shell);
	if (argv && list_append(&argv, command) != 0) {
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
	static const char *const owners[] = {"HOME", "USER", "LOGNAME"};
	char **env = list_copy(process->env ? process->env : environ);
	int rc = env ? 0 : -1;

	/* The supervisor's own are not the user's; nor is what its own starter wants to be told. */
	for (size_t i = 0; rc == 0 && process->spec->user[0] && i < sizeof owners / sizeof *owners; i++)
		rc = env_set(&env, owners[i], NULL);
	if (rc == 0)
		rc = env_set(&env, "NOTIFY_SOCKET", NULL);
	for (char **setting = process->spec->env; rc == 0 && *setting; setting++)
		rc = apply(&env, *setting);
	if (rc != 0 || add_marks(&env, process, run) != 0) {
		list_free(env);
		return NULL;
	}
	drop_unset(env);
	return env;
}

/* All but the command. NULL: no memory. */
static struct spawn_request *make(const struct process *process, uint32_t serial, uint32_t run)
{
	const struct spec *spec = process->spec;
	struct spawn_request *request = calloc(1, sizeof *request);

	if (!request)
		return NULL;
	request->token = serial;
	request->serial = serial;
	request->tag = tag_make(process->engine->options->tag, serial);
	request->env = make_env(process, run);
	request->dir = strdup(spec->dir);
	request->user = strdup(spec->user);
	request->group = strdup(spec->group);
	request->umask = spec->umask;
	request->nice = spec->nice;
	request->open_files = spec->open_files;
	if (request->env && request->dir && request->user && request->group)
		return request;
	spawn_request_free(request);
	return NULL;
}

static struct spawn_request *with_argv(struct spawn_request *request, char **argv)
{
	if (!request || !argv) {
		spawn_request_free(request);
		list_free(argv);
		return NULL;
	}
	request->argv = argv;
	return request;
}

struct spawn_request *request_make(const struct process *process, uint32_t run)
{
	const struct spec *spec = process->spec;
	struct spawn_request *request = make(process, process->serial, run);

	if (!request)
		return NULL;
	request->tty = spec->tty;
	request->stdin_pipe = spec->stdin_kind == BRM_STDIN_PIPE;
	return with_argv(request, make_argv(spec->shell, spec->command, spec->argv));
}

struct spawn_request *request_errand(const struct process *process, uint32_t serial, const char *command,
				     char *const *argv)
{
	static const char *const shell[] = {"/bin/sh", "-c", NULL};
	struct spawn_request *request = make(process, serial, publish_state_of(process).run);
	char pid[16];

	if (!request)
		return NULL;
	request->silent = true;
	snprintf(pid, sizeof pid, "%d", (int)process->leader);
	if (env_set(&request->env, "BRUMMER_PID", pid) != 0) {
		spawn_request_free(request);
		return NULL;
	}
	return with_argv(request, make_argv((char *const *)shell, command, argv));
}
