/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_TABLE_H
#define SUPERVISORD_ENGINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "config/model.h"

/*
 * engine/table.h - all processes, by name and by the serial of their run
 */

struct process;
TAILQ_HEAD(process_list, process);

struct table {
	struct process_list list; /* in the order they came */
	struct process_list changed;
	struct process_list waiting; /* those in PHASE_WAITING */
	size_t count;
	size_t following; /* dependencies that are followed */
	size_t replicas;  /* processes that are of a family */
	void *by_name;    /* search trees */
	void *by_serial;
};

void table_init(struct table *table);

/* 0; -EEXIST: the name is there; -ENOMEM. */
int table_add(struct table *table, struct process *process);
void table_remove(struct table *table, struct process *process);

/* The process is found by this serial from now on, and no more by its former one; 0: by none. 0, -ENOMEM */
int table_set_serial(struct table *table, struct process *process, uint32_t serial);

/*
 * The one after `at`, or the first when at is NULL; NULL after the last.
 *
 *     for (struct process *process = NULL; (process = table_next(&table, process));)
 */
struct process *table_next(const struct table *table, const struct process *at);

/* NULL when there is none. */
struct process *table_find(const struct table *table, const char *name);
struct process *table_find_serial(const struct table *table, uint32_t serial);

/* A process's spec is `now`, and no longer `old`; either may be NULL. */
void table_follow(struct table *table, const struct spec *old, const struct spec *now);

/* It waits to be started, or does so no more. */
void table_wait(struct table *table, struct process *process, bool waits);

/* It has changed: settle it before the turn ends (once, however often it is marked). */
void table_mark(struct table *table, struct process *process);
/* Take one that was marked; NULL when there is none left. */
struct process *table_take_marked(struct table *table);

#endif
