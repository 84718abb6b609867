/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_CGROUP_H
#define SUPERVISORD_ENGINE_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * engine/cgroup.h - a control group for each run, where we may make some
 *
 * Below the supervisor's own group of version 2, wherever that is mounted, is one of the instance, and in it one a run:
 * a child is born in it, and cgroup.kill ends all that is in it at once, which no fork can outrun. No controller is
 * used. Tags (engine/tag.h) go on to tell whose a process is; what left its group is found by them.
 *
 * The instance's folder is locked (flock) while an engine has it. So who opens one can tell those of engines that were
 * killed with their keepers, and removes what is empty of them.
 *
 * Errors   Functions that can fail return a negated errno value.
 * Threads  Any; the functions of one run must not overlap.
 */

struct cgroups;

/* -ENOENT: there is none; -EACCES, -EROFS...: we may not; -EOPNOTSUPP: the kernel cannot end one. */
int cgroups_open(uint32_t instance, struct cgroups **out);
/* With `last` the groups are removed, as far as they are empty. NULL is accepted. */
void cgroups_close(struct cgroups *cgroups, bool last);

/* The group of a run that is about to be born: a descriptor of its folder, the caller's to close. */
int cgroup_make(const struct cgroups *cgroups, uint32_t serial);
/* End all that is in it, and wait a moment for that; then remove it. 0 also when there is no such group. */
int cgroup_kill(const struct cgroups *cgroups, uint32_t serial);
/* Nothing in it lives; also when there is no such group. */
bool cgroup_is_empty(const struct cgroups *cgroups, uint32_t serial);
/* Remove it if it is empty. */
void cgroup_remove(const struct cgroups *cgroups, uint32_t serial);

/* Leave the group of a run that this process was started in. */
void cgroup_leave(void);

#endif
