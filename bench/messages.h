/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MESSAGES_H
#define BENCH_MESSAGES_H

#include "bench/bench.h"

/*
 * messages.h - a state by message passing: a server process that is asked and answers
 *
 * By pipes, or by a Unix stream socket. One byte asks, 256 bytes answer.
 */

struct messages;

/* Start a server on a processor of its own, or on the readers'. */
struct messages *messages_pipe(bool same_processor);
struct messages *messages_socket(bool same_processor);
void messages_stop(struct messages *messages);

/* Ask and wait for the answer; arg is what was started. */
bench_run_fn messages_ask;

#endif
