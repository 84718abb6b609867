/* SPDX-License-Identifier: MIT */
#include "libshm/index.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libshm/latch.h"

#define FIND_TRIES   16 /* walks of a table that was rebuilt meanwhile */
#define CELL_WORDS   (sizeof(struct layout_cell) / 8)
#define TENANT_SHIFT LAYOUT_CELL_ENTRY_BITS
#define HASH_SHIFT   32

/* The hash is part of the layout: every version of writer and reader must agree. */
#define HASH_ODD UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * HASH_ODD;
	return hash ^ hash >> 32;
}

/* The last n bytes of a name as a word, 0 < n < 8; the loads overlap. */
static inline uint64_t last_word(const char *name, size_t length, size_t n)
{
	const unsigned char *bytes = (const unsigned char *)name;
	uint64_t word;
	uint32_t low, high;

	if (length >= 8) {
		memcpy(&word, name + length - 8, sizeof word);
		return word >> (8 - n) * 8;
	}
	if (n < 4)
		return bytes[0] | (uint64_t)bytes[n / 2] << n / 2 * 8 | (uint64_t)bytes[n - 1] << (n - 1) * 8;
	memcpy(&low, name, sizeof low);
	memcpy(&high, name + n - sizeof high, sizeof high);
	return low | (uint64_t)high << (n - sizeof high) * 8;
}

static inline __attribute__((always_inline)) bool pack(const char *name, struct index_name *out)
{
	size_t length = strlen(name);
	uint64_t hash = length;
	size_t count = 0;

	if (length == 0 || length >= BRM_NAME_MAX)
		return false;
	for (; (count + 1) * 8 <= length; count++) {
		memcpy(&out->words[count], name + count * 8, 8);
		hash = mix(hash, out->words[count]);
	}
	if (length % 8 != 0) {
		out->words[count] = last_word(name, length, length % 8);
		hash = mix(hash, out->words[count++]);
	}
	out->length = (uint32_t)length;
	out->count = count;
	out->hash = (uint32_t)(hash * HASH_ODD >> 32);
	return true;
}

bool index_pack(const char *name, struct index_name *out)
{
	return pack(name, out);
}

static uint64_t make_key(const struct index_name *name, struct brm_handle handle)
{
	return (uint64_t)name->hash << HASH_SHIFT | (uint64_t)(handle.tenant & 0xfff) << TENANT_SHIFT |
	       (handle.entry + 1);
}

static bool is_deleted(uint64_t key)
{
	return (key & LAYOUT_CELL_ENTRY_MASK) == LAYOUT_CELL_DELETED;
}

static uint32_t key_entry(uint64_t key)
{
	return (uint32_t)(key & LAYOUT_CELL_ENTRY_MASK) - 1;
}

/* Is the name that a cell points to this one? The cell is not trusted. */
static inline bool has_name(const struct map *map, uint64_t cell, const struct index_name *name)
{
	const _Atomic uint64_t *words;
	uint64_t offset = cell >> 32;

	if ((uint32_t)cell != name->length || offset % 8 != 0 || offset + name->count * 8 > map->arena_bytes)
		return false;
	words = map->at[LAYOUT_ARENA].words + offset / 8;
	for (size_t i = 0; i < name->count; i++)
		/* relaxed: written before the cell, which was loaded by acquire */
		if (atomic_load_explicit(&words[i], memory_order_relaxed) != name->words[i])
			return false;
	return true;
}

/* Does the tenant that the key names still live in its entry? */
static inline bool key_holds(const struct map *map, uint64_t key)
{
	uint32_t entry = key_entry(key);
	uint64_t head;

	if (entry >= map->capacity)
		return false;
	/* acquire: whoever finds a process may read its state */
	head = atomic_load_explicit(&map->at[LAYOUT_HEADS].words[entry], memory_order_acquire);
	return head_tenant(head) == (key >> TENANT_SHIFT & 0xfff) && head_status(head) != BRM_ABSENT;
}

/* The key of a name in the table of a generation; 0 if it is not there. */
static inline uint64_t walk(const struct map *map, uint64_t generation, const struct index_name *name)
{
	const _Atomic uint64_t *table = map->at[LAYOUT_INDEX].words + (generation & 1) * map->cells * CELL_WORDS;
	size_t mask = map->cells - 1;
	size_t at = name->hash & mask;

	for (size_t n = 0; n <= mask; n++, at = (at + 1) & mask) {
		/* acquire: the cell's name and the name's bytes; also pairs with the generation, see index_find() */
		uint64_t key = atomic_load_explicit(&table[at * CELL_WORDS], memory_order_acquire);

		if (key == 0)
			break;
		if (key >> HASH_SHIFT != name->hash || is_deleted(key))
			continue;
		if (has_name(map, atomic_load_explicit(&table[at * CELL_WORDS + 1], memory_order_acquire), name) &&
		    key_holds(map, key))
			return key;
	}
	return 0;
}

int index_find(const struct map *map, const char *wanted, struct brm_handle *out)
{
	const _Atomic uint64_t *word = map->at[LAYOUT_GENERATION].words;
	struct index_name name;

	if (!pack(wanted, &name))
		return -ENOENT;
	for (int tries = 0; tries < FIND_TRIES; tries++) {
		/* acquire: the table of that generation is built */
		uint64_t generation = atomic_load_explicit(word, memory_order_acquire);
		uint64_t key = walk(map, generation, &name);

		/* relaxed: if the walk saw a word of the table's next use, that was after the generation moved */
		if (atomic_load_explicit(word, memory_order_relaxed) != generation)
			continue;
		if (key == 0)
			return -ENOENT;
		out->entry = key_entry(key);
		out->tenant = (uint32_t)(key >> TENANT_SHIFT) & 0xfff;
		return 0;
	}
	return -EAGAIN;
}

int index_init(struct index *index, const struct map *map)
{
	*index = (struct index){.map = map};
	index->tables[0] = calloc(2 * map->cells, sizeof *index->tables[0]);
	if (!index->tables[0])
		return -ENOMEM;
	index->tables[1] = index->tables[0] + map->cells;
	return 0;
}

void index_finish(struct index *index)
{
	free(index->tables[0]);
}

static struct index_cell *private_table(const struct index *index)
{
	return index->tables[index->generation & 1];
}

static _Atomic uint64_t *shared_table(const struct index *index)
{
	return index->map->at[LAYOUT_INDEX].words + (index->generation & 1) * index->map->cells * CELL_WORDS;
}

/* Put a cell into the first place that is free: never used, or of a name that is gone. */
static void place_cell(struct index *index, struct index_cell cell)
{
	struct index_cell *cells = private_table(index);
	_Atomic uint64_t *table = shared_table(index);
	size_t mask = index->map->cells - 1;
	size_t at = (size_t)(cell.key >> HASH_SHIFT) & mask;

	while (cells[at].key != 0 && !is_deleted(cells[at].key))
		at = (at + 1) & mask;
	index->deleted -= is_deleted(cells[at].key);
	cells[at] = cell;
	/* release, both: behind the last move of the generation and the freeing of whoever had the cell; the key also
	 * behind the name and the name's bytes */
	atomic_store_explicit(&table[at * CELL_WORDS + 1], cell.name, memory_order_release);
	atomic_store_explicit(&table[at * CELL_WORDS], cell.key, memory_order_release);
}

/* Build the idle table from what lives in this one, then let readers use it. */
static void rebuild(struct index *index)
{
	const struct index_cell *from = private_table(index);
	size_t cells = index->map->cells;

	index->generation++;
	index->deleted = 0;
	memset(private_table(index), 0, cells * sizeof *from);
	for (size_t i = 0; i < cells * CELL_WORDS; i++)
		/* release: behind the move of the generation that put this table out of use */
		atomic_store_explicit(&shared_table(index)[i], 0, memory_order_release);
	for (size_t i = 0; i < cells; i++)
		if (from[i].key != 0 && !is_deleted(from[i].key))
			place_cell(index, from[i]);
	/* release: behind the table's cells */
	atomic_store_explicit(index->map->at[LAYOUT_GENERATION].words, index->generation, memory_order_release);
}

/* Where a name is in the table in use; SIZE_MAX if it is not. */
static size_t locate(const struct index *index, const unsigned char *arena, const struct index_name *name)
{
	const struct index_cell *cells = private_table(index);
	size_t mask = index->map->cells - 1;

	for (size_t at = name->hash & mask; cells[at].key != 0; at = (at + 1) & mask)
		if (!is_deleted(cells[at].key) && cells[at].key >> HASH_SHIFT == name->hash &&
		    (uint32_t)cells[at].name == name->length &&
		    memcmp(arena + (cells[at].name >> 32), name->words, name->length) == 0)
			return at;
	return SIZE_MAX;
}

bool index_has(const struct index *index, const unsigned char *arena, const struct index_name *name)
{
	return locate(index, arena, name) != SIZE_MAX;
}

void index_insert(struct index *index, const struct index_name *name, uint32_t offset, struct brm_handle handle)
{
	place_cell(index, (struct index_cell){make_key(name, handle), (uint64_t)offset << 32 | name->length});
}

void index_delete(struct index *index, const unsigned char *arena, const struct index_name *name)
{
	size_t at = locate(index, arena, name);

	assert(at != SIZE_MAX);
	private_table(index)[at].key = LAYOUT_CELL_DELETED;
	/* release: nothing hangs on it but the order of deletions and insertions */
	atomic_store_explicit(&shared_table(index)[at * CELL_WORDS], LAYOUT_CELL_DELETED, memory_order_release);
	if (++index->deleted > index->map->cells / 8)
		rebuild(index);
}
