/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/near.h>

#include "clients/common/backend.h"

/* What a snapshot keeps from one filling to the next. */
struct store {
	uint32_t room; /* processes */
	uint32_t *entries;
	char *bytes;
	size_t size;
	size_t used;
};

static struct store *store_of(struct snapshot *snapshot)
{
	if (!snapshot->store)
		snapshot->store = calloc(1, sizeof(struct store));
	return snapshot->store;
}

/* Make *memory at least `size` bytes; what it held is not kept. */
static int remake(void *memory, size_t size)
{
	void **at = memory;
	void *fresh = malloc(size ? size : 1);

	if (!fresh)
		return -ENOMEM;
	free(*at);
	*at = fresh;
	return 0;
}

static int reserve_processes(struct snapshot *snapshot, struct store *store, uint32_t count)
{
	snapshot->count = 0;
	if (count <= store->room)
		return 0;
	store->room = 0;
	if (remake(&snapshot->processes, count * sizeof *snapshot->processes) != 0 ||
	    remake(&store->entries, count * sizeof *store->entries) != 0)
		return -ENOMEM;
	store->room = count;
	return 0;
}

int snapshot_reserve(struct snapshot *snapshot, uint32_t count, size_t bytes)
{
	struct store *store = store_of(snapshot);

	if (!store || reserve_processes(snapshot, store, count) != 0)
		return -ENOMEM;
	store->used = 0;
	if (bytes > store->size) {
		if (remake(&store->bytes, bytes) != 0)
			return -ENOMEM;
		store->size = bytes;
	}
	return 0;
}

int snapshot_reserve_states(struct snapshot *snapshot, uint32_t count, struct brm_state **states, uint32_t **entries)
{
	struct store *store = store_of(snapshot);

	if (!store || reserve_processes(snapshot, store, count) != 0)
		return -ENOMEM;
	*states = (struct brm_state *)(void *)(snapshot->processes + store->room) - store->room;
	*entries = store->entries;
	return 0;
}

void *snapshot_take(struct snapshot *snapshot, size_t size)
{
	struct store *store = snapshot->store;
	size_t rounded = (size + 7) & ~(size_t)7;
	void *at = store->bytes + store->used;

	if (rounded > store->size - store->used)
		return NULL;
	store->used += rounded;
	return at;
}

uint64_t snapshot_place(const struct process *process)
{
	return (uint64_t)process->state.order << 32 | process->entry;
}

static int by_place(const void *a, const void *b)
{
	uint64_t p = snapshot_place(a), q = snapshot_place(b);

	return (p > q) - (p < q);
}

void snapshot_order(struct snapshot *snapshot)
{
	for (uint32_t i = 1; i < snapshot->count; i++) {
		if (by_place(&snapshot->processes[i - 1], &snapshot->processes[i]) > 0) {
			qsort(snapshot->processes, snapshot->count, sizeof *snapshot->processes, by_place);
			return;
		}
	}
}

void snapshot_init(struct snapshot *snapshot)
{
	snapshot->liveness = BRM_LIVE;
	snapshot->processes = NULL;
	snapshot->count = 0;
	snapshot->epoch = 0;
	snapshot->consistent = false;
	snapshot->now = (struct brm_now){0};
	snapshot->store = NULL;
}

void snapshot_finish(struct snapshot *snapshot)
{
	struct store *store = snapshot->store;

	if (store) {
		free(store->entries);
		free(store->bytes);
		free(store);
	}
	free(snapshot->processes);
	snapshot_init(snapshot);
}

bool process_is_ready(const struct process *process)
{
	return brm_state_is_ready(&process->state) ||
	       (brm_state_is_running(&process->state) && !*process->identity.ready);
}

/* Is `name` the id of the process's current run, "name#N"? */
static bool is_id(const struct process *process, const char *name)
{
	char id[BRM_ID_MAX];

	return process->state.run > 0 && strcmp(brm_state_id(&process->state, process->identity.name, id), name) == 0;
}

const struct process *snapshot_find(const struct snapshot *snapshot, const char *name)
{
	for (uint32_t i = 0; i < snapshot->count; i++)
		if (strcmp(snapshot->processes[i].identity.name, name) == 0)
			return &snapshot->processes[i];
	for (uint32_t i = 0; i < snapshot->count && strchr(name, '#'); i++)
		if (is_id(&snapshot->processes[i], name))
			return &snapshot->processes[i];
	return NULL;
}

size_t snapshot_nearest(const struct snapshot *snapshot, const char *name, const char **out, size_t max)
{
	struct brm_near near;

	brm_near_begin(&near, name, out, max < BRM_NEAR_MAX ? max : BRM_NEAR_MAX);
	for (uint32_t i = 0; i < snapshot->count; i++)
		brm_near_offer(&near, snapshot->processes[i].identity.name);
	return near.count;
}
