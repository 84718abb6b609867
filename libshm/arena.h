/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_ARENA_H
#define LIBSHM_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "libshm/map.h"

/*
 * arena.h - append-only bytes that states point into
 *
 * An extent is written once, before the state (or the index cell, or the event) that names it is published, and never
 * again: a reader that got the extent by acquire copies its bytes without a second look. Extents begin at multiples of
 * 8. The writer keeps a private copy, so that it can carry its contents into the next region without reading this one.
 */

struct arena {
	const struct map *map;
	unsigned char *bytes; /* private; map->arena_bytes of them */
	uint32_t used;
};

/* -ENOMEM */
int arena_init(struct arena *arena, const struct map *map);
void arena_finish(struct arena *arena);

/* Append bytes; -BRM_EARENA. A length of 0 is the empty extent. */
int arena_append(struct arena *arena, const void *bytes, size_t length, struct brm_extent *out);

/* Append an encoded identity, or a list as one record; -BRM_EARENA. */
int arena_append_identity(struct arena *arena, const struct brm_identity *identity, struct brm_extent *out);
int arena_append_record(struct arena *arena, uint16_t tag, const void *bytes, size_t length, struct brm_extent *out);

/* The bytes of an extent in the private copy; NULL if it lies outside. */
const unsigned char *arena_at(const struct arena *arena, struct brm_extent extent);

/*
 * Reader: copy an extent that is not trusted.
 *
 *  -ENOENT  it is empty    -ENOSPC  buf is too small    -EBADMSG  it lies outside the arena
 */
int arena_copy(const struct map *map, struct brm_extent extent, void *buf, size_t size);

#endif
