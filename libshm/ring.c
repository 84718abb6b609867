/* SPDX-License-Identifier: MIT */
#include "libshm/ring.h"

#include <errno.h>
#include <stdlib.h>

#include "libshm/latch.h"

int ring_init(struct ring *ring, const struct map *map, uint64_t next)
{
	struct layout_life *life = map_life(map);

	*ring = (struct ring){.map = map, .first = next, .end = next};
	ring->events = calloc(BRM_EVENTS_CAPACITY, sizeof *ring->events);
	if (!ring->events)
		return -ENOMEM;
	/* relaxed, both: the magic is not stored yet */
	atomic_store_explicit(&life->events_first, next, memory_order_relaxed);
	atomic_store_explicit(&life->events_end, next, memory_order_relaxed);
	return 0;
}

void ring_finish(struct ring *ring)
{
	free(ring->events);
}

uint64_t ring_append(struct ring *ring, struct brm_event event)
{
	event.seq = ring->end++;
	ring->events[event.seq % BRM_EVENTS_CAPACITY] = event;
	latch_store(map_record(ring->map, LAYOUT_EVENTS, event.seq % BRM_EVENTS_CAPACITY),
		    &ring->events[event.seq % BRM_EVENTS_CAPACITY], LAYOUT_EVENT_WORDS);
	/* release: behind the event */
	atomic_store_explicit(&map_life(ring->map)->events_end, ring->end, memory_order_release);
	return event.seq;
}

uint64_t ring_oldest(const struct ring *ring)
{
	return ring->end - ring->first > BRM_EVENTS_CAPACITY ? ring->end - BRM_EVENTS_CAPACITY : ring->first;
}

const struct brm_event *ring_at(const struct ring *ring, uint64_t seq)
{
	return &ring->events[seq % BRM_EVENTS_CAPACITY];
}
