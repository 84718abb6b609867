/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "engine/publish.h"
#include "engine/select.h"
#include "tests/check_main.h"

/* What the names of a request mean. */

static struct engine engine;
static struct process processes[3];
static struct spec *specs[4];
static struct selection selection;

/* Every process is at its third run. */
struct brm_state publish_state_of(const struct process *process)
{
	(void)process;
	return (struct brm_state){.run = 3};
}

/* Processes web, api.1, api.2; the script `build` was never started. */
static void setup(void)
{
	static const char *const names[] = {"web", "api.1", "api.2", "build"};

	table_init(&engine.table);
	for (size_t i = 0; i < 4; i++) {
		specs[i] = spec_new(names[i]);
		ck_assert_ptr_nonnull(specs[i]);
		specs[i]->autostart = i == 0 || i == 3;
	}
	ck_assert_int_eq(list_append(&specs[0]->labels, "tier=front"), 0);
	for (size_t i = 0; i < 3; i++) {
		processes[i] = (struct process){.spec = specs[i]};
		ck_assert_int_eq(table_add(&engine.table, &processes[i]), 0);
	}
	engine.config = (struct config){.specs = specs, .count = 4};
	selection = (struct selection){0};
}

static void teardown(void)
{
	select_finish(&selection);
	for (size_t i = 0; i < 3; i++)
		table_remove(&engine.table, &processes[i]);
	for (size_t i = 0; i < 4; i++)
		spec_free(specs[i]);
}

/* The names that were chosen, with a blank after each. */
static const char *chosen(void)
{
	static char text[256];

	text[0] = '\0';
	for (size_t i = 0; i < selection.count; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", selection.list[i].spec->name);
	select_finish(&selection);
	return text;
}

START_TEST(elements_mean_what_they_should)
{
	static const struct {
		const char *element;
		bool scripts;
		enum brm_refusal refused;
		const char *names;
	} cases[] = {
		{"web", false, BRM_REFUSED_NOT, "web "},
		{"build", false, BRM_REFUSED_NOT, "build "},
		{"web#3", false, BRM_REFUSED_NOT, "web "},
		{"web#2", false, BRM_MOVED_ON, ""},
		{"web#", false, BRM_UNKNOWN, ""},
		{"web#3x", false, BRM_UNKNOWN, ""},
		{"build#1", false, BRM_UNKNOWN, ""},
		{"#3", false, BRM_UNKNOWN, ""},
		{"", false, BRM_UNKNOWN, ""},
		{"all", false, BRM_REFUSED_NOT, "web api.1 api.2 "},
		{"all", true, BRM_REFUSED_NOT, "web api.1 api.2 "},
		{"api.*", false, BRM_REFUSED_NOT, "api.1 api.2 "},
		{"*", false, BRM_REFUSED_NOT, "web api.1 api.2 "},
		{"*", true, BRM_REFUSED_NOT, "web api.1 api.2 build "},
		{"b*", false, BRM_UNKNOWN, ""},
		{"b*", true, BRM_REFUSED_NOT, "build "},
		{"[wx]eb", false, BRM_REFUSED_NOT, "web "},
		{"tier=front", false, BRM_REFUSED_NOT, "web "},
		{"tier=back", false, BRM_UNKNOWN, ""},
		{"wob", false, BRM_UNKNOWN, ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(select_add(&engine, &selection, cases[i].element, cases[i].scripts) == cases[i].refused,
			      "%s", cases[i].element);
		if (cases[i].refused)
			ck_assert_ptr_eq(selection.wrong, cases[i].element);
		ck_assert_str_eq(chosen(), cases[i].names);
	}
}
END_TEST

START_TEST(nothing_is_chosen_twice)
{
	static const char *const elements[] = {"api.2", "api.*", "all", "web#3", "web", "*", "build", "b*"};

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		ck_assert_int_eq(select_add(&engine, &selection, elements[i], true), BRM_REFUSED_NOT);
	ck_assert_str_eq(chosen(), "api.2 api.1 web build ");
}
END_TEST

START_TEST(what_starts_by_itself_is_chosen_together)
{
	ck_assert_int_eq(select_autostart(&engine, &selection), BRM_REFUSED_NOT);
	ck_assert_str_eq(chosen(), "web build ");
}
END_TEST

START_TEST(the_nearest_are_processes_and_scripts)
{
	const char *nearest[5];
	size_t count = select_nearest(&engine, "biuld", nearest, 5);

	ck_assert_uint_ge(count, 1);
	ck_assert_str_eq(nearest[0], "build");
	count = select_nearest(&engine, "wbe", nearest, 5);
	ck_assert_uint_ge(count, 1);
	ck_assert_str_eq(nearest[0], "web");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("selection");
	TCase *tcase = tcase_create("selection");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, elements_mean_what_they_should);
	tcase_add_test(tcase, nothing_is_chosen_twice);
	tcase_add_test(tcase, what_starts_by_itself_is_chosen_together);
	tcase_add_test(tcase, the_nearest_are_processes_and_scripts);
	suite_add_tcase(suite, tcase);
	return suite;
}
