/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "config/import_keys.h"

const struct import_key pm2_keys[] = {
	{"name", KEY_HONOURED, ""},
	{"script", KEY_HONOURED, ""},
	{"args", KEY_HONOURED, ""},
	{"interpreter", KEY_HONOURED, ""},
	{"exec_interpreter", KEY_HONOURED, ""},
	{"interpreter_args", KEY_HONOURED, ""},
	{"node_args", KEY_HONOURED, ""},
	{"cwd", KEY_HONOURED, ""},
	{"env", KEY_HONOURED, ""},
	{"instances", KEY_HONOURED, ""},
	{"instance_var", KEY_HONOURED, ""},
	{"uid", KEY_HONOURED, ""},
	{"gid", KEY_HONOURED, ""},
	{"user", KEY_HONOURED, ""},
	{"autorestart", KEY_HONOURED, ""},
	{"autostart", KEY_HONOURED, ""},
	{"restart_delay", KEY_HONOURED, ""},
	{"exp_backoff_restart_delay", KEY_HONOURED, ""},
	{"kill_timeout", KEY_HONOURED, ""},
	{"max_memory_restart", KEY_HONOURED, ""},
	{"watch", KEY_HONOURED, ""},
	{"watch_delay", KEY_HONOURED, ""},
	{"namespace", KEY_APPROXIMATED, "a label of this name"},
	{"exec_mode", KEY_APPROXIMATED, "always fork: instances share no port, each has a PORT of its own"},
	{"max_restarts", KEY_APPROXIMATED, "the limit of restarts within a time"},
	{"min_uptime", KEY_APPROXIMATED, "the time in which max_restarts are counted"},
	{"stop_exit_codes", KEY_APPROXIMATED, "codes of success, and restart only on failure"},
	{"ignore_watch", KEY_APPROXIMATED, "globs instead of regular expressions"},
	{"cron_restart", KEY_APPROXIMATED, "the schedule: it is started at these times"},
	{"out_file", KEY_APPROXIMATED, "output is kept by Brummer: brummer-cli logs"},
	{"error_file", KEY_APPROXIMATED, "output is kept by Brummer: brummer-cli logs"},
	{"log_file", KEY_APPROXIMATED, "output is kept by Brummer: brummer-cli logs"},
	{"output", KEY_APPROXIMATED, "output is kept by Brummer: brummer-cli logs"},
	{"error", KEY_APPROXIMATED, "output is kept by Brummer: brummer-cli logs"},
	{"log", KEY_APPROXIMATED, "output is kept by Brummer: brummer-cli logs"},
	{"merge_logs", KEY_APPROXIMATED, "each instance has a log of its own, which viewers merge"},
	{"combine_logs", KEY_APPROXIMATED, "each instance has a log of its own, which viewers merge"},
	{"log_date_format", KEY_APPROXIMATED, "every line has its time; viewers show it"},
	{"time", KEY_APPROXIMATED, "every line has its time; viewers show it"},
	{"pid_file", KEY_APPROXIMATED, "brummer-cli ls has the pid"},
	{"treekill", KEY_APPROXIMATED, "always so"},
	{"force", KEY_APPROXIMATED, "names differ, scripts need not"},
	{"vizion", KEY_APPROXIMATED, "nothing is asked of version control"},
	{"pmx", KEY_APPROXIMATED, "nothing is put into the process"},
	{"automation", KEY_APPROXIMATED, "nothing is put into the process"},
	{"source_map_support", KEY_REFUSED, "nothing is put into the process: give node --enable-source-maps"},
	{"disable_source_map_support", KEY_APPROXIMATED, "nothing is put into the process"},
	{"filter_env", KEY_REFUSED, "the supervisor's environment is passed on"},
	{"wait_ready", KEY_REFUSED, "messages of node are not read: use ready"},
	{"listen_timeout", KEY_REFUSED, "messages of node are not read: use ready"},
	{"shutdown_with_message", KEY_REFUSED, "messages of node are not written: it gets a signal"},
	{"increment_var", KEY_REFUSED, "only PORT counts up"},
	{"log_type", KEY_REFUSED, "logs are kept as they were written"},
	{"append_env_to_name", KEY_REFUSED, "there are no environments to choose from"},
	{"post_update", KEY_REFUSED, "nothing is deployed"},
	{"deploy", KEY_REFUSED, "nothing is deployed"},
	{0},
};

/* What values may be; of a list its elements are strings or numbers. */
enum { TEXT = 1, NUMBER = 2, TRUTH = 4, LIST = 8, OBJECT = 16 };

static const struct {
	const char *key;
	unsigned kinds;
	const char *expected;
} types[] = {
	{"name", TEXT, "a string"},
	{"script", TEXT, "a string"},
	{"args", TEXT | LIST, "a string, or a list of them"},
	{"cwd", TEXT, "a string"},
	{"interpreter", TEXT, "a string"},
	{"exec_interpreter", TEXT, "a string"},
	{"interpreter_args", TEXT | LIST, "a string, or a list of them"},
	{"node_args", TEXT | LIST, "a string, or a list of them"},
	{"env", OBJECT, "an object of variables"},
	{"instances", TEXT | NUMBER, "a number or \"max\""},
	{"instance_var", TEXT, "a string"},
	{"uid", TEXT | NUMBER, "a user"},
	{"user", TEXT | NUMBER, "a user"},
	{"gid", TEXT | NUMBER, "a group"},
	{"autorestart", TRUTH, "true or false"},
	{"autostart", TRUTH, "true or false"},
	{"max_restarts", NUMBER, "a number"},
	{"stop_exit_codes", LIST, "a list of numbers of 0 to 255"},
	{"watch", TRUTH | TEXT | LIST, "true, false, a path or a list of them"},
	{"ignore_watch", TEXT | LIST, "a glob, or a list of them"},
	{"namespace", TEXT, "a string"},
	{"cron_restart", TEXT | NUMBER, "five cron fields"},
};

static unsigned kind_of(const json_t *value)
{
	return json_is_string(value)    ? TEXT
	       : json_is_number(value)  ? NUMBER
	       : json_is_boolean(value) ? TRUTH
	       : json_is_array(value)   ? LIST
	       : json_is_object(value)  ? OBJECT
					: 0;
}

/* null is as if it were not there. */
const char *pm2_wrong_type(const char *key, const json_t *value)
{
	const json_t *entry;
	size_t row = 0, i;
	bool good;

	while (row < sizeof types / sizeof *types && strcmp(types[row].key, key) != 0)
		row++;
	if (row == sizeof types / sizeof *types || json_is_null(value))
		return NULL;
	good = kind_of(value) & types[row].kinds;
	json_array_foreach(value, i, entry)
	{
		good = good && (kind_of(entry) & (TEXT | NUMBER));
	}
	return good ? NULL : types[row].expected;
}
