/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PROC_H
#define SUPERVISORD_ENGINE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * engine/proc.h - what /proc says of one process
 *
 * Errors   Functions return 0 (or a length) or a negated errno value; -ESRCH: there is no such process (any more).
 * Threads  Any.
 */

struct proc_stat {
	bool dead;      /* with all its threads; it waits to be reaped */
	pid_t ppid;     /* its parent now */
	pid_t session;  /* the pid of its session's leader */
	uint64_t start; /* clock ticks since boot: with the pid it names a process for ever */
};

int proc_stat(pid_t pid, struct proc_stat *out);

/* The first size - 1 bytes of /proc/PID/name, NUL-terminated. Returns their number. */
ssize_t proc_read(pid_t pid, const char *name, char *buf, size_t size);

/* Call each(pid, arg) for every process there is. */
int proc_each(void (*each)(pid_t pid, void *arg), void *arg);

/*
 * The children of a process that has one thread, in the order they came to it, as text that is the caller's; NULL if
 * the kernel does not say. If one is reaped meanwhile another may be missing.
 */
char *proc_children(pid_t pid);

#endif
