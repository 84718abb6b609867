/* SPDX-License-Identifier: MIT */
#include "libshm/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libshm/latch.h"
#include "libshm/tlv.h"

int arena_init(struct arena *arena, const struct map *map)
{
	*arena = (struct arena){.map = map, .bytes = calloc(map->arena_bytes, 1)};
	return arena->bytes ? 0 : -ENOMEM;
}

void arena_finish(struct arena *arena)
{
	free(arena->bytes);
}

/* Make the next `length` private bytes, already there, an extent of the region. */
static struct brm_extent commit(struct arena *arena, size_t length)
{
	struct brm_extent extent = {.offset = arena->used, .length = (uint32_t)length};
	size_t words = (length + 7) / 8;

	latch_store(arena->map->at[LAYOUT_ARENA].words + arena->used / 8, arena->bytes + arena->used, words);
	arena->used += (uint32_t)words * 8;
	return extent;
}

static size_t room(const struct arena *arena)
{
	return arena->map->arena_bytes - arena->used;
}

int arena_append(struct arena *arena, const void *bytes, size_t length, struct brm_extent *out)
{
	if (length > room(arena))
		return -BRM_EARENA;
	if (length == 0) {
		*out = (struct brm_extent){0};
		return 0;
	}
	memcpy(arena->bytes + arena->used, bytes, length);
	*out = commit(arena, length);
	return 0;
}

int arena_append_identity(struct arena *arena, const struct brm_identity *identity, struct brm_extent *out)
{
	size_t length = brm_identity_encode(identity, arena->bytes + arena->used, room(arena));

	if (length > room(arena))
		return -BRM_EARENA;
	*out = commit(arena, length);
	return 0;
}

int arena_append_record(struct arena *arena, uint16_t tag, const void *bytes, size_t length, struct brm_extent *out)
{
	unsigned char *at = arena->bytes + arena->used;

	if (length > room(arena) || tlv_size(length) > room(arena))
		return -BRM_EARENA;
	memcpy(tlv_put(&at, (enum tlv_tag)tag, length), bytes, length);
	*out = commit(arena, tlv_size(length));
	return 0;
}

static int check(struct brm_extent extent, uint32_t arena_bytes)
{
	if (extent.length == 0)
		return -ENOENT;
	if (extent.offset % 8 != 0 || extent.length > arena_bytes || extent.offset > arena_bytes - extent.length)
		return -EBADMSG;
	return 0;
}

const unsigned char *arena_at(const struct arena *arena, struct brm_extent extent)
{
	return check(extent, arena->map->arena_bytes) == 0 ? arena->bytes + extent.offset : NULL;
}

int arena_copy(const struct map *map, struct brm_extent extent, void *buf, size_t size)
{
	const _Atomic uint64_t *words = map->at[LAYOUT_ARENA].words + extent.offset / 8;
	int rc = check(extent, map->arena_bytes);
	size_t whole = extent.length / 8;

	if (rc != 0)
		return rc;
	if (extent.length > size)
		return -ENOSPC;
	latch_load(buf, words, whole);
	if (extent.length % 8 != 0) {
		uint64_t last = atomic_load_explicit(&words[whole], memory_order_relaxed);

		memcpy((unsigned char *)buf + whole * 8, &last, extent.length % 8);
	}
	return 0;
}
