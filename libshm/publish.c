/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "libshm/alive.h"
#include "libshm/text.h"
#include "libshm/tlv.h"
#include "libshm/writing.h"

#define HEAD_WORD 1 /* of a state */

/* publish.c - states, events, samples and marks into the region; the batch */

/* This entry, or the supervisor itself, has something new: its waiters are to be woken at the end of the batch. */
static void touch(struct brm_writer *writer, uint32_t entry)
{
	uint32_t bit = UINT32_C(1) << (entry % 32);

	/* relaxed, both: the gate orders it before the commit */
	if (!(atomic_load_explicit(&writer->touched, memory_order_relaxed) & bit))
		atomic_fetch_or_explicit(&writer->touched, bit, memory_order_relaxed);
}

/* Copy an entry's newest state while others may change it: false if one just does. *claim is its version's. */
static bool snapshot(struct writer_entry *entry, uint64_t *claim, struct brm_state *out)
{
	/* acquire: the words of that version */
	*claim = atomic_load_explicit(&entry->claim, memory_order_acquire);
	if (*claim & CLAIMED)
		return false;
	latch_load(out, entry->words, LAYOUT_STATE_WORDS);
	/* relaxed: the acquire loads of the words come before it, and any newer word brings its claim with it */
	return atomic_load_explicit(&entry->claim, memory_order_relaxed) == *claim;
}

/* Become the one who makes the next version. */
static bool claim_version(struct writer_entry *entry, uint64_t claim)
{
	/* acquire: what the maker of this version did is before what this one does, also for readers of the region */
	return atomic_compare_exchange_strong_explicit(&entry->claim, &claim, claim | CLAIMED, memory_order_acquire,
						       memory_order_relaxed);
}

/* The same whatever the version is; waits for another thread's update, which is short. Returns the claim. */
static uint64_t claim_newest(struct writer_entry *entry)
{
	for (;;) {
		uint64_t claim = atomic_load_explicit(&entry->claim, memory_order_relaxed);

		if (!(claim & CLAIMED) && claim_version(entry, claim))
			return claim;
		sched_yield();
	}
}

/* Make the claimed entry's next version of *state: its status is taken from it, tenant and version are set. */
static void publish_claimed(struct brm_writer *writer, uint32_t number, uint64_t claim, unsigned tenant,
			    const struct brm_state *state)
{
	struct table *table = writer->table;
	struct writer_entry *entry = &table->entries[number];
	uint64_t version = ((claim >> 1) + 1) & HEAD_VERSION_MASK;
	struct brm_state next = *state;

	next.epoch = writer->epoch + 1;
	next.head = head_make(version, tenant, head_status(state->head));
	latch_store(entry->words, &next, LAYOUT_STATE_WORDS);
	table_publish(table, number, &next);
	touch(writer, number);
	/* release: to whoever claims the next one */
	atomic_store_explicit(&entry->claim, version << 1, memory_order_release);
}

static uint64_t private_head(const struct writer_entry *entry)
{
	/* relaxed: only its claimer changes it, or this thread alone */
	return atomic_load_explicit(&entry->words[HEAD_WORD], memory_order_relaxed);
}

int brm_writer_publish(struct brm_writer *writer, uint32_t entry, const struct brm_state *state)
{
	struct writer_entry *private;
	uint64_t claim, head;

	if (entry >= writer->table->map.capacity)
		return -ERANGE;
	if (brm_state_status(state) == BRM_ABSENT)
		return -EINVAL;
	private = &writer->table->entries[entry];
	/* Entries come and go by this thread alone. */
	if (head_status(private_head(private)) == BRM_ABSENT)
		return -ENOENT;
	claim = claim_newest(private);
	head = private_head(private);
	publish_claimed(writer, entry, claim, head_tenant(head), state);
	return 0;
}

/* One attempt at an update: 1 if another thread was faster. */
static int try_update(struct brm_writer *writer, uint32_t entry, brm_update_fn *update, void *arg)
{
	struct writer_entry *private;
	struct brm_state state, next;
	uint64_t claim;

	if (entry >= writer->table->map.capacity)
		return -ERANGE;
	private = &writer->table->entries[entry];
	if (!snapshot(private, &claim, &state))
		return 1;
	if (brm_state_status(&state) == BRM_ABSENT)
		return -ENOENT;
	next = update(&state, arg);
	if (brm_state_status(&next) == BRM_ABSENT)
		return -EINVAL;
	if (!claim_version(private, claim))
		return 1;
	publish_claimed(writer, entry, claim, head_tenant(state.head), &next);
	return 0;
}

int brm_writer_update(struct brm_writer *writer, uint32_t entry, brm_update_fn *update, void *arg, uint64_t *retries)
{
	for (;;) {
		int rc;

		gate_enter(&writer->gate);
		rc = try_update(writer, entry, update, arg);
		gate_leave(&writer->gate);
		if (rc <= 0)
			return rc;
		if (retries)
			++*retries;
		sched_yield();
	}
}

int brm_writer_state(const struct brm_writer *writer, uint32_t entry, struct brm_state *out)
{
	struct brm_state state;
	uint64_t claim;

	if (entry >= writer->table->map.capacity)
		return -ERANGE;
	while (!snapshot(&writer->table->entries[entry], &claim, &state))
		sched_yield();
	if (brm_state_status(&state) == BRM_ABSENT)
		return -ENOENT;
	*out = state;
	return 0;
}

/* Where the name's bytes are: the first record of its identity. */
static uint32_t name_offset(struct brm_extent identity)
{
	return identity.offset + (uint32_t)sizeof(struct tlv);
}

int brm_writer_add(struct brm_writer *writer, const struct brm_identity *identity, const struct brm_state *state,
		   uint32_t *entry)
{
	struct table *table = writer->table;
	struct brm_state first = *state;
	struct index_name name;
	struct brm_handle handle;
	uint64_t claim;
	int rc;

	if (!identity->name || !text_is_name(identity->name, strlen(identity->name)) ||
	    !index_pack(identity->name, &name) || brm_state_status(state) == BRM_ABSENT)
		return -EINVAL;
	if (index_has(&table->index, table->arena.bytes, &name))
		return -EEXIST;
	handle.entry = table_free_entry(table, writer->rest_ns);
	if (handle.entry == UINT32_MAX)
		return -BRM_ECAPACITY;
	rc = arena_append_identity(&table->arena, identity, &first.identity);
	if (rc != 0)
		return rc;
	table_take(table, handle.entry);
	claim = claim_newest(&table->entries[handle.entry]);
	handle.tenant = head_tenant(private_head(&table->entries[handle.entry]));
	publish_claimed(writer, handle.entry, claim, handle.tenant, &first);
	index_insert(&table->index, &name, name_offset(first.identity), handle);
	*entry = handle.entry;
	return 0;
}

void brm_writer_remove(struct brm_writer *writer, uint32_t entry)
{
	struct table *table = writer->table;
	struct brm_state nobody = {0};
	struct brm_state last;
	struct index_name name;
	uint64_t claim;

	if (brm_writer_state(writer, entry, &last) != 0)
		return;
	claim = claim_newest(&table->entries[entry]);
	publish_claimed(writer, entry, claim, head_tenant(last.head) + 1, &nobody);
	index_pack((const char *)table->arena.bytes + name_offset(last.identity), &name);
	index_delete(&table->index, table->arena.bytes, &name);
	table_give_back(table, entry, table_clock_ns());
}

int brm_writer_identity(struct brm_writer *writer, const struct brm_identity *identity, struct brm_extent *out)
{
	return arena_append_identity(&writer->table->arena, identity, out);
}

int brm_writer_urls(struct brm_writer *writer, const struct brm_strings *urls, struct brm_extent *out)
{
	return arena_append_record(&writer->table->arena, TLV_URLS, urls->first, urls->count ? urls->size : 0, out);
}

int brm_writer_ports(struct brm_writer *writer, const uint16_t *ports, uint32_t count, struct brm_extent *out)
{
	return arena_append_record(&writer->table->arena, TLV_PORTS, ports, count * sizeof *ports, out);
}

uint64_t brm_writer_event(struct brm_writer *writer, const struct brm_event *event)
{
	struct brm_event next = *event;

	if (next.time_ns == 0)
		next.time_ns = alive_realtime_ns();
	touch(writer, next.entry);
	return ring_append(&writer->table->ring, next);
}

bool brm_writer_has_batch(const struct brm_writer *writer)
{
	/* relaxed: what another thread is about to publish belongs to the next batch */
	return atomic_load_explicit(&writer->touched, memory_order_relaxed) != 0;
}

void brm_writer_commit(struct brm_writer *writer)
{
	struct table *table = writer->table;
	uint32_t bits;

	if (!brm_writer_has_batch(writer))
		return;
	gate_close(&writer->gate);
	bits = atomic_exchange_explicit(&writer->touched, 0, memory_order_relaxed);
	/* release: behind all that the batch published */
	atomic_store_explicit(&map_life(&table->map)->epoch, ++writer->epoch, memory_order_release);
	gate_open(&writer->gate);
	/* release: behind the epoch */
	atomic_store_explicit(map_word(&table->map, LAYOUT_BELL), ++table->bell, memory_order_release);
	futex_wake(map_word(&table->map, LAYOUT_BELL), bits);
}

void brm_writer_busy(struct brm_writer *writer, bool busy)
{
	/* relaxed: a time, nothing hangs on it */
	atomic_store_explicit(&map_life(&writer->table->map)->busy_since_ns, busy ? alive_monotonic_ns() : 0,
			      memory_order_relaxed);
}
