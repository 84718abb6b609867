/* SPDX-License-Identifier: MIT */
#include "clients/cli/daemon.h"

size_t daemon_args(const struct cli *cli, const char **argv)
{
	size_t count = 0;

	for (size_t i = 0; cli->configs[i]; i++) {
		argv[count++] = "--config";
		argv[count++] = cli->configs[i];
	}
	if (cli->profile) {
		argv[count++] = "--profile";
		argv[count++] = cli->profile;
	}
	argv[count] = NULL;
	return count;
}
