/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/discover.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

/*
 * Projects as people have them, each a folder of data/discover; beside it FOLDER.golden has a line for every script
 * (name, source, folder, command) and every warning. With BRUMMER_WRITE_GOLDEN set those files are written.
 */

/* A text with the project's folder as "$": where the tests are built is nobody's business. */
static void print_short(const char *text, const char *dir, FILE *out)
{
	size_t length = strlen(dir);

	while (*text) {
		if (strncmp(text, dir, length) == 0) {
			fputc('$', out);
			text += length;
		} else {
			fputc(*text++, out);
		}
	}
}

static void print_spec(const struct spec *spec, const char *dir, FILE *out)
{
	fprintf(out, "%s | %s | ", spec->name, spec->source);
	print_short(spec->dir, dir, out);
	fputs(spec->command ? " | sh:" : " |", out);
	for (size_t i = 0; spec->argv[i]; i++) {
		fputc(' ', out);
		print_short(spec->argv[i], dir, out);
	}
	if (spec->command)
		fprintf(out, " %s", spec->command);
	fputs(spec->tty ? " | tty" : "", out);
	fputs(*spec->manager ? " | " : "", out);
	fprintf(out, "%s%s\n", spec->manager, spec->autostart ? " | autostart" : "");
}

/* What is found in a project, as text: to be freed. */
static char *discovered(const char *name)
{
	char *dir = help_folder(name), *text;
	const struct config_request request = {.dir = dir};
	size_t size;
	FILE *out = open_memstream(&text, &size);

	help_copy("discover", name);
	ck_assert_int_ne(config_discover(&request, &config, &report), -ENOMEM);
	for (size_t i = 0; i < config.count; i++)
		print_spec(config.specs[i], dir, out);
	for (size_t i = 0; i < list_length(report.warnings); i++)
		fprintf(out, "warning: %s\n", report.warnings[i]);
	for (size_t i = 0; i < list_length(report.errors); i++)
		fprintf(out, "error: %s\n", report.errors[i]);
	ck_assert_int_eq(fclose(out), 0);
	finish();
	free(dir);
	return text;
}

static void compare(const char *name)
{
	char *found = discovered(name);

	help_golden("discover", name, found);
	free(found);
}

START_TEST(scripts_of_projects_as_people_have_them_are_found)
{
	DIR *dir = opendir(help_data("discover", "", ""));
	const struct dirent *entry;
	unsigned projects = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strchr(entry->d_name, '.'))
			continue;
		compare(entry->d_name);
		projects++;
	}
	closedir(dir);
	ck_assert_uint_ge(projects, 30);
}
END_TEST

/* Everything a project may have, each as bad as can be. */
static const char *const manifests[] = {
	"Makefile",
	"justfile",
	"Taskfile.yml",
	"Cargo.toml",
	"go.mod",
	"pyproject.toml",
	"manage.py",
	"bin/rails",
	"Rakefile",
	"composer.json",
	"artisan",
	"pom.xml",
	"deno.json",
	"build.gradle.kts",

	"pubspec.yaml",
	"lerna.json",
	"nx.json",
	"rush.json",
	".vscode/tasks.json",
	".vscode/launch.json",
	"compose.yaml",
	"pnpm-workspace.yaml",
	"x.csproj",
};

#define MANIFESTS (sizeof manifests / sizeof *manifests)

static const char *in_project(const char *file)
{
	static char path[256];

	snprintf(path, sizeof path, "p/%s", file);
	return path;
}

/* Discovery goes on, says something of each file or finds nothing in it, and a Procfile beside it is not in danger. */
static void expect_harmless(const char *what, bool said)
{
	char *dir = help_folder("p");
	const struct config_request request = {.dir = dir};

	help_write("p/Procfile", "web: true\n");
	ck_assert_msg(config_discover(&request, &config, &report) == 0, "%s: %s", what,
		      report.errors ? report.errors[0] : "no error");
	ck_assert_str_eq(help_spec(&config, "web")->command, "true");
	for (size_t i = 0; i < MANIFESTS && said; i++) {
		bool is_said = false;

		for (size_t line = 0; line < list_length(report.warnings); line++)
			is_said = is_said || strstr(report.warnings[line], manifests[i]);
		ck_assert_msg(is_said, "%s: nothing is said of %s", what, manifests[i]);
	}
	finish();
	free(dir);
}

START_TEST(bad_manifests_are_warnings)
{
	static const char *const texts[] = {"", "\xff\xfe\x00", "{", "[", "null", "\n\n\t:", "{\"a\":1}", "<a>"};

	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		for (size_t i = 0; i < MANIFESTS; i++)
			help_write(in_project(manifests[i]), texts[t]);
		expect_harmless(texts[t], false);
	}
}
END_TEST

START_TEST(what_is_no_file_is_a_warning)
{
	for (size_t i = 0; i < MANIFESTS; i++)
		free(help_folder(in_project(manifests[i])));
	expect_harmless("folders", false);
	help_clean();
	help_write("p/bin/x", "");
	help_write("p/.vscode/x", "");
	for (size_t i = 0; i < MANIFESTS; i++)
		ck_assert_int_eq(mkfifo(help_path(in_project(manifests[i])), 0600), 0);
	expect_harmless("pipes", false);
	for (size_t i = 0; i < MANIFESTS; i++) {
		ck_assert_int_eq(unlink(help_path(in_project(manifests[i]))), 0);
		ck_assert_int_eq(symlink("/proc/self/mem", help_path(in_project(manifests[i]))), 0);
	}
	expect_harmless("no reading", true);
}
END_TEST

START_TEST(large_manifests_are_refused_or_read_soon)
{
	size_t size = 10u << 20;
	char *bytes = malloc(size);

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = "{\"a: [x\n"[i % 8];
	for (size_t i = 0; i < MANIFESTS; i++)
		help_write_bytes(in_project(manifests[i]), bytes, i % 2 ? size : 1u << 20);
	expect_harmless("large", false);
	free(bytes);
}
END_TEST

START_TEST(names_that_no_process_can_have_are_left_out)
{
	char *dir;

	help_write("p/deno.json", "{\"tasks\": {\"a\\u001bb\": \"x\", \"\": \"y\", \"ok\": \"z\"}}");
	dir = help_folder("p");
	const struct config_request request = {.dir = dir};
	ck_assert_int_eq(config_discover(&request, &config, &report), 0);
	ck_assert_uint_eq(config.count, 1);
	help_lines(report.warnings, "deno.json: a?b is left out, expected a printable name of 1 to 255 bytes",
		   "deno.json:  is left out, expected a printable name of 1 to 255 bytes", NULL);
	finish();
	free(dir);
}
END_TEST

START_TEST(scripts_of_one_name_keep_apart)
{
	char *dir;

	help_write("p/Procfile", "dev: a\n");
	help_write("p/package.json", "{\"scripts\": {\"dev\": \"b\"}}");
	help_write("p/Makefile", "dev:\n\tc\n");
	help_write("p/deno.json", "{\"tasks\": {\"dev\": \"d\"}}");
	dir = help_folder("p");
	const struct config_request request = {.dir = dir};
	ck_assert_int_eq(config_discover(&request, &config, &report), 0);
	ck_assert_str_eq(config.specs[0]->name, "dev");
	ck_assert_str_eq(config.specs[1]->name, "npm:dev");
	ck_assert_str_eq(config.specs[2]->name, "make:dev");
	ck_assert_str_eq(config.specs[3]->name, "deno:dev");
	finish();
	free(dir);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("scripts");
	TCase *tcase = tcase_create("projects");

	unsetenv("PORT");
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, scripts_of_projects_as_people_have_them_are_found);
	tcase_add_test(tcase, bad_manifests_are_warnings);
	tcase_add_test(tcase, what_is_no_file_is_a_warning);
	tcase_add_test(tcase, large_manifests_are_refused_or_read_soon);
	tcase_add_test(tcase, names_that_no_process_can_have_are_left_out);
	tcase_add_test(tcase, scripts_of_one_name_keep_apart);
	suite_add_tcase(suite, tcase);
	return suite;
}
