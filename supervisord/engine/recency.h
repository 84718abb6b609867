/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_RECENCY_H
#define SUPERVISORD_ENGINE_RECENCY_H

#include <stddef.h>
#include <stdint.h>

/*
 * engine/recency.h - things in the order in which they were used
 *
 * A thing has a node for each list that it may be in; zeroed, both lists and nodes are empty. What waits for a time
 * since its last use is at the list's old end, so that nobody looks at the others.
 */

struct recent {
	struct recent *older;
	struct recent *newer;
	uint64_t ns; /* of its last use, CLOCK_MONOTONIC; 0: it is not in the list */
};

struct recency {
	struct recent *oldest;
	struct recent *newest;
	size_t count;
};

static inline void recency_drop(struct recency *list, struct recent *node)
{
	if (node->ns == 0)
		return;
	*(node->older ? &node->older->newer : &list->oldest) = node->newer;
	*(node->newer ? &node->newer->older : &list->newest) = node->older;
	list->count--;
	node->ns = 0;
}

/* It is used now. */
static inline void recency_touch(struct recency *list, struct recent *node, uint64_t now_ns)
{
	if (list->newest != node) {
		recency_drop(list, node);
		*node = (struct recent){.older = list->newest};
		*(list->newest ? &list->newest->newer : &list->oldest) = node;
		list->newest = node;
		list->count++;
	}
	node->ns = now_ns;
}

/* When the oldest was not used for that long; UINT64_MAX: never. */
static inline uint64_t recency_due_ns(const struct recency *list, uint64_t after_ns)
{
	return list->oldest ? list->oldest->ns + after_ns : UINT64_MAX;
}

#endif
