/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/cron.h"
#include "config/import_keys.h"
#include "config/json_where.h"
#include "config/jsonc.h"
#include "config/units.h"

#define MS            1000000ull
#define INSTANCES_MAX 1000
#define APPS_MAX      1024u

/* An app on its way. */
struct app {
	const struct finding *finding;
	const struct text *text;
	size_t offset; /* of the app in it */
	const json_t *json;
	const char *name;
	struct spec *spec;
	bool failed;
	int result; /* 0, -ENOMEM */
};

/* Where a key stands, or the app when it is not there. */
static char *place_of(const struct app *app, const char *key, char out[TEXT_PLACE_MAX])
{
	return text_place(app->text, json_where(app->text, app->offset, key, JSON_VALUE), out);
}

static void wrong(struct app *app, const char *key, const char *wanted)
{
	char place[TEXT_PLACE_MAX];

	app->failed = true;
	report_error(app->finding->report, "%s: %s: %s is %s, expected %s", place_of(app, key, place), app->name, key,
		     json_kind(json_object_get(app->json, key)), wanted);
}

static void note(struct app *app, int result)
{
	app->result = result != 0 ? result : app->result;
}

/* The first of two keys if it is there, else the other. */
static const char *either(const struct app *app, const char *key, const char *other)
{
	return json_object_get(app->json, key) ? key : other;
}

static bool is_true(const struct app *app, const char *key, bool initial)
{
	const json_t *value = json_object_get(app->json, key);

	return json_is_boolean(value) ? json_is_true(value) : initial;
}

/* A time: milliseconds, or a text with a unit. */
static uint64_t time_ns(struct app *app, const char *key, uint64_t initial_ms)
{
	const json_t *value = json_object_get(app->json, key);
	uint64_t ns = initial_ms * MS;
	char digits[32];

	if (json_is_number(value) && json_number_value(value) >= 0 && json_number_value(value) < 1e11)
		return (uint64_t)json_number_value(value) * MS;
	if (json_is_string(value) &&
	    strspn(json_string_value(value), "0123456789") == strlen(json_string_value(value)) &&
	    snprintf(digits, sizeof digits, "%sms", json_string_value(value)) < (int)sizeof digits &&
	    units_duration(digits, &ns) == 0)
		return ns;
	if (value && !json_is_null(value) &&
	    (!json_is_string(value) || units_duration(json_string_value(value), &ns) != 0))
		wrong(app, key, "milliseconds, or a duration");
	return ns;
}

/* Words of a key's list, or of its text, which is split; appended. */
static void add_words(struct app *app, const char *key)
{
	const json_t *value = json_object_get(app->json, key), *entry;
	char number[64], **words;
	size_t i;

	json_array_foreach(value, i, entry)
	{
		snprintf(number, sizeof number, "%.17g", json_number_value(entry));
		note(app, list_append(&app->spec->argv, json_is_string(entry) ? json_string_value(entry) : number));
	}
	words = json_is_string(value) ? words_split(json_string_value(value)) : NULL;
	if (json_is_string(value) && !words && errno == EINVAL)
		wrong(app, key, "one with its quotes closed");
	else if (json_is_string(value) && !words)
		note(app, -ENOMEM);
	for (i = 0; words && words[i]; i++)
		note(app, list_append(&app->spec->argv, words[i]));
	list_free(words);
}

/* What runs a script, by its ending; "" for the script itself. */
static const char *interpreter_of(const char *script)
{
	static const char *const endings[][2] = {
		{".js", "node"}, {".cjs", "node"}, {".mjs", "node"}, {".ts", "ts-node"}, {".py", "python3"},
		{".rb", "ruby"}, {".sh", "bash"},  {".php", "php"},  {".pl", "perl"},    {".coffee", "coffee"}};
	const char *dot = strrchr(script, '.');

	for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
		if (strcmp(dot, endings[i][0]) == 0)
			return endings[i][1];
	return "";
}

static void set_command(struct app *app)
{
	const char *script = json_text(app->json, "script");
	const char *interpreter = json_text(app->json, either(app, "interpreter", "exec_interpreter"));
	char place[TEXT_PLACE_MAX];

	if (!script || !*script) {
		if (!app->failed)
			report_error(app->finding->report, "%s: %s: no script, expected what to run",
				     place_of(app, "script", place), app->name);
		app->failed = true;
		return;
	}
	interpreter = interpreter ? interpreter : interpreter_of(script);
	if (*interpreter && strcmp(interpreter, "none") != 0) {
		note(app, list_append(&app->spec->argv, interpreter));
		add_words(app, either(app, "interpreter_args", "node_args"));
		note(app, list_append(&app->spec->argv, script));
	} else if (strchr(script, ' ')) {
		add_words(app, "script");
	} else {
		note(app, list_append(&app->spec->argv, script));
	}
	add_words(app, "args");
	note(app, import_spec_begin(app->spec, app->finding, json_text(app->json, "cwd")));
}

static void set_env(struct app *app)
{
	const json_t *env = json_object_get(app->json, "env");
	char number[64], place[TEXT_PLACE_MAX];
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)env, name, value)
	{
		snprintf(number, sizeof number, "%.17g", json_number_value(value));
		if (!*name || strchr(name, '=') || json_is_object(value) || json_is_array(value))
			report_warning(app->finding->report, "%s: %s: env: %s is left out, expected a name and a text",
				       place_of(app, "env", place), app->name, name);
		else if (!json_is_null(value))
			note(app, env_set(&app->spec->env, name,
					  json_is_string(value)   ? json_string_value(value)
					  : json_is_number(value) ? number
					  : json_is_true(value)   ? "true"
								  : "false"));
	}
}

/* pm2 restarts whatever ends, and gives up when that happens max_restarts times in a row within min_uptime. */
static void set_restart(struct app *app)
{
	const json_t *most = json_object_get(app->json, "max_restarts"), *code;
	const json_t *codes = json_object_get(app->json, "stop_exit_codes");
	uint64_t uptime = time_ns(app, "min_uptime", 1000), delay = time_ns(app, "restart_delay", 0);
	uint64_t growing = time_ns(app, "exp_backoff_restart_delay", 0);
	struct spec *spec = app->spec;
	double limit = json_is_number(most) ? json_number_value(most) : 16;
	size_t i;

	if (limit < 0 || limit > 1e6)
		wrong(app, "max_restarts", "a number of 0 to 1000000");
	spec->restart = is_true(app, "autorestart", true) ? RESTART_ALWAYS : RESTART_NEVER;
	spec->autostart = is_true(app, "autostart", true);
	spec->backoff_first_ns = growing > 0 ? growing : delay > 0 ? delay : 200 * MS;
	spec->backoff_last_ns = growing > 15000 * MS || growing == 0 ? spec->backoff_first_ns : 15000 * MS;
	spec->restart_limit = limit >= 1 && limit <= 1e6 ? (uint32_t)limit : 1;
	spec->restart_window_ns = (spec->restart_limit + 1) * (uptime + spec->backoff_last_ns);
	if (codes && spec->restart == RESTART_ALWAYS)
		spec->restart = RESTART_ON_FAILURE;
	json_array_foreach(codes, i, code)
	{
		double value = json_is_number(code) ? json_number_value(code) : -1;

		if (value < 0 || value > 255)
			wrong(app, "stop_exit_codes", "a list of numbers of 0 to 255");
		else if (value > 0)
			spec->success_codes[(unsigned)value / 32] |= 1u << ((unsigned)value % 32);
	}
}

/* Paths, absolute, of a text or a list of them. */
static void add_paths(struct app *app, const json_t *value, char ***list, bool absolute)
{
	const json_t *entry;
	char path[PATH_MAX];
	size_t i;

	if (json_is_string(value)) {
		const char *below = json_string_value(value);

		below += 2 * (strncmp(below, "./", 2) == 0);
		if (absolute && *below != '/')
			snprintf(path, sizeof path, "%s/%s", app->spec->dir, below);
		else
			snprintf(path, sizeof path, "%s", below);
		note(app, list_append(list, path));
	}
	json_array_foreach(value, i, entry)
	{
		if (json_is_string(entry))
			add_paths(app, entry, list, absolute);
	}
}

static void set_watch(struct app *app)
{
	const json_t *watch = json_object_get(app->json, "watch");
	const json_t *ignore = json_object_get(app->json, "ignore_watch");
	struct spec *spec = app->spec;

	if (!watch || json_is_false(watch))
		return;
	if (json_is_true(watch))
		note(app, list_append(&spec->watch_paths, spec->dir));
	add_paths(app, watch, &spec->watch_paths, true);
	add_paths(app, ignore, &spec->watch_ignore, false);
	if (!ignore) {
		note(app, list_append(&spec->watch_ignore, ".*"));
		note(app, list_append(&spec->watch_ignore, "node_modules"));
	}
	spec->watch_debounce_ns = time_ns(app, "watch_delay", 300);
}

static void set_schedule(struct app *app, const char *text)
{
	char place[TEXT_PLACE_MAX];
	struct cron times;

	if (cron_parse(text, &times) == 0) {
		note(app, string_set(&app->spec->schedule, text));
		return;
	}
	app->failed = true;
	report_error(app->finding->report, "%s: %s: cron_restart is \"%s\", expected five cron fields",
		     place_of(app, "cron_restart", place), app->name, text);
}

static void set_strings(struct app *app)
{
	const char *namespace = json_text(app->json, "namespace"), *cron = json_text(app->json, "cron_restart");
	const json_t *user = json_object_get(app->json, either(app, "uid", "user")),
		     *group = json_object_get(app->json, "gid");
	const struct {
		const json_t *value;
		char **field;
	} rights[] = {{user, &app->spec->user}, {group, &app->spec->group}};
	char label[BRM_NAME_MAX + 16], number[32];

	for (size_t i = 0; i < 2; i++) {
		snprintf(number, sizeof number, "%.0f", json_number_value(rights[i].value));
		if (json_is_string(rights[i].value) || json_is_number(rights[i].value))
			note(app,
			     string_set(rights[i].field,
					json_is_string(rights[i].value) ? json_string_value(rights[i].value) : number));
	}
	if (namespace && strcmp(namespace, "default") != 0) {
		snprintf(label, sizeof label, "namespace=%s", namespace);
		note(app, list_append(&app->spec->labels, label));
	}
	if (cron && strcmp(cron, "0") != 0)
		set_schedule(app, cron);
}

static void set_memory(struct app *app)
{
	const json_t *value = json_object_get(app->json, "max_memory_restart");
	double bytes = json_is_number(value) ? json_number_value(value) : 0;

	if (bytes > 0 && bytes < 1e18)
		app->spec->memory_limit_bytes = (uint64_t)bytes;
	else if (value && !json_is_null(value) &&
		 (!json_is_string(value) || units_size(json_string_value(value), &app->spec->memory_limit_bytes) != 0))
		wrong(app, "max_memory_restart", "a size");
}

/* How many instances: a number, or "max" and the like, which count from the processors. */
static int instances(struct app *app)
{
	const json_t *value = json_object_get(app->json, "instances");
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	const char *word = json_string_value(value);
	double count = json_is_number(value) ? json_number_value(value) : 1;
	char *end;

	if (word)
		count = strcmp(word, "max") == 0 ? 0 : strtod(word, &end);
	if ((word && strcmp(word, "max") != 0 && (end == word || *end)) || !(count <= INSTANCES_MAX))
		wrong(app, "instances", "a number of at most 1000, or \"max\"");
	if (value && count <= 0)
		count += (double)processors;
	return count < 1 ? 1 : count > INSTANCES_MAX ? INSTANCES_MAX : (int)count;
}

static int add_instance(struct app *app, int number, const char *place)
{
	const char *variable = json_text(app->json, "instance_var");
	struct spec *copy = spec_replica(app->spec, app->name, (uint32_t)number + 1);
	char index[16];

	if (!copy)
		return -ENOMEM;
	snprintf(index, sizeof index, "%d", number);
	if (env_set(&copy->env, variable && *variable ? variable : "NODE_APP_INSTANCE", index) == 0)
		return import_spec_add(copy, app->finding, place);
	spec_free(copy);
	return -ENOMEM;
}

/* Append what the app became; the spec is taken. */
static int add_app(struct app *app)
{
	int count = instances(app), result = 0;
	char place[TEXT_PLACE_MAX];

	place_of(app, "name", place);
	if (app->failed || app->result != 0) {
		spec_free(app->spec);
		return app->result;
	}
	if (count == 1)
		return import_spec_add(app->spec, app->finding, place);
	if (strlen(app->name) > BRM_NAME_MAX - 12)
		report_error(app->finding->report, "%s: %s: the name is too long for instances", place, app->name);
	for (int i = 0; i < count && result == 0 && strlen(app->name) <= BRM_NAME_MAX - 12; i++)
		result = add_instance(app, i, place);
	spec_free(app->spec);
	return result;
}

static void check_keys(struct app *app)
{
	char place[TEXT_PLACE_MAX];
	const char *key, *expected;
	json_t *value;

	json_object_foreach((json_t *)app->json, key, value)
	{
		text_place(app->text, json_where(app->text, app->offset, key, JSON_KEY), place);
		if (strncmp(key, "env_", 4) == 0)
			report_warning(app->finding->report,
				       "%s: %s: %s is not honoured, there are no environments to choose from", place,
				       app->name, key);
		else
			import_key_is_good(pm2_keys, key, place, app->name, app->finding->report);
		expected = pm2_wrong_type(key, value);
		if (expected)
			wrong(app, key, expected);
	}
}

/* The script's name without folders and ending, as pm2 has it. */
static void default_name(const char *script, char out[BRM_NAME_MAX])
{
	const char *slash = strrchr(script, '/');
	const char *base = slash ? slash + 1 : script;

	snprintf(out, BRM_NAME_MAX, "%.*s", (int)strcspn(base, ". "), base);
}

static int read_app(const struct finding *finding, const struct text *text, size_t offset, const json_t *json)
{
	struct app app = {
		.finding = finding, .text = text, .offset = offset, .json = json, .name = json_text(json, "name")};
	const char *script = json_text(json, "script");
	char name[BRM_NAME_MAX], place[TEXT_PLACE_MAX];
	int result;

	if (!app.name || !*app.name) {
		default_name(script ? script : "", name);
		app.name = name;
	}
	app.spec = import_spec_new(app.name, finding, place_of(&app, "name", place), &result);
	if (!app.spec)
		return result;
	check_keys(&app);
	set_command(&app);
	set_env(&app);
	set_restart(&app);
	set_watch(&app);
	set_strings(&app);
	set_memory(&app);
	app.spec->stop_signal = SIGINT;
	app.spec->stop_grace_ns = time_ns(&app, "kill_timeout", 1600);
	return add_app(&app);
}

static int read_apps(const struct finding *finding, const struct text *text, const json_t *apps)
{
	size_t list = json_where(text, 0, "apps", JSON_VALUE), i;
	char place[TEXT_PLACE_MAX];
	const json_t *entry;
	int result = 0;

	json_array_foreach(apps, i, entry)
	{
		size_t offset = json_where_item(text, list, i);

		if (result != 0 || report_is_full(finding->report))
			break;
		if (i < APPS_MAX && json_is_object(entry)) {
			result = read_app(finding, text, offset, entry);
			continue;
		}
		report_error(finding->report, "%s: apps[%zu] is %s, expected an object, at most %u",
			     text_place(text, offset, place), i, json_kind(entry), APPS_MAX);
		if (i >= APPS_MAX)
			break;
	}
	return result;
}

int pm2_read(struct text *text, const struct finding *finding)
{
	const json_t *apps;
	struct text plain;
	json_t *root;
	int result = jsonc_read(text, &plain, &root, finding->report);

	if (result != 0)
		return result;
	apps = json_object_get(root, "apps");
	if (json_is_array(apps))
		result = read_apps(finding, &plain, apps);
	else
		result = read_app(finding, &plain, apps ? json_where(&plain, 0, "apps", JSON_VALUE) : 0,
				  apps ? apps : root);
	json_decref(root);
	text_finish(&plain);
	return result;
}

int pm2_script_read(struct text *text, const struct finding *finding)
{
	(void)text;
	report_warning(finding->report,
		       "%s: a program, which is not run to learn what it says; brummer-cli import %s is",
		       finding->source, finding->source);
	return 0;
}
