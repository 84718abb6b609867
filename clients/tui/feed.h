/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_FEED_H
#define CLIENTS_TUI_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/common/source.h"
#include "clients/tui/jobs.h"

/*
 * tui/feed.h - what the supervisor publishes, as the screen has it
 *
 * The newest whole snapshot, how the supervisor is, and since when. From the region everything is read at once and
 * nothing waits; with the rpc read path the snapshot is asked for by a job.
 *
 * Errors   Functions return 0 or a negated errno or brm_error value.
 * Threads  For the loop's thread.
 */

enum health {
	HEALTH_NONE, /* there is no supervisor and never was one since this viewer began */
	HEALTH_LIVE,
	HEALTH_STUCK,      /* it does not answer */
	HEALTH_RESTART,    /* the engine is being restarted */
	HEALTH_DEAD,       /* gone without a word */
	HEALTH_ENDED,      /* gone in order */
	HEALTH_UNREADABLE, /* there is a region, and it cannot be read: feed->error */
};

struct feed {
	const struct brm_instance *instance;
	enum read_path path;
	struct source *source;
	struct snapshot snapshots[2];
	unsigned current;
	bool known;  /* snapshots[current] holds something */
	bool asking; /* an rpc job is under way, with the other snapshot */
	int error;   /* of the last attempt */
	enum health health;
	uint64_t since_ns;    /* when health became what it is, CLOCK_REALTIME */
	uint64_t replaced_ns; /* when another supervisor took over, CLOCK_REALTIME; 0: never */
	char version_before[32];
	uint64_t retry_boot_ns;  /* when to look for a region again; 0: not needed */
	uint64_t looked_boot_ns; /* when liveness was last looked at */
	uint64_t serial;         /* counts snapshots taken */
};

void feed_open(struct feed *feed, const struct brm_instance *instance, enum read_path path);
void feed_close(struct feed *feed);

/* For poll(); -1: nothing to wait for. */
int feed_fd(struct feed *feed);

/* It rang, or its time came: take a new snapshot if there is something new. True: the screen may have to change. */
bool feed_look(struct feed *feed, struct jobs *jobs);

/* Is the supervisor still well? Looked at no more often than every 200 ms. True: that changed. */
bool feed_check(struct feed *feed, uint64_t now_boot_ns);

/* The newest snapshot, NULL before the first. */
const struct snapshot *feed_snapshot(const struct feed *feed);

/* The region, for what a snapshot does not hold; NULL: there is none, or a job has it. */
struct brm_reader *feed_reader(const struct feed *feed);

/* Can commands be sent? */
bool feed_commandable(const struct feed *feed);

#endif
