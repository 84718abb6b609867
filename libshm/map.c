/* SPDX-License-Identifier: MIT */
#include "libshm/map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/latch.h"

#define TOC_MAX   64 /* rows a reader looks at */
#define CELLS_MAX 64 /* cells of the index for each entry */

/* What a section is: its record as written, the least a reader can use, and how many there are. */
struct shape {
	uint32_t stride;     /* bytes */
	uint32_t stride_min; /* bytes */
	uint32_t fixed;      /* records */
	uint32_t per_group;  /* records for each LAYOUT_GROUP entries */
};

static const struct shape shapes[LAYOUT_TYPES] = {
	[LAYOUT_BELL] = {LAYOUT_ALIGN, 8, 1, 0},
	[LAYOUT_LOGBELL] = {LAYOUT_ALIGN, 8, 1, 0},
	[LAYOUT_OWNER] = {LAYOUT_ALIGN, 8, 1, 0},
	[LAYOUT_LIFE] = {LAYOUT_ALIGN, sizeof(struct layout_life), 1, 0},
	[LAYOUT_HEADS] = {8, 8, 0, LAYOUT_GROUP},
	[LAYOUT_STAMPS] = {8, 8, 0, LAYOUT_GROUP},
	[LAYOUT_GROUPS] = {8, 8, 0, 1},
	[LAYOUT_SLOTS] = {sizeof(struct brm_state), 16, 0, LAYOUT_GROUP *LATCH_K},
	[LAYOUT_ARENA] = {8, 8, 0, 0},
	[LAYOUT_METRICS] = {sizeof(struct layout_metrics), 40, 0, LAYOUT_GROUP},
	[LAYOUT_LOGPOS] = {sizeof(struct layout_logpos), 40, 0, LAYOUT_GROUP},
	[LAYOUT_GENERATION] = {LAYOUT_ALIGN, 8, 1, 0},
	[LAYOUT_INDEX] = {sizeof(struct layout_cell), 16, 0, LAYOUT_GROUP *LAYOUT_CELLS_PER_ENTRY * 2},
	[LAYOUT_EVENTS] = {sizeof(struct brm_event), 8, BRM_EVENTS_CAPACITY, 0},
};

static uint64_t align(uint64_t offset)
{
	return (offset + LAYOUT_ALIGN - 1) & ~(uint64_t)(LAYOUT_ALIGN - 1);
}

static bool is_power_of_two(uint64_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* Place the sections one after another; returns the size of all. */
static uint64_t plan_sections(uint32_t capacity, uint32_t arena_bytes, struct layout_section toc[LAYOUT_TYPES])
{
	uint64_t end = align(sizeof(struct layout_header) + (LAYOUT_TYPES - 1) * sizeof *toc);

	for (uint32_t type = 1; type < LAYOUT_TYPES; type++) {
		const struct shape *shape = &shapes[type];
		uint64_t count = shape->fixed + (uint64_t)capacity / LAYOUT_GROUP * shape->per_group;

		if (type == LAYOUT_ARENA)
			count = arena_bytes / 8;
		toc[type] =
			(struct layout_section){.type = type, .offset = end, .stride = shape->stride, .count = count};
		end = align(end + shape->stride * count);
	}
	return end;
}

static void place(struct map *map, const struct layout_section *section)
{
	map->at[section->type] = (struct map_section){
		.words = (_Atomic uint64_t *)(void *)(map->base + section->offset),
		.stride = section->stride / 8,
		.count = section->count,
	};
}

/* What the sections' sizes say. */
static void measure(struct map *map)
{
	const struct map_section *arena = &map->at[LAYOUT_ARENA];
	size_t words = map->at[LAYOUT_SLOTS].stride;

	map->capacity = (uint32_t)map->at[LAYOUT_HEADS].count;
	map->arena_bytes = arena->count < UINT32_MAX / 8 ? (uint32_t)arena->count * 8 : UINT32_MAX & ~7u;
	map->state_words = words < LAYOUT_STATE_WORDS ? words : LAYOUT_STATE_WORDS;
	map->cells = map->at[LAYOUT_INDEX].count / 2;
	map->events = map->at[LAYOUT_EVENTS].count;
}

static int map_file(int fd, size_t size, int protection, struct map *map)
{
	void *base = mmap(NULL, size, protection, MAP_SHARED, fd, 0);

	if (base == MAP_FAILED)
		return -errno;
	*map = (struct map){.base = base, .size = size, .fd = fd};
	return 0;
}

static int allocate(int fd, off_t size)
{
	int rc;

	do
		rc = posix_fallocate(fd, 0, size);
	while (rc == EINTR);
	return -rc;
}

int map_create(int fd, uint32_t capacity, uint32_t arena_bytes, struct map *out)
{
	struct layout_section toc[LAYOUT_TYPES];
	uint64_t size = plan_sections(capacity, arena_bytes, toc);
	struct layout_header *header;
	int rc = allocate(fd, (off_t)size);

	if (rc == 0)
		rc = map_file(fd, size, PROT_READ | PROT_WRITE, out);
	if (rc != 0)
		return rc;
	for (uint32_t type = 1; type < LAYOUT_TYPES; type++)
		place(out, &toc[type]);
	measure(out);
	header = map_header(out);
	header->abi_major = BRM_ABI_MAJOR;
	header->abi_minor = BRM_ABI_MINOR;
	header->header_bytes = sizeof *header;
	header->toc_count = LAYOUT_TYPES - 1;
	header->toc_offset = sizeof *header;
	header->toc_stride = sizeof *toc;
	header->size = size;
	header->capacity = capacity;
	memcpy(out->base + sizeof *header, toc + 1, (LAYOUT_TYPES - 1) * sizeof *toc);
	return 0;
}

/* Does the section lie in the region, in records that can be read? */
static bool section_is_sound(const struct layout_section *section, uint64_t size)
{
	uint64_t bytes;

	return section->offset % 8 == 0 && section->stride % 8 == 0 &&
	       section->stride >= shapes[section->type].stride_min &&
	       !__builtin_mul_overflow(section->stride, section->count, &bytes) && section->offset <= size &&
	       bytes <= size - section->offset;
}

/* The records a section must have, so that every entry's is there. */
static size_t least_count(enum layout_type type, size_t entries)
{
	if (type == LAYOUT_GROUPS)
		return (entries + LAYOUT_GROUP - 1) / LAYOUT_GROUP;
	return shapes[type].fixed == 1 ? 1 : entries * (shapes[type].per_group / LAYOUT_GROUP);
}

/* Sections that are indexed without their stride. */
static bool is_dense(const struct map *map, enum layout_type type)
{
	return map->at[type].stride == shapes[type].stride / 8;
}

/* Tables that a mask bounds; a walk over one of the index's stays in proportion to the entries. */
static bool tables_are_sound(const struct map *map, size_t entries)
{
	size_t cells = map->at[LAYOUT_INDEX].count / 2;

	return map->at[LAYOUT_INDEX].count % 2 == 0 && is_power_of_two(cells) && cells / CELLS_MAX <= entries &&
	       is_power_of_two(map->at[LAYOUT_EVENTS].count);
}

/* Are there enough records for every entry, and no more than can be bounded? */
static bool counts_are_sound(const struct map *map)
{
	size_t entries = map->at[LAYOUT_HEADS].count;

	if (entries == 0 || entries >= LAYOUT_CELL_DELETED || !tables_are_sound(map, entries))
		return false;
	for (enum layout_type type = LAYOUT_BELL; type < LAYOUT_TYPES; type++)
		if (type != LAYOUT_INDEX && map->at[type].count < least_count(type, entries))
			return false;
	return is_dense(map, LAYOUT_HEADS) && is_dense(map, LAYOUT_STAMPS) && is_dense(map, LAYOUT_GROUPS) &&
	       is_dense(map, LAYOUT_ARENA) && is_dense(map, LAYOUT_INDEX);
}

/* Copy a row of the table of contents, of which the region may have a shorter or a longer form. */
static struct layout_section toc_row(const struct map *map, const struct layout_header *header, uint32_t row)
{
	struct layout_section section = {0};
	size_t at = header->toc_offset + (size_t)row * header->toc_stride;

	latch_load(&section, (const _Atomic uint64_t *)(const void *)(map->base + at), sizeof section / 8);
	return section;
}

static int read_toc(struct map *map, const struct layout_header *header)
{
	uint32_t rows = header->toc_count < TOC_MAX ? header->toc_count : TOC_MAX;

	if (header->toc_offset % 8 != 0 || header->toc_stride % 8 != 0 ||
	    header->toc_stride < sizeof(struct layout_section) ||
	    header->toc_offset + (uint64_t)rows * header->toc_stride > header->size)
		return -BRM_ECORRUPT;
	for (uint32_t row = 0; row < rows; row++) {
		struct layout_section section = toc_row(map, header, row);

		if (section.type == 0 || section.type >= LAYOUT_TYPES || map->at[section.type].words)
			continue;
		if (!section_is_sound(&section, header->size))
			return -BRM_ECORRUPT;
		place(map, &section);
	}
	for (uint32_t type = 1; type < LAYOUT_TYPES; type++)
		if (!map->at[type].words)
			return -BRM_ECORRUPT;
	return counts_are_sound(map) ? 0 : -BRM_ECORRUPT;
}

/* Is it a region, finished, of this major version, and whole? Leaves a private copy of the header. */
static int read_header(const struct map *map, struct layout_header *header)
{
	const struct layout_header *shared = map_header(map);
	const _Atomic uint64_t *words = (const _Atomic uint64_t *)(const void *)map->base;
	uint32_t major;

	if (map->size < 2 * sizeof(uint64_t))
		return -BRM_ETRUNCATED;
	/* acquire: whatever was written before the magic is here */
	if (atomic_load_explicit(&shared->magic, memory_order_acquire) != LAYOUT_MAGIC)
		return -BRM_EMAGIC;
	major = (uint32_t)atomic_load_explicit(&words[1], memory_order_relaxed);
	if (major != BRM_ABI_MAJOR)
		return major > BRM_ABI_MAJOR ? -BRM_ETOONEW : -BRM_ETOOOLD;
	if (map->size < sizeof *header)
		return -BRM_ETRUNCATED;
	latch_load(header, words, LAYOUT_HEADER_WORDS);
	if (header->size > map->size)
		return -BRM_ETRUNCATED;
	if (header->features_required != 0)
		return -BRM_EFEATURE;
	return header->header_bytes < sizeof *header || header->header_bytes > header->size ? -BRM_ECORRUPT : 0;
}

int map_attach(int fd, off_t size, struct map *out, struct layout_header *header)
{
	struct map map;
	int rc;

	if (size == 0)
		return -BRM_ETRUNCATED;
	rc = map_file(fd, (size_t)size, PROT_READ, &map);
	if (rc != 0)
		return rc;
	rc = read_header(&map, header);
	if (rc == 0)
		rc = read_toc(&map, header);
	if (rc != 0) {
		munmap(map.base, map.size);
		return rc;
	}
	measure(&map);
	*out = map;
	return 0;
}

void map_close(struct map *map)
{
	munmap(map->base, map->size);
	close(map->fd);
}
