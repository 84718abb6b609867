/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/discover.h"
#include "config/import.h"
#include "config/import_keys.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

/*
 * Files of other tools in data/import/FOLDER: FOLDER.golden is the brummer.yaml that each becomes, and that file gives
 * the same specs. With BRUMMER_WRITE_GOLDEN set the golden files are written.
 */

static const struct {
	const char *folder, *file;
} files[] = {
	{"supervisord-web", "supervisord.conf"},     {"supervisord-full", "supervisord.conf"},
	{"pm2-api", "ecosystem.config.json"},        {"pm2-one", "ecosystem.config.json"},
	{"pm2-script", "ecosystem.config.cjs"},      {"procfile-foreman", "Procfile"},
	{"procfile-overmind", "Procfile.dev"},       {"brum", ".brum.toml"},
	{"process-compose", "process-compose.yaml"}, {"mprocs", "mprocs.yaml"},
};

#define FILES (sizeof files / sizeof *files)

/* The brummer.yaml of a file in the test's folder: to be freed. */
static char *import(const char *folder, const char *file, int expected)
{
	char path[512], *text, *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	snprintf(path, sizeof path, "%s/%s", folder, file);
	snprintf(path, sizeof path, "%s", help_path(path));
	ck_assert_int_eq(config_import(path, stream, &report), expected);
	ck_assert_int_eq(fclose(stream), 0);
	out = text;
	return out;
}

static void same_text(const char *name, const char *what, const char *a, const char *b)
{
	ck_assert_msg((!a && !b) || (a && b && strcmp(a, b) == 0), "%s: %s was \"%s\", is \"%s\"", name, what,
		      a ? a : "(none)", b ? b : "(none)");
}

static void same_list(const char *name, const char *what, char *const *a, char *const *b)
{
	ck_assert_msg(list_length(a) == list_length(b), "%s: %s had %zu entries, has %zu", name, what, list_length(a),
		      list_length(b));
	for (size_t i = 0; a[i]; i++)
		same_text(name, what, a[i], b[i]);
}

/* Variables in any order. */
static void same_env(const char *name, char *const *a, char *const *b)
{
	char key[256];

	for (size_t i = 0; a[i]; i++) {
		snprintf(key, sizeof key, "%.*s", (int)strcspn(a[i], "="), a[i]);
		same_text(name, key, env_get(a, key), env_get(b, key));
	}
	ck_assert_uint_eq(list_length(a), list_length(b));
}

static void same_probe(const char *name, const struct probe *a, const struct probe *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	if (a->kind == PROBE_NONE)
		return;
	same_text(name, "probe", a->target, b->target);
	same_list(name, "probe", a->argv, b->argv);
	ck_assert_int_eq(a->http_status, b->http_status);
	ck_assert_uint_eq(a->delay_ns, b->delay_ns);
	ck_assert_uint_eq(a->interval_ns, b->interval_ns);
	ck_assert_uint_eq(a->attempt_ns, b->attempt_ns);
	ck_assert_uint_eq(a->timeout_ns, b->timeout_ns);
	ck_assert_uint_eq(a->successes, b->successes);
	ck_assert_uint_eq(a->failures, b->failures);
}

static void same_depends(const struct spec *a, const struct spec *b)
{
	/* What depended on a family depends on each of its replicas. */
	ck_assert_uint_le(a->depends_count, b->depends_count);
	for (size_t i = 0, j = 0; i < a->depends_count; i++) {
		const char *name = a->depends_on[i].name;

		ck_assert_uint_lt(j, b->depends_count);
		ck_assert_int_eq(a->depends_on[i].condition, b->depends_on[j].condition);
		ck_assert(a->depends_on[i].follow == b->depends_on[j].follow);
		if (strcmp(name, b->depends_on[j].name) == 0)
			j++;
		while (j < b->depends_count && strncmp(b->depends_on[j].name, name, strlen(name)) == 0 &&
		       b->depends_on[j].name[strlen(name)] == '.')
			j++;
		ck_assert(i + 1 < a->depends_count || j == b->depends_count);
	}
}

static void same_numbers(const struct spec *a, const struct spec *b)
{
	ck_assert(a->autostart == b->autostart && a->essential == b->essential && a->tty == b->tty);
	ck_assert_int_eq(a->stdin_kind, b->stdin_kind);
	ck_assert_int_eq(a->restart, b->restart);
	ck_assert_uint_eq(a->backoff_first_ns, b->backoff_first_ns);
	ck_assert_uint_eq(a->backoff_last_ns, b->backoff_last_ns);
	ck_assert_uint_eq(a->restart_limit, b->restart_limit);
	ck_assert_uint_eq(a->restart_window_ns, b->restart_window_ns);
	ck_assert_mem_eq(a->success_codes, b->success_codes, sizeof a->success_codes);
	ck_assert_uint_eq(a->watch_debounce_ns, b->watch_debounce_ns);
	ck_assert_uint_eq(a->memory_limit_bytes, b->memory_limit_bytes);
	ck_assert_uint_eq(a->open_files, b->open_files);
	ck_assert_uint_eq(a->log_segment_bytes, b->log_segment_bytes);
	ck_assert_uint_eq(a->log_keep, b->log_keep);
	ck_assert_int_eq(a->stop_signal, b->stop_signal);
	ck_assert_uint_eq(a->stop_grace_ns, b->stop_grace_ns);
	ck_assert_int_eq(a->umask, b->umask);
	ck_assert_int_eq(a->nice, b->nice);
	ck_assert_uint_eq(a->order, b->order);
}

static void same_spec(const struct spec *a, const struct spec *b)
{
	same_text(a->name, "name", a->name, b->name);
	same_text(a->name, "command", a->command, b->command);
	same_list(a->name, "argv", a->argv, b->argv);
	same_list(a->name, "shell", a->shell, b->shell);
	same_text(a->name, "dir", a->dir, b->dir);
	same_env(a->name, a->env, b->env);
	same_list(a->name, "labels", a->labels, b->labels);
	same_list(a->name, "watch", a->watch_paths, b->watch_paths);
	same_list(a->name, "ignore", a->watch_ignore, b->watch_ignore);
	same_text(a->name, "schedule", a->schedule, b->schedule);
	same_text(a->name, "stop", a->stop_command, b->stop_command);
	same_text(a->name, "user", a->user, b->user);
	same_text(a->name, "group", a->group, b->group);
	same_depends(a, b);
	same_probe(a->name, &a->ready, &b->ready);
	same_probe(a->name, &a->alive, &b->alive);
	same_numbers(a, b);
}

/* What a file of the folder says, alone. */
static void load(const char *folder, const char *file, struct config *out)
{
	char *dir = help_folder(folder), path[512], *list[] = {path, NULL};
	const struct config_request request = {.dir = dir, .files = list, .only_files = true};

	snprintf(path, sizeof path, "%s/%s", dir, file);
	report_finish(&report);
	if (config_discover(&request, out, &report) != 0)
		ck_abort_msg("%s: %s", path, report.errors ? report.errors[0] : "no memory");
	free(dir);
}

static void check_round(const char *folder, const char *file, const char *yaml)
{
	struct config before = {0}, after = {0};
	char path[512];

	snprintf(path, sizeof path, "%s/brummer.yaml", folder);
	help_write(path, yaml);
	load(folder, file, &before);
	load(folder, "brummer.yaml", &after);
	ck_assert_uint_eq(before.count, after.count);
	for (size_t i = 0; i < before.count; i++)
		same_spec(before.specs[i], after.specs[i]);
	config_finish(&before);
	config_finish(&after);
}

START_TEST(a_file_becomes_a_configuration_that_says_the_same)
{
	const char *folder = files[_i].folder, *file = files[_i].file;
	bool is_script = strcmp(file, "ecosystem.config.cjs") == 0;
	char *text;

	if (is_script && system("node --version >/dev/null 2>&1") != 0)
		return;
	help_copy("import", folder);
	text = import(folder, file, 0);
	help_golden("import", folder, text);
	if (!is_script)
		check_round(folder, file, text);
	free(text);
	report_finish(&report);
}
END_TEST

static const struct {
	const char *file, *bytes, *error;
} wrong[] = {
	{"supervisord.conf", "[program:x]\ncommand=a\nstopsignal=NOPE\n",
	 "supervisord.conf:3:1: x: stopsignal is NOPE, expected the name of a signal"},
	{"supervisord.conf", "[program:x]\nautostart=maybe\ncommand=a",
	 "supervisord.conf:2:1: x: autostart is maybe, expected true or false"},
	{"supervisord.conf", "[program:x]\n", "supervisord.conf:1:1: x: no command, expected command = ..."},
	{"supervisord.conf", "[program:x]\ncommand=%(ENV_NOT_THERE)s",
	 "supervisord.conf:2:1: x: command: %(ENV_NOT_THERE)s stands for nothing, expected a name that is "
	 "known"},
	{"supervisord.conf", "[program:x]\ncommand=a %",
	 "supervisord.conf:2:1: x: command: % is no expansion, expected %(NAME)s or %%"},
	{"supervisord.conf", "[program:x]\ncommand=a\nnumprocs=2",
	 "supervisord.conf:3:1: x: numprocs is 2, expected a process_name with %(process_num) in it"},
	{"supervisord.conf", "[program:x]\ncommand=a\nnumprocs=100000",
	 "supervisord.conf:3:1: x: numprocs is 100000, expected a number of at most 1000"},
	{"supervisord.conf", "[program:x\n", "supervisord.conf:1:1: the section is not closed, expected [NAME]"},
	{"supervisord.conf", "[program:x]\ncommand=a\nnonsense\n",
	 "supervisord.conf:3:1: not a setting, expected KEY = VALUE"},
	{"supervisord.conf", "a=1\n", "supervisord.conf:1:1: a setting before any section, expected [NAME]"},
	{"supervisord.conf", "[program:x]\ncommand=a\nenvironment=A B\n",
	 "supervisord.conf:3:1: x: environment is A B, expected NAME=\"VALUE\" with commas between"},
	{"supervisord.conf", "[program:a\001b]\ncommand=a\n",
	 "supervisord.conf:1:1: \"a?b\" is no name, expected 1 to 255 bytes of printable text"},
	{"supervisord.conf", "[program:a]\ncommand=a\n[program:a]\ncommand=b\n",
	 "supervisord.conf:3:1: there is a process named a, expected another name"},
	{"supervisord.conf", "[program:a]\ncommand=a\npriority=first\n",
	 "supervisord.conf:3:1: a: priority is first, expected a number"},
	{"supervisord.conf", "[supervisord]\nminfds=many\n[program:a]\ncommand=a\n",
	 "supervisord.conf:2:1: minfds is many, expected a number"},
	{"supervisord.conf", "[program:a]\ncommand=a\n[group:g]\n",
	 "supervisord.conf:3:1: [group:g] has no programs, expected programs = NAME, ..."},
	{"supervisord.conf", "[include]\nfiles='x\n",
	 "supervisord.conf: include: a quote is not closed, expected another one"},
	{"supervisord.conf", "[program:a]\ncommand=\xff\n",
	 "supervisord.conf:2:9: byte 0xff is not UTF-8, expected UTF-8 text"},
	{"ecosystem.config.json", "{\"apps\": [{\"name\": \"x\"}]}",
	 "ecosystem.config.json:1:11: x: no script, expected what to run"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": 3, \"name\": \"x\"}]}",
	 "ecosystem.config.json:1:22: x: script is a number, expected a string"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\", \"args\": {\"b\": 1}}]}",
	 "ecosystem.config.json:1:38: a: args is an object, expected a string, or a list of them"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\", \"args\": [\"b\", [1]]}]}",
	 "ecosystem.config.json:1:38: a: args is a list, expected a string, or a list of them"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\", \"args\": \"'b\"}]}",
	 "ecosystem.config.json:1:38: a: args is a string, expected one with its quotes closed"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\", \"watch\": 1}]}",
	 "ecosystem.config.json:1:39: a: watch is a number, expected true, false, a path or a list of them"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\", \"instances\": \"many\"}]}",
	 "ecosystem.config.json:1:43: a: instances is a string, expected a number of at most 1000, or "
	 "\"max\""},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\", \"instances\": 1001}]}",
	 "ecosystem.config.json:1:43: a: instances is a number, expected a number of at most 1000, or "
	 "\"max\""},
	{"ecosystem.config.json", "{\"apps\": [3]}",
	 "ecosystem.config.json:1:11: apps[0] is a number, expected an object, at most 1024"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\", \"max_memory_restart\": \"lots\"}]}",
	 "ecosystem.config.json:1:52: a: max_memory_restart is a string, expected a size"},
	{"ecosystem.config.json", "{\"apps\": [{\"script\": \"a.js\"}, {\"script\": \"b/a.js\"}]}",
	 "ecosystem.config.json:1:31: there is a process named a, expected another name"},
	{"ecosystem.config.json", "{\"apps\": [}",
	 "ecosystem.config.json:1:11: unexpected token near '}', expected JSON"},
	{".brum.toml", "a = \n",
	 ".brum.toml:1:5: not a value, expected a string, number, date, true, false, list "
	 "or table"},
};

START_TEST(what_is_wrong_is_an_error_and_nothing_is_written)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char path[128], *text;

		snprintf(path, sizeof path, "w/%s", wrong[i].file);
		help_write(path, wrong[i].bytes);
		text = import("w", wrong[i].file, -EINVAL);
		ck_assert_str_eq(text, "");
		ck_assert_msg(report.errors && strcmp(report.errors[0], wrong[i].error) == 0, "%s\nexpected\n%s",
			      report.errors ? report.errors[0] : "(none)", wrong[i].error);
		report_finish(&report);
		free(text);
	}
}
END_TEST

/* As Python reads such a file. */
START_TEST(the_last_of_two_settings_counts)
{
	char *text;

	help_write("w/supervisord.conf",
		   "[program:api]\ncommand = one\nautostart = false\nCOMMAND = two\n"
		   "[program:webapi]\ncommand = three\n[program:web]\ncommand = four\n"
		   "[program:api2]\ncommand = five\n[group:g]\nprograms = webapi,\n  api\npriority = 1\n");
	text = import("w", "supervisord.conf", 0);
	ck_assert_ptr_nonnull(strstr(text, "[\"two\"]"));
	ck_assert_ptr_nonnull(strstr(text, "\"group\": \"g\""));
	ck_assert(strstr(text, "\"group\": \"g\"") < strstr(text, "\"webapi\""));
	ck_assert_ptr_null(strstr(strstr(text, "\"web\":"), "group"));
	free(text);
	help_lines(report.warnings, "supervisord.conf:2:1: command is set again further down, which counts",
		   "supervisord.conf:14:1: [group:g]: priority is not honoured, programs have their own", NULL);
	report_finish(&report);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_said)
{
	char *text = import("w", "nowhere.conf", -ENOENT);

	free(text);
	free(help_folder("w/supervisord.conf"));
	text = import("w", "supervisord.conf", -EINVAL);
	ck_assert_uint_eq(list_length(report.errors), 1);
	ck_assert_ptr_nonnull(strstr(report.errors[0], "is a directory, expected a file"));
	report_finish(&report);
	free(text);
}
END_TEST

/* The manual says what becomes of every key. */
static void check_manual(const char *manual, const char *section, const struct import_key *table)
{
	static const char *const words[] = {"honoured", "approximated", "refused"};
	char title[64], item[128];
	const char *from, *end, *at;

	snprintf(title, sizeof title, ".Ss %s\n", section);
	from = strstr(manual, title);
	ck_assert_msg(from != NULL, "brummer-import(7) has no section %s", section);
	from += strlen(title);
	end = strstr(from, "\n.S");
	for (; table->name; table++) {
		snprintf(item, sizeof item, "\n.It Cm %s Ta %s", table->name, words[table->fate]);
		at = strstr(from - 1, item);
		ck_assert_msg(at && (!end || at < end), "brummer-import(7) does not say \"%s\" in %s", item + 1,
			      section);
	}
}

START_TEST(the_manual_has_every_key)
{
	static char manual[131072];
	const char *top = getenv("top_srcdir");
	char path[512];
	FILE *in;

	snprintf(path, sizeof path, "%s/supervisord/brummer-import.7", top ? top : ".");
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	manual[fread(manual, 1, sizeof manual - 1, in)] = '\0';
	fclose(in);
	check_manual(manual, "supervisord.conf: programs", supervisord_keys);
	check_manual(manual, "supervisord.conf: the daemon", supervisord_globals);
	check_manual(manual, "ecosystem.config.json", pm2_keys);
	check_manual(manual, "Procfile", procfile_settings);
	check_manual(manual, ".brum.toml", brum_keys);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("import");
	TCase *tcase = tcase_create("import");

	unsetenv("PORT");
	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_loop_test(tcase, a_file_becomes_a_configuration_that_says_the_same, 0, FILES);
	tcase_add_test(tcase, what_is_wrong_is_an_error_and_nothing_is_written);
	tcase_add_test(tcase, the_last_of_two_settings_counts);
	tcase_add_test(tcase, a_file_that_cannot_be_read_is_said);
	tcase_add_test(tcase, the_manual_has_every_key);
	suite_add_tcase(suite, tcase);
	return suite;
}
