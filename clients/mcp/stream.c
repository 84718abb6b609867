/* SPDX-License-Identifier: MIT */
#include "clients/mcp/stream.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "clients/mcp/session.h"

#include <event2/buffer.h>

#define COMMENT_S 15

static const struct timeval comment_after = {.tv_sec = COMMENT_S};

struct kept {
	TAILQ_ENTRY(kept) link;
	uint64_t seq;
	size_t length;
	char message[];
};

void stream_put_headers(struct evhttp_request *request, const char *type)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-cache");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
}

static void drop_oldest(struct stream *stream)
{
	struct kept *oldest = TAILQ_FIRST(&stream->kept);

	TAILQ_REMOVE(&stream->kept, oldest, link);
	stream->kept_bytes -= oldest->length;
	stream->kept_count--;
	free(oldest);
}

/* The client, and what was kept for it, are forgotten. */
static void stream_free(struct stream *stream)
{
	server_forget(stream->all->server, &stream->peer);
	if (stream->session)
		session_forget(stream->session, stream);
	TAILQ_REMOVE(&stream->all->list, stream, link);
	while (!TAILQ_EMPTY(&stream->kept))
		drop_oldest(stream);
	free(stream);
}

static void send_chunk(struct stream *stream, struct evbuffer *chunk)
{
	evhttp_send_reply_chunk(stream->exchange.request, chunk);
	exchange_check_unread(&stream->exchange);
}

static void send_event(struct stream *stream, uint64_t seq, const char *message, size_t length)
{
	struct evbuffer *chunk = stream->exchange.request ? evbuffer_new() : NULL;

	if (!chunk)
		return;
	if (stream->session)
		evbuffer_add_printf(chunk, "id: %u-%llu\n", stream->number, (unsigned long long)seq);
	evbuffer_add(chunk, "data: ", 6);
	evbuffer_add(chunk, message, length);
	evbuffer_add(chunk, "\n\n", 2);
	send_chunk(stream, chunk);
	evbuffer_free(chunk);
}

static void send_comment(struct stream *stream)
{
	struct evbuffer *chunk = evbuffer_new();

	if (!chunk)
		return;
	evbuffer_add(chunk, ":\n\n", 3);
	send_chunk(stream, chunk);
	evbuffer_free(chunk);
}

static void keep(struct stream *stream, const char *message, size_t length)
{
	struct kept *kept = malloc(sizeof *kept + length);

	if (!kept)
		return;
	kept->seq = stream->seq;
	kept->length = length;
	memcpy(kept->message, message, length);
	TAILQ_INSERT_TAIL(&stream->kept, kept, link);
	stream->kept_bytes += length;
	stream->kept_count++;
	while (stream->kept_count > 1 && (stream->kept_count > EVENTS_KEPT || stream->kept_bytes > BYTES_KEPT))
		drop_oldest(stream);
}

void stream_notify(struct stream *stream, const char *message, size_t length)
{
	stream->seq++;
	if (stream->session)
		keep(stream, message, length);
	send_event(stream, stream->seq, message, length);
}

static void begin_events(struct stream *stream)
{
	struct evhttp_request *request = stream->exchange.request;
	struct event *comment = stream->all->comment;

	stream->events = true;
	stream_put_headers(request, "text/event-stream");
	evhttp_add_header(evhttp_request_get_output_headers(request), "X-Accel-Buffering", "no");
	evhttp_send_reply_start(request, HTTP_OK, "OK");
	if (!evtimer_pending(comment, NULL))
		evtimer_add(comment, &comment_after);
}

/* The first of a stream: from here on a client can come back. Older clients do not know events without data. */
static void prime(struct stream *stream)
{
	if (stream->session && session_knows_priming(stream->session))
		send_event(stream, stream->seq, "", 0);
	else
		send_comment(stream);
}

/* Nothing more will be sent. */
static void end_events(struct stream *stream)
{
	struct evhttp_request *request = stream->exchange.request;

	if (!request)
		return;
	exchange_end(&stream->exchange);
	evhttp_send_reply_end(request);
}

static void reply(struct stream *stream, enum message kind, const char *message, size_t length)
{
	struct evhttp_request *request = stream->exchange.request;
	struct evbuffer *body = evbuffer_new();
	int status = HTTP_OK;

	if (kind == MESSAGE_REFUSAL)
		status = HTTP_BADREQUEST;
	else if (kind == MESSAGE_NO_METHOD && !stream->session)
		status = HTTP_NOTFOUND;
	stream_put_headers(request, "application/json");
	if (body)
		evbuffer_add(body, message, length);
	exchange_reply(&stream->exchange, body ? status : HTTP_INTERNAL, NULL, body);
	if (body)
		evbuffer_free(body);
}

/* One that is finished is kept while a client may come back to it. */
static void settle(struct stream *stream)
{
	if (!stream->finished || stream->receiving)
		return;
	if (!stream->session || TAILQ_EMPTY(&stream->kept))
		stream_free(stream);
	else
		session_tidy(stream->session);
}

static void send_message(struct peer *peer, enum message kind, const char *message, size_t length)
{
	struct stream *stream = (struct stream *)peer;

	if (kind == MESSAGE_NOTICE) {
		if (!stream->events)
			begin_events(stream);
		stream_notify(stream, message, length);
		return;
	}
	if (stream->events) {
		stream_notify(stream, message, length);
		end_events(stream);
	} else {
		reply(stream, kind, message, length);
	}
	stream->finished = true;
	settle(stream);
}

static void unanswered(struct peer *peer)
{
	struct stream *stream = (struct stream *)peer;

	stream_close(stream);
}

/* The client went away. */
static void gone(struct exchange *exchange)
{
	struct stream *stream = (struct stream *)((char *)exchange - offsetof(struct stream, exchange));

	if (!stream->session)
		stream_free(stream);
}

struct stream *stream_open(struct streams *streams, struct session *session, struct exchange *exchange)
{
	struct stream *stream = calloc(1, sizeof *stream);

	if (!stream)
		return NULL;
	stream->peer = (struct peer){.send = send_message, .unanswered = unanswered, .ends = true};
	stream->all = streams;
	stream->session = session;
	TAILQ_INIT(&stream->kept);
	TAILQ_INSERT_TAIL(&streams->list, stream, link);
	if (session)
		session_adopt(session, stream);
	stream->exchange.gone = gone;
	exchange_move(exchange, &stream->exchange);
	return stream;
}

void stream_receive(struct stream *stream, struct rpc *rpc)
{
	stream->receiving = true;
	server_take(stream->all->server, &stream->peer, rpc);
	stream->receiving = false;
	if (!stream->finished && !stream->events) {
		begin_events(stream);
		prime(stream);
	}
	settle(stream);
}

void stream_listen(struct stream *stream)
{
	begin_events(stream);
	prime(stream);
}

void stream_resume(struct stream *stream, struct exchange *exchange, uint64_t seq)
{
	const struct kept *kept;

	end_events(stream); /* of an earlier connection, that may not know yet that it is dead */
	exchange_move(exchange, &stream->exchange);
	begin_events(stream);
	send_comment(stream);
	TAILQ_FOREACH(kept, &stream->kept, link)
	if (kept->seq > seq)
		send_event(stream, kept->seq, kept->message, kept->length);
	if (stream->finished)
		end_events(stream);
}

void stream_close(struct stream *stream)
{
	end_events(stream);
	stream_free(stream);
}

static void comment(evutil_socket_t fd, short what, void *arg)
{
	struct streams *streams = arg;
	struct stream *stream;
	bool any = false;

	(void)fd, (void)what;
	TAILQ_FOREACH(stream, &streams->list, link)
	{
		if (!stream->exchange.request)
			continue;
		send_comment(stream);
		any = true;
	}
	if (any)
		evtimer_add(streams->comment, &comment_after);
}

int streams_init(struct streams *streams, struct server *server)
{
	*streams = (struct streams){.server = server};
	TAILQ_INIT(&streams->list);
	streams->comment = evtimer_new(server->options.base, comment, streams);
	return streams->comment ? 0 : -ENOMEM;
}

void streams_finish(struct streams *streams)
{
	struct stream *stream;

	while ((stream = TAILQ_FIRST(&streams->list)))
		stream_free(stream);
	event_free(streams->comment);
}
