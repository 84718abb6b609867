/* SPDX-License-Identifier: MIT */
#include "bench/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEM "world"

static struct brm_writer *writer; /* the engine's */
static struct brm_reader *reader;
static struct brm_state state; /* the engine's, of the first process */

static void check(const char *what, int rc)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench: cannot %s: %s\n", what, brm_strerror(rc));
	exit(1);
}

const char *world_region(const char *stem)
{
	static char name[BRM_REGION_MAX];

	snprintf(name, sizeof name, "%s%s", bench_region_prefix(), stem);
	return name;
}

const char *world_name(uint32_t number)
{
	static char name[32];

	snprintf(name, sizeof name, "process-%u", (unsigned)number);
	return name;
}

struct brm_writer *world_writer(const char *stem, uint32_t capacity)
{
	static struct brm_instance instance;
	struct brm_writer_options options = {
		.instance = &instance, .capacity = capacity, .version = "bench", .rest_ms = BRM_NO_REST};
	struct brm_writer *made;

	snprintf(instance.name, sizeof instance.name, "bench-%s", stem);
	snprintf(instance.region, sizeof instance.region, "%s", world_region(stem));
	check("create a region", brm_writer_create(&options, &made));
	return made;
}

uint32_t world_add(struct brm_writer *to, const char *name)
{
	struct brm_identity identity = {.name = name, .command = "true", .dir = "/"};
	struct brm_state first = {.head = brm_head_make(0, 0, BRM_RUNNING), .run = 1, .pid = 1};
	uint32_t entry;
	int rc = brm_writer_add(to, &identity, &first, &entry);

	if (rc == -BRM_EARENA) {
		check("make another region", brm_writer_supersede(to, 0));
		rc = brm_writer_add(to, &identity, &first, &entry);
	}
	check("add a process", rc);
	return entry;
}

static void begin(void *arg)
{
	uint32_t count = *(const uint32_t *)arg;

	writer = world_writer(STEM, count < BRM_CAPACITY_FIRST ? BRM_CAPACITY_FIRST : count);
	for (uint32_t i = 0; i < count; i++)
		world_add(writer, world_name(i));
	brm_writer_commit(writer);
	check("read a state back", brm_writer_state(writer, 0, &state));
}

static void end(void *arg)
{
	(void)arg;
	brm_writer_close(writer);
}

void world_open(uint32_t count)
{
	static uint32_t *shared_count;

	if (!shared_count)
		shared_count = bench_shared(sizeof *shared_count);
	*shared_count = count;
	bench_engine_start(begin, end, shared_count);
	check("read the region", brm_reader_open(world_region(STEM), &reader));
}

void world_close(void)
{
	brm_reader_close(reader);
	reader = NULL;
	bench_engine_stop();
}

const struct brm_reader *world_reader(void)
{
	return reader;
}

static void publish(void)
{
	state.end_ns = ++state.start_ns;
	brm_writer_publish(writer, 0, &state);
}

void world_write(void *arg)
{
	(void)arg;
	publish();
	brm_writer_commit(writer);
}

void world_write_storm(void *arg)
{
	(void)arg;
	publish();
	if (state.start_ns % 256 == 0)
		brm_writer_commit(writer);
}
