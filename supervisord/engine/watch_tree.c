/* SPDX-License-Identifier: MIT */
#include "engine/watch_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/watch.h"

#define DEPTH_MAX 64
#define CHANGES   (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

struct watch_node {
	struct watch_node *next; /* of its bucket */
	struct watched *watched;
	int wd;
	size_t below; /* where the part of `path` below what is watched begins */
	char *only;   /* the one name in this folder that counts; NULL: all */
	char path[];
};

static struct watch_node **bucket_of(struct watch_tree *tree, int wd)
{
	return &tree->nodes[(unsigned)wd % WATCH_BUCKETS];
}

static bool has_other(struct watch_tree *tree, int wd)
{
	for (const struct watch_node *node = *bucket_of(tree, wd); node; node = node->next)
		if (node->wd == wd)
			return true;
	return false;
}

static void node_free(struct watch_node *node)
{
	free(node->only);
	free(node);
}

/* A folder; only: of its names this one alone. False: it cannot be watched. */
static bool add_node(struct watch_tree *tree, struct watched *watched, const char *path, size_t below, const char *only)
{
	int wd = inotify_add_watch(tree->fd, path, CHANGES | IN_ONLYDIR | IN_EXCL_UNLINK);
	struct watch_node *node;

	if (wd < 0 && errno == ENOSPC && !tree->full) {
		tree->full = true;
		snprintf(tree->full_at, sizeof tree->full_at, "%s", path);
	}
	if (wd < 0)
		return false;
	node = malloc(sizeof *node + strlen(path) + 1);
	if (!node)
		return false;
	*node = (struct watch_node){.watched = watched, .wd = wd, .below = below};
	strcpy(node->path, path);
	node->only = only ? strdup(only) : NULL;
	node->next = *bucket_of(tree, wd);
	*bucket_of(tree, wd) = node;
	return true;
}

/* By its name, or by its path below what is watched. */
static bool is_ignored(const struct watched *watched, const char *name, const char *below)
{
	static const char *const always[] = WATCH_IGNORED;

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (fnmatch(always[i], name, 0) == 0)
			return true;
	for (char **glob = watched->ignore; *glob; glob++)
		if (fnmatch(*glob, name, 0) == 0 || fnmatch(*glob, below, 0) == 0)
			return true;
	return false;
}

static bool is_folder(const char *path, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder at path[PATH_MAX], and all below it. */
static void add_folder(struct watch_tree *tree, struct watched *watched, char *path, size_t below, unsigned depth)
{
	size_t length = strlen(path);
	const struct dirent *entry;
	DIR *folder;

	if (depth > DEPTH_MAX || !add_node(tree, watched, path, below, NULL))
		return;
	folder = opendir(path); /* after the watch: what comes in between is seen twice, and not never */
	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    snprintf(path + length, PATH_MAX - length, "/%s", entry->d_name) >= (int)(PATH_MAX - length))
			continue;
		if (is_folder(path, entry) && !is_ignored(watched, entry->d_name, path + below))
			add_folder(tree, watched, path, below, depth + 1);
	}
	closedir(folder);
	path[length] = '\0';
}

/* What is watched is seen from the folder it is in: so it may come, go and be replaced. */
static void add_path(struct watch_tree *tree, struct watched *watched, const char *text)
{
	char path[PATH_MAX];
	struct stat st;
	char *slash;

	if (snprintf(path, sizeof path, "%s", text) >= (int)sizeof path)
		return;
	slash = strrchr(path, '/');
	if (slash && slash[1]) {
		*slash = '\0';
		add_node(tree, watched, slash == path ? "/" : path, (size_t)(slash - path) + 1, slash + 1);
		*slash = '/';
	}
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		add_folder(tree, watched, path, strlen(path) + 1, 0);
}

void watch_tree_add(struct watch_tree *tree, struct watched *watched)
{
	for (char **path = watched->paths; *path; path++)
		add_path(tree, watched, *path);
}

static bool is_below(const char *path, const char *top)
{
	size_t length = strlen(top);

	return strncmp(path, top, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

void watch_tree_remove(struct watch_tree *tree, const struct watched *watched, const char *path)
{
	for (unsigned i = 0; i < WATCH_BUCKETS; i++) {
		struct watch_node **at = &tree->nodes[i];

		while (*at) {
			struct watch_node *node = *at;

			if (node->watched != watched || (path && (node->only || !is_below(node->path, path)))) {
				at = &node->next;
				continue;
			}
			*at = node->next;
			if (!has_other(tree, node->wd))
				inotify_rm_watch(tree->fd, node->wd);
			node_free(node);
		}
	}
}

/* The kernel has ended a watch. */
static void drop(struct watch_tree *tree, int wd)
{
	struct watch_node **at = bucket_of(tree, wd);

	while (*at) {
		struct watch_node *node = *at;

		if (node->wd != wd) {
			at = &node->next;
			continue;
		}
		*at = node->next;
		node_free(node);
	}
}

/* A folder has come or gone at a path of what somebody watches. below: of the path, what is not shown. */
static void follow(struct watch_tree *tree, struct watched *watched, const struct inotify_event *event, char *path,
		   size_t below)
{
	if (!(event->mask & IN_ISDIR))
		return;
	if (event->mask & (IN_MOVED_FROM | IN_DELETE))
		watch_tree_remove(tree, watched, path);
	if (event->mask & (IN_MOVED_TO | IN_CREATE))
		add_folder(tree, watched, path, below, 0);
}

/* What an event means to a node of its folder. The node may be gone after that. */
static void meet(struct watch_tree *tree, const struct watch_node *node, const struct inotify_event *event,
		 void (*on_change)(struct watched *watched, const char *path))
{
	struct watched *watched = node->watched;
	size_t below = node->below;
	char path[PATH_MAX];

	if (node->only && strcmp(node->only, event->name) != 0)
		return;
	if (snprintf(path, sizeof path, "%s/%s", node->path, event->name) >= (int)sizeof path)
		return;
	if (!node->only && is_ignored(watched, event->name, path + below))
		return;
	on_change(watched, node->only ? event->name : path + below);
	follow(tree, watched, event, path, node->only ? strlen(path) + 1 : below);
}

void watch_tree_event(struct watch_tree *tree, const struct inotify_event *event,
		      void (*on_change)(struct watched *watched, const char *path))
{
	struct watch_node *node;
	const struct watch_node *next;
	size_t count = 0;

	if (event->mask & IN_IGNORED) {
		drop(tree, event->wd);
		return;
	}
	/* What is done for one node may remove and add others: so look again for the next one each time. */
	for (node = *bucket_of(tree, event->wd); node && event->len > 0; node = node->next)
		count += node->wd == event->wd;
	for (size_t i = 0; i < count; i++) {
		size_t skip = i;

		for (next = *bucket_of(tree, event->wd); next; next = next->next)
			if (next->wd == event->wd && skip-- == 0)
				break;
		if (next)
			meet(tree, next, event, on_change);
	}
}
