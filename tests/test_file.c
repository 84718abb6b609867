/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/shm_help.h"

#define SKIPPED 77

/* A private /dev/shm of this size for this process; false where that is not allowed. */
static bool small_shm(const char *size)
{
	char options[64];

	snprintf(options, sizeof options, "mode=1777,size=%s", size);
	if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return mount("tmpfs", "/dev/shm", "tmpfs", 0, options) == 0;
}

static int check(bool condition, const char *what)
{
	if (!condition)
		fprintf(stderr, "# not so: %s\n", what);
	return condition ? 0 : 1;
}

/* In a child, as the file system is another: the number of promises broken. */
static int fill_shm(const char *stem)
{
	struct brm_writer_options options = {.instance = shm_instance(stem), .capacity = 4096};
	struct brm_writer *writer, *second = NULL;
	struct brm_reader *reader;
	struct brm_state state;
	uint32_t entry;
	int broken = 0;

	broken += check(brm_writer_create(&options, &second) == -ENOSPC && !second, "too large a region: ENOSPC");
	broken += check(access("/dev/shm", R_OK) == 0 && rmdir("/dev/shm/none") != 0, "the directory is there");
	options.capacity = 0;
	if (brm_writer_create(&options, &writer) != 0 || brm_reader_open(options.instance->region, &reader) != 0)
		return 100;
	entry = shm_add(writer, "web", BRM_RUNNING);
	brm_writer_commit(writer);
	broken += check(brm_writer_supersede(writer, 4096) == -ENOSPC, "growth is refused");
	broken += check(brm_writer_supersede(writer, 0) == -ENOSPC, "so is a second one beside it");
	broken += check(brm_writer_capacity(writer) == BRM_CAPACITY_FIRST, "the old region stays");
	broken += check(brm_reader_liveness(reader) == BRM_LIVE, "and is live");
	shm_set(writer, entry, BRM_STOPPED);
	brm_writer_commit(writer);
	broken += check(brm_reader_state(reader, entry, &state) == 0 && brm_state_status(&state) == BRM_STOPPED,
			"and goes on being written");
	brm_reader_close(reader);
	brm_writer_close(writer);
	return broken;
}

static void in_a_small_shm(const char *stem)
{
	shm_ready();
	_exit(small_shm("1500k") ? fill_shm(stem) : SKIPPED);
}

START_TEST(a_full_dev_shm_changes_nothing)
{
	int status = shm_wait_exit(shm_child(in_a_small_shm, "full"));

	if (status == SKIPPED)
		printf("# skipped: no mount namespaces here\n");
	else
		ck_assert_int_eq(status, 0);
}
END_TEST

static void squat(const char *region, const char *suffix, uid_t uid)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "/dev/shm%s%s", region, suffix);
	fd = open(path, O_CREAT | O_EXCL | O_RDWR, 0666);
	if (fd < 0 || fchown(fd, uid, uid) != 0)
		_exit(101);
	close(fd);
}

/* An alternative goes by the first name. */
static int count_squatted(const char *name, const char *region, void *arg)
{
	int *found = arg;

	*found += strcmp(name, "squatted") == 0 && strcmp(region, "/brummer.65533.squatted") == 0;
	return 0;
}

/* As a user whose name others sit on, in a private /dev/shm. */
static int evade(const struct brm_instance *instance)
{
	struct brm_writer_options options = {.instance = instance};
	struct brm_writer *writer;
	struct brm_reader *reader = NULL;
	int broken = 0, found = 0;

	broken += check(brm_reader_open(instance->region, &reader) == -BRM_EOWNER, "others' regions are not read");
	if (brm_writer_create(&options, &writer) != 0)
		return 102;
	if (brm_reader_open(instance->region, &reader) != 0)
		return 103;
	broken += check(brm_reader_liveness(reader) == BRM_LIVE, "the alternative is found");
	broken += check(brm_instance_each(count_squatted, &found) == 0 && found == 1, "and listed once");
	broken += check(brm_writer_supersede(writer, 0) == 0 && brm_reader_refresh(reader) == 1, "and followed");
	brm_writer_close(writer);
	broken += check(brm_reader_refresh(reader) == -BRM_EOWNER, "and removed");
	brm_reader_close(reader);
	return broken;
}

static void with_squatters(const char *stem)
{
	struct brm_instance instance = *shm_instance(stem);
	const uid_t uid = 65533;

	shm_ready();
	if (geteuid() != 0 || !small_shm("8m"))
		_exit(SKIPPED);
	snprintf(instance.region, sizeof instance.region, "/brummer.%u.squatted", (unsigned)uid);
	squat(instance.region, "", 65534);
	squat(instance.region, ".1", 65534);
	if (setgid(uid) != 0 || setuid(uid) != 0)
		_exit(104);
	_exit(evade(&instance));
}

START_TEST(a_squatted_name_has_alternatives_on_both_sides)
{
	int status = shm_wait_exit(shm_child(with_squatters, "squatted"));

	if (status == SKIPPED)
		printf("# skipped: needs root and mount namespaces\n");
	else
		ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(wrong_names_are_refused)
{
	struct brm_reader *reader = NULL;

	ck_assert_int_eq(brm_reader_open("no-slash", &reader), -EINVAL);
	ck_assert_int_eq(brm_reader_open("/a/b", &reader), -EINVAL);
	ck_assert_int_eq(brm_reader_open(test_region("missing"), &reader), -ENOENT);
	ck_assert_ptr_null(reader);
	ck_assert_str_eq(brm_strerror(-ENOENT), "no such file or directory");
	ck_assert_str_eq(brm_strerror(-EIO), "input/output error");
	for (int error = BRM_EFIRST; error < BRM_ELAST; error++)
		ck_assert_str_eq(brm_strerror(error), brm_strerror(-error));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("file");
	TCase *tcase = tcase_create("file");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, a_full_dev_shm_changes_nothing);
	tcase_add_test(tcase, a_squatted_name_has_alternatives_on_both_sides);
	tcase_add_test(tcase, wrong_names_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
