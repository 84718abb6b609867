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

static const _Atomic uint64_t *slot_of(const struct brm_reader *reader, uint32_t entry, uint64_t version)
{
	const struct map_section *slots = &reader->map.at[LAYOUT_SLOTS];

	return slots->words + ((size_t)entry * LATCH_K + latch_slot(version)) * slots->stride;
}

/* The definitions for callers that cannot inline them. */
extern inline uint64_t brm_reader_peek(const struct brm_reader *reader, uint32_t entry);
extern inline enum brm_status brm_reader_status(const struct brm_reader *reader, struct brm_handle handle);

_Static_assert(offsetof(struct brm_reader, heads) == 0, "the inline functions find the heads there");

/* What an accepted copy must be before anybody uses it: the writer is not trusted. */
static void sanitise(struct brm_state *state, uint64_t head)
{
	bool sound = ((state->head ^ head) | (unsigned char)state->reason[BRM_REASON_MAX - 1] |
		      (unsigned char)state->last_error[BRM_ERROR_MAX - 1]) == 0;

	/* Looking costs less than storing what is there already. */
	if (__builtin_expect(sound, true) && __builtin_expect(state->reason_code < BRM_REASON_COUNT, true))
		return;
	state->head = head;
	state->reason[BRM_REASON_MAX - 1] = '\0';
	state->last_error[BRM_ERROR_MAX - 1] = '\0';
	if (state->reason_code >= BRM_REASON_COUNT)
		state->reason_code = BRM_REASON_NONE;
}

/*
 * The newest version, by more than one attempt, of as many words as both sides know; out of the way of the readers
 * below.
 */
static __attribute__((noinline)) int read_slowly(const struct brm_reader *reader, uint32_t entry, struct brm_state *out)
{
	for (int tries = 0; tries < READ_TRIES; tries++) {
		uint64_t head = brm_reader_peek(reader, entry);

		if (head_status(head) == BRM_ABSENT)
			return -ENOENT;
		memset(out, 0, sizeof *out);
		if (!latch_copy(head_of(reader, entry), slot_of(reader, entry, head_version(head)), head_version(head),
				out, reader->map.state_words))
			continue;
		sanitise(out, head);
		return 0;
	}
	return -EAGAIN;
}

/* Where the states are, kept out of memory while many are read. */
struct place {
	const _Atomic uint64_t *heads;
	const _Atomic uint64_t *slots; /* NULL: not as this program knows them */
};

static inline struct place place_of(const struct brm_reader *reader)
{
	return (struct place){reader->map.at[LAYOUT_HEADS].words,
			      reader->same_slots ? reader->map.at[LAYOUT_SLOTS].words : NULL};
}

/* The same; where writer and reader have one layout the first attempt is nearly always enough. */
static inline __attribute__((always_inline)) int read_state(const struct brm_reader *reader, struct place place,
							    uint32_t entry, struct brm_state *out)
{
	const _Atomic uint64_t *head_at = &place.heads[entry];
	/* acquire: the fill of what it names has happened */
	uint64_t head = atomic_load_explicit(head_at, memory_order_acquire);
	/* A shift in place of two multiplications. */
	size_t slot = ((size_t)entry * LATCH_K + latch_slot(head_version(head))) * LAYOUT_STATE_WORDS;

	if (head_status(head) == BRM_ABSENT)
		return -ENOENT;
	if (!place.slots || !latch_copy(head_at, place.slots + slot, head_version(head), out, LAYOUT_STATE_WORDS))
		return read_slowly(reader, entry, out);
	sanitise(out, head);
	return 0;
}

int brm_reader_state(const struct brm_reader *reader, uint32_t entry, struct brm_state *out)
{
	return entry < reader->map.capacity ? read_state(reader, place_of(reader), entry, out) : -ERANGE;
}

int brm_reader_find(const struct brm_reader *reader, const char *name, struct brm_handle *out)
{
	return index_find(&reader->map, name, out);
}

enum found { NONE, FOUND, FAILED };

/* Copy a version that is known to be at most `epoch`'s; FAILED if its slot was refilled, or holds something else. */
static enum found take(const struct brm_reader *reader, uint32_t entry, uint64_t version, struct brm_state *out)
{
	memset(out, 0, sizeof *out);
	if (!latch_copy(head_of(reader, entry), slot_of(reader, entry, version), version, out,
			reader->map.state_words) ||
	    head_version(out->head) != version)
		return FAILED;
	sanitise(out, out->head);
	return head_status(out->head) == BRM_ABSENT ? NONE : FOUND;
}

/*
 * What lived in an entry after batch `epoch`: the newest of its last K-1 versions whose stored epoch is not later.
 *
 * If a stored epoch that was looked at belongs to a refilled slot, the version taken after it is out of the window.
 */
static __attribute__((noinline)) enum found read_back(const struct brm_reader *reader, uint32_t entry, uint64_t epoch,
						      struct brm_state *out)
{
	enum found found = FAILED;

	for (int tries = 0; tries < BACK_TRIES && found == FAILED; tries++) {
		/* acquire: the fill of what it names has happened */
		uint64_t newest = head_version(atomic_load_explicit(head_of(reader, entry), memory_order_acquire));

		for (uint64_t back = 0; back <= LATCH_K - 2; back++) {
			uint64_t version = (newest - back) & HEAD_VERSION_MASK;
			const _Atomic uint64_t *stored = &slot_of(reader, entry, version)[EPOCH_WORD];

			/* acquire: if it is a refilled slot's, the head has moved on for take() */
			if (atomic_load_explicit(stored, memory_order_acquire) > epoch)
				continue;
			found = take(reader, entry, version, out);
			break;
		}
	}
	return found;
}

/* Where a list goes. */
struct list {
	struct brm_state *states;
	uint32_t *entries;
	uint32_t max;
	uint32_t from;  /* the first entry to look at; behind the last one afterwards */
	uint32_t most;  /* that are looked for: max, or all, to count those beyond max too */
	uint32_t count; /* found, also beyond max */
};

#define ANY_EPOCH UINT64_MAX

/* Go over the entries, as they were after `epoch`. False if one could not be had; with ANY_EPOCH it is left out. */
static bool scan(const struct brm_reader *reader, uint64_t epoch, struct list *list)
{
	/* The epoch was loaded before: no entry of its batches is beyond `used`. */
	const uint32_t used = brm_reader_used(reader);
	const struct place place = place_of(reader);
	const uint32_t max = list->max;
	struct brm_state spare;
	struct brm_state *out = list->states && max > 0 ? list->states : &spare;
	uint32_t count = 0, entry;

	for (entry = list->from; entry < used && count < list->most; entry++) {
		enum found found = FOUND;

		/* Mostly the newest version is the one, and a process's. */
		if (read_state(reader, place, entry, out) != 0 || out->epoch > epoch)
			found = read_back(reader, entry, epoch, out);
		if (found == FAILED && epoch != ANY_EPOCH)
			return false;
		if (found != FOUND)
			continue;
		if (count < max && list->entries)
			list->entries[count] = entry;
		count++;
		out = list->states && count < max ? out + 1 : &spare;
	}
	list->count = count;
	list->from = entry;
	return true;
}

uint32_t brm_reader_list(const struct brm_reader *reader, struct brm_state *states, uint32_t *entries, uint32_t max,
			 struct brm_cut *cut)
{
	struct list list = {.states = states, .entries = entries, .max = max, .most = UINT32_MAX};

	cut->consistent = false;
	for (int tries = 0; tries < CUT_TRIES && !cut->consistent; tries++) {
		cut->epoch = brm_reader_epoch(reader);
		cut->consistent = scan(reader, cut->epoch, &list);
	}
	if (!cut->consistent)
		scan(reader, ANY_EPOCH, &list);
	cut->count = list.count;
	return list.count < max ? list.count : max;
}

int brm_reader_part(const struct brm_reader *reader, uint64_t epoch, uint32_t *next, struct brm_state *states,
		    uint32_t *entries, uint32_t max)
{
	struct list list = {.states = states, .entries = entries, .max = max, .from = *next, .most = max};

	if (!scan(reader, epoch, &list))
		return -EAGAIN;
	*next = list.from;
	return (int)list.count;
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
		if (since == 0 && head_status(brm_reader_peek(reader, entry)) == BRM_ABSENT)
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
