/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_DAEMON_H
#define CLIENTS_CLI_DAEMON_H

#include "clients/cli/cli.h"

/* daemon.h - the options that brummerd is given of ours */

#define DAEMON_ARGS_MAX (2 * CONFIGS_MAX + 12)

/* Append --config FILE... and --profile P to argv, which has room. Returns how many words were appended. */
size_t daemon_args(const struct cli *cli, const char **argv);

#endif
