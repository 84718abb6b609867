/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "config/folders.h"
#include "config/ignore.h"
#include "config/jsonc.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

START_TEST(globs_match_paths)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} cases[] = {
		{"packages/*", "packages/a", true},
		{"packages/*", "packages/a/b", false},
		{"packages/**", "packages/a/b", true},
		{"packages/**", "packages", false},
		{"**/x", "x", true},
		{"**/x", "a/b/x", true},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b", true},
		{"a/**/b", "a/x/y/c", false},
		{"*.js", "a.js", true},
		{"*.js", "a/b.js", false},
		{"a?c", "abc", true},
		{"a?c", "a/c", false},
		{"[a-c]x", "bx", true},
		{"[!a-c]x", "bx", false},
		{"[]x]y", "]y", true},
		{"[x", "[x", true},
		{"\\*", "*", true},
		{"\\*", "x", false},
		{"*a*b*c", "xxaxxbxxc", true},
		{"", "", true},
		{"a", "", false},
		{"**", "a/b", true},
		{"a**b", "axyb", true},
		{"**/node_modules/**", "x/node_modules/y", true},
	};
	char pattern[512] = "", path[512] = "";

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(glob_match(cases[i].pattern, cases[i].path) == cases[i].matches, "%s and %s",
			      cases[i].pattern, cases[i].path);
	for (size_t i = 0; i < 100; i++)
		strcat(pattern, i % 4 ? "*a" : "**/");
	memset(path, 'a', 400);
	for (size_t i = 1; i < 400; i += 7)
		path[i] = '/';
	glob_match(strcat(pattern, "b"), path); /* soon */
}
END_TEST

static bool ignored(const char *rules, const char *path)
{
	struct text text = help_text(".gitignore", rules);
	struct ignore ignore = {0};
	bool is;

	ck_assert_int_eq(ignore_parse(&text, &ignore), 0);
	is = ignore_has(&ignore, path);
	ignore_finish(&ignore);
	return is;
}

START_TEST(rules_are_those_of_git)
{
	ck_assert(ignored("dist\n", "dist"));
	ck_assert(ignored("dist/\n", "a/b/dist"));
	ck_assert(ignored("/dist\n", "dist"));
	ck_assert(!ignored("/dist\n", "a/dist"));
	ck_assert(ignored("a/dist\r\n", "a/dist"));
	ck_assert(!ignored("a/dist\n", "b/a/dist"));
	ck_assert(!ignored("# dist\n\n", "dist"));
	ck_assert(!ignored("out*\n!output\n", "output"));
	ck_assert(ignored("out*\n!output\n", "outside"));
	ck_assert(ignored("**/cache\n", "x/cache"));
	ck_assert(ignored("\\#x\n", "#x"));
}
END_TEST

static char seen[512];

static int note(void *arg, const char *path)
{
	(void)arg;
	strcat(seen, path);
	strcat(seen, " ");
	return 0;
}

static void expect(const char *pattern, const char *folders)
{
	char *dir = help_folder("p");
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	seen[0] = '\0';
	ck_assert_int_eq(folders_match(fd, pattern, note, NULL, &report), 0);
	ck_assert_str_eq(seen, folders);
	help_lines(report.warnings, NULL);
	close(fd);
	free(dir);
}

START_TEST(folders_are_found_by_patterns)
{
	static const char *const files[] = {"p/packages/b/x",   "p/packages/a/x",           "p/packages/a/dist/x",
					    "p/packages/.h/x",  "p/packages/c/deep/d/x",    "p/node_modules/n/x",
					    "p/apps/web/src/x", "p/packages/node_modules/x"};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		help_write(files[i], "");
	help_write("p/.gitignore", "dist\n");
	help_write("p/packages/c/.gitignore", "/deep/d\n");
	ck_assert_int_eq(symlink("packages/a", help_path("p/link")), 0);
	expect("packages/*", "packages/a packages/b packages/c ");
	expect("./packages/*/", "packages/a packages/b packages/c ");
	expect("packages/**", "packages packages/a packages/b packages/c packages/c/deep ");
	expect("*", "apps packages ");
	expect("apps/web", "apps/web ");
	expect("nowhere/x", "nowhere/x ");
	expect("nowhere/*", "");
	expect("../*", "");
	expect(".", " ");
	expect("{a,b}", "{a,b} ");
}
END_TEST

START_TEST(comments_are_no_part_of_json)
{
	static const char bytes[] = "{ // one \"\n \"a\": \"/* no */ // \\\" x\", /* two\n */ \"b\": [1, 2, ], }";
	struct text text = help_text("x.json", bytes), plain;
	json_t *json;

	ck_assert_int_eq(jsonc_read(&text, &plain, &json, &report), 0);
	ck_assert_str_eq(json_text(json, "a"), "/* no */ // \" x");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "b")), 2);
	ck_assert_uint_eq(plain.length, strlen(bytes));
	json_decref(json);
	text_finish(&plain);
	text = help_text("x.json", "{\n /* open");
	ck_assert_int_ne(jsonc_read(&text, &plain, &json, &report), 0);
	help_lines(report.errors, "x.json:2:8: string or '}' expected near end of file, expected JSON", NULL);
	report_finish(&report);
	text = help_text("x.json", "{\"a\": [1,,]}");
	ck_assert_int_ne(jsonc_read(&text, &plain, &json, &report), 0);
	report_finish(&report);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("ignore");
	TCase *tcase = tcase_create("ignore");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, globs_match_paths);
	tcase_add_test(tcase, rules_are_those_of_git);
	tcase_add_test(tcase, folders_are_found_by_patterns);
	tcase_add_test(tcase, comments_are_no_part_of_json);
	suite_add_tcase(suite, tcase);
	return suite;
}
