/* SPDX-License-Identifier: MIT */
#include "engine/table.h"

#include <assert.h>
#include <errno.h>
#include <search.h>
#include <string.h>

#include "engine/process.h"

/* What a search tree is asked with: a process that has nothing but the key. */
static int order_names(const void *a, const void *b)
{
	const struct process *left = a, *right = b;

	return strcmp(left->spec->name, right->spec->name);
}

static int order_serials(const void *a, const void *b)
{
	const struct process *left = a, *right = b;

	return left->serial < right->serial ? -1 : left->serial > right->serial;
}

void table_init(struct table *table)
{
	*table = (struct table){.count = 0};
	TAILQ_INIT(&table->list);
	TAILQ_INIT(&table->changed);
	TAILQ_INIT(&table->waiting);
}

int table_add(struct table *table, struct process *process)
{
	struct process **found = tsearch(process, &table->by_name, order_names);

	if (!found)
		return -ENOMEM;
	if (*found != process)
		return -EEXIST;
	TAILQ_INSERT_TAIL(&table->list, process, link);
	table_follow(table, NULL, process->spec);
	table->count++;
	return 0;
}

void table_remove(struct table *table, struct process *process)
{
	if (process->changed)
		TAILQ_REMOVE(&table->changed, process, changed_link);
	table_wait(table, process, false);
	if (process->serial)
		tdelete(process, &table->by_serial, order_serials);
	tdelete(process, &table->by_name, order_names);
	TAILQ_REMOVE(&table->list, process, link);
	table_follow(table, process->spec, NULL);
	table->count--;
}

int table_set_serial(struct table *table, struct process *process, uint32_t serial)
{
	if (process->serial)
		tdelete(process, &table->by_serial, order_serials);
	process->serial = serial;
	if (serial == 0)
		return 0;
	if (!tsearch(process, &table->by_serial, order_serials)) {
		process->serial = 0;
		return -ENOMEM;
	}
	return 0;
}

struct process *table_next(const struct table *table, const struct process *at)
{
	return at ? TAILQ_NEXT(at, link) : TAILQ_FIRST(&table->list);
}

struct process *table_find(const struct table *table, const char *name)
{
	struct spec spec = {.name = (char *)name};
	struct process key = {.spec = &spec};
	struct process **found = tfind(&key, (void *const *)&table->by_name, order_names);

	return found ? *found : NULL;
}

struct process *table_find_serial(const struct table *table, uint32_t serial)
{
	struct process key = {.serial = serial};
	struct process **found = serial ? tfind(&key, (void *const *)&table->by_serial, order_serials) : NULL;

	return found ? *found : NULL;
}

static size_t followed(const struct spec *spec)
{
	size_t count = 0;

	for (size_t i = 0; spec && i < spec->depends_count; i++)
		count += spec->depends_on[i].follow;
	return count;
}

static size_t is_replica(const struct spec *spec)
{
	return spec && spec->family && spec->family[0];
}

void table_follow(struct table *table, const struct spec *old, const struct spec *now)
{
	table->following += followed(now) - followed(old);
	table->replicas += is_replica(now) - is_replica(old);
}

void table_wait(struct table *table, struct process *process, bool waits)
{
	if (waits && !process->waits)
		TAILQ_INSERT_TAIL(&table->waiting, process, waiting_link);
	else if (!waits && process->waits)
		TAILQ_REMOVE(&table->waiting, process, waiting_link);
	process->waits = waits;
}

void table_mark(struct table *table, struct process *process)
{
	if (process->changed)
		return;
	process->changed = true;
	TAILQ_INSERT_TAIL(&table->changed, process, changed_link);
}

struct process *table_take_marked(struct table *table)
{
	struct process *process = TAILQ_FIRST(&table->changed);

	if (process) {
		TAILQ_REMOVE(&table->changed, process, changed_link);
		process->changed = false;
	}
	return process;
}
