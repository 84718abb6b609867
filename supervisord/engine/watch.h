/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_WATCH_H
#define SUPERVISORD_ENGINE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "config/model.h"

/*
 * engine/watch.h - notice that files have changed, on a thread of its own
 *
 * A folder is watched with all below it, but for what is ignored: the globs of the specification, and what nobody
 * means (WATCH_IGNORED). Its watches follow folders that come, go or move. A file is watched through its folder, so
 * that one that is replaced (as editors do when they save) is noticed, and one that does not exist yet. When the kernel
 * had to drop events everything is looked at anew, and counts as changed.
 *
 * Threads  The loop's; the work is done by the watcher's own.
 */

#define WATCH_IGNORED                                                                                              \
	{                                                                                                          \
		".git", ".hg", ".svn", "node_modules", "__pycache__", "*.swp", "*.swx", "*~", "4913", ".#*", "#*#" \
	}

struct watcher;

int watcher_open(struct watcher **out);        /* 0, -errno */
void watcher_close(struct watcher *watcher);   /* NULL is accepted */
int watcher_fd(const struct watcher *watcher); /* readable: there are reports */

/* Watch what a spec names, under an id; nothing, if it names nothing. What was watched under the id before is not any
 * more. 0, -ENOMEM */
int watcher_set(struct watcher *watcher, uint32_t id, const struct spec *spec);

/* After the quiet time: something has changed. Or, once in the life of a watcher: not all can be watched. */
struct watch_report {
	uint32_t id;
	bool limit;     /* fs.inotify.max_user_watches is used up at that path */
	char path[256]; /* what changed first, as seen from the watched folder; cut */
};
bool watcher_next(struct watcher *watcher, struct watch_report *out);

#endif
