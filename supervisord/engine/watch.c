/* SPDX-License-Identifier: MIT */
#include "engine/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "engine/mailbox.h"
#include "engine/watch_tree.h"

/* An order to the thread, or a report from it. */
struct note {
	struct letter letter;
	struct watch_report report;
	struct watched *watched; /* of an order; NULL: forget what has that id */
};

struct watcher {
	struct worker worker;
	struct watch_tree tree; /* the thread's own, as all below */
	struct watched *list;
	bool said_limit;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void watched_free(struct watched *watched)
{
	if (!watched)
		return;
	list_free(watched->paths);
	list_free(watched->ignore);
	free(watched);
}

/* With no memory for a report the change is reported with the next one. */
static bool report(struct watcher *watcher, uint32_t id, bool limit, const char *path)
{
	struct note *note = calloc(1, sizeof *note);

	if (!note)
		return false;
	note->report = (struct watch_report){.id = id, .limit = limit};
	snprintf(note->report.path, sizeof note->report.path, "%s", path);
	mailbox_put(&watcher->worker.out, &note->letter);
	return true;
}

static void on_change(struct watched *watched, const char *path)
{
	if (!watched->changed)
		snprintf(watched->first, sizeof watched->first, "%s", path);
	watched->changed = true;
	watched->due_ns = now_ns() + watched->debounce_ns;
}

static void plant(struct watcher *watcher, struct watched *watched)
{
	watch_tree_add(&watcher->tree, watched);
	if (!watcher->tree.full || watcher->said_limit)
		return;
	watcher->said_limit = report(watcher, watched->id, true, watcher->tree.full_at);
}

static void forget(struct watcher *watcher, uint32_t id)
{
	struct watched **at = &watcher->list;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	if (*at) {
		struct watched *found = *at;

		*at = found->next;
		watch_tree_remove(&watcher->tree, found, NULL);
		watched_free(found);
	}
}

static void obey(struct watcher *watcher)
{
	struct note *note;

	while ((note = (struct note *)mailbox_take(&watcher->worker.in))) {
		forget(watcher, note->report.id);
		if (note->watched) {
			note->watched->next = watcher->list;
			watcher->list = note->watched;
			plant(watcher, note->watched);
		}
		free(note);
	}
}

/* Events were lost: whatever it was, it may have changed everything. */
static void plant_anew(struct watcher *watcher)
{
	for (struct watched *watched = watcher->list; watched; watched = watched->next) {
		watch_tree_remove(&watcher->tree, watched, NULL);
		plant(watcher, watched);
		on_change(watched, "many files");
	}
}

static void read_events(struct watcher *watcher)
{
	char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t length = read(watcher->tree.fd, buffer, sizeof buffer);

	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const struct inotify_event *)(const void *)(buffer + at);

		at += (ssize_t)(sizeof *event + event->len);
		if (event->mask & IN_Q_OVERFLOW)
			plant_anew(watcher);
		else
			watch_tree_event(&watcher->tree, event, on_change);
	}
	if (watcher->tree.full && !watcher->said_limit && watcher->list)
		watcher->said_limit = report(watcher, watcher->list->id, true, watcher->tree.full_at);
}

/* Report those whose quiet time is over. Returns the milliseconds until the next, -1 for never. */
static int report_due(struct watcher *watcher)
{
	uint64_t now = now_ns(), next = UINT64_MAX;

	for (struct watched *watched = watcher->list; watched; watched = watched->next) {
		if (watched->changed && now >= watched->due_ns)
			watched->changed = !report(watcher, watched->id, false, watched->first);
		if (watched->changed && watched->due_ns < next)
			next = watched->due_ns;
	}
	if (next == UINT64_MAX)
		return -1;
	return next > now ? (int)((next - now) / 1000000u + 1) : 1;
}

static void *run(void *arg)
{
	struct watcher *watcher = arg;
	struct pollfd ready[] = {{.fd = watcher->worker.in.fd, .events = POLLIN},
				 {.fd = watcher->tree.fd, .events = POLLIN}};

	while (!mailbox_is_shut(&watcher->worker.in)) {
		poll(ready, 2, report_due(watcher));
		obey(watcher);
		if (ready[1].revents)
			read_events(watcher);
	}
	obey(watcher);
	while (watcher->list)
		forget(watcher, watcher->list->id);
	return NULL;
}

int watcher_open(struct watcher **out)
{
	struct watcher *watcher = calloc(1, sizeof *watcher);
	int error;

	if (!watcher)
		return -ENOMEM;
	watcher->tree.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	error = watcher->tree.fd < 0 ? -errno : worker_start(&watcher->worker, run, watcher);
	if (error) {
		if (watcher->tree.fd >= 0)
			close(watcher->tree.fd);
		free(watcher);
		return error;
	}
	*out = watcher;
	return 0;
}

int watcher_fd(const struct watcher *watcher)
{
	return watcher->worker.out.fd;
}

static struct watched *watched_of(uint32_t id, const struct spec *spec)
{
	struct watched *watched = calloc(1, sizeof *watched);

	if (!watched)
		return NULL;
	watched->id = id;
	watched->debounce_ns = spec->watch_debounce_ns;
	watched->paths = list_copy(spec->watch_paths);
	watched->ignore = list_copy(spec->watch_ignore);
	if (watched->paths && watched->ignore)
		return watched;
	watched_free(watched);
	return NULL;
}

int watcher_set(struct watcher *watcher, uint32_t id, const struct spec *spec)
{
	struct note *note = calloc(1, sizeof *note);
	bool any = spec && spec->watch_paths[0];

	if (!note)
		return -ENOMEM;
	note->report.id = id;
	note->watched = any ? watched_of(id, spec) : NULL;
	if (any && !note->watched) {
		free(note);
		return -ENOMEM;
	}
	mailbox_put(&watcher->worker.in, &note->letter);
	return 0;
}

bool watcher_next(struct watcher *watcher, struct watch_report *out)
{
	struct note *note = (struct note *)mailbox_take(&watcher->worker.out);

	if (!note)
		return false;
	*out = note->report;
	free(note);
	return true;
}

void watcher_close(struct watcher *watcher)
{
	struct watch_report unread;

	if (!watcher)
		return;
	worker_join(&watcher->worker);
	while (watcher_next(watcher, &unread))
		continue;
	worker_finish(&watcher->worker);
	close(watcher->tree.fd);
	free(watcher);
}
