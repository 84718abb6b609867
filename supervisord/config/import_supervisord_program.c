/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/import_supervisord.h"
#include "config/units.h"

#define NUMPROCS_MAX 1000u
#define S            1000000000ull
#define LOG_MIN      4096u

/* A program while one of its processes is made. */
struct making {
	const struct super_program *program;
	struct super_names names;
	struct spec *spec;
	bool failed;
	int result; /* 0, -ENOMEM */
};

static char *place_of(const struct super_program *program, const char *key, char out[TEXT_PLACE_MAX])
{
	const struct ini_key *found = ini_find(program->section, key);

	return text_place(program->text, found ? found->offset : program->section->offset, out);
}

static void wrong(struct making *making, const char *key, const char *value, const char *wanted)
{
	char place[TEXT_PLACE_MAX];

	making->failed = true;
	report_error(making->program->finding->report, "%s: %s: %s is %s, expected %s",
		     place_of(making->program, key, place), making->names.program, key, value, wanted);
}

/* A setting with its expansions, to be freed; NULL: there is none, or it failed. */
static char *expanded(struct making *making, const struct ini_section *section, const char *key)
{
	const char *value = ini_get(section, key);
	char place[TEXT_PLACE_MAX];
	char *text;

	if (!value || making->result != 0)
		return NULL;
	text = super_expand(&making->names, value);
	if (!text && errno == EINVAL)
		report_error(making->program->finding->report, "%s: %s: %s: %s", place_of(making->program, key, place),
			     making->names.program, key, making->names.wrong);
	making->failed = making->failed || !text;
	if (!text && errno != EINVAL)
		making->result = -ENOMEM;
	return text;
}

/* The program's own setting, else the one of [supervisord]. */
static char *own_or_global(struct making *making, const char *key)
{
	const struct super_program *program = making->program;

	return expanded(making, ini_get(program->section, key) ? program->section : program->globals, key);
}

static uint64_t number(struct making *making, const char *key, uint64_t initial, uint64_t max)
{
	char *text = expanded(making, making->program->section, key);
	uint64_t value = initial;
	char wanted[48];

	snprintf(wanted, sizeof wanted, "a number of at most %llu", (unsigned long long)max);
	if (text && units_count(text, 0, max, &value) != 0)
		wrong(making, key, text, wanted);
	free(text);
	return value;
}

static const char *const trues[] = {"true", "yes", "on", "1", NULL};
static const char *const falses[] = {"false", "no", "off", "0", NULL};

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcasecmp(text, *words) != 0)
		words++;
	return *words != NULL;
}

static void set_start(struct making *making)
{
	char *autostart = expanded(making, making->program->section, "autostart");
	char *restart = expanded(making, making->program->section, "autorestart");
	struct spec *spec = making->spec;

	spec->restart = RESTART_ON_FAILURE;
	if (autostart && !is_one_of(autostart, trues) && !is_one_of(autostart, falses))
		wrong(making, "autostart", autostart, "true or false");
	else if (autostart)
		spec->autostart = is_one_of(autostart, trues);
	if (restart && is_one_of(restart, trues))
		spec->restart = RESTART_ALWAYS;
	else if (restart && is_one_of(restart, falses))
		spec->restart = RESTART_NEVER;
	else if (restart && strcasecmp(restart, "unexpected") != 0)
		wrong(making, "autorestart", restart, "true, false or unexpected");
	free(autostart);
	free(restart);
}

/*
 * supervisord waits one second more before each retry, and gives up when one more than startretries in a row ended
 * within startsecs.
 */
static void set_retries(struct making *making)
{
	uint64_t secs = number(making, "startsecs", 1, 86400), retries = number(making, "startretries", 3, 10000);
	struct spec *spec = making->spec;

	spec->restart_limit = retries > 0 ? (uint32_t)retries : 1;
	spec->restart_window_ns = (retries * (retries + 1) / 2 + (retries + 1) * secs) * S;
	if (spec->restart_window_ns == 0)
		spec->restart_window_ns = S;
	spec->backoff_first_ns = S;
	spec->backoff_last_ns = (retries < 30 ? (retries > 0 ? retries : 1) : 30) * S;
}

static void set_codes(struct making *making)
{
	char *text = expanded(making, making->program->section, "exitcodes"), *rest = NULL;
	char *copy = text ? strdup(text) : NULL;
	uint64_t code;

	for (char *word = copy ? strtok_r(copy, ", \t", &rest) : NULL; word; word = strtok_r(NULL, ", \t", &rest)) {
		if (units_count(word, 0, 255, &code) != 0) {
			wrong(making, "exitcodes", text, "numbers of 0 to 255 with commas between");
			break;
		}
		if (code > 0)
			making->spec->success_codes[code / 32] |= 1u << (code % 32);
	}
	free(copy);
	free(text);
}

static void set_stop(struct making *making)
{
	char *signal = expanded(making, making->program->section, "stopsignal");

	if (signal && units_signal(signal, &making->spec->stop_signal) != 0)
		wrong(making, "stopsignal", signal, "the name of a signal");
	making->spec->stop_grace_ns = number(making, "stopwaitsecs", 10, 86400) * S;
	free(signal);
}

static void set_rights(struct making *making)
{
	char *user = own_or_global(making, "user"), *mask = own_or_global(making, "umask"), *end;
	long value = mask ? strtol(mask, &end, 8) : -1;

	if (mask && (end == mask || *end || value < 0 || value > 0777))
		wrong(making, "umask", mask, "an octal number");
	else
		making->spec->umask = (int)value;
	if (user && string_set(&making->spec->user, user) != 0)
		making->result = -ENOMEM;
	free(user);
	free(mask);
}

static void set_limits(struct making *making)
{
	char *size = expanded(making, making->program->section, "stdout_logfile_maxbytes");
	uint64_t bytes = 0;

	if (size && units_size(size, &bytes) != 0)
		wrong(making, "stdout_logfile_maxbytes", size, "a size");
	else if (bytes >= LOG_MIN)
		making->spec->log_segment_bytes = bytes;
	making->spec->log_keep = (uint32_t)number(making, "stdout_logfile_backups", 0, 1000);
	making->spec->open_files = making->program->open_files;
	free(size);
}

static void set_environment(struct making *making)
{
	const struct ini_section *sections[] = {making->program->globals, making->program->section};

	for (size_t i = 0; i < 2 && !making->failed; i++) {
		char *text = expanded(making, sections[i], "environment");
		int result = text ? super_environment(text, &making->spec->env) : 0;

		if (result == -EINVAL)
			wrong(making, "environment", text, "NAME=\"VALUE\" with commas between");
		if (result == -ENOMEM)
			making->result = result;
		free(text);
	}
}

static void set_command(struct making *making)
{
	char *command = expanded(making, making->program->section, "command");
	char *dir = own_or_global(making, "directory");
	char **words = command ? words_split(command) : NULL;
	char place[TEXT_PLACE_MAX];

	if (words && *words) {
		list_free(making->spec->argv);
		making->spec->argv = words;
	} else if (command && !words && errno == EINVAL) {
		wrong(making, "command", command, "another quote to close the one in it");
	} else {
		list_free(words);
		if (!making->failed)
			report_error(making->program->finding->report, "%s: %s: no command, expected command = ...",
				     place_of(making->program, "command", place), making->names.program);
		making->failed = true;
	}
	if (import_spec_begin(making->spec, making->program->finding, dir) != 0)
		making->result = -ENOMEM;
	if (*making->program->group) {
		char label[BRM_NAME_MAX + 8];

		snprintf(label, sizeof label, "group=%s", making->program->group);
		making->result = list_append(&making->spec->labels, label) == 0 ? making->result : -ENOMEM;
	}
	free(command);
	free(dir);
}

/* One process of the program, `spec` being begun. */
static void fill(struct making *making)
{
	set_command(making);
	set_start(making);
	set_retries(making);
	set_codes(making);
	set_stop(making);
	set_rights(making);
	set_limits(making);
	set_environment(making);
}

static int add_process(struct making *making)
{
	const struct super_program *program = making->program;
	char *name = expanded(making, program->section, "process_name");
	char place[TEXT_PLACE_MAX];
	int result = making->result;

	place_of(program, "process_name", place);
	if (!making->failed && result == 0)
		making->spec = import_spec_new(name ? name : making->names.program, program->finding, place, &result);
	free(name);
	if (!making->spec || result != 0)
		return result;
	if (string_set(&making->spec->script, making->names.program) != 0)
		making->result = -ENOMEM;
	fill(making);
	if (making->result == 0 && !making->failed)
		return import_spec_add(making->spec, program->finding, place);
	spec_free(making->spec);
	return making->result;
}

static void check_keys(const struct super_program *program, const char *name)
{
	char place[TEXT_PLACE_MAX];

	for (size_t i = 0; i < program->section->count; i++)
		import_key_is_good(supervisord_keys, program->section->keys[i].key,
				   text_place(program->text, program->section->keys[i].offset, place), name,
				   program->finding->report);
}

static struct making begin(const struct super_program *program)
{
	const char *name = strchr(program->section->name, ':') + 1;

	return (struct making){.program = program,
			       .names = {.program = name,
					 .group = *program->group ? program->group : name,
					 .here = program->finding->dir,
					 .number = 0,
					 .numprocs = 1}};
}

long super_priority(const struct super_program *program)
{
	struct making making = begin(program);
	char *text = expanded(&making, program->section, "priority"), *end;
	long priority = text ? strtol(text, &end, 10) : 999;

	if (text && (end == text || *end))
		wrong(&making, "priority", text, "a number");
	free(text);
	return priority;
}

int super_add(const struct super_program *program)
{
	struct making making = begin(program);
	const char *name = making.names.program;
	int count = (int)number(&making, "numprocs", 1, NUMPROCS_MAX);
	int first = (int)number(&making, "numprocs_start", 0, 1000000), result = making.result;
	char place[TEXT_PLACE_MAX];

	check_keys(program, name);
	if (count > 1 &&
	    !strstr(ini_get(program->section, "process_name") ? ini_get(program->section, "process_name") : "",
		    "%(process_num)")) {
		report_error(program->finding->report,
			     "%s: %s: numprocs is %d, expected a process_name with %%(process_num) in it",
			     place_of(program, "numprocs", place), name, count);
		return 0;
	}
	for (int i = 0; i < count && result == 0 && !making.failed; i++) {
		making.names.numprocs = count;
		making.names.number = first + i;
		making.spec = NULL;
		result = add_process(&making);
	}
	return result;
}
