/* SPDX-License-Identifier: MIT */
#include "engine/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <brummer/region.h>

#include "control/server.h"
#include "keeper/wire.h"
#include "say.h"

#define RETRY_SECONDS 1

struct guard {
	struct engine *engine;
	struct event *event;
	struct event *retry; /* while socket or lock are missing and cannot be made */
	int fd;
	int dir; /* watch of the runtime directory; -1: it is missing */
	char path[BRM_REGION_MAX + 16];
};

/* Watch the object that has the region's name now. The watch of a former one ends with that. */
static int watch(struct guard *guard)
{
	if (inotify_add_watch(guard->fd, guard->path, IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) < 0)
		return -errno;
	return 0;
}

static void watch_dir(struct guard *guard)
{
	const char *dir = guard->engine->options->instance.runtime_dir;

	guard->dir = inotify_add_watch(guard->fd, dir, IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF);
}

static void look_at_region(struct guard *guard)
{
	int rc = watch(guard);

	if (rc != -ENOENT)
		return;
	say("the region %s was removed: publishing a new one", guard->path);
	rc = brm_writer_supersede(guard->engine->writer, 0);
	if (rc == 0)
		rc = watch(guard);
	if (rc != 0)
		say("cannot publish the region %s: %s", guard->path, brm_strerror(rc));
}

/* Is our lock the one at its path? */
static bool has_lock(const struct brm_instance *instance)
{
	struct stat mine, named;

	if (fstat(KEEPER_LOCK_FD, &mine) != 0 || !S_ISREG(mine.st_mode))
		return true; /* we were given none */
	return stat(instance->lock, &named) == 0 && named.st_ino == mine.st_ino && named.st_dev == mine.st_dev;
}

/* Another lock file, for us and the keeper, with what the old one said. -EWOULDBLOCK: somebody was faster. */
static int make_lock(struct guard *guard)
{
	const struct brm_instance *instance = &guard->engine->options->instance;
	int fd = open(instance->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	char owner[16];
	ssize_t length = pread(KEEPER_LOCK_FD, owner, sizeof owner, 0);
	int rc = 0;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
		rc = -errno;
	if (rc == 0 && length > 0 && (ftruncate(fd, 0) != 0 || pwrite(fd, owner, (size_t)length, 0) != length))
		rc = -errno;
	if (rc == 0 && dup3(fd, KEEPER_LOCK_FD, O_CLOEXEC) < 0)
		rc = -errno;
	if (rc == 0)
		rc = keeperlink_lock(guard->engine->keeper, fd);
	if (fd >= 0)
		close(fd);
	return rc == -EPIPE ? 0 : rc;
}

static int make_places(struct guard *guard, bool lock, bool socket)
{
	int rc = 0;

	/* That for logs may be away, too: what is needed here and could not be made shows below. */
	brm_instance_make_places(&guard->engine->options->instance);
	if (lock)
		rc = make_lock(guard);
	if (rc == 0 && socket)
		rc = server_listen(guard->engine->server);
	return rc;
}

static void look_at_places(struct guard *guard)
{
	static const struct timeval later = {RETRY_SECONDS, 0};
	const struct brm_instance *instance = &guard->engine->options->instance;
	bool was_tried = evtimer_pending(guard->retry, NULL);
	bool lock = !has_lock(instance), socket = access(instance->control, F_OK) != 0;
	int rc;

	if (!lock && !socket && guard->dir >= 0)
		return;
	if (lock || socket) {
		rc = make_places(guard, lock, socket);
		if (rc == 0)
			say("%s was removed: it is made again", socket ? instance->control : instance->lock);
		else if (!was_tried)
			say("cannot make %s again: %s", instance->runtime_dir, brm_strerror(rc));
	}
	watch_dir(guard);
	if (guard->dir < 0 || access(instance->control, F_OK) != 0 || !has_lock(instance))
		evtimer_add(guard->retry, &later);
}

static void on_change(evutil_socket_t fd, short what, void *arg)
{
	struct guard *guard = arg;
	union {
		struct inotify_event event;
		char bytes[4096];
	} events;
	ssize_t length;

	(void)what;
	engine_enter(guard->engine);
	while ((length = read(fd, &events, sizeof events)) > 0)
		for (ssize_t at = 0; at < length;) {
			const struct inotify_event *event = (const void *)(events.bytes + at);

			if (event->wd == guard->dir && event->mask & (IN_IGNORED | IN_MOVE_SELF))
				guard->dir = -1;
			at += (ssize_t)(sizeof *event + event->len);
		}
	look_at_region(guard);
	look_at_places(guard);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct guard *guard = arg;

	(void)fd, (void)what;
	engine_enter(guard->engine);
	look_at_places(guard);
}

int guard_open(struct engine *engine, struct guard **out)
{
	struct guard *guard = calloc(1, sizeof *guard);
	int rc;

	if (!guard)
		return -ENOMEM;
	guard->engine = engine;
	guard->dir = -1;
	snprintf(guard->path, sizeof guard->path, "/dev/shm%s", engine->options->instance.region);
	guard->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	rc = guard->fd < 0 ? -errno : watch(guard);
	if (rc == 0) {
		guard->event = event_new(engine->base, guard->fd, EV_READ | EV_PERSIST, on_change, guard);
		guard->retry = evtimer_new(engine->base, on_retry, guard);
		rc = guard->event && guard->retry && event_add(guard->event, NULL) == 0 ? 0 : -ENOMEM;
	}
	if (rc != 0) {
		guard_close(guard);
		return rc;
	}
	watch_dir(guard);
	look_at_places(guard);
	*out = guard;
	return 0;
}

void guard_close(struct guard *guard)
{
	if (!guard)
		return;
	if (guard->event)
		event_free(guard->event);
	if (guard->retry)
		event_free(guard->retry);
	if (guard->fd >= 0)
		close(guard->fd);
	free(guard);
}
