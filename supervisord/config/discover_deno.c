/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config/folders.h"
#include "config/scripts.h"

/* deno.json and deno.jsonc: tasks, also of a workspace's members. And pubspec.yaml. */

/* A member of a workspace is named before its tasks; "" for the project itself. */
static int add_tasks(const struct finding *to, const json_t *json, const char *dir, const char *member)
{
	const char *name;
	json_t *value;
	int result = 0;

	json_object_foreach((json_t *)script_object(to, json, "tasks"), name, value)
	{
		char whole[2 * BRM_NAME_MAX];
		const struct script script = {
			.name = whole, .key = name, .manager = "deno", .dir = dir, .words = {"deno", "task", name}};

		snprintf(whole, sizeof whole, "%s%s%s", member, *member ? ":" : "", name);
		if (!json_is_string(value) && !json_is_object(value))
			script_wrong_type(to, NULL, "tasks", name, value, "a command");
		else if (result == 0)
			result = script_add(to, &script);
	}
	return result;
}

static int add_member(void *arg, const char *path)
{
	static const char *const files[] = {"deno.json", "deno.jsonc"};
	struct finding own = *(const struct finding *)arg;
	char file[PATH_MAX];
	json_t *json;
	int result = -ENOENT;

	for (size_t i = 0; i < 2 && result == -ENOENT && *path; i++) {
		if (snprintf(file, sizeof file, "%s/%s", path, files[i]) >= (int)sizeof file)
			continue;
		own.source = file;
		result = script_read_json(&own, file, &json);
		if (result != 0)
			continue;
		result = add_tasks(&own, json, path, json_text(json, "name") ? json_text(json, "name") : path);
		json_decref(json);
	}
	return result == -ENOENT ? 0 : result;
}

int deno_read(struct text *text, const struct finding *finding)
{
	const json_t *members, *member;
	struct text plain;
	json_t *json;
	size_t i;
	struct finding own = *finding;
	int result = jsonc_read(text, &plain, &json, finding->report);

	if (result != 0)
		return result;
	own.json = &plain;
	result = add_tasks(&own, json, NULL, "");
	members = json_object_get(json, "workspace");
	members = json_is_object(members) ? json_object_get(members, "members") : members;
	json_array_foreach(members, i, member)
	{
		if (json_is_string(member) && result == 0)
			result = folders_match(finding->dir_fd, json_string_value(member), add_member, (void *)finding,
					       finding->report);
	}
	json_decref(json);
	text_finish(&plain);
	return result;
}

/* Dart's own manifest: a program of Flutter's where the SDK is named. */
int flutter_read(struct text *text, const struct finding *finding)
{
	const struct script run = {.name = "run", .manager = "flutter", .words = {"flutter", "run"}, .tty = true};

	return memmem(text->bytes, text->length, "sdk: flutter", 12) ? script_add(finding, &run) : 0;
}
