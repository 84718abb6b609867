/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONTROL_ADHOC_H
#define SUPERVISORD_CONTROL_ADHOC_H

#include <stddef.h>

#include "control/rpc.h"
#include "engine/process.h"

/*
 * control/adhoc.h - the process that a `run` request describes
 */

/*
 * The process of the request's parameters, made, or with its new spec if a finished ad-hoc one has that name; not
 * started yet. On refusal the reason is in message.
 */
enum brm_refusal adhoc_make(struct engine *engine, const msgpack_object_map *params, struct process **out,
			    char *message, size_t size);

#endif
