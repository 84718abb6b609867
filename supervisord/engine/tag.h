/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_TAG_H
#define SUPERVISORD_ENGINE_TAG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * engine/tag.h - whose descendant is it?
 *
 * After a double fork nothing in the process tree says. What survives is a resource limit: each run is born with the
 * soft RLIMIT_RTTIME of `instance tag << 32 | serial of the run`, inherited by all its descendants and readable in
 * /proc/PID/limits. 31 random bits for the instance keep another project's sweep from ever matching.
 * Where the hard limit is too low for that, the environment variable TAG_VARIABLE takes its place.
 * Descendants of a run = tag, or session, or process tree: engine/look.h.
 */

#define TAG_VARIABLE "BRUMMER_TAG" /* =16 hexadecimal digits */

uint64_t tag_make(uint32_t instance, uint32_t serial);

/* The tag of a process, 0 if it has none or is gone. Dead ones keep theirs until they are reaped. */
uint64_t tag_of(pid_t pid);

/* The hard RLIMIT_RTTIME of this process is too low for tags. */
bool tag_is_refused(void);

/* This process and what it starts belong to no run any more: a supervisor is not part of one it was started in. */
void tag_drop(void);

#endif
