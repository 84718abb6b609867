/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keeper/inner.h"

/* What a keeper knows, over an exec: whole, or refused. */

static const char *const argv[] = {"/usr/sbin/brummerd", "--engine", "word", NULL};
static const struct keeper_options options = {.engine_argv = argv, .lock_fd = 7, .ready_fd = -1, .program_fd = -1};
static struct keeper before, after;

static void add_run(uint32_t serial, int32_t pid, int fd, const char *id)
{
	struct keeper_message message = {.op = KEEPER_HOLD, .serial = serial, .instance = 5};
	const int fds[KEEPER_FDS] = {fd, -1, fd, fd};

	strcpy(message.id, id);
	ck_assert_int_eq(store_hold(&before.store, &message, fds), 0);
	if (pid)
		ck_assert_int_eq(store_born(&before.store, serial, pid), 0);
}

/* A living run, one that was reaped, one whose descriptors were dropped, one that is not born. */
static int make_image(void)
{
	before.options = &options;
	before.engine = (struct engine){.pid = 100, .pidfd = 8, .socket = 9, .up = true, .started_ns = 11};
	before.nofile = (struct rlimit){1024, 4096};
	before.crashes = 2;
	before.pending_signal = 1;
	strcpy(before.suspects[3].id, "web");
	before.suspects[3].crashes = 2;
	add_run(21, 2001, 1021, "web#4");
	add_run(22, 2002, 1022, "job#1");
	add_run(23, 2003, 1023, "gone#1");
	add_run(24, 0, 1024, "new#1");
	store_reaped(&before.store, 2002);
	ck_assert_int_eq(store_drop(&before.store, 23), 0);
	return image_write(&before);
}

START_TEST(all_of_it_arrives)
{
	int image = make_image();
	const struct held *held;
	uint32_t place = 0, count = 0;

	ck_assert_int_ge(image, 0);
	ck_assert_int_eq(image_read(image, &after), 0);
	ck_assert_int_eq(after.engine.pid, 100);
	ck_assert_int_eq(after.engine.socket, 9);
	ck_assert(after.engine.up && after.ever_up);
	ck_assert_uint_eq(after.nofile.rlim_cur, 1024);
	ck_assert_int_eq(after.crashes, 2);
	ck_assert_int_eq(after.pending_signal, 1);
	ck_assert_int_eq(after.options->lock_fd, 7);
	ck_assert_str_eq(after.options->engine_argv[2], "word");
	ck_assert_ptr_null(after.options->engine_argv[3]);
	ck_assert_str_eq(after.suspects[3].id, "web");
	ck_assert_int_eq(after.suspects[3].crashes, 2);
	held = store_by_pid(&after.store, 2001);
	ck_assert_uint_eq(held->serial, 21);
	ck_assert_int_eq(held->fds[2], 1021);
	ck_assert_str_eq(held->id, "web#4");
	ck_assert_int_eq(store_by_serial(&after.store, 22)->pid, -1);
	ck_assert(store_by_serial(&after.store, 23)->dropped);
	ck_assert_int_eq(store_by_serial(&after.store, 24)->pid, 0);
	ck_assert_uint_eq(after.store.unborn, 1);
	while (store_next(&after.store, &place))
		count++;
	ck_assert_uint_eq(count, 4);
	close(image);
}
END_TEST

/* The bytes of an image, in a file that can be changed. */
static int copy_of(int image, size_t *size)
{
	char bytes[16384];
	ssize_t length = pread(image, bytes, sizeof bytes, 0);
	int fd = open(test_path("image"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_gt(length, 0);
	ck_assert_int_eq(write(fd, bytes, (size_t)length), length);
	*size = (size_t)length;
	return fd;
}

START_TEST(another_version_or_half_an_image_is_refused)
{
	uint32_t version = 99;
	size_t size;
	int image = make_image(), fd = copy_of(image, &size);

	for (size_t length = 0; length < size; length += 397) {
		memset(&after.store, 0, sizeof after.store);
		ck_assert_int_eq(ftruncate(fd, (off_t)length), 0);
		lseek(fd, 0, SEEK_SET);
		ck_assert_int_eq(image_read(fd, &after), -EPROTO);
		close(fd);
		fd = copy_of(image, &size);
	}
	ck_assert_int_eq(pwrite(fd, &version, sizeof version, 8), sizeof version);
	lseek(fd, 0, SEEK_SET);
	ck_assert_int_eq(image_read(fd, &after), -EPROTO);
	close(fd);
	close(image);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("image");
	TCase *tcase = tcase_create("image");

	tcase_add_test(tcase, all_of_it_arrives);
	tcase_add_test(tcase, another_version_or_half_an_image_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
