/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONTROL_METHODS_H
#define SUPERVISORD_CONTROL_METHODS_H

#include "control/rpc.h"
#include "control/server.h"

/*
 * control/methods.h - what each method does: one row a method
 */

/* Carry out a peer's request; it is answered sooner or later. */
void method_call(struct peer *peer, const struct rpc_request *request);

/* The supervisor has ended: the answer to a call of `shutdown`. Frees the call. */
void method_farewell(struct call *call);

/* The supervisor hands over: the answer to a call of `reload` with exec. Frees the call. */
void method_handed_over(struct call *call);

#endif
