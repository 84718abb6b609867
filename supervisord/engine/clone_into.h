/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_CLONE_INTO_H
#define SUPERVISORD_ENGINE_CLONE_INTO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * engine/clone_into.h - clone() with a child that is born in a control group
 */

/*
 * As clone(), on the stack of that size, with a descriptor of the group's folder; run() must not return. The pid, or
 * -errno: -ENOSYS where there is no such call.
 */
pid_t clone_into(int cgroup, int (*run)(void *arg), void *arg, char *stack, size_t size, int flags, int *pidfd);

#endif
