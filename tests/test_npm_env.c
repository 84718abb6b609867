/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check_main.h"
#include "tests/config_fixture.h"

/* Who manages a package, and what its scripts find around them. */

static void expect_manager(const char *folder, const char *manager, size_t warnings)
{
	ck_assert_int_eq(help_discover(folder), 0);
	ck_assert_str_eq(help_spec(&config, "dev")->manager, manager);
	ck_assert_uint_eq(list_length(report.warnings), warnings);
	finish();
}

START_TEST(the_nearest_lock_file_names_the_manager)
{
	help_write("repo/.git/HEAD", "");
	help_write("repo/web/package.json", "{\"scripts\": {\"dev\": \"x\"}}");
	help_write("pnpm-lock.yaml", "");
	expect_manager("repo/web", "", 0);
	help_write("repo/yarn.lock", "");
	expect_manager("repo/web", "yarn", 0);
	help_write("repo/web/bun.lockb", "");
	help_write("repo/web/bun.lock", "");
	expect_manager("repo/web", "bun", 0);
	help_write("repo/web/package-lock.json", "{}");
	ck_assert_int_eq(help_discover("repo/web"), 0);
	help_lines(report.warnings,
		   "bun.lockb: not used, package-lock.json comes first; packageManager in package.json decides",
		   "bun.lock: not used, package-lock.json comes first; packageManager in package.json decides", NULL);
	finish();
	help_write("repo/web/package.json", "{\"packageManager\": \"pnpm\", \"scripts\": {\"dev\": \"x\"}}");
	expect_manager("repo/web", "pnpm", 0);
	help_write("repo/web/package.json", "{\"packageManager\": \"cnpm@1\", \"scripts\": {\"dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("repo/web"), 0);
	ck_assert_str_eq(report.warnings[0],
			 "package.json: packageManager cnpm@1 is not known, expected npm, pnpm, yarn or bun");
	finish();
}
END_TEST

START_TEST(plug_n_play_of_the_workspace_goes_through_yarn)
{
	help_write("repo/.git/HEAD", "");
	help_write("repo/yarn.lock", "");
	help_write("repo/.pnp.cjs", "");
	help_write("repo/web/package.json", "{\"scripts\": {\"dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("repo/web"), 0);
	help_lines(help_spec(&config, "dev")->argv, "yarn", "run", "dev", NULL);
	help_lines(help_spec(&config, "dev")->env, NULL);
	finish();
	help_write("repo/web/package.json", "{\"packageManager\": \"npm@10.1.0\", \"scripts\": {\"dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("repo/web"), 0);
	ck_assert_str_eq(help_spec(&config, "dev")->command, "x");
	finish();
}
END_TEST

/* A folder of programs, which becomes the PATH. Returns the folder, to be freed. */
static char *make_programs(void)
{
	char *folder = help_folder("programs");
	char path[5000];

	help_write("lib/npm/bin/npm-cli.js", "#!/usr/bin/env node\n");
	help_write("lib/npm/node_modules/node-gyp/bin/node-gyp.js", "");
	help_write("lib/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin/node-gyp", "");
	help_write("programs/node", "#!/bin/sh\n");
	help_write("programs/pnpm", "#!/bin/sh\n");
	ck_assert_int_eq(symlink("../lib/npm/bin/npm-cli.js", help_path("programs/npm")), 0);
	ck_assert_int_eq(chmod(help_path("lib/npm/bin/npm-cli.js"), 0755), 0);
	ck_assert_int_eq(chmod(help_path("programs/node"), 0755), 0);
	ck_assert_int_eq(chmod(help_path("programs/pnpm"), 0755), 0);
	snprintf(path, sizeof path, "relative::/nowhere:%s:/bin", folder);
	setenv("PATH", path, 1);
	return folder;
}

/* The variable is PREFIX and then SUFFIX. */
static void expect_variable(const char *key, const char *prefix, const char *suffix)
{
	const char *value = env_get(help_spec(&config, "dev")->env, key);
	char expected[9000];

	snprintf(expected, sizeof expected, "%s%s", prefix, suffix);
	ck_assert_msg(value != NULL, "%s is not set", key);
	ck_assert_str_eq(value, expected);
}

static void expect_unset(const char *key)
{
	ck_assert_ptr_null(env_get(help_spec(&config, "dev")->env, key));
}

START_TEST(scripts_find_the_variables_that_npm_gives)
{
	char *programs = make_programs(), *dir, *top = help_folder("");

	help_write("app/package.json",
		   "{\"name\": \"@acme/app\", \"version\": \"1.2.3\", \"scripts\": {\"dev\": \"vite\"}}");
	dir = help_folder("app");
	ck_assert_int_eq(help_discover("app"), 0);
	expect_variable("npm_lifecycle_event", "dev", "");
	expect_variable("npm_lifecycle_script", "vite", "");
	expect_variable("npm_command", "run-script", "");
	expect_variable("npm_package_name", "@acme/app", "");
	expect_variable("npm_package_version", "1.2.3", "");
	expect_variable("npm_package_json", dir, "/package.json");
	expect_variable("npm_config_local_prefix", dir, "");
	expect_variable("INIT_CWD", dir, "");
	expect_variable("NODE", programs, "/node");
	expect_variable("npm_node_execpath", programs, "/node");
	expect_variable("npm_execpath", top, "/lib/npm/bin/npm-cli.js");
	expect_variable("npm_config_node_gyp", top, "/lib/npm/node_modules/node-gyp/bin/node-gyp.js");
	ck_assert_int_eq(
		strncmp(env_get(help_spec(&config, "dev")->env, "npm_config_user_agent"), "npm/? node/? linux ", 19),
		0);
	finish();
	free(programs);
	free(dir);
	free(top);
}
END_TEST

START_TEST(every_bin_folder_upwards_is_in_front_of_path)
{
	char *programs = make_programs(), *dir = help_folder("a/b");
	char *path, *rest, expected[5000];
	int length;

	help_write("a/b/package.json", "{\"scripts\": {\"dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("a/b"), 0);
	path = strdup(env_get(help_spec(&config, "dev")->env, "PATH"));
	rest = path;
	for (length = (int)strlen(dir); length >= 0; length--) {
		if (length > 0 && dir[length] != '/' && dir[length] != '\0')
			continue;
		snprintf(expected, sizeof expected, "%.*s/node_modules/.bin", length, dir);
		ck_assert_str_eq(strsep(&rest, ":"), expected);
	}
	ck_assert_ptr_nonnull(strstr(strsep(&rest, ":"), "/run-script/lib/node-gyp-bin"));
	ck_assert_str_eq(rest, getenv("PATH"));
	free(path);
	free(dir);
	free(programs);
	finish();
}
END_TEST

START_TEST(what_cannot_be_found_is_left_out)
{
	help_write("app/package.json", "{\"scripts\": {\"dev\": \"x\"}}");
	setenv("PATH", "/nowhere", 1);
	ck_assert_int_eq(help_discover("app"), 0);
	expect_unset("NODE");
	expect_unset("npm_execpath");
	expect_unset("npm_config_node_gyp");
	expect_unset("npm_package_name");
	finish();
}
END_TEST

START_TEST(the_manager_shows_in_its_variables)
{
	char *programs = make_programs();

	help_write("app/package.json",
		   "{\"packageManager\": \"pnpm@9.1.0+sha512.abc\", \"scripts\": {\"dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("app"), 0);
	expect_variable("npm_execpath", programs, "/pnpm");
	expect_unset("npm_config_node_gyp");
	ck_assert_int_eq(strncmp(env_get(help_spec(&config, "dev")->env, "npm_config_user_agent"),
				 "pnpm/9.1.0 npm/? node/? linux ", 30),
			 0);
	finish();
	free(programs);
}
END_TEST

START_TEST(the_packages_config_is_in_the_environment)
{
	help_write("app/package.json",
		   "{\"engines\": {\"node\": \">=18\"}, \"config\": {\"port\": 8080, \"a\": {\"b\": true, \"c\": null, "
		   "\"d\": [1, \"x\", false]}, \"f\": 1.50, \"tenth\": 0.1, \"big\": 1e21, \"g-h\": \"dash\", "
		   "\"x=y\": \"no\", \"large\": 12345678901}, \"scripts\": {\"dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("app"), 0);
	expect_variable("npm_package_engines_node", ">=18", "");
	expect_variable("npm_package_config_port", "8080", "");
	expect_variable("npm_package_config_a_b", "true", "");
	expect_variable("npm_package_config_a_c", "", "");
	expect_variable("npm_package_config_a_d_0", "1", "");
	expect_variable("npm_package_config_a_d_1", "x", "");
	expect_variable("npm_package_config_a_d_2", "", "");
	expect_variable("npm_package_config_f", "1.5", "");
	expect_variable("npm_package_config_tenth", "0.1", "");
	expect_variable("npm_package_config_big", "1e+21", "");
	expect_variable("npm_package_config_g-h", "dash", "");
	expect_variable("npm_package_config_large", "12345678901", "");
	expect_unset("npm_package_config_x");
	help_lines(report.warnings, NULL);
	finish();
}
END_TEST

START_TEST(a_config_that_is_too_large_is_left_out)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	fprintf(out, "{\"config\": {\"small\": 1, \"huge\": \"%020000d\"}, \"scripts\": {\"dev\": \"x\"}}", 0);
	fclose(out);
	help_write("app/package.json", bytes);
	free(bytes);
	ck_assert_int_eq(help_discover("app"), 0);
	expect_variable("npm_package_config_small", "1", "");
	expect_unset("npm_package_config_huge");
	help_lines(report.warnings,
		   "package.json: config is left out of the environment in part, expected less than 16384 bytes", NULL);
	finish();
	help_write("app/package.json", "{\"config\": [[[[[[[[[[1]]]]]]]]]], \"scripts\": {\"dev\": \"x\"}}");
	ck_assert_int_eq(help_discover("app"), 0);
	ck_assert_uint_eq(list_length(report.warnings), 1);
	finish();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("npm_env");
	TCase *tcase = tcase_create("npm_env");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, the_nearest_lock_file_names_the_manager);
	tcase_add_test(tcase, plug_n_play_of_the_workspace_goes_through_yarn);
	tcase_add_test(tcase, scripts_find_the_variables_that_npm_gives);
	tcase_add_test(tcase, every_bin_folder_upwards_is_in_front_of_path);
	tcase_add_test(tcase, what_cannot_be_found_is_left_out);
	tcase_add_test(tcase, the_manager_shows_in_its_variables);
	tcase_add_test(tcase, the_packages_config_is_in_the_environment);
	tcase_add_test(tcase, a_config_that_is_too_large_is_left_out);
	suite_add_tcase(suite, tcase);
	return suite;
}
