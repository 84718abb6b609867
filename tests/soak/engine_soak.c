/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <brummer/events.h>
#include <brummer/wait.h>

#include "tests/it_help.h"
#include "tests/soak/engine_soak.h"

/*
 * engine_soak.c - a supervisor whose engine is killed again and again under load
 *
 * ENGINE_SOAK says how often (default: a few times, for `make check`); a number of 100 or more also brings the cases
 * that take long. What is promised is checked at the end: every child, every number, every exit code, every gap.
 */

#define WRITERS 20
#define RUNNERS 20
#define FEW     4 /* of each, for a short run */
#define WRITER  "w%d"
#define RUNNER  "r%d"

int soak_kills(void)
{
	const char *text = getenv("ENGINE_SOAK");
	int kills = text ? atoi(text) : 0;

	return kills > 0 ? kills : SOAK_SHORT;
}

bool soak_is_long(void)
{
	return soak_kills() >= 100;
}

/* How many of the writers, or the runners, there are. */
static int number_of(int all)
{
	return soak_is_long() ? all : FEW;
}

static unsigned seed;

unsigned soak_random(unsigned below)
{
	return (unsigned)rand_r(&seed) % below;
}

void soak_begin(const char *name)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = (unsigned)now.tv_nsec;
	printf("# %s: seed %u\n", name, seed);
	it_project(name);
}

static bool is_connected(void *arg)
{
	(void)arg;
	client_close(it.client);
	it.client = NULL;
	return client_open(&it.instance, BRM_BY_CLI, &it.client) == 0;
}

void soak_connect(void)
{
	it_until(is_connected, NULL);
}

void soak_kill_engine(void)
{
	it_kill_engine();
	soak_connect();
}

/* Ask, and look not at the answer: the engine may be gone before it comes. */
void soak_ask(enum brm_method method, const char *name)
{
	const char *names[] = {name, NULL};
	uint32_t id;

	client_begin(it.client, method);
	client_put_list(it.client, "names", names);
	client_send(it.client, &id);
}

/* What happened so far, as far as it matters. */
struct tally {
	uint64_t cursor;
	uint32_t gaps;
	uint32_t ends;              /* of runners */
	uint32_t last_run[RUNNERS]; /* of which the end was seen */
};

static void count_end(struct tally *tally, const struct brm_event *event, int runner)
{
	ck_assert_msg(event->flags & BRM_FLAG_EXITED, "r%d#%u: its code is lost", runner, event->run);
	ck_assert_int_eq(event->exit_code, 10 + runner);
	ck_assert_uint_gt(event->run, tally->last_run[runner]);
	tally->last_run[runner] = event->run;
	tally->ends++;
}

static void count_events(struct tally *tally)
{
	struct brm_event event;
	char name[BRM_NAME_MAX];
	uint64_t missed;
	int runner;

	ck_assert_int_ge(brm_reader_refresh(it.reader), 0);
	while (brm_events_read(it.reader, &tally->cursor, &event, 1, &missed) == 1) {
		ck_assert_uint_eq(missed, 0);
		tally->gaps += event.entry == UINT32_MAX && event.reason_code == BRM_REASON_RECOVERED;
		if (event.entry != UINT32_MAX && event.to == BRM_FAILED &&
		    brm_event_name(it.reader, &event, name) == 0 && sscanf(name, RUNNER, &runner) == 1)
			count_end(tally, &event, runner);
	}
}

/* A viewer that sleeps whenever it can: a death must wake it. */
struct viewer {
	pthread_t thread;
	const char *region;
	atomic_bool over; /* relaxed: it is looked at again and again */
	atomic_int died;  /* relaxed: read when the thread was joined */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *view(void *arg)
{
	struct viewer *viewer = arg;
	struct brm_reader *reader;

	if (brm_reader_open(viewer->region, &reader) != 0)
		return NULL;
	while (!atomic_load_explicit(&viewer->over, memory_order_relaxed)) {
		struct brm_ticket ticket;
		int64_t begin = now_ms();
		int rc;

		brm_wait_sample(reader, &ticket);
		rc = brm_wait(reader, &ticket, BRM_WAIT_STATES, 5000000000ll);
		if (rc == -EOWNERDEAD) {
			atomic_fetch_add_explicit(&viewer->died, 1, memory_order_relaxed);
			while (brm_reader_refresh(reader) <= 0 && now_ms() - begin < 20000)
				nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		} else if (rc == 0) {
			brm_reader_refresh(reader);
		}
	}
	brm_reader_close(reader);
	return NULL;
}

/* Numbers as fast as a shell can; the last one is told in a file. */
static void start_writers(struct brm_state *states)
{
	char name[16], line[256];

	for (int i = 0; i < number_of(WRITERS); i++) {
		snprintf(name, sizeof name, WRITER, i);
		snprintf(line, sizeof line,
			 "trap 'echo $i >last%d; exit 7' TERM; i=0; while :; do echo $i; i=$((i+1)); done", i);
		it_run(name, line);
		states[i] = it_state(name);
	}
}

static void start_runners(void)
{
	char name[16], line[64];

	for (int i = 0; i < number_of(RUNNERS); i++) {
		snprintf(name, sizeof name, RUNNER, i);
		snprintf(line, sizeof line, "sleep 0.0%d; exit %d", i % 10, 10 + i);
		it_run(name, line);
	}
}

/* The numbers of a store, from its oldest on, are without gap or double up to the one that was told. */
static void check_numbers(int writer)
{
	char path[PATH_MAX + 32], name[16];
	long last, next = -1, number = -1;
	FILE *in;

	snprintf(path, sizeof path, "%s/last%d", it.instance.dir, writer);
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(fscanf(in, "%ld", &last), 1);
	fclose(in);
	snprintf(name, sizeof name, WRITER, writer);
	in = soak_open_store(name);
	while (fscanf(in, "%ld", &number) == 1) {
		ck_assert_msg(next < 0 || number == next, "%s: %ld after %ld", name, number, next - 1);
		next = number + 1;
	}
	ck_assert_int_eq(pclose(in), 0);
	ck_assert_msg(number == last || number == last - 1, "%s: %ld of %ld", name, number, last);
}

static void stop_writers(const struct brm_state *before)
{
	struct brm_state state;
	char name[16];

	for (int i = 0; i < number_of(WRITERS); i++) {
		snprintf(name, sizeof name, WRITER, i);
		state = it_state(name);
		ck_assert_int_eq(state.pid, before[i].pid);
		ck_assert_uint_eq(state.run, 1);
		soak_ask(BRM_STOP, name);
	}
	for (int i = 0; i < number_of(WRITERS); i++) {
		snprintf(name, sizeof name, WRITER, i);
		state = it_await(name, BRM_STOPPED);
		ck_assert_int_eq(state.exit_code, 7);
		check_numbers(i);
	}
}

static void await_runners(struct tally *tally)
{
	char name[16];

	for (int i = 0; i < number_of(RUNNERS); i++) {
		snprintf(name, sizeof name, RUNNER, i);
		soak_await_rest(name);
		ck_assert_int_eq(it_state(name).exit_code, 10 + i);
	}
	count_events(tally);
}

START_TEST(killed_again_and_again_under_load)
{
	struct brm_state states[WRITERS];
	struct tally tally = {.cursor = 0};
	struct viewer viewer = {.region = it.instance.region}; /* as soon as there is one */
	int kills = soak_kills();
	char name[16];

	soak_begin("load");
	it_up((const char *const[]){"--no-autostart", NULL});
	start_runners();
	start_writers(states);
	ck_assert_int_eq(pthread_create(&viewer.thread, NULL, view, &viewer), 0);
	for (int i = 0; i < kills; i++) {
		for (int n = 0; n < 8; n++) {
			snprintf(name, sizeof name, RUNNER, (int)soak_random((unsigned)number_of(RUNNERS)));
			soak_ask(BRM_START, name);
		}
		usleep(soak_random(150000));
		soak_kill_engine();
		count_events(&tally);
	}
	atomic_store_explicit(&viewer.over, true, memory_order_relaxed);
	await_runners(&tally);
	stop_writers(states);
	ck_assert_int_eq(pthread_join(viewer.thread, NULL), 0);
	printf("# %d kills, %u gaps seen, %u ends of runs, %d times woken by a death\n", kills, tally.gaps, tally.ends,
	       viewer.died);
	ck_assert_uint_eq(tally.gaps, (uint32_t)kills);
	ck_assert_uint_ge(tally.ends, (uint32_t)number_of(RUNNERS));
	ck_assert_int_gt(viewer.died, kills / 2);
	it_down();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("engine_soak");
	TCase *tcase = tcase_create("load");

	tcase_set_timeout(tcase, soak_is_long() ? 1800 : 60);
	tcase_add_unchecked_fixture(tcase, NULL, it_sweep);
	tcase_add_test(tcase, killed_again_and_again_under_load);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, soak_moments());
	suite_add_tcase(suite, soak_full_disk());
	if (soak_is_long())
		suite_add_tcase(suite, soak_frozen_disk());
	return suite;
}
