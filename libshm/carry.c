/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libshm/reading.h"
#include "libshm/tlv.h"
#include "libshm/writing.h"

#define ARENA_PER_ENTRY 2048u               /* bytes of a new arena */
#define ARENA_SPARE     (256u << 10)        /* bytes free in one that was just filled, at least */
#define NAMES_SPARE     (128u << 10)        /* bytes that the names of gone processes must leave free */
#define ARENA_MAX       (256u << 20)        /* bytes that are believed of a dead region's, or asked for */
#define PLAUSIBLE       (UINT64_C(1) << 62) /* counters of a dead region beyond it are not gone on from */
#define EVENTS_AT_ONCE  64

/* carry.c - the contents of one region into the next: after growth, a full arena, a crash */

static bool is_used(const struct brm_state *state)
{
	return brm_state_status(state) != BRM_ABSENT;
}

/* Keep a state privately as the newest of its entry. */
static void keep(struct table *table, uint32_t entry, const struct brm_state *state)
{
	/* relaxed: no other thread has the table yet; the words' stores are the latch's */
	atomic_store_explicit(&table->entries[entry].claim, head_version(state->head) << 1, memory_order_relaxed);
	latch_store(table->entries[entry].words, state, LAYOUT_STATE_WORDS);
}

static void import_entry(const struct brm_reader *previous, struct table *table, uint32_t entry)
{
	uint64_t head = brm_reader_peek(previous, entry);
	struct brm_state state = {0};
	struct brm_handle handle;
	struct writer_extra *extra = &table->extras[entry];

	if (brm_reader_state(previous, entry, &state) != 0)
		state = (struct brm_state){.head = head_make(head_version(head), head_tenant(head), BRM_ABSENT)};
	keep(table, entry, &state);
	handle = (struct brm_handle){entry, head_tenant(state.head)};
	if (brm_reader_metrics(previous, handle, &extra->metrics) == 0)
		extra->metrics_tenant = (uint64_t)handle.tenant + 1;
	if (brm_reader_log_mark(previous, handle, &extra->mark) == 0)
		extra->mark_tenant = (uint64_t)handle.tenant + 1;
}

static int import_events(const struct brm_reader *previous, struct ring *ring)
{
	struct brm_event events[EVENTS_AT_ONCE];
	uint64_t first, end, missed;
	size_t count;

	brm_events_range(previous, &first, &end);
	if (end > PLAUSIBLE)
		first = end = 1;
	*ring = (struct ring){.first = first, .end = first};
	ring->events = calloc(BRM_EVENTS_CAPACITY, sizeof *ring->events);
	if (!ring->events)
		return -ENOMEM;
	while (ring->end < end && (count = brm_events_read(previous, &ring->end, events, EVENTS_AT_ONCE, &missed)) > 0)
		for (size_t i = 0; i < count; i++)
			ring->events[events[i].seq % BRM_EVENTS_CAPACITY] = events[i];
	return 0;
}

/* The newest epoch of all that is there: an unfinished batch has published states of the epoch after the last. */
static uint64_t newest_epoch(const struct brm_reader *previous, const struct table *table)
{
	uint64_t epoch = brm_reader_epoch(previous);

	if (epoch > PLAUSIBLE)
		epoch = 0;
	for (uint32_t entry = 0; entry < table->used; entry++) {
		struct brm_state state = table_state(table, entry);

		if (state.epoch > epoch && state.epoch <= PLAUSIBLE)
			epoch = state.epoch;
	}
	return epoch;
}

int carry_import(const struct brm_reader *previous, struct table **out, uint64_t *epoch)
{
	struct map map = previous->map;
	struct table *table;

	if (map.capacity > BRM_CAPACITY_LAST)
		map.capacity = BRM_CAPACITY_LAST;
	if (map.arena_bytes > ARENA_MAX)
		map.arena_bytes = ARENA_MAX;
	table = table_new(&map);
	if (!table)
		return -ENOMEM;
	table->borrowed = true;
	table->used = brm_reader_used(previous) < map.capacity ? brm_reader_used(previous) : map.capacity;
	if (import_events(previous, &table->ring) != 0) {
		table_free(table);
		return -ENOMEM;
	}
	for (uint32_t entry = 0; entry < table->used; entry++)
		import_entry(previous, table, entry);
	latch_load(table->arena.bytes, map.at[LAYOUT_ARENA].words, map.arena_bytes / 8);
	*epoch = newest_epoch(previous, table);
	*out = table;
	return 0;
}

uint32_t carry_arena_bytes(const struct table *from, uint32_t capacity)
{
	uint64_t bytes = (uint64_t)capacity * ARENA_PER_ENTRY;
	uint64_t live = 0;

	for (uint32_t entry = 0; from && entry < from->used; entry++) {
		struct brm_state state = table_state(from, entry);

		if (is_used(&state))
			live += (uint64_t)state.identity.length + state.urls.length + state.ports.length + 24;
	}
	if (bytes < 2 * live + ARENA_SPARE)
		bytes = 2 * live + ARENA_SPARE;
	return bytes < ARENA_MAX ? (uint32_t)bytes & ~7u : ARENA_MAX;
}

/* Copy an extent; one that lies outside becomes empty. */
static int move_extent(const struct table *from, struct table *to, struct brm_extent *extent)
{
	const unsigned char *bytes = arena_at(&from->arena, *extent);

	if (!bytes)
		extent->length = 0;
	return arena_append(&to->arena, bytes, extent->length, extent);
}

/* Copy what a state points to. -EBADMSG: its identity is none, or its name is taken. -BRM_EARENA */
static int move_extents(const struct table *from, struct table *to, struct brm_state *state, struct index_name *name)
{
	const unsigned char *bytes = arena_at(&from->arena, state->identity);
	struct brm_identity identity;
	int rc;

	if (!bytes || brm_identity_decode(bytes, state->identity.length, &identity) != 0 ||
	    !index_pack(identity.name, name) || index_has(&to->index, to->arena.bytes, name))
		return -EBADMSG;
	rc = move_extent(from, to, &state->identity);
	if (rc == 0)
		rc = move_extent(from, to, &state->urls);
	return rc == 0 ? move_extent(from, to, &state->ports) : rc;
}

static void carry_extra(const struct table *from, struct table *to, uint32_t entry)
{
	const struct writer_extra *extra = &from->extras[entry];

	if (extra->metrics_tenant != 0)
		table_metrics(to, entry, extra->metrics_tenant, &extra->metrics);
	if (extra->mark_tenant != 0)
		table_log_mark(to, entry, extra->mark_tenant, &extra->mark);
}

/* What is left of a process that cannot be carried over: a freeing publish. */
static struct brm_state freed(const struct brm_state *state, uint64_t epoch)
{
	return (struct brm_state){
		.epoch = epoch,
		.head = head_make(head_version(state->head) + 1, head_tenant(state->head) + 1, BRM_ABSENT)};
}

static int carry_entry(const struct table *from, struct table *to, uint32_t entry, uint64_t epoch)
{
	struct brm_state state = table_state(from, entry);
	struct index_name name;
	int rc = is_used(&state) ? move_extents(from, to, &state, &name) : 0;

	if (rc != 0 && rc != -EBADMSG && !from->borrowed)
		return rc;
	if (rc != 0)
		state = freed(&state, epoch);
	if (state.epoch > epoch)
		state.epoch = epoch;
	keep(to, entry, &state);
	table_publish(to, entry, &state);
	if (!is_used(&state))
		return 0;
	index_insert(&to->index, &name, state.identity.offset + (uint32_t)sizeof(struct tlv),
		     (struct brm_handle){entry, head_tenant(state.head)});
	carry_extra(from, to, entry);
	return 0;
}

/* Entries that nobody lives in go on resting; those of a dead region begin to. */
static void carry_rest(const struct table *from, struct table *to)
{
	const struct rest *rest = &from->rest;

	for (uint32_t i = 0; i < rest->count; i++) {
		uint32_t at = (rest->first + i) % from->map.capacity;

		table_give_back(to, rest->entries[at], rest->freed_ns[at]);
	}
	for (uint32_t entry = 0; from->borrowed && entry < to->used; entry++) {
		struct brm_state state = table_state(to, entry);

		if (!is_used(&state))
			table_give_back(to, entry, table_clock_ns());
	}
}

/* The stamp of a group is the newest of its entries'. */
static void carry_groups(struct table *to)
{
	for (uint32_t entry = 0; entry < to->used; entry++) {
		_Atomic uint64_t *group = &to->map.at[LAYOUT_GROUPS].words[entry / LAYOUT_GROUP];
		uint64_t epoch = table_state(to, entry).epoch;

		/* relaxed, both: the magic is not stored yet, and we have just written it ourselves */
		if (entry % LAYOUT_GROUP == 0 || epoch > atomic_load_explicit(group, memory_order_relaxed))
			atomic_store_explicit(group, epoch, memory_order_relaxed);
	}
}

/* Where the name of a process that is gone went: the last one of each entry. */
struct moved {
	struct brm_extent from;
	struct brm_extent to;
};

static struct brm_extent move_name(const struct table *from, struct table *to, struct brm_extent identity)
{
	const unsigned char *bytes = arena_at(&from->arena, identity);
	struct brm_extent name = {0};
	struct brm_identity decoded;

	if (bytes && brm_identity_decode(bytes, identity.length, &decoded) == 0 &&
	    to->map.arena_bytes - to->arena.used > NAMES_SPARE)
		arena_append_record(&to->arena, TLV_NAME, decoded.name, strlen(decoded.name) + 1, &name);
	return name;
}

/* The new place of the identity that an event names: of the living, that of the state; of the gone, the name alone. */
static struct brm_extent move_event(const struct table *from, struct table *to, const struct brm_event *event,
				    struct moved *moved)
{
	struct brm_state before, now;

	if (event->entry >= from->used)
		return (struct brm_extent){0};
	before = table_state(from, event->entry);
	now = table_state(to, event->entry);
	if (is_used(&now) && before.identity.offset == event->identity.offset)
		return now.identity;
	moved += event->entry;
	if (moved->from.length == 0 || moved->from.offset != event->identity.offset)
		*moved = (struct moved){event->identity, move_name(from, to, event->identity)};
	return moved->to;
}

/* The newest events first find room for their names; appended they are from the oldest on. */
static int carry_events(const struct table *from, struct table *to)
{
	uint64_t first = ring_oldest(&from->ring);
	struct moved *moved = calloc(from->map.capacity, sizeof *moved);
	struct brm_extent *places = calloc(BRM_EVENTS_CAPACITY, sizeof *places);
	int rc = moved && places ? ring_init(&to->ring, &to->map, first) : -ENOMEM;

	for (uint64_t seq = from->ring.end; rc == 0 && seq > first; seq--)
		places[seq - 1 - first] = move_event(from, to, ring_at(&from->ring, seq - 1), moved);
	for (uint64_t seq = first; rc == 0 && seq < from->ring.end; seq++) {
		struct brm_event event = *ring_at(&from->ring, seq);

		event.identity = places[seq - first];
		ring_append(&to->ring, event);
	}
	free(moved);
	free(places);
	return rc;
}

int carry_over(const struct table *from, struct table *to, uint64_t epoch)
{
	int rc = 0;

	if (!from)
		return ring_init(&to->ring, &to->map, 1);
	for (uint32_t entry = 0; rc == 0 && entry < from->used; entry++)
		rc = carry_entry(from, to, entry, epoch);
	if (rc != 0)
		return rc;
	to->used = from->used;
	/* relaxed: the magic is not stored yet */
	atomic_store_explicit(&map_life(&to->map)->used, to->used, memory_order_relaxed);
	carry_groups(to);
	carry_rest(from, to);
	return carry_events(from, to);
}
