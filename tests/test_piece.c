/* SPDX-License-Identifier: MIT */
#include "clients/mcp/piece.h"

#include <stdlib.h>
#include <string.h>

#include <brummer/logs.h>

#include "tests/check_main.h"

#define SECOND UINT64_C(1000000000)

static struct snapshot snapshot;
static struct process process;
static struct piece piece;

static void setup(void)
{
	struct brm_now start = {.real_ns = 1000 * SECOND, .boot_ns = 100 * SECOND};
	struct brm_state state = {0};

	state = brm_state_with_run(&state, 42, 1, start);
	process = (struct process){.entry = 3, .state = brm_state_with_ready(&state, start)};
	process.state.head = brm_head_make(7, 1, BRM_RUNNING);
	process.identity =
		(struct brm_identity){.name = "web", .script = "dev", .command = "node", .dir = "/", .source = "x"};
	snapshot = (struct snapshot){.processes = &process, .count = 1, .now = {1001 * SECOND, 101 * SECOND}};
	piece = (struct piece){0};
}

static void teardown(void)
{
	piece_finish(&piece);
}

/* What is kept is what would be written anew. */
static void expect_fresh(const char *after)
{
	struct json fresh;
	char cell[1024];

	json_init(&fresh);
	fields_json_process(&fresh, &process, &snapshot);
	ck_assert_msg(strcmp(piece_object(&piece, &process, &snapshot)->bytes, json_text(&fresh)) == 0,
		      "after %s: %s instead of %s", after, piece.object.bytes, json_text(&fresh));
	json_finish(&fresh);
	for (size_t i = 0; i < field_count; i++) {
		if (!fields[i].column)
			continue;
		field_text(&fields[i], &process, &snapshot, cell, sizeof cell);
		ck_assert_msg(strstr(piece_row(&piece, &process, &snapshot)->bytes, cell), "after %s: no %s in %s",
			      after, cell, piece.row.bytes);
	}
}

START_TEST(what_is_kept_is_never_stale)
{
	expect_fresh("nothing");
	expect_fresh("nothing again");
	snapshot.now.boot_ns += 5000000;
	expect_fresh("5 ms");
	for (uint64_t ms = 1; ms < 20000; ms += ms < 1200 ? 1 : 997) {
		snapshot.now.boot_ns = process.state.start_boot_ns + ms * 1000000;
		expect_fresh("some more");
	}
	snapshot.now.boot_ns += 7000 * SECOND;
	expect_fresh("two hours");
	process.has_metrics = true;
	process.metrics = (struct brm_metrics){1, 1 << 20, 10, 1, 1, 1};
	expect_fresh("a sample");
	process.metrics = (struct brm_metrics){2, 2 << 20, 20, 2, 2, 2};
	expect_fresh("another sample");
	process.has_log = true;
	expect_fresh("a log");
	process.log.lines++;
	expect_fresh("a line");
	process.log.bytes[BRM_ERR] += 10;
	expect_fresh("a byte");
	process.log.lost_bytes++;
	expect_fresh("a lost byte");
	process.has_metrics = process.has_log = false;
	expect_fresh("less to know");
	process.state.restarts = 9;
	process.state.head = brm_head_make(8, 1, BRM_RUNNING);
	expect_fresh("a new version");
}
END_TEST

START_TEST(while_nothing_changes_nothing_is_written)
{
	const struct text *object = piece_object(&piece, &process, &snapshot);
	const struct text *row = piece_row(&piece, &process, &snapshot);

	object->bytes[1] = '!';
	row->bytes[0] = '!';
	snapshot.now.boot_ns += 100;
	ck_assert_int_eq(piece_object(&piece, &process, &snapshot)->bytes[1], '!');
	ck_assert_int_eq(piece_row(&piece, &process, &snapshot)->bytes[0], '!');
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("piece");
	TCase *tcase = tcase_create("pieces");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_kept_is_never_stale);
	tcase_add_test(tcase, while_nothing_changes_nothing_is_written);
	suite_add_tcase(suite, tcase);
	return suite;
}
