/* SPDX-License-Identifier: MIT */
#include "clients/mcp/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A notification of the session. While nobody ever listened there is nobody to keep it for. */
static void send_message(struct peer *peer, enum message kind, const char *message, size_t length)
{
	struct session *session = (struct session *)peer;

	(void)kind;
	if (session->listener)
		stream_notify(session->listener, message, length);
}

void sessions_init(struct sessions *sessions, struct server *server, struct streams *streams)
{
	*sessions = (struct sessions){.server = server, .streams = streams};
	TAILQ_INIT(&sessions->list);
}

void sessions_finish(struct sessions *sessions)
{
	while (!TAILQ_EMPTY(&sessions->list))
		session_close(TAILQ_FIRST(&sessions->list));
}

struct session *session_open(struct sessions *sessions, const char *version)
{
	struct session *session = calloc(1, sizeof *session);
	unsigned char random[(SESSION_ID_MAX - 1) / 2];

	if (!session || getrandom(random, sizeof random, 0) != sizeof random) {
		free(session);
		return NULL;
	}
	if (sessions->count >= SESSIONS_MAX)
		session_close(TAILQ_LAST(&sessions->list, session_list));
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(session->id + 2 * i, 3, "%02x", random[i]);
	session->peer.send = send_message;
	session->all = sessions;
	session->version = version;
	TAILQ_INSERT_HEAD(&sessions->list, session, link);
	sessions->count++;
	return session;
}

struct session *session_find(struct sessions *sessions, const char *id)
{
	struct session *session;

	TAILQ_FOREACH(session, &sessions->list, link)
	{
		if (strcmp(session->id, id) != 0)
			continue;
		TAILQ_REMOVE(&sessions->list, session, link);
		TAILQ_INSERT_HEAD(&sessions->list, session, link);
		return session;
	}
	return NULL;
}

void session_close(struct session *session)
{
	struct sessions *sessions = session->all;
	struct stream *next;

	for (struct stream *stream = TAILQ_FIRST(&sessions->streams->list); stream; stream = next) {
		next = TAILQ_NEXT(stream, link);
		if (stream->session == session)
			stream_close(stream);
	}
	server_forget(sessions->server, &session->peer);
	TAILQ_REMOVE(&sessions->list, session, link);
	sessions->count--;
	free(session);
}

/* Of the finished streams the oldest, when there are too many. */
void session_tidy(struct session *session)
{
	struct stream *stream, *oldest = NULL;
	unsigned count = 0;

	TAILQ_FOREACH(stream, &session->all->streams->list, link)
	{
		if (stream->session != session || stream->exchange.request || !stream->finished)
			continue;
		oldest = oldest ? oldest : stream;
		count++;
	}
	if (count > STREAMS_KEPT)
		stream_close(oldest);
}

void session_adopt(struct session *session, struct stream *stream)
{
	stream->peer.client = &session->peer;
	stream->peer.declared = session->version;
	stream->number = ++session->streams;
}

void session_forget(struct session *session, struct stream *stream)
{
	if (session->listener == stream)
		session->listener = NULL;
}

void session_listen(struct session *session, struct stream *stream)
{
	if (session->listener)
		stream_close(session->listener);
	session->listener = stream;
	stream_listen(stream);
}

struct stream *session_find_stream(struct session *session, const char *event, uint64_t *seq)
{
	struct stream *stream;
	unsigned long long number;
	unsigned which;
	int end = 0;

	if (sscanf(event, "%9u-%18llu%n", &which, &number, &end) != 2 || event[end])
		return NULL;
	*seq = number;
	TAILQ_FOREACH(stream, &session->all->streams->list, link)
	if (stream->session == session && stream->number == which && stream->events)
		return stream;
	return NULL;
}

bool session_knows_priming(const struct session *session)
{
	return strcmp(session->version, "2025-11-25") >= 0;
}
