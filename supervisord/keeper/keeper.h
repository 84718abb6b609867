/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_KEEPER_KEEPER_H
#define SUPERVISORD_KEEPER_KEEPER_H

/*
 * keeper/keeper.h - the process that nothing is asked to do but live
 *
 * Holds the instance's lock, is the parent of every run, keeps the descriptors of their output, answers and reaps their
 * statuses on the engine's word, and starts the engine again when it dies. Allocates nothing after its start, opens no
 * file, parses nothing.
 */

struct keeper_options {
	const char *const *engine_argv; /* how to exec the engine: NULL-terminated */
	int lock_fd;                    /* the locked lock file; passed on to the engine as KEEPER_LOCK_FD */
	int ready_fd; /* gets one line when the engine is up or has given up, then is closed; -1: none */
};

/*
 * Run until the engine has ended for good. Returns the exit status: 0 after KEEPER_END, else the engine's last one (it
 * could not come up).
 */
int keeper_run(const struct keeper_options *options);

#endif
