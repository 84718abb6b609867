/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_CHILD_H
#define SUPERVISORD_ENGINE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "config/model.h"
#include "engine/owner.h"
#include "engine/spawn.h"

/*
 * engine/child.h - what runs in a child between its clone and its exec
 *
 * The child shares the engine's memory, on a stack of its own, while the thread that cloned it is held: so it makes raw
 * system calls only and allocates nothing. How far it came and why it came no further is seen by the parent in the
 * plan; where memory turns out not to be shared (an emulator made a fork of it) it is told through a pipe.
 */

struct child_plan {
	const char *path; /* of the program, as seen from dir_fd */
	char *const *argv;
	char *const *env;
	int dir_fd;
	int fds[3]; /* to be 0, 1 and 2; all above 2 */
	int tty;    /* to be the controlling terminal; -1: none */
	struct rlimit nofile;
	int umask;     /* -1: as it is */
	int nice;      /* NICE_INHERIT: as it is */
	int notify_fd; /* to be the descriptor notify_as; -1: none */
	int notify_as;
	const struct owner *owner; /* NULL: ours */
	int cgroup_fd;             /* born in it; -1: in ours */
	int keep_below;            /* share the table of descriptors, and begin with a copy of those; 0: copy all */
	int report_fd;             /* CLOEXEC; -1: memory is shared */
	volatile int stage;        /* enum spawn_stage that it was in last */
	volatile int error;        /* errno value; 0: it came to the exec, or something killed it before */
};

#define CHILD_STACK_BYTES (64u * 1024u)

/* A stack with a guard page below it; NULL: no memory. One clone at a time. */
char *child_stack_make(void);
void child_stack_free(char *stack);

/*
 * Clone the child, as a sibling when `sibling`, else as a child of ours; returns its pid when it has come to its exec
 * or died. *pidfd is the caller's, CLOEXEC. -errno
 */
pid_t child_clone(struct child_plan *plan, char *stack, bool sibling, int *pidfd);

/* Does a child share memory here, and can it leave a shared table of descriptors? Each costs a clone. */
bool child_shares_memory(char *stack);
bool child_shares_files(char *stack);

#endif
