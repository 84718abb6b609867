/* SPDX-License-Identifier: MIT */
/*
 * it_readpath.c - both read paths say the same of every process, field by field, while states change
 */
#include <string.h>

#include "clients/common/client.h"
#include "clients/common/source.h"
#include "tests/check_main.h"
#include "tests/it_help.h"

#define ROUNDS 300

static struct source *shm, *rpc;
static struct snapshot read_from_shm, asked_by_rpc;

static bool same_strings(const struct brm_strings *a, const struct brm_strings *b)
{
	return a->count == b->count && a->size == b->size && (a->size == 0 || memcmp(a->first, b->first, a->size) == 0);
}

static void same_identity(const struct brm_identity *a, const struct brm_identity *b)
{
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->script, b->script);
	ck_assert_str_eq(a->command, b->command);
	ck_assert_str_eq(a->dir, b->dir);
	ck_assert_str_eq(a->source, b->source);
	ck_assert_str_eq(a->ready, b->ready);
	ck_assert(same_strings(&a->args, &b->args));
	ck_assert(same_strings(&a->env, &b->env));
	ck_assert(same_strings(&a->labels, &b->labels));
	ck_assert(same_strings(&a->depends_on, &b->depends_on));
	ck_assert_int_eq(a->stdin_kind, b->stdin_kind);
	ck_assert_int_eq(a->tty, b->tty);
}

static void same_process(const struct process *a, const struct process *b)
{
	ck_assert_uint_eq(a->entry, b->entry);
	ck_assert_mem_eq(&a->state, &b->state, sizeof a->state);
	same_identity(&a->identity, &b->identity);
	ck_assert(same_strings(&a->urls, &b->urls));
	ck_assert_uint_eq(a->port_count, b->port_count);
	ck_assert(a->port_count == 0 || memcmp(a->ports, b->ports, a->port_count * sizeof *a->ports) == 0);
}

/* Compare what both know at one version; returns how many processes were at the same one. */
static unsigned compare(void)
{
	unsigned same = 0;

	ck_assert_int_eq(source_snapshot(rpc, &asked_by_rpc), 0);
	ck_assert_int_eq(source_snapshot(shm, &read_from_shm), 0);
	ck_assert_str_eq(asked_by_rpc.info.name, read_from_shm.info.name);
	ck_assert_str_eq(asked_by_rpc.info.dir, read_from_shm.info.dir);
	ck_assert_str_eq(asked_by_rpc.info.control, read_from_shm.info.control);
	ck_assert_int_eq(asked_by_rpc.info.engine_pid, read_from_shm.info.engine_pid);
	ck_assert_int_eq(asked_by_rpc.info.keeper_pid, read_from_shm.info.keeper_pid);
	for (uint32_t i = 0; i < asked_by_rpc.count; i++) {
		const struct process *asked = &asked_by_rpc.processes[i];
		const struct process *seen = snapshot_find(&read_from_shm, asked->identity.name);

		if (!seen || seen->state.head != asked->state.head)
			continue;
		same_process(asked, seen);
		same++;
	}
	return same;
}

START_TEST(both_read_paths_say_the_same_while_states_change)
{
	static const char *const names[] = {"web", "flaky", "short"};
	unsigned same = 0;
	uint64_t first_epoch;

	it_project("readpath");
	it_write("Procfile", "web: exec sleep 99961.1\nflaky: echo 'error: no'; exit 3\nshort: sleep 0.01\n");
	it_up(NULL);
	ck_assert_int_eq(source_open(&it.instance, READ_SHM, &shm), 0);
	ck_assert_int_eq(source_open(&it.instance, READ_RPC, &rpc), 0);
	compare();
	first_epoch = read_from_shm.epoch;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t id;

		client_begin(it.client, round % 2 ? BRM_START : BRM_RESTART);
		client_put_list(it.client, "names", (const char *const[]){names[round % 3], NULL});
		ck_assert_int_eq(client_send(it.client, &id), 0);
		same += compare(); /* in the middle of it */
		if (round % 8 == 7) {
			struct reply reply;

			ck_assert_int_eq(client_wait(it.client, id, INT64_C(10000000000), &reply), 0);
			reply_finish(&reply);
		}
	}
	ck_assert_uint_ge(same, ROUNDS);
	ck_assert_uint_ge(read_from_shm.epoch, first_epoch + ROUNDS / 4);
	ck_assert_ptr_null(source_reader(rpc));
	snapshot_finish(&read_from_shm);
	snapshot_finish(&asked_by_rpc);
	source_close(shm);
	source_close(rpc);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("readpath");
	TCase *tcase = tcase_create("readpath");

	tcase_set_timeout(tcase, 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, both_read_paths_say_the_same_while_states_change);
	suite_add_tcase(suite, tcase);
	return suite;
}
