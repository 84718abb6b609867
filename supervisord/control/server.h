/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONTROL_SERVER_H
#define SUPERVISORD_CONTROL_SERVER_H

#include <msgpack.h>

#include "engine/process.h"

/*
 * control/server.h - the control socket: peers, limits, messages
 *
 * A peer that sends garbage, stalls in the middle of a message, or does not read its answers loses its connection, and
 * nothing else happens. Peers are of the supervisor's own user, or root.
 */

/* Requests of one peer that wait for their answers; more are read when some are answered. */
#define PEER_CALLS_MAX 64
/* Bytes of answers a peer has not read yet; with more, its next requests have to wait. */
#define PEER_OUTPUT_MAX (256u * 1024)

#define PEER_PARTIAL_SECONDS 10  /* for the rest of a message that has begun */
#define PEER_IDLE_SECONDS    600 /* without a request in flight, and without the right to write to a process */
#define PEER_WRITE_SECONDS   60  /* in which it must read something */

struct server;
struct peer;
struct call;

/*
 * Listen at the instance's control path; what lies there is replaced (the lock says nobody uses it). 0, -errno; an
 * engine that goes on for another one gets a server in any case but -ENOMEM, which may not listen yet.
 */
int server_open(struct engine *engine, struct server **out);

/* Listen there anew: somebody has removed it. Who is connected stays so. 0, -errno */
int server_listen(struct server *server);

/* Take no new peers and no new requests. NULL is accepted. */
void server_deafen(struct server *server);

/*
 * Answer those who asked for the shutdown, give all a second to read what is on its way to them, and close. NULL is
 * accepted.
 */
void server_close(struct server *server);

/*
 * A hand-over to a new program begins (why NULL): who asked for it is answered, everybody else is told to ask again,
 * and no more is taken. Or it was not possible: who asked is told why.
 */
void server_handed_over(struct server *server, const char *why);

/* For calls: */
struct engine *server_engine(const struct server *server);
/* Send an answer. */
void peer_send(struct peer *peer, const msgpack_sbuffer *message);
/* A call of the peer's begins to wait for its answer; has been answered. */
void peer_hold(struct peer *peer, struct call *call);
void peer_release(struct peer *peer, struct call *call);
/* Who it is; hello may say so. */
struct asker *peer_asker(struct peer *peer);
struct server *peer_server(const struct peer *peer);

#endif
