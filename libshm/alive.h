/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_ALIVE_H
#define LIBSHM_ALIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* alive.h - what the system knows of a process, so that a reused pid is not taken for it */

#define ALIVE_BUSY_LIMIT_NS UINT64_C(2000000000) /* longer in one turn of its loop: unresponsive */

struct alive_process {
	char state;     /* /proc/PID/stat, field 3 */
	uint64_t start; /* field 22, clock ticks since boot */
};

/* -ENOENT: there is no such process; -EIO: /proc cannot tell. */
int alive_process(int32_t pid, struct alive_process *out);

/* The inode of this process's pid namespace; 0 if it cannot be had. */
uint64_t alive_pid_namespace(void);

/* The kernel's boot id; "" if it cannot be had. */
void alive_boot_id(char *out, size_t size);

/* Lock the region for life, by a lock that only the end of the process (or of its descriptor's copies) gives up. */
int alive_lock(int fd);

/* Does somebody hold that lock? */
bool alive_is_locked(int fd);

/* CLOCK_MONOTONIC and CLOCK_REALTIME, nanoseconds. */
uint64_t alive_monotonic_ns(void);
uint64_t alive_realtime_ns(void);

#endif
