/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_HELP_H
#define CLIENTS_CLI_HELP_H

#include "clients/cli/cli.h"

/* help.h - the usage, when no command was given */

/* The list of commands, on standard error; returns status. */
int help_usage(int status);

#endif
