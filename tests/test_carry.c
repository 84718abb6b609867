/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/latch.h"
#include "libshm/reading.h"
#include "tests/shm_help.h"

/* A supervisor is killed; the next one goes on from what it left. */
static struct brm_reader *dead;
static struct brm_writer *writer;
static struct brm_reader *reader;

static void add_details(struct brm_writer *mine, uint32_t entry)
{
	const struct brm_strings urls = {.first = "http://localhost:3000/", .count = 1, .size = 23};
	const uint16_t ports[] = {3000, 3001};
	struct brm_state state = shm_state(mine, entry);

	shm_seal(&state, 42);
	ck_assert_int_eq(brm_writer_urls(mine, &urls, &state.urls), 0);
	ck_assert_int_eq(brm_writer_ports(mine, ports, 2, &state.ports), 0);
	ck_assert_int_eq(brm_writer_publish(mine, entry, &state), 0);
	brm_writer_event(mine, &(struct brm_event){.entry = entry, .to = BRM_RUNNING, .identity = state.identity});
	brm_writer_metrics(mine, entry, &(struct brm_metrics){.time_ns = 1, .memory_bytes = 2});
	brm_writer_log_mark(mine, entry, &(struct brm_log_mark){.lines = 3, .bytes = {4, 5}, .lost_bytes = 6});
}

static void write_and_die(const char *stem)
{
	struct brm_writer *mine = shm_writer(stem, (struct brm_writer_options){.rest_ms = BRM_NO_REST, .tag = 99});

	shm_add(mine, "web", BRM_RUNNING);
	brm_writer_remove(mine, shm_add(mine, "gone", BRM_RUNNING));
	shm_add(mine, "api", BRM_STARTING); /* entry 1, tenant 1, version 3 */
	add_details(mine, 0);
	brm_writer_commit(mine);
	brm_writer_remove(mine, shm_add(mine, "late", BRM_RUNNING));
	shm_set(mine, 1, BRM_RUNNING); /* of a batch that is never closed */
	shm_ready();
	for (;;)
		pause();
}

static void setup(void)
{
	shm_kill(shm_child(write_and_die, "carry"));
	dead = shm_reader("carry");
	writer = NULL;
	reader = NULL;
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
	brm_reader_close(dead);
}

static void go_on(void)
{
	writer = shm_writer("carry", (struct brm_writer_options){.previous = dead});
	reader = shm_reader("carry");
}

START_TEST(states_and_versions_go_on)
{
	struct brm_state before, after;
	struct brm_handle handle;
	uint64_t number;

	ck_assert_int_eq(brm_reader_state(dead, 0, &before), 0);
	go_on();
	ck_assert_int_eq(brm_reader_state(reader, 0, &after), 0);
	ck_assert(shm_is_sealed(&after, &number));
	ck_assert_uint_eq(number, 42);
	ck_assert_uint_eq(after.head, before.head);
	ck_assert_int_eq(brm_reader_find(reader, "api", &handle), 0);
	ck_assert_uint_eq(handle.entry, 1);
	ck_assert_uint_eq(handle.tenant, 1);
	ck_assert_int_eq(brm_reader_status(reader, handle), BRM_RUNNING); /* also of the unfinished batch */
	ck_assert_uint_eq(brm_head_version(brm_reader_peek(reader, 1)), 4);
	ck_assert_int_eq(brm_reader_find(reader, "gone", &handle), -ENOENT);
	ck_assert_uint_eq(brm_reader_info(reader)->generation, 2);
	shm_set(writer, 1, BRM_STOPPING);
	ck_assert_uint_eq(brm_head_version(brm_reader_peek(reader, 1)), 5);
}
END_TEST

START_TEST(epochs_go_on_behind_the_unfinished_batch)
{
	uint64_t known = brm_reader_epoch(dead), next;
	uint32_t entries[8];
	struct brm_cut cut;

	ck_assert_uint_eq(known, 1);
	go_on();
	ck_assert_uint_eq(brm_reader_epoch(reader), 2);
	ck_assert_uint_eq(brm_reader_list(reader, NULL, NULL, 8, &cut), 2);
	ck_assert(cut.consistent);
	ck_assert_uint_ge(brm_reader_changed(reader, known, entries, 8, &next), 1);
	ck_assert_uint_eq(entries[0], 1);
	shm_set(writer, 0, BRM_STOPPING);
	brm_writer_commit(writer);
	ck_assert_uint_eq(brm_reader_changed(reader, next, entries, 8, &next), 1);
	ck_assert_uint_eq(entries[0], 0);
	ck_assert_uint_eq(next, 3);
}
END_TEST

START_TEST(details_go_on)
{
	struct brm_handle handle = {0, 0};
	struct brm_strings urls;
	struct brm_metrics metrics;
	struct brm_log_mark mark;
	struct brm_event event;
	struct brm_state state;
	char buf[128], name[BRM_NAME_MAX];
	uint64_t cursor = 0, missed;
	uint16_t ports[2];

	go_on();
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(brm_reader_state(reader, 0, &state), 0);
		ck_assert_int_eq(brm_reader_urls(reader, &state, buf, sizeof buf, &urls), 0);
		ck_assert_str_eq(urls.first, "http://localhost:3000/");
		ck_assert_uint_eq(brm_reader_ports(reader, &state, ports, 2), 2);
		ck_assert_int_eq(brm_reader_metrics(reader, handle, &metrics), 0);
		ck_assert_uint_eq(metrics.memory_bytes, 2);
		ck_assert_int_eq(brm_reader_log_mark(reader, handle, &mark), 0);
		ck_assert_uint_eq(mark.lost_bytes, 6);
		cursor = 0;
		ck_assert_uint_eq(brm_events_read(reader, &cursor, &event, 1, &missed), 1);
		ck_assert_int_eq(brm_event_name(reader, &event, name), 0);
		ck_assert_str_eq(name, "web");
		ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
		ck_assert_int_eq(brm_reader_refresh(reader), 1);
	}
	ck_assert_uint_eq(brm_writer_event(writer, &event), 2);
}
END_TEST

START_TEST(readers_of_the_dead_follow)
{
	ck_assert_int_eq(brm_reader_liveness(dead), BRM_DEAD);
	go_on();
	ck_assert_int_eq(brm_reader_liveness(dead), BRM_SUPERSEDED);
	ck_assert_int_eq(brm_reader_refresh(dead), 1);
	ck_assert_int_eq(brm_reader_liveness(dead), BRM_LIVE);
}
END_TEST

START_TEST(a_region_at_the_name_is_replaced_also_without_going_on)
{
	struct brm_cut cut;

	writer = shm_writer("carry", (struct brm_writer_options){.capacity = 1000});
	reader = shm_reader("carry");
	ck_assert_int_eq(brm_reader_liveness(dead), BRM_SUPERSEDED);
	ck_assert_uint_eq(brm_reader_list(reader, NULL, NULL, 8, &cut), 0);
	ck_assert_uint_eq(brm_reader_capacity(reader), 1024);
}
END_TEST

START_TEST(freed_entries_rest_before_they_are_used_again)
{
	go_on();
	/* 0 and 1 live, 2 was freed by the dead one */
	ck_assert_uint_eq(shm_add(writer, "next", BRM_PENDING), 3);
}
END_TEST

START_TEST(an_unlinked_region_is_published_anew)
{
	go_on();
	ck_assert_int_eq(shm_unlink(test_region("carry")), 0);
	ck_assert_int_eq(brm_reader_refresh(reader), -ENOENT);
	ck_assert_int_eq(brm_reader_liveness(reader), BRM_LIVE);
	ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
	ck_assert_int_eq(brm_reader_refresh(reader), 1);
	ck_assert_int_eq(brm_reader_status(reader, (struct brm_handle){1, 1}), BRM_RUNNING);
}
END_TEST

START_TEST(what_a_killed_writer_left_half_made_is_swept)
{
	char path[256];
	struct stat st;
	int fd;

	snprintf(path, sizeof path, "/dev/shm%s~0123456789abcdef", test_region("carry"));
	fd = open(path, O_CREAT | O_RDWR, 0600);
	close(fd);
	go_on();
	ck_assert_int_eq(stat(path, &st), -1);
}
END_TEST

/* A private copy of the dead region, of which every word may be anything. */
static struct brm_reader *damaged(const struct brm_reader *from, unsigned seed)
{
	size_t size = from->map.size;
	unsigned char *bytes = malloc(size);
	struct brm_reader *copy = NULL;
	char path[4200];
	FILE *file;

	memcpy(bytes, from->map.base, size);
	for (int i = 0; i < 40; i++) {
		enum layout_type type = (enum layout_type)(LAYOUT_LIFE + i % (LAYOUT_TYPES - LAYOUT_LIFE));
		size_t at = (size_t)((unsigned char *)from->map.at[type].words - from->map.base);

		seed = seed * 1664525 + 1013904223;
		bytes[at + (seed >> 9) % (type == LAYOUT_ARENA ? 256 : 64)] = (unsigned char)(seed >> 24);
	}
	snprintf(path, sizeof path, "%s", test_path("damaged"));
	unlink(path);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
	fclose(file);
	free(bytes);
	ck_assert_int_eq(chmod(path, 0600), 0);
	brm_reader_open_path(path, &copy);
	return copy;
}

static void use(struct brm_writer *mine)
{
	struct brm_identity identity = {.name = "a name of its own"};
	struct brm_state state = {.head = BRM_PENDING};
	struct brm_event event = {.entry = 0};
	uint32_t added;

	for (uint32_t entry = 0; entry < 3; entry++) {
		if (brm_writer_state(mine, entry, &state) != 0)
			continue;
		event.identity = state.identity;
		ck_assert_int_eq(brm_writer_publish(mine, entry, &state), 0);
		brm_writer_event(mine, &event);
		brm_writer_remove(mine, entry);
	}
	state.head = BRM_PENDING;
	while (brm_writer_add(mine, &identity, &state, &added) != 0) /* all entries may have been used */
		ck_assert_int_eq(brm_writer_supersede(mine, 2 * brm_writer_capacity(mine)), 0);
	brm_writer_commit(mine);
	ck_assert_int_eq(brm_writer_supersede(mine, 0), 0);
}

START_TEST(a_hostile_region_never_derails_the_next_writer)
{
	for (unsigned seed = 1; seed <= SHM_MANY(150); seed++) {
		struct brm_reader *previous = damaged(dead, seed);
		struct brm_writer *mine;

		if (!previous)
			continue;
		mine = shm_writer("hostile", (struct brm_writer_options){.previous = previous});
		use(mine);
		brm_writer_close(mine);
		brm_reader_close(previous);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("carry");
	TCase *tcase = tcase_create("carry");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, states_and_versions_go_on);
	tcase_add_test(tcase, epochs_go_on_behind_the_unfinished_batch);
	tcase_add_test(tcase, details_go_on);
	tcase_add_test(tcase, readers_of_the_dead_follow);
	tcase_add_test(tcase, a_region_at_the_name_is_replaced_also_without_going_on);
	tcase_add_test(tcase, freed_entries_rest_before_they_are_used_again);
	tcase_add_test(tcase, an_unlinked_region_is_published_anew);
	tcase_add_test(tcase, what_a_killed_writer_left_half_made_is_swept);
	tcase_add_test(tcase, a_hostile_region_never_derails_the_next_writer);
	suite_add_tcase(suite, tcase);
	return suite;
}
