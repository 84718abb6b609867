/* SPDX-License-Identifier: MIT */
#include "engine/capture_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CHUNK_BYTES (1u << 20) /* of one source, before the others have their turn */
#define RELAY_BYTES (1u << 16)

/* A pipe that is found full again and again gets larger, so that its flood is taken in larger pieces. */
#define FULL_BYTES  (1u << 16) /* what a pipe holds at first */
#define FULL_TIMES  8u
#define LARGE_BYTES (1 << 20)
#define LARGE_MAX   16u /* such pipes at a time: a user's pages for pipes are few */

struct run **capture_find_run(struct capture *capture, uint32_t serial)
{
	struct run **at = &capture->runs[serial % CAPTURE_BUCKETS];

	while (*at && (*at)->serial != serial)
		at = &(*at)->next;
	return at;
}

struct outlet **capture_find_outlet(struct capture *capture, const char *name)
{
	uint32_t hash = 2166136261u;
	struct outlet **at;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	at = &capture->outlets[hash % CAPTURE_BUCKETS];
	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

struct run *capture_make_run(uint32_t serial, const struct run_fds *fds)
{
	struct run *run = calloc(1, sizeof *run);
	bool pty = fds->out >= 0 && isatty(fds->out);

	if (!run)
		return NULL;
	run->serial = serial;
	run->relay = pty ? fds->err : -1;
	run->sources[0] = (struct source){.run = run, .fd = fds->out, .stream = BRM_OUT};
	run->sources[1] = (struct source){.run = run, .fd = pty ? -1 : fds->err, .stream = BRM_ERR};
	return run;
}

/* The keeper's duplicate keeps a closed descriptor's events coming: so it is taken out first. */
static void close_source(struct capture *capture, struct source *source)
{
	if (source->fd < 0)
		return;
	capture->large -= source->is_large;
	source->is_large = false;
	epoll_ctl(capture->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	close(source->fd);
	source->fd = -1;
}

static ssize_t take(struct capture *capture, struct source *source, int pipe_fd, size_t max)
{
	struct outlet *outlet = source->run->outlet;
	ssize_t moved = outlet_take(outlet, pipe_fd, source->stream, max);

	if (moved <= 0)
		return moved;
	capture->moved_bytes += (size_t)moved;
	capture_note(capture, outlet);
	return moved;
}

/* A pty's end shows as EIO; what an engine before this one left in the relay goes first. */
static ssize_t take_pty(struct capture *capture, struct source *source)
{
	int relay = source->run->relay;
	ssize_t moved;

	while (take(capture, source, relay, CHUNK_BYTES) > 0)
		continue;
	moved = splice(source->fd, NULL, relay, NULL, RELAY_BYTES, SPLICE_F_NONBLOCK);
	if (moved < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : 0;
	while (take(capture, source, relay, CHUNK_BYTES) > 0)
		continue;
	return moved;
}

static ssize_t take_some(struct capture *capture, struct source *source, size_t max)
{
	return source->run->relay >= 0 ? take_pty(capture, source) : take(capture, source, source->fd, max);
}

/* What is in the pipe now, and not what comes meanwhile. A pty does not say how much it holds before it is read. */
static void take_held(struct capture *capture, struct source *source)
{
	int held = CHUNK_BYTES;
	ssize_t moved = 1;

	if (source->fd < 0 || (source->run->relay < 0 && ioctl(source->fd, FIONREAD, &held) != 0))
		return;
	while (held > 0 && moved > 0) {
		moved = take_some(capture, source, (size_t)held);
		held -= (int)moved;
	}
}

void capture_watch(struct capture *capture, struct run *run)
{
	for (int i = 0; i < 2; i++) {
		struct source *source = &run->sources[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

		if (source->fd >= 0 && epoll_ctl(capture->epoll, EPOLL_CTL_ADD, source->fd, &event) != 0)
			close_source(capture, source);
	}
}

void capture_bury(struct capture *capture, struct run *run)
{
	struct run **at = capture_find_run(capture, run->serial);

	capture_end_expected(capture, run->serial);
	*at = run->next;
	run->next = capture->dead;
	capture->dead = run;
	for (int i = 0; i < 2; i++)
		close_source(capture, &run->sources[i]);
	if (run->relay >= 0)
		close(run->relay);
	run->outlet->runs--;
	if (run->outlet->released)
		capture_note(capture, run->outlet);
}

void capture_bury_if_over(struct capture *capture, struct run *run)
{
	if (run->drained && run->sources[0].fd < 0 && run->sources[1].fd < 0)
		capture_bury(capture, run);
}

/* Where it is not allowed it stays as it is. */
static void enlarge(struct capture *capture, struct source *source)
{
	source->full = 0;
	if (capture->large >= LARGE_MAX || fcntl(source->fd, F_SETPIPE_SZ, LARGE_BYTES) < 0)
		return;
	source->is_large = true;
	capture->large++;
}

void capture_pump(struct capture *capture, struct source *source)
{
	ssize_t moved = source->fd < 0 ? -EAGAIN : take_some(capture, source, CHUNK_BYTES);

	capture->moved_large |= source->is_large;
	source->full = moved >= (ssize_t)FULL_BYTES ? source->full + 1 : 0;
	if (source->full >= FULL_TIMES && !source->is_large && source->run->relay < 0)
		enlarge(capture, source);
	if (moved > 0 || moved == -EAGAIN)
		return;
	close_source(capture, source);
	capture_bury_if_over(capture, source->run);
}

static void flush(struct capture *capture, struct outlet *outlet)
{
	for (int stream = BRM_OUT; stream <= BRM_ERR; stream++)
		outlet_flush(outlet, (enum brm_stream)stream);
	capture_note(capture, outlet);
}

void capture_take_all(struct capture *capture, struct run *run)
{
	for (int i = 0; i < 2; i++)
		take_held(capture, &run->sources[i]);
	flush(capture, run->outlet);
}

void capture_free_dead(struct capture *capture)
{
	while (capture->dead) {
		struct run *run = capture->dead;

		capture->dead = run->next;
		free(run);
	}
}
