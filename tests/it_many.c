/* SPDX-License-Identifier: MIT */
#include "tests/it_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Many processes under one supervisor, and more than there are descriptors for. */

#define MANY    600 /* more than a region has entries at first */
#define MORE    120 /* than FILES are enough for */
#define FILES   240
#define CLIENTS 6

/* A project of so many that sleep. */
static void configure(const char *name, int count)
{
	char *text = malloc((size_t)count * 32 + 1);
	int length = 0;

	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < count; i++)
		length += sprintf(text + length, "p%d: exec sleep 99972.1\n", i);
	it_project(name);
	it_write("Procfile", text);
	free(text);
}

static int count_of(enum brm_status status)
{
	struct brm_state state;
	int count = 0;

	ck_assert_int_ge(brm_reader_refresh(it.reader), 0);
	for (uint32_t i = 0; i < brm_reader_used(it.reader); i++)
		count += brm_reader_state(it.reader, i, &state) == 0 && brm_state_status(&state) == status;
	return count;
}

static bool all_run(void *arg)
{
	return count_of(BRM_RUNNING) == *(const int *)arg;
}

static bool all_are_decided(void *arg)
{
	return count_of(BRM_RUNNING) + count_of(BRM_FAILED) == *(const int *)arg;
}

START_TEST(many_run_and_are_stopped)
{
	int many = MANY;

	configure("many", MANY);
	it_up(NULL);
	it_until(all_run, &many);
	ck_assert_uint_ge(brm_reader_capacity(it.reader), MANY);
	ck_assert_int_eq(it_count("99972.1"), MANY);
	it_down();
	ck_assert_int_eq(it_count("99972.1"), 0);
}
END_TEST

static bool said_what_is_needed(void)
{
	char path[PATH_MAX + 32], line[512];
	bool said = false;
	FILE *log;

	snprintf(path, sizeof path, "%s/.brummerd.log", it.instance.state_dir);
	log = fopen(path, "r");
	while (log && !said && fgets(line, sizeof line, log))
		said = strstr(line, "the limit of open files is 240, and 120 processes need 1384: raise it") != NULL;
	if (log)
		fclose(log);
	return said;
}

/* There are descriptors for those who come now. */
static void assert_clients_are_heard(void)
{
	struct client *clients[CLIENTS];

	for (int i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(client_open(&it.instance, BRM_BY_CLI, &clients[i]), 0);
	for (int i = 0; i < CLIENTS; i++)
		client_close(clients[i]);
}

START_TEST(what_there_are_no_descriptors_for_has_failed)
{
	struct rlimit files = {.rlim_cur = FILES, .rlim_max = FILES};
	struct brm_state state;
	int more = MORE, running;
	char name[16];

	configure("more", MORE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0); /* of this test's own process */
	it_up(NULL);
	it_until(all_are_decided, &more);
	running = count_of(BRM_RUNNING);
	ck_assert_int_ge(running, 40);
	ck_assert_int_lt(running, MORE);
	snprintf(name, sizeof name, "p%d", MORE - 1);
	state = it_state(name);
	ck_assert_int_eq(brm_state_status(&state), BRM_FAILED);
	ck_assert_msg(strstr(state.reason, "cannot make pipes"), "reason: %s", state.reason);
	ck_assert(said_what_is_needed());
	assert_clients_are_heard();
	it_do(BRM_STOP, "p0"); /* there are enough to be asked, and to take its place */
	it_await("p0", BRM_STOPPED);
	it_do(BRM_START, name);
	it_await(name, BRM_RUNNING);
	ck_assert_int_eq(count_of(BRM_RUNNING), running);
	it_down();
	ck_assert_int_eq(it_count("99972.1"), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("many");
	TCase *many = tcase_create("many");

	tcase_set_timeout(many, 120);
	tcase_add_unchecked_fixture(many, NULL, it_sweep);
	tcase_add_test(many, many_run_and_are_stopped);
	tcase_add_test(many, what_there_are_no_descriptors_for_has_failed);
	suite_add_tcase(suite, many);
	return suite;
}
