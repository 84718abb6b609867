/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/discover.h"
#include "tests/check_main.h"
#include "tests/config_help.h"

/*
 * Projects as people have them, each a folder of data/discover; beside it FOLDER.golden has a line for every script
 * (name, source, folder, command) and every warning. With BRUMMER_WRITE_GOLDEN set those files are written.
 */

static const char *data(const char *name, const char *ending)
{
	static char path[512];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof path, "%s/tests/data/discover/%s%s", top ? top : ".", name, ending);
	return path;
}

/* Copy one file into the test's folder: there it is our own, whoever owns the sources. */
static int copy_file(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	char bytes[16384];
	size_t length;
	FILE *in;

	(void)st, (void)at;
	if (kind != FTW_F)
		return 0;
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	length = fread(bytes, 1, sizeof bytes, in);
	fclose(in);
	help_write_bytes(path + strlen(data("", "")), bytes, length);
	return 0;
}

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
	struct config config = {0};
	struct report report = {0};
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(nftw(data(name, ""), copy_file, 16, FTW_PHYS), 0);
	ck_assert_int_ne(config_discover(&request, &config, &report), -ENOMEM);
	for (size_t i = 0; i < config.count; i++)
		print_spec(config.specs[i], dir, out);
	for (size_t i = 0; i < list_length(report.warnings); i++)
		fprintf(out, "warning: %s\n", report.warnings[i]);
	for (size_t i = 0; i < list_length(report.errors); i++)
		fprintf(out, "error: %s\n", report.errors[i]);
	ck_assert_int_eq(fclose(out), 0);
	config_finish(&config);
	report_finish(&report);
	free(dir);
	return text;
}

static char *golden(const char *name)
{
	FILE *in = fopen(data(name, ".golden"), "r");
	char *text = calloc(1, 65536);

	ck_assert_msg(in != NULL, "there is no golden file of %s", name);
	ck_assert_uint_lt(fread(text, 1, 65535, in), 65535);
	fclose(in);
	return text;
}

static void compare(const char *name)
{
	char *found = discovered(name), *expected;

	if (getenv("BRUMMER_WRITE_GOLDEN")) {
		FILE *out = fopen(data(name, ".golden"), "w");

		ck_assert_ptr_nonnull(out);
		fputs(found, out);
		ck_assert_int_eq(fclose(out), 0);
	}
	expected = golden(name);
	ck_assert_msg(strcmp(found, expected) == 0, "%s has\n%s\nexpected\n%s", name, found, expected);
	free(expected);
	free(found);
}

START_TEST(scripts_of_projects_as_people_have_them_are_found)
{
	DIR *dir = opendir(data("", ""));
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

Suite *test_suite(void)
{
	Suite *suite = suite_create("scripts");
	TCase *tcase = tcase_create("projects");

	unsetenv("PORT");
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, scripts_of_projects_as_people_have_them_are_found);
	suite_add_tcase(suite, tcase);
	return suite;
}
