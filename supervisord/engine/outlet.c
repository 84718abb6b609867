/* SPDX-License-Identifier: MIT */
#include "engine/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <brummer/instance.h>

#define RETRY_NS   UINT64_C(1000000000)
#define QUIET_NS   UINT64_C(200000000)  /* then a line without end is a prompt, and shown */
#define REST_NS    UINT64_C(2000000000) /* a store that was not written for so long gives its descriptors back */
#define HELD_SHARE 256u                 /* of the descriptors that we may have, one store in so many... */
#define HELD_LEAST 16u                  /* ...but so many at least; each takes up to five */

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

size_t outlet_held_max(void)
{
	struct rlimit limit;
	size_t share = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (size_t)limit.rlim_cur / HELD_SHARE : 0;

	return share > HELD_LEAST ? share : HELD_LEAST;
}

/* The outlet of a node, which is at that offset in it. */
static struct outlet *outlet_of(struct recent *node, size_t offset)
{
	return (struct outlet *)(void *)((char *)node - offset);
}

static void rest_oldest(struct outlet_places *places)
{
	struct outlet *outlet = outlet_of(places->held.oldest, offsetof(struct outlet, held));

	recency_drop(&places->held, &outlet->held);
	brm_logstore_rest(outlet->store);
}

/* It has its descriptors, and was used now: others rest for it. */
static void hold(struct outlet *outlet, uint64_t now_ns)
{
	recency_touch(&outlet->places->held, &outlet->held, now_ns);
	while (outlet->places->held.count > outlet->places->held_max)
		rest_oldest(outlet->places);
}

static void close_store(struct outlet *outlet)
{
	recency_drop(&outlet->places->held, &outlet->held);
	brm_logstore_close(outlet->store);
	outlet->store = NULL;
}

static bool is_of_want(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

static int open_store(struct outlet *outlet)
{
	struct brm_logstore_options options = {.segment_bytes = outlet->segment_bytes, .keep = outlet->keep};
	struct brm_logstore *store;
	int rc;

	outlet->detect = (struct detect){
		.patterns = outlet->places->patterns, .found_url = outlet->places->found_url, .arg = outlet};
	options.watch = detect_watch(&outlet->detect);
	rc = brm_logstore_open(outlet->places->state_dir, outlet->name, &options, &store);
	if (rc == 0)
		outlet->store = store;
	return rc;
}

/* Open it, or wake it. One whose files were taken away is opened anew. */
static int get_store(struct outlet *outlet)
{
	int rc = outlet->store ? brm_logstore_wake(outlet->store) : open_store(outlet);

	if (rc == 0 || !outlet->store || is_of_want(rc))
		return rc;
	close_store(outlet);
	return open_store(outlet);
}

/* Have the store with its descriptors. False: that cannot be now. */
static bool try_hold(struct outlet *outlet)
{
	uint64_t now_ns;
	int rc;

	if (outlet->held.ns != 0)
		return true;
	now_ns = outlet_now_ns();
	if (now_ns < outlet->retry_ns)
		return false;
	rc = get_store(outlet);
	while (is_of_want(rc) && outlet->places->held.count > 0) {
		rest_oldest(outlet->places);
		rc = get_store(outlet);
	}
	if (rc != 0) {
		outlet->retry_ns = now_ns + RETRY_NS;
		return false;
	}
	hold(outlet, now_ns);
	if (outlet->lost)
		brm_logstore_lose(outlet->store, outlet->lost);
	outlet->lost = 0;
	return true;
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

struct outlet *outlet_open(struct outlet_places *places, const char *name, uint64_t segment_bytes, uint32_t keep)
{
	struct outlet *outlet = calloc(1, sizeof *outlet + strlen(name) + 1);

	if (!outlet)
		return NULL;
	strcpy(outlet->name, name);
	outlet->places = places;
	outlet->segment_bytes = segment_bytes;
	outlet->keep = keep;
	if (is_there(outlet))
		try_hold(outlet); /* what was not reached yet is to be indexed */
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
	for (int stream = BRM_OUT; stream <= BRM_ERR; stream++) {
		outlet_flush(outlet, (enum brm_stream)stream);
		recency_drop(&outlet->places->unflushed[stream], &outlet->unflushed[stream]);
	}
	close_store(outlet);
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

/* Does something wait for more lines, or for its newline? */
static void note_waiting(struct outlet *outlet, enum brm_stream stream, bool waits, uint64_t now_ns)
{
	struct recency *list = &outlet->places->unflushed[stream];

	if (waits)
		recency_touch(list, &outlet->unflushed[stream], now_ns);
	else
		recency_drop(list, &outlet->unflushed[stream]);
}

static ssize_t store(struct outlet *outlet, int pipe_fd, enum brm_stream stream, size_t max)
{
	uint64_t now_ns;
	loff_t offset;
	ssize_t moved;
	int fd;

	if (!try_hold(outlet))
		return -EIO;
	if (outlet->new_run)
		brm_logstore_new_run(outlet->store);
	outlet->new_run = false;
	moved = brm_logstore_target(outlet->store, stream, &fd, &offset);
	if (moved == 0) {
		uint64_t room = brm_logstore_room(outlet->store, stream);

		moved = move(pipe_fd, fd, &offset, max < room ? max : (size_t)room);
	}
	if (moved <= 0)
		return moved;
	/* A line that cannot be indexed now is indexed with the next output, or by the flush. */
	brm_logstore_wrote(outlet->store, stream, (size_t)moved, now_us());
	now_ns = outlet_now_ns();
	hold(outlet, now_ns);
	note_waiting(outlet, stream,
		     brm_logstore_is_pending(outlet->store, stream) || detect_is_open(&outlet->detect, stream), now_ns);
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
	ssize_t moved = outlet->held.ns != 0 ? 1 : holds(pipe_fd);

	if (moved <= 0)
		return moved;
	moved = store(outlet, pipe_fd, stream, max);
	if (moved >= 0 || moved == -EAGAIN)
		return moved;
	moved = move(pipe_fd, outlet->places->null_fd, NULL, max);
	if (moved > 0 && outlet->held.ns != 0)
		brm_logstore_lose(outlet->store, (uint64_t)moved);
	else if (moved > 0)
		outlet->lost += (uint64_t)moved;
	return moved;
}

void outlet_flush(struct outlet *outlet, enum brm_stream stream)
{
	bool waits = outlet->unflushed[stream].ns != 0;

	if (waits)
		waits = !try_hold(outlet) || brm_logstore_flush(outlet->store, stream, now_us()) != 0;
	note_waiting(outlet, stream, waits, outlet_now_ns());
}

struct outlet *outlet_flush_next(struct outlet_places *places, uint64_t now_ns)
{
	static const size_t offsets[] = {offsetof(struct outlet, unflushed[BRM_OUT]),
					 offsetof(struct outlet, unflushed[BRM_ERR])};

	for (int stream = BRM_OUT; stream <= BRM_ERR; stream++) {
		struct recency *list = &places->unflushed[stream];

		if (recency_due_ns(list, QUIET_NS) <= now_ns) {
			struct outlet *outlet = outlet_of(list->oldest, offsets[stream]);

			outlet_flush(outlet, (enum brm_stream)stream);
			return outlet;
		}
	}
	return NULL;
}

void outlet_rest_quiet(struct outlet_places *places, uint64_t now_ns)
{
	while (recency_due_ns(&places->held, REST_NS) <= now_ns)
		rest_oldest(places);
}

uint64_t outlet_due_ns(const struct outlet_places *places)
{
	uint64_t due_ns = recency_due_ns(&places->held, REST_NS);

	for (int stream = BRM_OUT; stream <= BRM_ERR; stream++) {
		uint64_t flush_ns = recency_due_ns(&places->unflushed[stream], QUIET_NS);

		due_ns = flush_ns < due_ns ? flush_ns : due_ns;
	}
	return due_ns;
}

void outlet_mark(const struct outlet *outlet, struct brm_log_mark *mark)
{
	*mark = (struct brm_log_mark){.lost_bytes = 0};
	if (outlet->store)
		brm_logstore_mark(outlet->store, mark);
	mark->lost_bytes += outlet->lost;
}
