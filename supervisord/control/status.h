/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONTROL_STATUS_H
#define SUPERVISORD_CONTROL_STATUS_H

#include <msgpack.h>

#include "engine/engine.h"

/*
 * control/status.h - the snapshot of the `rpc` read path, from the supervisor's own table
 */

/* Pack the result of `status`, see brummer/control.h. 0, -ENOMEM */
int status_pack(struct engine *engine, msgpack_packer *packer);

#endif
