/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_SOURCES_H
#define SUPERVISORD_ENGINE_SOURCES_H

#include "engine/engine.h"

/*
 * engine/sources.h - what the loop watches beside its processes and clients
 *
 * The threads, whose results are handed to whom they are for; the keeper; the signals. 0, -ENOMEM
 */

int sources_watch(struct engine *engine);
int sources_watch_signals(struct engine *engine);

#endif
