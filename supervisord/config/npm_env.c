/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config/npm.h"

#define VALUES_BYTES_MAX 16384u /* of the package's own config and engines: each script gets a copy */
#define VALUES_DEPTH_MAX 8
#define PATH_BYTES_MAX   65536

/* Look a program up in PATH, absolute folders only. */
static void find_program(const char *name, char out[PATH_MAX])
{
	const char *path = getenv("PATH");
	struct stat st;

	for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
		int length = (int)strcspn(path, ":");

		if (*path != '/' || snprintf(out, PATH_MAX, "%.*s/%s", length, path, name) >= PATH_MAX)
			continue;
		if (stat(out, &st) == 0 && S_ISREG(st.st_mode) && access(out, X_OK) == 0)
			return;
	}
	out[0] = '\0';
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* A path below npm's own folder, or "" when it is not there. npm is ".../bin/npm-cli.js". */
static void find_in_npm(const char *npm, const char *below, char out[PATH_MAX])
{
	int root = (int)(strlen(npm) - strlen("bin/npm-cli.js"));

	if (snprintf(out, PATH_MAX, "%.*s%s", root, npm, below) >= PATH_MAX || access(out, R_OK) != 0)
		out[0] = '\0';
}

/*
 * A link to a script of node's is followed, as a manager would say it. Any other is not: it may be a program that goes
 * by the name it is called with.
 */
void npm_programs_find(const char *manager, struct npm_programs *out)
{
	char real[PATH_MAX];

	*out = (struct npm_programs){0};
	find_program("node", out->node);
	find_program(*manager ? manager : "npm", out->manager);
	if (*out->manager && realpath(out->manager, real) &&
	    (ends_with(real, ".js") || ends_with(real, ".cjs") || ends_with(real, ".mjs")))
		memcpy(out->manager, real, sizeof real);
	if (!ends_with(out->manager, "/bin/npm-cli.js"))
		return;
	find_in_npm(out->manager, "node_modules/@npmcli/run-script/lib/node-gyp-bin", out->gyp_dir);
	find_in_npm(out->manager, "node_modules/node-gyp/bin/node-gyp.js", out->gyp_file);
}

/* Every node_modules/.bin from dir upwards, npm's node-gyp, and PATH: to be freed; NULL: no memory. */
static char *make_path(const char *dir, const char *gyp_dir)
{
	const char *path = getenv("PATH");
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int length = strcmp(dir, "/") == 0 ? 0 : (int)strlen(dir);

	if (!out)
		return NULL;
	for (; length >= 0 && ftell(out) < PATH_BYTES_MAX; length--)
		if (length == 0 || dir[length] == '/' || dir[length] == '\0')
			fprintf(out, "%.*s/node_modules/.bin:", length, dir);
	if (*gyp_dir)
		fprintf(out, "%s:", gyp_dir);
	fputs(path && *path ? path : "/usr/local/bin:/usr/bin:/bin", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* What node calls this machine. */
static const char *architecture(const char *machine)
{
	static const char *const names[][2] = {
		{"x86_64", "x64"}, {"aarch64", "arm64"}, {"armv7l", "arm"}, {"i686", "ia32"}, {"ppc64le", "ppc64"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(machine, names[i][0]) == 0)
			return names[i][1];
	return machine;
}

/* "?" where the version could only be had by running something. */
static int set_user_agent(char ***env, const struct npm_manager *manager)
{
	const char *name = *manager->name ? manager->name : "npm";
	struct utsname machine;
	char text[256];

	if (uname(&machine) != 0)
		strcpy(machine.machine, "?");
	snprintf(text, sizeof text, "%s/%s %snode/? linux %s", name, *manager->version ? manager->version : "?",
		 strcmp(name, "npm") == 0 ? "" : "npm/? ", architecture(machine.machine));
	return env_set(env, "npm_config_user_agent", text);
}

/* A number as JavaScript prints it, but for the tiniest and the largest. */
static void print_number(double number, char *out, size_t size)
{
	snprintf(out, size, "%.0f", number);
	if (strtod(out, NULL) == number && number < 1e21 && number > -1e21)
		return;
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(out, size, "%.*g", digits, number);
		if (strtod(out, NULL) == number)
			return;
	}
}

/* Values of the package on their way into the environment. */
struct values {
	char ***env;
	size_t left; /* bytes that may still be added */
};

/* -E2BIG when there is no room for it. */
static int set_value(struct values *values, const char *key, const char *value)
{
	size_t bytes = strlen(key) + strlen(value) + 2;

	if (bytes > values->left)
		return -E2BIG;
	values->left -= bytes;
	return env_set(values->env, key, value);
}

static int set_values(struct values *values, const char *key, const json_t *value, int depth);

static int set_member(struct values *values, const char *key, const char *name, const json_t *value, int depth)
{
	char *longer;
	int result;

	if (strchr(name, '='))
		return 0;
	if (strlen(key) + strlen(name) > VALUES_BYTES_MAX || depth == VALUES_DEPTH_MAX)
		return -E2BIG;
	if (asprintf(&longer, "%s_%s", key, name) < 0)
		return -ENOMEM;
	result = set_values(values, longer, value, depth + 1);
	free(longer);
	return result;
}

/* Members and elements become KEY_NAME and KEY_0, as npm has it. */
static int set_values(struct values *values, const char *key, const json_t *value, int depth)
{
	char text[64] = "";
	const char *name;
	json_t *member;
	size_t i;
	int result = 0;

	if (json_is_object(value) || json_is_array(value)) {
		json_object_foreach((json_t *)value, name, member)
		{
			result = result == 0 ? set_member(values, key, name, member, depth) : result;
		}
		json_array_foreach(value, i, member)
		{
			snprintf(text, sizeof text, "%zu", i);
			result = result == 0 ? set_member(values, key, text, member, depth) : result;
		}
		return result;
	}
	if (json_is_string(value))
		return set_value(values, key, json_string_value(value));
	if (json_is_number(value))
		print_number(json_number_value(value), text, sizeof text);
	return set_value(values, key, json_is_true(value) ? "true" : text);
}

static int set_package(struct npm_package *package, struct report *report)
{
	static const char *const members[][2] = {{"name", "npm_package_name"},
						 {"version", "npm_package_version"},
						 {"engines", "npm_package_engines"},
						 {"config", "npm_package_config"}};
	struct values values = {.env = &package->env, .left = VALUES_BYTES_MAX};
	int result = 0;

	for (size_t i = 0; i < sizeof members / sizeof *members && result == 0; i++) {
		const json_t *value = json_object_get(package->json, members[i][0]);

		if (value)
			result = set_values(&values, members[i][1], value, 0);
		if (result == -E2BIG)
			report_warning(report,
				       "%s: %s is left out of the environment in part, expected less than %u bytes",
				       package->text.file, members[i][0], VALUES_BYTES_MAX);
		result = result == -E2BIG ? 0 : result;
	}
	return result;
}

int npm_env(struct npm_package *package, const char *dir, const struct npm_programs *programs, struct report *report)
{
	char json_path[PATH_MAX + 16];
	char *path;
	int result;

	path = make_path(dir, programs->gyp_dir);
	if (!path)
		return -ENOMEM;
	snprintf(json_path, sizeof json_path, "%s/package.json", strcmp(dir, "/") == 0 ? "" : dir);
	const char *const settings[][2] = {
		{"PATH", path},
		{"INIT_CWD", dir},
		{"NODE", programs->node},
		{"npm_node_execpath", programs->node},
		{"npm_execpath", programs->manager},
		{"npm_command", "run-script"},
		{"npm_config_local_prefix", dir},
		{"npm_config_node_gyp", programs->gyp_file},
		{"npm_package_json", json_path},
	};
	result = set_user_agent(&package->env, &package->manager);
	for (size_t i = 0; i < sizeof settings / sizeof *settings && result == 0; i++)
		if (*settings[i][1])
			result = env_set(&package->env, settings[i][0], settings[i][1]);
	free(path);
	return result == 0 ? set_package(package, report) : result;
}
