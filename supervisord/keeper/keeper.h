/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_KEEPER_KEEPER_H
#define SUPERVISORD_KEEPER_KEEPER_H

/*
 * keeper/keeper.h - the process that nothing is asked to do but live
 *
 * Holds the instance's lock, is the parent of every run, keeps the descriptors of their output, answers and reaps their
 * statuses on the engine's word, and starts the engine again when it dies: at once when something killed it, with a
 * back-off of 100 ms to 5 s when it crashed (SEGV, BUS, ABRT, ILL, FPE, or left by itself within a second), never again
 * after five crashes in a row if none ever came up. Allocates nothing after its start; opens no file, but for the tag
 * of a dead child (engine/tag.h) while the birth of a run is untold.
 *
 * Signals  SIGTERM, SIGINT and SIGHUP are passed on to the engine, once it is up; a terminal's hangup is such a SIGHUP.
 *          SIGTERM and SIGINT before any engine was up end the start.
 *          The engine leads a process group of its own, so that it does not get a terminal's signals twice.
 */

struct keeper_options {
	const char *const *engine_argv; /* how to exec the engine: NULL-terminated */
	int lock_fd;                    /* the locked lock file; passed on to the engine as KEEPER_LOCK_FD */
	int ready_fd; /* gets "ready\n" when the engine is up or "failed\n" when it will never be, then is closed; -1:
			 none */
};

/*
 * Run until the engine has ended for good. Returns the exit status: 0 after KEEPER_END, else the engine's last one (it
 * could not come up; 128 + the signal that ended it).
 */
int keeper_run(const struct keeper_options *options);

#endif
