/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_MAP_H
#define LIBSHM_MAP_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "libshm/layout.h"

/*
 * map.h - a region in memory: where its sections are
 *
 * Made by the writer with map_create(), by readers with map_attach(), which believes nothing: what it leaves in struct
 * map lies within the mapping, and every later access is bounded by it.
 */

/* Records of `stride` words each. Readers only load; their mapping faults on a store. */
struct map_section {
	_Atomic uint64_t *words;
	size_t stride;
	size_t count;
};

struct map {
	unsigned char *base;
	size_t size;
	int fd; /* O_CLOEXEC; the writer's holds the lock */
	uint32_t capacity;
	uint32_t arena_bytes;
	size_t state_words; /* of a slot that are read: LAYOUT_STATE_WORDS, or fewer in an older layout */
	size_t cells;       /* of each of the index's two tables; a power of two */
	size_t events;      /* places in the ring; a power of two */
	struct map_section at[LAYOUT_TYPES];
};

/*
 * Give the new, empty file fd all the pages a region of this size needs, map it and write the table of contents and the
 * header's description of itself; everything else is zero. On success the map owns fd.
 */
int map_create(int fd, uint32_t capacity, uint32_t arena_bytes, struct map *out);

/*
 * Map the region of `size` bytes in fd for reading and check it; *header is a private copy, but for its paths. On
 * success the map owns fd.
 */
int map_attach(int fd, off_t size, struct map *out, struct layout_header *header);

void map_close(struct map *map);

/* The record of an entry in a section. */
static inline _Atomic uint64_t *map_record(const struct map *map, enum layout_type type, size_t index)
{
	return map->at[type].words + index * map->at[type].stride;
}

static inline _Atomic uint32_t *map_word(const struct map *map, enum layout_type type)
{
	return (_Atomic uint32_t *)(void *)map->at[type].words;
}

static inline struct layout_life *map_life(const struct map *map)
{
	return (struct layout_life *)(void *)map->at[LAYOUT_LIFE].words;
}

static inline struct layout_header *map_header(const struct map *map)
{
	return (struct layout_header *)(void *)map->base;
}

#endif
