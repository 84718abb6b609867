/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_METRICS_INNER_H
#define SUPERVISORD_ENGINE_METRICS_INNER_H

#include <dirent.h>
#include <sys/resource.h>

#include "engine/mailbox.h"
#include "engine/metrics.h"

/*
 * engine/metrics_inner.h - what the files of the metrics share
 *
 *  metrics.c       the loop's side; the thread: when to sample, when to look for ports
 *  metrics_tree.c  which processes there are, whose they are, what they use
 */

struct watched;

/* A process of a run. */
struct member {
	struct member *next; /* of its run */
	struct watched *run;
	pid_t pid;
	int stat_fd;  /* /proc/PID/stat, open; -1: it is opened each time */
	int files_fd; /* /proc/PID/fd */
	uint64_t ticks;
	uint32_t files;
	bool sampled;
};

/* Any process there is. */
struct seen {
	pid_t pid;
	uint32_t serial;       /* by its tag; 0: no run's */
	struct member *member; /* NULL: of no run that is watched */
};

/* The sums of a round. */
struct usage {
	uint64_t memory_bytes;
	uint64_t ticks; /* since the round before */
	uint32_t threads;
	uint32_t files;
	uint32_t processes;
};

struct watched {
	struct watched *next; /* of its bucket */
	uint32_t serial;
	uint32_t entry;
	pid_t leader;
	uint64_t limit_bytes;
	bool over;
	bool sampled;
	struct member *members;
	struct usage usage;
	uint64_t look_ns;  /* when to look for ports; UINT64_MAX: no more */
	uint64_t pause_ns; /* after that */
	uint32_t ports_count;
	uint16_t ports[METRICS_PORTS_MAX];
};

#define METRICS_BUCKETS 1024u

struct metrics {
	struct worker worker;
	struct brm_writer *writer;
	uint32_t tag;
	bool sample;
	/* the thread's own: */
	struct watched *runs[METRICS_BUCKETS];
	size_t run_count;
	uint64_t look_ns;       /* when to look for the ports of some run; UINT64_MAX: of none */
	uint64_t sampled_ns;    /* the last round */
	uint64_t not_before_ns; /* the next one, so that its share is kept */
	/* metrics_tree.c */
	struct seen *seen; /* by pid */
	size_t seen_count;
	size_t seen_room;
	DIR *proc;
	int loadavg_fd;
	uint32_t newest_pid;
	bool added;  /* runs, since the last look at who there is */
	size_t kept; /* descriptors that stay open */
	size_t kept_max;
	rlim_t kept_below; /* and whose numbers are */
	uint32_t round;
};

struct watched *metrics_find(struct metrics *metrics, uint32_t serial);

/* metrics_tree.c; 0, -errno. */
int tree_open(struct metrics *metrics);
void tree_close(struct metrics *metrics);
/* See who was born and who has gone. */
void tree_refresh(struct metrics *metrics);
/* A run begins or ends to be watched. Who is of a new one is found by the next tree_refresh(). */
void tree_add(struct metrics *metrics, struct watched *run);
void tree_remove(struct metrics *metrics, struct watched *run);
/* Fill the run's usage. */
void tree_sample(struct metrics *metrics, struct watched *run);

#endif
