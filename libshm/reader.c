/* SPDX-License-Identifier: MIT */
#include <brummer/reader.h>

#include <errno.h>
#include <string.h>

#include "libshm/index.h"
#include "libshm/latch.h"
#include "libshm/reading.h"

#define READ_TRIES 64 /* copies of a state; each fails only if K-1 versions were published during it */
#define CUT_TRIES  3  /* epochs a list is tried for */
#define BACK_TRIES 4  /* looks at one entry for one epoch */

#define EPOCH_WORD 0 /* of a slot */
#define HEAD_WORD  1

const struct brm_info *brm_reader_info(const struct brm_reader *reader)
{
	return &reader->info;
}

enum brm_lifecycle brm_reader_lifecycle(const struct brm_reader *reader)
{
	/* acquire: the final states are there when it says CLOSED */
	uint64_t word = atomic_load_explicit(&map_life(&reader->map)->lifecycle, memory_order_acquire);

	return word <= BRM_LIFE_SUPERSEDED ? (enum brm_lifecycle)word : BRM_LIFE_INIT;
}

uint32_t brm_reader_capacity(const struct brm_reader *reader)
{
	return reader->map.capacity;
}

uint32_t brm_reader_used(const struct brm_reader *reader)
{
	/* acquire: pairs with the epoch's order, see brm_reader_list() */
	uint64_t used = atomic_load_explicit(&map_life(&reader->map)->used, memory_order_acquire);

	return used < reader->map.capacity ? (uint32_t)used : reader->map.capacity;
}

uint64_t brm_reader_epoch(const struct brm_reader *reader)
{
	/* acquire: everything of the batches up to it is there */
	return atomic_load_explicit(&map_life(&reader->map)->epoch, memory_order_acquire);
}

static const _Atomic uint64_t *head_of(const struct brm_reader *reader, uint32_t entry)
{
	return &reader->map.at[LAYOUT_HEADS].words[entry];
}

static const _Atomic uint64_t *slots_of(const struct brm_reader *reader, uint32_t entry)
{
	return map_record(&reader->map, LAYOUT_SLOTS, (size_t)entry * LATCH_K);
}

uint64_t brm_reader_peek(const struct brm_reader *reader, uint32_t entry)
{
	if (entry >= reader->map.capacity)
		return 0;
	/* acquire: who acts on it may read what was published before */
	return atomic_load_explicit(head_of(reader, entry), memory_order_acquire);
}

/* What an accepted copy must be before anybody uses it: the writer is not trusted. */
static void sanitise(struct brm_state *state, uint64_t head)
{
	state->head = head;
	state->reason[BRM_REASON_MAX - 1] = '\0';
	state->last_error[BRM_ERROR_MAX - 1] = '\0';
	if (state->reason_code >= BRM_REASON_COUNT)
		state->reason_code = BRM_REASON_NONE;
}

/* One attempt at the newest version, of as many words as both sides know. */
static bool read_once(const struct brm_reader *reader, uint32_t entry, uint64_t *head, struct brm_state *out)
{
	size_t stride = reader->map.at[LAYOUT_SLOTS].stride;

	if (reader->map.state_words == LAYOUT_STATE_WORDS)
		return latch_read(head_of(reader, entry), slots_of(reader, entry), stride, head, out,
				  LAYOUT_STATE_WORDS);
	memset(out, 0, sizeof *out);
	return latch_read(head_of(reader, entry), slots_of(reader, entry), stride, head, out, reader->map.state_words);
}

int brm_reader_state(const struct brm_reader *reader, uint32_t entry, struct brm_state *out)
{
	uint64_t head;

	if (entry >= reader->map.capacity)
		return -ERANGE;
	if (brm_head_status(brm_reader_peek(reader, entry)) == BRM_ABSENT)
		return -ENOENT;
	for (int tries = 0; tries < READ_TRIES; tries++) {
		if (!read_once(reader, entry, &head, out))
			continue;
		if (brm_head_status(head) == BRM_ABSENT)
			return -ENOENT;
		sanitise(out, head);
		return 0;
	}
	return -EAGAIN;
}

int brm_reader_find(const struct brm_reader *reader, const char *name, struct brm_handle *out)
{
	struct index_name packed;

	return index_pack(name, &packed) ? index_find(&reader->map, &packed, out) : -ENOENT;
}

enum brm_status brm_reader_status(const struct brm_reader *reader, struct brm_handle handle)
{
	uint64_t head = brm_reader_peek(reader, handle.entry);

	return brm_head_tenant(head) == handle.tenant ? brm_head_status(head) : BRM_ABSENT;
}

enum found { NONE, FOUND, FAILED };

/* Copy a version that is known to be at most `epoch`'s; FAILED if its slot was refilled, or holds something else. */
static enum found take(const struct brm_reader *reader, uint32_t entry, uint64_t version, struct brm_state *out)
{
	const struct map *map = &reader->map;
	size_t stride = map->at[LAYOUT_SLOTS].stride;

	if (map->state_words < LAYOUT_STATE_WORDS)
		memset(out, 0, sizeof *out);
	latch_load(out, slots_of(reader, entry) + latch_slot(version, stride), map->state_words);
	if (!latch_holds(head_of(reader, entry), version) || latch_version(out->head) != version)
		return FAILED;
	sanitise(out, out->head);
	return brm_head_status(out->head) == BRM_ABSENT ? NONE : FOUND;
}

/*
 * What lived in an entry after batch `epoch`: the newest of its last K-1 versions whose stored epoch is not later.
 *
 * If a stored epoch that was looked at belongs to a refilled slot, the version taken after it is out of the window.
 */
static enum found read_at(const struct brm_reader *reader, uint32_t entry, uint64_t epoch, struct brm_state *out)
{
	size_t stride = reader->map.at[LAYOUT_SLOTS].stride;
	enum found found = FAILED;

	for (int tries = 0; tries < BACK_TRIES && found == FAILED; tries++) {
		/* acquire: the fill of what it names has happened */
		uint64_t newest = latch_version(atomic_load_explicit(head_of(reader, entry), memory_order_acquire));

		for (uint64_t back = 0; back <= LATCH_K - 2; back++) {
			uint64_t version = (newest - back) & LATCH_VERSION_MASK;
			const _Atomic uint64_t *slot = slots_of(reader, entry) + latch_slot(version, stride);

			if (atomic_load_explicit(&slot[EPOCH_WORD], memory_order_acquire) > epoch)
				continue;
			found = take(reader, entry, version, out);
			break;
		}
	}
	return found;
}

/* The newest state of an entry, whatever its batch. */
static enum found read_newest(const struct brm_reader *reader, uint32_t entry, struct brm_state *out)
{
	return brm_reader_state(reader, entry, out) == 0 ? FOUND : NONE;
}

/* Where a list goes. */
struct list {
	struct brm_state *states;
	uint32_t *entries;
	uint32_t max;
	uint32_t count; /* found, also beyond max */
};

/* Go over all entries, as they were after `epoch`, or as they are now (UINT64_MAX). False if one could not be had. */
static bool scan(const struct brm_reader *reader, uint64_t epoch, struct list *list)
{
	/* The epoch was loaded before: no entry of its batches is beyond `used`. */
	uint32_t used = brm_reader_used(reader);
	struct brm_state spare;

	list->count = 0;
	for (uint32_t entry = 0; entry < used; entry++) {
		bool wanted = list->count < list->max;
		struct brm_state *out = wanted && list->states ? &list->states[list->count] : &spare;
		enum found found =
			epoch == UINT64_MAX ? read_newest(reader, entry, out) : read_at(reader, entry, epoch, out);

		if (found == FAILED)
			return false;
		if (found == NONE)
			continue;
		if (wanted && list->entries)
			list->entries[list->count] = entry;
		list->count++;
	}
	return true;
}

uint32_t brm_reader_list(const struct brm_reader *reader, struct brm_state *states, uint32_t *entries, uint32_t max,
			 struct brm_cut *cut)
{
	struct list list = {states, entries, max, 0};

	cut->consistent = false;
	for (int tries = 0; tries < CUT_TRIES && !cut->consistent; tries++) {
		cut->epoch = brm_reader_epoch(reader);
		cut->consistent = scan(reader, cut->epoch, &list);
	}
	if (!cut->consistent)
		scan(reader, UINT64_MAX, &list);
	cut->count = list.count;
	return list.count < max ? list.count : max;
}

/* Add the entries of a group whose stamps are later than `since` to entries[max]; returns how many there are now. */
static uint32_t scan_group(const struct brm_reader *reader, uint32_t group, uint64_t since, uint32_t *entries,
			   uint32_t max, uint32_t count)
{
	const _Atomic uint64_t *stamps = reader->map.at[LAYOUT_STAMPS].words;
	uint32_t end = (group + 1) * LAYOUT_GROUP;
	uint32_t capacity = reader->map.capacity;

	for (uint32_t entry = group * LAYOUT_GROUP; entry < end && entry < capacity; entry++) {
		/* acquire: what was published before the stamp can be read */
		if (atomic_load_explicit(&stamps[entry], memory_order_acquire) <= since)
			continue;
		if (since == 0 && brm_head_status(brm_reader_peek(reader, entry)) == BRM_ABSENT)
			continue;
		if (count < max)
			entries[count] = entry;
		count++;
	}
	return count;
}

uint32_t brm_reader_changed(const struct brm_reader *reader, uint64_t since, uint32_t *entries, uint32_t max,
			    uint64_t *epoch)
{
	const _Atomic uint64_t *groups = reader->map.at[LAYOUT_GROUPS].words;
	uint64_t now = brm_reader_epoch(reader);
	uint32_t last = (brm_reader_used(reader) + LAYOUT_GROUP - 1) / LAYOUT_GROUP;
	uint32_t count = 0;

	for (uint32_t group = 0; group < last; group++)
		/* acquire: the stamps below it are there */
		if (atomic_load_explicit(&groups[group], memory_order_acquire) > since)
			count = scan_group(reader, group, since, entries, max, count);
	*epoch = count <= max ? now : since;
	return count;
}
