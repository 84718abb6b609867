/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_KEEPER_WIRE_H
#define SUPERVISORD_KEEPER_WIRE_H

#include <stdint.h>

/*
 * keeper/wire.h - what engine and keeper say to each other
 *
 * Messages of a fixed size over a SOCK_SEQPACKET socketpair; descriptors travel by SCM_RIGHTS. It outlives versions of
 * the engine: the engine speaks the keeper's version. Every request but KEEPER_BORN is answered by one message of the
 * same op, in order; an answer's code below 0 is a negated errno value.
 *
 * Errors   Functions return 0 or a negated errno value.
 * Threads  Any, one at a time on a socket's side.
 */

#define KEEPER_VERSION 1u

/* Descriptors the engine inherits at fixed numbers. */
#define KEEPER_FD      3 /* the socketpair's engine side */
#define KEEPER_LOCK_FD 4 /* the instance's lock file; keeps others out even if the keeper is gone */

enum keeper_op {
	KEEPER_HOLD = 1,  /* keep the descriptors that come along, for run `serial`, before it is cloned; `pid` 0 */
	KEEPER_DROP,      /* close what is held for `serial`; a run that was never born is forgotten */
	KEEPER_STATUS,    /* how did child `pid` end? code 0: it still lives. Does not reap */
	KEEPER_REAP,      /* reap `pid`: its end has been published */
	KEEPER_INVENTORY, /* one message a held run, with duplicates of its descriptors, then one with serial 0 */
	KEEPER_BATON,     /* the engine gives up its place: when it has gone, try the program's file as it is now */
	KEEPER_UP,        /* the engine publishes now (answered, then passed on to who started the keeper) */
	KEEPER_END,       /* the engine is done: do not start another, leave when it has gone */
	KEEPER_BORN,      /* the held run `serial` is child `pid`: reap it on the engine's word alone. Not answered */
	KEEPER_LOCK,      /* the descriptor that comes along as KEEPER_FD_OUT is that of the lock file from now on */
	KEEPER_CRASHED,   /* the engine crashes just now, while it works on `id`. Not answered */
	KEEPER_SUSPECT,   /* the answer has the `id` of number `serial` of those, and in `code` how often; -ENOENT: none
			   */
};

/* Which descriptor of a run an SCM_RIGHTS message carries, in the order they come: bits in `fds`. */
#define KEEPER_FD_OUT 1u /* read end of its standard output, or the pty's master */
#define KEEPER_FD_ERR 2u /* read end of its standard error, or the pipe a pty's output goes through */
#define KEEPER_FD_IN  4u /* write end of its standard input */
#define KEEPER_FD_SAY 8u /* the socket at which it says by itself that it is ready */
#define KEEPER_FDS    4

#define KEEPER_ID_MAX 268 /* BRM_ID_MAX of the first version */

struct keeper_message {
	uint16_t version;
	uint16_t op;
	uint32_t serial; /* of the run, unique in the instance */
	int32_t pid;
	int32_t code; /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: alive, or done; -errno */
	int32_t status;
	uint32_t fds;           /* KEEPER_FD_* that come along */
	uint32_t instance;      /* upper half of the run's tag, with the serial as its lower half */
	char id[KEEPER_ID_MAX]; /* "name#run", for a successor that has never heard of the run */
};

/* Send a message with those of the KEEPER_FDS descriptors that are not -1; sets message->fds. flags: MSG_DONTWAIT */
int wire_send(int socket, struct keeper_message *message, const int *fds, int flags);

/*
 * Receive a message; the descriptors that come along are the caller's, CLOEXEC, -1 where there is none.
 *
 *  -EPIPE    the other side is gone
 *  -EAGAIN   nothing there (MSG_DONTWAIT)
 *  -EBADMSG  not a message; -EMFILE: descriptors that came along were lost. *message is set, *fds are -1
 */
int wire_receive(int socket, struct keeper_message *message, int *fds, int flags);

/* Close those of the KEEPER_FDS descriptors that are not -1. */
void wire_close(const int *fds);

#endif
