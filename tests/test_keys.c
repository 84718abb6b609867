/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/check.h"
#include "config/check_depends.h"
#include "config/explain.h"
#include "config/schema.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"
#include "tests/json_schema.h"

/* Read a brummer.yaml of the test's folder "p". */
static int discover(const char *text, struct explanation *explanation)
{
	char *dir = help_folder("p");
	int result;

	help_write("p/brummer.yaml", text);
	result = config_discover(&(struct config_request){.dir = dir, .explanation = explanation}, &config, &report);
	free(dir);
	return result;
}

/* A key as it is written in a process, and what becomes of it: "KEY VALUE" of its explanation, or an error. */
static const struct {
	const char *text, *key, *value, *error;
} keys[] = {
	{"command: npm run ${X} $$", "command", "npm run ${X} $$", NULL},
	{"command: [echo, '${SET}', 1.10, yes]", "command", "echo one two 1.10 yes", NULL},
	{"command: {a: b}", NULL, NULL,
	 "command is a mapping, expected a command, or a list of a program and its arguments"},
	{"command: []", NULL, NULL, "command is a list, expected a command, or a list of a program and its arguments"},
	{"command: ' '", NULL, NULL, "command is \" \", expected a command, or a list of a program and its arguments"},
	{"command: [[a]]", NULL, NULL,
	 "command is a list, expected a command, or a list of a program and its arguments"},
	{"dir: /srv", "dir", "/srv", NULL},
	{"dir: [a]", NULL, NULL, "dir is a list, expected a path"},
	{"env: {PORT: 1.10, MODE: 0x1F, ON: yes}", "env.PORT", "1.10", NULL},
	{"env: {A: '${SET}-${NOT:-none}'}", "env.A", "one two-none", NULL},
	{"env: {A: '${EMPTY:-x}${EMPTY-y}'}", "env.A", "x", NULL},
	{"env: {A: null}", "env.A", "(unset)", NULL},
	{"env: {A: [1]}", NULL, NULL, "env is a list, expected a mapping of names to values"},
	{"env: {'A=B': 1}", NULL, NULL, "\"A=B\" is no name, expected one without = and control characters"},
	{"env: [A=1]", NULL, NULL, "env is a list, expected a mapping of names to values"},
	{"env_file: {a: b}", NULL, NULL, "env_file is a mapping, expected a file or a list of files"},
	{"depends_on: b", "depends_on", "b: started", NULL},
	{"depends_on: [b]", "depends_on", "b: started", NULL},
	{"depends_on: {b: success}", "depends_on", "b: success", NULL},
	{"depends_on: {b: {condition: ready, follow: true}}", "depends_on", "b: ready (follow)", NULL},
	{"depends_on: {b: healthy}", NULL, NULL,
	 "\"healthy\" is no condition, expected started, ready, success or exit"},
	{"depends_on: {b: {when: ready}}", NULL, NULL, "there is no key when, expected condition or follow"},
	{"depends_on: {b: {follow: 3}}", NULL, NULL, "follow is \"3\", expected true or false"},
	{"depends_on: [[b]]", NULL, NULL,
	 "depends_on is a list, expected a name, a list of names, or a mapping of names to conditions"},
	{"ready: {tcp: 5432}", "ready.tcp", "127.0.0.1:5432", NULL},
	{"ready: {tcp: 'db:5432', interval: 1s}", "ready.tcp", "db:5432", NULL},
	{"ready: {tcp: '[::1]:80'}", "ready.tcp", "[::1]:80", NULL},
	{"ready: {tcp: 70000}", NULL, NULL, "ready.tcp is \"70000\", expected a port or HOST:PORT"},
	{"ready: {http: 'http://127.0.0.1:3000/health', status: 204}", "ready.status", "204", NULL},
	{"ready: {http: 'ftp://x'}", NULL, NULL,
	 "ready.http is \"ftp://x\", expected a URL such as http://127.0.0.1:3000/health"},
	{"ready: {http: 'http://x/', status: 9}", NULL, NULL, "ready.status is \"9\", expected a number of 100 to 599"},
	{"ready: {exec: 'test -e ${X}'}", "ready.exec", "test -e ${X}", NULL},
	{"ready: {exec: [test, -e, x]}", "ready.exec", "test -e x", NULL},
	{"ready: {exec: []}", NULL, NULL,
	 "ready.exec is a list, expected a command, or a list of a program and its arguments"},
	{"ready: {log: 'ready in \\d+'}", "ready.log", "ready in \\d+", NULL},
	{"ready: {notify: true}", "ready.notify", "true", NULL},
	{"ready: {notify: 3}", "ready.notify", "3", NULL},
	{"ready: {notify: 1}", NULL, NULL, "ready.notify is \"1\", expected true, or a descriptor of 3 or more"},
	{"ready: {tcp: 1, attempt: 2s, timeout: 1m, delay: 500ms}", "ready.timeout", "1m", NULL},
	{"ready: {tcp: 1, successes: 0}", NULL, NULL, "ready.successes is \"0\", expected a number of 1 to 1000"},
	{"ready: 5", NULL, NULL, "ready is \"5\", expected a mapping"},
	{"alive: {tcp: 1, failures: 5}", "alive.failures", "5", NULL},
	{"alive: {log: x}", NULL, NULL, "there is no key log, expected one of brummer.yaml(5)"},
	{"restart: on-failure", "restart.when", "on-failure", NULL},
	{"restart: no", "restart.when", "never", NULL},
	{"restart: false", "restart.when", "never", NULL},
	{"restart: {when: always, backoff: 200ms..30s}", "restart.backoff", "200ms..30s", NULL},
	{"restart: {backoff: 2}", "restart.backoff", "2s..2s", NULL},
	{"restart: {backoff: x..y}", NULL, NULL,
	 "restart.backoff is \"x..y\", expected FIRST..LAST such as 200ms..30s"},
	{"restart: {limit: 10 in 60s}", "restart.limit", "10 in 1m", NULL},
	{"restart: {limit: ten}", NULL, NULL, "restart.limit is \"ten\", expected N in DURATION such as 10 in 60s"},
	{"restart: sometimes", NULL, NULL, "restart.when is \"sometimes\", expected never, on-failure or always"},
	{"stop: {signal: INT, grace: 1.5}", "stop.grace", "1500ms", NULL},
	{"stop: {grace: 86400001}", NULL, NULL,
	 "stop.grace is \"86400001\", expected a duration such as 200ms, 3s or 5m"},
	{"stop: SIGHUP", "stop.signal", "HUP", NULL},
	{"stop: {signal: 15}", "stop.signal", "TERM", NULL},
	{"stop: {signal: 99}", NULL, NULL, "stop.signal is \"99\", expected a signal such as TERM"},
	{"stop: {command: 'kill $PID'}", "stop.command", "kill $PID", NULL},
	{"stop: {command: ''}", NULL, NULL, "stop.command is \"\", expected a command"},
	{"stdin: null", "stdin", "null", NULL},
	{"stdin: pipe", "stdin", "pipe", NULL},
	{"stdin: tty", NULL, NULL, "stdin is \"tty\", expected null or pipe"},
	{"tty: yes", "tty", "true", NULL},
	{"tty: 1", NULL, NULL, "tty is \"1\", expected true or false"},
	{"replicas: 0", NULL, NULL, "replicas is \"0\", expected a number of 1 to 1000"},
	{"replicas: many", NULL, NULL, "replicas is \"many\", expected a number of 1 to 1000"},
	{"watch: [/src, /lib]", "watch.paths", "/src /lib", NULL},
	{"watch: {paths: /src, ignore: ['*.log'], debounce: 1s}", "watch.debounce", "1s", NULL},
	{"watch: {path: src}", NULL, NULL, "there is no key path, expected paths"},
	{"schedule: '*/5 * * * *'", "schedule", "*/5 * * * *", NULL},
	{"schedule: '@daily'", "schedule", "@daily", NULL},
	{"schedule: 'every day'", NULL, NULL,
	 "schedule is \"every day\", expected five cron fields, or @hourly, @daily, @weekly, @monthly or @yearly"},
	{"limits: {memory: 1GiB, open_files: 4096}", "limits.memory", "1GiB", NULL},
	{"limits: {memory: 1000}", "limits.memory", "1KB", NULL},
	{"limits: {memory: much}", NULL, NULL, "limits.memory is \"much\", expected a size such as 16MiB or 1GB"},
	{"limits: {open_files: 0}", NULL, NULL, "limits.open_files is \"0\", expected a number of 1 to 1073741824"},
	{"log: {max_size: 512k, keep: 2}", "log.max_size", "512KiB", NULL},
	{"log: {keep: 0}", NULL, NULL, "log.keep is \"0\", expected a number of 1 to 1000"},
	{"success_codes: [0, 3]", "success_codes", "0 3", NULL},
	{"success_codes: 7", "success_codes", "0 7", NULL},
	{"success_codes: [256]", NULL, NULL,
	 "success_codes is \"256\", expected an exit code of 0 to 255, or a list of them"},
	{"essential: true", "essential", "true", NULL},
	{"autostart: off", "autostart", "false", NULL},
	{"profiles: [ci, dev]", NULL, NULL, NULL},
	{"profiles: ci", NULL, NULL, NULL},
	{"profiles: {ci: 1}", NULL, NULL, "profiles is a mapping, expected a name or a list of names"},
	{"labels: {tier: front}", "labels", "tier=front", NULL},
	{"labels: front", NULL, NULL, "labels is \"front\", expected a mapping of names to values"},
	{"shell: [/bin/bash, -c]", "shell", "/bin/bash -c", NULL},
	{"shell: bash", NULL, NULL, "shell is \"bash\", expected a list such as [\"/bin/bash\", \"-c\"]"},
	{"user: nobody", "user", "nobody", NULL},
	{"user: ''", NULL, NULL, "user is \"\", expected a text"},
	{"group: 100", "group", "100", NULL},
	{"umask: 022", "umask", "022", NULL},
	{"umask: 0o77", "umask", "077", NULL},
	{"umask: 0999", NULL, NULL, "umask is \"0999\", expected octal digits such as 022"},
	{"nice: -5", "nice", "-5", NULL},
	{"nice: 20", NULL, NULL, "nice is \"20\", expected -20 to 19"},
	{"x-mine: {anything: [1]}", NULL, NULL, NULL},
	{"comand: ls", NULL, NULL, "there is no key comand, expected command"},
};

#define KEYS (sizeof keys / sizeof *keys)

/* A whole file with the key in process a: at 4:5, its value behind it. */
static char *file_of(size_t i)
{
	char *text;
	bool command = strncmp(keys[i].text, "command", 7) == 0;

	ck_assert_int_ge(asprintf(&text, "processes:\n  b: 'true'\n  a:\n    %s\n%s", keys[i].text,
				  command ? "" : "    command: 'true'\n"),
			 0);
	return text;
}

/* What --explain prints of a, a line a value. */
static char *explain(struct explanation *explanation)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(explanation_print(explanation, &config, false, out), 0);
	fclose(out);
	return text;
}

/* Fail unless there is the line "KEY VALUE ...". */
static void expect_line(const char *text, const char *key, const char *value)
{
	char line[512];

	snprintf(line, sizeof line, "%-18s %-40s ", key, value);
	ck_assert_msg(strstr(text, line) != NULL, "no \"%s\" in\n%s", line, text);
}

START_TEST(every_key_is_read_or_said_to_be_wrong)
{
	struct explanation explanation = {.name = "a"};
	char *text = file_of((size_t)_i), *lines;
	int result;

	setenv("SET", "one two", 1);
	setenv("EMPTY", "", 1);
	unsetenv("NOT");
	result = discover(text, &explanation);
	if (keys[_i].error) {
		const char *colon;

		ck_assert_int_eq(result, -EINVAL);
		ck_assert_uint_eq(list_length(report.errors), 1);
		ck_assert_int_eq(strncmp(report.errors[0], "brummer.yaml:4:", 15), 0);
		colon = strstr(report.errors[0], ": ");
		ck_assert_str_eq(colon + 2, keys[_i].error);
	} else {
		help_lines(report.errors, NULL);
		ck_assert_int_eq(result, 0);
		lines = explain(&explanation);
		if (keys[_i].key)
			expect_line(lines, keys[_i].key, keys[_i].value);
		free(lines);
	}
	explanation_finish(&explanation);
	free(text);
	finish();
}
END_TEST

static json_t *schema(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *json;

	ck_assert_int_eq(schema_print_json(out), 0);
	fclose(out);
	json = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(json);
	free(text);
	return json;
}

/* The JSON Schema takes what the parser takes, and refuses what it refuses. */
START_TEST(the_schema_says_what_the_parser_says)
{
	char *text = file_of((size_t)_i);
	json_t *json = schema(), *value = schema_json_of_yaml(text);
	bool good = schema_allows(json, json, value);

	ck_assert_msg(good == !keys[_i].error, "%s: the schema says %s", keys[_i].text, good ? "good" : "wrong");
	json_decref(json);
	json_decref(value);
	free(text);
}
END_TEST

/* Values that some key takes, and others do not; the limits of the table come besides. */
static const char *const values[] = {
	"0",
	"1",
	"-1",
	"3",
	"64",
	"65",
	"777",
	"1.5",
	"1e3",
	"true",
	"false",
	"yes",
	"null",
	"~",
	"''",
	"' '",
	"x",
	"'12'",
	"12x",
	"'-5'",
	"[]",
	"{}",
	"[x]",
	"[1]",
	"[-1]",
	"[256]",
	"[true]",
	"[[x]]",
	"[{x: y}]",
	"{x: y}",
	"{x: 1}",
	"{x: null}",
	"{x: [1]}",
	"200ms",
	"0s",
	"1h30m",
	"1s..2s",
	"5 in 10s",
	"16MiB",
	"1KB",
	"0B",
	"TERM",
	"SIGKILL",
	"'* * * * *'",
	"'@daily'",
	"0o22",
	"1001",
	"86400001",
	"1048576000000000000",
	"'${NO}'",
	"'${'",
	"pipe",
	"never",
	"always",
	"b",
	"[b]",
	"{b: ready}",
	"{b: {condition: success}}",
	"{b: {condition: x}}",
	"{b: {follow: true}}",
	"{b: []}",
	"[ls, '']",
	"['']",
	"$",
	"'$$'",
	"'${A:-x}'",
	"'${A'",
	"term",
	"SIGNOT",
	"''",
	"'1:2'",
	"'h:80'",
	"'http://h/'",
	"'http://'",
	"'http:///x'",
	"'https://h/'",
};

/* `a` with a key of the table, or an inner one of a group, and a value. */
static char *file_with(const struct schema_key *outer, const struct schema_key *key, const char *value)
{
	const char *asks = outer && outer->type == &type_probe && strcmp(key->name, "tcp") != 0 &&
					   strcmp(key->name, "http") != 0 && strcmp(key->name, "exec") != 0 &&
					   strcmp(key->name, "log") != 0 && strcmp(key->name, "notify") != 0
				   ? "tcp: 1, "
				   : "";
	bool command = !outer && strcmp(key->name, "command") == 0;
	char *text;

	ck_assert_int_ge(asprintf(&text, "processes:\n  b: ls\n  a:\n%s    %s%s%s%s: %s%s\n",
				  command ? "" : "    command: ls\n", outer ? outer->name : "", outer ? ": {" : "",
				  asks, key->name, value, outer ? "}" : ""),
			 0);
	return text;
}

/*
 * What JSON Schema has no words for: what a variable stands for, what else is in the file, the bounds of a number in a
 * text, and how one is written.
 */
static bool has_no_words(const struct schema_key *key, const char *value)
{
	if (strstr(value, "${NO}") || strstr(value, "${A:-x}"))
		return key->type != &type_env && key->type != &type_labels && key->type != &type_shell;
	if (key->type == &type_command)
		return strcmp(value, "null") == 0 || strcmp(value, "~") == 0; /* another file may have it */
	if (key->type == &type_depends)
		return true; /* on what is not there: these have cases of their own above */
	if (key->type == &type_count || key->type == &type_size)
		return strspn(value, "'0123456789KB") == strlen(value) || strcmp(value, "1e3") == 0;
	return strcmp(value, "1e3") == 0;
}

static void compare(const json_t *json, const struct schema_key *outer, const struct schema_key *key, const char *value)
{
	char *bytes = file_with(outer, key, value);
	struct text text = help_text("brummer.yaml", bytes);
	const struct config_request request = {0};
	struct finding finding = help_finding("brummer.yaml", "brummer");
	json_t *document = schema_json_of_yaml(bytes);
	bool allowed = schema_allows(json, json, document), taken;

	finding.request = &request;
	brummer_read(&text, &finding);
	check_depends(&config, &report);
	taken = !report.failed;
	ck_assert_msg(taken == allowed || (allowed && has_no_words(key, value)), "the parser %s, and the schema %s\n%s",
		      taken ? "takes" : "refuses", allowed ? "allows" : "refuses", bytes);
	finish();
	json_decref(document);
	free(bytes);
}

static void compare_table(const json_t *json, const struct schema_key *outer, const struct schema_key *table)
{
	char limit[32];

	for (const struct schema_key *key = table; key->name; key++) {
		if (key->inner && !outer)
			compare_table(json, key, key->inner);
		for (size_t i = 0; i < sizeof values / sizeof *values; i++)
			compare(json, outer, key, values[i]);
		for (int64_t off = -1; off <= 1; off++) {
			snprintf(limit, sizeof limit, "%lld", (long long)key->min + off);
			compare(json, outer, key, limit);
			snprintf(limit, sizeof limit, "%lld", (long long)key->max + off);
			compare(json, outer, key, limit);
		}
	}
}

START_TEST(the_schema_refuses_what_the_parser_refuses)
{
	json_t *json = schema();

	unsetenv("NO");
	compare_table(json, NULL, schema_process);
	json_decref(json);
}
END_TEST

/* Walk the tables and the schema side by side. */
static void same_keys(const struct schema_key *table, const json_t *object)
{
	const json_t *properties = schema_properties(object);
	size_t count = 0;

	ck_assert_ptr_nonnull(properties);
	for (const struct schema_key *key = table; key->name; key++, count++) {
		const json_t *member = json_object_get(properties, key->name);

		ck_assert_msg(member != NULL, "the schema has no %s", key->name);
		ck_assert_str_eq(json_string_value(json_object_get(member, "description")), key->help);
		if (key->inner)
			same_keys(key->inner, member);
	}
	ck_assert_uint_eq(json_object_size(properties), count);
}

START_TEST(the_schema_has_the_keys_of_the_table)
{
	json_t *json = schema();

	same_keys(schema_file, json);
	json_decref(json);
}
END_TEST

/* Every row has an example above that works. */
START_TEST(every_key_has_an_example)
{
	for (const struct schema_key *key = schema_process; key->name; key++) {
		size_t i = 0, length = strlen(key->name);

		if (key->type == &type_env_file || key->type == &type_replicas)
			continue; /* they have tests of their own */
		while (i < KEYS &&
		       (keys[i].error || strncmp(keys[i].text, key->name, length) != 0 || keys[i].text[length] != ':'))
			i++;
		ck_assert_msg(i < KEYS, "no example of %s", key->name);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("keys");
	TCase *tcase = tcase_create("keys");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_loop_test(tcase, every_key_is_read_or_said_to_be_wrong, 0, KEYS);
	tcase_add_loop_test(tcase, the_schema_says_what_the_parser_says, 0, KEYS);
	tcase_add_test(tcase, the_schema_has_the_keys_of_the_table);
	tcase_add_test(tcase, the_schema_refuses_what_the_parser_refuses);
	tcase_add_test(tcase, every_key_has_an_example);
	suite_add_tcase(suite, tcase);
	return suite;
}
