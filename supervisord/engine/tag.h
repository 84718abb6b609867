/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_TAG_H
#define SUPERVISORD_ENGINE_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * engine/tag.h - whose descendant is it?
 *
 * After a double fork nothing in the process tree says. What survives is a resource limit: each run is born with the
 * soft RLIMIT_RTTIME of `instance tag << 32 | serial of the run`, inherited by all its descendants and readable in
 * /proc/PID/limits. 31 random bits for the instance keep another project's sweep from ever matching.
 * Descendants of a run = tag, or session, or process tree.
 */

uint64_t tag_make(uint32_t instance, uint32_t serial);

/* The tag of a process, 0 if it has none or is gone. */
uint64_t tag_of(pid_t pid);

/* A process of a run, held by a pidfd so that its number cannot be reused under us. */
struct member {
	pid_t pid;
	int pidfd;
};

/*
 * All living processes of a run: up to max into out (the caller closes the pidfds). `leader` is the run's own pid, also
 * when it has gone (its session then still names it). Zombies do not count. Returns their number, or -errno.
 */
int tag_members(uint64_t tag, pid_t leader, struct member *out, size_t max);

#endif
