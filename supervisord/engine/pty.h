/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_PTY_H
#define SUPERVISORD_ENGINE_PTY_H

/*
 * engine/pty.h - pseudo-terminals, and the pipe their output goes through
 *
 * splice needs a pipe on one side: a pty's output goes from the master into a pipe and from there into the log store,
 * each in one system call. The pipe is held by the keeper like the master is, so an engine that dies between the two
 * loses nothing.
 *
 * Errors  Functions return 0 or a negated errno value and leave their outputs untouched on failure.
 */

/* 80 columns, 24 lines. Both CLOEXEC; the master non-blocking: SPLICE_F_NONBLOCK alone would block on it. */
int pty_open(int *master, int *slave);

/* A pipe with one descriptor for both of its ends, CLOEXEC and non-blocking. */
int pty_relay(int *relay);

#endif
