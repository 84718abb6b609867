/* SPDX-License-Identifier: MIT */
/*
 * region_soak.c - the region under a writer that is killed, under one that never rests, and under a million rings
 *
 *   reads   readers verify until they have seen so many distinct states of a flat-out writer
 *   kills   a writer is killed so many times at random moments, while so many verified reads are made
 *   rings   a sleeper must see the end of so many rings, and never sleep through one
 *
 * Prints TAP. `region_soak` is the short form of `make check`, `region_soak long` that of `make soak`, and a name
 * runs the short form of one alone.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <brummer/wait.h>
#include <brummer/writer.h>

#include "tests/soak/verified.h"

#define ENTRIES  8u
#define READERS  3u
#define BURST    256u
#define SECOND   INT64_C(1000000000)
#define DEADLINE (20 * SECOND) /* nothing here may take longer without progress */

/* What the processes of a run share, beside the region under test. */
struct shared {
	_Atomic uint64_t published[ENTRIES]; /* release-stored by the writer after each publish */
	_Atomic uint64_t reads[READERS];
	_Atomic uint64_t distinct[READERS];
	_Atomic uint64_t deaths[READERS]; /* writers whose death this reader was told of */
	_Atomic uint64_t violations;
	_Atomic uint64_t busy;              /* -EAGAIN */
	_Atomic uint32_t attached[READERS]; /* the generation this reader reads */
	_Atomic bool stop;
};

static struct shared *shared;
static struct brm_instance instance;
static size_t point; /* of the test, in TAP */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static void pause_a_moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static void violation(const char *what, uint64_t a, uint64_t b)
{
	printf("# violation: %s (%llu, %llu)\n", what, (unsigned long long)a, (unsigned long long)b);
	fflush(stdout);
	atomic_fetch_add(&shared->violations, 1);
}

/* --- the writer --- */

static struct brm_writer *create(const struct brm_reader *previous)
{
	struct brm_writer_options options = {.instance = &instance, .tag = 7, .version = "soak", .previous = previous};
	struct brm_writer *writer;
	int error = brm_writer_create(&options, &writer);

	if (error != 0) {
		printf("Bail out! cannot create a region: %s\n", brm_strerror(error));
		exit(99);
	}
	return writer;
}

static void add_entries(struct brm_writer *writer)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		char name[16];
		struct brm_identity identity = {.name = name};
		struct brm_state state = verified_state(1);
		uint32_t entry;

		snprintf(name, sizeof name, "p%u", i);
		if (brm_writer_add(writer, &identity, &state, &entry) != 0 || entry != i)
			violation("an entry could not be added", i, entry);
		atomic_store_explicit(&shared->published[i], 1, memory_order_release);
	}
}

static void publish_next(struct brm_writer *writer, uint32_t entry, uint64_t n)
{
	struct brm_state old, state = verified_state(n);

	brm_writer_state(writer, entry, &old);
	state.identity = old.identity;
	brm_writer_publish(writer, entry, &state);
	atomic_store_explicit(&shared->published[entry], n, memory_order_release);
}

/* Publish the next states of one entry as fast as the library can: they are made before the first is published. */
static void publish_burst(struct brm_writer *writer, uint32_t entry, uint64_t *next)
{
	static struct brm_state states[BURST];
	struct brm_state old;

	brm_writer_state(writer, entry, &old);
	for (unsigned i = 0; i < BURST; i++) {
		states[i] = verified_state((*next)++);
		states[i].identity = old.identity;
	}
	for (unsigned i = 0; i < BURST; i++)
		brm_writer_publish(writer, entry, &states[i]);
	atomic_store_explicit(&shared->published[entry], *next - 1, memory_order_release);
	brm_writer_commit(writer);
}

/* Publish until killed: batches of a few, sometimes a breath; or bursts, flat out. */
static void write_for_ever(struct brm_writer *writer, unsigned seed, bool flat_out)
{
	uint64_t next[ENTRIES];
	struct brm_state state;

	for (unsigned i = 0; i < ENTRIES; i++) {
		brm_writer_state(writer, i, &state);
		next[i] = verified_number(&state) + 1;
		atomic_store_explicit(&shared->published[i], next[i] - 1, memory_order_release);
	}
	while (!atomic_load(&shared->stop)) {
		if (flat_out) {
			publish_burst(writer, 0, &next[0]);
			continue;
		}
		for (unsigned batch = seed % 5 + 1; batch > 0; batch--) {
			unsigned entry = (seed >> 8) % ENTRIES;

			publish_next(writer, entry, next[entry]++);
			seed = seed * 1103515245u + 12345u;
		}
		brm_writer_commit(writer);
		if (seed % 64 == 0)
			pause_a_moment();
	}
}

static pid_t start_writer(bool first, unsigned seed, bool flat_out)
{
	struct brm_reader *previous = NULL;
	struct brm_writer *writer;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (!first && brm_reader_open(instance.region, &previous) != 0)
		violation("the region of a killed writer cannot be read", 0, 0);
	writer = create(previous);
	brm_reader_close(previous);
	if (first)
		add_entries(writer);
	brm_writer_commit(writer);
	write_for_ever(writer, seed, flat_out);
	brm_writer_abandon(writer);
	_exit(0);
}

/* --- the readers --- */

static struct brm_reader *attach(void)
{
	int64_t deadline = now_ns() + DEADLINE;
	struct brm_reader *reader;

	while (brm_reader_open(instance.region, &reader) != 0) {
		if (atomic_load(&shared->stop) || now_ns() > deadline)
			_exit(0);
		pause_a_moment();
	}
	return reader;
}

static void verify(const struct brm_reader *reader, unsigned who, uint64_t seen[ENTRIES], uint32_t entry)
{
	uint64_t at_least = atomic_load_explicit(&shared->published[entry], memory_order_acquire);
	struct brm_state state;
	int error = brm_reader_state(reader, entry, &state);

	atomic_fetch_add_explicit(&shared->reads[who], 1, memory_order_relaxed);
	if (error == -EAGAIN) {
		atomic_fetch_add_explicit(&shared->busy, 1, memory_order_relaxed);
		return;
	}
	if (error != 0)
		return; /* not added yet */
	if (!verified_is_whole(&state))
		violation("a torn state", entry, verified_number(&state));
	/* A successor copies what its predecessor published, so this holds over deaths too. */
	if (verified_number(&state) < seen[entry])
		violation("an older state than before", seen[entry], verified_number(&state));
	if (verified_number(&state) < at_least && brm_reader_lifecycle(reader) == BRM_LIFE_LIVE)
		violation("an older state than was published", at_least, verified_number(&state));
	if (verified_number(&state) != seen[entry])
		atomic_fetch_add_explicit(&shared->distinct[who], 1, memory_order_relaxed);
	seen[entry] = verified_number(&state);
}

/* Told of a death: count it, and go on with the successor's region. */
static void follow(struct brm_reader *reader, unsigned who)
{
	atomic_fetch_add(&shared->deaths[who], 1);
	while (brm_reader_refresh(reader) != 1 && !atomic_load(&shared->stop))
		pause_a_moment();
	atomic_store(&shared->attached[who], brm_reader_info(reader)->generation);
}

/* Reader 0 never rests and asks for the writer's life; the others sleep on the doorbell. */
static void read_for_ever(unsigned who)
{
	uint64_t seen[ENTRIES] = {0};
	struct brm_reader *reader = attach();

	atomic_store(&shared->attached[who], brm_reader_info(reader)->generation);
	while (!atomic_load(&shared->stop)) {
		struct brm_ticket ticket;

		brm_wait_sample(reader, &ticket);
		for (unsigned i = 0; i < (who == 0 ? 1000 : ENTRIES); i++)
			verify(reader, who, seen, i % ENTRIES);
		if (who == 0 ? brm_reader_liveness(reader) == BRM_DEAD
			     : brm_wait(reader, &ticket, BRM_WAIT_STATES, SECOND) == -EOWNERDEAD)
			follow(reader, who);
	}
	brm_reader_close(reader);
	_exit(0);
}

static void start_readers(pid_t readers[READERS])
{
	for (unsigned who = 0; who < READERS; who++) {
		readers[who] = fork();
		if (readers[who] == 0)
			read_for_ever(who);
	}
}

static void stop_readers(const pid_t readers[READERS])
{
	atomic_store(&shared->stop, true);
	for (unsigned who = 0; who < READERS; who++)
		waitpid(readers[who], NULL, 0);
}

static uint64_t sum(const _Atomic uint64_t counts[READERS])
{
	uint64_t total = 0;

	for (unsigned who = 0; who < READERS; who++)
		total += atomic_load(&counts[who]);
	return total;
}

/* --- the three soaks --- */

static bool everybody(const _Atomic uint64_t counts[READERS], uint64_t at_least)
{
	for (unsigned who = 0; who < READERS; who++)
		if (atomic_load(&counts[who]) < at_least)
			return false;
	return true;
}

static bool everybody_attached(uint32_t generation)
{
	for (unsigned who = 0; who < READERS; who++)
		if (atomic_load(&shared->attached[who]) != generation)
			return false;
	return true;
}

static int report(const char *what)
{
	uint64_t violations = atomic_load(&shared->violations);

	printf("%sok %zu - %s\n", violations ? "not " : "", point, what);
	printf("# %llu verified reads, %llu of distinct states, %llu gave up for a while, %llu violations\n",
	       (unsigned long long)sum(shared->reads), (unsigned long long)sum(shared->distinct),
	       (unsigned long long)atomic_load(&shared->busy), (unsigned long long)violations);
	return violations != 0;
}

static int soak_reads(uint64_t distinct, uint64_t unused)
{
	int64_t deadline = now_ns() + 10 * DEADLINE;
	pid_t readers[READERS], writer = start_writer(true, 1, true);

	(void)unused;
	start_readers(readers);
	while (sum(shared->distinct) < distinct && now_ns() < deadline)
		pause_a_moment();
	stop_readers(readers);
	waitpid(writer, NULL, 0);
	if (sum(shared->distinct) < distinct)
		violation("too few distinct states in the time", distinct, sum(shared->distinct));
	shm_unlink(instance.region);
	return report("every copy of a flat-out writer's states is whole");
}

static int soak_kills(uint64_t kills, uint64_t reads)
{
	pid_t readers[READERS], writer;
	uint64_t killed = 0;

	srand(1);
	writer = start_writer(true, 1, false);
	start_readers(readers);
	while (killed < kills || sum(shared->reads) < reads) {
		int64_t deadline = now_ns() + DEADLINE;

		while (!everybody_attached((uint32_t)killed + 1) && now_ns() < deadline)
			pause_a_moment();
		nanosleep(&(struct timespec){.tv_nsec = rand() % 8000000}, NULL);
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
		killed++;
		deadline = now_ns() + DEADLINE;
		while (!everybody(shared->deaths, killed) && now_ns() < deadline)
			pause_a_moment();
		if (!everybody(shared->deaths, killed)) {
			violation("a death was not noticed", killed, sum(shared->deaths));
			break;
		}
		writer = start_writer(false, (unsigned)rand(), false);
	}
	stop_readers(readers);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	shm_unlink(instance.region);
	printf("# %llu writers killed, every death noticed by %u readers\n", (unsigned long long)killed, READERS);
	return report("whenever the writer is killed, the last states stay readable and everybody is told");
}

/* The sleeper returns how often it woke; it never sleeps without a limit, so that a lost wake is seen as one. */
static uint64_t sleep_through(uint64_t last)
{
	struct brm_reader *reader = attach();
	uint64_t wakes = 0;
	struct brm_state state = {0};

	while (verified_number(&state) < last) {
		struct brm_ticket ticket;
		int error;

		brm_wait_sample(reader, &ticket);
		if (brm_reader_state(reader, 0, &state) == 0 && verified_number(&state) >= last)
			break;
		error = brm_wait(reader, &ticket, BRM_WAIT_STATES, 2 * SECOND);
		if (error == -ETIMEDOUT && atomic_load(&shared->published[0]) > verified_number(&state))
			violation("slept through a ring", atomic_load(&shared->published[0]), verified_number(&state));
		wakes++;
	}
	brm_reader_close(reader);
	return wakes;
}

static int soak_rings(uint64_t rings, uint64_t unused)
{
	struct brm_writer *writer = create(NULL);
	pid_t sleeper;

	(void)unused;
	add_entries(writer);
	brm_writer_commit(writer);
	sleeper = fork();
	if (sleeper == 0) {
		printf("# %llu rings, %llu wakes\n", (unsigned long long)rings,
		       (unsigned long long)sleep_through(rings));
		fflush(stdout);
		_exit(0);
	}
	for (uint64_t n = 2; n <= rings; n++) {
		publish_next(writer, 0, n);
		brm_writer_commit(writer);
		if (n % 1024 == 0)
			sched_yield();
	}
	waitpid(sleeper, NULL, 0);
	brm_writer_close(writer);
	return report("no ring is slept through");
}

static const struct soak {
	const char *name;
	int (*run)(uint64_t count, uint64_t reads);
	uint64_t count[2], reads[2]; /* short and long form */
} soaks[] = {
	{"reads", soak_reads, {10000, 1000000}, {0, 0}},
	{"kills", soak_kills, {25, 500}, {100000, 10000000}},
	{"rings", soak_rings, {20000, 1000000}, {0, 0}},
};

#define SOAKS (sizeof soaks / sizeof *soaks)

static int run_soak(const struct soak *soak, bool is_long)
{
	memset((void *)shared, 0, sizeof *shared);
	point++;
	return soak->run(soak->count[is_long], soak->reads[is_long]);
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	bool is_long = strcmp(only, "long") == 0;
	char name[BRM_INSTANCE_MAX];
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(name, sizeof name, "soak-%d", (int)getpid());
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || brm_instance_of_name(name, &instance) != 0)
		return 99;
	printf("1..%zu\n", argc > 1 && !is_long ? (size_t)1 : SOAKS);
	for (size_t i = 0; i < SOAKS; i++)
		if (argc < 2 || is_long || strcmp(only, soaks[i].name) == 0)
			failed += run_soak(&soaks[i], is_long);
	return failed != 0;
}
