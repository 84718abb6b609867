/* SPDX-License-Identifier: MIT */
#include "keeper/store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static uint32_t value_of(const struct held *held, enum store_key key)
{
	return key == STORE_SERIAL ? held->serial : (uint32_t)held->pid;
}

/* Serials and pids mostly count upwards, so the number itself is the hash, and neighbours share a page. */
static uint32_t *bucket_of(struct store *store, enum store_key key, uint32_t value)
{
	return &store->buckets[key][value % STORE_RUNS];
}

static struct held *find(struct store *store, enum store_key key, uint32_t value)
{
	uint32_t at = *bucket_of(store, key, value);

	while (at && value_of(&store->runs[at - 1], key) != value)
		at = store->runs[at - 1].next[key];
	return at ? &store->runs[at - 1] : NULL;
}

static void insert(struct store *store, enum store_key key, struct held *held)
{
	uint32_t *bucket = bucket_of(store, key, value_of(held, key));

	held->next[key] = *bucket;
	*bucket = (uint32_t)(held - store->runs) + 1;
}

static void erase(struct store *store, enum store_key key, const struct held *held)
{
	uint32_t *at = bucket_of(store, key, value_of(held, key));

	while (&store->runs[*at - 1] != held)
		at = &store->runs[*at - 1].next[key];
	*at = held->next[key];
}

static struct held *take_place(struct store *store)
{
	struct held *held;

	if (store->free) {
		held = &store->runs[store->free - 1];
		store->free = held->next[0];
		return held;
	}
	return store->used < STORE_RUNS ? &store->runs[store->used++] : NULL;
}

static void forget(struct store *store, struct held *held)
{
	erase(store, STORE_SERIAL, held);
	if (held->pid == 0)
		store->unborn--;
	memset(held, 0, sizeof *held);
	held->next[0] = store->free;
	store->free = (uint32_t)(held - store->runs) + 1;
}

struct held *store_by_serial(struct store *store, uint32_t serial)
{
	return find(store, STORE_SERIAL, serial);
}

struct held *store_by_pid(struct store *store, int32_t pid)
{
	return find(store, STORE_PID, (uint32_t)pid);
}

int store_hold(struct store *store, const struct keeper_message *message, const int *fds)
{
	struct held *held;

	if (message->serial == 0)
		return -EINVAL;
	if (store_by_serial(store, message->serial))
		return -EEXIST;
	held = take_place(store);
	if (!held)
		return -ENOSPC;
	*held = (struct held){.serial = message->serial, .instance = message->instance};
	memcpy(held->fds, fds, sizeof held->fds);
	memcpy(held->id, message->id, sizeof held->id);
	insert(store, STORE_SERIAL, held);
	store->unborn++;
	return 0;
}

int store_born(struct store *store, uint32_t serial, int32_t pid)
{
	struct held *held = store_by_serial(store, serial);

	if (!held)
		return -ENOENT;
	if (pid <= 0 || held->pid != 0 || store_by_pid(store, pid))
		return -EINVAL;
	held->pid = pid;
	insert(store, STORE_PID, held);
	store->unborn--;
	return 0;
}

int store_drop(struct store *store, uint32_t serial)
{
	struct held *held = store_by_serial(store, serial);

	if (!held || held->dropped)
		return -ENOENT;
	for (int i = 0; i < KEEPER_FDS; i++) {
		if (held->fds[i] >= 0)
			close(held->fds[i]);
		held->fds[i] = -1;
	}
	held->dropped = true;
	if (held->pid <= 0)
		forget(store, held);
	return 0;
}

void store_reaped(struct store *store, int32_t pid)
{
	struct held *held = store_by_pid(store, pid);

	if (!held)
		return;
	erase(store, STORE_PID, held);
	held->pid = -1;
	if (held->dropped)
		forget(store, held);
}

int store_outlived(struct store *store, uint32_t serial)
{
	struct held *held = store_by_serial(store, serial);

	if (!held || held->pid != 0)
		return -ENOENT;
	held->pid = -1;
	store->unborn--;
	return 0;
}

const struct held *store_next(const struct store *store, uint32_t *place)
{
	while (*place < store->used) {
		const struct held *held = &store->runs[(*place)++];

		if (held->serial != 0)
			return held;
	}
	return NULL;
}
