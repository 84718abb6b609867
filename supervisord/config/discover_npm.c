/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/json_where.h"
#include "config/jsonc.h"
#include "config/npm.h"
#include "config/scripts.h"
#include "config/sources.h"

/*
 * $1 is SHELL_GUARD, $2 and $3 are the `pre` and the `post` script, either may be empty; $5 is the script itself, $4
 * the text of its shell. Each gets a shell of its own, so that none can break another, and its own npm_lifecycle_
 * variables. This shell waits as a guarded one does: its traps run when the script has ended, `exit` then keeps the
 * script's status, and they are not inherited.
 */
static const char hooks[] = "trap exit HUP INT QUIT TERM; trap : USR1 USR2; guard=$1\n"
			    "hook() { npm_lifecycle_event=$1$npm_lifecycle_event npm_lifecycle_script=$2 "
			    "/bin/sh -c \"$guard\" sh \"$2\"; }\n"
			    "if [ \"$2\" ]; then hook pre \"$2\" || exit; fi\n"
			    "[ \"$3\" ] || exec /bin/sh -c \"$4\" sh \"$5\"\n"
			    "/bin/sh -c \"$4\" sh \"$5\" && hook post \"$3\"";

/* "FILE:LINE:COLUMN" of a script's name or value, or of a member of the package when script is NULL. */
static char *place_of(const struct npm_package *package, const char *member, const char *script, enum json_part part,
		      char out[TEXT_PLACE_MAX])
{
	size_t offset = json_where(&package->text, 0, member, JSON_VALUE);

	if (script)
		offset = json_where(&package->text, offset, script, part);
	return text_place(&package->text, offset, out);
}

const char *npm_string(const struct npm_package *package, const char *key)
{
	return json_string_value(json_object_get(package->json, key));
}

void npm_package_finish(struct npm_package *package)
{
	json_decref(package->json);
	list_free(package->env);
	*package = (struct npm_package){0};
}

static void check_strings(const struct npm_package *package, struct report *report)
{
	static const char *const keys[] = {"name", "version", "packageManager"};
	char place[TEXT_PLACE_MAX];

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const json_t *value = json_object_get(package->json, keys[i]);

		if (value && !json_is_string(value))
			report_error(report, "%s: %s is %s, expected a string",
				     place_of(package, keys[i], NULL, JSON_VALUE, place), keys[i], json_kind(value));
	}
}

static void take_scripts(struct npm_package *package, struct report *report)
{
	const json_t *scripts = json_object_get(package->json, "scripts");
	char place[TEXT_PLACE_MAX];

	if (json_is_object(scripts))
		package->scripts = scripts;
	else if (scripts)
		report_error(report, "%s: scripts is %s, expected an object of names and commands",
			     place_of(package, "scripts", NULL, JSON_VALUE, place), json_kind(scripts));
}

int npm_parse(struct text *text, struct npm_package *out, struct report *report)
{
	json_t *json = NULL;
	int result = json_read(text, &json, report);

	*out = (struct npm_package){
		.text = *text, .json = json, .member = "", .manager = {.name = "", .runs_hooks = true}};
	if (result == 0)
		out->env = list_copy(NULL);
	if (result == 0 && !out->env)
		result = -ENOMEM;
	if (result != 0) {
		npm_package_finish(out);
		return result;
	}
	check_strings(out, report);
	take_scripts(out, report);
	return 0;
}

/* Is this script good? If not, the report says why. */
static bool check_script(const struct npm_package *package, const char *name, const json_t *value,
			 struct report *report)
{
	char place[TEXT_PLACE_MAX];
	size_t bad;

	if (name_check(name, &bad) != 0) {
		place_of(package, "scripts", name, JSON_KEY, place);
		if (name[bad] != '\0')
			report_error(report, "%s: the script's name has a control character, expected printable text",
				     place);
		else
			report_error(report, "%s: the script's name has %zu bytes, expected 1 to %d", place,
				     strlen(name), BRM_NAME_MAX - 1);
		return false;
	}
	if (!json_is_string(value))
		report_error(report, "%s: script %s is %s, expected a string",
			     place_of(package, "scripts", name, JSON_VALUE, place), name, json_kind(value));
	else if (json_string_length(value) > NPM_SCRIPT_BYTES_MAX)
		report_error(report, "%s: script %s has %zu bytes, expected at most %u",
			     place_of(package, "scripts", name, JSON_VALUE, place), name, json_string_length(value),
			     NPM_SCRIPT_BYTES_MAX);
	else
		return true;
	return false;
}

/* The script that belongs before or after one; "" for none. */
static const char *hook_of(const struct npm_package *package, const char *when, const char *name)
{
	char key[BRM_NAME_MAX + 4];
	const json_t *value;

	snprintf(key, sizeof key, "%s%s", when, name);
	value = json_object_get(package->scripts, key);
	return json_is_string(value) ? json_string_value(value) : "";
}

static int append_all(char ***list, const char *const *texts, size_t count)
{
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		result = list_append(list, texts[i]);
	return result;
}

/* The shell of a script that others belong around, in the place of the plain one. */
static int set_hooks(struct spec *spec, const char *pre, const char *post)
{
	const char *const words[] = {"/bin/sh", "-c", hooks, "sh", SHELL_GUARD, pre, post, shell_for(spec->command)};

	list_free(spec->shell);
	spec->shell = NULL;
	return append_all(&spec->shell, words, sizeof words / sizeof *words);
}

/* By the shell, with what belongs around it. */
static int fill_direct(struct spec *spec, const struct npm_package *package, const char *command)
{
	const char *pre = package->manager.runs_hooks ? hook_of(package, "pre", spec->script) : "";
	const char *post = package->manager.runs_hooks ? hook_of(package, "post", spec->script) : "";
	char **env = list_copy(package->env);
	int result = env ? spec_set_command(spec, command) : -ENOMEM;

	if (env) {
		list_free(spec->env);
		spec->env = env;
	}
	if (result == 0)
		result = env_set(&spec->env, "npm_lifecycle_event", spec->script);
	if (result == 0)
		result = env_set(&spec->env, "npm_lifecycle_script", command);
	return result == 0 && (*pre || *post) ? set_hooks(spec, pre, post) : result;
}

static int fill_managed(struct spec *spec, const struct npm_package *package)
{
	const char *const words[] = {package->manager.name, "run", spec->script};

	return append_all(&spec->argv, words, sizeof words / sizeof *words);
}

/* A script's name: of a workspace's member with the package's before it. */
static const char *name_of(const struct npm_package *package, const char *script, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s", package->member, *package->member ? ":" : "", script);
	return out;
}

/* Is there room for a member's script, and for its name? */
static bool has_room(const struct npm_package *package, const struct finding *to, const char *script)
{
	char name[2 * BRM_NAME_MAX];

	if (!*package->member)
		return true;
	if (to->config->count < SCRIPTS_MAX && name_check(name_of(package, script, name, sizeof name), NULL) == 0)
		return true;
	report_warning(to->report, "%s: script %s is left out, expected a shorter name and at most %u scripts",
		       to->source, script, SCRIPTS_MAX);
	return false;
}

static struct spec *make_spec(const struct npm_package *package, const struct finding *to, const char *script,
			      const char *command)
{
	char name[2 * BRM_NAME_MAX];
	struct spec *spec = spec_new(name_of(package, script, name, sizeof name));
	bool ok = spec && string_set(&spec->script, script) == 0 && string_set(&spec->dir, to->dir) == 0 &&
		  string_set(&spec->source, to->source) == 0 && string_set(&spec->manager, package->manager.name) == 0;

	if (ok && package->manager.runs_scripts)
		ok = fill_managed(spec, package) == 0;
	else if (ok)
		ok = fill_direct(spec, package, command) == 0;
	if (!ok)
		spec_free(spec);
	return ok ? spec : NULL;
}

/* Append one script's spec. 0 also when it is left out, for a reason that is reported; -ENOMEM. */
static int add_script(const struct npm_package *package, const struct finding *to, const char *script,
		      const json_t *value)
{
	char place[TEXT_PLACE_MAX];
	struct spec *spec;
	int result;

	if (!check_script(package, script, value, to->report))
		return 0;
	if (!has_room(package, to, script))
		return 0;
	spec = make_spec(package, to, script, json_string_value(value));
	if (spec && finding_explains(to))
		spec_set_place(spec, place_of(package, "scripts", script, JSON_KEY, place));
	result = spec ? config_add(to->config, spec, to->prefix) : -ENOMEM;
	if (result == 0)
		return 0;
	spec_free(spec);
	if (result == -ENAMETOOLONG)
		report_error(to->report, "%s: there is a process of this name, expected another or a shorter one",
			     place_of(package, "scripts", script, JSON_KEY, place));
	return result == -ENAMETOOLONG ? 0 : result;
}

int npm_specs(const struct npm_package *package, const struct finding *to)
{
	char place[TEXT_PLACE_MAX];
	const char *script;
	json_t *value;
	size_t count = 0;
	int result = 0;

	json_object_foreach((json_t *)package->scripts, script, value)
	{
		if (++count > NPM_SCRIPTS_MAX) {
			report_error(to->report, "%s: there are %zu scripts, expected at most %u",
				     place_of(package, "scripts", script, JSON_KEY, place),
				     json_object_size(package->scripts), NPM_SCRIPTS_MAX);
			break;
		}
		if (result == 0 && !report_is_full(to->report))
			result = add_script(package, to, script, value);
	}
	return result;
}

int npm_read(struct text *text, const struct finding *finding)
{
	struct npm_programs programs;
	struct npm_package package;
	int result = npm_parse(text, &package, finding->report);

	if (result != 0)
		return result;
	npm_manager_find(&package, finding->dir, finding->report);
	npm_programs_find(package.manager.name, &programs);
	result = npm_env(&package, finding->dir, &programs, finding->report);
	if (result == 0)
		result = npm_specs(&package, finding);
	npm_package_finish(&package);
	return result;
}
