/* SPDX-License-Identifier: MIT */
#include "clients/common/discover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <jansson.h>

#include "clients/common/program.h"

#define ARGS_MAX            64
#define DISCOVER_TIMEOUT_NS (30ll * 1000000000)

/* A copy of a member's text, "" when it is absent. NULL: no memory. */
static char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return strdup(text ? text : "");
}

static int fill_script(struct script *script, const json_t *object)
{
	script->name = member(object, "name");
	script->command = member(object, "command");
	script->dir = member(object, "dir");
	script->source = member(object, "source");
	script->manager = member(object, "manager");
	return script->name && script->command && script->dir && script->source && script->manager ? 0 : -ENOMEM;
}

static int fill_scripts(struct scripts *scripts, const json_t *list)
{
	size_t count = json_array_size(list);

	scripts->list = calloc(count + 1, sizeof *scripts->list);
	if (!scripts->list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		scripts->count++;
		if (fill_script(&scripts->list[i], json_array_get(list, i)) != 0)
			return -ENOMEM;
	}
	return 0;
}

static int fill_warnings(struct scripts *scripts, const json_t *list)
{
	size_t count = json_array_size(list);

	scripts->warnings = calloc(count + 1, sizeof *scripts->warnings);
	if (!scripts->warnings)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		scripts->warnings[i] = strdup(text ? text : "");
		if (!scripts->warnings[i])
			return -ENOMEM;
	}
	return 0;
}

/* What brummerd printed. 0, -ENOENT when it found nothing, -ECHILD when it is not what was expected. */
static int parse(const struct said *said, struct scripts *out, char *why, size_t why_size)
{
	struct scripts scripts = {0};
	json_error_t error;
	json_t *root = json_loadb(said->out, said->out_length, 0, &error);
	int rc;

	if (!root) {
		snprintf(why, why_size, "what brummerd said is not JSON: %s", error.text);
		return -ECHILD;
	}
	rc = fill_scripts(&scripts, json_object_get(root, "scripts"));
	if (rc == 0)
		rc = fill_warnings(&scripts, json_object_get(root, "warnings"));
	json_decref(root);
	if (rc == 0)
		*out = scripts;
	else
		scripts_finish(&scripts);
	return rc;
}

int discover_scripts(const char *dir, const char *const *extra_args, struct scripts *out, char *why, size_t why_size)
{
	const char *argv[ARGS_MAX] = {"brummerd", "--discover", "-C", dir};
	struct said said;
	size_t count = 4;
	int rc;

	for (; extra_args && *extra_args && count + 1 < ARGS_MAX; extra_args++)
		argv[count++] = *extra_args;
	rc = program_run(argv, DISCOVER_TIMEOUT_NS, &said);
	if (rc != 0) {
		snprintf(why, why_size, "cannot run brummerd: %s", strerror(-rc));
		return -ECHILD;
	}
	if (said.status == 0) {
		rc = parse(&said, out, why, why_size);
	} else {
		said_why(&said, "brummerd", why, why_size);
		rc = -ECHILD;
	}
	said_finish(&said);
	if (rc == 0 && out->count == 0) {
		scripts_finish(out);
		rc = -ENOENT;
	}
	return rc;
}

void scripts_finish(struct scripts *scripts)
{
	for (size_t i = 0; i < scripts->count; i++) {
		struct script *script = &scripts->list[i];

		free(script->name);
		free(script->command);
		free(script->dir);
		free(script->source);
		free(script->manager);
	}
	for (size_t i = 0; scripts->warnings && scripts->warnings[i]; i++)
		free(scripts->warnings[i]);
	free(scripts->list);
	free(scripts->warnings);
	*scripts = (struct scripts){0};
}
