/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_CONTROL_H
#define BRUMMER_CONTROL_H

/*
 * brummer/control.h - the vocabulary of commands
 *
 * Commands go to the supervisor over a Unix stream socket as msgpack-RPC: a request is [0, msgid, method, [params]]
 * with one map of parameters, a response [1, msgid, error, result] with a map or nil in each place, a notification
 * [2, method, [params]]. Several requests may be in flight; each is answered when it is done. Status is never asked
 * here, but for the `status` method, which serves the `rpc` read path.
 *
 * Every request's map may hold `kind` and `pid` of the client (hello sets them for the connection). Parameters and
 * results; a PROCESS is {name, status, run, revision, pid, exitCode, signal, reason, already}, what is not known
 * absent, `already` true when it was so before the request:
 *
 *   hello     kind ("brummer-cli"...), pid, protocol   -> {instance, version, protocol, enginePid, keeperPid}
 *   start     names [..] or autostart true             -> {processes [PROCESS]} once each was spawned or could not be
 *   stop      names [..], run or revision, timeout_ms  -> {processes [PROCESS]} once each is finished
 *   restart   names [..], run or revision              -> as start, each with its new run
 *   run       name, command (for the shell) or argv [..], dir, env ["KEY=value"..] (the whole one), tty, stdin (true:
 *             a pipe), restart ("never", "on-failure", "always"), script, source, labels [..]
 *                                                      -> as start; without a name one is made of the command's; a
 *                                                         name that is alive or configured: `conflict`
 *   signal    names [..], signal (number), run         -> {processes [PROCESS]}
 *   rm        names [..]                               -> {processes [PROCESS]}, with their logs; alive: `conflict`
 *   scale     name (of a family), replicas (0 to 1000)  -> {processes [PROCESS]}: those there are then
 *   send      name, text (binary), run                 -> {bytes}; no standard input is kept: `conflict`
 *   resize    name, rows, columns                      -> {}; of a process with a terminal, else `conflict`
 *   attach    name, write (default true), steal, rows, columns
 *                                                      -> {run, tty, write, offset}: the connection may `send` and
 *                                                         `resize` until `detach`, its end, or somebody steals it;
 *                                                         while another has that right, and without steal: `conflict`
 *                                                         with data.kind and data.pid of who has it. The output is
 *                                                         never sent: it is read from the log store, raw, from
 *                                                         `offset` of stream out. [2, "detached", [{name}]] tells of
 *                                                         the right's loss
 *   detach    name                                     -> {}
 *   reload    exec                                     -> {added, changed, removed}: how many; a configuration with
 *                                                         errors: `conflict`, and nothing was changed
 *             exec true                                -> {} when the engine leaves for one of the program's file as it
 *                                                         is now (cannot be tried: `conflict`); other requests get
 *                                                         `retry`; an event of the supervisor, with the reason
 *                                                         "upgraded" or "not_upgraded", says how it went
 *   shutdown  timeout_ms                               -> {stopped} once all has ended; then the supervisor ends
 *   status                                             -> {info {...}, epoch, processes [{entry, state (256 bytes),
 *                                                         identity (encoded), urls [string..], ports [int..], metrics,
 *                                                         log}]}
 *
 * Every element of `names` is one of, tried in this order, by the supervisor, so that all clients mean the same:
 *   NAME           a process, or a script that was discovered but never started
 *   NAME#RUN       the same, if RUN is its current run; else the request is refused with `moved_on`
 *   all            every process (what was merely discovered is none)
 *   FAMILY         the replicas of it, where no process has that name
 *   KEY=VALUE      the processes that have this label
 *   a glob (*?[)   the processes, and for start and restart the scripts too, whose names match
 * Any element that is unknown, or matches nothing (but for `all`), refuses the whole request, and nothing of it is
 * done; `unknown` has data.name and data.nearest [..]. `run` and `revision` belong to a request for one process. When
 * one of several cannot be started the error is `failed`, and data.processes tells of all.
 *
 * The info of `status` has the members of struct brm_info under these keys, integers but where said: abiMajor abiMinor
 * size uuid (16 bytes) name dir control stateDir version bootId (strings) pidNamespace enginePid keeperPid engineStart
 * keeperStart started created uid tag generation; times in ns. metrics is {time memory cpu threads files processes},
 * log {lines bytes [out, err] lost}; what is not known is absent. `state` is struct brm_state as it is in memory,
 * `epoch` the last batch. This one answer may be longer than BRM_CONTROL_REQUEST_MAX.
 *
 * This table is the one place where methods are named: the server, the command line, the MCP tools and the completions
 * use it.
 */

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum brm_method {
	BRM_HELLO,   /* -> {instance, version, protocol, enginePid, keeperPid} */
	BRM_START,   /* names (or autostart: true), wait -> {processes: [...]} */
	BRM_STOP,    /* names, run or revision, timeout_ms, -> answered when the states are final: {processes: [...]} */
	BRM_RESTART, /* names, run or revision */
	BRM_SIGNAL,  /* names, signal, run or revision */
	BRM_SCALE,   /* name, replicas */
	BRM_RM,      /* names */
	BRM_RUN,     /* name, command (string, for the shell) or argv (list), dir, env, tty, script, source, restart */
	BRM_SEND,    /* name, text (binary), run -> {bytes} */
	BRM_RESIZE,  /* name, rows, columns */
	BRM_ATTACH,  /* name, write, steal, rows, columns -> {run, tty, write, offset} */
	BRM_DETACH,  /* name */
	BRM_RELOAD,  /* exec: true hands over to a new binary */
	BRM_SHUTDOWN, /* timeout_ms -> answered when all is stopped; then the supervisor ends */
	BRM_STATUS,   /* -> the snapshot, from the engine's own table */
	BRM_METHOD_COUNT
};

struct brm_method_info {
	const char *name;   /* the word on the wire */
	bool changes;       /* it changes something: refused by read-only clients */
	bool safe_to_retry; /* asking twice is asking once */
	const char *help;   /* one sentence */
};

/* The row of a method; of its name (NULL: none has it). Static storage. */
const struct brm_method_info *brm_method_info(enum brm_method method);
const struct brm_method_info *brm_method_find(const char *name, enum brm_method *method);

/* The error map of a response: {code: word, message: sentence, data: map or absent}. */
enum brm_refusal {
	BRM_REFUSED_NOT = 0,
	BRM_USAGE,           /* "usage": a parameter is missing or of the wrong type */
	BRM_UNKNOWN,         /* "unknown": no process or script has that name; data.nearest lists names */
	BRM_MOVED_ON,        /* "moved_on": the expected run or revision is not the current one */
	BRM_CONFLICT,        /* "conflict": not possible in this state */
	BRM_DENIED,          /* "denied": not this user */
	BRM_LIMIT,           /* "limit": too many, too large, no room */
	BRM_RETRY,           /* "retry": the supervisor is being restarted; ask again */
	BRM_CLOSING,         /* "closing": the supervisor is shutting down */
	BRM_INTERNAL,        /* "internal" */
	BRM_FAILED_TO_START, /* "failed": it was tried and did not work; message says why */
	BRM_TIMED_OUT,       /* "timeout": not done within timeout_ms; it goes on */
	BRM_REFUSAL_COUNT
};

const char *brm_refusal_word(enum brm_refusal refusal);
enum brm_refusal brm_refusal_parse(const char *word);

#define BRM_CONTROL_REQUEST_MAX (1u << 20) /* bytes of one request or response to a request */
#define BRM_CONTROL_DEPTH_MAX   16
#define BRM_CONTROL_PEERS_MAX   256
#define BRM_CONTROL_PROTOCOL    1

#ifdef __cplusplus
}
#endif

#endif
