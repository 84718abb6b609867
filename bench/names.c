/* SPDX-License-Identifier: MIT */
#include "bench/names.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "bench/world.h"

#define NONE UINT32_MAX

struct item {
	char name[48];
	uint32_t number;
	uint32_t next; /* of the bucket, or of the free ones */
};

struct names {
	pthread_rwlock_t lock;
	uint32_t mask;
	uint32_t free;
	uint32_t *buckets;
	struct item *items;
};

static uint32_t *bucket_of(struct names *names, const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return &names->buckets[hash & names->mask];
}

struct names *names_new(uint32_t room, uint32_t count)
{
	struct names *names = bench_shared(sizeof *names);
	pthread_rwlockattr_t attr;
	uint32_t size = 1;

	while (size < room)
		size *= 2;
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (pthread_rwlock_init(&names->lock, &attr) != 0)
		bench_fail("make a lock", EINVAL);
	pthread_rwlockattr_destroy(&attr);
	names->mask = size - 1;
	names->buckets = bench_shared(size * sizeof *names->buckets);
	names->items = bench_shared(size * sizeof *names->items);
	for (uint32_t i = 0; i < size; i++) {
		names->buckets[i] = NONE;
		names->items[i].next = i + 1 < size ? i + 1 : NONE;
	}
	for (uint32_t i = 0; i < count; i++)
		names_insert(names, world_name(i), i);
	return names;
}

int64_t names_find(struct names *names, const char *name)
{
	int64_t number = -1;
	uint32_t at;

	pthread_rwlock_rdlock(&names->lock);
	for (at = *bucket_of(names, name); at != NONE && number < 0; at = names->items[at].next)
		if (strcmp(names->items[at].name, name) == 0)
			number = names->items[at].number;
	pthread_rwlock_unlock(&names->lock);
	return number;
}

void names_insert(struct names *names, const char *name, uint32_t number)
{
	uint32_t *bucket = bucket_of(names, name);
	struct item *item;
	uint32_t at;

	pthread_rwlock_wrlock(&names->lock);
	at = names->free;
	if (at == NONE)
		bench_fail("insert a name", ENOSPC);
	item = &names->items[at];
	names->free = item->next;
	snprintf(item->name, sizeof item->name, "%s", name);
	item->number = number;
	item->next = *bucket;
	*bucket = at;
	pthread_rwlock_unlock(&names->lock);
}

void names_delete(struct names *names, const char *name)
{
	uint32_t *link = bucket_of(names, name);
	uint32_t at;

	pthread_rwlock_wrlock(&names->lock);
	while (*link != NONE && strcmp(names->items[*link].name, name) != 0)
		link = &names->items[*link].next;
	at = *link;
	if (at != NONE) {
		*link = names->items[at].next;
		names->items[at].next = names->free;
		names->free = at;
	}
	pthread_rwlock_unlock(&names->lock);
}
