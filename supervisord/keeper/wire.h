/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_KEEPER_WIRE_H
#define SUPERVISORD_KEEPER_WIRE_H

#include <stdint.h>

/*
 * keeper/wire.h - what engine and keeper say to each other
 *
 * Messages of a fixed size over a SOCK_SEQPACKET socketpair; descriptors travel by SCM_RIGHTS. It outlives versions of
 * the engine: the engine speaks the keeper's version. Every request is answered by one message of the same op, in
 * order.
 */

#define KEEPER_VERSION 1u

/* Descriptors the engine inherits at fixed numbers. */
#define KEEPER_FD      3 /* the socketpair's engine side */
#define KEEPER_LOCK_FD 4 /* the instance's lock file; keeps others out even if the keeper is gone */

enum keeper_op {
	KEEPER_HOLD = 1,  /* keep the descriptors that come along, for run `serial`; `pid` 0; name in the payload */
	KEEPER_DROP,      /* close what is held for `serial` */
	KEEPER_STATUS,    /* how did child `pid` end? si_code 0: it still lives. Does not reap */
	KEEPER_REAP,      /* reap `pid`: its end has been published */
	KEEPER_INVENTORY, /* one message a held run, with duplicates of its descriptors, then one with serial 0 */
	KEEPER_BATON,     /* only the holder captures and publishes */
	KEEPER_UP,        /* the engine publishes now (answered, then passed on to who started the keeper) */
	KEEPER_END,       /* the engine is done: do not start another, leave when it has gone */
};

/* Which descriptor of a run an SCM_RIGHTS message carries, in the order they come: bits in `fds`. */
#define KEEPER_FD_OUT 1u /* read end of its standard output, or the pty's master */
#define KEEPER_FD_ERR 2u /* read end of its standard error */
#define KEEPER_FD_IN  4u /* write end of its standard input */

struct keeper_message {
	uint16_t version;
	uint16_t op;
	uint32_t serial; /* of the run, unique in the instance */
	int32_t pid;
	int32_t si_code; /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: alive; -errno: not a child */
	int32_t si_status;
	uint32_t fds; /* KEEPER_FD_* that come along */
};

#endif
