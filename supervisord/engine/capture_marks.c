/* SPDX-License-Identifier: MIT */
#include "engine/capture_inner.h"

#define BELL_NS UINT64_C(10000000) /* between two rings */

void capture_note(struct capture *capture, struct outlet *outlet)
{
	if (outlet->moved)
		return;
	outlet->moved = true;
	outlet->moved_next = capture->moved;
	capture->moved = outlet;
}

static void publish_mark(struct capture *capture, const struct outlet *outlet)
{
	struct brm_log_mark mark;

	if (!capture->writer || outlet->released)
		return;
	outlet_mark(outlet, &mark);
	brm_writer_log_mark(capture->writer, outlet->entry, &mark);
	capture->ring = true;
}

void capture_publish_marks(struct capture *capture)
{
	while (capture->moved) {
		struct outlet *outlet = capture->moved;

		capture->moved = outlet->moved_next;
		outlet->moved = false;
		publish_mark(capture, outlet);
		capture_look_expected(capture, outlet);
		if (!outlet->released || outlet->runs > 0)
			continue;
		*capture_find_outlet(capture, outlet->name) = outlet->next;
		outlet_close(outlet);
	}
}

/* Ring at once after quiet, else when the time since the last ring is over: then that is returned. */
static uint64_t ring(struct capture *capture, uint64_t now_ns)
{
	if (!capture->ring)
		return UINT64_MAX;
	if (now_ns < capture->rang_ns + BELL_NS)
		return capture->rang_ns + BELL_NS;
	brm_writer_ring_logs(capture->writer);
	capture->ring = false;
	capture->rang_ns = now_ns;
	return UINT64_MAX;
}

int capture_settle(struct capture *capture)
{
	uint64_t now_ns = outlet_now_ns();
	struct outlet *flushed;
	uint64_t ring_ns, due_ns;

	while ((flushed = outlet_flush_next(&capture->places, now_ns)))
		capture_note(capture, flushed);
	outlet_rest_quiet(&capture->places, now_ns);
	capture_publish_marks(capture);
	ring_ns = ring(capture, now_ns);
	capture_free_dead(capture);
	due_ns = outlet_due_ns(&capture->places);
	due_ns = due_ns < ring_ns ? due_ns : ring_ns;
	if (due_ns == UINT64_MAX)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns + 999999u) / 1000000u) : 0;
}
