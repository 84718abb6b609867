/* SPDX-License-Identifier: MIT */
#include "engine/capture_inner.h"

#define BELL_NS  UINT64_C(10000000)  /* between two rings */
#define QUIET_NS UINT64_C(200000000) /* then a line without end is a prompt, and shown */

void capture_note(struct capture *capture, struct outlet *outlet)
{
	if (!outlet->moved) {
		outlet->moved = true;
		outlet->moved_next = capture->moved;
		capture->moved = outlet;
	}
	if (!outlet->warm) {
		outlet->warm = true;
		outlet->warm_next = capture->warm;
		capture->warm = outlet;
	}
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

/* Remove an outlet from the warm ones. */
static void cool(struct capture *capture, struct outlet *outlet)
{
	struct outlet **at = &capture->warm;

	while (*at && *at != outlet)
		at = &(*at)->warm_next;
	if (*at)
		*at = outlet->warm_next;
	outlet->warm = false;
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
		cool(capture, outlet);
		*capture_find_outlet(capture, outlet->name) = outlet->next;
		outlet_close(outlet);
	}
}

/* Flush what has been quiet for long enough; returns when to look again, UINT64_MAX for never. */
static uint64_t flush_quiet(struct capture *capture, uint64_t now_ns)
{
	uint64_t next_ns = UINT64_MAX;
	struct outlet **at = &capture->warm;

	while (*at) {
		struct outlet *outlet = *at;

		for (int stream = BRM_OUT; stream <= BRM_ERR; stream++) {
			uint64_t due_ns = outlet->wrote_ns[stream] + QUIET_NS;

			if (outlet->unflushed[stream] && now_ns >= due_ns) {
				outlet_flush(outlet, (enum brm_stream)stream);
				capture_note(capture, outlet);
			}
			due_ns = outlet->wrote_ns[stream] + QUIET_NS;
			if (outlet->unflushed[stream] && due_ns < next_ns)
				next_ns = due_ns;
		}
		outlet->warm = outlet->unflushed[0] || outlet->unflushed[1];
		if (outlet->warm)
			at = &outlet->warm_next;
		else
			*at = outlet->warm_next;
	}
	return next_ns;
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
	uint64_t flush_ns = flush_quiet(capture, now_ns);
	uint64_t ring_ns;
	uint64_t due_ns;

	capture_publish_marks(capture);
	ring_ns = ring(capture, now_ns);
	capture_free_dead(capture);
	due_ns = flush_ns < ring_ns ? flush_ns : ring_ns;
	if (due_ns == UINT64_MAX)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns + 999999u) / 1000000u) : 0;
}
