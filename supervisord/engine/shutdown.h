/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_SHUTDOWN_H
#define SUPERVISORD_ENGINE_SHUTDOWN_H

#include <stdint.h>

#include "engine/engine.h"

/*
 * engine/shutdown.h - end everything in order, and leave nothing behind
 *
 * What depends on others is stopped before them. Asked for twice, or when the time is over, what still lives is ended
 * at once.
 */

struct shutdown;

/* Begin, or, when it has begun, hurry. timeout_ns 0: each process has its own grace and no more. */
void shutdown_begin(struct engine *engine, uint64_t timeout_ns);

/* Go on with it; sets engine->done once nothing lives any more. For the end of a turn. */
void shutdown_settle(struct engine *engine);

/* How many runs it had to stop. */
uint32_t shutdown_count(const struct shutdown *shutdown);

void shutdown_free(struct shutdown *shutdown); /* NULL is accepted */

#endif
