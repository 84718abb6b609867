/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_RECOVER_H
#define SUPERVISORD_ENGINE_RECOVER_H

#include "engine/engine.h"

/*
 * engine/recover.h - take over from an engine that died
 *
 * The table is built again from three sources that are matched with each other: the old region (read as a file that
 * anybody may have written), what the keeper holds, and the configuration. What lives goes on, what has ended meanwhile
 * is published with the status the keeper kept. A process that engines crashed on again and again (engine/crash.h) is
 * set aside: it is in the table no more, an event says so, and what runs of it is left alone.
 */

/*
 * The region that a dead engine of this instance has left, to be continued; NULL when there is none, or when it cannot
 * be read (which is said).
 */
struct brm_reader *recover_open(const struct engine_options *options);

/*
 * Make the processes of the old region again (NULL: none was left) and connect those that live. The new region is
 * published already and continues the old one. True when there was anything to recover.
 */
bool recover_processes(struct engine *engine, const struct brm_reader *old);

#endif
