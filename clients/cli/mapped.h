/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_MAPPED_H
#define CLIENTS_CLI_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * mapped.h - a piece of a file in memory, in place, though the file may be cut meanwhile
 *
 * What is mapped need not be copied, which is most of what a search costs. But to read where a file ends no longer
 * raises SIGBUS. No supervisor cuts what it has published; everybody else can. So there is a handler: it puts zeros
 * where the piece was, what reads goes on, and mapped_is_lost() says so from then on. Nothing is jumped out of. What
 * was found in a piece counts only if it was not lost after that.
 *
 * One piece is mapped at a time. For one thread.
 */

struct mapped {
	char *base; /* where it begins with a whole page; NULL: nothing is mapped */
	size_t size;
	volatile bool lost; /* said by the handler */
};

/* Map bytes of a file in place of what was mapped. They may not be written. NULL: that cannot be. */
const char *mapped_take(struct mapped *mapped, int fd, uint64_t offset, size_t length);

/* Is what was read of it since mapped_take() not to be trusted? */
bool mapped_is_lost(const struct mapped *mapped);

void mapped_release(struct mapped *mapped);

#endif
