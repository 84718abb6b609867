/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_ANNOUNCE_H
#define SUPERVISORD_ENGINE_ANNOUNCE_H

#include <stdint.h>

#include "detect/detect.h"
#include "engine/process.h"

/*
 * engine/announce.h - what was found out about a run: the URLs it has printed, the ports it listens on
 *
 * Both are of the newest run alone. They are kept in the region and nowhere else: the lists so far are read back there.
 */

#define ANNOUNCE_URLS_BYTES (DETECT_URLS_MAX * URL_MAX) /* of the URLs of a run */

/* What errors look like is read from files and given to the capture. BRUMMER_LOG_PATTERNS: in place of our own file. */
void announce_open(struct engine *engine);
/* The two halves of it, for a reload: reads files, on any thread (NULL: no memory); gives them over, NULL changes none.
 */
struct patterns *announce_read_patterns(const char *dir, struct report *report);
void announce_patterns(struct engine *engine, struct patterns *patterns);

/* A URL was seen. */
void announce_url(struct engine *engine, uint32_t serial, const char *url);

/* These are the ports now, ascending. */
void announce_ports(struct engine *engine, uint32_t serial, const uint16_t *ports, uint32_t count);

/* Our own region as readers see it, as it is now; NULL: it cannot be read. */
struct brm_reader *announce_mirror(struct engine *engine);

#endif
