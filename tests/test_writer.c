/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/shm_help.h"

static struct brm_writer *writer;
static struct brm_reader *reader;

static void begin(struct brm_writer_options options)
{
	writer = shm_writer("writer", options);
	reader = shm_reader("writer");
}

static void setup(void)
{
	begin((struct brm_writer_options){.capacity = 0});
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
}

START_TEST(what_is_published_is_read)
{
	struct brm_state state = {.head = BRM_PENDING};
	uint32_t entry = shm_add(writer, "web", BRM_PENDING);
	struct brm_state out, sealed;
	uint64_t number;

	shm_seal(&state, 5);
	state.head = brm_head_make(999, 77, BRM_RUNNING); /* version and tenant are not the caller's */
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
	ck_assert_int_eq(brm_reader_state(reader, entry, &out), 0);
	ck_assert(shm_is_sealed(&out, &number));
	ck_assert_uint_eq(number, 5);
	ck_assert_uint_eq(brm_head_version(out.head), 2);
	ck_assert_uint_eq(brm_head_tenant(out.head), 0);
	ck_assert_int_eq(brm_state_status(&out), BRM_RUNNING);
	ck_assert_uint_eq(out.epoch, 1);
	ck_assert_uint_eq(brm_reader_peek(reader, entry), out.head);
	sealed = shm_state(writer, entry);
	ck_assert_mem_eq(&sealed, &out, sizeof out);
}
END_TEST

START_TEST(wrong_entries_and_states_are_refused)
{
	uint32_t entry = shm_add(writer, "web", BRM_PENDING);
	struct brm_state state = {.head = BRM_RUNNING};
	uint32_t capacity = brm_writer_capacity(writer);

	ck_assert_int_eq(brm_writer_publish(writer, capacity, &state), -ERANGE);
	ck_assert_int_eq(brm_writer_publish(writer, entry + 1, &state), -ENOENT);
	state.head = BRM_ABSENT;
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), -EINVAL);
	ck_assert_int_eq(brm_writer_state(writer, capacity, &state), -ERANGE);
	ck_assert_int_eq(brm_writer_state(writer, entry + 1, &state), -ENOENT);
	ck_assert_int_eq(brm_reader_state(reader, capacity, &state), -ERANGE);
	ck_assert_int_eq(brm_reader_state(reader, entry + 1, &state), -ENOENT);
	ck_assert_uint_eq(brm_reader_peek(reader, capacity), 0);
}
END_TEST

START_TEST(names_are_unique_and_printable)
{
	static const char *const wrong[] = {"", "a\nb", "\x7f", "\xc2\x85", "\xff", "\xed\xa0\x80"};
	struct brm_state state = {.head = BRM_PENDING};
	char name[BRM_NAME_MAX + 1];
	uint32_t entry;

	shm_add(writer, "web", BRM_PENDING);
	ck_assert_int_eq(brm_writer_add(writer, &(struct brm_identity){.name = "web"}, &state, &entry), -EEXIST);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_int_eq(brm_writer_add(writer, &(struct brm_identity){.name = wrong[i]}, &state, &entry),
				 -EINVAL);
	ck_assert_int_eq(brm_writer_add(writer, &(struct brm_identity){.name = NULL}, &state, &entry), -EINVAL);
	memset(name, 'n', sizeof name - 1);
	name[BRM_NAME_MAX] = '\0';
	ck_assert_int_eq(brm_writer_add(writer, &(struct brm_identity){.name = name}, &state, &entry), -EINVAL);
	name[BRM_NAME_MAX - 1] = '\0';
	ck_assert_int_eq(brm_writer_add(writer, &(struct brm_identity){.name = name}, &state, &entry), 0);
}
END_TEST

START_TEST(a_freed_entry_is_no_longer_its_tenants)
{
	uint32_t entry = shm_add(writer, "web", BRM_RUNNING);
	struct brm_handle handle, next;
	struct brm_state state;

	ck_assert_int_eq(brm_reader_find(reader, "web", &handle), 0);
	ck_assert_int_eq(brm_reader_status(reader, handle), BRM_RUNNING);
	brm_writer_remove(writer, entry);
	brm_writer_remove(writer, entry);
	ck_assert_int_eq(brm_reader_status(reader, handle), BRM_ABSENT);
	ck_assert_int_eq(brm_reader_find(reader, "web", &next), -ENOENT);
	ck_assert_int_eq(brm_reader_state(reader, entry, &state), -ENOENT);
	ck_assert_uint_ne(shm_add(writer, "web", BRM_PENDING), entry); /* it rests */
	ck_assert_int_eq(brm_reader_status(reader, handle), BRM_ABSENT);
}
END_TEST

START_TEST(a_rested_entry_is_used_again_by_another_tenant)
{
	struct brm_handle handle;
	uint32_t entry;

	teardown();
	begin((struct brm_writer_options){.rest_ms = BRM_NO_REST});
	entry = shm_add(writer, "web", BRM_RUNNING);
	brm_writer_remove(writer, entry);
	ck_assert_uint_eq(shm_add(writer, "api", BRM_PENDING), entry);
	ck_assert_int_eq(brm_reader_find(reader, "api", &handle), 0);
	ck_assert_uint_eq(handle.entry, entry);
	ck_assert_uint_eq(handle.tenant, 1);
	ck_assert_uint_eq(brm_head_version(brm_reader_peek(reader, entry)), 3);
	ck_assert_int_eq(brm_reader_status(reader, (struct brm_handle){entry, 0}), BRM_ABSENT);
}
END_TEST

static void add_numbered(uint32_t count)
{
	char name[32];

	for (uint32_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "p%u", i);
		ck_assert_uint_eq(shm_add(writer, name, BRM_PENDING), i);
	}
}

START_TEST(a_full_region_says_so_and_grows)
{
	struct brm_state state = {.head = BRM_PENDING}, before, after;
	struct brm_identity identity = {.name = "one more"};
	struct brm_handle handle;
	uint32_t capacity = brm_writer_capacity(writer);
	uint32_t entry;

	add_numbered(capacity);
	shm_set(writer, 7, BRM_RUNNING);
	brm_writer_commit(writer);
	ck_assert_int_eq(brm_reader_state(reader, 7, &before), 0);
	ck_assert_int_eq(brm_writer_add(writer, &identity, &state, &entry), -BRM_ECAPACITY);
	ck_assert_int_eq(brm_writer_supersede(writer, 2 * capacity), 0);
	ck_assert_int_eq(brm_reader_lifecycle(reader), BRM_LIFE_SUPERSEDED);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_SUPERSEDED);
	ck_assert_int_eq(brm_reader_state(reader, 7, &after), 0); /* the old one stays readable */
	ck_assert_int_eq(brm_reader_refresh(reader), 1);
	ck_assert_int_eq(brm_reader_refresh(reader), 0);
	ck_assert_uint_eq(brm_reader_capacity(reader), 2 * capacity);
	ck_assert_int_eq(brm_reader_state(reader, 7, &after), 0);
	after.identity = before.identity;
	ck_assert_mem_eq(&before, &after, sizeof after);
	ck_assert_int_eq(brm_writer_add(writer, &identity, &state, &entry), 0);
	ck_assert_uint_eq(entry, capacity);
	ck_assert_int_eq(brm_reader_find(reader, "p200", &handle), 0);
	ck_assert_uint_eq(handle.entry, 200);
	ck_assert_uint_eq(brm_reader_info(reader)->generation, 2);
}
END_TEST

START_TEST(it_grows_to_65536_and_no_further)
{
	char name[32];
	struct brm_handle handle;

	add_numbered(10);
	ck_assert_int_eq(brm_writer_supersede(writer, BRM_CAPACITY_LAST + 1), -BRM_ECAPACITY);
	ck_assert_int_eq(brm_writer_supersede(writer, BRM_CAPACITY_LAST), 0);
	ck_assert_uint_eq(brm_writer_capacity(writer), BRM_CAPACITY_LAST);
	for (uint32_t i = 10; i < BRM_CAPACITY_LAST; i++) {
		snprintf(name, sizeof name, "p%u", i);
		ck_assert_uint_eq(shm_add(writer, name, BRM_PENDING), i);
	}
	brm_writer_commit(writer);
	ck_assert_int_eq(brm_reader_refresh(reader), 1);
	ck_assert_int_eq(brm_reader_find(reader, "p65535", &handle), 0);
	ck_assert_uint_eq(handle.entry, 65535);
	ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
	ck_assert_int_eq(brm_reader_refresh(reader), 1);
	ck_assert_int_eq(brm_reader_find(reader, "p4711", &handle), 0);
	ck_assert_uint_eq(handle.entry, 4711);
}
END_TEST

/* An identity that fills the arena within a few hundred adds. */
static int add_large(uint32_t i, uint32_t *entry)
{
	static char command[8000];
	struct brm_state state = {.head = BRM_PENDING};
	char name[32];

	memset(command, 'c', sizeof command - 1);
	snprintf(name, sizeof name, "large%u", i);
	return brm_writer_add(writer, &(struct brm_identity){.name = name, .command = command}, &state, entry);
}

START_TEST(a_full_arena_says_so_and_what_lives_is_carried_over)
{
	static unsigned char buf[BRM_IDENTITY_MAX];
	struct brm_identity identity;
	struct brm_handle handle;
	struct brm_state state;
	uint32_t entry, count = 0;
	int rc;

	while ((rc = add_large(count, &entry)) == 0) {
		if (count > 0)
			brm_writer_remove(writer, entry);
		count++;
	}
	ck_assert_int_eq(rc, -BRM_EARENA);
	ck_assert_uint_gt(count, 20);
	ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
	ck_assert_int_eq(add_large(count, &entry), 0);
	ck_assert_int_eq(brm_reader_refresh(reader), 1);
	ck_assert_int_eq(brm_reader_find(reader, "large0", &handle), 0);
	ck_assert_int_eq(brm_reader_state(reader, handle.entry, &state), 0);
	ck_assert_int_eq(brm_reader_identity(reader, &state, buf, sizeof buf, &identity), 0);
	ck_assert_str_eq(identity.name, "large0");
	ck_assert_uint_eq(strlen(identity.command), 7999);
}
END_TEST

START_TEST(an_arena_of_living_identities_grows_with_them)
{
	uint32_t entry;

	for (uint32_t i = 0; i < 200; i++)
		while (add_large(i, &entry) == -BRM_EARENA)
			ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
	ck_assert_uint_eq(brm_writer_capacity(writer), BRM_CAPACITY_FIRST);
}
END_TEST

START_TEST(details_are_read_back_and_carried_over)
{
	const struct brm_strings urls = {.first = "http://a/\0http://b/", .count = 2, .size = 20};
	const uint16_t ports[] = {80, 443, 3000};
	uint32_t entry = shm_add(writer, "web", BRM_RUNNING);
	struct brm_state state = shm_state(writer, entry);
	char buf[256], name[BRM_NAME_MAX];
	struct brm_strings out;
	uint16_t read[3];

	ck_assert_int_eq(brm_reader_urls(reader, &state, buf, sizeof buf, &out), 0);
	ck_assert_uint_eq(out.count, 0);
	ck_assert_uint_eq(brm_reader_ports(reader, &state, read, 3), 0);
	ck_assert_int_eq(brm_writer_urls(writer, &urls, &state.urls), 0);
	ck_assert_int_eq(brm_writer_ports(writer, ports, 3, &state.ports), 0);
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(brm_reader_state(reader, entry, &state), 0);
		ck_assert_int_eq(brm_reader_name(reader, &state, name), 0);
		ck_assert_str_eq(name, "web");
		ck_assert_int_eq(brm_reader_urls(reader, &state, buf, sizeof buf, &out), 0);
		ck_assert_uint_eq(out.count, 2);
		ck_assert_str_eq(brm_strings_next(&out, out.first), "http://b/");
		ck_assert_int_eq(brm_reader_urls(reader, &state, buf, 8, &out), -ENOSPC);
		ck_assert_uint_eq(brm_reader_ports(reader, &state, read, 2), 3);
		ck_assert_uint_eq(brm_reader_ports(reader, &state, read, 3), 3);
		ck_assert_mem_eq(read, ports, sizeof ports);
		ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
		ck_assert_int_eq(brm_reader_refresh(reader), 1);
	}
}
END_TEST

START_TEST(an_empty_batch_does_nothing)
{
	struct brm_cut cut;

	shm_add(writer, "web", BRM_PENDING);
	ck_assert_uint_eq(brm_reader_epoch(reader), 0);
	ck_assert_uint_eq(brm_reader_list(reader, NULL, NULL, 10, &cut), 0); /* not yet */
	brm_writer_commit(writer);
	brm_writer_commit(writer);
	ck_assert_uint_eq(brm_reader_epoch(reader), 1);
	ck_assert_uint_eq(brm_reader_list(reader, NULL, NULL, 10, &cut), 1);
	ck_assert(cut.consistent);
}
END_TEST

START_TEST(closing_leaves_nothing_behind)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof path, "/dev/shm%s", test_region("writer"));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_uint_eq((uint64_t)st.st_blocks * 512, (uint64_t)(st.st_size + 4095) / 4096 * 4096); /* no holes */
	brm_writer_closing(writer);
	ck_assert_int_eq(brm_reader_lifecycle(reader), BRM_LIFE_CLOSING);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_LIVE);
	brm_writer_close(writer);
	writer = NULL;
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_CLOSED);
	ck_assert_int_eq(stat(path, &st), -1);
	ck_assert_int_eq(brm_reader_refresh(reader), -ENOENT);
}
END_TEST

START_TEST(the_header_says_who_writes)
{
	const struct brm_info *info = brm_reader_info(reader);

	ck_assert_str_eq(info->name, "writer");
	ck_assert_str_eq(info->dir, "/project/writer");
	ck_assert_str_eq(info->control, "/run/writer/control");
	ck_assert_str_eq(info->state_dir, test_dir());
	ck_assert_str_eq(info->version, "test");
	ck_assert_int_eq(info->engine_pid, getpid());
	ck_assert_uint_eq(info->uid, geteuid());
	ck_assert_uint_eq(strlen(info->boot_id), 36);
	ck_assert_uint_ne(info->pid_namespace, 0);
	ck_assert_uint_ne(info->engine_start, 0);
	ck_assert_uint_ne(info->created_ns, 0);
	ck_assert_mem_eq(info, brm_writer_info(writer), sizeof *info);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("writer");
	TCase *tcase = tcase_create("writer");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_published_is_read);
	tcase_add_test(tcase, wrong_entries_and_states_are_refused);
	tcase_add_test(tcase, names_are_unique_and_printable);
	tcase_add_test(tcase, a_freed_entry_is_no_longer_its_tenants);
	tcase_add_test(tcase, a_rested_entry_is_used_again_by_another_tenant);
	tcase_add_test(tcase, a_full_region_says_so_and_grows);
	tcase_add_test(tcase, it_grows_to_65536_and_no_further);
	tcase_add_test(tcase, a_full_arena_says_so_and_what_lives_is_carried_over);
	tcase_add_test(tcase, an_arena_of_living_identities_grows_with_them);
	tcase_add_test(tcase, details_are_read_back_and_carried_over);
	tcase_add_test(tcase, an_empty_batch_does_nothing);
	tcase_add_test(tcase, closing_leaves_nothing_behind);
	tcase_add_test(tcase, the_header_says_who_writes);
	suite_add_tcase(suite, tcase);
	return suite;
}
