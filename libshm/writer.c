/* SPDX-License-Identifier: MIT */
#include <brummer/writer.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libshm/alive.h"
#include "libshm/reading.h"
#include "libshm/writing.h"

#define REST_DEFAULT_MS 2000u

/* writer.c - the life of a region: made, grown, closed */

static void set_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static uint64_t start_of(int32_t pid)
{
	struct alive_process process;

	return pid > 0 && alive_process(pid, &process) == 0 ? process.start : 0;
}

static void fill_info(struct brm_info *info, const struct brm_writer_options *options)
{
	const struct brm_instance *instance = options->instance;

	*info = (struct brm_info){
		.abi_major = BRM_ABI_MAJOR,
		.abi_minor = BRM_ABI_MINOR,
		.pid_namespace = alive_pid_namespace(),
		.engine_pid = getpid(),
		.keeper_pid = options->keeper_pid,
		.engine_start = start_of(getpid()),
		.keeper_start = start_of(options->keeper_pid),
		.started_ns = options->started_ns,
		.uid = geteuid(),
		.tag = options->tag,
		.generation = options->previous ? options->previous->info.generation : 0,
	};
	memcpy(info->uuid, options->uuid, sizeof info->uuid);
	set_text(info->name, sizeof info->name, instance->name);
	set_text(info->dir, sizeof info->dir, instance->dir);
	set_text(info->control, sizeof info->control, instance->control);
	set_text(info->state_dir, sizeof info->state_dir, instance->state_dir);
	set_text(info->version, sizeof info->version, options->version);
	alive_boot_id(info->boot_id, sizeof info->boot_id);
}

static void fill_header(struct layout_header *header, const struct brm_info *info)
{
	header->pid_namespace = info->pid_namespace;
	header->engine_start = info->engine_start;
	header->keeper_start = info->keeper_start;
	header->started_ns = info->started_ns;
	header->created_ns = info->created_ns;
	header->created_mono_ns = alive_monotonic_ns();
	header->engine_pid = info->engine_pid;
	header->keeper_pid = info->keeper_pid;
	header->uid = info->uid;
	header->tag = info->tag;
	header->generation = info->generation;
	memcpy(header->uuid, info->uuid, sizeof header->uuid);
	set_text(header->version, sizeof header->version, info->version);
	set_text(header->boot_id, sizeof header->boot_id, info->boot_id);
	set_text(header->name, sizeof header->name, info->name);
	set_text(header->control, sizeof header->control, info->control);
	set_text(header->dir, sizeof header->dir, info->dir);
	set_text(header->state_dir, sizeof header->state_dir, info->state_dir);
}

/* An empty table on a new file that has its temporary name. */
static int make_table(const char *region, uint32_t capacity, uint32_t arena_bytes, struct table **out)
{
	char path[PLACES_PATH_MAX];
	struct map map;
	int rc = file_create(region, capacity, arena_bytes, path, &map);

	if (rc != 0)
		return rc;
	*out = table_new(&map);
	if (!*out) {
		unlink(path);
		map_close(&map);
		return -ENOMEM;
	}
	memcpy((*out)->path, path, sizeof path);
	return 0;
}

/* Fill the table's region and give it its name: from here on readers find it. */
static int install(struct brm_writer *writer, const struct table *from, struct table *to)
{
	struct layout_header *header = map_header(&to->map);
	struct layout_life *life = map_life(&to->map);
	struct brm_info info = writer->info;
	int rc = carry_over(from, to, writer->epoch);

	if (rc != 0)
		return rc;
	info.size = to->map.size;
	info.created_ns = alive_realtime_ns();
	info.generation++;
	fill_header(header, &info);
	/* relaxed, both: the magic comes after them */
	atomic_store_explicit(&life->epoch, writer->epoch, memory_order_relaxed);
	atomic_store_explicit(&life->lifecycle, BRM_LIFE_LIVE, memory_order_relaxed);
	/* release: behind all of the region */
	atomic_store_explicit(&header->magic, LAYOUT_MAGIC, memory_order_release);
	rc = file_install(writer->region, to->path);
	if (rc == 0)
		writer->info = info;
	return rc;
}

static uint32_t round_capacity(uint32_t wanted)
{
	uint32_t capacity = LAYOUT_GROUP;

	while (capacity < wanted && capacity < BRM_CAPACITY_LAST)
		capacity *= 2;
	return capacity;
}

static void discard(struct table *table)
{
	unlink(table->path);
	table_free(table);
}

/* An empty region that can take in what `from` (or NULL) holds. */
static int make_room(const struct brm_writer *writer, const struct table *from, uint32_t capacity, struct table **out)
{
	if (from && capacity < from->map.capacity)
		capacity = from->map.capacity;
	capacity = round_capacity(capacity);
	return make_table(writer->region, capacity, carry_arena_bytes(from, capacity), out);
}

/* The region that will be replaced: the one to continue, or whatever of ours is at the name. Closed with *opened. */
static const struct brm_reader *find_old(const struct brm_writer_options *options, struct brm_reader **opened)
{
	*opened = NULL;
	if (options->previous)
		return options->previous;
	brm_reader_open(options->instance->region, opened);
	return *opened;
}

static int start(struct brm_writer *writer, const struct brm_writer_options *options)
{
	uint32_t capacity = options->capacity ? options->capacity : BRM_CAPACITY_FIRST;
	struct table *past = NULL;
	struct brm_reader *opened;
	const struct brm_reader *old = find_old(options, &opened);
	int rc = options->previous ? carry_import(options->previous, &past, &writer->epoch) : 0;

	if (rc == 0)
		rc = make_room(writer, past, capacity, &writer->table);
	if (rc == 0)
		rc = install(writer, past, writer->table);
	if (rc == 0) {
		owner_arm(&writer->table->owner, NULL, map_word(&writer->table->map, LAYOUT_OWNER));
		if (old)
			file_retire(old);
	} else if (writer->table) {
		discard(writer->table);
	}
	table_free(past);
	brm_reader_close(opened);
	return rc;
}

static uint64_t rest_ns(uint32_t rest_ms)
{
	if (rest_ms == BRM_NO_REST)
		return 0;
	return UINT64_C(1000000) * (rest_ms > 0 ? rest_ms : REST_DEFAULT_MS);
}

int brm_writer_create(const struct brm_writer_options *options, struct brm_writer **out)
{
	struct brm_writer *writer;
	int rc;

	if (options->capacity > BRM_CAPACITY_LAST)
		return -BRM_ECAPACITY;
	writer = calloc(1, sizeof *writer);
	if (!writer)
		return -ENOMEM;
	writer->rest_ns = rest_ns(options->rest_ms);
	set_text(writer->region, sizeof writer->region, options->instance->region);
	fill_info(&writer->info, options);
	rc = start(writer, options);
	if (rc == 0)
		*out = writer;
	else
		free(writer);
	return rc;
}

/* From here on `to` is written: readers of the old region hear of it, and so does the kernel. */
static void change_over(struct brm_writer *writer, struct table *from, struct table *to)
{
	writer->table = to;
	life_announce(&from->map, BRM_LIFE_SUPERSEDED, from->bell + 1);
	owner_arm(&to->owner, &from->owner, map_word(&to->map, LAYOUT_OWNER));
}

int brm_writer_supersede(struct brm_writer *writer, uint32_t capacity)
{
	struct table *from = writer->table;
	struct table *to;
	int rc;

	if (capacity > BRM_CAPACITY_LAST)
		return -BRM_ECAPACITY;
	rc = make_room(writer, from, capacity, &to);
	if (rc != 0)
		return rc;
	gate_close(&writer->gate);
	rc = install(writer, from, to);
	if (rc == 0)
		change_over(writer, from, to);
	gate_open(&writer->gate);
	if (rc == 0)
		table_free(from);
	else
		discard(to);
	return rc;
}

int brm_writer_alone(struct brm_writer *writer)
{
	writer->info.keeper_pid = 0;
	writer->info.keeper_start = 0;
	return brm_writer_supersede(writer, 0);
}

void brm_writer_closing(struct brm_writer *writer)
{
	brm_writer_commit(writer);
	life_announce(&writer->table->map, BRM_LIFE_CLOSING, ++writer->table->bell);
}

void brm_writer_abandon(struct brm_writer *writer)
{
	if (!writer)
		return;
	owner_disarm(&writer->table->owner);
	table_free(writer->table);
	free(writer);
}

void brm_writer_close(struct brm_writer *writer)
{
	struct table *table;

	if (!writer)
		return;
	brm_writer_commit(writer);
	table = writer->table;
	life_announce(&table->map, BRM_LIFE_CLOSED, ++table->bell);
	owner_disarm(&table->owner);
	file_remove(table->path, &table->map);
	table_free(table);
	free(writer);
}

uint32_t brm_writer_capacity(const struct brm_writer *writer)
{
	return writer->table->map.capacity;
}

const struct brm_info *brm_writer_info(const struct brm_writer *writer)
{
	return &writer->info;
}
