/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_RING_H
#define LIBSHM_RING_H

#include "libshm/map.h"

/*
 * ring.h - the writer's side of the ring of events
 *
 * Event e lies in place e mod capacity. The writer fills the place of event `end`, then stores end + 1; it thereby
 * overwrites event end - capacity. So a copy of event e is whole exactly when, after it, end - e <= capacity - 1. The
 * argument is the latch's, with a window of capacity - 1 in place of K-2: here the word moves after the fill and names
 * the next place, not the current one.
 */

struct ring {
	const struct map *map;
	struct brm_event *events; /* private: BRM_EVENTS_CAPACITY of them, at seq mod capacity */
	uint64_t first;
	uint64_t end;
};

/* A ring whose first event will be `next`. -ENOMEM */
int ring_init(struct ring *ring, const struct map *map, uint64_t next);
void ring_finish(struct ring *ring);

/* Append; seq is set. Returns it. */
uint64_t ring_append(struct ring *ring, struct brm_event event);

/* The oldest event that the private copy still holds. */
uint64_t ring_oldest(const struct ring *ring);
const struct brm_event *ring_at(const struct ring *ring, uint64_t seq);

#endif
