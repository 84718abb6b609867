/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "engine/sameness.h"
#include "tests/check_main.h"

/* Every key of a spec counts when two are compared. */

static void compare(struct spec *changed, const struct spec *as_it_was, enum sameness expected)
{
	ck_assert_int_eq(spec_compare(as_it_was, changed), expected);
	ck_assert_int_eq(spec_compare(changed, as_it_was), expected);
	spec_free(changed);
}

#define CHANGE(change, expected)                   \
	do {                                       \
		struct spec *it = spec_copy(spec); \
		change;                            \
		compare(it, spec, expected);       \
	} while (0)

static struct spec *make(void)
{
	struct spec *spec = spec_new("web");

	ck_assert_ptr_nonnull(spec);
	ck_assert_int_eq(spec_set_command(spec, "true"), 0);
	free(spec->depends_on);
	spec->depends_on = calloc(1, sizeof *spec->depends_on);
	spec->depends_on[0].name = strdup("db");
	spec->depends_count = 1;
	return spec;
}

START_TEST(a_copy_is_the_same)
{
	struct spec *spec = make();

	CHANGE((void)it, SPECS_SAME);
	spec_free(spec);
}
END_TEST

START_TEST(what_a_run_is_born_with_takes_another_run)
{
	struct spec *spec = make();

	CHANGE(string_set(&it->command, "false"), SPECS_RUN_ELSE);
	CHANGE(list_append(&it->argv, "x"), SPECS_RUN_ELSE);
	CHANGE(list_append(&it->shell, "x"), SPECS_RUN_ELSE);
	CHANGE(string_set(&it->dir, "/tmp"), SPECS_RUN_ELSE);
	CHANGE(env_set(&it->env, "A", "b"), SPECS_RUN_ELSE);
	CHANGE(it->tty = true, SPECS_RUN_ELSE);
	CHANGE(it->stdin_kind = BRM_STDIN_PIPE, SPECS_RUN_ELSE);
	CHANGE(it->open_files = 5, SPECS_RUN_ELSE);
	CHANGE(string_set(&it->user, "nobody"), SPECS_RUN_ELSE);
	CHANGE(string_set(&it->group, "nogroup"), SPECS_RUN_ELSE);
	CHANGE(it->umask = 077, SPECS_RUN_ELSE);
	CHANGE(it->nice = 3, SPECS_RUN_ELSE);
	CHANGE(it->ready.kind = PROBE_NOTIFY, SPECS_RUN_ELSE);
	CHANGE(string_set(&it->depends_on[0].name, "x"), SPECS_RUN_ELSE);
	CHANGE(it->depends_on[0].condition = CONDITION_EXIT, SPECS_RUN_ELSE);
	CHANGE(it->depends_on[0].follow = true, SPECS_RUN_ELSE);
	spec_free(spec);
}
END_TEST

START_TEST(the_rest_is_taken_over_as_it_is)
{
	struct spec *spec = make();

	CHANGE(string_set(&it->script, "x"), SPECS_DIFFER);
	CHANGE(string_set(&it->source, "x"), SPECS_DIFFER);
	CHANGE(string_set(&it->manager, "x"), SPECS_DIFFER);
	CHANGE(list_append(&it->labels, "a=b"), SPECS_DIFFER);
	CHANGE(string_set(&it->family, "x"), SPECS_DIFFER);
	CHANGE(it->replica = 2, SPECS_DIFFER);
	CHANGE(it->autostart = !it->autostart, SPECS_DIFFER);
	CHANGE(it->essential = true, SPECS_DIFFER);
	CHANGE(it->ready.kind = PROBE_TCP, SPECS_DIFFER);
	CHANGE(it->alive.failures = 99, SPECS_DIFFER);
	CHANGE(it->alive.interval_ns = 1, SPECS_DIFFER);
	CHANGE(it->restart = RESTART_ALWAYS, SPECS_DIFFER);
	CHANGE(it->backoff_first_ns = 1, SPECS_DIFFER);
	CHANGE(it->backoff_last_ns = 1, SPECS_DIFFER);
	CHANGE(it->restart_limit = 77, SPECS_DIFFER);
	CHANGE(it->restart_window_ns = 1, SPECS_DIFFER);
	CHANGE(it->success_codes[3] = 1, SPECS_DIFFER);
	CHANGE(string_set(&it->schedule, "@daily"), SPECS_DIFFER);
	CHANGE(list_append(&it->watch_paths, "/x"), SPECS_DIFFER);
	CHANGE(list_append(&it->watch_ignore, "x"), SPECS_DIFFER);
	CHANGE(it->watch_debounce_ns = 1, SPECS_DIFFER);
	CHANGE(it->memory_limit_bytes = 1, SPECS_DIFFER);
	CHANGE(it->log_segment_bytes = 1, SPECS_DIFFER);
	CHANGE(it->log_keep = 9, SPECS_DIFFER);
	CHANGE(it->stop_signal = 2, SPECS_DIFFER);
	CHANGE(it->stop_grace_ns = 1, SPECS_DIFFER);
	CHANGE(string_set(&it->stop_command, "x"), SPECS_DIFFER);
	CHANGE(it->order = 9, SPECS_DIFFER);
	spec_free(spec);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("sameness");
	TCase *tcase = tcase_create("sameness");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_copy_is_the_same);
	tcase_add_test(tcase, what_a_run_is_born_with_takes_another_run);
	tcase_add_test(tcase, the_rest_is_taken_over_as_it_is);
	suite_add_tcase(suite, tcase);
	return suite;
}
