/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/depend.h"
#include "engine/publish.h"
#include "say.h"
#include "tests/check_main.h"

/* What a start waits for, and in which order things are stopped; the rest of the engine is played here. */

#define PROCESSES_MAX 8

static struct engine engine;
static struct process processes[PROCESSES_MAX];
static struct brm_state states[PROCESSES_MAX];
static size_t process_count;
static char stopped[64];

void process_feed(struct process *process, enum happening happening)
{
	const struct transition *cell = &transition[process->phase][happening];

	ck_assert_int_ne(cell->action, DO_IMPOSSIBLE);
	table_wait(&engine.table, process, cell->next == PHASE_WAITING);
	process->phase = cell->next;
}

void process_ask(struct process *process, enum happening happening, struct asker asker)
{
	enum action action = transition[process->phase][happening].action;

	(void)asker;
	process_feed(process, happening);
	if (action == DO_PREPARE)
		depend_start(process);
}

int process_create(struct engine *of, struct spec *spec, struct process **out)
{
	struct process *process = &processes[process_count];

	ck_assert_uint_lt(process_count, PROCESSES_MAX);
	*process = (struct process){.engine = of, .spec = spec, .entry = (uint32_t)process_count++};
	*out = process;
	return table_add(&of->table, process);
}

void process_lapse(struct process *process, enum lapse_then then, enum brm_reason code, const char *text)
{
	process->then = then;
	process->lapse = code;
	snprintf(process->lapse_text, sizeof process->lapse_text, "%s", text);
	process_feed(process, ON_LAPSE);
}

struct brm_state publish_state_of(const struct process *process)
{
	return states[process->entry];
}

void publish_state(struct process *process, const struct brm_state *next)
{
	states[process->entry] = *next;
}

void say(const char *format, ...)
{
	(void)format;
}

static struct process *add(const char *name)
{
	struct process *process;

	ck_assert_int_eq(process_create(&engine, spec_new(name), &process), 0);
	return process;
}

/* left depends on `name`. */
static void depend(struct process *process, const char *name, enum condition condition)
{
	struct spec *spec = process->spec;

	spec->depends_on = realloc(spec->depends_on, (spec->depends_count + 1) * sizeof *spec->depends_on);
	ck_assert_ptr_nonnull(spec->depends_on);
	spec->depends_on[spec->depends_count++] = (struct dependency){.name = strdup(name), .condition = condition};
}

static void setup(void)
{
	table_init(&engine.table);
	engine.config = (struct config){0};
	process_count = 0;
	memset(states, 0, sizeof states);
	stopped[0] = '\0';
}

static void teardown(void)
{
	for (size_t i = 0; i < process_count; i++) {
		table_remove(&engine.table, &processes[i]);
		spec_free(processes[i].spec);
	}
}

static void start(struct process *process)
{
	process_ask(process, ON_START, (struct asker){0});
	depend_settle(&engine);
}

START_TEST(a_start_starts_what_it_depends_on_and_waits_for_it)
{
	struct process *web = add("web"), *db = add("db");

	depend(web, "db", CONDITION_READY);
	start(web);
	ck_assert_int_eq(db->phase, PHASE_SPAWNING);
	ck_assert_int_eq(web->phase, PHASE_WAITING);
	ck_assert_str_eq(states[web->entry].reason, "waits for db to be ready");
	ck_assert_int_eq(states[web->entry].reason_code, BRM_REASON_DEPENDENCY);
	db->phase = PHASE_STARTING;
	depend_settle(&engine);
	ck_assert_int_eq(web->phase, PHASE_WAITING);
	db->phase = PHASE_RUNNING;
	depend_settle(&engine);
	ck_assert_int_eq(web->phase, PHASE_SPAWNING);
}
END_TEST

START_TEST(each_condition_is_met_by_its_own_phases)
{
	static const struct {
		enum condition condition;
		enum phase phase;
		bool met;
	} cases[] = {
		{CONDITION_STARTED, PHASE_WAITING, false}, {CONDITION_STARTED, PHASE_STARTING, true},
		{CONDITION_STARTED, PHASE_SUCCESS, true},  {CONDITION_STARTED, PHASE_FAILED, false},
		{CONDITION_READY, PHASE_STARTING, false},  {CONDITION_READY, PHASE_RUNNING, true},
		{CONDITION_READY, PHASE_SUCCESS, false},   {CONDITION_SUCCESS, PHASE_RUNNING, false},
		{CONDITION_SUCCESS, PHASE_SUCCESS, true},  {CONDITION_SUCCESS, PHASE_FAILED, false},
		{CONDITION_EXIT, PHASE_RUNNING, false},    {CONDITION_EXIT, PHASE_FAILED, true},
		{CONDITION_EXIT, PHASE_STOPPED, true},     {CONDITION_EXIT, PHASE_BACKOFF, false},
	};
	struct process *web = add("web"), *db = add("db");

	depend(web, "db", CONDITION_STARTED);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		web->spec->depends_on[0].condition = cases[i].condition;
		db->phase = cases[i].phase;
		ck_assert_msg(depend_met(web) == cases[i].met, "case %zu", i);
	}
}
END_TEST

START_TEST(a_dependency_that_failed_leaves_it_pending_with_the_reason)
{
	struct process *web = add("web"), *migrate = add("migrate");

	depend(web, "migrate", CONDITION_SUCCESS);
	start(web);
	migrate->phase = PHASE_FAILED;
	depend_settle(&engine);
	depend_settle(&engine);
	ck_assert_int_eq(web->phase, PHASE_WAITING);
	ck_assert_int_eq(migrate->phase, PHASE_FAILED);
	ck_assert_str_eq(states[web->entry].reason, "migrate failed");
}
END_TEST

START_TEST(a_dependency_that_was_never_started_is_made)
{
	struct spec *spec = spec_new("db"), *specs[] = {spec};
	struct process *web = add("web");

	engine.config = (struct config){.specs = specs, .count = 1};
	depend(web, "db", CONDITION_STARTED);
	start(web);
	ck_assert_ptr_nonnull(table_find(&engine.table, "db"));
	ck_assert_int_eq(web->phase, PHASE_WAITING);
	spec_free(spec);
}
END_TEST

START_TEST(an_unknown_dependency_is_waited_for_aloud)
{
	struct process *web = add("web");

	depend(web, "nobody", CONDITION_STARTED);
	start(web);
	ck_assert_int_eq(web->phase, PHASE_WAITING);
	ck_assert_str_eq(states[web->entry].reason, "there is no nobody");
}
END_TEST

START_TEST(a_circle_waits_and_does_not_hang)
{
	struct process *a = add("a"), *b = add("b");

	depend(a, "b", CONDITION_READY);
	depend(b, "a", CONDITION_READY);
	start(a);
	ck_assert_int_eq(a->phase, PHASE_WAITING);
	ck_assert_int_eq(b->phase, PHASE_WAITING);
}
END_TEST

static void stop(struct process *process)
{
	strcat(stopped, process->spec->name);
}

START_TEST(what_is_needed_is_stopped_last)
{
	struct process *db = add("d"), *api = add("a"), *web = add("w");

	depend(api, "d", CONDITION_READY);
	depend(web, "a", CONDITION_READY);
	db->phase = api->phase = web->phase = PHASE_RUNNING;
	depend_stop(&engine, stop);
	ck_assert_str_eq(stopped, "w");
	web->phase = PHASE_STOPPING;
	stopped[0] = '\0';
	depend_stop(&engine, stop);
	ck_assert_str_eq(stopped, "w");
	web->phase = PHASE_STOPPED;
	stopped[0] = '\0';
	depend_stop(&engine, stop);
	ck_assert_str_eq(stopped, "aw");
	api->phase = PHASE_STOPPED;
	stopped[0] = '\0';
	depend_stop(&engine, stop);
	ck_assert_str_eq(stopped, "daw");
}
END_TEST

START_TEST(a_circle_can_be_stopped)
{
	struct process *a = add("a"), *b = add("b");

	depend(a, "b", CONDITION_STARTED);
	depend(b, "a", CONDITION_STARTED);
	a->phase = b->phase = PHASE_RUNNING;
	depend_stop(&engine, stop);
	ck_assert_str_ne(stopped, "");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("depend");
	TCase *tcase = tcase_create("depend");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_start_starts_what_it_depends_on_and_waits_for_it);
	tcase_add_test(tcase, each_condition_is_met_by_its_own_phases);
	tcase_add_test(tcase, a_dependency_that_failed_leaves_it_pending_with_the_reason);
	tcase_add_test(tcase, a_dependency_that_was_never_started_is_made);
	tcase_add_test(tcase, an_unknown_dependency_is_waited_for_aloud);
	tcase_add_test(tcase, a_circle_waits_and_does_not_hang);
	tcase_add_test(tcase, what_is_needed_is_stopped_last);
	tcase_add_test(tcase, a_circle_can_be_stopped);
	suite_add_tcase(suite, tcase);
	return suite;
}
