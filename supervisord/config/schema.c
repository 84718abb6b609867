/* SPDX-License-Identifier: MIT */
#include "config/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/near.h>

#include "config/explain.h"

#define SPEC(field)  offsetof(struct draft, spec.field)
#define DRAFT(field) offsetof(struct draft, field)
#define PROBE(field) offsetof(struct probe, field)

static const struct schema_key ready_keys[] = {
	{"http", &type_http, 0, "", "A URL that is to answer with a status of 200 to 399.", NULL, NULL, 0, 0},
	{"tcp", &type_tcp, 0, "", "A port, or HOST:PORT, that is to accept a connection.", NULL, NULL, 0, 0},
	{"exec", &type_exec, 0, "", "A command that is to end with exit code 0.", NULL, NULL, 0, 0},
	{"log", &type_line, 0, "", "A pattern (PCRE2) that a line of output is to match.", NULL, NULL, 0, 0},
	{"notify", &type_notify, 0, "",
	 "true: the process says READY=1 to NOTIFY_SOCKET (sd_notify); a number: it writes a newline to that "
	 "descriptor.",
	 NULL, NULL, 0, 0},
	{"status", &type_count, PROBE(http_status), "200 to 399", "The one HTTP status that counts.", NULL, NULL, 100,
	 599},
	{"delay", &type_duration, PROBE(delay_ns), "0s", "Time after the start, before the first question.", NULL, NULL,
	 0, 0},
	{"interval", &type_period, PROBE(interval_ns), "250ms", "Time between the end of a question and the next one.",
	 NULL, NULL, 1, 0},
	{"attempt", &type_period, PROBE(attempt_ns), "5s", "A question that takes longer has failed.", NULL, NULL, 1,
	 0},
	{"timeout", &type_duration, PROBE(timeout_ns), "0s, no limit",
	 "It has failed when it is not ready this long after its start.", NULL, NULL, 0, 0},
	{"successes", &type_count, PROBE(successes), "1", "So many in a row.", NULL, NULL, 1, 1000},
	{"failures", &type_count, PROBE(failures), "3", "So many in a row before it is not ready any more.", NULL, NULL,
	 1, 1000},
	{0},
};

static const struct schema_key alive_keys[] = {
	{"http", &type_http, 0, "", "A URL that is to answer with a status of 200 to 399.", NULL, NULL, 0, 0},
	{"tcp", &type_tcp, 0, "", "A port, or HOST:PORT, that is to accept a connection.", NULL, NULL, 0, 0},
	{"exec", &type_exec, 0, "", "A command that is to end with exit code 0.", NULL, NULL, 0, 0},
	{"status", &type_count, PROBE(http_status), "200 to 399", "The one HTTP status that counts.", NULL, NULL, 100,
	 599},
	{"delay", &type_duration, PROBE(delay_ns), "0s", "Time after the start, before the first question.", NULL, NULL,
	 0, 0},
	{"interval", &type_period, PROBE(interval_ns), "10s", "Time between the end of a question and the next one.",
	 NULL, NULL, 1, 0},
	{"attempt", &type_period, PROBE(attempt_ns), "5s", "A question that takes longer has failed.", NULL, NULL, 1,
	 0},
	{"successes", &type_count, PROBE(successes), "1", "So many in a row and it is alive again.", NULL, NULL, 1,
	 1000},
	{"failures", &type_count, PROBE(failures), "3", "So many in a row and it is restarted.", NULL, NULL, 1, 1000},
	{0},
};

static const struct schema_key restart_keys[] = {
	{"when", &type_restart, SPEC(restart), "never",
	 "never (also no, false), on-failure, or always: what happens when it ends by itself.", NULL, NULL, 0, 0},
	{"backoff", &type_backoff, 0, "200ms..30s",
	 "FIRST..LAST: the wait before a restart doubles from the first to the last.", NULL, NULL, 0, 0},
	{"limit", &type_limit, 0, "no limit", "N in DURATION: more restarts than that and it has failed.", NULL, NULL,
	 0, 0},
	{0},
};

static const struct schema_key stop_keys[] = {
	{"signal", &type_signal, SPEC(stop_signal), "TERM", "What tells it to end.", NULL, NULL, 0, 0},
	{"grace", &type_duration, SPEC(stop_grace_ns), "10s", "What lives after this time is killed.", NULL, NULL, 0,
	 0},
	{"command", &type_shell_text, SPEC(stop_command), "", "A command for the shell, in place of the signal.", NULL,
	 NULL, 0, 0},
	{0},
};

static const struct schema_key watch_keys[] = {
	{"paths", &type_globs, SPEC(watch_paths), "", "Files and folders, relative to its dir.", NULL, NULL, 0, 0},
	{"ignore", &type_globs, SPEC(watch_ignore), "",
	 "Globs of base names, or of paths below a watched folder, that do not count.", NULL, NULL, 0, 0},
	{"debounce", &type_duration, SPEC(watch_debounce_ns), "300ms", "Quiet time after the last change.", NULL, NULL,
	 0, 0},
	{0},
};

static const struct schema_key limits_keys[] = {
	{"memory", &type_size, SPEC(memory_limit_bytes), "no limit",
	 "Of all its processes together; above it, it is restarted.", NULL, NULL, 0, 0},
	{"open_files", &type_files, SPEC(open_files), "the supervisor's", "How many files it may have open.", NULL,
	 NULL, 1, 1u << 30},
	{0},
};

static const struct schema_key log_keys[] = {
	{"max_size", &type_size, SPEC(log_segment_bytes), "16MiB", "Of one file of its log, before the next is begun.",
	 NULL, NULL, 4096, 0},
	{"keep", &type_count, SPEC(log_keep), "4", "How many such files are kept.", NULL, NULL, 1, 1000},
	{0},
};

const struct schema_key schema_process[] = {
	{"command", &type_command, 0, "",
	 "What to run. A text goes to the shell, with ${} in it untouched; a list is exec'd as it is.", NULL, NULL, 0,
	 0},
	{"dir", &type_path, SPEC(dir), "the folder of the file", "The working directory.", NULL, NULL, 0, 0},
	{"env", &type_env, SPEC(env), "", "Variables; null unsets one. Values are taken as they are written.", NULL,
	 NULL, 0, 0},
	{"env_file", &type_env_file, DRAFT(file_env), "",
	 "Files of variables; later ones win, the supervisor's own environment and env win over all.", NULL, NULL, 0,
	 0},
	{"depends_on", &type_depends, 0, "",
	 "Names, or a mapping of names to started, ready, success, exit or {condition, follow}.", NULL, NULL, 0, 0},
	{"ready", &type_probe, SPEC(ready), "", "When it counts as ready; without, as soon as it runs.", ready_keys,
	 NULL, 0, 0},
	{"alive", &type_probe, SPEC(alive), "", "A question asked while it runs; failing restarts it.", alive_keys,
	 NULL, 0, 0},
	{"restart", &type_group, 0, "never", "What happens when it ends by itself.", restart_keys, "when", 0, 0},
	{"stop", &type_group, 0, "", "How it is stopped.", stop_keys, "signal", 0, 0},
	{"stdin", &type_stdin, SPEC(stdin_kind), "null", "null, or pipe: then `send` can write to it.", NULL, NULL, 0,
	 0},
	{"tty", &type_bool, SPEC(tty), "false", "Give it a terminal of its own, so that attach and colours work.", NULL,
	 NULL, 0, 0},
	{"replicas", &type_replicas, DRAFT(replicas), "",
	 "Run it so many times, as NAME.1, NAME.2, ...; each has a PORT one higher than the one before.", NULL, NULL, 1,
	 1000},
	{"watch", &type_group, 0, "", "Restart it when files change.", watch_keys, "paths", 0, 0},
	{"schedule", &type_schedule, SPEC(schedule), "",
	 "Start it at these times: five cron fields, or @hourly and so on.", NULL, NULL, 0, 0},
	{"limits", &type_group, 0, "", "What it may use.", limits_keys, NULL, 0, 0},
	{"log", &type_group, 0, "", "How much of its output is kept.", log_keys, NULL, 0, 0},
	{"success_codes", &type_codes, SPEC(success_codes), "0", "Exit codes that are no failure, beside 0.", NULL,
	 NULL, 0, 255},
	{"essential", &type_bool, SPEC(essential), "false", "Its failure ends everything.", NULL, NULL, 0, 0},
	{"autostart", &type_bool, SPEC(autostart), "true", "Start it with the supervisor.", NULL, NULL, 0, 0},
	{"profiles", &type_names, DRAFT(profiles), "",
	 "It starts by itself only when one of these is chosen (--profile).", NULL, NULL, 0, 0},
	{"labels", &type_labels, SPEC(labels), "", "Words of your own, to choose by.", NULL, NULL, 0, 0},
	{"shell", &type_shell, SPEC(shell), "/bin/sh -c", "What gets a command that is a text, as its last argument.",
	 NULL, NULL, 0, 0},
	{"user", &type_text, SPEC(user), "the supervisor's", "Whose rights it runs with; only root can choose.", NULL,
	 NULL, 0, 0},
	{"group", &type_text, SPEC(group), "the user's", "The same of the group.", NULL, NULL, 0, 0},
	{"umask", &type_umask, SPEC(umask), "the supervisor's", "In octal.", NULL, NULL, 0, 0},
	{"nice", &type_nice, SPEC(nice), "the supervisor's", "-20 to 19: the more, the nicer to others.", NULL, NULL, 0,
	 0},
	{0},
};

const struct schema_key schema_file[] = {
	{"processes", &type_processes, 0, "", "The processes: a mapping of names.", schema_process, NULL, 0, 0},
	{"env", &type_env, 0, "", "Variables of every process.", NULL, NULL, 0, 0},
	{"env_file", &type_env_file, 0, "", "Files of variables of every process.", NULL, NULL, 0, 0},
	{"include", &type_include, 0, "", "Files that are read before this one, relative to it.", NULL, NULL, 0, 0},
	{"shell", &type_shell, 0, "/bin/sh -c", "The shell of every process that does not say its own.", NULL, NULL, 0,
	 0},
	{"version", &type_ignored, 0, "", "Not used; files of other tools have it.", NULL, NULL, 0, 0},
	{0},
};

const struct schema_key *schema_find(const struct schema_key *table, const char *name)
{
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name ? table : NULL;
}

int schema_unknown(struct schema_take *take, const struct yaml_node *key, const struct schema_key *table)
{
	const char *nearest;
	struct brm_near near;

	if (take->lenient) {
		yaml_warning(take->report, key, "%s has no effect: Brummer does not know it", key->text);
		return 0;
	}
	brm_near_begin(&near, key->text, &nearest, 1);
	for (const struct schema_key *row = table; row->name; row++)
		brm_near_offer(&near, row->name);
	if (near.count > 0)
		yaml_error(take->report, key, "there is no key %s, expected %s", key->text, nearest);
	else
		yaml_error(take->report, key, "there is no key %s, expected one of brummer.yaml(5)", key->text);
	return -EINVAL;
}

int schema_take_row(struct schema_take *take, const struct yaml_node *value, const struct schema_key *row, void *base)
{
	int result = row->type->take(take, value, row, base);

	if (result == 0 && take->explanation && !row->inner)
		result = explanation_add(take->explanation, take->outer, row, value);
	return result;
}

int schema_take_map(struct schema_take *take, const struct yaml_node *map, const struct schema_key *table, void *base)
{
	int result = 0;

	for (size_t i = 0; i < map->count && result != -ENOMEM; i++) {
		const struct yaml_node *key = map->pairs[i].key, *value = map->pairs[i].value;
		const struct schema_key *row = schema_find(table, key->text);
		int rc;

		if (row ? yaml_is_null(value) : strncmp(key->text, "x-", 2) == 0)
			continue;
		rc = row ? schema_take_row(take, value, row, base) : schema_unknown(take, key, table);
		result = rc == -ENOMEM || result == 0 ? rc : result;
	}
	return result;
}

struct draft *draft_new(const char *name)
{
	struct draft *draft = calloc(1, sizeof *draft);
	struct spec *spec = draft ? spec_new(name) : NULL;

	if (!spec) {
		free(draft);
		return NULL;
	}
	draft->spec = *spec;
	free(spec); /* what it owned is the draft's */
	draft->spec.autostart = true;
	draft->replicas = 1;
	return draft;
}

void draft_free(struct draft *draft)
{
	if (!draft)
		return;
	spec_finish(&draft->spec);
	list_free(draft->profiles);
	list_free(draft->file_env);
	free(draft);
}
