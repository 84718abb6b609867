/* SPDX-License-Identifier: MIT */
#include "bench/names.h"
#include "bench/world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* From a name to a process: among 100, among 10,000, and while one in five comes or goes. */

#define MIX_ROOM 256u
#define MIX_BASE 100u /* processes that stay */
#define BATCH    64u  /* changes of one batch, as those of one turn of the supervisor's loop are */
#define NAMES    128u /* asked for in turn, spread over all there are */

struct lookup {
	struct names *names; /* NULL: the region */
	uint32_t count;
	char asked[NAMES][48];
};

static void spread(struct lookup *lookup, struct names *names, uint32_t count)
{
	lookup->names = names;
	lookup->count = count;
	for (uint32_t i = 0; i < NAMES; i++)
		snprintf(lookup->asked[i], sizeof lookup->asked[i], "%s", world_name(i * 7919u % count));
}

static uint64_t find_region(void *arg, uint64_t times)
{
	const struct lookup *lookup = arg;
	const struct brm_reader *reader = world_reader();
	struct brm_handle handle;
	uint64_t sum = 0;

	for (; times > 0; times--) {
		if (brm_reader_find(reader, lookup->asked[times % NAMES], &handle) != 0)
			bench_fail("find a name", ENOENT);
		sum += handle.entry;
	}
	return sum;
}

static uint64_t find_names(void *arg, uint64_t times)
{
	const struct lookup *lookup = arg;
	uint64_t sum = 0;

	for (; times > 0; times--)
		sum += (uint64_t)names_find(lookup->names, lookup->asked[times % NAMES]);
	return sum;
}

static void among(uint32_t count, uint32_t readers, const char *what, double least)
{
	static struct lookup ours, theirs;
	const struct bench_side sides[] = {{"", find_region, &ours, .readers = readers},
					   {"map behind an rwlock", find_names, &theirs, .readers = readers}};

	world_open(count);
	spread(&ours, NULL, count);
	spread(&theirs, names_new(count, count), count);
	bench_compare(what, sides, 2, &least);
	world_close();
}

/* ---- 80 % lookups, 20 % inserts and deletes, in the process that may do both ---- */

static struct brm_writer *writer;
static struct brm_reader *reader;
static uint64_t came, went;
static uint32_t last; /* the entry of the one that came and did not go yet */

static void begin_mix(void *arg)
{
	(void)arg;
	writer = world_writer("mix", MIX_ROOM);
	for (uint32_t i = 0; i < MIX_BASE; i++)
		world_add(writer, world_name(i));
	if (brm_reader_open(world_region("mix"), &reader) != 0)
		bench_fail("read the region", ENOENT);
}

static void end_mix(void *arg)
{
	(void)arg;
	brm_reader_close(reader);
	brm_writer_close(writer);
}

static const char *passing_name(uint64_t number)
{
	static char names[64][48];
	char *name = names[number % 64];

	if (!*name)
		snprintf(name, sizeof *names, "passing-%u", (unsigned)(number % 64));
	return name;
}

/* Every fifth is a coming or a going, in turns, also over the ends of runs. */
enum turn { FIND, COME, GO };

static enum turn next_turn(void)
{
	static uint64_t turns;

	if (++turns % 5 != 0)
		return FIND;
	return came == went ? COME : GO;
}

static void come_region(void)
{
	last = world_add(writer, passing_name(came++));
	/* A larger arena is another region: attach to it, as every reader does. */
	if (brm_reader_lifecycle(reader) == BRM_LIFE_SUPERSEDED && brm_reader_refresh(reader) < 0)
		bench_fail("attach again", ENOENT);
}

static void go_region(void)
{
	brm_writer_remove(writer, last);
	if (++went % (BATCH / 2) == 0)
		brm_writer_commit(writer);
}

static uint64_t mix_region(void *arg, uint64_t times)
{
	const struct lookup *lookup = arg;
	struct brm_handle handle = {0};
	uint64_t sum = 0;

	for (; times > 0; times--) {
		enum turn turn = next_turn();

		if (turn == COME)
			come_region();
		else if (turn == GO)
			go_region();
		else if (brm_reader_find(reader, lookup->asked[times % NAMES], &handle) != 0)
			bench_fail("find a name", ENOENT);
		sum += handle.entry;
	}
	return sum;
}

static uint64_t mix_names(void *arg, uint64_t times)
{
	const struct lookup *lookup = arg;
	uint64_t sum = 0;

	for (; times > 0; times--) {
		enum turn turn = next_turn();

		if (turn == COME)
			names_insert(lookup->names, passing_name(came++), 1);
		else if (turn == GO)
			names_delete(lookup->names, passing_name(went++));
		else
			sum += (uint64_t)names_find(lookup->names, lookup->asked[times % NAMES]);
	}
	return sum;
}

/* Another process that looks up all the while: called again and again in the engine's. */
static void look_at_region(void *arg)
{
	static struct brm_reader *other;
	struct brm_handle handle;

	(void)arg;
	if (!other && brm_reader_open(world_region("mix"), &other) != 0)
		return;
	for (unsigned i = 0; i < 64; i++)
		brm_reader_find(other, world_name(i), &handle);
	if (brm_reader_lifecycle(other) == BRM_LIFE_LIVE)
		return;
	brm_reader_close(other);
	other = NULL;
}

static void look_at_names(void *arg)
{
	const struct lookup *lookup = arg;

	for (unsigned i = 0; i < 64; i++)
		names_find(lookup->names, world_name(i));
}

static void mixed(void)
{
	static struct lookup ours, theirs;
	struct bench_side sides[] = {{"", mix_region, &ours, .begin = begin_mix, .end = end_mix, .readers = 1},
				     {"map behind an rwlock", mix_names, &theirs, .readers = 1}};
	const double least = 3;

	spread(&ours, NULL, MIX_BASE);
	spread(&theirs, names_new(MIX_ROOM, MIX_BASE), MIX_BASE);
	bench_compare("80 % lookups, 20 % inserts and deletes", sides, 2, NULL);
	sides[0].write = look_at_region;
	sides[1].write = look_at_names;
	sides[0].write_hz = sides[1].write_hz = BENCH_FLAT_OUT;
	bench_engine_start(NULL, NULL, NULL);
	bench_compare("80 % lookups, 20 % changes, another process looking", sides, 2, &least);
	bench_engine_stop();
}

void bench_lookup(void)
{
	among(100, 1, "look up by name, 100 processes", 0);
	among(100, 2, "look up by name, 100 processes, 2 readers", 3);
	among(10000, 1, "look up by name, 10,000 processes", 0);
	mixed();
}
