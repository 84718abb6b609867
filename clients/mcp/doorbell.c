/* SPDX-License-Identifier: MIT */
#include "clients/mcp/doorbell.h"

#include <brummer/wait.h>

static const struct timeval look_again = {.tv_sec = 1};

static void listen_on(struct doorbell *doorbell);

static void bell_rang(evutil_socket_t fd, short what, void *arg)
{
	struct doorbell *doorbell = arg;

	(void)fd, (void)what;
	source_bell_clear(view_source(doorbell->view));
	doorbell->ring(doorbell->arg);
}

static void clock_rang(evutil_socket_t fd, short what, void *arg)
{
	struct doorbell *doorbell = arg;

	(void)fd, (void)what;
	listen_on(doorbell);
	if (doorbell->bell)
		doorbell->ring(doorbell->arg);
}

static void listen_on(struct doorbell *doorbell)
{
	struct source *source = view_source(doorbell->view);
	int fd = source && !doorbell->bell ? source_bell(source, BRM_WAIT_STATES | BRM_WAIT_LOGS) : -1;

	if (fd >= 0)
		doorbell->bell = event_new(doorbell->base, fd, EV_READ | EV_PERSIST, bell_rang, doorbell);
	if (doorbell->bell)
		event_add(doorbell->bell, NULL);
	else if (doorbell->clock)
		evtimer_add(doorbell->clock, &look_again);
}

void doorbell_init(struct doorbell *doorbell, struct event_base *base, struct view *view, void (*ring)(void *arg),
		   void *arg)
{
	*doorbell = (struct doorbell){.view = view, .base = base, .ring = ring, .arg = arg};
	doorbell->clock = evtimer_new(base, clock_rang, doorbell);
}

void doorbell_finish(struct doorbell *doorbell)
{
	if (doorbell->bell)
		event_free(doorbell->bell);
	if (doorbell->clock)
		event_free(doorbell->clock);
}

void doorbell_hold(struct doorbell *doorbell)
{
	if (doorbell->listeners++ == 0)
		listen_on(doorbell);
}

void doorbell_look(struct doorbell *doorbell)
{
	if (!doorbell->bell)
		listen_on(doorbell);
}

void doorbell_release(struct doorbell *doorbell)
{
	if (--doorbell->listeners > 0)
		return;
	if (doorbell->bell)
		event_del(doorbell->bell);
	if (doorbell->clock)
		evtimer_del(doorbell->clock);
}
