/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_INDEX_H
#define LIBSHM_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "libshm/map.h"

/*
 * index.h - name -> entry, walked by readers without locks
 *
 * Two open-addressed tables, of which one is in use: the generation word modulo 2 says which. A cell is filled name
 * first, then key (release); its process is freed before the key becomes DELETED, and only then may the cell be filled
 * again. So a reader that takes a key and the name of the cell's next use finds, when it looks at the head last, that
 * the key's process is gone. When the deleted cells pass an eighth, the other table is built from what lives and the
 * generation moves on; a reader that finds it moved after its walk walks again.
 */

/* A name as both sides compare it: words, the last padded with zeros. */
struct index_name {
	uint64_t words[BRM_NAME_MAX / 8];
	size_t count; /* words */
	uint32_t length;
	uint32_t hash; /* places it in a table, and is in its key */
};

/* False if no process can have that name: it is empty or too long. */
bool index_pack(const char *name, struct index_name *out);

/*
 * Reader: the entry and tenant that have this name now.
 *
 *  -ENOENT, -EAGAIN   as brm_reader_find()
 */
int index_find(const struct map *map, const char *name, struct brm_handle *out);

/* The writer's private copy of the tables: it never reads the region. */
struct index_cell {
	uint64_t key;
	uint64_t name;
};

struct index {
	const struct map *map;
	struct index_cell *tables[2]; /* map->cells each; that of the generation is valid */
	uint64_t generation;
	size_t deleted;
};

/* Writer, on a new region, all zero. -ENOMEM */
int index_init(struct index *index, const struct map *map);
void index_finish(struct index *index);

/* Writer: is the name in use? Names lie in `arena`, the writer's private copy of it. */
bool index_has(const struct index *index, const unsigned char *arena, const struct index_name *name);

/* Writer: a name that is not in the index, whose bytes are at `offset` of the arena already. */
void index_insert(struct index *index, const struct index_name *name, uint32_t offset, struct brm_handle handle);

/* Writer: forget a name that is in the index. */
void index_delete(struct index *index, const unsigned char *arena, const struct index_name *name);

#endif
