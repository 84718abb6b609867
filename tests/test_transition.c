/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/transition.h"
#include "tests/check_main.h"

/* The table says what it should in every cell. */

static bool is_alive(enum phase phase)
{
	return brm_status_is_alive(phase_status(phase));
}

static bool is_finished(enum phase phase)
{
	return brm_status_is_finished(phase_status(phase));
}

START_TEST(every_cell_is_filled)
{
	for (int phase = 0; phase < PHASE_COUNT; phase++) {
		for (int happening = 0; happening < HAPPENING_COUNT; happening++) {
			const struct transition *cell = &transition[phase][happening];

			ck_assert_int_lt(cell->next, PHASE_COUNT);
			ck_assert_int_lt(cell->action, ACTION_COUNT);
			if (cell->action == DO_IMPOSSIBLE)
				ck_assert_int_eq((int)cell->next, phase);
			if (cell->action == DO_NOTHING && (int)cell->next != phase)
				ck_abort_msg("%s %s changes the phase and does nothing", phase_word((enum phase)phase),
					     happening_word((enum happening)happening));
		}
	}
}
END_TEST

START_TEST(people_can_ask_at_any_time)
{
	static const enum happening asked[] = {ON_START, ON_STOP, ON_KILL};

	for (int phase = 0; phase < PHASE_COUNT; phase++)
		for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
			ck_assert_int_ne(transition[phase][asked[i]].action, DO_IMPOSSIBLE);
}
END_TEST

/* Follow what happens to a process after a stop was asked for, whatever order the rest comes in. */
static void walk(enum phase phase, unsigned depth)
{
	if (is_finished(phase)) {
		ck_assert_int_eq(phase, PHASE_STOPPED);
		return;
	}
	if (depth == 0)
		return;
	for (int happening = 0; happening < HAPPENING_COUNT; happening++) {
		const struct transition *cell = &transition[phase][happening];

		if (cell->action != DO_IMPOSSIBLE)
			walk(cell->next, depth - 1);
	}
}

START_TEST(a_stop_ends_as_stopped_whatever_happens_then)
{
	for (int phase = 0; phase < PHASE_COUNT; phase++) {
		if (is_finished((enum phase)phase))
			continue;
		walk(transition[phase][ON_STOP].next, 6);
		walk(transition[phase][ON_KILL].next, 6);
	}
}
END_TEST

START_TEST(a_stop_of_a_finished_one_changes_nothing)
{
	for (int phase = PHASE_STOPPED; phase < PHASE_COUNT; phase++) {
		ck_assert_int_eq((int)transition[phase][ON_STOP].next, phase);
		ck_assert_int_eq(transition[phase][ON_STOP].action, DO_REST);
	}
}
END_TEST

START_TEST(a_start_never_makes_a_second_process)
{
	for (int phase = 0; phase < PHASE_COUNT; phase++) {
		enum action action = transition[phase][ON_START].action;

		ck_assert_int_ne(action, DO_SPAWN);
		if (is_alive((enum phase)phase) || phase == PHASE_SPAWNING || phase == PHASE_WAITING ||
		    phase == PHASE_CANCELLED)
			ck_assert_int_ne(action, DO_PREPARE);
		else
			ck_assert_int_eq(action, DO_PREPARE);
	}
}
END_TEST

START_TEST(an_end_is_noticed_wherever_a_leader_lives)
{
	for (int phase = 0; phase < PHASE_COUNT; phase++) {
		bool has_leader = is_alive((enum phase)phase) && phase != PHASE_CLEARING;

		if (phase == PHASE_VACATING) /* what is fed there is not its leader's end, but what follows from it */
			continue;
		for (int end = ON_EXIT_GOOD; end <= ON_EXIT_AGAIN; end++) {
			const struct transition *cell = &transition[phase][end];

			ck_assert_int_eq(cell->action == DO_IMPOSSIBLE, !has_leader);
			if (has_leader)
				ck_assert_int_ne((int)cell->next, phase);
		}
	}
}
END_TEST

START_TEST(no_phase_is_a_dead_end)
{
	for (int phase = 0; phase < PHASE_COUNT; phase++) {
		int ways = 0;

		for (int happening = 0; happening < HAPPENING_COUNT; happening++)
			ways += (int)transition[phase][happening].next != phase;
		ck_assert_msg(ways > 0, "there is no way out of %s", phase_word((enum phase)phase));
	}
}
END_TEST

START_TEST(the_picture_names_every_phase_and_happening)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	transition_print(out);
	fclose(out);
	for (int phase = 0; phase < PHASE_COUNT; phase++)
		ck_assert_ptr_nonnull(strstr(text, phase_word((enum phase)phase)));
	for (int happening = 0; happening < HAPPENING_COUNT; happening++)
		ck_assert_ptr_nonnull(strstr(text, happening_word((enum happening)happening)));
	for (int action = 0; action < DO_IMPOSSIBLE; action++)
		ck_assert_ptr_nonnull(strstr(text, action_word((enum action)action)));
	free(text);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("transition");
	TCase *tcase = tcase_create("table");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, every_cell_is_filled);
	tcase_add_test(tcase, people_can_ask_at_any_time);
	tcase_add_test(tcase, a_stop_ends_as_stopped_whatever_happens_then);
	tcase_add_test(tcase, a_stop_of_a_finished_one_changes_nothing);
	tcase_add_test(tcase, a_start_never_makes_a_second_process);
	tcase_add_test(tcase, an_end_is_noticed_wherever_a_leader_lives);
	tcase_add_test(tcase, no_phase_is_a_dead_end);
	tcase_add_test(tcase, the_picture_names_every_phase_and_happening);
	suite_add_tcase(suite, tcase);
	return suite;
}
