/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/instance.h>

static struct brm_instance instance;

/* Make a directory in the test's own, and the instance of it. */
static void of_new_dir(const char *name)
{
	ck_assert_int_eq(mkdir(test_path(name), 0700), 0);
	ck_assert_int_eq(brm_instance_of_dir(test_path(name), &instance), 0);
}

START_TEST(a_name_is_the_basename_and_a_hash_of_the_path)
{
	struct brm_instance again;
	char link[PATH_MAX];

	of_new_dir("my shop");
	snprintf(link, sizeof link, "%s", test_path("link"));
	ck_assert_int_eq(strncmp(instance.name, "my_shop-", 8), 0);
	ck_assert_uint_eq(strlen(instance.name), 16);
	ck_assert_uint_eq(strspn(instance.name + 8, "0123456789abcdef"), 8);
	ck_assert_int_eq(symlink("my shop", link), 0);
	ck_assert_int_eq(brm_instance_of_dir(link, &again), 0);
	ck_assert_mem_eq(&instance, &again, sizeof again);
	ck_assert_int_eq(brm_instance_of_dir("/usr", &again), 0);
	ck_assert_str_eq(again.name, "usr-8e2efa7c");
}
END_TEST

START_TEST(a_long_basename_is_cut)
{
	char name[129];

	memset(name, 'x', 128);
	name[128] = '\0';
	unsetenv("XDG_RUNTIME_DIR"); /* its path may be too long for a socket of that name */
	of_new_dir(name);
	ck_assert_uint_eq(strlen(instance.name), 64 + 9);
}
END_TEST

START_TEST(places_follow_from_the_name)
{
	char wanted[PATH_MAX];

	ck_assert_int_eq(brm_instance_of_name("shop-12345678", &instance), 0);
	snprintf(wanted, sizeof wanted, "/brummer.%u.shop-12345678", (unsigned)geteuid());
	ck_assert_str_eq(instance.region, wanted);
	snprintf(wanted, sizeof wanted, "%s/brummer/shop-12345678/control", getenv("XDG_RUNTIME_DIR"));
	ck_assert_str_eq(instance.control, wanted);
	snprintf(wanted, sizeof wanted, "%s/brummer/shop-12345678/lock", getenv("XDG_RUNTIME_DIR"));
	ck_assert_str_eq(instance.lock, wanted);
	snprintf(wanted, sizeof wanted, "%s/brummer/shop-12345678", getenv("XDG_STATE_HOME"));
	ck_assert_str_eq(instance.state_dir, wanted);
	ck_assert_str_eq(instance.dir, "");
	unsetenv("XDG_STATE_HOME");
	ck_assert_int_eq(brm_instance_of_name("shop-12345678", &instance), 0);
	snprintf(wanted, sizeof wanted, "%s/.local/state/brummer/shop-12345678", getenv("HOME"));
	ck_assert_str_eq(instance.state_dir, wanted);
}
END_TEST

START_TEST(a_runtime_directory_that_others_can_enter_is_not_used)
{
	ck_assert_int_eq(chmod(getenv("XDG_RUNTIME_DIR"), 0755), 0);
	ck_assert_int_eq(brm_instance_of_name("x", &instance), 0);
	ck_assert_int_ne(strncmp(instance.runtime_dir, test_dir(), strlen(test_dir())), 0);
	ck_assert_int_eq(chmod(getenv("XDG_RUNTIME_DIR"), 0700), 0);
}
END_TEST

START_TEST(names_that_are_none_are_refused)
{
	static const char *const wrong[] = {"", ".", "..", "a/b", "a b", "\xc3\xa9", "a~b"};
	char long_name[BRM_INSTANCE_MAX + 1];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_int_eq(brm_instance_of_name(wrong[i], &instance), -EINVAL);
	memset(long_name, 'a', BRM_INSTANCE_MAX);
	long_name[BRM_INSTANCE_MAX] = '\0';
	ck_assert_int_eq(brm_instance_of_name(long_name, &instance), -EINVAL);
	ck_assert_int_eq(brm_instance_of_dir(test_path("missing"), &instance), -ENOENT);
	ck_assert_int_eq(brm_instance_of_dir("/dev/null", &instance), -ENOTDIR);
}
END_TEST

START_TEST(places_that_do_not_fit_are_refused)
{
	char path[4000];

	snprintf(path, sizeof path, "%s/run/%0100d", test_dir(), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	setenv("XDG_RUNTIME_DIR", path, 1);
	ck_assert_int_eq(brm_instance_of_name("x", &instance), -ENAMETOOLONG);
}
END_TEST

START_TEST(places_are_made_and_ours_alone)
{
	struct stat st;

	ck_assert_int_eq(brm_instance_of_name("made", &instance), 0);
	ck_assert_int_eq(brm_instance_make_places(&instance), 0);
	ck_assert_int_eq(brm_instance_make_places(&instance), 0);
	ck_assert_int_eq(stat(instance.runtime_dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(stat(instance.state_dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(chmod(instance.state_dir, 0770), 0);
	ck_assert_int_eq(brm_instance_make_places(&instance), -EPERM);
	ck_assert_int_eq(rmdir(instance.state_dir), 0);
	ck_assert_int_eq(symlink("/tmp", instance.state_dir), 0);
	ck_assert_int_eq(brm_instance_make_places(&instance), -EPERM);
}
END_TEST

struct found {
	char names[8][BRM_INSTANCE_MAX];
	int count;
};

static int collect(const char *name, const char *region, void *arg)
{
	struct found *found = arg;

	if (strstr(region, "/brummer.") && strncmp(name, "test-", 5) == 0 && strstr(name, "-each") && found->count < 8)
		snprintf(found->names[found->count++], BRM_INSTANCE_MAX, "%s", name);
	return 0;
}

static int stop_at_once(const char *name, const char *region, void *arg)
{
	(void)name, (void)region, (void)arg;
	return 7;
}

static void make_object(const char *stem)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "/dev/shm%s", test_region(stem));
	fd = open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

START_TEST(regions_of_this_user_are_listed_in_order)
{
	struct found found = {.count = 0};

	make_object("each-b");
	make_object("each-a");
	make_object("each-a~0123456789abcdef"); /* being made */
	ck_assert_int_eq(brm_instance_each(collect, &found), 0);
	ck_assert_int_eq(found.count, 2);
	ck_assert_str_eq(strstr(found.names[0], "each"), "each-a");
	ck_assert_str_eq(strstr(found.names[1], "each"), "each-b");
	ck_assert_int_eq(brm_instance_each(stop_at_once, NULL), 7);
}
END_TEST

START_TEST(process_names_become_one_path_component)
{
	static const char *const pairs[][2] = {
		{"web", "web"},   {".hidden", "%2Ehidden"}, {"..", "%2E."},
		{"a/b", "a%2Fb"}, {"100%", "100%25"},       {"\xc3\xa9", "%C3%A9"},
	};
	char out[NAME_MAX + 1];
	char name[128];

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		ck_assert_int_eq(brm_name_to_path(pairs[i][0], out), 0);
		ck_assert_str_eq(out, pairs[i][1]);
	}
	memset(name, '/', 86);
	name[86] = '\0';
	ck_assert_int_eq(brm_name_to_path(name, out), -ENAMETOOLONG);
	ck_assert_int_eq(brm_name_to_path(name + 1, out), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("instance");
	TCase *tcase = tcase_create("instance");

	tcase_add_test(tcase, a_name_is_the_basename_and_a_hash_of_the_path);
	tcase_add_test(tcase, a_long_basename_is_cut);
	tcase_add_test(tcase, places_follow_from_the_name);
	tcase_add_test(tcase, a_runtime_directory_that_others_can_enter_is_not_used);
	tcase_add_test(tcase, names_that_are_none_are_refused);
	tcase_add_test(tcase, places_that_do_not_fit_are_refused);
	tcase_add_test(tcase, places_are_made_and_ours_alone);
	tcase_add_test(tcase, regions_of_this_user_are_listed_in_order);
	tcase_add_test(tcase, process_names_become_one_path_component);
	suite_add_tcase(suite, tcase);
	return suite;
}
