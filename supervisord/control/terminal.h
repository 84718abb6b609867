/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONTROL_TERMINAL_H
#define SUPERVISORD_CONTROL_TERMINAL_H

#include <stdbool.h>

#include "control/call.h"

/*
 * control/terminal.h - write to the standard input or the terminal of a process
 *
 * One connection at a time has the right to write to a process, over all its runs, until it gives it back, ends, or
 * another one steals it. Where nobody has it everybody may send. Nothing here waits: what a process does not read is
 * kept, up to a limit (engine/input.h).
 */

/* The methods: each answers its call. */
void terminal_send(struct call *call, const msgpack_object_map *params);
void terminal_resize(struct call *call, const msgpack_object_map *params);
void terminal_attach(struct call *call, const msgpack_object_map *params);
void terminal_detach(struct call *call, const msgpack_object_map *params);

/* Has this connection any such right? */
bool terminal_is_attached(const struct peer *peer);

/* It ends, and its rights with it. */
void terminal_forget(struct peer *peer);

#endif
