/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/check_depends.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

/* Discover the test's folder "p", with files instead of what is in it, and profiles; each list may be NULL. */
static int discover_with(char *const *files, char *const *profiles)
{
	char *dir = help_folder("p");
	int result = config_discover(&(struct config_request){.dir = dir, .files = files, .profiles = profiles},
				     &config, &report);

	free(dir);
	return result;
}

static int discover(const char *text)
{
	help_write("p/brummer.yaml", text);
	return discover_with(NULL, NULL);
}

/* What is wrong with a whole file: one error, or what else is expected first. */
static const struct {
	const char *text, *error;
} wrong[] = {
	{"processes: [a]\n", "brummer.yaml:1:12: processes is a list, expected a mapping of names to processes"},
	{"- a\n", "brummer.yaml:1:1: the file is no mapping, expected KEY: VALUE"},
	{"processes:\n  a: ls\n  a: ls\n", "brummer.yaml:3:3: a is there already (line 2), expected another key"},
	{"processes: {a: ls, a: ls}\n", "brummer.yaml:1:20: a is there already (line 1), expected another key"},
	{"proceses: {a: ls}\n", "brummer.yaml:1:1: there is no key proceses, expected processes"},
	{"processes: {a: {dir: x}}\n", "brummer.yaml:1:13: a has no command, expected one"},
	{"processes: {a: }\n", "brummer.yaml:1:13: a has no command, expected one"},
	{"processes: {\"a\\tb\": ls}\n",
	 "brummer.yaml:1:13: \"a?b\" is no name, expected 1 to 255 bytes of printable UTF-8"},
	{"processes: {\"\": ls}\n", "brummer.yaml:1:13: \"\" is no name, expected 1 to 255 bytes of printable UTF-8"},
	{"processes: {\"a\\0b\": ls}\n", "brummer.yaml:1:13: a NUL character, expected text"},
	{"processes: {[a]: ls}\n", "brummer.yaml:1:13: a key that is no word, expected KEY: VALUE"},
	{"processes: {a: !exec ls}\n", "brummer.yaml:1:16: a tag that says nothing here, expected none"},
	{"processes: {a: ls}\n---\nprocesses: {b: ls}\n",
	 "brummer.yaml:2:1: a second document, expected one in a file"},
	{"processes: {a: *x}\n", "brummer.yaml:1:16: an alias of nothing, expected one of an anchor before it"},
	{"processes: &x {a: *x}\n", "brummer.yaml:1:19: an alias inside what it stands for, expected it after its end"},
	{"processes:\n\ta: ls\n", "brummer.yaml:2:1: found character that cannot start any token while scanning for "
				  "the next token, expected YAML"},
	{"processes: {a: ls\n",
	 "brummer.yaml:2:1: did not find expected ',' or '}' while parsing a flow mapping, expected YAML"},
	{"env: {A: \xff}\n", "brummer.yaml:1:10: byte 0xff is not UTF-8, expected UTF-8 text"},
	{"processes: {a: {command: [\"${A\"]}}\n",
	 "brummer.yaml:1:27: ${ without its }, expected ${NAME} (or $$ for a dollar sign)"},
	{"processes: {a: {command: ls, dir: \"${NOT:?where is it}\"}}\n",
	 "brummer.yaml:1:35: NOT is not set: where is it"},
	{"processes: {a: {command: ls, depends_on: [webb]}, web: ls}\n",
	 "brummer.yaml:1:43: a depends on webb, which is not there, expected web"},
	{"processes: {a: {command: ls, depends_on: [zzzzzz]}}\n",
	 "brummer.yaml:1:43: a depends on zzzzzz, which is not there, expected the name of a process"},
	{"processes: {a: {command: ls, depends_on: a}}\n",
	 "brummer.yaml:1:42: a circle of dependencies, expected none: a -> a"},
	{"processes:\n  a: {command: ls, depends_on: b}\n  b: {command: ls, depends_on: [c]}\n"
	 "  c: {command: ls, depends_on: {a: ready}}\n",
	 "brummer.yaml:4:33: a circle of dependencies, expected none: a -> b -> c -> a"},
	{"processes:\n  a: {command: ls, replicas: 2, depends_on: b}\n  b: {command: ls, depends_on: a}\n",
	 "brummer.yaml:3:32: a circle of dependencies, expected none: a -> b -> a"},
	{"processes:\n  a: {command: ls, replicas: 2, depends_on: b}\n  b: {command: ls, depends_on: a.2}\n",
	 "brummer.yaml:3:32: a circle of dependencies, expected none: a -> b -> a"},
	{"processes: {a: {command: ls, replicas: 2}, a.1: ls}\n",
	 "brummer.yaml:1:44: a.1 is there twice, expected another name"},
	{"processes: {a: {command: ls, replicas: 3, env: {PORT: 65534}}}\n",
	 "brummer.yaml:1:13: a has no name or port for replica 3, expected less of them"},
	{"include: nowhere.yaml\n", "brummer.yaml:1:10: cannot include nowhere.yaml: No such file or directory"},
	{"include: {a: b}\n", "brummer.yaml:1:10: include is a mapping, expected a file or a list of files"},
	{"include: [brummer.yaml]\n", "brummer.yaml:1:11: brummer.yaml includes itself, expected another file"},
	{"processes: {a: {command: ls, schedule: '0 24 * * *'}}\n",
	 "brummer.yaml:1:40: schedule is \"0 24 * * *\", expected five cron fields, or @hourly, @daily, @weekly, "
	 "@monthly or "
	 "@yearly"},
	{"processes: {a: {command: ls, schedule: '5-1 * * * *'}}\n",
	 "brummer.yaml:1:40: schedule is \"5-1 * * * *\", expected five cron fields, or @hourly, @daily, @weekly, "
	 "@monthly or "
	 "@yearly"},
	{"processes: {a: {<<: 3, command: ls}}\n",
	 "brummer.yaml:1:21: nothing to merge, expected an alias of a mapping"},
};

START_TEST(a_wrong_file_is_an_error_with_its_place)
{
	unsetenv("NOT");
	ck_assert_int_eq(discover(wrong[_i].text), -EINVAL);
	help_lines(report.errors, wrong[_i].error, NULL);
	finish();
}
END_TEST

START_TEST(every_error_of_a_file_is_said_at_once)
{
	ck_assert_int_eq(discover("processes:\n"
				  "  a: {comand: ls, tty: maybe}\n"
				  "  b: {command: ls, restart: {when: x, limit: y}}\n"
				  "shel: x\n"),
			 -EINVAL);
	help_lines(report.errors, "brummer.yaml:4:1: there is no key shel, expected shell",
		   "brummer.yaml:2:7: there is no key comand, expected command",
		   "brummer.yaml:2:24: tty is \"maybe\", expected true or false",
		   "brummer.yaml:3:36: restart.when is \"x\", expected never, on-failure or always",
		   "brummer.yaml:3:46: restart.limit is \"y\", expected N in DURATION such as 10 in 60s", NULL);
	ck_assert_uint_eq(config.count, 0);
	finish();
}
END_TEST

START_TEST(a_warning_hides_no_error_of_the_same_value)
{
	unsetenv("NOT");
	ck_assert_int_eq(discover("processes:\n  a: {command: ls, replicas: '${NOT}'}\n"), -EINVAL);
	help_lines(report.errors, "brummer.yaml:2:30: replicas is \"${NOT}\", expected a number of 1 to 1000", NULL);
	help_lines(report.warnings, "brummer.yaml:2:30: NOT is not set, and is taken as empty", NULL);
	finish();
}
END_TEST

START_TEST(an_error_in_what_is_merged_is_said_once)
{
	ck_assert_int_eq(discover("x-base: &base {tty: maybe}\n"
				  "processes:\n  a: {<<: *base, command: ls}\n  b: {<<: *base, command: ls}\n"),
			 -EINVAL);
	help_lines(report.errors, "brummer.yaml:1:21: tty is \"maybe\", expected true or false", NULL);
	finish();
}
END_TEST

START_TEST(anchors_and_merge_keys_are_merged)
{
	ck_assert_int_eq(discover("x-base: &base {command: base, tty: true, env: &env {A: 1, B: 2}}\n"
				  "x-more: &more {nice: 3, tty: false}\n"
				  "processes:\n"
				  "  a: {<<: *base, command: own, env: {<<: *env, B: 3}}\n"
				  "  b: {<<: [*more, *base]}\n"),
			 0);
	ck_assert_str_eq(help_spec(&config, "a")->command, "own");
	ck_assert(help_spec(&config, "a")->tty);
	help_lines(help_spec(&config, "a")->env, "B=3", "A=1", NULL);
	ck_assert_str_eq(help_spec(&config, "b")->command, "base");
	ck_assert(!help_spec(&config, "b")->tty);
	ck_assert_int_eq(help_spec(&config, "b")->nice, 3);
	finish();
}
END_TEST

START_TEST(variables_come_from_files_environment_and_the_process)
{
	help_write("p/.env", "TEST_FILE=file\nTEST_REAL=file\nTEST_TOP=file\nTEST_LAST=1\n");
	help_write("p/.env.local", "TEST_LAST=2\n");
	help_write("p/own.env", "TEST_OWN=own\nTEST_FILE=own\n");
	setenv("TEST_REAL", "real", 1);
	ck_assert_int_eq(discover("env_file: [.env, .env.local, .env.none]\n"
				  "env: {TEST_TOP: top, TEST_SEEN: '${TEST_FILE}+${TEST_REAL}'}\n"
				  "processes:\n"
				  "  a: {command: ls, env_file: own.env, env: {TEST_OWN: process, TEST_TOP: null}}\n"
				  "  b: {command: [echo, '${TEST_TOP}', '$$x', '$y']}\n"),
			 0);
	help_lines(help_spec(&config, "a")->env, "TEST_FILE=own", "TEST_LAST=2", "TEST_TOP", "TEST_SEEN=file+real",
		   "TEST_OWN=process", NULL);
	help_lines(help_spec(&config, "b")->argv, "echo", "top", "$x", "$y", NULL);
	help_lines(report.warnings, "brummer.yaml:1:30: .env.none is not there", NULL);
	unsetenv("TEST_REAL");
	finish();
}
END_TEST

START_TEST(a_wrong_env_file_is_an_error)
{
	help_write("p/.env", "nonsense\n");
	ck_assert_int_eq(discover("env_file: .env\nprocesses: {a: ls}\n"), -EINVAL);
	help_lines(report.errors, ".env:1:1: not an assignment, expected NAME=value", NULL);
	ck_assert_uint_eq(config.count, 0);
	finish();
}
END_TEST

START_TEST(included_files_come_first_and_are_relative_to_themselves)
{
	char expected[600];

	help_write("p/infra/all.yaml", "include: [../infra/db.yaml]\nprocesses: {cache: {command: cache, dir: sub}}\n");
	help_write("p/infra/db.yaml", "processes: {db: {command: one, tty: true}}\n");
	ck_assert_int_eq(discover("include: [infra/all.yaml, infra/db.yaml]\n"
				  "processes: {db: {command: two}, web: {command: web, depends_on: [db, cache]}}\n"),
			 0);
	ck_assert_uint_eq(config.count, 3);
	ck_assert_str_eq(config.specs[0]->name, "db");
	ck_assert_str_eq(config.specs[0]->command, "two");
	ck_assert(config.specs[0]->tty);
	ck_assert_str_eq(config.specs[0]->source, "infra/db.yaml");
	snprintf(expected, sizeof expected, "%s/infra/sub", config.specs[2]->dir);
	ck_assert_str_eq(help_spec(&config, "cache")->dir, expected);
	finish();
}
END_TEST

/* One that two include counts before both. */
START_TEST(a_file_that_is_included_twice_is_read_once)
{
	help_write("p/a.yaml", "include: c.yaml\nprocesses: {x: a}\n");
	help_write("p/b.yaml", "include: c.yaml\nprocesses: {y: b}\n");
	help_write("p/c.yaml", "processes: {x: c, y: c}\n");
	ck_assert_int_eq(discover("include: [a.yaml, b.yaml]\n"), 0);
	ck_assert_str_eq(help_spec(&config, "x")->command, "a");
	ck_assert_str_eq(help_spec(&config, "y")->command, "b");
	finish();
}
END_TEST

START_TEST(an_error_in_an_included_file_has_its_place)
{
	help_write("p/infra/db.yaml", "include: ../brummer.yaml\nprocesses:\n  db: {comand: x}\n");
	ck_assert_int_eq(discover("include: infra/db.yaml\nprocesses: {web: web}\n"), -EINVAL);
	help_lines(report.errors, "infra/db.yaml:1:10: ../brummer.yaml includes itself, expected another file",
		   "infra/db.yaml:3:8: there is no key comand, expected command", NULL);
	finish();
}
END_TEST

START_TEST(named_files_are_merged_in_order)
{
	char first[] = "one.yaml", second[] = "two.yaml";
	char *files[] = {first, second, NULL};

	help_write("p/brummer.yaml", "processes: {not: this}\n");
	help_write("p/one.yaml", "env: {A: 1, B: 1}\nprocesses: {a: {command: one, labels: {x: 1}, success_codes: 3,\n"
				 "  watch: src, dir: sub, depends_on: [b]}, b: b}\n");
	help_write("p/two.yaml", "env: {B: 2}\nprocesses: {a: {tty: true, labels: {y: 2}, success_codes: [4],\n"
				 "  depends_on: [c]}, b: {depends_on: {c: ready}}, c: c}\n");
	ck_assert_int_eq(discover_with(files, NULL), 0);
	ck_assert_uint_eq(config.count, 3);
	ck_assert_str_eq(config.file, "one.yaml");
	ck_assert_str_eq(help_spec(&config, "a")->command, "one");
	ck_assert(help_spec(&config, "a")->tty);
	help_lines(help_spec(&config, "a")->labels, "x=1", "y=2", NULL);
	ck_assert(!spec_is_success(help_spec(&config, "a"), 3) && spec_is_success(help_spec(&config, "a"), 4));
	ck_assert_uint_eq(help_spec(&config, "a")->depends_count, 1);
	ck_assert_str_eq(help_spec(&config, "a")->depends_on[0].name, "c");
	ck_assert_ptr_nonnull(strstr(help_spec(&config, "a")->watch_paths[0], "/p/sub/src"));
	help_lines(help_spec(&config, "c")->env, "A=1", "B=2", NULL);
	help_lines(report.warnings, NULL);
	finish();
}
END_TEST

START_TEST(a_named_file_that_is_not_there_is_an_error)
{
	char name[] = "none.yaml", strange[] = "notes.txt";
	char *files[] = {name, NULL}, *others[] = {strange, NULL};

	ck_assert_int_eq(discover_with(files, NULL), -EINVAL);
	help_lines(report.errors, "none.yaml: cannot open: No such file or directory", NULL);
	finish();
	help_write("p/notes.txt", "buy milk\n");
	ck_assert_int_eq(discover_with(others, NULL), -EINVAL);
	help_lines(report.errors, "notes.txt:1:1: no configuration that Brummer knows, expected a brummer.yaml", NULL);
	finish();
}
END_TEST

START_TEST(entries_of_other_profiles_do_not_start_by_themselves)
{
	static const char text[] =
		"processes:\n  a: a\n  b: {command: b, profiles: [ci]}\n"
		"  c: {command: c, profiles: [dev, ci]}\n  d: {command: d, profiles: x, autostart: no}\n";
	char dev[] = "dev", all[] = "*", none[] = "none";
	char *one[] = {dev, none, NULL}, *every[] = {all, NULL};

	help_write("p/brummer.yaml", text);
	ck_assert_int_eq(discover_with(NULL, one), 0);
	ck_assert(help_spec(&config, "a")->autostart);
	ck_assert(!help_spec(&config, "b")->autostart);
	ck_assert(help_spec(&config, "c")->autostart);
	ck_assert(!help_spec(&config, "d")->autostart);
	help_lines(report.warnings, "brummer.yaml: no process has the profile none", NULL);
	finish();
	ck_assert_int_eq(discover_with(NULL, every), 0);
	ck_assert(help_spec(&config, "b")->autostart);
	ck_assert(!help_spec(&config, "d")->autostart);
	finish();
}
END_TEST

START_TEST(replicas_are_a_family)
{
	ck_assert_int_eq(discover("processes:\n  web: {command: w, replicas: 2, env: {PORT: 3000}, depends_on: db}\n"
				  "  db: {command: d, replicas: 1}\n  x: {command: x, depends_on: [web, web.2]}\n"),
			 0);
	ck_assert_uint_eq(config.count, 4);
	ck_assert_str_eq(config.specs[1]->name, "web.2");
	ck_assert_str_eq(config.specs[1]->family, "web");
	ck_assert_str_eq(config.specs[1]->script, "web");
	ck_assert_str_eq(env_get(config.specs[1]->env, "PORT"), "3001");
	ck_assert_str_eq(config.specs[2]->name, "db.1");
	finish();
}
END_TEST

START_TEST(a_shell_of_the_file_is_everyones)
{
	ck_assert_int_eq(
		discover("shell: [bash, -c]\nversion: 3\nprocesses: {a: ls, b: {command: ls, shell: [zsh, -c]}}\n"), 0);
	help_lines(help_spec(&config, "a")->shell, "bash", "-c", NULL);
	help_lines(help_spec(&config, "b")->shell, "zsh", "-c", NULL);
	finish();
}
END_TEST

START_TEST(a_command_over_several_lines_keeps_them_but_for_the_last_end)
{
	ck_assert_int_eq(discover("processes:\n  a: |\n    one\n    two\n  b:\n    command: >\n      exec\n      it\n"),
			 0);
	ck_assert_str_eq(help_spec(&config, "a")->command, "one\ntwo");
	ck_assert_str_eq(help_spec(&config, "b")->command, "exec it");
	finish();
}
END_TEST

START_TEST(brummer_yaml_is_chosen_before_all_others)
{
	help_write("p/Procfile", "web: web\n");
	help_write("p/mprocs.yaml", "procs: {m: m}\n");
	help_write("p/process-compose.yaml", "processes: {c: {command: c}}\n");
	ck_assert_int_eq(discover("processes: {a: ls}\n"), 0);
	ck_assert_uint_eq(config.count, 1);
	ck_assert_str_eq(config.file, "brummer.yaml");
	help_lines(report.warnings,
		   "process-compose.yaml: not used, brummer.yaml is the configuration (--config chooses)",
		   "mprocs.yaml: not used, brummer.yaml is the configuration (--config chooses)",
		   "Procfile: not used, brummer.yaml is the configuration (--config chooses)", NULL);
	finish();
}
END_TEST

START_TEST(aliases_that_multiply_are_stopped)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n", out);
	for (int i = 1; i < 12; i++) {
		fprintf(out, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			fprintf(out, "%s*a%d", k ? ", " : "", i - 1);
		fputs("]\n", out);
	}
	fclose(out);
	ck_assert_int_eq(discover(text), -EINVAL);
	ck_assert_uint_eq(list_length(report.errors), 1);
	ck_assert_ptr_nonnull(strstr(report.errors[0], "too much in one file, expected at most 1000000 values"));
	free(text);
	finish();
}
END_TEST

/* Texts that ask for much: what is written, so many times, after a head and before a tail. */
static const struct {
	const char *head, *member, *tail;
	unsigned times;
	const char *error;
} hostile[] = {
	{"env:\n", "  A%u: 1\n", "", 300000, "brummer.yaml:2:3: env has 300000 members, expected less"},
	{"processes:\n  a:\n    command: ls\n    labels:\n", "      A%u: 1\n", "", 200000,
	 "brummer.yaml:5:7: labels has 200000 members, expected less"},
	{"processes:\n  a:\n    command: ls\n    depends_on:\n", "    - p%u\n", "", 200000,
	 "brummer.yaml:5:5: depends_on has 200000 members, expected less"},
	{"x-a: &a\n", "  k%u: 1\n", "processes:\n  a: {<<: *a, command: ls}\n", 100000,
	 "too much to merge, expected at most 512 keys"},
	{"processes:\n", "  p%u: {command: ls, replicas: 1000}\n", "", 21,
	 "too many processes, expected at most 20000"},
	{"processes:\n  a:\n    replicas: 1000\n    command: [ls,\n", "      aaaaaaaaaaaaaaaaaaaaaaaaaaaaa%u,\n",
	 "    b]\n", 20000, "too much in all processes together, expected at most 256 MiB"},
	{"processes:\n  a:\n    command: [ls,\n", "      '${TEST_LONG}%u',\n", "    b]\n", 20000,
	 "too much text in all values together, expected at most 64 MiB"},
	{"processes:\n  a: ", "a very long command %u", "\n", 10000,
	 "the command of a is too long, expected at most 131000 bytes"},
	{"env_file:\n", "- .env%u\n", "", 1000, "env_file has 1000 members, expected less"},
};

START_TEST(a_file_that_asks_for_too_much_is_stopped)
{
	char *text = NULL, *value = calloc(1, 8001);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	memset(value, 'v', 8000);
	setenv("TEST_LONG", value, 1);
	fputs(hostile[_i].head, out);
	for (unsigned i = 0; i < hostile[_i].times; i++) {
		const char *number = strstr(hostile[_i].member, "%u");

		fprintf(out, "%.*s%u%s", (int)(number - hostile[_i].member), hostile[_i].member, i, number + 2);
	}
	fputs(hostile[_i].tail, out);
	fclose(out);
	ck_assert_int_eq(discover(text), -EINVAL);
	ck_assert_uint_ge(list_length(report.errors), 1);
	ck_assert_msg(strstr(report.errors[0], hostile[_i].error) != NULL, "%s", report.errors[0]);
	ck_assert(config.refused);
	unsetenv("TEST_LONG");
	free(value);
	free(text);
	finish();
}
END_TEST

START_TEST(what_is_nested_too_deeply_is_stopped)
{
	char *text = malloc(100001);

	memset(text, '[', 100000);
	text[100000] = '\0';
	ck_assert_int_eq(discover(text), -EINVAL);
	help_lines(report.errors, "brummer.yaml:1:41: nested too deeply, expected at most 40 levels", NULL);
	free(text);
	finish();
	ck_assert_int_eq(discover("a: &a [[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]\n"
				  "b: [[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]\n"),
			 -EINVAL);
	help_lines(report.errors, "brummer.yaml:2:24: nested too deeply, expected at most 40 levels", NULL);
	finish();
}
END_TEST

START_TEST(a_file_that_cannot_be_used_is_an_error)
{
	char *big = malloc(10 << 20);
	char *dir;

	memset(big, '#', 10 << 20);
	help_write_bytes("p/brummer.yaml", big, 10 << 20);
	free(big);
	ck_assert_int_eq(discover_with(NULL, NULL), -EINVAL);
	help_lines(report.errors, "brummer.yaml: has 10485760 bytes, expected at most 8388608", NULL);
	finish();
	ck_assert_int_eq(unlink(help_path("p/brummer.yaml")), 0);
	dir = help_folder("p/brummer.yaml");
	ck_assert_int_eq(discover_with(NULL, NULL), -EINVAL);
	help_lines(report.errors, "brummer.yaml: is a directory, expected a file", NULL);
	finish();
	ck_assert_int_eq(rmdir(dir), 0);
	free(dir);
	ck_assert_int_eq(mkfifo(help_path("p/brummer.yaml"), 0600), 0);
	ck_assert_int_eq(discover_with(NULL, NULL), -EINVAL);
	help_lines(report.errors, "brummer.yaml: is not a regular file, expected one", NULL);
	finish();
}
END_TEST

START_TEST(a_file_of_somebody_else_is_refused)
{
	help_write("p/brummer.yaml", "processes: {a: ls}\n");
	if (geteuid() != 0 || chown(help_path("p/brummer.yaml"), 65534, 65534) != 0)
		return; /* only root can give a file away */
	ck_assert_int_eq(discover_with(NULL, NULL), geteuid() == 0 ? -EINVAL : 0);
	help_lines(report.errors, "brummer.yaml: belongs to user 65534, expected a file of yours or of root", NULL);
	finish();
}
END_TEST

START_TEST(a_file_that_may_not_be_read_is_an_error)
{
	help_write("p/brummer.yaml", "processes: {a: ls}\n");
	ck_assert_int_eq(chmod(help_path("p/brummer.yaml"), 0), 0);
	help_read_everything(false);
	ck_assert_int_eq(discover_with(NULL, NULL), -EINVAL);
	help_read_everything(true);
	help_lines(report.errors, "brummer.yaml: cannot open: Permission denied", NULL);
	finish();
}
END_TEST

/* Every beginning of a text that has everything in it: no crash, and what was said is in the file. */
START_TEST(a_file_cut_anywhere_is_read_within_its_bytes)
{
	static const char whole[] = "x-a: &a {tty: yes, env: {A: '${B:-c}'}}\nprocesses:\n  \"a b\":\n    <<: *a\n"
				    "    command: [\"x\\u20ac\", y]\n    ready: {http: 'http://h/', status: 200}\n"
				    "    depends_on: {c: {condition: ready, follow: true}}\n  c: |\n    one\n    two\n";

	for (size_t length = 0; length < sizeof whole; length += 3) {
		help_write_bytes("p/brummer.yaml", whole, length);
		discover_with(NULL, NULL);
		finish();
	}
}
END_TEST

#define MANY 10000

/* A configuration of ten thousand, each with a dependency on the one before it. */
START_TEST(ten_thousand_processes_are_read)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("processes:\n", out);
	for (int i = 0; i < MANY; i++) {
		fprintf(out, "  p%d:\n    command: sleep %d\n", i, i);
		if (i > 0)
			fprintf(out, "    depends_on: [p%d]\n", i - 1);
	}
	fclose(out);
	ck_assert_int_eq(discover(text), 0);
	ck_assert_uint_eq(config.count, MANY);
	ck_assert_str_eq(help_spec(&config, "p9999")->depends_on[0].name, "p9998");
	free(text);
	finish();
}
END_TEST

static void add_whole(TCase *tcase)
{
	tcase_add_test(tcase, anchors_and_merge_keys_are_merged);
	tcase_add_test(tcase, variables_come_from_files_environment_and_the_process);
	tcase_add_test(tcase, a_wrong_env_file_is_an_error);
	tcase_add_test(tcase, included_files_come_first_and_are_relative_to_themselves);
	tcase_add_test(tcase, a_file_that_is_included_twice_is_read_once);
	tcase_add_test(tcase, an_error_in_an_included_file_has_its_place);
	tcase_add_test(tcase, named_files_are_merged_in_order);
	tcase_add_test(tcase, a_named_file_that_is_not_there_is_an_error);
	tcase_add_test(tcase, entries_of_other_profiles_do_not_start_by_themselves);
	tcase_add_test(tcase, replicas_are_a_family);
	tcase_add_test(tcase, a_shell_of_the_file_is_everyones);
	tcase_add_test(tcase, a_command_over_several_lines_keeps_them_but_for_the_last_end);
	tcase_add_test(tcase, brummer_yaml_is_chosen_before_all_others);
	tcase_add_test(tcase, ten_thousand_processes_are_read);
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("yaml");
	TCase *tcase = tcase_create("yaml");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_loop_test(tcase, a_wrong_file_is_an_error_with_its_place, 0, sizeof wrong / sizeof *wrong);
	tcase_add_test(tcase, every_error_of_a_file_is_said_at_once);
	tcase_add_test(tcase, a_warning_hides_no_error_of_the_same_value);
	tcase_add_test(tcase, an_error_in_what_is_merged_is_said_once);
	add_whole(tcase);
	tcase_add_test(tcase, aliases_that_multiply_are_stopped);
	tcase_add_loop_test(tcase, a_file_that_asks_for_too_much_is_stopped, 0, sizeof hostile / sizeof *hostile);
	tcase_add_test(tcase, what_is_nested_too_deeply_is_stopped);
	tcase_add_test(tcase, a_file_that_cannot_be_used_is_an_error);
	tcase_add_test(tcase, a_file_of_somebody_else_is_refused);
	tcase_add_test(tcase, a_file_that_may_not_be_read_is_an_error);
	tcase_add_test(tcase, a_file_cut_anywhere_is_read_within_its_bytes);
	suite_add_tcase(suite, tcase);
	return suite;
}
