/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <brummer/region.h>

#include "engine/spawn.h"

/* What could not be done, around the program's name. */
static const struct {
	const char *before;
	const char *after;
} sentences[] = {
	[SPAWN_OK] = {"", " runs"},
	[SPAWN_PIPES] = {"cannot make pipes for ", ""},
	[SPAWN_KEEPER] = {"cannot hold the output of ", ""},
	[SPAWN_CLONE] = {"cannot start ", ""},
	[SPAWN_SESSION] = {"cannot start ", " in a session"},
	[SPAWN_TTY] = {"cannot give ", " a terminal"},
	[SPAWN_LIMITS] = {"cannot limit the open files of ", ""},
	[SPAWN_NICE] = {"cannot set the niceness of ", ""},
	[SPAWN_GROUP] = {"cannot set group ", ""},
	[SPAWN_USER] = {"cannot set user ", ""},
	[SPAWN_DIR] = {"cannot enter ", ""},
	[SPAWN_EXEC] = {"cannot run ", ""},
};

void spawn_request_free(struct spawn_request *request)
{
	if (!request)
		return;
	for (char **arg = request->argv; arg && *arg; arg++)
		free(*arg);
	for (char **variable = request->env; variable && *variable; variable++)
		free(*variable);
	free(request->argv);
	free(request->env);
	free(request->dir);
	free(request->user);
	free(request->group);
	if (request->say > 0)
		close(request->say);
	free(request);
}

/* The reason is what matters: a program's name gives way, from its front. */
/* Nobody of that name: said by the name alone. */
static bool is_unknown(const struct spawn_result *result)
{
	return result->error == ENOENT && (result->stage == SPAWN_USER || result->stage == SPAWN_GROUP);
}

void spawn_error_text(const struct spawn_result *result, const char *object, char *out, size_t size)
{
	const char *before = sentences[result->stage].before;
	const char *after = sentences[result->stage].after;
	const char *reason = brm_strerror(result->error);
	size_t fixed = strlen(before) + strlen(after) + strlen(": ") + strlen(reason);
	size_t length = strlen(object);
	size_t room = size > fixed + 1 ? size - fixed - 1 : 0;
	const char *dots = "";

	if (is_unknown(result)) {
		snprintf(out, size, "there is no %s %s", result->stage == SPAWN_USER ? "user" : "group", object);
		return;
	}
	if (length > room) {
		size_t kept = room > strlen("…") ? room - strlen("…") : 0;

		dots = room >= strlen("…") ? "…" : "";
		object += length - kept;
		while ((*object & 0xC0) == 0x80) /* not from the middle of a character */
			object++;
		length = strlen(object);
	}
	snprintf(out, size, "%s%s%.*s%s: %s", before, dots, (int)length, object, after, reason);
}
