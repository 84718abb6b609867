/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libshm/index.h"
#include "libshm/reading.h"
#include "libshm/writing.h"
#include "tests/shm_help.h"

#define CELL_WORDS 2

static struct brm_writer *writer;
static struct brm_reader *reader;

static void setup(void)
{
	writer = shm_writer("index", (struct brm_writer_options){.rest_ms = BRM_NO_REST});
	reader = shm_reader("index");
}

static void teardown(void)
{
	brm_reader_close(reader);
	brm_writer_close(writer);
}

/* Add one; if the arena is full, in a new region. */
static uint32_t add(const char *name)
{
	struct brm_state state = {.head = BRM_PENDING};
	uint32_t entry;
	int rc;

	while ((rc = brm_writer_add(writer, &(struct brm_identity){.name = name}, &state, &entry)) == -BRM_EARENA) {
		ck_assert_int_eq(brm_writer_supersede(writer, 0), 0);
		ck_assert_int_eq(brm_reader_refresh(reader), 1);
	}
	ck_assert_int_eq(rc, 0);
	return entry;
}

START_TEST(names_are_hashed_as_words_of_their_bytes)
{
	struct index_name name;
	char text[BRM_NAME_MAX + 1];
	uint64_t words[BRM_NAME_MAX / 8];

	ck_assert(!index_pack("", &name));
	for (size_t length = 1; length < BRM_NAME_MAX; length++) {
		memset(text, 0, sizeof text);
		for (size_t i = 0; i < length; i++)
			text[i] = (char)('!' + (i * 7 + length) % 90);
		memset(words, 0, sizeof words);
		memcpy(words, text, length);
		ck_assert(index_pack(text, &name));
		ck_assert_uint_eq(name.length, length);
		ck_assert_uint_eq(name.count, (length + 7) / 8);
		ck_assert_mem_eq(name.words, words, name.count * 8);
	}
	memset(text, 'x', sizeof text - 1);
	text[BRM_NAME_MAX] = '\0';
	ck_assert(!index_pack(text, &name));
}
END_TEST

START_TEST(every_name_is_found_and_no_other)
{
	struct brm_handle handle;
	char name[32];

	for (uint32_t i = 0; i < BRM_CAPACITY_FIRST; i++) {
		snprintf(name, sizeof name, "worker-%u", i);
		ck_assert_uint_eq(add(name), i);
	}
	for (uint32_t i = 0; i < BRM_CAPACITY_FIRST; i++) {
		snprintf(name, sizeof name, "worker-%u", i);
		ck_assert_int_eq(brm_reader_find(reader, name, &handle), 0);
		ck_assert_uint_eq(handle.entry, i);
		snprintf(name, sizeof name, "worker-%u", i + BRM_CAPACITY_FIRST);
		ck_assert_int_eq(brm_reader_find(reader, name, &handle), -ENOENT);
	}
	ck_assert_int_eq(brm_reader_find(reader, "", &handle), -ENOENT);
	ck_assert_int_eq(brm_reader_find(reader, "worker-1 ", &handle), -ENOENT);
}
END_TEST

/* The longest run of used cells in the table in use: what the longest miss has to walk. */
static size_t longest_run(void)
{
	const struct map *map = &reader->map;
	uint64_t generation = *map->at[LAYOUT_GENERATION].words;
	const _Atomic uint64_t *table = map->at[LAYOUT_INDEX].words + (generation & 1) * map->cells * CELL_WORDS;
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < 2 * map->cells; i++) {
		run = table[i % map->cells * CELL_WORDS] != 0 ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* As many insertions and deletions as a busy project makes in days. */
START_TEST(misses_stay_short_whatever_the_churn)
{
	static uint32_t entries[100];
	struct brm_handle handle;
	size_t worst = 0;
	char name[32];

	for (uint32_t i = 0; i < SHM_MANY(300000); i++) {
		uint32_t slot = i % 100;

		if (i >= 100)
			brm_writer_remove(writer, entries[slot]);
		snprintf(name, sizeof name, "job-%u", i);
		entries[slot] = add(name);
		if (i % 1000 == 0)
			worst = longest_run() > worst ? longest_run() : worst;
	}
	ck_assert_uint_lt(worst, 100);
	ck_assert_int_eq(brm_reader_find(reader, name, &handle), 0);
	snprintf(name, sizeof name, "job-%u", SHM_MANY(300000) - 101);
	ck_assert_int_eq(brm_reader_find(reader, name, &handle), -ENOENT);
}
END_TEST

START_TEST(one_name_that_comes_and_goes_takes_no_cells)
{
	for (int i = 0; i < 10000; i++)
		brm_writer_remove(writer, add("again"));
	ck_assert_uint_le(longest_run(), 2);
}
END_TEST

/* As if the reader had taken the key just before its process was freed. */
START_TEST(a_key_whose_process_is_gone_is_not_believed)
{
	struct index_name name;
	struct brm_handle handle;
	_Atomic uint64_t *cell;
	uint64_t key;

	ck_assert(index_pack("web", &name));
	cell = &writer->table->map.at[LAYOUT_INDEX].words[(name.hash & (reader->map.cells - 1)) * CELL_WORDS];
	add("web");
	key = *cell;
	ck_assert_uint_ne(key, 0);
	ck_assert_int_eq(brm_reader_find(reader, "web", &handle), 0);
	brm_writer_remove(writer, 0);
	*cell = key;
	ck_assert_int_eq(brm_reader_find(reader, "web", &handle), -ENOENT);
	add("api"); /* in its entry */
	ck_assert_int_eq(brm_reader_find(reader, "web", &handle), -ENOENT);
}
END_TEST

/* Some names stay, others come and go; what stays must be found at any moment, and always at its place. */
struct searcher {
	uint64_t found;
	uint64_t wrong;
	_Atomic bool stop;
};

static void *search(void *arg)
{
	struct searcher *searcher = arg;
	struct brm_reader *mine = shm_reader("index");
	char name[32];

	for (uint32_t i = 0; !atomic_load(&searcher->stop); i = (i + 1) % 64) {
		struct brm_handle handle;
		int rc;

		snprintf(name, sizeof name, "stays-%u", i);
		rc = brm_reader_find(mine, name, &handle);
		searcher->found += rc == 0;
		searcher->wrong += rc == -ENOENT || (rc == 0 && handle.entry != i);
		if (brm_reader_lifecycle(mine) == BRM_LIFE_SUPERSEDED)
			brm_reader_refresh(mine);
	}
	brm_reader_close(mine);
	return NULL;
}

START_TEST(what_stays_is_found_while_others_come_and_go)
{
	struct searcher searcher = {.found = 0};
	uint32_t entries[32];
	pthread_t thread;
	char name[32];

	for (uint32_t i = 0; i < 64; i++) {
		snprintf(name, sizeof name, "stays-%u", i);
		ck_assert_uint_eq(add(name), i);
	}
	pthread_create(&thread, NULL, search, &searcher);
	for (uint32_t i = 0; i < SHM_MANY(200000); i++) {
		if (i >= 32)
			brm_writer_remove(writer, entries[i % 32]);
		snprintf(name, sizeof name, "goes-%u", i);
		entries[i % 32] = add(name);
	}
	atomic_store(&searcher.stop, true);
	pthread_join(thread, NULL);
	ck_assert_uint_gt(searcher.found, 0);
	ck_assert_uint_eq(searcher.wrong, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("index");
	TCase *tcase = tcase_create("index");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, names_are_hashed_as_words_of_their_bytes);
	tcase_add_test(tcase, every_name_is_found_and_no_other);
	tcase_add_test(tcase, misses_stay_short_whatever_the_churn);
	tcase_add_test(tcase, one_name_that_comes_and_goes_takes_no_cells);
	tcase_add_test(tcase, a_key_whose_process_is_gone_is_not_believed);
	tcase_add_test(tcase, what_stays_is_found_while_others_come_and_go);
	suite_add_tcase(suite, tcase);
	return suite;
}
