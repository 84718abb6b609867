/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_SPAWN_H
#define SUPERVISORD_ENGINE_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/model.h"
#include "engine/keeperlink.h"

/*
 * engine/spawn.h - start processes, on a thread of its own
 *
 * clone(CLONE_VFORK) holds its caller until the exec; so the loop's thread never calls it. A request is resolved before
 * it is submitted: the thread makes pipes or a pty, hands the parent's ends to the keeper, clones (CLONE_PARENT |
 * CLONE_PIDFD | CLONE_VM | CLONE_VFORK), and puts the result in a queue whose eventfd the loop watches.
 *
 * Children lead their own session and process group, with default signal dispositions, an empty mask, no descriptor but
 * 0, 1, 2, the instance's tag (engine/tag.h), and standard input from /dev/null unless asked otherwise.
 *
 * The tag is the engine's own soft RLIMIT_RTTIME while it clones, so that a child has it from its first instruction on:
 * no process but those of the spawner may be started by the engine.
 */

struct spawner;
struct cgroups;

/* What to start. All pointers belong to the request, which owns them: free with spawn_request_free(). */
struct spawn_request {
	uint64_t token;  /* the caller's; comes back in the result */
	uint32_t serial; /* of the run */
	uint64_t tag;    /* soft RLIMIT_RTTIME of the run, see engine/tag.h */
	char **argv;     /* argv[0] is looked up in the PATH of env, relative to dir */
	char **env;      /* the whole environment */
	char *dir;
	bool tty;
	bool stdin_pipe;
	bool silent;         /* its output is nobody's, and it is no run: the keeper is not told its name */
	char *user;          /* name or number; "" for ours. NULL is "", here and in group */
	char *group;         /* "" for the user's */
	int umask;           /* -1: ours */
	int nice;            /* NICE_INHERIT: ours */
	uint64_t open_files; /* RLIMIT_NOFILE; 0: as it was before we raised ours */
	int notify;          /* give it the writing end of a pipe as this descriptor, from 3 on; 0: none */
	int say;             /* a socket for the keeper to hold with its descriptors, owned as the rest; 0: none */
};
void spawn_request_free(struct spawn_request *request);

/* Where a start failed. */
enum spawn_stage {
	SPAWN_OK = 0,
	SPAWN_PIPES,
	SPAWN_KEEPER,
	SPAWN_CLONE,
	SPAWN_SESSION,
	SPAWN_TTY,
	SPAWN_LIMITS,
	SPAWN_NICE,
	SPAWN_GROUP,
	SPAWN_USER,
	SPAWN_DIR,
	SPAWN_EXEC
};

struct spawn_result {
	uint64_t token;
	uint32_t serial;
	enum spawn_stage stage; /* SPAWN_OK: it runs */
	int error;              /* errno value when it does not */
	pid_t pid;
	int pidfd;          /* the receiver's to close */
	uint64_t pid_start; /* clock ticks since boot */
	/*
	 * The receiver's to close. With a tty .out is the master, .in another descriptor of it (to write and resize),
	 * and .err the pipe through which capture moves its output: kept by the keeper, so that nothing is lost in it.
	 */
	struct run_fds fds;
	int notify; /* the reading end of the pipe that was asked for, the receiver's to close; -1: none */
};

int spawner_open(struct keeperlink *link, struct spawner **out);
/* Before the first request: runs are born in groups of their own. They must outlive the spawner. */
void spawner_use_cgroups(struct spawner *spawner, const struct cgroups *cgroups);
int spawner_fd(const struct spawner *spawner); /* readable: results are there */
/* Takes the request over. 0, -ENOMEM */
int spawner_submit(struct spawner *spawner, struct spawn_request *request);
/* The next result; false when there is none. Clears the descriptor when it took the last. */
bool spawner_next(struct spawner *spawner, struct spawn_result *out);
void spawner_close(struct spawner *spawner);

/*
 * "cannot run X: no such file or directory": a failure in words, cut to size, for the state. Keeps the reason whole.
 * The object is what the stage is about: the directory, the user, the group, else the program.
 */
void spawn_error_text(const struct spawn_result *result, const char *object, char *out, size_t size);

#endif
