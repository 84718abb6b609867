/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_WATCH_TREE_H
#define SUPERVISORD_ENGINE_WATCH_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/inotify.h>

/*
 * engine/watch_tree.h - the watches of the kernel behind engine/watch.h
 *
 * inotify has one watch a folder and instance, whoever asked for it; here each of those who did has a node for it.
 */

#define WATCH_BUCKETS 1024u

/* What is watched under one id. */
struct watched {
	struct watched *next;
	uint32_t id;
	char **paths;
	char **ignore;
	uint64_t debounce_ns;
	bool changed; /* since the last report */
	uint64_t due_ns;
	char first[256];
};

struct watch_node;

struct watch_tree {
	int fd; /* of inotify */
	struct watch_node *nodes[WATCH_BUCKETS];
	bool full; /* the kernel's limit was reached... */
	char full_at[256];
};

/* Watch all its paths. What cannot be watched is left out. */
void watch_tree_add(struct watch_tree *tree, struct watched *watched);

/* Watch nothing of it any more that is at or below a path; NULL: nothing at all. */
void watch_tree_remove(struct watch_tree *tree, const struct watched *watched, const char *path);

/* Follow an event, and call on_change() for those it concerns, with the path as seen from what they watch. */
void watch_tree_event(struct watch_tree *tree, const struct inotify_event *event,
		      void (*on_change)(struct watched *watched, const char *path));

#endif
