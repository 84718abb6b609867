/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PORTS_H
#define SUPERVISORD_ENGINE_PORTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The TCP ports that these processes listen on, ascending, up to max of them: the sockets that they hold, found in the
 * tables of the first one's network namespace. Reads all their descriptors: some microseconds each. Returns how many,
 * -ENOMEM
 */
int ports_of(const pid_t *pids, size_t count, uint16_t *ports, size_t max);

#endif
