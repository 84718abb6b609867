/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_METRICS_H
#define SUPERVISORD_ENGINE_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <brummer/writer.h>

/*
 * engine/metrics.h - what runs use, and the ports they listen on, on a thread of its own
 *
 * Once a second the processes of all runs are sampled, and the sums published straight into the region, without a ring.
 * /proc/PID/stat stays open for each; the list of all processes is read only when a new one was born, and a new one is
 * looked at once. When a round takes long the next one waits longer: half a percent of a core at most.
 *
 * The ports are those of sockets in /proc/PID/fd that listen. They are looked for soon after a start, soon after there
 * is a reason to, and then ever less often; when nothing is sampled, no more after some minutes.
 *
 * Of a run is here who has its tag or is in the session of its leader: who has fled from both is not counted.
 *
 * Threads  The functions are for one thread, the loop's.
 */

#define METRICS_PORTS_MAX 64u

struct metrics;

/* tag: of the instance. sample false: only look for ports. 0, -errno */
int metrics_open(struct brm_writer *writer, uint32_t tag, bool sample, struct metrics **out);
void metrics_close(struct metrics *metrics); /* NULL is accepted; before the writer is closed */

/*
 * For all of these there may be no metrics (NULL), or no memory: then runs are not looked at.
 *
 * add: a run lives. limit_bytes: of the memory of all its processes; 0: none.
 * remove: it has ended, and its last sample is of nothing.
 * look: there is a reason to look for its ports.
 */
void metrics_add(struct metrics *metrics, uint32_t serial, uint32_t entry, pid_t leader, uint64_t limit_bytes);
void metrics_remove(struct metrics *metrics, uint32_t serial);
void metrics_look(struct metrics *metrics, uint32_t serial);

enum measured_kind {
	MEASURED_PORTS, /* they are others than before */
	MEASURED_MEMORY /* it uses more than its limit; said again only after it used less */
};

struct measured {
	enum measured_kind kind;
	uint32_t serial;
	uint32_t count;
	uint16_t ports[METRICS_PORTS_MAX]; /* ascending */
};

int metrics_fd(const struct metrics *metrics); /* readable: there is something to say */
bool metrics_next(struct metrics *metrics, struct measured *out);

#endif
