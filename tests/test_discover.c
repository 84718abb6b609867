/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/common/find.h"
#include "config/explain.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

START_TEST(a_folder_without_a_manifest_has_nothing)
{
	ck_assert_int_eq(help_discover("empty"), -ENOENT);
	ck_assert_uint_eq(config.count, 0);
	ck_assert_str_eq(config.file, "");
	help_lines(report.errors, NULL);
	finish();
}
END_TEST

static bool has_name(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* Programs look for the instance of a project where the supervisor would find something to run. */
START_TEST(supervisor_and_clients_know_the_same_files)
{
	const char *const *known;
	const char *name;
	size_t count = 0, others = 0;
	bool is_configuration;

	for (; (name = config_project_file(count, &is_configuration)); count++) {
		known = is_configuration ? find_configurations : find_manifests;
		ck_assert_msg(has_name(known, name), "clients do not know %s", name);
	}
	for (known = find_configurations; *known; known++)
		others++;
	for (known = find_manifests; *known; known++)
		others++;
	ck_assert_uint_eq(others, count);
}
END_TEST

START_TEST(folders_without_a_file_above_them_are_looked_into)
{
	help_write("p/frontend/package.json", "{\"scripts\": {\"dev\": \"vite\"}}");
	help_write("p/frontend/node_modules/x/package.json", "{\"scripts\": {\"not\": \"x\"}}");
	help_write("p/frontend/deeper/package.json", "{\"scripts\": {\"not\": \"x\"}}");
	help_write("p/backend/Cargo.toml", "[package]\nname = \"api\"\n");
	help_write("p/backend/src/main.rs", "");
	help_write("p/services/mail/Makefile", "run:\n\ttrue\n");
	help_write("p/services/mail/below/Makefile", "not:\n\ttrue\n");
	help_write("p/wrong/package.json", "{");
	help_write("p/.gitignore", "/target\n");
	help_write("p/target/package.json", "{\"scripts\": {\"not\": \"x\"}}");
	help_write("p/.hidden/package.json", "{\"scripts\": {\"not\": \"x\"}}");
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_uint_eq(config.count, 3);
	ck_assert_str_eq(config.specs[0]->name, "backend:api");
	ck_assert_str_eq(config.specs[1]->name, "frontend:dev");
	ck_assert_str_eq(config.specs[2]->name, "services/mail:run");
	ck_assert_str_eq(config.specs[1]->source, "frontend/package.json");
	ck_assert_str_eq(config.specs[1]->script, "dev");
	ck_assert_str_eq(strrchr(config.specs[1]->dir, '/'), "/frontend");
	ck_assert(!config.specs[1]->autostart);
	ck_assert_uint_eq(list_length(report.warnings), 1);
	ck_assert_uint_eq(strncmp(report.warnings[0], "wrong/package.json:1:", 21), 0);
	finish();
}
END_TEST

START_TEST(folders_are_looked_into_up_to_a_number)
{
	char path[64];

	for (int i = 0; i < 260; i++) {
		snprintf(path, sizeof path, "p/f%03d/Makefile", i);
		help_write(path, "run:\n\ttrue\n");
	}
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_uint_eq(config.count, 256);
	help_lines(report.warnings, "f256: not looked into, there are more than 256 folders", NULL);
	finish();
}
END_TEST

/* What says where the command of a process comes from. */
static const struct {
	const char *file, *text, *name, *source;
} entries[] = {
	{"Procfile", "# first\nweb: a\napi: b\n", "api", "Procfile:3"},
	{"supervisord.conf", "[supervisord]\n\n[program:web]\ncommand = a\n", "web", "supervisord.conf:3"},
	{"ecosystem.config.json", "{\n\"apps\": [\n{\"script\": \"a.js\",\n\"name\": \"web\"}]}", "web",
	 "ecosystem.config.json:4"},
	{"process-compose.yaml", "processes:\n  web:\n    command: a\n", "web", "process-compose.yaml:2"},
	{"mprocs.yaml", "procs:\n  web:\n    shell: a\n", "web", "mprocs.yaml:2"},
	{"package.json", "{\"scripts\": {\n\"dev\": \"vite\"}}", "dev", "package.json:2"},
	{"web/package.json", "{\"scripts\": {\n\"dev\": \"vite\"}}", "web:dev", "web/package.json:2"},
	{"Taskfile.yml", "tasks:\n  web:\n    cmd: a\n", "web", "Taskfile.yml:2"},
};

START_TEST(an_entry_is_explained_with_its_line)
{
	struct explanation explanation = {.name = entries[_i].name};
	char path[64], *dir = help_folder("p"), *text = NULL;
	const struct config_request request = {.dir = dir, .explanation = &explanation};
	size_t size, length = strlen(entries[_i].source);
	FILE *out = open_memstream(&text, &size);

	snprintf(path, sizeof path, "p/%s", entries[_i].file);
	help_write(path, entries[_i].text);
	ck_assert_int_eq(config_discover(&request, &config, &report), 0);
	ck_assert_int_eq(explanation_print(&explanation, &config, false, out), 0);
	fclose(out);
	ck_assert_msg(strncmp(text, "command", 7) == 0, "the command is not first in\n%s", text);
	*strchrnul(text, '\n') = '\0';
	ck_assert_msg(strlen(text) > length && strcmp(text + strlen(text) - length, entries[_i].source) == 0,
		      "%s is not at the end of \"%s\"", entries[_i].source, text);
	free(text);
	free(dir);
	explanation_finish(&explanation);
	finish();
}
END_TEST

START_TEST(a_variable_is_explained_with_its_file)
{
	struct explanation explanation = {.name = "web"};
	char *dir = help_folder("p"), *text = NULL;
	const struct config_request request = {.dir = dir, .explanation = &explanation};
	size_t size;
	FILE *out = open_memstream(&text, &size);

	unsetenv("PORT");
	help_write("p/Procfile", "web: a\n");
	help_write("p/.env", "A_NAME_THAT_IS_RATHER_LONG=1\nPORT=8000\n");
	help_write("p/.overmind.env", "B=2\n");
	ck_assert_int_eq(config_discover(&request, &config, &report), 0);
	ck_assert_int_eq(explanation_print(&explanation, &config, false, out), 0);
	fclose(out);
	ck_assert_ptr_nonnull(
		strstr(text, "\nenv.A_NAME_THAT_IS_RATHER_LONG 1                                        .env\n"));
	ck_assert_ptr_nonnull(strstr(
		text, "\nenv.B                          2                                        .overmind.env\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "\nenv.PS                         web.1                                    Procfile:1\n"));
	free(text);
	free(dir);
	explanation_finish(&explanation);
	finish();
}
END_TEST

/* A project with manifests has its own of a kind, and only folders of its own beside; one with a configuration has
 * said what it is. */
START_TEST(what_a_project_has_itself_is_not_looked_for_below)
{
	help_write("p/package.json", "{\"scripts\": {\"web:dev\": \"x\"}}");
	help_write("p/web/package.json", "{\"scripts\": {\"not\": \"x\"}}");
	help_write("p/web/Makefile", "dev:\n\ttrue\n");
	help_write("p/a/b/Makefile", "not:\n\ttrue\n");
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_uint_eq(config.count, 2);
	ck_assert_str_eq(config.specs[0]->name, "web:dev");
	ck_assert_str_eq(config.specs[1]->name, "web:web:dev");
	finish();
	help_write("p/Procfile", "web: x\n");
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_uint_eq(config.count, 2);
	ck_assert_ptr_null(config_find(&config, "web:web:dev"));
	finish();
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
	char expected[5000];

	ck_assert_int_eq(config_discover(&(struct config_request){.dir = help_path("nowhere")}, &config, &report),
			 -EINVAL);
	snprintf(expected, sizeof expected, "%s: cannot read: No such file or directory", help_path("nowhere"));
	help_lines(report.errors, expected, NULL);
	finish();
	help_write("file", "");
	ck_assert_int_eq(config_discover(&(struct config_request){.dir = help_path("file")}, &config, &report),
			 -EINVAL);
	finish();
}
END_TEST

START_TEST(entries_come_first_and_start_by_themselves)
{
	help_write("p/Procfile", "web: node server.js\ndev: make watch\n");
	help_write("p/package.json",
		   "{\"scripts\": {\"dev\": \"vite\", \"build\": \"vite build\", \"npm:dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_str_eq(config.file, "Procfile");
	ck_assert_uint_eq(config.count, 5);
	ck_assert_str_eq(config.specs[0]->name, "web");
	ck_assert_str_eq(config.specs[1]->name, "dev");
	ck_assert_str_eq(config.specs[2]->name, "npm:dev");
	ck_assert_str_eq(config.specs[2]->script, "dev");
	ck_assert_str_eq(config.specs[2]->command, "vite");
	ck_assert_str_eq(config.specs[3]->name, "build");
	ck_assert_str_eq(config.specs[4]->name, "npm:npm:dev");
	ck_assert_str_eq(config.specs[4]->script, "npm:dev");
	for (size_t i = 0; i < config.count; i++) {
		ck_assert_uint_eq(config.specs[i]->order, i);
		ck_assert(config.specs[i]->autostart == (i < 2));
	}
	finish();
}
END_TEST

START_TEST(one_configuration_is_chosen_and_the_other_named)
{
	help_write("p/Procfile", "web: a\n");
	help_write("p/Procfile.dev", "css: b\n");
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_str_eq(config.file, "Procfile");
	ck_assert_uint_eq(config.count, 1);
	help_lines(report.warnings, "Procfile.dev: not used, Procfile is the configuration (--config chooses)", NULL);
	finish();
	ck_assert_int_eq(unlink(help_path("p/Procfile")), 0);
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_str_eq(config.file, "Procfile.dev");
	ck_assert_str_eq(help_spec(&config, "css")->source, "Procfile.dev");
	finish();
}
END_TEST

START_TEST(a_bad_file_does_not_hide_the_others)
{
	static const char wrong[] = "package.json:1:28: string or '}' expected near '}', expected JSON";

	help_write("p/Procfile", "web: a\nnonsense\n");
	help_write("p/package.json", "{\"scripts\": {\"dev\": \"vite\",}}");
	ck_assert_int_eq(help_discover("p"), -EINVAL);
	ck_assert_uint_eq(list_length(report.errors), 2);
	ck_assert_str_eq(report.errors[1], wrong);
	finish();
	help_write("p/package.json", "{\"scripts\": {\"dev\": \"vite\", \"build\": \"x\"}}");
	ck_assert_int_eq(help_discover("p"), -EINVAL);
	ck_assert(config.refused);
	ck_assert_uint_eq(config.count, 2);
	ck_assert_ptr_eq(config_find(&config, "dev"), config.specs[0]);
	ck_assert_ptr_eq(config_find(&config, "build"), config.specs[1]);
	ck_assert_uint_eq(config.specs[1]->order, 1);
	finish();
	help_write("p/Procfile", "web: a\n");
	help_write("p/package.json", "{\"scripts\": {\"dev\": \"vite\",}}");
	ck_assert_int_eq(help_discover("p"), -EINVAL);
	ck_assert(!config.refused);
	ck_assert_str_eq(help_spec(&config, "web")->command, "a");
	help_lines(report.errors, wrong, NULL);
	finish();
}
END_TEST

/* A good entry, bad ones, and what is said of each. */
static const struct {
	const char *file, *text, *errors[6];
} refused[] = {
	{"Procfile",
	 "web: a\nworker\nempty:\ntwo words: b\nweb: again\n",
	 {"Procfile:2:1: not an entry, expected NAME: COMMAND with letters, digits, _ and - in the name",
	  "Procfile:3:1: an entry without a command, expected NAME: COMMAND",
	  "Procfile:4:1: not an entry, expected NAME: COMMAND with letters, digits, _ and - in the name",
	  "Procfile:5:1: the second entry of this name, expected another"}},
	{"supervisord.conf",
	 "[program:web]\ncommand=a\n[program:]\ncommand=b\n[program:c]\n[program:web]\ncommand=d\n"
	 "[program:e]\ncommand=f \"g\n[group:all]\nprograms=web,\n  wbe\n",
	 {"supervisord.conf:11:1: [group:all] names wbe, expected a [program:wbe]",
	  "supervisord.conf:3:1: \"\" is no name, expected 1 to 255 bytes of printable text",
	  "supervisord.conf:5:1: c: no command, expected command = ...",
	  "supervisord.conf:6:1: there is a process named web, expected another name",
	  "supervisord.conf:9:1: e: command is f \"g, expected another quote to close the one in it"}},
	{"ecosystem.config.json",
	 "{\"apps\": [\n{\"script\": \"a.js\"},\n{\"name\": \"b\"},\n{\"script\": \"a.js\"},\n3]}\n",
	 {"ecosystem.config.json:3:1: b: no script, expected what to run",
	  "ecosystem.config.json:4:1: there is a process named a, expected another name",
	  "ecosystem.config.json:5:1: apps[3] is a number, expected an object, at most 1024"}},
	{"process-compose.yaml",
	 "processes:\n  a: {command: ls}\n  b: {}\n  c: 3\n  d: {command: ls, replicas: x}\n  \"\": {command: ls}\n",
	 {"process-compose.yaml:4:6: c is no mapping, expected the keys of a process",
	  "process-compose.yaml:5:30: replicas is \"x\", expected a number of 1 to 1000",
	  "process-compose.yaml:6:3: \"\" is no name, expected 1 to 255 bytes of printable UTF-8",
	  "process-compose.yaml:3:3: b has no command, expected one"}},
	{"mprocs.yaml",
	 "procs:\n  a: {shell: ls}\n  b: {}\n  c: {shell: [ls]}\n  d: {cmd: ls}\n",
	 {"mprocs.yaml:4:14: shell is a list, expected a command",
	  "mprocs.yaml:5:12: cmd is \"ls\", expected a list of a program and its arguments",
	  "mprocs.yaml:3:3: b has no command, expected one"}},
	{"brummer.yaml",
	 "processes:\n  a: ls\n  b: {dir: x}\n  c: {comand: ls, depends_on: d}\n  d: {command: ls, depends_on: [c, "
	 "e]}\n",
	 {"brummer.yaml:4:7: there is no key comand, expected command",
	  "brummer.yaml:3:3: b has no command, expected one",
	  "brummer.yaml:5:33: a circle of dependencies, expected none: c -> d -> c",
	  "brummer.yaml:5:36: d depends on e, which is not there, expected the name of a process"}},
};

START_TEST(a_configuration_with_a_bad_entry_counts_not_at_all)
{
	char path[64];
	size_t i;

	snprintf(path, sizeof path, "p/%s", refused[_i].file);
	help_write(path, refused[_i].text);
	ck_assert_int_eq(help_discover("p"), -EINVAL);
	for (i = 0; refused[_i].errors[i] && i < list_length(report.errors); i++)
		ck_assert_str_eq(report.errors[i], refused[_i].errors[i]);
	ck_assert_msg(!refused[_i].errors[i] && !report.errors[i], "%s",
		      report.errors[i] ? report.errors[i] : refused[_i].errors[i]);
	ck_assert(config.refused);
	ck_assert_uint_eq(config.count, 0);
	finish();
}
END_TEST

START_TEST(nothing_to_run_is_a_warning)
{
	help_write("p/package.json", "{\"name\": \"lib\", \"scripts\": {}}");
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_uint_eq(config.count, 0);
	help_lines(report.warnings, "package.json: nothing to run in it", NULL);
	finish();
	help_write("p/Procfile", "web: x\n");
	ck_assert_int_eq(help_discover("p"), 0);
	help_lines(report.warnings, NULL);
	finish();
	help_write("q/Procfile", "# nothing\n");
	ck_assert_int_eq(help_discover("q"), 0);
	help_lines(report.warnings, "Procfile: nothing to run in it", NULL);
	finish();
}
END_TEST

static void expect_refused(const char *folder, const char *error)
{
	ck_assert_int_eq(help_discover(folder), -EINVAL);
	ck_assert_uint_eq(config.count, 0);
	help_lines(report.errors, error, NULL);
	help_lines(report.warnings, NULL);
	finish();
}

START_TEST(only_files_are_read)
{
	free(help_folder("dir/package.json"));
	expect_refused("dir", "package.json: is a directory, expected a file");
	free(help_folder("fifo"));
	ck_assert_int_eq(mkfifo(help_path("fifo/Procfile"), 0600), 0);
	expect_refused("fifo", "Procfile: is not a regular file, expected one");
	free(help_folder("loop"));
	ck_assert_int_eq(symlink("package.json", help_path("loop/package.json")), 0);
	expect_refused("loop", "package.json: cannot open: Too many levels of symbolic links");
	free(help_folder("eio"));
	ck_assert_int_eq(symlink("/proc/self/mem", help_path("eio/package.json")), 0);
	expect_refused("eio", "package.json: cannot read: Input/output error");
}
END_TEST

START_TEST(files_that_may_not_be_read_are_errors)
{
	help_write("p/package.json", "{}");
	help_write("q/Procfile", "web: x\n");
	ck_assert_int_eq(chmod(help_path("p/package.json"), 0), 0);
	ck_assert_int_eq(chmod(help_path("q/Procfile"), 0), 0);
	help_read_everything(false);
	expect_refused("p", "package.json: cannot open: Permission denied");
	expect_refused("q", "Procfile: cannot open: Permission denied");
	help_read_everything(true);
}
END_TEST

START_TEST(files_of_others_are_refused)
{
	help_write("p/package.json", "{\"scripts\": {\"dev\": \"evil\"}}");
	help_write("q/Procfile", "web: evil\n");
	help_write("r/Procfile", "web: good\n");
	help_write("r/.env", "LD_PRELOAD=evil\n");
	if (chown(help_path("p/package.json"), 12345, 0) != 0)
		return; /* only root can give a file away */
	ck_assert_int_eq(chown(help_path("q/Procfile"), 12345, 0), 0);
	ck_assert_int_eq(chown(help_path("r/.env"), 12345, 0), 0);
	expect_refused("p", "package.json: belongs to user 12345, expected a file of yours or of root");
	expect_refused("q", "Procfile: belongs to user 12345, expected a file of yours or of root");
	ck_assert_int_eq(help_discover("r"), -EINVAL);
	help_lines(report.errors, ".env: belongs to user 12345, expected a file of yours or of root", NULL);
	ck_assert_uint_eq(config.count, 0);
	finish();
}
END_TEST

START_TEST(roots_files_are_good_for_everyone)
{
	help_write("p/package.json", "{\"scripts\": {\"dev\": \"x\"}}");
	if (geteuid() != 0)
		return; /* the file would be one's own */
	ck_assert_int_eq(chmod(help_path("p/package.json"), 0644), 0);
	ck_assert_int_eq(seteuid(65534), 0);
	help_read_everything(true); /* the folders above are root's alone */
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_uint_eq(config.count, 1);
	ck_assert_int_eq(seteuid(0), 0);
	finish();
}
END_TEST

START_TEST(sizes_are_bounded)
{
	size_t size = 10 * 1024 * 1024;
	char *bytes = malloc(size + 1);

	memset(bytes, ' ', size + 1);
	memcpy(bytes, "{\"scripts\": {\"dev\": \"x\"}}", 25);
	help_write_bytes("most/package.json", bytes, size);
	ck_assert_int_eq(help_discover("most"), 0);
	ck_assert_uint_eq(config.count, 1);
	finish();
	help_write_bytes("more/package.json", bytes, size + 1);
	expect_refused("more", "package.json: has 10485761 bytes, expected at most 10485760");
	memset(bytes, '\n', 1024 * 1024 + 1);
	help_write_bytes("proc/Procfile", bytes, 1024 * 1024 + 1);
	expect_refused("proc", "Procfile: has 1048577 bytes, expected at most 1048576");
	free(bytes);
}
END_TEST

/* What discover_print_json() writes. */
static json_t *printed(void)
{
	int fd = open(help_path("out"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	json_error_t error;
	json_t *json;

	ck_assert_int_eq(discover_print_json(&config, &report, fd), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	json = json_loadfd(fd, 0, &error);
	ck_assert_msg(json != NULL, "%s", error.text);
	close(fd);
	return json;
}

START_TEST(what_is_found_is_printed_as_json)
{
	char *dir = help_folder("p"), *expected;
	json_t *json;

	help_write("p/Procfile", "web: node \"a b.js\"\n");
	help_write("p/Procfile.dev", "web: x\n");
	help_write("p/package.json",
		   "{\"packageManager\": \"bun@1.2.0\",\n\"scripts\": {\"dev\": \"vite\", \"bad\": 3}}");
	ck_assert_int_eq(config_discover(&(struct config_request){.dir = dir}, &config, &report), -EINVAL);
	json = printed();
	ck_assert_int_gt(
		asprintf(&expected,
			 "{\"scripts\":["
			 "{\"name\":\"web\",\"command\":\"node \\\"a b.js\\\"\",\"dir\":\"%s\","
			 "\"source\":\"Procfile\",\"manager\":\"\"},"
			 "{\"name\":\"dev\",\"command\":\"bun run dev\",\"dir\":\"%s\","
			 "\"source\":\"package.json\",\"manager\":\"bun\"}],"
			 "\"warnings\":[\"Procfile.dev: not used, Procfile is the configuration (--config chooses)\"],"
			 "\"errors\":[\"package.json:2:35: script bad is a number, expected a string\"]}",
			 dir, dir),
		0);
	free(dir);
	dir = json_dumps(json, JSON_COMPACT);
	ck_assert_str_eq(dir, expected);
	free(dir);
	free(expected);
	json_decref(json);
	finish();
}
END_TEST

START_TEST(a_path_that_is_not_utf8_is_printed_as_valid_json)
{
	json_t *json;

	help_write("odd\xff/Procfile", "web: x\n");
	ck_assert_int_eq(help_discover("odd\xff"), 0);
	json = printed();
	ck_assert_ptr_nonnull(
		strstr(json_string_value(json_object_get(json_array_get(json_object_get(json, "scripts"), 0), "dir")),
		       "/odd?"));
	json_decref(json);
	finish();
}
END_TEST

START_TEST(a_full_disk_is_an_error_of_the_print)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	help_write("p/Procfile", "web: x\n");
	ck_assert_int_eq(help_discover("p"), 0);
	ck_assert_int_eq(discover_print_json(&config, &report, fd), -ENOSPC);
	close(fd);
	ck_assert_int_eq(discover_print_json(&config, &report, -1), -EBADF);
	finish();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("discover");
	TCase *tcase = tcase_create("discover");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, a_folder_without_a_manifest_has_nothing);
	tcase_add_test(tcase, supervisor_and_clients_know_the_same_files);
	tcase_add_test(tcase, folders_without_a_file_above_them_are_looked_into);
	tcase_add_loop_test(tcase, an_entry_is_explained_with_its_line, 0, sizeof entries / sizeof *entries);
	tcase_add_test(tcase, a_variable_is_explained_with_its_file);
	tcase_add_test(tcase, folders_are_looked_into_up_to_a_number);
	tcase_add_test(tcase, what_a_project_has_itself_is_not_looked_for_below);
	tcase_add_test(tcase, a_folder_that_is_not_there_is_an_error);
	tcase_add_test(tcase, entries_come_first_and_start_by_themselves);
	tcase_add_test(tcase, one_configuration_is_chosen_and_the_other_named);
	tcase_add_test(tcase, a_bad_file_does_not_hide_the_others);
	tcase_add_loop_test(tcase, a_configuration_with_a_bad_entry_counts_not_at_all, 0,
			    sizeof refused / sizeof *refused);
	tcase_add_test(tcase, nothing_to_run_is_a_warning);
	tcase_add_test(tcase, only_files_are_read);
	tcase_add_test(tcase, files_that_may_not_be_read_are_errors);
	tcase_add_test(tcase, files_of_others_are_refused);
	tcase_add_test(tcase, roots_files_are_good_for_everyone);
	tcase_add_test(tcase, sizes_are_bounded);
	tcase_add_test(tcase, what_is_found_is_printed_as_json);
	tcase_add_test(tcase, a_path_that_is_not_utf8_is_printed_as_valid_json);
	tcase_add_test(tcase, a_full_disk_is_an_error_of_the_print);
	suite_add_tcase(suite, tcase);
	return suite;
}
