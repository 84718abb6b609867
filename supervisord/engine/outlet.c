/* SPDX-License-Identifier: MIT */
#include "engine/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <brummer/instance.h>

#define RETRY_NS UINT64_C(1000000000)

uint64_t outlet_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void try_open(struct outlet *outlet)
{
	struct brm_logstore_options options = {.segment_bytes = outlet->segment_bytes, .keep = outlet->keep};
	uint64_t now_ns = outlet_now_ns();

	if (outlet->store || now_ns < outlet->retry_ns)
		return;
	outlet->retry_ns = now_ns + RETRY_NS;
	outlet->detect = (struct detect){
		.patterns = outlet->places->patterns, .found_url = outlet->places->found_url, .arg = outlet};
	options.watch = detect_watch(&outlet->detect);
	if (brm_logstore_open(outlet->places->state_dir, outlet->name, &options, &outlet->store) != 0) {
		outlet->store = NULL;
		return;
	}
	if (outlet->lost)
		brm_logstore_lose(outlet->store, outlet->lost);
	outlet->lost = 0;
}

/* Has an earlier run left a store? */
static bool is_there(const struct outlet *outlet)
{
	char file[BRM_FILE_MAX], path[PATH_MAX];
	struct stat st;
	int length;

	if (brm_name_to_path(outlet->name, file) < 0)
		return false;
	length = snprintf(path, sizeof path, "%s/%s", outlet->places->state_dir, file);
	return length > 0 && (size_t)length < sizeof path && lstat(path, &st) == 0;
}

struct outlet *outlet_open(const struct outlet_places *places, const char *name, uint64_t segment_bytes, uint32_t keep)
{
	struct outlet *outlet = calloc(1, sizeof *outlet + strlen(name) + 1);

	if (!outlet)
		return NULL;
	strcpy(outlet->name, name);
	outlet->places = places;
	outlet->segment_bytes = segment_bytes;
	outlet->keep = keep;
	if (is_there(outlet))
		try_open(outlet); /* what was not reached yet is to be indexed */
	return outlet;
}

void outlet_resize(struct outlet *outlet, uint64_t segment_bytes, uint32_t keep)
{
	outlet->segment_bytes = segment_bytes;
	outlet->keep = keep;
	if (outlet->store)
		brm_logstore_resize(outlet->store, segment_bytes, keep);
}

void outlet_close(struct outlet *outlet)
{
	outlet_flush(outlet, BRM_OUT);
	outlet_flush(outlet, BRM_ERR);
	brm_logstore_close(outlet->store);
	if (outlet->remove)
		brm_logstore_remove(outlet->places->state_dir, outlet->name);
	free(outlet);
}

static ssize_t move(int from, int to, loff_t *offset, size_t max)
{
	ssize_t moved;

	do {
		moved = splice(from, NULL, to, offset, max, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	} while (moved < 0 && errno == EINTR);
	return moved < 0 ? -errno : moved;
}

static ssize_t store(struct outlet *outlet, int pipe_fd, enum brm_stream stream, size_t max)
{
	loff_t offset;
	ssize_t moved;
	int fd;

	if (!outlet->store)
		return -EIO;
	if (outlet->new_run)
		brm_logstore_new_run(outlet->store);
	outlet->new_run = false;
	moved = brm_logstore_target(outlet->store, stream, &fd, &offset);
	if (moved == 0)
		moved = move(pipe_fd, fd, &offset, max);
	if (moved <= 0)
		return moved;
	/* A line that cannot be indexed now is indexed with the next output, or by the flush. */
	brm_logstore_wrote(outlet->store, stream, (size_t)moved, now_us());
	outlet->unflushed[stream] =
		brm_logstore_is_pending(outlet->store, stream) || detect_is_open(&outlet->detect, stream);
	outlet->wrote_ns[stream] = outlet_now_ns();
	return moved;
}

/* Does a pipe hold something (1), nothing yet (-EAGAIN), or nothing any more (0)? */
static int holds(int pipe_fd)
{
	struct pollfd look = {.fd = pipe_fd, .events = POLLIN};

	if (poll(&look, 1, 0) <= 0)
		return -EAGAIN;
	return look.revents & POLLIN ? 1 : 0;
}

ssize_t outlet_take(struct outlet *outlet, int pipe_fd, enum brm_stream stream, size_t max)
{
	ssize_t moved = outlet->store ? 1 : holds(pipe_fd);

	if (moved <= 0)
		return moved;
	try_open(outlet);
	moved = store(outlet, pipe_fd, stream, max);
	if (moved >= 0 || moved == -EAGAIN)
		return moved;
	moved = move(pipe_fd, outlet->places->null_fd, NULL, max);
	if (moved > 0 && outlet->store)
		brm_logstore_lose(outlet->store, (uint64_t)moved);
	else if (moved > 0)
		outlet->lost += (uint64_t)moved;
	return moved;
}

void outlet_flush(struct outlet *outlet, enum brm_stream stream)
{
	if (!outlet->store || !outlet->unflushed[stream])
		return;
	if (brm_logstore_flush(outlet->store, stream, now_us()) == 0)
		outlet->unflushed[stream] = false;
	else
		outlet->wrote_ns[stream] = outlet_now_ns();
}

void outlet_mark(const struct outlet *outlet, struct brm_log_mark *mark)
{
	*mark = (struct brm_log_mark){.lost_bytes = outlet->lost};
	if (outlet->store)
		brm_logstore_mark(outlet->store, mark);
}
