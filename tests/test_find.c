/* SPDX-License-Identifier: MIT */
#include "clients/common/find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/writer.h>

#include "tests/check_main.h"

static const struct where nowhere;
static char base[64];

/* A path below the directory of this one test; static storage. */
static const char *at(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", base, name);
	return test_path(path);
}

static void touch(const char *name)
{
	int fd = open(at(name), O_WRONLY | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void setup(void)
{
	static const char *const dirs[] = {"", "project", "project/app", "project/app/src", "project/app/src/deep"};

	static int number;

	snprintf(base, sizeof base, "case-%d-%d", (int)getpid(), number++);
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		ck_assert_int_eq(mkdir(at(dirs[i]), 0700), 0);
	unsetenv("BRUMMER_INSTANCE");
	unsetenv("BRUMMER_BINDIR");
	ck_assert_int_eq(chdir(at("project/app/src/deep")), 0);
}

/* Is the directory that is found the one of that name below the test's own? */
static void expect_dir(const char *name)
{
	struct brm_instance found;
	char real[PATH_MAX];

	ck_assert_int_eq(find_instance(&nowhere, &found), 0);
	ck_assert_ptr_nonnull(realpath(at(name), real));
	ck_assert_str_eq(found.dir, real);
}

START_TEST(here_when_nothing_is_above)
{
	expect_dir("project/app/src/deep");
}
END_TEST

START_TEST(the_nearest_configuration_counts)
{
	touch("project/Procfile");
	touch("project/app/Procfile");
	expect_dir("project/app");
}
END_TEST

START_TEST(a_configuration_above_goes_before_a_nearer_manifest)
{
	touch("project/app/package.json");
	expect_dir("project/app");
	touch("project/Procfile");
	expect_dir("project");
}
END_TEST

START_TEST(the_nearest_of_bare_manifests_counts)
{
	touch("project/package.json");
	touch("project/app/Makefile");
	expect_dir("project/app");
}
END_TEST

START_TEST(a_directory_of_that_name_is_no_configuration)
{
	ck_assert_int_eq(mkdir(at("project/app/Procfile"), 0700), 0);
	expect_dir("project/app/src/deep");
}
END_TEST

START_TEST(a_served_directory_counts_without_any_file)
{
	struct brm_writer_options options = {.version = "test"};
	struct brm_instance served;
	struct brm_writer *writer;

	touch("project/Procfile");
	ck_assert_int_eq(brm_instance_of_dir(at("project/app"), &served), 0);
	options.instance = &served;
	ck_assert_int_eq(brm_writer_create(&options, &writer), 0);
	expect_dir("project/app");
	brm_writer_close(writer);
	expect_dir("project");
}
END_TEST

START_TEST(a_configuration_of_another_user_is_refused)
{
	struct brm_instance found;

	touch("project/app/Procfile");
	if (chown(at("project/app/Procfile"), 12345, (gid_t)-1) != 0)
		return; /* only root can give files away */
	ck_assert_int_eq(find_instance(&nowhere, &found), -EPERM);
}
END_TEST

START_TEST(a_directory_that_is_named_goes_before_the_environment)
{
	struct where where = {.dir = at("project")};
	struct brm_instance found;
	char real[PATH_MAX];

	setenv("BRUMMER_INSTANCE", "other-12345678", 1);
	ck_assert_ptr_nonnull(realpath(where.dir, real));
	ck_assert_int_eq(find_instance(&where, &found), 0);
	ck_assert_str_eq(found.dir, real);
	ck_assert_int_eq(find_instance(&nowhere, &found), 0);
	ck_assert_str_eq(found.name, "other-12345678");
	where.instance = "third-12345678";
	ck_assert_int_eq(find_instance(&where, &found), 0);
	ck_assert_str_eq(found.name, "third-12345678");
	ck_assert_str_eq(found.dir, real);
	where.instance = "../x";
	ck_assert_int_eq(find_instance(&where, &found), -EINVAL);
}
END_TEST

START_TEST(an_instance_that_runs_knows_its_directory)
{
	struct brm_writer_options options = {.version = "test"};
	struct where where = {0};
	struct brm_instance served, found;
	struct brm_writer *writer;

	ck_assert_int_eq(brm_instance_of_dir(at("project/app"), &served), 0);
	options.instance = &served;
	ck_assert_int_eq(brm_writer_create(&options, &writer), 0);
	where.instance = served.name;
	ck_assert_int_eq(find_instance(&where, &found), 0);
	ck_assert_str_eq(found.dir, served.dir);
	brm_writer_close(writer);
}
END_TEST

static void make_program(const char *name)
{
	touch(name);
	ck_assert_int_eq(chmod(at(name), 0700), 0);
}

START_TEST(programs_are_found_where_they_are)
{
	char path[PATH_MAX], dir[PATH_MAX], list[2 * PATH_MAX];

	ck_assert_int_eq(find_program("brm-no-such-program", path, sizeof path), -ENOENT);
	make_program("project/brm-one");
	snprintf(dir, sizeof dir, "%s", at("project"));
	snprintf(list, sizeof list, "/nonexistent::%s", dir);
	setenv("PATH", list, 1);
	ck_assert_int_eq(find_program("brm-one", path, sizeof path), 0);
	ck_assert_str_eq(path, at("project/brm-one"));
	ck_assert_int_eq(find_program("brm-one", path, 8), -ENOENT);
	make_program("project/app/brm-one");
	setenv("BRUMMER_BINDIR", at("project/app"), 1);
	ck_assert_int_eq(find_program("brm-one", path, sizeof path), 0);
	ck_assert_str_eq(path, at("project/app/brm-one"));
}
END_TEST

START_TEST(what_cannot_be_executed_is_no_program)
{
	char path[PATH_MAX];

	touch("project/brm-two");
	ck_assert_int_eq(mkdir(at("project/app/brm-two"), 0700), 0);
	setenv("BRUMMER_BINDIR", at("project/app"), 1);
	setenv("PATH", at("project"), 1);
	ck_assert_int_eq(find_program("brm-two", path, sizeof path), -ENOENT);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("find");
	TCase *tcase = tcase_create("find");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, here_when_nothing_is_above);
	tcase_add_test(tcase, the_nearest_configuration_counts);
	tcase_add_test(tcase, a_configuration_above_goes_before_a_nearer_manifest);
	tcase_add_test(tcase, the_nearest_of_bare_manifests_counts);
	tcase_add_test(tcase, a_directory_of_that_name_is_no_configuration);
	tcase_add_test(tcase, a_served_directory_counts_without_any_file);
	tcase_add_test(tcase, a_configuration_of_another_user_is_refused);
	tcase_add_test(tcase, a_directory_that_is_named_goes_before_the_environment);
	tcase_add_test(tcase, an_instance_that_runs_knows_its_directory);
	tcase_add_test(tcase, programs_are_found_where_they_are);
	tcase_add_test(tcase, what_cannot_be_executed_is_no_program);
	suite_add_tcase(suite, tcase);
	return suite;
}
