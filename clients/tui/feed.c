/* SPDX-License-Identifier: MIT */
#include "clients/tui/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/wait.h>

#include "clients/common/when.h"

#define RETRY_NS UINT64_C(1000000000)
#define CHECK_NS UINT64_C(200000000)

void feed_open(struct feed *feed, const struct brm_instance *instance, enum read_path path)
{
	*feed = (struct feed){.instance = instance, .path = path};
	feed_look(feed, NULL);
}

void feed_close(struct feed *feed)
{
	if (feed->asking)
		return; /* its job still uses everything; the program is about to end */
	source_close(feed->source);
	snapshot_finish(&feed->snapshots[0]);
	snapshot_finish(&feed->snapshots[1]);
	feed->source = NULL;
}

const struct snapshot *feed_snapshot(const struct feed *feed)
{
	return feed->known ? &feed->snapshots[feed->current] : NULL;
}

struct brm_reader *feed_reader(const struct feed *feed)
{
	return feed->source && !feed->asking ? source_reader(feed->source) : NULL;
}

bool feed_commandable(const struct feed *feed)
{
	return feed->health == HEALTH_LIVE || feed->health == HEALTH_STUCK || feed->health == HEALTH_RESTART;
}

static enum health health_of(enum brm_liveness liveness)
{
	switch (liveness) {
	case BRM_LIVE:
		return HEALTH_LIVE;
	case BRM_UNRESPONSIVE:
		return HEALTH_STUCK;
	case BRM_RESTARTING:
	case BRM_SUPERSEDED:
		return HEALTH_RESTART;
	case BRM_DEAD:
		return HEALTH_DEAD;
	case BRM_CLOSED:
		return HEALTH_ENDED;
	}
	return HEALTH_DEAD;
}

/* When a region fell silent that was found silent: its newest event. */
static uint64_t silent_since(struct feed *feed, uint64_t now_ns)
{
	struct brm_reader *reader = feed_reader(feed);
	struct brm_event event;
	uint64_t first, end, missed;

	if (!reader)
		return now_ns;
	brm_events_range(reader, &first, &end);
	if (end == first)
		return now_ns;
	first = end - 1;
	return brm_events_read(reader, &first, &event, 1, &missed) == 1 ? event.time_ns : now_ns;
}

static bool set_health(struct feed *feed, enum health health)
{
	uint64_t now = now_read().real_ns;

	if (health == feed->health)
		return false;
	if (feed->health == HEALTH_NONE && (health == HEALTH_DEAD || health == HEALTH_ENDED))
		now = silent_since(feed, now);
	feed->health = health;
	feed->since_ns = now;
	return true;
}

/* A snapshot was taken into the other place: it is the current one from now on. */
static void take(struct feed *feed)
{
	const struct snapshot *fresh = &feed->snapshots[!feed->current], *before = feed_snapshot(feed);

	/* Another supervisor has another identity, and took over nothing. */
	if (before && fresh->info.engine_pid != before->info.engine_pid &&
	    memcmp(fresh->info.uuid, before->info.uuid, sizeof before->info.uuid) == 0) {
		feed->replaced_ns = fresh->now.real_ns;
		snprintf(feed->version_before, sizeof feed->version_before, "%s", before->info.version);
	}
	feed->current = !feed->current;
	feed->known = true;
	feed->serial++;
	feed->error = 0;
	set_health(feed, health_of(fresh->liveness));
}

/* No region, or none that can be read. Look again in a second. */
static bool miss(struct feed *feed, int error)
{
	bool gone = error == -ENOENT || error == -ECONNREFUSED;
	bool changed = feed->error != error;

	feed->error = error;
	feed->retry_boot_ns = now_read().boot_ns + RETRY_NS;
	if (error == -ETIMEDOUT && feed->known)
		return set_health(feed, HEALTH_STUCK) || changed;
	if (!gone)
		return set_health(feed, HEALTH_UNREADABLE) || changed;
	return set_health(feed, feed->known ? HEALTH_DEAD : HEALTH_NONE) || changed;
}

struct ask {
	struct job job;
	struct feed *feed;
	int error;
};

static void ask_work(struct job *job)
{
	struct ask *ask = (struct ask *)job;
	struct feed *feed = ask->feed;

	if (!feed->source)
		ask->error = source_open(feed->instance, feed->path, &feed->source);
	if (ask->error == 0)
		ask->error = source_snapshot(feed->source, &feed->snapshots[!feed->current]);
}

static void ask_done(struct job *job, void *arg)
{
	struct ask *ask = (struct ask *)job;

	(void)arg;
	ask->feed->asking = false;
	if (ask->error == 0)
		take(ask->feed);
	else
		miss(ask->feed, ask->error);
	free(ask);
}

static bool look_by_rpc(struct feed *feed, struct jobs *jobs)
{
	struct ask *ask;

	if (!jobs)
		feed->retry_boot_ns = 1; /* as soon as there are any */
	if (feed->asking || !jobs)
		return false;
	ask = calloc(1, sizeof *ask);
	if (!ask)
		return false;
	*ask = (struct ask){.job = {.work = ask_work, .done = ask_done}, .feed = feed};
	feed->asking = jobs_start(jobs, &ask->job) == 0;
	if (!feed->asking)
		free(ask);
	return false;
}

static bool look_at_region(struct feed *feed)
{
	int error = 0;

	if (!feed->source)
		error = source_open(feed->instance, feed->path, &feed->source);
	if (error == 0 && feed->known && !source_changed(feed->source, feed_snapshot(feed)))
		return false;
	if (error == 0)
		error = source_snapshot(feed->source, &feed->snapshots[!feed->current]);
	if (error)
		return miss(feed, error);
	take(feed);
	return true;
}

int feed_fd(struct feed *feed)
{
	if (!feed->source || feed->asking)
		return -1;
	return source_bell(feed->source, BRM_WAIT_STATES | BRM_WAIT_LOGS);
}

bool feed_look(struct feed *feed, struct jobs *jobs)
{
	feed->retry_boot_ns = 0;
	if (feed->source && !feed->asking)
		source_bell_clear(feed->source);
	return feed->path == READ_RPC ? look_by_rpc(feed, jobs) : look_at_region(feed);
}

bool feed_check(struct feed *feed, uint64_t now_boot_ns)
{
	struct brm_reader *reader = feed_reader(feed);

	if (!reader || !feed->known || feed->retry_boot_ns || now_boot_ns - feed->looked_boot_ns < CHECK_NS)
		return false;
	feed->looked_boot_ns = now_boot_ns;
	return set_health(feed, health_of(brm_reader_liveness(reader)));
}
