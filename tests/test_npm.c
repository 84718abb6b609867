/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/json_where.h"
#include "config/npm.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

/* Parse from memory, without a manager or an environment. */
static int parse_bytes(const char *bytes, size_t length)
{
	struct text text = {.file = "package.json", .bytes = bytes, .length = length};
	const struct finding finding = help_finding("package.json", "npm");
	struct npm_package package;
	int result = npm_parse(&text, &package, &report);

	if (result == 0)
		result = npm_specs(&package, &finding);
	npm_package_finish(&package);
	return result;
}

static int parse(const char *bytes)
{
	return parse_bytes(bytes, strlen(bytes));
}

/* Projects as people have them: tests/data/npm/DIR. */
static const struct shape {
	const char *dir;
	const char *lock; /* a file beside package.json, or NULL */
	size_t scripts;
	const char *manager;
	const char *name; /* one of the scripts, NULL: none */
	const char *command;
	const char *pre; /* what is run around it */
	const char *post;
	const char *argv; /* when it goes through the manager: the manager */
} shapes[] = {
	{"vite-app", "package-lock.json", 4, "npm", "build", "tsc -b && vite build", "", "", NULL},
	{"next-app", "pnpm-lock.yaml", 7, "pnpm", "build", "next build", "", "next-sitemap", NULL},
	{"express-api", "npm-shrinkwrap.json", 7, "npm", "test", "mocha --exit 'test/**/*.spec.js'", "npm run lint",
	 "nyc report", NULL},
	{"nest-service", "yarn.lock", 13, "yarn", "build", "nest build", "rimraf dist", "", NULL},
	{"angular-app", "package-lock.json", 6, "npm", "start", "ng serve --proxy-config proxy.conf.json", "", "",
	 NULL},
	{"svelte-kit", "pnpm-lock.yaml", 5, "pnpm", "check:watch",
	 "svelte-kit sync && svelte-check --tsconfig ./tsconfig.json --watch", "", "", NULL},
	{"turbo-monorepo", NULL, 7, "pnpm", "format", "prettier --write \"**/*.{ts,tsx,md}\"", "", "", NULL},
	{"electron-app", NULL, 5, "", "renderer", "vite --port 5173 --strictPort", "", "", NULL},
	{"yarn-pnp", ".pnp.cjs", 3, "yarn", "storybook", NULL, NULL, NULL, "yarn"},
	{"yarn-berry", "yarn.lock", 3, "yarn", "serve", "node --watch index.mjs", "", "", NULL},
	{"bun-app", "bun.lock", 2, "bun", "dev", NULL, NULL, NULL, "bun"},
	{"cra-legacy", "yarn.lock", 4, "yarn", "eject", "react-scripts eject", "", "", NULL},
	{"library", NULL, 7, "", "test", "node --test", "npm run build", "", NULL},
	{"no-scripts", NULL, 0, "", NULL, NULL, NULL, NULL, NULL},
	{"commented", NULL, 9, "", "//2", "---------- tests ----------", "", "", NULL},
	{"vscode-extension", NULL, 5, "", "vscode:prepublish", "npm run compile", "", "", NULL},
	{"minified", NULL, 5, "", "dev", "wrangler dev --local", "", "", NULL},
	{"other-languages", NULL, 4, "", "bauen", "node bauen.js", "", "", NULL},
};

static void copy_file(const char *dir, const char *file)
{
	char name[256];

	snprintf(name, sizeof name, "%s/%s", dir, file);
	help_copy("npm", name);
}

static void expect_script(const struct shape *shape, const struct spec *spec)
{
	ck_assert_str_eq(spec->script, shape->name);
	ck_assert_str_eq(spec->source, "package.json");
	ck_assert_str_eq(spec->manager, shape->manager);
	ck_assert(!spec->autostart);
	if (shape->argv) {
		help_lines(spec->argv, shape->argv, "run", shape->name, NULL);
		ck_assert_ptr_null(spec->command);
		return;
	}
	help_lines(spec->argv, NULL);
	ck_assert_str_eq(spec->command, shape->command);
	ck_assert_str_eq(env_get(spec->env, "npm_lifecycle_script"), shape->command);
	ck_assert_str_eq(env_get(spec->env, "npm_lifecycle_event"), shape->name);
	ck_assert_uint_eq(list_length(spec->shell), *shape->pre || *shape->post ? 8 : 4);
	if (list_length(spec->shell) == 8) {
		ck_assert_str_eq(spec->shell[5], shape->pre);
		ck_assert_str_eq(spec->shell[6], shape->post);
	}
}

START_TEST(projects_as_people_have_them_are_read)
{
	const struct shape *shape = &shapes[_i];

	copy_file(shape->dir, "package.json");
	if (shape->lock)
		copy_file(shape->dir, shape->lock);
	if (strncmp(shape->dir, "yarn-", 5) == 0)
		copy_file(shape->dir, ".yarnrc.yml");
	ck_assert_int_eq(help_discover(shape->dir), 0);
	help_lines(report.errors, NULL);
	ck_assert_uint_eq(config.count, shape->scripts);
	if (shape->name)
		expect_script(shape, help_spec(&config, shape->name));
	finish();
}
END_TEST

/* Bad package.json files: the one error each gives, and how many scripts are found all the same. */
static const struct {
	const char *text;
	const char *error;
	size_t scripts;
} bad[] = {
	{"", "package.json:1:1: '[' or '{' expected near end of file, expected JSON", 0},
	{"not json", "package.json:1:3: '[' or '{' expected near 'not', expected JSON", 0},
	{"{\n  \"scripts\": {\n    \"a\": \"b\"\n  }\n",
	 "package.json:5:1: '}' expected near end of file, expected JSON", 0},
	{"{\"a\": 1} x", "package.json:1:10: end of file expected near 'x', expected JSON", 0},
	{"{\"a\": \"x\\u0000\"}", "package.json:1:15: \\u0000, expected JSON", 0},
	{"[{\"scripts\": {}}]", "package.json:1:1: a list, expected an object", 0},
	{"{\n  \"scripts\": [\"a\"]}", "package.json:2:14: scripts is a list, expected an object of names and commands",
	 0},
	{"{\"scripts\":null}", "package.json:1:12: scripts is null, expected an object of names and commands", 0},
	{"{\"scripts\": \"dev\"}", "package.json:1:13: scripts is a string, expected an object of names and commands",
	 0},
	{"{\"scripts\": {\"a\": \"x\",\n \"b\": 1}}", "package.json:2:7: script b is a number, expected a string", 1},
	{"{\"scripts\": {\"a\": {\"x\": \"y\"}, \"c\": \"z\"}}",
	 "package.json:1:19: script a is an object, expected a string", 1},
	{"{\"scripts\": {\"a\": true}}", "package.json:1:19: script a is true, expected a string", 0},
	{"{\"scripts\": {\"a\": \"x\", \"\": \"y\"}}",
	 "package.json:1:24: the script's name has 0 bytes, expected 1 to 255", 1},
	{"{\"scripts\": {\"a\\nb\": \"x\", \"c\": \"y\"}}",
	 "package.json:1:14: the script's name has a control character, expected printable text", 1},
	{"{\"scripts\": {\"\xc2\x9b\": \"x\"}}",
	 "package.json:1:14: the script's name has a control character, expected printable text", 0},
	{"{\"name\": 7, \"scripts\": {\"a\": \"x\"}}", "package.json:1:10: name is a number, expected a string", 1},
	{"{\"scripts\": {\"a\": \"x\"}, \"packageManager\": []}",
	 "package.json:1:43: packageManager is a list, expected a string", 1},
	{"{\"version\": \"1\",\n\"scripts\": {\"a\": \"b\xff\"}}",
	 "package.json:2:20: byte 0xff is not UTF-8, expected UTF-8 text", 0},
	{"\xff\xfe{\0}\0", "package.json:1:1: byte 0xff is not UTF-8, expected UTF-8 text", 0},
};

START_TEST(a_bad_package_is_an_error_with_its_place)
{
	int result = parse(bad[_i].text);

	ck_assert(result == 0 || result == -EINVAL);
	help_lines(report.errors, bad[_i].error, NULL);
	ck_assert(report.failed);
	ck_assert_uint_eq(config.count, bad[_i].scripts);
	finish();
}
END_TEST

START_TEST(all_errors_are_told_at_once)
{
	ck_assert_int_eq(parse("{\n"
			       "  \"name\": [],\n"
			       "  \"scripts\": {\n"
			       "    \"a\": 1,\n"
			       "    \"ok\": \"x\",\n"
			       "    \"\\u0007\": \"y\",\n"
			       "    \"b\": null\n"
			       "  }\n"
			       "}\n"),
			 0);
	help_lines(report.errors, "package.json:2:11: name is a list, expected a string",
		   "package.json:4:10: script a is a number, expected a string",
		   "package.json:6:5: the script's name has a control character, expected printable text",
		   "package.json:7:10: script b is null, expected a string", NULL);
	ck_assert_uint_eq(config.count, 1);
	finish();
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
	ck_assert_int_eq(parse_bytes("{\"a\": \0 1}", 10), -EINVAL);
	help_lines(report.errors, "package.json:1:7: a NUL byte, expected text", NULL);
	finish();
}
END_TEST

START_TEST(numbers_of_any_size_are_no_error)
{
	ck_assert_int_eq(parse("{\"big\": 123456789012345678901234567890, \"scripts\": {\"a\": \"x\"}}"), 0);
	help_lines(report.errors, NULL);
	ck_assert_uint_eq(config.count, 1);
	finish();
}
END_TEST

START_TEST(sizes_are_bounded)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	fprintf(out, "{\"scripts\": {\"long\": \"%0131001d\", \"most\": \"%0131000d\", \"%0256d\": \"x\"", 0, 0, 0);
	for (int i = 0; i < 4100; i++)
		fprintf(out, ",\n\"s%d\": \"x\"", i);
	fputs("}}", out);
	fclose(out);
	ck_assert_int_eq(parse(bytes), 0);
	free(bytes);
	ck_assert_uint_eq(config.count, 4096 - 2);
	help_lines(report.errors, "package.json:1:22: script long has 131001 bytes, expected at most 131000",
		   "package.json:1:262039: the script's name has 256 bytes, expected 1 to 255",
		   "package.json:4095:1: there are 4103 scripts, expected at most 4096", NULL);
	finish();
}
END_TEST

START_TEST(thousands_of_errors_end_soon)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	fputs("{\"scripts\": {\"a\": 1", out);
	for (int i = 0; i < 100000; i++)
		fprintf(out, ",\"s%d\": [{},\"]}\"]", i);
	fputs("}}", out);
	fclose(out);
	ck_assert_int_eq(parse(bytes), 0);
	free(bytes);
	ck_assert_uint_eq(list_length(report.errors), REPORT_LINES_MAX + 1);
	finish();
}
END_TEST

START_TEST(deep_nesting_is_an_error)
{
	size_t depth = 100000;
	char *bytes = malloc(depth + 1);

	memset(bytes, '[', depth);
	bytes[depth] = '\0';
	ck_assert_int_eq(parse(bytes), -EINVAL);
	ck_assert_ptr_nonnull(strstr(report.errors[0], "maximum parsing depth reached"));
	free(bytes);
	finish();
}
END_TEST

static const char whole[] =
	"{ \"name\": \"x\", \"config\": {\"a\": [1, true, {\"b\": null}], \"\\u00e4\": 1.5e3},\n"
	"\"scripts\": {\"de\\u0076\": \"a \\\"b\\\\\\\" \xe2\x82\xac\", \"predev\": \"p\", \"t\": {}, "
	"\"scripts\": [\"]}\"] } , \"packageManager\": \"npm@1\" }";

/* In a buffer of exactly the size, so that a sanitizer sees a byte too far. */
static void parse_exactly(const char *from, size_t length)
{
	char *bytes = malloc(length + (length == 0));

	memcpy(bytes, from, length);
	parse_bytes(bytes, length);
	free(bytes);
	finish();
}

START_TEST(a_package_cut_anywhere_is_read_within_its_bytes)
{
	for (size_t length = 0; length < sizeof whole; length++)
		parse_exactly(whole, length);
}
END_TEST

START_TEST(a_package_with_any_bytes_changed_is_read_or_refused)
{
	static const char odd[] = "{}[]\",:\\\0\n\xc2\xff u0n1-.e";
	unsigned seed = 20251;

	for (int i = 0; i < 20000; i++) {
		char bytes[sizeof whole];

		memcpy(bytes, whole, sizeof whole);
		for (int change = 0; change < 1 + i % 3; change++) {
			seed = seed * 1103515245 + 12345;
			bytes[(seed >> 8) % (sizeof whole - 1)] = odd[(seed >> 24) % (sizeof odd - 1)];
		}
		parse_exactly(bytes, sizeof whole - 1);
	}
}
END_TEST

static void expect_where(const char *json, size_t object, const char *key, enum json_part part, size_t offset)
{
	struct text text = help_text("x", json);

	ck_assert_uint_eq(json_where(&text, object, key, part), offset);
}

START_TEST(members_are_found_again_in_the_text)
{
	expect_where("{\"a\": 1}", 0, "a", JSON_KEY, 1);
	expect_where("{\"a\": 1}", 0, "a", JSON_VALUE, 6);
	expect_where(" {\"b\" : [\"a\", {\"a\":2}] , \"a\":3}", 0, "a", JSON_VALUE, 29);
	expect_where("{\"a\":1,\"a\":2}", 0, "a", JSON_VALUE, 11);
	expect_where("{\"x\\\"}\":1,\"\\u0061\":2}", 0, "a", JSON_VALUE, 19);
	expect_where("{\"o\":{\"a\":1}}", 5, "a", JSON_KEY, 6);
	expect_where("{\"b\": 1}", 0, "a", JSON_KEY, 0);
	expect_where("{\"a\":1,\"ab\":2}", 0, "a", JSON_KEY, 1);
	expect_where("[1]", 0, "a", JSON_KEY, 0);
	expect_where("{}", 0, "a", JSON_KEY, 0);
}
END_TEST

START_TEST(hooks_are_scripts_too)
{
	ck_assert_int_eq(parse("{\"scripts\": {\"predev\": \"a\", \"dev\": \"b\", \"postdev\": \"\", \"prex\": 1, "
			       "\"x\": \"c\"}}"),
			 0);
	ck_assert_uint_eq(config.count, 4);
	ck_assert_str_eq(help_spec(&config, "predev")->command, "a");
	help_lines(help_spec(&config, "predev")->shell, "/bin/sh", "-c", shell_for("x"), "sh", NULL);
	help_lines(help_spec(&config, "x")->shell, "/bin/sh", "-c", shell_for("x"), "sh", NULL);
	ck_assert_uint_eq(list_length(help_spec(&config, "dev")->shell), 8);
	finish();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("npm");
	TCase *tcase = tcase_create("npm");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_loop_test(tcase, projects_as_people_have_them_are_read, 0, sizeof shapes / sizeof *shapes);
	tcase_add_loop_test(tcase, a_bad_package_is_an_error_with_its_place, 0, sizeof bad / sizeof *bad);
	tcase_add_test(tcase, all_errors_are_told_at_once);
	tcase_add_test(tcase, nul_bytes_are_refused);
	tcase_add_test(tcase, numbers_of_any_size_are_no_error);
	tcase_add_test(tcase, sizes_are_bounded);
	tcase_add_test(tcase, thousands_of_errors_end_soon);
	tcase_add_test(tcase, deep_nesting_is_an_error);
	tcase_add_test(tcase, a_package_cut_anywhere_is_read_within_its_bytes);
	tcase_add_test(tcase, a_package_with_any_bytes_changed_is_read_or_refused);
	tcase_add_test(tcase, members_are_found_again_in_the_text);
	tcase_add_test(tcase, hooks_are_scripts_too);
	suite_add_tcase(suite, tcase);
	return suite;
}
