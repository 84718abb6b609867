/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/commands.h"
#include "clients/common/backend.h"
#include "clients/common/match.h"

/*
 * read.c - the small program: its commands, and how it leaves all else to the whole one
 *
 * It knows one way of reading, and searches for texts alone.
 */

const struct command *const commands[] = {
	&command_ls,     &command_show, &command_urls, &command_ports,     &command_errors,
	&command_events, &command_logs, &command_wait, &command_instances, &command_metrics,
};

const size_t command_count = sizeof commands / sizeof *commands;

source_opener *const source_openers[] = {[READ_SHM] = source_open_shm};

const struct match_engine match_engine;

static void leave_it(char **argv)
{
	char path[PATH_MAX];

	if (find_program("brummer-command", path, sizeof path) != 0)
		strcpy(path, PKGLIBEXECDIR "/brummer-command");
	execv(path, argv);
	_exit(fail(EXIT_FAILED, "cannot run %s: %s", path, strerror(errno)));
}

void (*const become_whole)(char **argv) = leave_it;
