/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_SELECT_H
#define SUPERVISORD_ENGINE_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include <brummer/control.h>

#include "engine/process.h"

/*
 * engine/select.h - what the names of a request mean (see brummer/control.h)
 *
 * A name stands for a process, or for a spec that was discovered and never started. Each is chosen once, in the order
 * of the names.
 */

struct selected {
	struct process *process; /* NULL: it was never started */
	const struct spec *spec; /* the process's own, or the configuration's */
};

struct selection {
	struct selected *list;
	size_t count;
	size_t room;
	const char *wrong; /* the element that was refused; the caller's string */
	uint32_t current;  /* moved on: the run that is current */
};

/*
 * Add what one element means; scripts: globs match scripts that were never started, too.
 *
 * BRM_UNKNOWN, BRM_MOVED_ON (then `wrong` is set), BRM_LIMIT (no memory), or BRM_REFUSED_NOT
 */
enum brm_refusal select_add(struct engine *engine, struct selection *selection, const char *element, bool scripts);

/* Add one process. BRM_LIMIT, or BRM_REFUSED_NOT */
enum brm_refusal select_process(struct selection *selection, struct process *process);

/* All entries of the configuration that start by themselves. */
enum brm_refusal select_autostart(struct engine *engine, struct selection *selection);

void select_finish(struct selection *selection);

/* Up to max names near to a wrong one, of processes and scripts; returns their number. The strings live until the next
 * turn. */
size_t select_nearest(struct engine *engine, const char *name, const char **out, size_t max);

#endif
