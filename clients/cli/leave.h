/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_LEAVE_H
#define CLIENTS_CLI_LEAVE_H

#include "clients/cli/control.h"

/*
 * leave.h - end a supervisor, and return when nothing is left of it
 */

/* What still lives after timeout_ns is ended at once; < 0: each process has its own grace. EXIT_DONE, EXIT_TIMEOUT or
 * EXIT_FAILED, and it was said why. */
int leave(struct control *control, int64_t timeout_ns);

#endif
