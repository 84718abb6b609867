/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_ENGINE_H
#define SUPERVISORD_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>

#include <brummer/instance.h>
#include <brummer/writer.h>

#include "config/discover.h"
#include "config/model.h"
#include "engine/capture.h"
#include "engine/keeperlink.h"
#include "engine/spawn.h"
#include "engine/stop.h"
#include "engine/table.h"

/*
 * engine/engine.h - the supervisor proper: one loop on the one thread that publishes
 *
 * The loop's thread opens no file and waits for nobody: clones, output, sweeps and the reading of configurations are
 * done by threads of their own, whose results are events here. A turn of the loop is: handle what came, settle what
 * follows from it, close the batch. struct engine is shared by the files of this folder and of control/ alone.
 *
 * Threads  Everything in this folder that takes an engine or a process is for the loop's thread.
 */

/* What can be switched off. */
struct features {
	bool no_metrics; /* do not sample what runs use */
	bool no_cgroup;  /* no control group for each run */
	bool no_guard;   /* do not publish the region again when it is removed */
};

struct engine_options {
	struct brm_instance instance;
	uint8_t uuid[16];    /* of the instance */
	uint32_t tag;        /* of the instance, 31 bits */
	uint64_t started_ns; /* of the instance, CLOCK_REALTIME */
	bool foreground;     /* stay on the caller's standard error */
	bool autostart;      /* start what the configuration starts by itself */
	struct features features;
	struct config_request request; /* of the configuration, the same each time it is read */
};

struct server;
struct reload;
struct shutdown;
struct guard;
struct evdns_base;
struct errand;
struct watcher;
struct cgroups;
struct schedule;
struct scale;
TAILQ_HEAD(errand_list, errand);
struct upgrade;
struct metrics;
struct right;

/* The descriptors that the loop watches for the threads and the keeper. */
enum { SOURCE_SPAWNER, SOURCE_CAPTURE, SOURCE_SWEEPER, SOURCE_METRICS, SOURCE_WATCHER, SOURCE_KEEPER, ENGINE_SOURCES };

#define ENGINE_SIGNALS 3

struct engine {
	const struct engine_options *options;
	struct event_base *base;
	struct event *sources[ENGINE_SOURCES];
	struct event *signals[ENGINE_SIGNALS];
	struct brm_writer *writer;
	struct keeperlink *keeper;
	struct spawner *spawner;
	struct capture *capture;
	struct sweeper *sweeper;
	struct metrics *metrics; /* NULL: it could not be started */
	struct config config;    /* what could be run, as it was last read */
	struct table table;
	struct server *server;
	struct right *rights; /* to write to processes: control/terminal.c */
	struct reload *reload;
	struct shutdown *shutdown; /* NULL until the end has begun */
	struct guard *guard;
	struct errand_list errands;
	struct evdns_base *dns;  /* what names of hosts mean, for probes; NULL until it is wanted */
	struct cgroups *cgroups; /* NULL: none, runs are known by their tags alone */
	struct watcher *watcher;
	uint32_t last_watch; /* id of what a process watches */
	struct schedule *schedule;
	struct scale *scales;      /* families that were scaled while it ran; a list */
	struct upgrade *upgrade;   /* NULL until one is asked for */
	struct brm_reader *mirror; /* our own region, for what only other threads write; NULL until it is wanted */
	struct event *commit_timer;
	uint64_t commits_ns; /* CLOCK_MONOTONIC: until then the closed batches have used up their share */
	bool answered;       /* a client is told of this turn: it must find in the region what it was told */
	uint32_t last_serial;
	bool continued;      /* an engine before this one has left a region or runs */
	bool succeeding;     /* and it was of this same keeper */
	bool on_terminal;    /* stay in front of one */
	bool short_of_files; /* that was said */
	bool busy;
	bool done; /* leave the loop */
};

/* The whole life of an engine process. Returns its exit status. */
int engine_main(const struct engine_options *options);

/* Every callback of the loop begins with this: readers can tell a busy engine from a sleeping one. */
void engine_enter(struct engine *engine);

/* The next serial of a run; never 0. */
uint32_t engine_serial(struct engine *engine);

/* Both clocks that states need. */
struct brm_now engine_now(void);

#endif
