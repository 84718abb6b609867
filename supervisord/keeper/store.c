/* SPDX-License-Identifier: MIT */
#include "keeper/store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CELLS (2 * STORE_RUNS)

/*
 * The two indexes: cells hold place + 1. Serials and pids mostly count upwards, so the number itself is the hash, and
 * neighbours share a page.
 */
enum key { BY_SERIAL, BY_PID };

static uint32_t *cells_of(struct store *store, enum key key)
{
	return key == BY_SERIAL ? store->by_serial : store->by_pid;
}

static uint32_t value_at(const struct store *store, enum key key, uint32_t cell)
{
	const struct held *held = &store->runs[cell - 1];

	return key == BY_SERIAL ? held->serial : (uint32_t)held->pid;
}

/* The cell of a value, or the empty one where it belongs. */
static uint32_t find(struct store *store, enum key key, uint32_t value)
{
	const uint32_t *cells = cells_of(store, key);
	uint32_t at = value % CELLS;

	while (cells[at] != 0 && value_at(store, key, cells[at]) != value)
		at = (at + 1) % CELLS;
	return at;
}

/* Empty a cell, and move up what was put behind it for want of room, so that no search ends too early. */
static void erase(struct store *store, enum key key, uint32_t at)
{
	uint32_t *cells = cells_of(store, key);
	uint32_t hole = at;

	for (uint32_t i = (at + 1) % CELLS; cells[i] != 0; i = (i + 1) % CELLS) {
		uint32_t home = value_at(store, key, cells[i]) % CELLS;

		if ((i - home) % CELLS < (i - hole) % CELLS)
			continue;
		cells[hole] = cells[i];
		hole = i;
	}
	cells[hole] = 0;
}

static struct held *take_place(struct store *store)
{
	struct held *held;

	if (store->free) {
		held = &store->runs[store->free - 1];
		store->free = held->next_free;
		return held;
	}
	return store->used < STORE_RUNS ? &store->runs[store->used++] : NULL;
}

static void forget(struct store *store, struct held *held)
{
	erase(store, BY_SERIAL, find(store, BY_SERIAL, held->serial));
	if (held->pid == 0)
		store->unborn--;
	memset(held, 0, sizeof *held);
	held->next_free = store->free;
	store->free = (uint32_t)(held - store->runs) + 1;
}

struct held *store_by_serial(struct store *store, uint32_t serial)
{
	uint32_t cell = store->by_serial[find(store, BY_SERIAL, serial)];

	return cell ? &store->runs[cell - 1] : NULL;
}

struct held *store_by_pid(struct store *store, int32_t pid)
{
	uint32_t cell = store->by_pid[find(store, BY_PID, (uint32_t)pid)];

	return cell ? &store->runs[cell - 1] : NULL;
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
	store->by_serial[find(store, BY_SERIAL, held->serial)] = (uint32_t)(held - store->runs) + 1;
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
	store->by_pid[find(store, BY_PID, (uint32_t)pid)] = (uint32_t)(held - store->runs) + 1;
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
	erase(store, BY_PID, find(store, BY_PID, (uint32_t)pid));
	held->pid = -1;
	if (held->dropped)
		forget(store, held);
}

struct held *store_next(struct store *store, uint32_t *place)
{
	while (*place < store->used) {
		struct held *held = &store->runs[(*place)++];

		if (held->serial != 0)
			return held;
	}
	return NULL;
}
