/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_SESSION_H
#define CLIENTS_MCP_SESSION_H

#include "clients/mcp/stream.h"

/*
 * mcp/session.h - what the legacy era keeps of a client over HTTP, from initialize to DELETE
 *
 * A session is a peer: subscriptions belong to it, and their notifications go to the stream that it listens on. When
 * there are too many, the one that was not used for longest ends.
 */

#define SESSIONS_MAX   1000
#define SESSION_ID_MAX 33

struct session {
	struct peer peer; /* first */
	TAILQ_ENTRY(session) link;
	struct sessions *all;
	char id[SESSION_ID_MAX];
	const char *version;     /* that was agreed on; static */
	struct stream *listener; /* NULL: none yet */
	unsigned streams;        /* made so far: the number of the last one */
};

struct sessions {
	struct server *server;
	struct streams *streams;
	TAILQ_HEAD(session_list, session) list; /* the one that was used last first */
	size_t count;
};

void sessions_init(struct sessions *sessions, struct server *server, struct streams *streams);
void sessions_finish(struct sessions *sessions);

/* NULL: no memory, or no random numbers. */
struct session *session_open(struct sessions *sessions, const char *version);
struct session *session_find(struct sessions *sessions, const char *id);
/* With its streams. */
void session_close(struct session *session);

/* A stream is one of the session's from now on; is not any more. */
void session_adopt(struct session *session, struct stream *stream);
void session_forget(struct session *session, struct stream *stream);

/* Of the finished streams that are kept the oldest goes, when there are too many. */
void session_tidy(struct session *session);

/* Listen on this stream; the one before it ends. */
void session_listen(struct session *session, struct stream *stream);
/* The stream of a Last-Event-ID, and the number of that event; NULL: it is not known any more. */
struct stream *session_find_stream(struct session *session, const char *event, uint64_t *seq);

/* Do its clients know events that have an id and no data? */
bool session_knows_priming(const struct session *session);

#endif
