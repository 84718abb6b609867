/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PORTS_H
#define SUPERVISORD_ENGINE_PORTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Looks for ports of one moment: who listens is read once for each network namespace, for to make that table the kernel
 * walks all its connections. Zeroed at first; to be ended by ports_end(), which empties it.
 */
struct port_table;
struct port_round {
	struct port_table *tables;
};

/*
 * The TCP ports that these processes listen on, ascending, up to max of them: the sockets that they hold, found in the
 * tables of the first one's network namespace. Reads all their descriptors: some microseconds each. Returns how many,
 * -ENOMEM, -ENOENT: the first one is gone
 */
int ports_of(struct port_round *round, const pid_t *pids, size_t count, uint16_t *ports, size_t max);

void ports_end(struct port_round *round);

#endif
