/* SPDX-License-Identifier: MIT */
#include "engine/capture_inner.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#define EVENTS  64
#define FLOW_NS UINT64_C(2000000) /* output that follows within this time is a flow... */

/* ...and is taken in larger pieces by waiting a little, unless they are large enough: for pipes of either size. */
static const struct {
	long wait_ns;
	size_t enough_bytes;
} gathers[] = {{100000, 64u << 10}, {400000, 256u << 10}};

/* With no memory for it a fresh engine is better: it finds pipes and stores as they are. */
static struct outlet *get_outlet(struct capture *capture, const char *name, uint64_t segment_bytes, uint32_t keep)
{
	struct outlet **at = capture_find_outlet(capture, name);

	if (!*at)
		*at = outlet_open(&capture->places, name, segment_bytes, keep);
	if (!*at)
		abort();
	return *at;
}

static void do_resize(struct capture *capture, struct command *command)
{
	outlet_resize(get_outlet(capture, command->name, command->segment_bytes, command->keep), command->segment_bytes,
		      command->keep);
}

static void do_add(struct capture *capture, struct command *command)
{
	struct run *run = command->run;
	struct run **old = capture_find_run(capture, command->serial);
	struct outlet *outlet = get_outlet(capture, command->name, 0, 0);

	if (*old)
		capture_bury(capture, *old);
	outlet->entry = command->entry;
	outlet->serial = command->serial;
	outlet->new_run |= command->what == CAPTURE_ADD;
	outlet->released = false;
	outlet->remove = false;
	outlet->runs++;
	run->outlet = outlet;
	run->next = capture->runs[run->serial % CAPTURE_BUCKETS];
	capture->runs[run->serial % CAPTURE_BUCKETS] = run;
	capture_watch(capture, run);
	capture_note(capture, outlet); /* what earlier runs have left is to be read, too */
}

static void do_drain(struct capture *capture, struct command *command)
{
	struct run *run = *capture_find_run(capture, command->serial);
	struct drained *report = &command->report;
	struct brm_logstore *store;

	*report = (struct drained){.serial = command->serial};
	if (!run)
		return;
	capture_take_all(capture, run);
	store = run->outlet->store;
	if (store)
		brm_logstore_last_error(store, report->last_error, sizeof report->last_error - 1);
	run->drained = true;
	capture_bury_if_over(capture, run);
}

static void do_forget(struct capture *capture, struct command *command)
{
	struct run *run = *capture_find_run(capture, command->serial);

	if (!run)
		return;
	capture_take_all(capture, run);
	capture_bury(capture, run);
}

static void do_release(struct capture *capture, struct command *command)
{
	struct outlet *outlet = *capture_find_outlet(capture, command->name);

	if (!outlet && command->remove)
		brm_logstore_remove(capture->places.state_dir, command->name);
	if (!outlet)
		return;
	outlet->released = true;
	outlet->remove = command->remove;
	capture_note(capture, outlet);
}

static void do_patterns(struct capture *capture, struct command *command)
{
	for (unsigned i = 0; i < CAPTURE_BUCKETS; i++)
		for (struct outlet *outlet = capture->outlets[i]; outlet; outlet = outlet->next)
			outlet->detect.patterns = command->patterns;
	patterns_free(capture->patterns);
	capture->places.patterns = capture->patterns = command->patterns;
}

static void (*const commands[])(struct capture *capture, struct command *command) = {
	[CAPTURE_ADD] = do_add,       [CAPTURE_ADOPT] = do_add,         [CAPTURE_DRAIN] = do_drain,
	[CAPTURE_FORGET] = do_forget, [CAPTURE_RELEASE] = do_release,   [CAPTURE_EXPECT] = capture_do_expect,
	[CAPTURE_RESIZE] = do_resize, [CAPTURE_PATTERNS] = do_patterns,
};

static void obey(struct capture *capture)
{
	struct command *command;

	while ((command = (struct command *)mailbox_take(&capture->worker.in))) {
		commands[command->what](capture, command);
		if (command->what == CAPTURE_DRAIN) {
			capture_publish_marks(capture); /* before its exit can be */
			mailbox_put(&capture->worker.out, &command->letter);
		} else {
			free(command);
		}
	}
}

static void close_all(struct capture *capture)
{
	for (unsigned i = 0; i < CAPTURE_BUCKETS; i++) {
		while (capture->runs[i]) {
			capture_take_all(capture, capture->runs[i]);
			capture_bury(capture, capture->runs[i]);
		}
	}
	capture_publish_marks(capture);
	if (capture->ring)
		brm_writer_ring_logs(capture->writer);
	capture_free_dead(capture);
	for (unsigned i = 0; i < CAPTURE_BUCKETS; i++) {
		while (capture->outlets[i]) {
			struct outlet *outlet = capture->outlets[i];

			capture->outlets[i] = outlet->next;
			outlet_close(outlet);
		}
	}
}

/*
 * A piece costs some system calls, whatever its size. So a flow of small ones is let gather; the first after quiet is
 * shown at once.
 */
static void gather(struct capture *capture)
{
	const struct timespec little = {.tv_nsec = gathers[capture->moved_large].wait_ns};
	uint64_t now_ns;

	if (capture->moved_bytes == 0)
		return;
	now_ns = outlet_now_ns();
	if (now_ns - capture->moved_ns < FLOW_NS && capture->moved_bytes < gathers[capture->moved_large].enough_bytes)
		nanosleep(&little, NULL);
	capture->moved_ns = now_ns;
	capture->moved_bytes = 0;
	capture->moved_large = false;
}

void *capture_thread(void *arg)
{
	struct capture *capture = arg;
	struct epoll_event events[EVENTS];
	int timeout_ms = -1;

	while (!mailbox_is_shut(&capture->worker.in)) {
		int count = epoll_wait(capture->epoll, events, EVENTS, timeout_ms);

		for (int i = 0; i < count; i++)
			if (events[i].data.ptr)
				capture_pump(capture, events[i].data.ptr);
		obey(capture);
		timeout_ms = capture_settle(capture);
		gather(capture);
	}
	obey(capture);
	close_all(capture);
	return NULL;
}
