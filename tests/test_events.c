/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <string.h>

#include <brummer/events.h>

#include "tests/shm_help.h"

#define READABLE (BRM_EVENTS_CAPACITY - 1) /* one place is always being written */

static struct brm_writer *writer;
static struct brm_reader *reader;
static uint32_t entry;
static struct brm_event events[2 * BRM_EVENTS_CAPACITY];

static void setup(void)
{
	writer = shm_writer("events", (struct brm_writer_options){.capacity = 0});
	reader = shm_reader("events");
	entry = shm_add(writer, "web", BRM_PENDING);
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
}

static void append(uint64_t count)
{
	struct brm_event event = {.entry = entry, .identity = shm_state(writer, entry).identity, .time_ns = 1};

	for (uint64_t i = 0; i < count; i++) {
		event.pid = (int32_t)i;
		brm_writer_event(writer, &event);
	}
}

START_TEST(events_are_read_in_their_order)
{
	uint64_t cursor = 0, missed = 9, first, end;
	struct brm_event event = {.entry = entry, .from = BRM_PENDING, .to = BRM_STARTING, .by_kind = BRM_BY_CLI};

	brm_events_range(reader, &first, &end);
	ck_assert_uint_eq(first, 1);
	ck_assert_uint_eq(end, 1);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 4, &missed), 0);
	ck_assert_uint_eq(cursor, 0);
	ck_assert_uint_eq(missed, 0);
	ck_assert_uint_eq(brm_writer_event(writer, &event), 1);
	event.from = BRM_STARTING;
	ck_assert_uint_eq(brm_writer_event(writer, &event), 2);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 1, &missed), 1);
	ck_assert_uint_eq(cursor, 2);
	ck_assert_uint_eq(events[0].seq, 1);
	ck_assert_uint_eq(events[0].to, BRM_STARTING);
	ck_assert_uint_ne(events[0].time_ns, 0);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 4, &missed), 1);
	ck_assert_uint_eq(events[0].from, BRM_STARTING);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 4, &missed), 0);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 0, &missed), 0);
}
END_TEST

START_TEST(what_was_overwritten_is_counted_exactly)
{
	uint64_t cursor = 0, missed, first, end;

	append(10);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 5, &missed), 5);
	append(BRM_EVENTS_CAPACITY);
	brm_events_range(reader, &first, &end);
	ck_assert_uint_eq(end, BRM_EVENTS_CAPACITY + 11);
	ck_assert_uint_eq(first, end - READABLE);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 3, &missed), 3);
	ck_assert_uint_eq(missed, first - 6);
	ck_assert_uint_eq(events[0].seq, first);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, BRM_EVENTS_CAPACITY, &missed), READABLE - 3);
	ck_assert_uint_eq(missed, 0);
	ck_assert_uint_eq(cursor, end);
	cursor = 0;
	brm_events_read(reader, &cursor, events, 1, &missed);
	ck_assert_uint_eq(missed, 0); /* nobody who begins has missed anything */
}
END_TEST

START_TEST(names_are_known_also_of_the_gone)
{
	char name[BRM_NAME_MAX];
	uint64_t cursor = 0, missed;
	struct brm_event supervisor = {.entry = UINT32_MAX};

	append(2);
	brm_writer_event(writer, &supervisor);
	brm_writer_remove(writer, entry);
	entry = shm_add(writer, "api", BRM_PENDING);
	append(1);
	for (int round = 0; round < 3; round++) {
		cursor = 0;
		ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 8, &missed), 4);
		ck_assert_int_eq(brm_event_name(reader, &events[1], name), 0);
		ck_assert_str_eq(name, "web");
		ck_assert_int_eq(brm_event_name(reader, &events[2], name), 0);
		ck_assert_str_eq(name, "");
		ck_assert_int_eq(brm_event_name(reader, &events[3], name), 0);
		ck_assert_str_eq(name, "api");
		ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
		ck_assert_int_eq(brm_reader_refresh(reader), 1);
	}
}
END_TEST

START_TEST(numbers_go_on_in_the_next_region)
{
	uint64_t cursor = 0, missed;

	append(BRM_EVENTS_CAPACITY + 100);
	ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
	ck_assert_int_eq(brm_reader_refresh(reader), 1);
	append(1);
	ck_assert_uint_eq(brm_events_read(reader, &cursor, events, 2 * BRM_EVENTS_CAPACITY, &missed), READABLE);
	ck_assert_uint_eq(events[READABLE - 1].seq, BRM_EVENTS_CAPACITY + 101);
	ck_assert_uint_eq(cursor, BRM_EVENTS_CAPACITY + 102);
}
END_TEST

static void append_for_ever(const char *stem)
{
	struct brm_writer *mine = shm_writer(stem, (struct brm_writer_options){.capacity = 0});

	for (uint64_t i = 1;; i++) {
		struct brm_event event = {.time_ns = i, .version = i * 3, .pid = (int32_t)i, .run = (uint32_t)i};

		brm_writer_event(mine, &event);
		if (i == 1)
			shm_ready();
	}
}

START_TEST(every_event_is_read_or_counted_under_a_writer)
{
	pid_t pid = shm_child(append_for_ever, "storm");
	struct brm_reader *storm = shm_reader("storm");
	uint64_t cursor = 1, sum = 0, overrun = 0;

	while (sum < SHM_MANY(200000) || overrun == 0) {
		uint64_t before = cursor, missed;
		size_t count = brm_events_read(storm, &cursor, events, 256, &missed);

		ck_assert_uint_eq(cursor, before + count + missed);
		for (size_t i = 0; i < count; i++) {
			uint64_t seq = before + missed + i;

			ck_assert_uint_eq(events[i].seq, seq);
			ck_assert_uint_eq(events[i].time_ns, seq);
			ck_assert_uint_eq(events[i].version, seq * 3);
			ck_assert_uint_eq(events[i].run, (uint32_t)seq);
		}
		sum += count;
		overrun += missed;
		if (sum > SHM_MANY(200000))
			shm_pause(); /* now let it get ahead */
	}
	shm_kill(pid);
	brm_reader_close(storm);
}
END_TEST

START_TEST(who_asked_has_a_word)
{
	ck_assert_str_eq(brm_by_word(BRM_BY_CLI), "brummer-cli");
	ck_assert_str_eq(brm_by_word((enum brm_by)99), "another program");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("events");
	TCase *tcase = tcase_create("events");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, events_are_read_in_their_order);
	tcase_add_test(tcase, what_was_overwritten_is_counted_exactly);
	tcase_add_test(tcase, names_are_known_also_of_the_gone);
	tcase_add_test(tcase, numbers_go_on_in_the_next_region);
	tcase_add_test(tcase, every_event_is_read_or_counted_under_a_writer);
	tcase_add_test(tcase, who_asked_has_a_word);
	suite_add_tcase(suite, tcase);
	return suite;
}
