/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_KEEPER_KEEPER_H
#define SUPERVISORD_KEEPER_KEEPER_H

#include <stdbool.h>

/*
 * keeper/keeper.h - the process that nothing is asked to do but live
 *
 * Holds the instance's lock, is the parent of every run, keeps the descriptors of their output, answers and reaps their
 * statuses on the engine's word, and starts the engine again when it dies: at once when something killed it, with a
 * back-off of 100 ms to 5 s when it crashed (SEGV, BUS, ABRT, ILL, FPE, or left by itself within a second), never again
 * after five crashes in a row if none ever came up. Allocates nothing after its start; opens no file, but for the tag
 * of a dead child (engine/tag.h) while the birth of a run is untold, and for a hand-over.
 *
 * Engines are started from the keeper's own program, whatever becomes of its file. A hand-over to a new one begins when
 * the engine says so (KEEPER_BATON) and leaves: an engine of the file as it is then is started; when it is up, and was
 * for a second, the keeper becomes that program, too, by exec, with its children, descriptors and all it knows. An
 * engine that is not up within ten seconds, or crashes first, is given up, and the old program goes on.
 *
 * Under systemd (NOTIFY_SOCKET) it tells when it is ready, hands over, and stops; engines and runs do not see that.
 *
 * Signals  SIGTERM, SIGINT and SIGHUP are passed on to the engine, once it is up; a terminal's hangup is such a SIGHUP.
 *          SIGTERM and SIGINT before any engine was up end the start.
 *          The engine leads a process group of its own, so that it does not get a terminal's signals twice.
 */

struct keeper_options {
	const char *const *engine_argv; /* how to exec the engine: NULL-terminated */
	int lock_fd;                    /* the locked lock file; passed on to the engine as KEEPER_LOCK_FD */
	int ready_fd;   /* gets "ready\n" when the engine is up or "failed\n" when it will never be, then is closed; -1:
			   none */
	int program_fd; /* the program of the engines; -1: they are started by engine_argv[0] */
};

/* What this keeper can take over from one before its exec: a program whose word differs cannot. */
#define KEEPER_HANDOVER "2.1" /* versions of image.c and of wire.h */

/* In the environment of an engine that follows a hand-over: */
#define HANDOVER_VARIABLE "BRUMMER_HANDOVER"
#define HANDOVER_TAKEN    "taken"    /* it is the new program's */
#define HANDOVER_GIVEN_UP "given-up" /* it is the old program's again */

/*
 * Run until the engine has ended for good. Returns the exit status: 0 after KEEPER_END, else the engine's last one (it
 * could not come up; 128 + the signal that ended it).
 */
int keeper_run(const struct keeper_options *options);

/*
 * Go on as the keeper that this process was before an exec. `state` says where the keeper has left it ("FD:OLD", the
 * descriptors of its image and of its program). As keeper_run(), but -EINVAL if `state` is none.
 */
int keeper_resume(const char *state);

#endif
