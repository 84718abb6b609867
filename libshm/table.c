/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libshm/writing.h"

struct table *table_new(const struct map *map)
{
	struct table *table = calloc(1, sizeof *table);

	if (!table)
		return NULL;
	table->map = *map;
	table->borrowed = true;
	table->entries = calloc(map->capacity, sizeof *table->entries);
	table->extras = calloc(map->capacity, sizeof *table->extras);
	table->rest.entries = calloc(map->capacity, sizeof *table->rest.entries);
	table->rest.freed_ns = calloc(map->capacity, sizeof *table->rest.freed_ns);
	if (!table->entries || !table->extras || !table->rest.entries || !table->rest.freed_ns ||
	    arena_init(&table->arena, &table->map) != 0 || index_init(&table->index, &table->map) != 0) {
		table_free(table);
		return NULL;
	}
	table->borrowed = false;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	if (!table->borrowed)
		map_close(&table->map);
	arena_finish(&table->arena);
	index_finish(&table->index);
	ring_finish(&table->ring);
	free(table->rest.entries);
	free(table->rest.freed_ns);
	free(table->entries);
	free(table->extras);
	free(table);
}

uint64_t table_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint32_t table_free_entry(const struct table *table, uint64_t rest_ns)
{
	const struct rest *rest = &table->rest;

	if (rest->count > 0 && table_clock_ns() - rest->freed_ns[rest->first] >= rest_ns)
		return rest->entries[rest->first];
	return table->used < table->map.capacity ? table->used : UINT32_MAX;
}

void table_take(struct table *table, uint32_t entry)
{
	struct rest *rest = &table->rest;

	if (entry < table->used) {
		rest->first = (rest->first + 1) % table->map.capacity;
		rest->count--;
		return;
	}
	table->used = entry + 1;
	/* release: readers may look at it */
	atomic_store_explicit(&map_life(&table->map)->used, table->used, memory_order_release);
}

void table_give_back(struct table *table, uint32_t entry, uint64_t now_ns)
{
	struct rest *rest = &table->rest;
	uint32_t at = (rest->first + rest->count) % table->map.capacity;

	rest->entries[at] = entry;
	rest->freed_ns[at] = now_ns;
	rest->count++;
}

void table_publish(struct table *table, uint32_t entry, const struct brm_state *state)
{
	const struct map *map = &table->map;

	latch_publish(&map->at[LAYOUT_HEADS].words[entry], map_record(map, LAYOUT_SLOTS, (size_t)entry * LATCH_K),
		      map->at[LAYOUT_SLOTS].stride, state->head, state, LAYOUT_STATE_WORDS);
	/* release, both: who finds the stamp finds the state */
	atomic_store_explicit(&map->at[LAYOUT_STAMPS].words[entry], state->epoch, memory_order_release);
	atomic_store_explicit(&map->at[LAYOUT_GROUPS].words[entry / LAYOUT_GROUP], state->epoch, memory_order_release);
}

struct brm_state table_state(const struct table *table, uint32_t entry)
{
	struct brm_state state;

	latch_load(&state, table->entries[entry].words, LAYOUT_STATE_WORDS);
	return state;
}
