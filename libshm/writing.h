/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_WRITING_H
#define LIBSHM_WRITING_H

#include <brummer/writer.h>

#include "libshm/arena.h"
#include "libshm/gate.h"
#include "libshm/index.h"
#include "libshm/latch.h"
#include "libshm/map.h"
#include "libshm/owner.h"
#include "libshm/places.h"
#include "libshm/ring.h"

/*
 * writing.h - what a writer is made of
 *
 * Everything that a writer knows is in private memory; the region only ever gets copies. One region and what is known
 * of its contents is a table; growing means to carry the contents of one table into another and to change them over.
 */

/* An entry: the newest state, and who may make the next. */
struct writer_entry {
	_Atomic uint64_t claim; /* version << 1 | claimed: moved by compare-and-swap, guards the words as a seqlock */
	_Atomic uint64_t words[LAYOUT_STATE_WORDS];
};

#define CLAIMED UINT64_C(1)

/* The newest sample and log mark, to be carried over; tenant as in the region. */
struct writer_extra {
	uint64_t metrics_tenant;
	uint64_t mark_tenant;
	struct brm_metrics metrics;
	struct brm_log_mark mark;
};

/* Freed entries in the order of their freeing. */
struct rest {
	uint32_t *entries; /* as many as there are entries */
	uint64_t *freed_ns;
	uint32_t first;
	uint32_t count;
};

struct table {
	struct map map;
	bool borrowed; /* the map belongs to a reader */
	char path[PLACES_PATH_MAX];
	struct arena arena;
	struct index index;
	struct ring ring;
	struct owner owner;
	struct rest rest;
	struct writer_entry *entries;
	struct writer_extra *extras;
	uint32_t used;
	uint32_t bell;
	uint32_t logbell; /* the capture thread's */
};

struct brm_writer {
	struct table *table;
	struct gate gate;
	uint64_t epoch;           /* of the last whole batch; changes while the gate is closed */
	_Atomic uint32_t touched; /* bits of the entries of this batch, as bells are rung with */
	uint64_t rest_ns;
	char region[BRM_REGION_MAX];
	struct brm_info info;
};

/* Private memory for `map`, all empty; NULL for want of memory. */
struct table *table_new(const struct map *map);
/* NULL is accepted. Unmaps the region unless it is borrowed. */
void table_free(struct table *table);

/* An entry that may be used now; UINT32_MAX if there is none. It stays free until table_take(). */
uint32_t table_free_entry(const struct table *table, uint64_t rest_ns);
void table_take(struct table *table, uint32_t entry);
void table_give_back(struct table *table, uint32_t entry, uint64_t now_ns);
uint64_t table_clock_ns(void);

/* Fill the slot, then the head, then the stamps of an entry, as state->epoch and state->head say. */
void table_publish(struct table *table, uint32_t entry, const struct brm_state *state);

/* The newest state of an entry that nobody is changing. */
struct brm_state table_state(const struct table *table, uint32_t entry);

/* A sample or mark of the tenant that the word names (tenant + 1), into private memory and the region. */
void table_metrics(struct table *table, uint32_t entry, uint64_t tenant, const struct brm_metrics *metrics);
void table_log_mark(struct table *table, uint32_t entry, uint64_t tenant, const struct brm_log_mark *mark);

/* What a dead region holds, as a table without region; *epoch is what to go on from. */
int carry_import(const struct brm_reader *previous, struct table **out, uint64_t *epoch);

/* The bytes of arena a table of `capacity` entries needs to hold what lives in `from` (or NULL), and room to go on. */
uint32_t carry_arena_bytes(const struct table *from, uint32_t capacity);

/* Put the contents of one table into an empty one. -BRM_EARENA */
int carry_over(const struct table *from, struct table *to, uint64_t epoch);

/* Make a region aside under a temporary name: *path is it, *map is the file, locked, its header and table of contents
 * written. */
int file_create(const char *region, uint32_t capacity, uint32_t arena_bytes, char path[PLACES_PATH_MAX],
		struct map *map);
/* Move it to its name; *path changes. */
int file_install(const char *region, char path[PLACES_PATH_MAX]);
/* Remove the name if it is still this file's. */
void file_remove(const char *path, const struct map *map);
/* Mark a region that a reader holds SUPERSEDED and ring it, if we may. */
void file_retire(const struct brm_reader *reader);

/*
 * Tell all who look at or sleep on a region that this is its new life; if that is its last, their waits end as with the
 * writer's death.
 */
void life_announce(const struct map *map, enum brm_lifecycle life, uint32_t bell);

#endif
