/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_PROGRESS_H
#define CLIENTS_CLI_PROGRESS_H

#include "clients/cli/cli.h"

/*
 * progress.h - one line on a person's terminal while something takes long: who is on the way
 *
 * On standard error, and only where that is a terminal that can take a line back; never with -q.
 */

#define PROGRESS_EACH_NS 200000000ll /* how often it is worth a look */

struct progress {
	const struct cli *cli;
	const struct brm_instance *instance;
	const char *doing;
	struct source *source;
	struct snapshot snapshot;
	bool wanted;
	bool shown;
};

void progress_init(struct progress *progress, const struct cli *cli, const struct brm_instance *instance,
		   const char *doing);
/* Say who is starting, stopping or waiting to be started again. */
void progress_show(struct progress *progress);
/* Take the line back. */
void progress_finish(struct progress *progress);

#endif
