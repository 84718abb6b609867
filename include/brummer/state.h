/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_STATE_H
#define BRUMMER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/state.h - what is known of one process at one instant
 *
 * A brm_state is an immutable value of 256 bytes: nobody changes one, a change makes a new one with a copy constructor
 * (brm_state_with_...) and publishes that. It has no pointers, so it can be copied, compared and kept for ever; its
 * bytes are exactly those of a slot in the shared region (libshm/layout.h).
 *
 * What does not change during a run (name, script, command, arguments, names of environment variables, directory, ...)
 * is its identity: a brm_identity, written once to the region's arena, to which the state holds an extent.
 * State and identity together are the ProcessState that users see.
 *
 * Errors   Functions that can fail return 0 or a negated errno value and leave their outputs untouched.
 * Threads  Everything here is a pure function of its arguments: the time is one of them, no clock is read.
 * Signals  Everything here is async-signal-safe.
 */

/* Sizes in bytes, the terminating NUL included. Longer text is cut with an ellipsis ("…"). */
#define BRM_NAME_MAX   256                 /* a process's name */
#define BRM_REASON_MAX 48                  /* brm_state.reason */
#define BRM_ERROR_MAX  88                  /* brm_state.last_error */
#define BRM_ID_MAX     (BRM_NAME_MAX + 12) /* "name#4294967295" */

/* The words users see are those of brm_status_word(). Values are part of the region's layout. */
enum brm_status {
	BRM_ABSENT = 0,   /* no process lives here */
	BRM_PENDING = 1,  /* known; not started yet, or waiting for what it depends on */
	BRM_STARTING = 2, /* spawned, not yet ready */
	BRM_RUNNING = 3,  /* ready, or no readiness asked */
	BRM_STOPPING = 4, /* asked to stop, still alive */
	BRM_BACKOFF = 5,  /* ended, waiting to be restarted */
	BRM_STOPPED = 6,  /* finished: someone asked for it */
	BRM_FAILED = 7,   /* finished: exit code, signal, could not start, not ready in time */
	BRM_SUCCESS = 8,  /* finished: exit code 0, or one configured as success */
	BRM_STATUS_COUNT
};

/* Why a state is as it is, for programs; brm_state.reason says it in words. */
enum brm_reason {
	BRM_REASON_NONE = 0,
	BRM_REASON_EXIT,         /* it exited */
	BRM_REASON_SIGNAL,       /* a signal ended it */
	BRM_REASON_SPAWN,        /* it could not be started */
	BRM_REASON_ASKED,        /* a command asked for it */
	BRM_REASON_DEPENDENCY,   /* waits for, or lost, what it depends on */
	BRM_REASON_READY,        /* became ready */
	BRM_REASON_NOT_READY,    /* did not become ready in time, or stopped answering */
	BRM_REASON_LIMIT,        /* restarted too often */
	BRM_REASON_MEMORY,       /* over its memory limit */
	BRM_REASON_WATCH,        /* a watched file changed */
	BRM_REASON_SCHEDULE,     /* its time has come */
	BRM_REASON_RECOVERED,    /* the supervisor was restarted */
	BRM_REASON_SHUTDOWN,     /* the supervisor ends */
	BRM_REASON_UPGRADED,     /* a new program took over */
	BRM_REASON_NOT_UPGRADED, /* a new program was tried and did not come up: the old one goes on */
	BRM_REASON_KEEPER_LOST,  /* the keeper was killed: how processes end is not known any more */
	BRM_REASON_SET_ASIDE,    /* it made the supervisor crash again and again */
	BRM_REASON_COUNT
};

/* brm_state.flags */
#define BRM_FLAG_READY          0x01u /* its readiness check has succeeded in this run */
#define BRM_FLAG_STOP_REQUESTED 0x02u /* someone asked this run to stop: its end will be `stopped` */
#define BRM_FLAG_EXITED         0x04u /* exit_code holds */
#define BRM_FLAG_SIGNALED       0x08u /* signal holds; never together with EXITED */
#define BRM_FLAG_EXIT_LOST      0x10u /* it ended, and nobody could say how */

/* Bytes [offset, offset + length) of the region's arena; length 0: none. */
struct brm_extent {
	uint32_t offset;
	uint32_t length;
};

/* Times are nanoseconds of CLOCK_REALTIME since 1970 unless named otherwise; 0 is "never". */
struct brm_state {
	uint64_t epoch;         /* batch that published this version; set by the writer */
	uint64_t head;          /* version, tenant, status as in brm_head_*(); set by the writer, but for the status */
	uint64_t start_ns;      /* start of this run */
	uint64_t end_ns;        /* its end: start_ns + the time elapsed on CLOCK_BOOTTIME, so never before it */
	uint64_t start_boot_ns; /* start of this run, CLOCK_BOOTTIME */
	uint64_t ready_ns;      /* when it last became ready */
	uint64_t next_ns;       /* when it will be restarted, in BRM_BACKOFF */
	uint64_t pid_start;     /* start time of the process, clock ticks since boot (/proc/PID/stat, field 22) */
	uint32_t run;           /* 1, 2, ...: counts this name's runs; 0 before the first */
	int32_t pid;            /* 0 unless alive */
	int32_t exit_code;      /* see BRM_FLAG_EXITED */
	int32_t signal;         /* see BRM_FLAG_SIGNALED */
	uint32_t restarts;      /* automatic restarts so far */
	uint32_t order;         /* place in the configuration: how listings are sorted by default */
	uint16_t flags;         /* BRM_FLAG_* */
	uint16_t reason_code;   /* enum brm_reason */
	uint32_t serial;        /* of this run, unique among all runs of the instance; 0 before the first */
	struct brm_extent identity;
	struct brm_extent urls;
	struct brm_extent ports;
	char reason[BRM_REASON_MAX];    /* one short phrase, UTF-8 */
	char last_error[BRM_ERROR_MAX]; /* the newest error line of its output, UTF-8 */
};

/*
 * The head word: version, tenant and status at once.
 *
 * version counts the publishes of an entry, modulo 2^44; tenant counts the processes that lived in it, modulo 2^12.
 */
uint64_t brm_head_make(uint64_t version, unsigned tenant, enum brm_status status);
uint64_t brm_head_version(uint64_t head);
unsigned brm_head_tenant(uint64_t head);
enum brm_status brm_head_status(uint64_t head); /* BRM_ABSENT for a value outside the enum */

/* "pending", "running", ...; "absent" for BRM_ABSENT, "unknown" outside the enum. Static storage. */
const char *brm_status_word(enum brm_status status);

/* The status of a word. -EINVAL: no status has that word. */
int brm_status_parse(const char *word, enum brm_status *out);

/* One word for a reason code ("exit", "spawn", ...); "" for none. Static storage. */
const char *brm_reason_word(enum brm_reason reason);

/* Predicates of a status. `alive`: a process exists (starting, running, stopping). */
bool brm_status_is_finished(enum brm_status status);
bool brm_status_is_alive(enum brm_status status);

enum brm_status brm_state_status(const struct brm_state *state);
bool brm_state_is_running(const struct brm_state *state);
bool brm_state_is_finished(const struct brm_state *state);
bool brm_state_is_ready(const struct brm_state *state);
bool brm_state_stop_requested(const struct brm_state *state);

/*
 * How long this run has lasted, in nanoseconds: to its end if it has ended, else to now.
 *
 * now_boot_ns is CLOCK_BOOTTIME's reading, which setting the wall clock does not move. 0 before the first run.
 */
uint64_t brm_state_duration_ns(const struct brm_state *state, uint64_t now_boot_ns);

/* "NAME#RUN", or "NAME" before the first run, into out[BRM_ID_MAX]. Returns out. */
char *brm_state_id(const struct brm_state *state, const char *name, char out[BRM_ID_MAX]);

/*
 * "Process[NAME#RUN: STATUS]" for messages, NUL-terminated, cut to size. Returns the length it would have had.
 */
size_t brm_state_string(const struct brm_state *state, const char *name, char *out, size_t size);

/* A moment, read once by the caller from both clocks. */
struct brm_now {
	uint64_t real_ns; /* CLOCK_REALTIME */
	uint64_t boot_ns; /* CLOCK_BOOTTIME */
};

/* How a process ended. One of code and signal counts. */
struct brm_exit {
	int code;     /* when signal is 0 */
	int signal;   /* 0, or the signal that ended it */
	bool lost;    /* true: nobody could say how it ended; code and signal do not count */
	bool success; /* the code is one that is configured as success (0 always is) */
};

/*
 * Copy constructors. Each returns a new state and leaves *state as it is.
 *
 * with_status  another status; a finished one gets its end time if it had none, and no pid
 * with_run     the next run: starting, nothing of the last run left but restarts, identity, order
 * with_exit    an end: `stopped` if a stop was requested, else `success` or `failed`, with code or signal
 * with_spawn_error  could not be started: `failed`, neither code nor signal, the reason in words
 * with_ready   ready at this moment, and running
 * with_stop_requested  the flag alone: its end, whatever the code, will be `stopped`
 * with_backoff  ended as `backoff`, to be restarted at next_ns
 * with_reason  the code and the words; text NULL: none
 * with_last_error  text of length bytes; cut at a character with an ellipsis
 */
struct brm_state brm_state_with_status(const struct brm_state *state, enum brm_status status, struct brm_now now);
struct brm_state brm_state_with_run(const struct brm_state *state, int32_t pid, uint64_t pid_start, struct brm_now now);
struct brm_state brm_state_with_exit(const struct brm_state *state, struct brm_exit how, struct brm_now now);
struct brm_state brm_state_with_spawn_error(const struct brm_state *state, const char *reason, struct brm_now now);
struct brm_state brm_state_with_ready(const struct brm_state *state, struct brm_now now);
struct brm_state brm_state_with_stop_requested(const struct brm_state *state);
struct brm_state brm_state_with_backoff(const struct brm_state *state, struct brm_exit how, uint64_t next_ns,
					struct brm_now now);
struct brm_state brm_state_with_reason(const struct brm_state *state, enum brm_reason code, const char *text);
struct brm_state brm_state_with_last_error(const struct brm_state *state, const char *text, size_t length);

/* Strings one after another, each NUL-terminated: count of them in size bytes. */
struct brm_strings {
	const char *first; /* may be NULL when count is 0 */
	uint32_t count;
	uint32_t size;
};

/*
 * The string after `at`, or the first when at is NULL; NULL after the last.
 *
 *     for (const char *s = NULL; (s = brm_strings_next(&list, s)) != NULL;)
 */
const char *brm_strings_next(const struct brm_strings *list, const char *at);

enum brm_stdin { BRM_STDIN_NULL = 0, BRM_STDIN_PIPE = 1, BRM_STDIN_TTY = 2 };

/*
 * What stays the same during a run. All strings are UTF-8 and never NULL after a decode ("" when not set).
 *
 * The pointers belong to whoever made the identity; one that was decoded points into the caller's buffer.
 */
struct brm_identity {
	const char *name;
	const char *script;  /* the manifest's key, "" for an ad-hoc command */
	const char *command; /* the string given to the shell, or argv[0] with args after it */
	const char *dir;     /* absolute path of the working directory */
	const char *source;  /* where it was found: "package.json", "Procfile", "brummer.yaml", "command line" */
	const char *ready;   /* its readiness check in words, "" for none */
	struct brm_strings args;
	struct brm_strings env;        /* names only: values never enter the region */
	struct brm_strings labels;     /* "key=value" */
	struct brm_strings depends_on; /* "name" or "name=condition" */
	enum brm_stdin stdin_kind;
	bool tty;
};

/*
 * Encode an identity as tag-length-value bytes.
 *
 * Returns the length it needs, in bytes; nothing is written when that is more than size. At most
 * BRM_IDENTITY_MAX; what exceeds it is cut from args, then env, and marked in source with "…".
 */
#define BRM_IDENTITY_MAX 65536u
size_t brm_identity_encode(const struct brm_identity *identity, void *buf, size_t size);

/*
 * Decode one; *out points into buf, which must outlive it. Unknown tags are skipped.
 *
 *  -EBADMSG  the bytes are not an identity
 */
int brm_identity_decode(const void *buf, size_t length, struct brm_identity *out);

#ifdef __cplusplus
}
#endif

#endif
