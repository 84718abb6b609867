/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_UPGRADE_H
#define SUPERVISORD_ENGINE_UPGRADE_H

#include <stdbool.h>

#include "engine/engine.h"

/*
 * engine/upgrade.h - hand over to a new program without stopping anything
 *
 * The file that this program came from is asked first, on a thread of its own, whether it can take over. Then the
 * engine waits until no clone is in flight, gives up its place at the keeper, and leaves as if it had been killed:
 * what a successor needs lies in the region, in the logs and with the keeper at any time. See keeper/keeper.h for what
 * follows.
 */

struct upgrade;

/* Begin, if it has not begun. 0; -EPIPE: there is no keeper; -errno. server_handed_over() is called in any case then.
 */
int upgrade_begin(struct engine *engine);

/* It is only a matter of a moment: nothing new may be begun. */
bool upgrade_is_near(const struct engine *engine);

/* Go on with it; sets engine->done when this engine is to leave. For the end of a turn. */
void upgrade_settle(struct engine *engine);

/* Leave, when the loop has ended for that. Returns if the keeper refuses: then this engine goes on. */
void upgrade_leave(struct engine *engine);

void upgrade_free(struct upgrade *upgrade); /* waits for the thread; NULL is accepted */

/* What this engine's beginning means, as far as it follows a hand-over: its event. */
enum brm_reason upgrade_reason(void);

#endif
