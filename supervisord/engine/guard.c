/* SPDX-License-Identifier: MIT */
#include "engine/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <brummer/region.h>

#include "say.h"

struct guard {
	struct engine *engine;
	struct event *event;
	int fd;
	char path[BRM_REGION_MAX + 16];
};

/* Watch the object that has the region's name now. The watch of a former one ends with that. */
static int watch(struct guard *guard)
{
	if (inotify_add_watch(guard->fd, guard->path, IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) < 0)
		return -errno;
	return 0;
}

static void on_change(evutil_socket_t fd, short what, void *arg)
{
	struct guard *guard = arg;
	char events[4096];
	int rc;

	(void)what;
	engine_enter(guard->engine);
	while (read(fd, events, sizeof events) > 0)
		continue;
	rc = watch(guard);
	if (rc != -ENOENT)
		return;
	say("the region %s was removed: publishing a new one", guard->path);
	rc = brm_writer_supersede(guard->engine->writer, 0);
	if (rc == 0)
		rc = watch(guard);
	if (rc != 0)
		say("cannot publish the region %s: %s", guard->path, brm_strerror(rc));
}

int guard_open(struct engine *engine, struct guard **out)
{
	struct guard *guard = calloc(1, sizeof *guard);
	int rc;

	if (!guard)
		return -ENOMEM;
	guard->engine = engine;
	snprintf(guard->path, sizeof guard->path, "/dev/shm%s", engine->options->instance.region);
	guard->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	rc = guard->fd < 0 ? -errno : watch(guard);
	if (rc == 0) {
		guard->event = event_new(engine->base, guard->fd, EV_READ | EV_PERSIST, on_change, guard);
		rc = guard->event && event_add(guard->event, NULL) == 0 ? 0 : -ENOMEM;
	}
	if (rc != 0) {
		guard_close(guard);
		return rc;
	}
	*out = guard;
	return 0;
}

void guard_close(struct guard *guard)
{
	if (!guard)
		return;
	if (guard->event)
		event_free(guard->event);
	if (guard->fd >= 0)
		close(guard->fd);
	free(guard);
}
